"""What can become of a request, and the errors only the client raises.

`Fate` is the retry table's vocabulary (facts.md, "HTTP"): it says what is known
of the effect, not whose fault it was.
"""

from __future__ import annotations

from enum import Enum

from voiceprep.errors import ContractError, UnavailableError

__all__ = ["Fate", "InterruptedCallError", "StrangeCallError", "UploadUnclearError"]


class Fate(Enum):
    """Say how one try of a request ended."""

    UNSENT = "no byte of it left: name, connection or proxy failed"
    LOST = "it was sent, at least in part, and no whole answer came back"
    FAILING = "the platform answered 5xx"
    BUSY = "the platform answered 429 and said when to come back"
    STRANGE = "an answer came that the platform does not give: a redirect, a 408"
    ANSWERED = "the platform answered"


class InterruptedCallError(UnavailableError):
    """Say that a call got no whole answer; ``fate`` says how far it came.

    Parameters
    ----------
    fact : str
        What happened, without advice: whether to try again depends on the call.
    fate : Fate

    >>> InterruptedCallError("no connection", Fate.UNSENT).fate.name
    'UNSENT'
    """

    def __init__(self, fact: str, fate: Fate) -> None:
        super().__init__(f"{fact}; try again later")
        self.fact = fact
        self.fate = fate

    def __reduce__(self) -> tuple[type, tuple[str, Fate]]:
        return type(self), (self.fact, self.fate)


class StrangeCallError(ContractError):
    """Say that a call met something other than the platform; ``fate`` says when.

    >>> StrangeCallError("the certificate is not trusted", Fate.UNSENT).fact
    'the certificate is not trusted'
    """

    def __init__(self, fact: str, fate: Fate) -> None:
        super().__init__(fact)
        self.fact = fact
        self.fate = fate

    def __reduce__(self) -> tuple[type, tuple[str, Fate]]:
        return type(self), (self.fact, self.fate)


class UploadUnclearError(UnavailableError):
    """Say that an upload may have happened: look it up before it is repeated.

    >>> UploadUnclearError("the connection broke").maybe_done
    True
    """

    maybe_done = True
