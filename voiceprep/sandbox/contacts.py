"""Read the contacts of a mailing: every form that clients send (R11, R32–R35)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import MAX_CONTACTS
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.numbers import NumberRefusedError, international
from voiceprep.sandbox.parameters import parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.sandbox.parameters import Parameters

__all__ = ["recipients"]

_FORM: Final = '[{"recipient": "+33612345678"}]'
_CURLY: Final = re.compile("[\u201c-\u201f\u2018-\u201b\xab\xbb]")
_TRAILING_COMMA: Final = re.compile(r",\s*[\]}]")


def recipients(given: Parameters, media: str) -> list[str]:
    """Return the numbers of a mailing's contacts, as they are dialled.

    Parameters
    ----------
    given : Parameters
    media : str
        VOICE or VOICEMAIL.

    Raises
    ------
    RefusalError
        417: one bad contact refuses them all; each is named in the details (R34).
    """
    contacts = _contacts(given.nested("contacts"))
    numbers, refused = [], []
    for position, contact in enumerate(contacts):
        raw = _recipient(contact)
        try:
            numbers.append(international(raw, media))
        except NumberRefusedError as error:
            refused.append(f"contacts[{position}]: {_shown(raw)}: {error}")
    if refused:
        more = f" ({len(refused)} are refused)" if len(refused) > 1 else ""
        raise RefusalError(417, refused[0] + more, tuple(refused))
    return numbers


def _contacts(raw: Any) -> Sequence[Any]:
    """Return the contacts as a list that is neither empty nor too long."""
    if raw is None or raw == "":
        raise RefusalError(417, f"contacts is required: {_FORM}")
    listed = _of_text(raw) if isinstance(raw, str) else raw
    if not isinstance(listed, list) or not listed:
        raise RefusalError(417, f"contacts must be a list, such as {_FORM}")
    if len(listed) > MAX_CONTACTS:
        raise RefusalError(
            417,
            f"contacts holds {len(listed)}; a mailing takes {MAX_CONTACTS} at most: "
            "send several of one name",
        )
    return listed


def _of_text(text: str) -> Any:
    """Parse JSON text; say what is wrong with it where people get it wrong."""
    try:
        return parsed(text)
    except ValueError as error:
        reason = "is not valid JSON"
        if _CURLY.search(text):
            reason = "holds typographic quotes; JSON takes only straight ones"
        elif _TRAILING_COMMA.search(text):
            reason = "has a comma before a closing bracket; JSON takes none there"
        raise RefusalError(417, f"contacts {reason}") from error


def _recipient(contact: Any) -> Any:
    """Return a contact's number as it was sent, or None."""
    if isinstance(contact, str) and contact.lstrip().startswith("{"):
        contact = _of_text(contact)
    return contact.get("recipient") if isinstance(contact, dict) else None


def _shown(raw: Any) -> str:
    return repr(raw)[:50] if raw is not None else "no recipient"
