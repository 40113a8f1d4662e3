"""The one clock that a call, its repeats and its token share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceprep.client.trouble import Fate, InterruptedCallError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Deadline", "elapsed_s"]


def elapsed_s() -> float:
    """Return seconds of a clock that only goes on, also while the machine sleeps.

    >>> elapsed_s() <= elapsed_s()
    True
    """
    # time.monotonic stands still in suspend on Linux: a call begun before it would
    # go on long after others had given it up.
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Deadline:
    """Hold the moment when a call must be over.

    Parameters
    ----------
    allowed_s : float
        Seconds the call may take in all.
    at : float
        That moment on ``clock``, in seconds.
    clock : callable
        A monotonic clock in seconds.

    >>> Deadline.after(300.0, lambda: 1000.0).remaining_s()
    300.0
    """

    allowed_s: float
    at: float
    clock: Callable[[], float]

    @classmethod
    def after(cls, allowed_s: float, clock: Callable[[], float]) -> Deadline:
        """Return the deadline of a call that begins now."""
        return cls(allowed_s, clock() + allowed_s, clock)

    def remaining_s(self) -> float:
        """Return the seconds left; negative when it is over."""
        return self.at - self.clock()

    def check(self, place: str, fate: Fate) -> None:
        """Raise if the time is over; ``fate`` says how far the request came.

        Raises
        ------
        InterruptedCallError
        """
        if self.remaining_s() <= 0:
            raise InterruptedCallError(
                f"{place}: not done within {self.allowed_s:g} s (deadline_s)", fate
            )
