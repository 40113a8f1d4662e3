"""Find the columns of a list: the one with numbers, and those of consent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from voiceprep.campaign.numbers import judge
from voiceprep.campaign.refusals import folded, is_optout, is_permission
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voiceprep.campaign.sheets import Row, Sheet

__all__ = ["Columns", "columns_of"]

_TOP: Final = 20  # rows in which the titles stand, at the latest
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
_DIGITS: Final = re.compile(r"[\s.+()/-]*\d[\d\s.+()/-]*")
_CONSENT_AT: Final = "consent_at"
_CONSENT_SOURCE: Final = "consent_source"
# Another column with so large a part of the best one's numbers: a person must choose.
_RIVAL: Final = 0.8
_TITLED: Final = 2  # of a row with a title of numbers, at least
_NONE: Final = -1  # of a row that is none of titles
_STRAY: Final = 0.05  # [ours] with fewer of them a column is told of by nobody


@dataclass(frozen=True, slots=True)
class Columns:
    """Say where things stand in a row.

    Parameters
    ----------
    numbers : tuple of int
        Places of the number, from 0: the first one that holds a number counts.
    titles : tuple of str
        Of all columns; empty without a header.
    header_row : int
        Its number in the sheet; 0 without one.
    consent_at, consent_source : int or None
    optouts : tuple of int
        Places of columns that say who asked for no more calls.
    above : int
        Rows above the header that are not blank: what the list is about.
    others : tuple of int
        Places of other columns that hold numbers to call.
    permissions : tuple of int
        Places of columns that say who allowed calls.
    """

    numbers: tuple[int, ...]
    titles: tuple[str, ...] = ()
    header_row: int = 0
    consent_at: int | None = None
    consent_source: int | None = None
    optouts: tuple[int, ...] = ()
    above: int = 0
    others: tuple[int, ...] = ()
    permissions: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Name the columns of numbers as a person does."""
        return ", ".join(self.named(self.numbers))

    def named(self, places: Iterable[int]) -> list[str]:
        """Return the titles of columns; of one without a title, its place from 1."""
        titled = dict(enumerate(self.titles))
        return [titled.get(place) or f"{place + 1}" for place in places]


def columns_of(sheet: Sheet, media: str, *, named: Sequence[str] = ()) -> Columns:
    """Find the columns of a list.

    Parameters
    ----------
    media : str
        VOICEMAIL looks for mobile numbers, VOICE for any.
    named : sequence of str
        The titles of the numbers' columns, or their places from 1, in the order in
        which they count; without any, one is found out.

    Raises
    ------
    SettingsError
        If there is none, or more than one that could be meant.
    """
    filled = [row for row in sheet.head if any(cell.strip() for cell in row[1])]
    if not filled:
        raise SettingsError(f"{sheet.name} is empty: there is no contact in it")
    scores = _scores(filled, media)
    numbers = tuple(dict.fromkeys(_named(sheet, filled, each) for each in named))
    numbers = numbers or (_found(sheet, filled, media, scores),)
    others = _others(scores, numbers)
    above = _heading(filled, numbers)
    if above is None:
        later = _optouts(filled, -1, numbers)
        return Columns(numbers, optouts=later, others=others)
    header_row, header = filled[above]
    titles = tuple(cell.strip() for cell in header)
    is_ours = _title(titles, numbers[0]) == RECIPIENT  # made of the others
    places = {folded(title): place for place, title in enumerate(titles)}
    return Columns(
        numbers,
        titles,
        header_row,
        places.get(_CONSENT_AT),
        places.get(_CONSENT_SOURCE),
        _optouts(filled, above, numbers),
        above,
        () if is_ours else others,
        tuple(place for place, title in enumerate(titles) if is_permission(title)),
    )


def _scores(filled: Sequence[Row], media: str) -> list[float]:
    """Count each column's numbers to call; a proposal is half of one."""
    width = max(len(cells) for _, cells in filled)
    return [_score(filled, place, media) for place in range(width)]


def _others(scores: Sequence[float], numbers: Sequence[int]) -> tuple[int, ...]:
    """Name columns beside those chosen that hold more than stray numbers."""
    least = max(1.0, _STRAY * max(scores))
    many = (place for place, score in enumerate(scores) if score >= least)
    return tuple(place for place in many if place not in numbers)


def _optouts(
    filled: Sequence[Row], header: int, numbers: Sequence[int]
) -> tuple[int, ...]:
    """Find the columns of refusals in any row of titles, also of later ones.

    A title that spans several columns stands in the first of them. `header` is the
    place of the row of titles, -1 without one.
    """
    titles = filled[header][1] if header >= 0 else ()
    places: set[int] = set()
    for row, (_, cells) in enumerate(filled):
        rank = _rank(cells, numbers)
        least = _TITLED + 1 if row > header else 0
        if row != header and rank < least:
            continue
        for place, title in enumerate(cells):
            is_about = rank == 0 and place == 0  # all of the list
            if is_optout(title) and not is_about:
                places.update(_spanned(place, cells, titles))
    return tuple(sorted(places - set(numbers)))


def _spanned(place: int, cells: Sequence[str], titles: Sequence[str]) -> Iterator[int]:
    """Yield the place of a title, and those to its right that it stands over."""
    yield place
    for beside in range(place + 1, len(titles)):
        if _at(cells, beside).strip():
            return
        if titles[beside].strip():
            yield beside


def _named(sheet: Sheet, filled: Sequence[Row], named: str) -> int:
    for _, cells in filled[:_TOP]:
        titles = [folded(cell) for cell in cells]
        if folded(named) in titles:
            return titles.index(folded(named))
    width = max(len(cells) for _, cells in filled)
    if named.isdecimal() and 1 <= int(named) <= width:
        return int(named) - 1
    header = filled[_heading(filled, range(width)) or 0][1]
    listed = ", ".join(cell.strip() for cell in header)
    raise SettingsError(f"{sheet.name} has no column {named!r}; it has: {listed}")


def _found(
    sheet: Sheet, filled: Sequence[Row], media: str, scores: Sequence[float]
) -> int:
    """Take the column with most numbers; a title decides between equals."""
    best = max(scores)
    if not best:
        raise SettingsError(
            f"{sheet.name}: no column holds telephone numbers for {media}; "
            "name it with --column"
        )
    rivals = [place for place, score in enumerate(scores) if score >= _RIVAL * best]
    header = filled[_heading(filled, rivals) or 0][1]
    ours = [place for place in rivals if _title(header, place) == RECIPIENT]
    titled = [place for place in rivals if _is_titled(header, place)]
    for few in (rivals, ours, titled):
        if len(few) == 1:
            return few[0]
    names = ", ".join(_shown(header, place) for place in rivals)
    raise SettingsError(
        f"{sheet.name}: columns {names} hold telephone numbers; "
        "say which one with --column, or several in their order"
    )


def _heading(filled: Sequence[Row], numbers: Iterable[int]) -> int | None:
    """Find the row of titles among those that are not blank; None without one.

    It stands above the first number. What stands above it in turn says what the list
    is about. Digits alone are a number that can't be called, and whoever it is of is
    refused by name, not passed over.
    """
    places = tuple(numbers)

    def is_above(row: Row) -> bool:
        return not any(_is_number(_at(row[1], place)) for place in places)

    top = [cells for _, cells in takewhile(is_above, filled[:_TOP])]
    ranks = [_rank(cells, places) for cells in top]
    best = max(ranks, default=_NONE)
    return None if best == _NONE else ranks.index(best)  # the first of equals


def _rank(cells: Sequence[str], places: Sequence[int]) -> int:
    """Say how much a row looks like titles; the first of several rows is that most."""
    if any(_DIGITS.fullmatch(_at(cells, place)) for place in places):
        return _NONE
    is_wide = sum(bool(cell.strip()) for cell in cells) > 1
    if not any(_is_titled(cells, place) for place in places):
        return int(is_wide or any(_at(cells, place).strip() for place in places))
    names_ours = any(map(_is_ours, cells))
    return _TITLED + is_wide + (is_wide and names_ours)


def _score(filled: Sequence[Row], place: int, media: str) -> float:
    score = 0.0
    for _, cells in filled:
        verdict = judge(_at(cells, place), media)
        score += 1.0 if verdict.number else 0.5 if verdict.proposal else 0.0
    return score


def _is_titled(first: Sequence[str], place: int) -> bool:
    return any(word in _title(first, place) for word in _TITLES)


def _title(first: Sequence[str], place: int) -> str:
    return folded(_at(first, place))


def _is_ours(title: str) -> bool:
    """Say whether a title has a meaning to us, beside the number's."""
    ours = {_CONSENT_AT, _CONSENT_SOURCE}
    return is_optout(title) or folded(title) in ours


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _shown(first: Sequence[str], place: int) -> str:
    title = _at(first, place).strip()
    return f"{place + 1}" if not title or _is_number(title) else repr(title)


def _is_number(cell: str) -> bool:
    verdict = judge(cell, "VOICE")
    return bool(verdict.number or verdict.proposal)
