"""Find the columns of a list: the one with numbers, and those of consent."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from voiceprep.campaign.numbers import judge
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.campaign.sheets import Row, Sheet

__all__ = ["Columns", "columns_of"]

RECIPIENT: Final = "recipient"  # the contract's word; ours in accepted.csv
# What titles of such columns hold, in French and English; without accents.
_TITLES: Final = (
    RECIPIENT,
    "mobile",
    "portable",
    "gsm",
    "tel",
    "phone",
    "numero",
    "number",
    "msisdn",
)
# Titles of columns that say who asked for no more calls; without accents and spaces.
_OPTOUTS: Final = frozenset(
    {
        *("optout", "optedout", "stop", "unsubscribed", "donotcall", "donotcontact"),
        *("desinscrit", "desinscrite", "desabonne", "desabonnee", "opposition"),
        *("nepasappeler", "nepascontacter", "stopappel", "stopappels", "listenoire"),
    }
)
_DIGITS: Final = re.compile(r"[\s.+()/-]*\d[\d\s.+()/-]*")
_CONSENT_AT: Final = "consent_at"
_CONSENT_SOURCE: Final = "consent_source"
# Another column with so large a part of the best one's numbers: a person must choose.
_RIVAL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Columns:
    """Say where things stand in a row.

    Parameters
    ----------
    number : int
        Place of the number, from 0.
    titles : tuple of str
        Of all columns; empty without a header.
    header_row : int
        Its number in the sheet; 0 without one.
    consent_at, consent_source : int or None
    optouts : tuple of int
        Places of columns that say who asked for no more calls.
    """

    number: int
    titles: tuple[str, ...] = ()
    header_row: int = 0
    consent_at: int | None = None
    consent_source: int | None = None
    optouts: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Name the column of numbers as a person does."""
        is_titled = self.number < len(self.titles)
        return self.titles[self.number] if is_titled else f"{self.number + 1}"


def columns_of(sheet: Sheet, media: str, *, named: str = "") -> Columns:
    """Find the columns of a list.

    Parameters
    ----------
    media : str
        VOICEMAIL looks for mobile numbers, VOICE for any.
    named : str
        The title of the number's column, or its place from 1; ``""`` finds it out.

    Raises
    ------
    SettingsError
        If there is none, or more than one that could be meant.
    """
    filled = [row for row in sheet.head if any(cell.strip() for cell in row[1])]
    if not filled:
        raise SettingsError(f"{sheet.name} is empty: there is no contact in it")
    first = filled[0][1]
    number = _named(sheet, first, named) if named else _found(sheet, filled, media)
    found = _header(filled, number)
    if found is None:
        return Columns(number)
    header_row, header = found
    titles = tuple(cell.strip() for cell in header)
    places = {_folded(title): place for place, title in enumerate(titles)}
    return Columns(
        number,
        titles,
        header_row,
        places.get(_CONSENT_AT),
        places.get(_CONSENT_SOURCE),
        tuple(n for n, title in enumerate(titles) if _letters(title) in _OPTOUTS),
    )


def _header(filled: Sequence[Row], number: int) -> Row | None:
    """Choose the row that names the columns; None where the list begins with contacts.

    It may have a title above it. Digits alone are a number that can't be called, and
    whoever it is of is refused by name, not passed over.
    """
    above = list(takewhile(lambda row: not _is_number(_at(row[1], number)), filled))
    titled = [row for row in above if _is_titled(row[1], number)]
    others = (row for row in above if not _DIGITS.fullmatch(_at(row[1], number)))
    return max(titled, key=lambda row: _known(row[1]), default=next(others, None))


def _known(titles: Sequence[str]) -> int:
    """Count the titles that have a meaning to us, beside the number's."""
    return sum(
        _letters(title) in _OPTOUTS or _folded(title) in {_CONSENT_AT, _CONSENT_SOURCE}
        for title in titles
    )


def _named(sheet: Sheet, first: Sequence[str], named: str) -> int:
    titles = [_folded(cell) for cell in first]
    if _folded(named) in titles:
        return titles.index(_folded(named))
    if named.isdecimal() and 1 <= int(named) <= len(first):
        return int(named) - 1
    listed = ", ".join(cell.strip() for cell in first)
    raise SettingsError(f"{sheet.name} has no column {named!r}; it has: {listed}")


def _found(sheet: Sheet, filled: Sequence[Row], media: str) -> int:
    """Take the column with most numbers; a title decides between equals."""
    width = max(len(cells) for _, cells in filled)
    scores = [_score(filled, place, media) for place in range(width)]
    best = max(scores)
    if not best:
        raise SettingsError(
            f"{sheet.name}: no column holds telephone numbers for {media}; "
            "name it with --column"
        )
    rivals = [place for place, score in enumerate(scores) if score >= _RIVAL * best]
    first = filled[0][1]
    ours = [place for place in rivals if _title(first, place) == RECIPIENT]
    titled = [place for place in rivals if _is_titled(first, place)]
    for few in (rivals, ours, titled):
        if len(few) == 1:
            return few[0]
    names = " and ".join(_shown(first, place) for place in rivals)
    raise SettingsError(
        f"{sheet.name}: columns {names} hold telephone numbers; "
        "say which one with --column"
    )


def _score(filled: Sequence[Row], place: int, media: str) -> float:
    """Count a column's numbers; a proposal is half of one."""
    score = 0.0
    for _, cells in filled:
        verdict = judge(_at(cells, place), media)
        score += 1.0 if verdict.number else 0.5 if verdict.proposal else 0.0
    return score


def _is_titled(first: Sequence[str], place: int) -> bool:
    return any(word in _title(first, place) for word in _TITLES)


def _title(first: Sequence[str], place: int) -> str:
    return _folded(_at(first, place))


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _shown(first: Sequence[str], place: int) -> str:
    title = _at(first, place).strip()
    return f"{place + 1}" if not title or _is_number(title) else repr(title)


def _is_number(cell: str) -> bool:
    verdict = judge(cell, "VOICE")
    return bool(verdict.number or verdict.proposal)


def _folded(title: str) -> str:
    """Compare titles without case, accents and spaces around.

    >>> _folded(" Numéro ")
    'numero'
    """
    plain = unicodedata.normalize("NFKD", title.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _letters(title: str) -> str:
    """Compare titles by their letters alone.

    >>> _letters("Opt-Out"), _letters("ne pas appeler")
    ('optout', 'nepasappeler')
    """
    return "".join(filter(str.isalpha, _folded(title)))
