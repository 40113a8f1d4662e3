"""What can go wrong, sorted by who must act.

::

    VoiceprepError
    ├── RecordingError            the recording's owner
    │   ├── UndecodableError        no whole sound can be had from the file
    │   └── RejectedError           the sound breaks a rule, with the findings
    ├── PlatformError             depends on the class:
    │   ├── AuthError               the account: credentials or token
    │   ├── RefusedError            us: the platform understood and said no
    │   ├── ContractError           us: this is not the platform we know
    │   ├── UnavailableError        nobody: try again later
    │   └── OutcomeUnknownError     a person: look before anything is repeated
    ├── LedgerError               the operator: our own records on disk
    └── SettingsError             the operator: options, environment, files
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AuthError",
    "ContractError",
    "LedgerError",
    "OutcomeUnknownError",
    "PlatformError",
    "RecordingError",
    "RefusedError",
    "RejectedError",
    "SettingsError",
    "UnavailableError",
    "UndecodableError",
    "VoiceprepError",
]


class VoiceprepError(Exception):
    """Be the root of every error that voiceprep raises on purpose.

    The message is one sentence or two: fact, value, remedy.

    >>> issubclass(UndecodableError, VoiceprepError)
    True
    """


class RecordingError(VoiceprepError):
    """Say that a recording can't go out as it is; its owner must act."""


class UndecodableError(RecordingError):
    """Say that no whole sound can be had from a file.

    Parameters
    ----------
    message : str
        The fact with its value.
    code : str
        The finding's stable word (design: "Codes"), such as ``"truncated"``.
    remedy : str
        What the recording's owner can do, or ``""``.
    value, limit : float or str or None
        The number that was found and the one that was allowed.

    >>> UndecodableError("a.mp3 is a web page", code="undecodable").code
    'undecodable'
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "undecodable",
        remedy: str = "",
        value: float | str | None = None,
        limit: float | str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy
        self.value = value
        self.limit = limit


class RejectedError(RecordingError):
    """Say that a recording breaks rules; ``findings`` holds them.

    Parameters
    ----------
    message : str
        The first reason, in a sentence.
    findings : tuple
        Every `voiceprep.audio.rules.Finding` of the recording.
    """

    def __init__(self, message: str, *, findings: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class PlatformError(VoiceprepError):
    """Say that a call to the platform did not do what was asked.

    Parameters
    ----------
    message : str
        The fact with its value; never a secret, never a token.
    status : int or None
        The HTTP status, where there was an answer.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class AuthError(PlatformError):
    """Say that the platform does not accept the credentials or the token."""


class RefusedError(PlatformError):
    """Say that the platform understood the request and refused it.

    Parameters
    ----------
    message, status
        As of `PlatformError`.
    details : tuple of str
        The platform's own list of what it refuses, word for word: the numbers of
        persons may stand in it, which the message masks.

    >>> RefusedError("two contacts are bad", status=417, details=("12", "34")).details
    ('12', '34')
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, status=status)
        self.details = details


class ContractError(PlatformError):
    """Say that an answer breaks the contract: HTML, a missing field, a redirect."""


class UnavailableError(PlatformError):
    """Say that the platform can't be reached or is failing; safe to run again."""


class OutcomeUnknownError(PlatformError):
    """Say that an effect may or may not have happened; a person must look."""


class LedgerError(VoiceprepError):
    """Say that our own records can't be read or written.

    Parameters
    ----------
    message : str
    is_away : bool
        Whether the server that holds them can't be reached: safe to run again.

    >>> LedgerError("no connection", is_away=True).is_away
    True
    """

    def __init__(self, message: str, *, is_away: bool = False) -> None:
        super().__init__(message)
        self.is_away = is_away


class SettingsError(VoiceprepError):
    """Say that options, environment or settings files contradict each other."""
