"""Make the page to listen and decide on: draw each recording, link it, write it."""

from __future__ import annotations

import base64
import hashlib
import math
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voiceprep.audio import decode
from voiceprep.audio.identify import identify
from voiceprep.audio.opening import open_recording
from voiceprep.audio.picture import Envelope, Spectrogram
from voiceprep.audio.rules import Verdict
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.pipeline.told import changes_of, cuts_of, level_of, notes_of
from voiceprep.report import (
    GENERATOR,
    TOP_HZ,
    Absence,
    Digests,
    Form,
    Page,
    Recording,
    Sound,
    Standing,
    ink,
    link_to,
    outline,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.audio.signal import Samples
    from voiceprep.pipeline.exhibits import Exhibit
    from voiceprep.report import Language

__all__ = ["EMBED_BYTES", "Drawn", "compose", "draw", "write_page"]

EMBED_BYTES: Final = 64 << 20  # [ours] of audio in one page; browsers stay quick
POINTS: Final = 600  # of a waveform
COLUMNS: Final = 300  # of a spectrogram
_STANDINGS: Final = {
    Verdict.FIT: Standing.FIT,
    Verdict.FIT_WITH_WARNINGS: Standing.WARNED,
    Verdict.REFUSED: Standing.REFUSED,
    Verdict.UNREADABLE: Standing.REFUSED,
}
Cuts = tuple[tuple[float, float], ...]  # seconds of the original, from and to
_ANY: Final = None
_PLAYABLE: Final[
    dict[str, tuple[str, set[str] | None]]
] = {  # container → its media type, and the codecs that browsers play
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
    recording : Recording
        Without links.
    original, phone : File or None
        None where browsers can't play it, or it isn't there.
    """

    recording: Recording
    original: File | None
    phone: File | None

    @property
    def files(self) -> tuple[File, ...]:
        """Return what there is to play, the phone's first."""
        return tuple(file for file in (self.phone, self.original) if file is not None)


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
        phone=_phone(artefacts),
        cuts=cuts_of(exhibit.measured),
        level=level_of(exhibit.measured),
        changes=changes_of(result),
        digests=_digests(artefacts) if artefacts else None,
    )
    found = exhibit.find_source()
    if isinstance(found, Absence):
        original, file = replace(recording.original, absence=found), None
    else:
        original, file = _with_source(recording, found, exhibit.measured)
    phone, heard = recording.phone, None
    if artefacts is not None:
        phone = _with_pictures(phone, artefacts.prepared, recording, recording.cuts)
        heard = File(artefacts.prepared, "audio/wav")
    return Drawn(replace(recording, original=original, phone=phone), file, heard)


def _original(measured: Mapping[str, Any]) -> Sound:
    """Say what the recording itself is."""
    codec = measured.get("codec")
    rest = (measured.get(name) for name in ("rate", "channels", "bytes"))
    form = Form(str(codec), *rest) if codec else None
    return Sound(seconds=measured.get("duration_s") or 0.0, form=form)


def _phone(artefacts: Artefacts | None) -> Sound:
    """Say what the recipient hears is."""
    if artefacts is None:
        return Sound(absence=Absence.UNPREPARED)
    samples = artefacts.alaw.stat().st_size  # a byte each
    form = Form(rate=TELEPHONE_RATE, channels=1)
    return Sound(seconds=samples / TELEPHONE_RATE, form=form)


def _with_source(
    recording: Recording, path: Path, measured: Mapping[str, Any]
) -> tuple[Sound, File | None]:
    """Draw the recording itself; say how a browser plays it, if one does."""
    sound = _with_pictures(recording.original, path, recording)
    nothing: tuple[str, set[str] | None] = ("", set())
    media_type, codecs = _PLAYABLE.get(str(measured.get("container")), nothing)
    if codecs is _ANY or measured.get("codec") in codecs:
        return sound, File(path, media_type)
    return replace(sound, absence=Absence.UNPLAYABLE), None


def _with_pictures(
    sound: Sound, path: Path, recording: Recording, cuts: Cuts = ()
) -> Sound:
    """Add waveform and spectrogram; what can't be decoded goes without."""
    if not recording.seconds:
        return sound
    painter = _Painter(recording.seconds, cuts)
    try:
        with open_recording(path) as file:
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


def compose(
    drawn: Sequence[Drawn],
    *,
    place: str,
    made: datetime,
    version: str,
    folder: Path,
    embed: bool = False,
    most_bytes: int = EMBED_BYTES,
) -> Page:
    """Put recordings on a page: audio by relative link, or within it.

    Parameters
    ----------
    drawn : sequence of Drawn
    place : str
        What the page is about, such as the folder.
    made : datetime
        Now.
    version : str
        Of voiceprep.
    folder : Path
        In which the page will lie.
    embed : bool
        Put the audio into the page.
    most_bytes : int
        Of audio that is put in. Originals for which there is no room stay out, and
        the page says so.

    Raises
    ------
    SettingsError
        Where the phone versions alone are too much to embed.
    """
    if embed:
        recordings = tuple(_embedded(drawn, most_bytes))
    else:
        recordings = tuple(_linked(each, folder) for each in drawn)
    return Page(place, made, version, recordings)


def _linked(drawn: Drawn, folder: Path) -> Recording:
    """Link the audio where it lies."""

    def link(sound: Sound, file: File | None) -> Sound:
        return replace(sound, link=link_to(file.path, folder) if file else None)

    recording = drawn.recording
    return replace(
        recording,
        original=link(recording.original, drawn.original),
        phone=link(recording.phone, drawn.phone),
    )


def _embedded(drawn: Sequence[Drawn], most_bytes: int) -> Iterator[Recording]:
    """Put the audio in, what the recipient hears before the originals."""
    left = most_bytes - sum(_size(each.phone) for each in drawn)
    if left < 0:
        raise SettingsError(
            f"--embed would put {most_bytes - left:,} bytes of audio into one page; "
            f"{most_bytes:,} at most. Leave --embed out (the page then plays the "
            "files beside it), or make several pages."
        )
    for each in drawn:
        recording, size = each.recording, _size(each.original)
        phone = replace(recording.phone, link=_data_link(each.phone))
        original = replace(recording.original, link=_data_link(each.original))
        if size > left:
            original = replace(original, link=None, absence=Absence.TOO_LARGE)
        else:
            left -= size
        yield replace(recording, original=original, phone=phone)


def _size(file: File | None) -> int:
    return 0 if file is None else file.path.stat().st_size


def _data_link(file: File | None) -> str | None:
    if file is None:
        return None
    text = base64.b64encode(file.path.read_bytes()).decode("ascii")
    return f"data:{file.media_type};base64,{text}"


def write_page(page: Page, language: Language, path: Path) -> None:
    """Write a page under its final name, whole; only a page of ours is replaced.

    Raises
    ------
    SettingsError
        Where another file lies there.
    OSError
        Where the folder can't be written.
    """
    if path.exists() and not _is_page(path):
        raise SettingsError(f"{path}: not a page of voiceprep's; -o names another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".voiceprep-{os.urandom(8).hex()}.part"
    try:
        with part.open("xb") as file:
            file.write(render(page, language).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return GENERATOR.encode("ascii") in file.read(4_096)
