"""The sandbox's own time: what mailings, calls and pings live by.

Tokens live by the machine's clock instead: their owners count real seconds (R5).
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "RealClock"]


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
