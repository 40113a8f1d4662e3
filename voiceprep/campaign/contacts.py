"""Sort a list of contacts out: who can be called, who can't, and why not."""

from __future__ import annotations

import csv
import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from voiceprep.campaign.cells import defused
from voiceprep.campaign.columns import RECIPIENT, Columns
from voiceprep.campaign.numbers import REASONS, Verdict, judge
from voiceprep.campaign.numberset import NumberSet
from voiceprep.campaign.refusals import may_refuse, refuses
from voiceprep.campaign.suppression import Suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from voiceprep.campaign.sheets import Row, Sheet

__all__ = [
    "CALLED_ALREADY",
    "HELD",
    "REJECTED",
    "UNKNOWN_ZONE",
    "Contact",
    "Tally",
    "Wishes",
    "explained",
    "kept_titles",
    "parts",
    "rejected_row",
    "sift",
    "written",
]

CALLED_ALREADY: Final = "called_already"
UNKNOWN_ZONE: Final = "unknown_zone"
HELD: Final = {  # why a good number is not called → what a person reads
    "duplicate": "the same number stands in an earlier row",
    "suppressed": "it stands in a list that was given to leave out",
    "optout": "asked for no more calls",
    CALLED_ALREADY: "a campaign of this name calls it already",
    "too_often": "called as often as the cap allows",
    "no_consent": "no consent with a date and a source",
    UNKNOWN_ZONE: "where it is, and so the time there, is not known",
}
ACCEPTED: Final = (RECIPIENT, "kind", "row")
REJECTED: Final = ("row", "value", "reason", "proposal", "explanation")
_EXCEL_DAY_0: Final = date(1899, 12, 30)  # so that days from March 1900 on come right
_DATES: Final = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Wishes:
    """Say how a list is to be sorted out.

    Parameters
    ----------
    media : str
        ``"VOICE"`` or ``"VOICEMAIL"``.
    repair : bool
        Whether guesses are used instead of proposed.
    require_consent : bool
        Whether each row needs `consent_at`, not in the future, and
        `consent_source`.
    today : date or None
        For that; None does not look at the future.
    held : tuple of (str, callable)
        A word of `HELD`, and whether it holds for a number (E.164).
    """

    media: str
    repair: bool = False
    require_consent: bool = False
    today: date | None = None
    held: tuple[tuple[str, Callable[[str], bool]], ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Hold one row, and what became of it.

    Parameters
    ----------
    row : int
        The number beside it in a spreadsheet.
    cells : sequence of str
    value : str
        The number's cell as it stands.
    verdict : Verdict
    reason : str
        Why it is not called: a word of `REASONS` or `HELD`; ``""`` if it is.
    is_mendable : bool
        Whether what it probably means could be called, as no other row is.
    """

    row: int
    cells: Sequence[str]
    value: str
    verdict: Verdict
    reason: str
    is_mendable: bool = False


@dataclass(slots=True)
class Tally:
    """Count what became of rows."""

    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    mends: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    proposals: int = 0

    @property
    def accepted(self) -> int:
        """Count who can be called."""
        return self.kinds.total()

    @property
    def duplicates(self) -> int:
        """Count the rows that were merged with an earlier one."""
        return self.reasons["duplicate"]

    @property
    def refused(self) -> int:
        """Count who can't be called; duplicates are no one else."""
        return self.reasons.total() - self.duplicates

    def add(self, contact: Contact) -> None:
        """Count a row."""
        self.rows += 1
        if contact.reason:
            self.reasons[contact.reason] += 1
            self.proposals += contact.is_mendable
            return
        self.kinds[contact.verdict.kind] += 1
        if contact.verdict.mends:
            self.mends.update(contact.verdict.mends)

    def as_json(self) -> dict[str, Any]:
        """Return the counts, the most frequent first."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "refused": self.refused,
            "proposals": self.proposals,
            "kinds": dict(self.kinds.most_common()),
            "mends": dict(self.mends.most_common()),
            "reasons": dict(self.reasons.most_common()),
        }


def sift(sheet: Sheet, columns: Columns, wishes: Wishes) -> Iterator[Contact]:
    """Yield what became of each row, in order; blank rows are left out.

    Memory does not grow with the rows, but for 2 to 3 bytes a number.

    Raises
    ------
    SettingsError
        If a row can't be read.
    """
    seen, probable = NumberSet(), NumberSet()
    if asked := _refused(sheet, columns):
        wishes = replace(wishes, held=(("optout", asked.holds), *wishes.held))
    for row, cells in _filled(sheet, columns):
        value, verdict = _judged(cells, columns, wishes)
        reason = verdict.reason or _held(verdict.number, cells, columns, wishes)
        # Last: of two rows, the one that is called is never the one that is held.
        if not reason and not seen.add(verdict.number):
            reason = "duplicate"
        meant, is_mendable = verdict.proposal, False
        if meant and reason:
            held = _held(meant, cells, columns, wishes)
            reason = held if held == "optout" else reason
            is_mendable = not held and meant not in seen and probable.add(meant)
        yield Contact(row, cells, value, verdict, reason, is_mendable)


def _filled(sheet: Sheet, columns: Columns) -> Iterator[Row]:
    """Yield the rows below the titles that are not blank."""
    for row, cells in sheet.rows():
        if row > columns.header_row and any(map(str.strip, cells)):
            yield row, cells


def _judged(
    cells: Sequence[str], columns: Columns, wishes: Wishes
) -> tuple[str, Verdict]:
    """Judge the first cell that holds a number to call; without any, the first filled.

    Returns
    -------
    (str, Verdict)
        The cell as it stands, and what it is.
    """
    first: tuple[str, Verdict] | None = None
    for place in columns.numbers:
        value = cells[place] if place < len(cells) else ""
        verdict = judge(value, wishes.media, repair=wishes.repair)
        if not verdict.reason:
            return value, verdict
        if first is None or not first[0].strip():
            first = value, verdict
    assert first is not None  # noqa: S101 (there is a column)
    return first


def _refused(sheet: Sheet, columns: Columns) -> Suppressed | None:
    """Collect who asked for no more calls; one row that says so counts for all."""
    if not any(may_refuse(piece, columns) for piece in sheet.pieces()):
        return None
    asked = Suppressed()
    for _, cells in _filled(sheet, columns):
        if refuses(cells, columns):
            for place in columns.numbers:
                asked.add(cells[place] if place < len(cells) else "")
    return asked


def _held(number: str, cells: Sequence[str], columns: Columns, wishes: Wishes) -> str:
    """Name what keeps a good number from being called; or nothing."""
    for reason, holds in wishes.held:
        if holds(number):
            return reason
    if wishes.require_consent and not _consented(cells, columns, wishes.today):
        return "no_consent"
    return ""


def _consented(cells: Sequence[str], columns: Columns, today: date | None) -> bool:
    said_at, source = (
        cells[place].strip() if place is not None and place < len(cells) else ""
        for place in (columns.consent_at, columns.consent_source)
    )
    day = _day(said_at)
    return bool(source and day and (today is None or day <= today))


def _day(text: str) -> date | None:
    """Read a date: ISO 8601, as it is written in France, or as Excel counts days.

    >>> _day("2026-03-12T09:00:00Z"), _day("12/03/2026"), _day("yes")
    (datetime.date(2026, 3, 12), datetime.date(2026, 3, 12), None)
    >>> _day("46093")
    datetime.date(2026, 3, 12)
    """
    if text.isdecimal() and len(text) == len("46093"):
        return _EXCEL_DAY_0 + timedelta(days=int(text))
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day)
        except ValueError:
            continue
    return None


def explained(contact: Contact) -> str:
    """Say in words why a row is not called.

    >>> explained(Contact(2, ["15"], "15", Verdict(reason="short"), "short"))
    'too few digits: a short number, or one that was cut'
    """
    return {**REASONS, **HELD}[contact.reason]


def written(
    contacts: Iterable[Contact], columns: Columns, folder: Path
) -> Iterator[Contact]:
    """Write contacts to ``accepted.csv`` and ``rejected.csv`` as they pass.

    Both appear whole, when all have passed. No cell is one that a spreadsheet runs.

    Parameters
    ----------
    folder : Path
        Is made where it is not there.

    Yields
    ------
    Contact
        As they came.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        _whole(folder / "accepted.csv") as accepted,
        _whole(folder / "rejected.csv") as rejected,
    ):
        good, bad = (
            csv.writer(file, lineterminator="\n") for file in (accepted, rejected)
        )
        titles = kept_titles(columns, ACCEPTED)
        good.writerow([*ACCEPTED, *map(defused, titles.values())])
        others = kept_titles(columns, REJECTED)
        bad.writerow([*REJECTED, *map(defused, others.values())])
        for contact in contacts:
            if contact.reason:
                bad.writerow(rejected_row(contact, others))
            else:
                good.writerow(accepted_row(contact, titles))
            yield contact


def kept_titles(columns: Columns, ours: Sequence[str]) -> dict[int, str]:
    """Return the columns to keep by their places: those not named as ours are."""
    titles = enumerate(columns.titles)
    return {place: title for place, title in titles if title not in ours}


def accepted_row(contact: Contact, titles: Iterable[int]) -> list[str]:
    """Return a row of accepted.csv: the number as it is dialled, and all its cells."""
    verdict = contact.verdict
    return [
        verdict.number,
        verdict.kind,
        str(contact.row),
        *_kept(contact.cells, titles),
    ]


def rejected_row(contact: Contact, titles: Iterable[int]) -> list[str]:
    """Return a row of rejected.csv: what `REJECTED` names, and all its cells."""
    why = explained(contact)
    if contact.verdict.number:
        why = f"{contact.verdict.number}: {why}"
    return [
        str(contact.row),
        defused(contact.value),
        contact.reason,
        contact.verdict.proposal,
        why,
        *_kept(contact.cells, titles),
    ]


def _kept(cells: Sequence[str], places: Iterable[int]) -> Iterator[str]:
    return (defused(cells[place]) if place < len(cells) else "" for place in places)


def parts(accepted: Path, folder: Path, size: int) -> Iterator[Path]:
    """Write accepted.csv again in parts of `size` rows; yield each as it is whole.

    Parts of an earlier list, beyond these, are removed.
    """
    with accepted.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        last = 0
        while some := list(islice(rows, size)):
            last += 1
            path = folder / f"part-{last:03}.csv"
            with _whole(path) as part:
                csv.writer(part, lineterminator="\n").writerows([header, *some])
            yield path
    for path in folder.glob("part-*.csv"):
        number = path.stem.removeprefix("part-")
        if number.isdecimal() and int(number) > last:
            path.unlink()


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """Open a file that appears under its name only when it is whole."""
    # A name of its own: two that write into one folder must not mix their people.
    partial = path.with_name(f".voiceprep-{os.urandom(8).hex()}.part")
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), 0o600)  # numbers of persons
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
