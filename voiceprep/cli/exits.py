"""Exit codes: one table, the most urgent wins."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from voiceprep import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Exit", "exit_of", "most_urgent"]


class Exit(IntEnum):
    """Say to a shell what happened (docs/design.md, "Exit codes")."""

    DONE = 0
    REFUSED = 1  # nothing failed, but some recordings were refused
    USAGE = 2
    PARTLY = 3  # some effects done, others failed
    AUTHENTICATION = 4
    TEMPORARY = 5  # safe to run again
    PLATFORM_REFUSED = 6
    UNKNOWN = 7  # a person must look
    INTERRUPTED = 130


_URGENCY: Final = (
    Exit.UNKNOWN,
    Exit.AUTHENTICATION,
    Exit.PLATFORM_REFUSED,
    Exit.TEMPORARY,
    Exit.USAGE,
    Exit.PARTLY,
    Exit.REFUSED,
)
_OF_ERROR: Final[tuple[tuple[type[BaseException], Exit], ...]] = (
    (errors.OutcomeUnknownError, Exit.UNKNOWN),
    (errors.AuthError, Exit.AUTHENTICATION),
    (errors.ContractError, Exit.PLATFORM_REFUSED),
    (errors.RefusedError, Exit.PLATFORM_REFUSED),
    (errors.UnavailableError, Exit.TEMPORARY),
    (errors.RecordingError, Exit.REFUSED),
    (errors.LedgerError, Exit.USAGE),
    (errors.SettingsError, Exit.USAGE),
    (OSError, Exit.USAGE),  # a folder that can't be written, a full disk
    (KeyboardInterrupt, Exit.INTERRUPTED),
)


def exit_of(error: BaseException) -> Exit:
    """Return the exit code of an error.

    >>> exit_of(errors.AuthError("the secret is wrong"))
    <Exit.AUTHENTICATION: 4>
    """
    if isinstance(error, errors.LedgerError) and getattr(error, "is_away", False):
        return Exit.TEMPORARY
    return next(code for kind, code in _OF_ERROR if isinstance(error, kind))


def most_urgent(codes: Iterable[Exit]) -> Exit:
    """Return the code that a person must know of first.

    Where something was done and something else could not be written, it is 3.

    >>> most_urgent([Exit.DONE, Exit.REFUSED, Exit.TEMPORARY])
    <Exit.TEMPORARY: 5>
    """
    seen = set(codes)
    if Exit.USAGE in seen and Exit.DONE in seen:
        seen = (seen - {Exit.USAGE}) | {Exit.PARTLY}
    return next((code for code in _URGENCY if code in seen), Exit.DONE)
