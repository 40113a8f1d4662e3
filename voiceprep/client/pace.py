"""Call no faster than the settings allow: a token bucket that holds one token."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from voiceprep.client.trouble import Fate, InterruptedCallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceprep.client.deadline import Deadline

__all__ = ["Pace"]


class Pace:
    """Hold calls back so that no second sees more than ``rate`` of them begin.

    The bucket holds one token: a larger one would let a burst through, and the
    second after a pause would see twice the rate.

    Parameters
    ----------
    rate : float or None
        Calls a second; None holds nothing back.
    clock, sleep : callable
        Monotonic seconds, and a pause in seconds.

    >>> pauses = []
    >>> pace = Pace(4.0, clock=lambda: 1000.0, sleep=pauses.append)
    >>> from voiceprep.client.deadline import Deadline
    >>> for _ in range(3):
    ...     pace.wait("GET x", Deadline.after(300.0, lambda: 1000.0))
    >>> pauses
    [0.25, 0.5]
    """

    def __init__(
        self,
        rate: float | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._rate = rate
        self._clock, self._sleep = clock, sleep
        self._lock = Lock()
        self._tokens = 1.0  # below 0 while calls are waiting
        self._counted_at = clock()

    def wait(self, place: str, deadline: Deadline) -> None:
        """Pause until it is this call's turn.

        Raises
        ------
        InterruptedCallError
            If its turn comes after the deadline; then it takes no one's place.
        """
        if self._rate is None:
            return
        with self._lock:
            pause_s = self._turn_s(self._rate)
            if pause_s >= deadline.remaining_s():
                raise InterruptedCallError(
                    f"{place}: at {self._rate:g} calls a second (rate) its turn would "
                    f"come in {pause_s:.1f} s, too late for deadline_s",
                    Fate.UNSENT,
                )
            self._tokens -= 1
        if pause_s:
            self._sleep(pause_s)

    def _turn_s(self, rate: float) -> float:
        """Fill the bucket up to now; return the seconds until a token is in it."""
        now = self._clock()
        self._tokens = min(1.0, self._tokens + (now - self._counted_at) * rate)
        self._counted_at = now
        return max(0.0, (1 - self._tokens) / rate)
