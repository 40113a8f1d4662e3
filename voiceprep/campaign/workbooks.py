"""Read spreadsheets (xlsx): which of their sheets is the list, and its rows."""

from __future__ import annotations

import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from voiceprep.campaign.numbers import judge
from voiceprep.contract import VOICE
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["worksheets"]

_LOOKED_AT: Final = 200  # rows of each sheet
_BLOCK: Final = 1 << 20
_HIDDEN: Final = re.compile(rb"""(?:\w+:)?row\s[^>]*\bhidden=["'](?:1|true)["']""")


@dataclass(frozen=True, slots=True)
class Worksheets:
    """Hold what is read of a spreadsheet.

    Parameters
    ----------
    title : str
        Of the sheet.
    rows : callable
        Yields each row's number and cells, from the first, blank ones too.
    hidden : int
        How many rows are not shown.
    """

    title: str
    rows: Callable[[], Iterator[tuple[int, list[str]]]]
    hidden: int

    def pieces(self) -> Iterator[str]:
        """Yield what each row says."""
        for _, cells in self.rows():
            yield "\t".join(cells) + "\n"


def worksheets(
    name: str, file: IO[bytes], *, wanted: str = "", every: bool = False
) -> Worksheets:
    """Find the sheet of a spreadsheet that is the list.

    That is the visible one that holds telephone numbers.

    Parameters
    ----------
    name : str
        As errors name it.
    file : binary file
        Stays open while rows are read.
    wanted : str
        The title of the sheet; ``""`` finds it out.
    every : bool
        Whether several such sheets are read, one after the other.

    Raises
    ------
    SettingsError
        If it can't be read, lacks the sheet, or several could be meant.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise SettingsError(
            f"{name} is a spreadsheet: pip install 'voiceprep[xlsx]', or save it as CSV"
        ) from error

    with _told(name):
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheets = book.worksheets
        for sheet in sheets:
            sheet.reset_dimensions()  # programs write A1 there, and have more cells
        chosen = _chosen(name, sheets, wanted, every=every) or [book.active]
        hidden = sum(_hidden_rows(file, sheet) for sheet in chosen)

    def read() -> Iterator[tuple[int, list[str]]]:
        with _told(name):
            for sheet in chosen:
                yield from _rows(sheet)

    return Worksheets(", ".join(sheet.title for sheet in chosen), read, hidden)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, SettingsError):
        raise
    except Exception as error:
        # Whatever a broken file makes the library trip over.
        raise SettingsError(f"{name} can't be read as xlsx: {error}") from error


def _chosen(
    name: str, sheets: Sequence[Any], wanted: str, *, every: bool
) -> Sequence[Any]:
    """Choose sheets; none where no sheet holds a number."""
    if wanted:
        named = [sheet for sheet in sheets if _is_named(sheet, wanted)]
        if named:
            return named[:1]
        listed = ", ".join(sheet.title for sheet in sheets)
        raise SettingsError(f"{name} has no sheet {wanted!r}; it has: {listed}")
    seen = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    sure, likely = _holding(seen)
    if every:
        return [*sure, *likely]
    few = sure or likely
    if len(few) > 1:
        titles = ", ".join(repr(sheet.title) for sheet in few)
        raise SettingsError(
            f"{name}: sheets {titles} hold telephone numbers; "
            "say which one with --sheet"
        )
    return few


def _is_named(sheet: Any, wanted: str) -> bool:
    return bool(sheet.title.strip().casefold() == wanted.strip().casefold())


def _holding(sheets: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return the sheets with telephone numbers, and those with what may be some."""
    sure, likely = [], []
    for sheet in sheets:
        head = islice(_rows(sheet), _LOOKED_AT)
        verdicts = [judge(cell, VOICE) for _, cells in head for cell in cells if cell]
        if any(verdict.number for verdict in verdicts):
            sure.append(sheet)
        elif any(verdict.proposal for verdict in verdicts):
            likely.append(sheet)
    return sure, likely


def _hidden_rows(file: IO[bytes], sheet: Any) -> int:
    """Count the rows of a sheet that are hidden; openpyxl does not tell while it reads.

    No cell's text looks like such a row: < is written &lt; there.
    """
    path = sheet._worksheet_path  # noqa: SLF001 (it has no public name)
    with zipfile.ZipFile(file) as book, book.open(path) as xml:
        count, rest = 0, b""
        while block := xml.read(_BLOCK):
            tags = (rest + block).split(b"<")
            count += sum(bool(_HIDDEN.match(tag)) for tag in tags[:-1])
            rest = tags[-1]
        return count


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, list(map(_cell, row))


def _cell(value: Any) -> str:
    """Write a spreadsheet's value as it was meant: 612345678.0 has no decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
