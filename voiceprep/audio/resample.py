"""Resample to the telephone's 8 kHz: streamed, exact in length, without delay.

soxr at its highest quality: alias under −145 dB, ripple under 0.01 dB up to
3.4 kHz (scripts/bench.py --quality prints both beside ffmpeg and sox).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from voiceprep.audio.signal import Float32

__all__ = ["Resampler", "resample", "resampled_length"]

_QUALITY: Final = "VHQ"
_EDGE_SAMPLES: Final = 400  # at 8 kHz: beyond the reach of soxr's filter


def resampled_length(frames: int, rate: int) -> int:
    """Count the samples at 8 kHz: round(frames × 8000 / rate), ties to even.

    >>> resampled_length(441_000, 44_100)
    80000
    """
    # Integers: 8000/44100 is not exact in floats.
    whole, rest = divmod(frames * TELEPHONE_RATE, rate)
    upward = 2 * rest > rate or (2 * rest == rate and whole % 2 == 1)
    return whole + upward


class Resampler:
    """Bring mono blocks to 8 kHz as they come.

    The first and the last sample are held beyond the ends, so that a constant
    rings at neither edge; what comes of that is cut off again.

    Parameters
    ----------
    rate : int
        Hz of what is fed; 8,000 passes untouched.

    >>> resampler = Resampler(16_000)
    >>> fed = resampler.feed(np.zeros(32_000, np.float32))
    >>> len(fed) + len(resampler.finish())
    16000
    """

    __slots__ = ("_early", "_edge", "_fed", "_given", "_last", "_rate", "_stream")

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._fed = 0
        self._given = 0
        self._last = np.zeros(1, np.float32)
        # Whole samples on both sides, so that the edge shifts nothing.
        step = math.gcd(rate, TELEPHONE_RATE)
        steps = -(-_EDGE_SAMPLES * step // TELEPHONE_RATE)
        self._edge = steps * rate // step  # frames held beyond an end
        self._early = steps * TELEPHONE_RATE // step  # samples to cut at the start
        self._stream: soxr.ResampleStream | None = None
        if rate != TELEPHONE_RATE:
            self._stream = soxr.ResampleStream(
                rate, TELEPHONE_RATE, 1, dtype="float32", quality=_QUALITY
            )

    def feed(self, block: Float32) -> Float32:
        """Take a block, (n,) float32, and return what is ready, (m,) float32."""
        if self._stream is None or not len(block):
            return block
        if not self._fed:
            self._take(self._stream.resample_chunk(block[:1].repeat(self._edge)))
        self._fed += len(block)
        self._last = block[-1:].copy()
        return self._take(self._stream.resample_chunk(block))

    def finish(self) -> Float32:
        """Return the rest; with it the length is exact."""
        if self._stream is None or not self._fed:
            return np.zeros(0, np.float32)
        edge = self._last.repeat(self._edge)
        rest = self._take(self._stream.resample_chunk(edge, last=True))
        surplus = self._given - resampled_length(self._fed, self._rate)
        return rest[: len(rest) - surplus]

    def _take(self, ready: Float32) -> Float32:
        """Cut off what belongs before the start, and count the rest."""
        cut = min(self._early, len(ready))
        self._early -= cut
        self._given += len(ready) - cut
        return ready[cut:]


def resample(samples: Float32, rate: int) -> Float32:
    """Resample one channel to 8 kHz at once.

    Parameters
    ----------
    samples : (n,) or (n, 1) float32
    rate : int
        Hz.

    Returns
    -------
    (m,) float32
        m = round(n × 8000 / rate), aligned to the sample.

    >>> resample(np.zeros(48_000, np.float32), 48_000).shape
    (8000,)
    """
    resampler = Resampler(rate)
    mono = np.ascontiguousarray(samples, np.float32).reshape(-1)
    return np.concatenate([resampler.feed(mono), resampler.finish()])
