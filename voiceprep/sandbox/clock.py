"""The sandbox's own time: what mailings, calls and pings live by.

Tokens live by the machine's clock instead: their owners count real seconds (R5).
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Clock", "KeptClock", "RealClock", "speed_of"]

AHEAD_S: Final = 5.0  # [ours] real seconds that are written down before they pass
MAX_SPEED: Final = 100_000.0  # [ours] a day in under a second


class Clock(Protocol):
    """Tell the time of a sandbox; it never goes backwards."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        ...


class RealClock:
    """Go as the machine's clock goes.

    >>> RealClock().now() > 1.7e9
    True
    """

    def now(self) -> float:
        """Return Unix time in seconds."""
        return time.time()


def speed_of(clock: str | float) -> float:
    """Return how many of a clock's seconds pass in a real one.

    Parameters
    ----------
    clock : str or float
        ``"real"``, ``"manual"`` (it stands until it is advanced), or the speed.

    Raises
    ------
    SettingsError
        Where it is none of them.

    >>> speed_of("real"), speed_of("manual"), speed_of(60)
    (1.0, 0.0, 60.0)
    """
    words = {"real": 1.0, "manual": 0.0}
    speed = words.get(clock) if isinstance(clock, str) else float(clock)
    if speed is None or not 0.0 <= speed <= MAX_SPEED:
        raise SettingsError(
            f"the clock is {clock!r}; it is real, manual, or up to {MAX_SPEED:g} "
            "times faster"
        )
    return speed


class KeptClock:
    """Go at a speed, or stand until it is advanced; go on after a restart.

    A restart begins where the clock ended, or at the machine's time where that is
    later; one that is advanced by hand stands where it stood. Time is written down
    before it is told, so that even a killed sandbox never goes back.

    Parameters
    ----------
    place : Path
        The file that keeps the time.
    speed : float
        Its seconds in a real one; 0 stands still.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = pathlib.Path(folder, "clock.json")
    ...     clock = KeptClock(place, speed=0.0)
    ...     before = clock.now()
    ...     _ = clock.advance(3_600)
    ...     clock.close()
    ...     KeptClock(place, speed=0.0).now() - before
    3600.0
    """

    def __init__(self, place: Path, speed: float = 1.0) -> None:
        self._place = place
        self._speed = speed
        self._lock = threading.Lock()
        # A real clock follows the machine's over a suspend, which others pass over.
        self._real = time.time if speed == 1.0 else time.monotonic
        self._told = self._base = self._begun()
        self._since = self._real()
        self._written = 0.0
        self._write(self._base)

    def now(self) -> float:
        """Return Unix time in seconds."""
        with self._lock:
            return self._now()

    def advance(self, seconds: float) -> float:
        """Move the clock forward by hand; return the new time.

        Raises
        ------
        SettingsError
            Where it would go back.
        """
        if not 0.0 <= seconds < float("inf"):
            raise SettingsError(f"a clock can't be advanced by {seconds} s")
        with self._lock:
            self._base += seconds
            return self._now()

    def real_s(self, until: float) -> float | None:
        """Return the real seconds until a time, or None: it stands before it."""
        left = until - self.now()
        if left <= 0.0:
            return 0.0
        return left / self._speed if self._speed else None

    def close(self) -> None:
        """Write the time down exactly."""
        with self._lock:
            self._write(self._now())

    def _now(self) -> float:
        now = self._base + (self._real() - self._since) * self._speed
        now = self._told = max(now, self._told)  # the machine's may be set back
        # The machine keeps real time by itself: only what is ahead must be kept.
        if now > self._written and (self._speed != 1.0 or now > time.time() + 1.0):
            self._write(now + AHEAD_S * self._speed)
        return now

    def _begun(self) -> float:
        """Return the time to begin with."""
        try:
            kept = json.loads(self._place.read_text(encoding="ascii"))
            last, stood = float(kept["time"]), bool(kept["manual"])
        except (OSError, ValueError, KeyError, TypeError):
            return time.time()
        stands = stood and not self._speed
        return last if stands else max(last, time.time())

    def _write(self, now: float) -> None:
        told = json.dumps({"time": now, "manual": not self._speed})
        # A name of its own: two sandboxes on one folder write at the same time.
        part = self._place.with_name(f".{self._place.name}.{os.urandom(8).hex()}.part")
        part.write_text(told, encoding="ascii")
        part.replace(self._place)
        self._written = now
