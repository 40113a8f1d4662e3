"""What can become of a request, and the errors only the client raises.

`Fate` is the retry table's vocabulary (facts.md, "HTTP"): it says what is known
of the effect, not whose fault it was.
"""

from __future__ import annotations

from enum import Enum

from voiceprep.errors import UnavailableError

__all__ = ["Fate", "InterruptedCallError", "UploadUnclearError"]


class Fate(Enum):
    """Say how one try of a request ended."""

    UNSENT = "no byte of it left: name, connection or proxy failed"
    LOST = "it was sent, at least in part, and no whole answer came back"
    FAILING = "the platform answered 5xx"
    BUSY = "the platform answered 429 and said when to come back"
    ANSWERED = "the platform answered"


class InterruptedCallError(UnavailableError):
    """Say that a call got no whole answer; ``fate`` says how far it came.

    >>> InterruptedCallError("no connection", Fate.UNSENT).fate.name
    'UNSENT'
    """

    def __init__(self, message: str, fate: Fate) -> None:
        super().__init__(message)
        self.fate = fate

    def __reduce__(self) -> tuple[type, tuple[str, Fate]]:
        return type(self), (str(self), self.fate)


class UploadUnclearError(UnavailableError):
    """Say that an upload may have happened: look it up before it is repeated.

    >>> UploadUnclearError("the connection broke").maybe_done
    True
    """

    maybe_done = True
