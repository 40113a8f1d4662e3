"""Paint what is decoded: waveform and spectrogram of a sound, over a recording's time.

A recording can be painted while it is decoded for another purpose: once is enough.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from voiceprep.audio import decode
from voiceprep.audio.finding import finite
from voiceprep.audio.identify import identify
from voiceprep.audio.opening import open_recording
from voiceprep.audio.picture import Envelope, Spectrogram
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import UndecodableError
from voiceprep.report import TOP_HZ, ink, outline

if TYPE_CHECKING:
    from voiceprep.audio.decode import Decoded, Sink
    from voiceprep.audio.gather import Pour
    from voiceprep.audio.identify import Source
    from voiceprep.audio.signal import Samples

__all__ = ["Pictures", "Sketch", "painted"]

POINTS: Final = 600  # of a waveform
COLUMNS: Final = 300  # of a spectrogram
Cuts = tuple[tuple[float, float], ...]  # seconds of the original, from and to


@dataclass(frozen=True, slots=True)
class Pictures:
    """Hold what is drawn of a sound; nothing where it can't be decoded.

    Parameters
    ----------
    outline : str
        The waveform, as the path of an SVG (`report.outline`).
    picture : str
        The spectrogram, as a ``data:`` link (`report.ink`).
    """

    outline: str = ""
    picture: str = ""


def painted(
    sound: str | os.PathLike[str] | BinaryIO, seconds: float, cuts: Cuts = ()
) -> Pictures:
    """Paint a sound over the original's time.

    Parameters
    ----------
    sound : path or binary file
    seconds : float
        What the pictures are wide.
    cuts : tuple of (float, float)
        Seconds that the sound lacks; they are painted as silence.

    >>> painted("samples/clean.mp3", 13.3).outline[:9]
    'M0 0l1 0 '
    """
    painter = _Painter(seconds, cuts)
    try:
        with _opened(sound) as file:
            decode.pour(file, identify(file), painter.take)
    except UndecodableError:  # the findings say why
        return Pictures()
    return painter.pictures()


def _opened(sound: str | os.PathLike[str] | BinaryIO) -> BinaryIO:
    if isinstance(sound, (str, os.PathLike)):
        return open_recording(sound)
    return sound


@dataclass(slots=True)
class _Painter:
    """Take decoded blocks in, and paint them; as `painted`."""

    seconds: float
    cuts: Cuts = ()
    envelope: Envelope | None = None
    spectrogram: Spectrogram | None = None
    rate: int = 0
    frames: int = 0  # that the pictures are wide
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
            self.rate, self.frames = rate, _frames(self.seconds, rate)
            self.envelope = Envelope(self.frames, POINTS)
            self.spectrogram = Spectrogram(rate, self.frames, COLUMNS, top_hz=TOP_HZ)
        self.at += len(block)
        self.envelope.take(block)
        self.spectrogram.take(block)

    def pictures(self) -> Pictures:
        """Return what was painted."""
        if self.envelope is None or self.spectrogram is None:
            return Pictures()
        drawn, spectra = self.envelope.finish(), self.spectrogram.finish()
        return Pictures(outline(drawn), ink(spectra))


def _frames(seconds: float, rate: int) -> int:
    return math.ceil(seconds * rate)


@dataclass(slots=True)
class Sketch:
    """Paint a recording while it is decoded to be prepared.

    How wide the pictures are must be known before; it is, where the file's own frames
    say how long it is and preparing adds nothing at its end.
    """

    _painter: _Painter | None = None

    def watching(self, pour: Pour, source: Source) -> Pour:
        """Return what pours as `pour` does, and is watched."""
        if not source.expected_frames or not source.rate:
            return pour
        seconds = _expected_s(source.expected_frames, source.rate)

        def watched(sink: Sink) -> Decoded:
            painter = self._painter = _Painter(seconds)  # each time it is poured

            def both(block: Samples, rate: int) -> None:
                sink(block, rate)
                painter.take(block, rate)

            return pour(both)

        return watched

    def pictures(self, seconds: float) -> Pictures | None:
        """Return what was painted; None where it is not as wide as it must be."""
        painter = self._painter
        if painter is None or painter.frames != _frames(seconds, painter.rate):
            return None
        return painter.pictures()


def _expected_s(frames: int, rate: int) -> float:
    """Return how long the time will be that both sounds share."""
    seconds: float = finite(frames / rate)  # as a result says it
    samples = round(frames * TELEPHONE_RATE / rate)
    return max(seconds, samples / TELEPHONE_RATE)
