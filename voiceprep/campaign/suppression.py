"""Read lists of who must not be called: numbers, or hashes of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.numbers import judge
from voiceprep.campaign.numberset import NumberSet
from voiceprep.contract import VOICE
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.campaign.sheets import Sheet

__all__ = ["Suppressed"]

_HASHES: Final = {32: "md5", 40: "sha1", 64: "sha256"}  # by the length in hex
_PARTED: Final = re.compile(r"\s*(?:[/;,|\n]|\b(?:ou|or|et|and)\b)\s*")
_HEX: Final = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)


@dataclass(slots=True)
class Suppressed:
    """Hold who must not be called.

    A hash is that of the number with its plus, without it, or in national form:
    lists of all three are around.

    >>> stop = Suppressed()
    >>> stop.add("06 12 34 56 78"), stop.add("nobody")
    (True, False)
    >>> stop.holds("+33612345678"), stop.holds("+33612345679")
    (True, False)
    """

    numbers: NumberSet = field(default_factory=NumberSet)
    hashed: dict[str, set[bytes]] = field(default_factory=dict)
    unread: int = 0

    def add(self, cell: str) -> bool:
        """Add a number or a hash, or several in one cell; say whether there was one."""
        parts = {cell.strip(), *_PARTED.split(cell.strip())}
        hits = [self._add(part) for part in parts]
        return any(hits)

    def _add(self, cell: str) -> bool:
        if _HEX.fullmatch(cell):
            known = self.hashed.setdefault(_HASHES[len(cell)], set())
            known.add(bytes.fromhex(cell))
            return True
        verdict = judge(cell, VOICE)
        # On the safe side: what is probably meant is not called either.
        if number := verdict.number or verdict.proposal:
            self.numbers.add(number)
        return bool(number)

    def read(self, sheet: Sheet) -> None:
        """Add all numbers and hashes of a list, in whatever column.

        Raises
        ------
        SettingsError
            If it holds none: then it is some other file.
        """
        found = 0
        for row, cells in sheet.rows():
            filled = [cell for cell in cells if cell.strip()]
            hits = sum(map(self.add, filled))
            found += hits
            is_header = row == 1
            self.unread += bool(filled and not hits and not is_header)
        if not found:
            raise SettingsError(
                f"{sheet.name} holds no number and no hash that could be suppressed"
            )

    def holds(self, number: str) -> bool:
        """Say whether a number (E.164) must not be called."""
        return number in self.numbers or any(
            _digest(name, text) in known
            for name, known in self.hashed.items()
            for text in _forms(number)
        )


def _forms(number: str) -> Iterable[str]:
    yield number
    yield number[1:]
    if number.startswith("+33"):
        yield f"0{number[3:]}"


def _digest(name: str, text: str) -> bytes:
    # Not for secrecy: whoever made the list chose the hash.
    digest: Any = hashlib.new(name, text.encode(), usedforsecurity=False)
    return bytes(digest.digest())
