"""Check a list of contacts: from a file to who can be called, on disk and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from voiceprep.campaign.columns import columns_of
from voiceprep.campaign.contacts import Tally, Wishes, sift, written
from voiceprep.campaign.sheets import UNKNOWN, Form, opened
from voiceprep.campaign.suppression import Suppressed
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voiceprep.campaign.columns import Columns
    from voiceprep.campaign.contacts import Contact

__all__ = ["Asked", "Checked", "Held", "check_contacts"]

Held = tuple[str, "Callable[[str], bool]"]
SHOWN: Final = 20  # rows that are told beside their counts


@dataclass(frozen=True, slots=True)
class Asked:
    """Say what a list is and what is asked of it.

    Parameters
    ----------
    source : str, Path or binary stream
    media : str
        ``"VOICE"`` or ``"VOICEMAIL"``.
    columns : sequence of str
        Of the numbers: their titles, or places from 1, the most wanted first; without
        any, one is found.
    form : Form
        What it is written in, where that is known.
    repair, require_consent : bool
    suppress : sequence of path
        Lists of who must not be called.
    held : sequence of Held
        What else keeps a number from being called: opt-outs, a cap.
    """

    source: str | Path | IO[bytes]
    media: str
    columns: Sequence[str] = ()
    form: Form = UNKNOWN
    repair: bool = False
    require_consent: bool = False
    suppress: Sequence[str | Path] = ()
    held: Sequence[Held] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """Say what was found in a list.

    Parameters
    ----------
    name : str
        The list's path, or ``"-"``.
    encoding, delimiter, worksheet : str
    columns : Columns
    tally : Tally
    shown : tuple of Contact
        The first of those that are not called.
    folder : Path or None
        Where ``accepted.csv`` and ``rejected.csv`` are.
    unread : mapping
        Suppression lists → rows in which nothing could be read.
    hidden : int
        Rows that a spreadsheet does not show; they were read like the others.
    """

    name: str
    encoding: str
    delimiter: str
    columns: Columns
    tally: Tally
    shown: tuple[Contact, ...]
    folder: Path | None = None
    unread: dict[str, int] = field(default_factory=dict)
    worksheet: str = ""
    hidden: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return what was found; rows are told by their numbers alone."""
        files = ("accepted", "rejected") if self.folder else ()
        return {
            "path": self.name,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.worksheet,
            "header_row": self.columns.header_row,
            "column": self.columns.title,
            "optout_columns": self.columns.named(self.columns.optouts),
            "other_columns": self.columns.named(self.columns.others),
            "hidden_rows": self.hidden,
            **self.tally.as_json(),
            "unread": self.unread,
            "outputs": {name: f"{self.folder}/{name}.csv" for name in files},
        }


def _unheard(_: Contact) -> None:
    pass


def check_contacts(
    asked: Asked,
    folder: str | Path | None = None,
    *,
    today: date | None = None,
    each: Callable[[Contact], None] = _unheard,
) -> Checked:
    r"""Sort a list out; write ``accepted.csv`` and ``rejected.csv`` into a folder.

    Parameters
    ----------
    asked : Asked
    folder : path, optional
        None writes nothing.
    today : date, optional
        A consent of a later day is none; by default, this day.
    each : callable
        Is given every row, in their order.

    Raises
    ------
    SettingsError
        If the list, or one of suppression, can't be read.
    OSError

    >>> import io
    >>> found = check_contacts(Asked(io.BytesIO(b"tel\n0612345678\n15\n"), "VOICE"))
    >>> found.tally.accepted, dict(found.tally.reasons)
    (1, {'short': 1})
    """
    unread: dict[str, int] = {}
    holds = [_suppression(path, unread) for path in asked.suppress]
    wishes = Wishes(
        media=asked.media,
        repair=asked.repair,
        require_consent=asked.require_consent,
        today=today or date.today(),  # noqa: DTZ011 (a day, where the person is)
        held=(*holds, *asked.held),
    )
    with opened(asked.source, asked.form) as sheet:
        columns = columns_of(sheet, asked.media, named=asked.columns)
        _require_consent_columns(asked, columns)
        out = None if folder is None else _free(asked.source, Path(folder))
        contacts = sift(sheet, columns, wishes)
        if out is not None:
            contacts = written(contacts, columns, out)
        tally, shown = _counted(contacts, each)
    return Checked(
        sheet.name,
        sheet.encoding,
        sheet.delimiter,
        columns,
        tally,
        shown,
        out,
        unread,
        sheet.worksheet,
        sheet.hidden,
    )


def _counted(
    contacts: Iterator[Contact], each: Callable[[Contact], None]
) -> tuple[Tally, tuple[Contact, ...]]:
    tally = Tally()
    shown: list[Contact] = []
    for contact in contacts:
        tally.add(contact)
        each(contact)
        if contact.reason and len(shown) < SHOWN:
            shown.append(contact)
    return tally, tuple(shown)


def _suppression(path: str | Path, unread: dict[str, int]) -> Held:
    stop = Suppressed()
    with opened(path, Form(is_whole=True)) as sheet:
        stop.read(sheet)
    if stop.unread:
        unread[str(path)] = stop.unread
    return "suppressed", stop.holds


def _require_consent_columns(asked: Asked, columns: Columns) -> None:
    lacking = None in {columns.consent_at, columns.consent_source}
    if asked.require_consent and lacking:
        raise SettingsError(
            "--require-consent needs two columns, consent_at and consent_source"
        )


def _free(source: str | Path | IO[bytes], folder: Path) -> Path:
    """Return a folder that can be written to without harm to the list itself."""
    names = ("accepted.csv", "rejected.csv") if isinstance(source, (str, Path)) else ()
    for path in (folder / name for name in names):
        if path.exists() and path.samefile(str(source)):
            raise SettingsError(
                f"{path} is the list itself: choose another folder with -o"
            )
    return folder
