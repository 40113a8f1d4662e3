"""Draw one recording for a page: both waveforms, both spectrograms, what was found."""

from __future__ import annotations

import hashlib
import io
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

import numpy as np

from voiceprep.audio import decode
from voiceprep.audio.artefact import WAV_HEAD_BYTES
from voiceprep.audio.identify import identify
from voiceprep.audio.opening import open_recording
from voiceprep.audio.picture import Envelope, Spectrogram
from voiceprep.audio.rules import Verdict
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import LedgerError, UndecodableError
from voiceprep.pipeline.told import changes_of, cuts_of, level_of, notes_of
from voiceprep.report import (
    TOP_HZ,
    Absence,
    Digests,
    Form,
    Recording,
    Sound,
    Standing,
    data_link,
    ink,
    outline,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.audio.signal import Samples
    from voiceprep.pipeline.exhibits import Exhibit

__all__ = ["Drawn", "File", "Work", "draw", "drawn", "exhibits"]

POINTS: Final = 600  # of a waveform
COLUMNS: Final = 300  # of a spectrogram
AHEAD: Final = 2  # recordings a thread that wait to be taken
_STANDINGS: Final = {
    Verdict.FIT: Standing.FIT,
    Verdict.FIT_WITH_WARNINGS: Standing.WARNED,
    Verdict.REFUSED: Standing.REFUSED,
    Verdict.UNREADABLE: Standing.REFUSED,
}
DoneT = TypeVar("DoneT")
Failed = Callable[[str, Exception], None]
Opens = Callable[[], BinaryIO]
Cuts = tuple[tuple[float, float], ...]  # seconds of the original, from and to
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
    """Name a recording that is to be shown, and how what is shown of it is had."""

    path: str
    exhibit: Callable[[], Exhibit]


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
    return _done(works, lambda work: draw(work.exhibit()), jobs, failed)


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


def draw(exhibit: Exhibit) -> Drawn:
    """Draw one recording: both waveforms, both spectrograms, what was found.

    Raises
    ------
    OSError
        Where an artefact can't be read.
    """
    result, artefacts = exhibit.result, exhibit.artefacts
    recording = Recording(
        path=exhibit.path,
        standing=_STANDINGS[Verdict(result["verdict"])],
        notes=notes_of(result),
        original=_original(exhibit.measured),
        phone=_phone(exhibit),
        cuts=cuts_of(exhibit.measured),
        level=level_of(exhibit.measured),
        changes=changes_of(result),
        digests=_digests(artefacts) if artefacts else None,
    )
    original, file = _with_source(recording, exhibit)
    phone = _with_phone(recording, exhibit)
    heard = File(artefacts.prepared, "audio/wav") if artefacts else None
    shown = replace(recording, original=original, phone=phone)
    return Drawn(exhibit, shown, file, heard)


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


def _with_phone(recording: Recording, exhibit: Exhibit) -> Sound:
    """Draw what the recipient hears, over the original's time."""
    if exhibit.artefacts is not None:
        opens: Opens = partial(open_recording, exhibit.artefacts.prepared)
    elif exhibit.preview:
        opens = partial(io.BytesIO, exhibit.preview)
    else:
        return recording.phone
    return _with_pictures(recording.phone, opens, recording.seconds, recording.cuts)


def _with_source(recording: Recording, exhibit: Exhibit) -> tuple[Sound, File | None]:
    """Draw the recording itself; say how a browser plays it, if one does."""
    found, measured = exhibit.find_source(), exhibit.measured
    if isinstance(found, Absence):
        return replace(recording.original, absence=found), None
    opens = partial(open_recording, found)
    sound = _with_pictures(recording.original, opens, recording.seconds)
    nothing: tuple[str, set[str] | None] = ("", set())
    media_type, codecs = _PLAYABLE.get(str(measured.get("container")), nothing)
    if codecs is _ANY or measured.get("codec") in codecs:
        return sound, File(found, media_type)
    return replace(sound, absence=Absence.UNPLAYABLE), None


def _with_pictures(
    sound: Sound, opens: Opens, seconds: float, cuts: Cuts = ()
) -> Sound:
    """Add waveform and spectrogram; what can't be decoded goes without."""
    if not seconds:
        return sound
    painter = _Painter(seconds, cuts)
    try:
        with opens() as file:
            decode.pour(file, identify(file), painter.take)
    except UndecodableError:  # the findings say why
        return sound
    return painter.painted(sound)


@dataclass(slots=True)
class _Painter:
    """Take decoded blocks in, and paint them over the original's time.

    Parameters
    ----------
    seconds : float
        What the pictures are wide.
    cuts : tuple of (float, float)
        Seconds that the sound lacks; they are painted as silence.
    """

    seconds: float
    cuts: Cuts
    envelope: Envelope | None = None
    spectrogram: Spectrogram | None = None
    at: int = 0  # frames, on the original's time

    def take(self, block: Samples, rate: int) -> None:
        """Take one block of the sound; silence where cuts were goes before it."""
        for start_s, end_s in self.cuts:
            start, end = round(start_s * rate), round(end_s * rate)
            before = start - self.at
            if 0 <= before < len(block):
                silence = np.zeros((end - start, block.shape[1]), np.float32)
                self._paint(block[:before], rate)
                self._paint(silence, rate)
                block = block[before:]
        self._paint(block, rate)

    def _paint(self, block: Samples, rate: int) -> None:
        if self.envelope is None or self.spectrogram is None:
            frames = math.ceil(self.seconds * rate)
            self.envelope = Envelope(frames, POINTS)
            self.spectrogram = Spectrogram(rate, frames, COLUMNS, top_hz=TOP_HZ)
        self.at += len(block)
        self.envelope.take(block)
        self.spectrogram.take(block)

    def painted(self, sound: Sound) -> Sound:
        """Return a sound with its pictures."""
        if self.envelope is None or self.spectrogram is None:
            return sound
        drawn, spectra = self.envelope.finish(), self.spectrogram.finish()
        return replace(sound, outline=outline(drawn), picture=ink(spectra))


def _digests(artefacts: Artefacts) -> Digests:
    return Digests(_sha256(artefacts.alaw), _sha256(artefacts.prepared))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
