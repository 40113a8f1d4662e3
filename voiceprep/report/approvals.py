"""Read what people decided on a page: the file that it exports.

::

    {"schema": "voiceprep.approvals/1",
     "approvals": [{"path": …, "sha256": {"alaw": …, "prepared": …},
                    "decision": "approved" | "rejected",
                    "name": …, "time": …, "comment": …}]}

A decision is about bytes that were heard, not about a name: whoever prepares a
recording again, to other bytes, needs another decision.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep.errors import SettingsError
from voiceprep.report.page import Digests

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = ["SCHEMA", "Approval", "Approvals", "approvals_in", "read_approvals"]

SCHEMA: Final = "voiceprep.approvals/1"
_DECISIONS: Final = {"approved": True, "rejected": False}
_SHA256: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Approval:
    """Hold one decision.

    Parameters
    ----------
    path : str
        Of the recording, as the page's maker named it.
    digests : Digests
        Of what was heard.
    approved : bool
    name : str
        Of the person who decided.
    time : datetime
        When, with its zone.
    comment : str
    """

    path: str
    digests: Digests
    approved: bool
    name: str
    time: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Approvals:
    """Hold decisions, in the order in which they were read."""

    decisions: tuple[Approval, ...]
    _by_digests: dict[Digests, list[Approval]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for each in self.decisions:
            self._by_digests.setdefault(each.digests, []).append(each)

    def of(self, digests: Digests) -> tuple[Approval, ...]:
        """Return the decisions about these very bytes."""
        return tuple(self._by_digests.get(digests, ()))

    def approves(self, digests: Digests) -> bool:
        """Say whether these bytes may go out: approved by one, rejected by none."""
        found = self.of(digests)
        return bool(found) and all(each.approved for each in found)


def approvals_in(paths: Iterable[str | os.PathLike[str]]) -> Approvals:
    """Read the decisions of several files: each page exports its own.

    Raises
    ------
    SettingsError
        As `read_approvals`, with the file's name; where one can't be read.
    """
    return Approvals(tuple(each for path in paths for each in _decisions_in(path)))


def _decisions_in(path: str | os.PathLike[str]) -> tuple[Approval, ...]:
    try:
        return read_approvals(Path(path).read_bytes()).decisions
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingsError(f"{path}: can't be read: {reason}") from error
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def read_approvals(text: str | bytes) -> Approvals:
    """Read the text of an approvals file.

    Raises
    ------
    SettingsError
        Where it is no such file, or one of its entries lacks or bends a field:
        a file that decides on calls is taken whole or not at all.

    >>> read_approvals('{"schema": "voiceprep.approvals/1", "approvals": []}')
    Approvals(decisions=())
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"approvals: no JSON: {error}") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA or not isinstance(document.get("approvals"), list):
        raise SettingsError(
            f"approvals: schema {schema!r}, not {SCHEMA!r}; export them from a page"
        )
    return Approvals(tuple(map(_approval, range(1, 1 << 30), document["approvals"])))


def _approval(number: int, entry: Any) -> Approval:
    """Read one entry; its number is for the sentence that refuses it."""
    try:
        return Approval(
            path=_text(entry["path"]),
            digests=Digests(
                _sha256(entry["sha256"]["alaw"]), _sha256(entry["sha256"]["prepared"])
            ),
            approved=_DECISIONS[entry["decision"]],
            name=_text(entry["name"]),
            time=_time(entry["time"]),
            comment=str(entry.get("comment", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SettingsError(
            f"approvals: entry {number} is not as a page exports it ({reason})"
        ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no text")
    return value


def _sha256(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError(f"{value!r} is no SHA-256 in hex digits")
    return value


def _time(value: Any) -> datetime:
    time = datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return time
