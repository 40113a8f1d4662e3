"""Make the report of a batch: its pages from what the ledger holds; and its approvals.

What is on the pages is digested: where nothing has changed since, they are left as they
are. What is drawn is kept: where one recording has changed, one is drawn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voiceprep.errors import SettingsError
from voiceprep.ledger import Recording
from voiceprep.pipeline.drawing import Work, drawn
from voiceprep.pipeline.drawings import Drawings, name_of
from voiceprep.pipeline.pages import check_place, write_pages
from voiceprep.pipeline.places import is_url, path_of
from voiceprep.pipeline.redrawing import Redrawing, draw_lacking, exhibit_of
from voiceprep.pipeline.results import shown
from voiceprep.report import About, Approvals, Digests, approvals_in

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from voiceprep.batch import Engine
    from voiceprep.pipeline.treatment import Treatment
    from voiceprep.report import Language

__all__ = ["PAGE", "Approved", "approved_by", "check_report", "write_report"]

PAGE: Final = "report.html"
Recordings = Callable[[], Iterator[Recording]]  # read from the ledger anew each time
_MARK: Final = ".voiceprep/report.json"  # in OUT: what is on the pages, and which


def check_report(out: str) -> None:
    """Raise SettingsError where no page can be written to a place."""
    if is_url(out):
        raise SettingsError(
            f"{out}: a report plays the files beside it; choose a folder with -o, or "
            "leave --report out"
        )
    check_place(Path(path_of(out), PAGE))


def write_report(
    recordings: Recordings,
    out: str,
    language: Language,
    treatment: Treatment,
    *,
    jobs: int,
    engine: Engine,
    in_place: bool,
    failed: Callable[[str, Exception], None],
    goes_on: Callable[[], bool] = lambda: True,
) -> Path | None:
    """Write the pages of OUT, unless they show all this already; return the first.

    Parameters
    ----------
    recordings : callable
        Returns an iterator over them, in their order.
    out : str
        A folder, as a place.
    language : Language
    treatment : Treatment
        By which a refused recording is heard as it would be.
    jobs : int
        Threads that read what was drawn.
    engine : Engine
        Draws what lacks.
    in_place : bool
        As of `work.Preparing`.
    failed : callable
        Takes the path and the error of what can't be shown.
    goes_on : callable
        Whether another one may be drawn; no page is written where one may not.

    Raises
    ------
    SettingsError
        Where another file than a page of ours lies there.
    OSError
        Where a page can't be written; the former one is still there then.
    """
    folder, missed = Path(path_of(out)), list[str]()
    page, mark = folder / PAGE, folder / _MARK
    digest = _digest(recordings(), language)
    if _shows(folder, digest):
        return page

    def miss(path: str, error: Exception) -> None:
        missed.append(path)
        failed(path, error)

    redrawing = Redrawing(str(folder), treatment, in_place)
    draw_lacking(takewhile(lambda _: goes_on(), recordings()), redrawing, engine)
    if not goes_on():
        return None
    mark.unlink(missing_ok=True)
    made, ours = datetime.now().astimezone(), version("voiceprep")
    works = _works(recordings(), Redrawing(str(folder), treatment))
    about = About(shown(out), made, ours, language)
    pages = write_pages(drawn(works, jobs, miss), page, about, through=False)
    Drawings.of(folder).remove_others(_names(recordings()))
    if not missed:
        mark.parent.mkdir(exist_ok=True)
        written = {each.name: _stamp(each) for each in pages}
        mark.write_text(json.dumps({"shown": digest, "pages": written}), "utf-8")
    return page


def _shows(folder: Path, digest: str) -> bool:
    """Say whether the pages that lie there are those that show what was digested."""
    try:
        told = json.loads((folder / _MARK).read_bytes())
        there = {name: _stamp(folder / name) for name in told["pages"]}
    except (OSError, ValueError, LookupError, TypeError):  # gone, or not ours
        return False
    return bool(there) and told == {"shown": digest, "pages": there}


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _digest(recordings: Iterable[Recording], language: Language) -> str:
    """Digest what a report would show: results, bytes, language, our version."""
    whole = hashlib.sha256(f"{version('voiceprep')} {language}".encode())
    for each in recordings:
        made = each.made
        parts = [each.place, made.result, made.source_sha256, made.prepared_sha256]
        whole.update(json.dumps(parts).encode())
    return whole.hexdigest()


def _works(recordings: Iterable[Recording], drawing: Redrawing) -> Iterator[Work]:
    """List what can be shown: what was judged."""
    for each in recordings:
        made = each.made
        if made.result is not None:
            find = partial(drawing.find, made)
            yield Work(shown(each.place), partial(exhibit_of, made), find)


def _names(recordings: Iterable[Recording]) -> Iterator[str]:
    return (name_of(each.made) for each in recordings if each.made.result is not None)


def approved_by(
    files: Iterable[str | os.PathLike[str]],
) -> Approved:
    """Read what people decided on pages; return what says whether one may go out.

    Raises
    ------
    SettingsError
        Where a file can't be read, or is not as a page exports it.

    >>> approves = approved_by([])
    >>> from voiceprep.ledger import Made, State
    >>> made = Made(State.PREPARED, alaw_sha256="0" * 64, prepared_sha256="1" * 64)
    >>> approves(Recording(1, "/in/a.wav", "a", 9, State.PREPARED, made))
    False
    """
    return Approved(approvals_in(files))


@dataclass(frozen=True, slots=True)
class Approved:
    """Say of recordings whether their very bytes were approved."""

    approvals: Approvals

    def __call__(self, recording: Recording) -> bool:
        """Say whether one may go out."""
        digests = _digests_of(recording)
        return digests is not None and self.approvals.approves(digests)

    def rejection(self, recording: Recording) -> str:
        """Say who rejected one, and the comment; "" where nobody did."""
        digests = _digests_of(recording)
        decisions = () if digests is None else self.approvals.of(digests)
        for each in decisions:
            if not each.approved:
                said = f"rejected by {each.name}"
                return f"{said}: {each.comment.strip()}" if each.comment else said
        return ""


def _digests_of(recording: Recording) -> Digests | None:
    made = recording.made
    if made.alaw_sha256 is None or made.prepared_sha256 is None:
        return None
    return Digests(made.alaw_sha256, made.prepared_sha256)
