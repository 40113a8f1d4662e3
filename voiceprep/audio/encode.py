"""Turn the mastered signal into A-law, and say what A-law cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.g711 import alaw_decode, alaw_encode
from voiceprep.audio.gate import gate
from voiceprep.audio.level import MARGIN_DB
from voiceprep.audio.units import FULL_SCALE_DB, Float64, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.signal import UInt8

__all__ = ["SnrMeter", "alaw", "gated"]

_FRAME: Final = 160  # 20 ms
_EVERY: Final = 4  # frames: one counts; measured: the mean moves by under 0.1 dB


def gated(blocks: Iterable[Float64]) -> Iterator[Float64]:
    """Hold samples within 16 bits, pauses at zero.

    The resampler overshoots by up to 1.5 dB.
    """
    return gate(np.clip(block, -32_768, 32_767, out=block) for block in blocks)


def alaw(blocks: Iterable[Float64], meter: SnrMeter | None = None) -> Iterator[UInt8]:
    """Round to 16 bits and encode.

    No dither: before A-law it only costs signal-to-noise ratio (facts.md).
    """
    for block in blocks:
        codes = alaw_encode(np.rint(block).astype(np.int16))
        if meter is not None:
            meter.feed(block, codes)
        yield codes


@dataclass(slots=True)
class SnrMeter:
    """Compare codes with the signal that they were made of.

    >>> meter = SnrMeter()
    >>> wave = 10_000 * np.sin(np.arange(16_000) / 3)
    >>> for _ in alaw([wave], meter): pass
    >>> round(meter.finish(level_dbov=-13.3))
    37
    """

    _signal: Rows[np.float64]
    _codes: Rows[np.uint8]
    _powers: list[Float64]

    def __init__(self) -> None:
        self._signal, self._codes = Rows(_FRAME * _EVERY), Rows(_FRAME * _EVERY)
        self._powers = []

    def feed(self, block: Float64, codes: UInt8) -> None:
        """Take samples, (n,) float64 in 16-bit steps, and their codes, (n,) uint8."""
        both = zip(self._signal.feed(block), self._codes.feed(codes), strict=True)
        for signal, told in both:
            frames = signal[:, :_FRAME]
            noise = frames - alaw_decode(told[:, :_FRAME])
            powers = (np.einsum("ij,ij->i", part, part) for part in (frames, noise))
            self._powers.append(np.stack(list(powers)) / _FRAME)

    def finish(self, level_dbov: float) -> float | None:
        """Return the mean ratio of the speech frames in dB; None without any.

        Parameters
        ----------
        level_dbov : float
            Active speech level; frames down to P.56's margin under it are speech.
        """
        if not self._powers:
            return None
        signal, noise = np.concatenate(self._powers, axis=1)
        least = 10 ** ((level_dbov - MARGIN_DB + FULL_SCALE_DB) / 10)
        heard = (signal > least) & (noise > 0)
        if not heard.any():
            return None
        return float(np.mean(10 * np.log10(signal[heard] / noise[heard])))
