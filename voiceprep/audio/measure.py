"""Measure the 8 kHz signal in one pass, so that memory does not grow with its length.

Each measure stands in a module of its own; here they are fed together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.hum import Hum, HumMeter
from voiceprep.audio.level import SpeechLevel, SpeechMeter
from voiceprep.audio.silence import FrameMeter, Frames
from voiceprep.audio.spectrum import Spectrum, SpectrumMeter, tempo_hz
from voiceprep.audio.units import FULL_SCALE, Float64, dbfs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


__all__ = ["CHUNK", "LevelMeter", "Signal", "SignalMeter", "chunks"]

CHUNK: Final = 61_440  # samples; whole rows of every measure, and they stay in cache


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """Hold what was measured of a mono signal at 8 kHz.

    Parameters
    ----------
    samples : int
    speech : SpeechLevel
        By ITU-T P.56.
    frames : Frames
        The level of each 20 ms.
    peak : float
        Largest magnitude, full scale 1.0.
    overloads : int
        Samples beyond full scale.
    spectrum : Spectrum or None
    tempo_hz : float or None
    hum : Hum
    power : float
        Mean square before the high-pass, in 16-bit steps.
    """

    samples: int
    speech: SpeechLevel
    frames: Frames
    peak: float
    overloads: int
    spectrum: Spectrum | None
    tempo_hz: float | None
    hum: Hum
    power: float

    @property
    def rms_dbfs(self) -> float:
        """Return the level of it all before the high-pass."""
        return dbfs(self.power)


class LevelMeter:
    """Measure the speech level and the peak of what passes.

    >>> meter = LevelMeter()
    >>> for block in meter.passed([np.full(8_000, -16_384.0)]): pass
    >>> meter.peak
    0.5
    """

    __slots__ = ("_speech", "overloads", "peak")

    def __init__(self) -> None:
        self._speech = SpeechMeter()
        self.peak = 0.0  # full scale 1.0
        self.overloads = 0  # samples beyond full scale

    def passed(self, blocks: Iterable[Float64]) -> Iterator[Float64]:
        """Pass blocks on, (n,) float64 at 8 kHz in 16-bit steps."""
        for block in blocks:
            self.feed(block)
            yield block

    def feed(self, block: Float64) -> None:
        """Take a block."""
        if not len(block):
            return
        peak = max(float(block.max()), -float(block.min())) / FULL_SCALE
        self.peak = max(self.peak, peak)
        if peak > 1:
            self.overloads += int(np.count_nonzero(np.abs(block) > FULL_SCALE))
        self._speech.feed(block)

    def finish(self) -> SpeechLevel:
        """Return the level of all that passed."""
        return self._speech.finish()


class SignalMeter:
    """Measure a signal on its way through the high-pass.

    Parameters
    ----------
    still : float
        The source's smallest step, in 16-bit steps: 8 for A-law.

    >>> meter = SignalMeter()
    >>> blocks = [1_000 * np.sin(np.arange(8_000))]
    >>> for block in meter.after(meter.before(blocks)): pass
    >>> round(meter.finish().speech.level_dbov)
    -33
    """

    __slots__ = (
        "_frames",
        "_hum",
        "_level",
        "_power",
        "_samples",
        "_spectrum",
        "_still",
    )

    def __init__(self, still: float = 0.5) -> None:
        self._still = still
        self._samples = 0
        self._power = 0.0
        self._hum, self._level = HumMeter(), LevelMeter()
        self._frames, self._spectrum = FrameMeter(), SpectrumMeter()

    def before(self, blocks: Iterable[Float64]) -> Iterator[Float64]:
        """Pass blocks on, measuring what the high-pass would take out or smear."""
        for block in blocks:
            self._samples += len(block)
            self._power += float(np.einsum("i,i->", block, block))
            self._hum.feed(block)
            yield block

    def after(self, blocks: Iterable[Float64]) -> Iterator[Float64]:
        """Pass blocks on, measuring what will be heard."""
        for block in self._level.passed(blocks):
            self._frames.feed(block)
            self._spectrum.feed(block)
            yield block

    def finish(self) -> Signal:
        """Sum up."""
        speech, frames = self._level.finish(), self._frames.finish(self._still)
        return Signal(
            self._samples,
            speech,
            frames,
            self._level.peak,
            self._level.overloads,
            self._spectrum.finish(),
            tempo_hz(frames.levels, frames.loud_dbfs),
            self._hum.finish(),
            self._power / max(self._samples, 1),
        )


def chunks(blocks: Iterable[Float64], size: int = CHUNK) -> Iterator[Float64]:
    """Gather blocks into larger ones of one size; the last may be shorter.

    >>> [len(chunk) for chunk in chunks([np.zeros(5)] * 3, 6)]
    [6, 6, 3]
    """
    chunk, filled = np.empty(size), 0
    for block in blocks:
        at = 0
        while at < len(block):
            part = block[at : at + size - filled]
            chunk[filled : filled + len(part)] = part
            filled, at = filled + len(part), at + len(part)
            if filled == size:
                yield chunk
                chunk, filled = np.empty(size), 0
    if filled:
        yield chunk[:filled]
