"""Who is left out of a plan, and why: kept aside until the plan has a place."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from voiceprep.campaign.cells import defused
from voiceprep.campaign.contacts import REJECTED, kept_titles, rejected_row
from voiceprep.pipeline.whole import whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voiceprep.campaign.columns import Columns
    from voiceprep.campaign.contacts import Contact

__all__ = ["LeftOut", "leaving_out"]

_SPOOL: Final = 1 << 20  # bytes that stay in memory


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Note contacts that are not called, as rejected.csv does.

    Parameters
    ----------
    file : text file
        Takes the rows, to be read again.
    reasons : Counter
        How many there are of each.
    """

    file: IO[str]
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, contact: Contact) -> None:
        """Note one, with its reason."""
        self.reasons[contact.reason] += 1
        row = rejected_row(contact, range(len(contact.cells)))
        csv.writer(self.file).writerow(row)

    def write(self, path: Path, columns: Columns) -> bool:
        """Write all to a file that appears whole; without any, remove an older one.

        Parameters
        ----------
        path : Path
        columns : Columns
            Of the list: those with a title are written, too.

        Raises
        ------
        OSError
        """
        if not self.reasons:
            path.unlink(missing_ok=True)
            return False
        self.file.seek(0)
        ours, titles = len(REJECTED), kept_titles(columns, REJECTED)
        with whole(path) as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow([*REJECTED, *map(defused, titles.values())])
            for row in csv.reader(self.file):
                cells = dict(enumerate(row[ours:]))
                rows.writerow([*row[:ours], *(cells.get(n, "") for n in titles)])
        return True


@contextmanager
def leaving_out() -> Iterator[LeftOut]:
    """Begin to note who is left out; it is gone in the end, if it was not written.

    >>> with leaving_out() as nobody:
    ...     dict(nobody.reasons)
    {}
    """
    with tempfile.SpooledTemporaryFile(
        _SPOOL, "w+", encoding="utf-8", newline=""
    ) as file:
        yield LeftOut(file)
