"""Read lists row by row: CSV in the forms that spreadsheets write, and xlsx.

Nothing is held but the rows at hand; what a list is written in is found out before.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from voiceprep.campaign.numbers import judge
from voiceprep.campaign.workbooks import worksheets
from voiceprep.contract import VOICE
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["HEAD", "UNKNOWN", "Form", "Row", "Sheet", "opened"]

Row = tuple[int, list[str]]  # the number that a spreadsheet shows beside it, cells

HEAD: Final = 200  # rows that are looked at before the work begins
_BLOCK: Final = 1 << 16
_OVERLAP: Final = 200  # characters of a piece's end
_LINES: Final = 1_000  # of a piece
_SPOOL: Final = 8 * 2**20  # bytes of stdin that stay in memory
_DELIMITERS: Final = (";", "\t", ",", "|")  # the first wins where two would do
_MARKS: Final = (  # what a file begins with → its encoding
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNOPENED: Final = (
    (FileNotFoundError, "no such file; check the path"),
    (IsADirectoryError, "a folder; name the list in it"),
    (PermissionError, "no right to read it; give yourself that (chmod u+r)"),
)
_UNCLOSED: Final = (
    "{name}: line {line}: a quote opens there, and the rows after it are taken for "
    "one cell; close the quote, or remove it"
)
_SEP: Final = re.compile(r"""["']?sep=([^"'\r\n])["']?[;,\t]*[\r\n]*""", re.IGNORECASE)
_PARTED: Final = re.compile(f"[{re.escape(''.join(_DELIMITERS))}]")
_WIDE: Final = ("utf-16", "utf_16", "utf16", "utf-32", "utf_32", "utf32")
_HASH: Final = re.compile("[0-9A-Fa-f]{32,128}")
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold a list that is open.

    Parameters
    ----------
    name : str
        Its path, or ``"-"``.
    encoding, delimiter : str
        Of a CSV; ``"xlsx"`` and ``""`` of a spreadsheet.
    head : tuple of Row
        Its first rows.
    worksheet : str
        Of a spreadsheet: the title of what is read of it.
    hidden : int
        How many rows of it are hidden, by a filter or by hand; they are read.
    """

    name: str
    encoding: str
    delimiter: str
    head: tuple[Row, ...]
    _read: Callable[[], Iterator[Row]] = field(repr=False)
    _pieces: Callable[[], Iterator[str]] = field(repr=False)
    worksheet: str = ""
    hidden: int = 0

    def rows(self) -> Iterator[Row]:
        """Yield all rows from the first, blank ones too.

        Raises
        ------
        SettingsError
            If a row can't be read.
        """
        return self._read()

    def pieces(self) -> Iterator[str]:
        """Yield all that it says in large pieces, faster than by rows.

        Each begins with the end of the one before, so that no words are cut.
        """
        end = ""
        for piece in self._pieces():
            yield end + piece
            end = piece[-_OVERLAP:]


@dataclass(frozen=True, slots=True)
class Form:
    """Say what a list is written in, where that is known.

    Parameters
    ----------
    delimiter, encoding : str
        Of a CSV; ``""`` finds them out.
    worksheet : str
        The title of a spreadsheet's sheet; ``""`` finds it out.
    is_whole : bool
        Whether all of a spreadsheet's sheets with numbers are the list.
    """

    delimiter: str = ""
    encoding: str = ""
    worksheet: str = ""
    is_whole: bool = False


UNKNOWN: Final = Form()  # all is found out


@contextmanager
def opened(source: str | Path | IO[bytes], form: Form = UNKNOWN) -> Iterator[Sheet]:
    """Open a list.

    Parameters
    ----------
    source : path or binary stream
        A stream is kept in a temporary file while it is read.
    form : Form

    Raises
    ------
    SettingsError
        If it is not there, or neither CSV nor xlsx; if it has no such form.
    OSError
        If it breaks off while it is read.
    """
    if len(form.delimiter) > 1 or form.delimiter in {'"', "\r", "\n"}:
        raise SettingsError(
            f"cells are parted by one sign, such as ;, not {form.delimiter!r}"
        )
    if isinstance(source, (str, Path)):
        with _open(Path(source)) as file:
            yield _sheet(str(source), file, form)
        return
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        shutil.copyfileobj(source, spool)
        yield _sheet("-", spool, form)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        fault = next((said for kind, said in _UNOPENED if isinstance(error, kind)), "")
        reason = fault or f"it can't be opened: {(error.strerror or '').lower()}"
        raise SettingsError(f"{path}: {reason}") from error


def _sheet(name: str, file: IO[bytes], form: Form) -> Sheet:
    file.seek(0)
    start = file.read(_BLOCK)
    if start.startswith(_OLD_EXCEL):
        raise SettingsError(f"{name} is an old Excel file (.xls): save it as .xlsx")
    if start.startswith(_ZIP):
        book = worksheets(name, file, wanted=form.worksheet, every=form.is_whole)
        head = tuple(islice(book.rows(), HEAD))
        more = (book.title, book.hidden)
        return Sheet(name, "xlsx", "", head, book.rows, book.pieces, *more)
    if form.worksheet:
        raise SettingsError(
            f"{name} is no spreadsheet and has no sheets; leave --sheet out"
        )
    return _csv(name, file, start, form)


def _csv(name: str, file: IO[bytes], start: bytes, form: Form) -> Sheet:
    encoding = form.encoding or _encoding(file, start)
    if b"\0" in start and not encoding.lower().startswith(_WIDE):
        raise SettingsError(f"{name} is no text; a list is CSV or xlsx")
    told = _SEP.fullmatch(next(_text(name, file, encoding), ""))
    above = 1 if told else 0  # a line for Excel, which does not count it as a row
    delimiter = form.delimiter or (told[1] if told else "")
    if not delimiter:
        delimiter = _delimiter(_text(name, file, encoding))

    def read() -> Iterator[Row]:
        lines = islice(_text(name, file, encoding), above, None)
        rows = csv.reader(lines, delimiter=delimiter or ",")
        line = 0
        try:
            for number, cells in enumerate(rows, 1):
                if rows.line_num > line + 1 and _swallows(cells, delimiter):
                    at = line + 1 + above
                    raise SettingsError(_UNCLOSED.format(name=name, line=at))
                line = rows.line_num
                yield number, cells
        except csv.Error as error:
            at = rows.line_num + above
            raise SettingsError(f"{name}: line {at}: {error}") from error

    def pieces() -> Iterator[str]:
        lines = _text(name, file, encoding)
        while piece := "".join(islice(lines, _LINES)):
            yield piece

    return Sheet(name, encoding, delimiter, tuple(islice(read(), HEAD)), read, pieces)


def _swallows(cells: Sequence[str], delimiter: str) -> bool:
    r"""Say whether a cell of several lines holds rows with numbers, or their hashes.

    An address is none, nor are two numbers one below the other.

    >>> _swallows(["Rue A, 2\n75001, Paris"], ",")
    False
    >>> _swallows(["A;0612345677\nB;0612345678"], ";")
    True
    """
    lines = [line for cell in cells for line in cell.splitlines()[1:]]
    inner = (one for line in lines if delimiter in line for one in _PARTED.split(line))
    told = [one.strip(' "') for one in inner]
    return any(_HASH.fullmatch(one) or _is_number(one) for one in told)


def _is_number(cell: str) -> bool:
    """Say whether a cell is a number, or one that lost its 0 to a spreadsheet."""
    verdict = judge(cell, VOICE)
    return bool(verdict.number or verdict.reason == "lost_zero")


def _encoding(file: IO[bytes], start: bytes) -> str:
    """Find out how a text is encoded: what is all UTF-8 is no accident."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _text(name: str, file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield lines with their ends; five bytes that cp1252 lacks become marks."""
    file.seek(0)
    try:
        text = io.TextIOWrapper(
            file,
            encoding,
            errors="replace" if encoding == "cp1252" else "strict",
            newline="",
        )
    except LookupError as error:
        raise SettingsError(f"there is no encoding {encoding!r}") from error
    try:
        for line in text:  # noqa: UP028 (`yield from` would close the file at its end)
            yield line
    except UnicodeError as error:
        raise SettingsError(f"{name} is not {encoding}: {error}") from error
    finally:
        if not text.closed:
            text.detach()  # the file stays open for the next reading


def _delimiter(lines: Iterator[str]) -> str:
    """Find what stands between cells: what gives rows of one length, and many."""
    some = list(islice(lines, HEAD))
    best, most = "", 1.0
    for delimiter in _DELIMITERS:
        try:
            rows = [len(row) for row in csv.reader(some, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if not rows:
            continue
        width, times = Counter(rows).most_common(1)[0]
        score = width * times / len(rows)
        if width > 1 and score > most:
            best, most = delimiter, score
    return best
