"""Draw one recording for a page: both waveforms, both spectrograms, what was found."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from voiceprep.audio.artefact import WAV_HEAD_BYTES
from voiceprep.audio.rules import Verdict
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import LedgerError, UndecodableError
from voiceprep.pipeline.drawings import Drawing
from voiceprep.pipeline.guard import guarded
from voiceprep.pipeline.painting import Pictures, painted
from voiceprep.pipeline.places import sha256_of
from voiceprep.pipeline.told import changes_of, cuts_of, level_of, notes_of
from voiceprep.report import (
    Absence,
    Digests,
    Form,
    Recording,
    Sound,
    Standing,
    data_link,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.pipeline.exhibits import Exhibit
    from voiceprep.pipeline.painting import Cuts

__all__ = [
    "Drawn",
    "File",
    "Work",
    "completed",
    "draw",
    "drawing_of",
    "drawn",
    "exhibits",
    "seconds_of",
]

AHEAD: Final = 2  # recordings a thread that wait to be taken
_STANDINGS: Final = {
    Verdict.FIT: Standing.FIT,
    Verdict.FIT_WITH_WARNINGS: Standing.WARNED,
    Verdict.REFUSED: Standing.REFUSED,
    Verdict.UNREADABLE: Standing.REFUSED,
}
DoneT = TypeVar("DoneT")
Failed = Callable[[str, Exception], None]
Caller = Callable[..., Any]  # calls what it is given, here or in another process
_ANY: Final = None
# Container → its media type, and the codecs in it that today's browsers play.
_PLAYABLE: Final[dict[str, tuple[str, set[str] | None]]] = {
    "wav": (
        "audio/wav",
        {
            *("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le"),
            *("pcm_f32le", "pcm_f64le", "alaw", "mulaw"),
        },
    ),
    "mpeg": ("audio/mpeg", {"mp3"}),
    "ogg": ("audio/ogg", _ANY),
    "flac": ("audio/flac", _ANY),
    "mp4": ("audio/mp4", _ANY),
    "webm": ("audio/webm", _ANY),
}


@dataclass(frozen=True, slots=True)
class File:
    """Name a file that a page may play."""

    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold a recording that is drawn, and the files that are to be linked.

    Parameters
    ----------
    exhibit : Exhibit
        What was drawn.
    recording : Recording
        Without links to files.
    original, phone : File or None
        None where browsers can't play it, or there is no such file.
    """

    exhibit: Exhibit
    recording: Recording
    original: File | None
    phone: File | None


@dataclass(frozen=True, slots=True)
class Work:
    """Name a recording that is to be shown, and how what is shown of it is had.

    Parameters
    ----------
    path : str
    exhibit : callable
        Returns it.
    drawing : callable or None
        Returns what was drawn of it; None draws it now.
    """

    path: str
    exhibit: Callable[[], Exhibit]
    drawing: Callable[[Exhibit], Drawing] | None = None


def drawn(works: Iterable[Work], jobs: int, failed: Failed) -> Iterator[Drawn]:
    """Draw recordings, several at a time, in their order.

    Few are ahead of whoever takes them: ten thousand need no more memory than ten.

    Parameters
    ----------
    works : iterable of Work
        Taken in the calling thread; what is shown is had in others.
    jobs : int
        Threads.
    failed : callable
        Takes the path and the error of a recording that can't be read, in its turn;
        the others go on.
    """
    return _done(works, _drawn, jobs, failed)


def _drawn(work: Work) -> Drawn:
    exhibit = work.exhibit()
    return draw(exhibit, None if work.drawing is None else work.drawing(exhibit))


def exhibits(works: Iterable[Work], jobs: int, failed: Failed) -> Iterator[Exhibit]:
    """Find what would be shown, and draw nothing; as `drawn`."""
    return _done(works, lambda work: work.exhibit(), jobs, failed)


def _done(
    works: Iterable[Work], act: Callable[[Work], DoneT], jobs: int, failed: Failed
) -> Iterator[DoneT]:
    for work, future in _begun(works, act, jobs):
        try:
            yield future.result()
        except (LedgerError, OSError) as error:
            failed(work.path, error)


def _begun(
    works: Iterable[Work], act: Callable[[Work], DoneT], jobs: int
) -> Iterator[tuple[Work, Future[DoneT]]]:
    """Begin a few at a time; yield them in their order, done or not."""
    from concurrent.futures import ThreadPoolExecutor

    begun: deque[tuple[Work, Future[DoneT]]] = deque()
    pool = ThreadPoolExecutor(jobs)
    try:
        for work in works:
            begun.append((work, pool.submit(act, work)))
            if len(begun) > AHEAD * jobs:
                yield begun.popleft()
        while begun:
            yield begun.popleft()
    finally:  # whoever stops here, such as Ctrl-C, does not wait for threads
        pool.shutdown(wait=False, cancel_futures=True)


def draw(exhibit: Exhibit, drawing: Drawing | None = None) -> Drawn:
    """Say all that a page shows of one recording, with its pictures.

    Parameters
    ----------
    exhibit : Exhibit
    drawing : Drawing or None
        What was drawn before; it is drawn now where that is not of the file that is
        heard.

    Raises
    ------
    OSError
        Where an artefact can't be read.
    """
    if drawing is not None and drawing.result is not None:
        exhibit = replace(exhibit, result=drawing.result, preview=drawing.preview)
    artefacts = exhibit.artefacts
    digests = _digests(artefacts) if artefacts else None
    if drawing is None or drawing.heard_sha256 != (digests.prepared if digests else ""):
        drawing = drawing_of(exhibit)
    bare = _bare(exhibit)
    original, file = _with_source(bare.original, exhibit, drawing)
    phone = _pictured(bare.phone, drawing.phone)
    heard = File(artefacts.prepared, "audio/wav") if artefacts else None
    shown = replace(bare, original=original, phone=phone, digests=digests)
    return Drawn(exhibit, shown, file, heard)


def _bare(exhibit: Exhibit) -> Recording:
    """Say what a result says: no pictures, no digests, no links to files."""
    result = exhibit.result
    return Recording(
        path=exhibit.path,
        standing=_STANDINGS[Verdict(result["verdict"])],
        notes=notes_of(result),
        original=_original(exhibit.measured),
        phone=_phone(exhibit),
        cuts=cuts_of(exhibit.measured),
        level=level_of(exhibit.measured),
        changes=changes_of(result),
    )


def _original(measured: Mapping[str, Any]) -> Sound:
    """Say what the recording itself is."""
    codec = measured.get("codec")
    rest = (measured.get(name) for name in ("rate", "channels", "bytes"))
    form = Form(str(codec), *rest) if codec else None
    return Sound(seconds=measured.get("duration_s") or 0.0, form=form)


def _phone(exhibit: Exhibit) -> Sound:
    """Say what the recipient's sound is."""
    form = Form(rate=TELEPHONE_RATE, channels=1)
    if exhibit.artefacts is not None:
        samples = exhibit.artefacts.alaw.stat().st_size  # a byte each
        return Sound(seconds=samples / TELEPHONE_RATE, form=form)
    if not exhibit.preview:
        return Sound(absence=Absence.UNPREPARED)
    samples = (len(exhibit.preview) - WAV_HEAD_BYTES) // 2
    link = data_link(exhibit.preview, "audio/wav")
    return Sound(link, seconds=samples / TELEPHONE_RATE, form=form)


def _with_source(
    sound: Sound, exhibit: Exhibit, drawing: Drawing
) -> tuple[Sound, File | None]:
    """Show the recording itself; say how a browser plays it, if one does."""
    found, measured = exhibit.find_source(), exhibit.measured
    if isinstance(found, Absence):
        return replace(sound, absence=found), None
    sound = _pictured(sound, drawing.original or Pictures())
    nothing: tuple[str, set[str] | None] = ("", set())
    media_type, codecs = _PLAYABLE.get(str(measured.get("container")), nothing)
    if codecs is _ANY or measured.get("codec") in codecs:
        return sound, File(found, media_type)
    return replace(sound, absence=Absence.UNPLAYABLE), None


def _pictured(sound: Sound, pictures: Pictures) -> Sound:
    return replace(sound, outline=pictures.outline, picture=pictures.picture)


def drawing_of(exhibit: Exhibit, call: Caller = guarded) -> Drawing:
    """Draw both sounds of a recording.

    Parameters
    ----------
    exhibit : Exhibit
    call : callable
        `guarded`; `unguarded` in a process that may die.

    Raises
    ------
    OSError
        Where an artefact can't be read.
    """
    found = exhibit.find_source()
    if isinstance(found, Absence):
        return completed(exhibit, None, call)
    return completed(exhibit, _painted(call, found, seconds_of(exhibit)), call)


def completed(
    exhibit: Exhibit, original: Pictures | None, call: Caller = guarded
) -> Drawing:
    """Draw what the recipient hears beside an original that was drawn."""
    bare, artefacts = _bare(exhibit), exhibit.artefacts
    if artefacts is not None:
        phone = _painted(call, artefacts.prepared, bare.seconds, bare.cuts)
        return Drawing(original, phone, sha256_of(artefacts.prepared))
    preview = exhibit.preview
    if not preview:
        return Drawing(original)
    phone = painted(io.BytesIO(preview), bare.seconds, bare.cuts)
    return Drawing(original, phone, preview=preview, result=exhibit.result)


def seconds_of(exhibit: Exhibit) -> float:
    """Return how long the time is over which both sounds are drawn."""
    return _bare(exhibit).seconds


def _painted(call: Caller, sound: Any, seconds: float, cuts: Cuts = ()) -> Pictures:
    """Paint a file; what has no length, or whose decoder dies, goes without."""
    if not seconds:
        return Pictures()
    try:
        pictures: Pictures = call(painted, sound, seconds, cuts)
    except UndecodableError:
        return Pictures()
    return pictures


def _digests(artefacts: Artefacts) -> Digests:
    return Digests(sha256_of(artefacts.alaw), sha256_of(artefacts.prepared))
