"""Measure how loud speech is: ITU-T P.56, method B, streamed over the 8 kHz signal.

The level is that of the speech alone: pauses, however long, do not lower it. It is
the number behind "12 dB too quiet for a phone". The interpolation is that of ITU's
own software (G.191, ``sv-p56.c``), so that both say the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.slide import sliding_max
from voiceprep.audio.units import FULL_SCALE, Float64
from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SpeechLevel", "SpeechMeter", "speech_level"]

TIME_CONSTANT_S: Final = 0.03  # P.56, method B: of each of the two smoothers
HANGOVER_S: Final = 0.2  # P.56: gaps up to this belong to the speech
MARGIN_DB: Final = 15.9  # P.56: from the threshold up to the level
THRESHOLDS: Final = 15  # P.56: 2^-15 to 2^-1 of full scale
TOLERANCE_DB: Final = 0.5  # G.191: where its interpolation stops

_TICK: Final = 16  # samples, 2 ms; the envelope turns in 30
_ROW_TICKS: Final = 128  # of one closed-form stretch: _DECAY**-256 stays small
_ROW: Final = _TICK * _ROW_TICKS
_HANGOVER_TICKS: Final = round(HANGOVER_S * TELEPHONE_RATE) // _TICK

# One smoother: y[n] = g y[n-1] + (1 - g) x[n]; two stand in a row. From tick to
# tick, both have a closed form in the samples between.
_KEEP: Final = math.exp(-1 / (TELEPHONE_RATE * TIME_CONSTANT_S))
_AGE: Final = np.arange(_TICK - 1, -1, -1)  # of each sample at its tick
_INTO_FIRST: Final = (1 - _KEEP) * _KEEP**_AGE / FULL_SCALE
_INTO_SECOND: Final = (1 - _KEEP) * (_AGE + 1) * _INTO_FIRST
_DECAY: Final = _KEEP**_TICK
_FIRST_TO_SECOND: Final = (1 - _KEEP) * _TICK * _DECAY
_FADE: Final = _DECAY ** np.arange(1, _ROW_TICKS + 1)

_Bound = tuple[float, float]  # dB: the level at a threshold, and the threshold


@dataclass(frozen=True, slots=True)
class SpeechLevel:
    """Hold what P.56 says of a signal.

    Parameters
    ----------
    level_dbov : float
        Active speech level; 0 is the power of a full-scale square wave. −inf where
        there is no speech.
    activity : float
        Share of the time in which there is speech, 0 to 1.
    rms_dbov : float
        Long-term level, pauses included; −inf for digital silence.
    """

    level_dbov: float
    activity: float
    rms_dbov: float


class SpeechMeter:
    """Measure the active speech level of blocks as they come.

    The result is the same, to the bit, however the signal comes in blocks.

    >>> n = np.arange(16_000)
    >>> meter = SpeechMeter()
    >>> meter.feed(3_276.8 * np.sin(2 * np.pi * 500 * n / 8_000))
    >>> round(meter.finish().level_dbov, 1)        # −20 dB, and a sine's −3
    -23.0
    """

    __slots__ = (
        "_active",
        "_first",
        "_held",
        "_power",
        "_recent",
        "_samples",
        "_second",
    )

    def __init__(self) -> None:
        self._held = np.zeros(0)
        self._samples = 0
        self._power = 0.0  # sum of squares, full scale 1.0
        self._first = self._second = 0.0  # the smoothers
        self._recent = np.zeros(_HANGOVER_TICKS, np.int8)  # for the hangover
        self._active = np.zeros(THRESHOLDS + 1, np.int64)  # ticks, by highest threshold

    def feed(self, block: Float64) -> None:
        """Take a block, (n,) float64 at 8 kHz in 16-bit steps, its DC removed."""
        self._samples += len(block)
        stretch = np.concatenate([self._held, block]) if len(self._held) else block
        whole = len(stretch) - len(stretch) % _ROW
        if whole:
            self._take(stretch[:whole].reshape(-1, _ROW), whole // _TICK)
        self._held = stretch[whole:].copy()

    def finish(self) -> SpeechLevel:
        """Take the rest in and return the level of all that came."""
        if len(self._held):
            row = np.zeros((1, _ROW))
            row[0, : len(self._held)] = self._held
            self._take(row, len(self._held) // _TICK)
        # Who reaches a threshold reaches those under it.
        counts = self._active[::-1].cumsum()[::-1][1:] * _TICK
        return _level_of(self._power, self._samples, counts.tolist())

    def _take(self, rows: Float64, ticks: int) -> None:
        """Take whole rows, of which the first `ticks` ticks count."""
        # Row by row, so that the sum is the same for every size of blocks.
        for power in np.einsum("ij,ij->i", rows, rows).tolist():
            self._power += power / FULL_SCALE**2
        reached = _highest_thresholds(self._envelope(rows)[:ticks])
        held = np.concatenate([self._recent, reached])
        lasting = sliding_max(held, _HANGOVER_TICKS + 1)
        self._active += np.bincount(lasting, minlength=THRESHOLDS + 1)
        self._recent = held[len(held) - _HANGOVER_TICKS :]

    def _envelope(self, rows: Float64) -> Float64:
        """Return the envelope at each tick, full scale 1.0; both smoothers move on."""
        ticks = np.abs(rows).reshape(-1, _ROW_TICKS, _TICK)
        before = self._first
        # einsum without BLAS: the same bits whatever library a processor has.
        into = np.einsum("rtk,k->rt", ticks, _INTO_FIRST)
        first, self._first = _smoothed(into, before)
        into = np.einsum("rtk,k->rt", ticks, _INTO_SECOND)
        earlier = np.concatenate([[before], first.reshape(-1)[:-1]])
        into += _FIRST_TO_SECOND * earlier.reshape(into.shape)
        second, self._second = _smoothed(into, self._second)
        return second.reshape(-1)


def _smoothed(into: Float64, state: float) -> tuple[Float64, float]:
    """Run y[k] = _DECAY y[k-1] + into[k] through the rows; return y and its last."""
    rows = np.cumsum(into / _FADE, axis=1)
    rows *= _FADE
    ends = rows[:, -1].tolist()
    starts = []
    for end in ends:  # rows are few; within them it is the closed form
        starts.append(state)
        state = end + _FADE[-1] * state
    rows += np.array(starts)[:, np.newaxis] * _FADE
    return rows, float(state)


def _highest_thresholds(envelope: Float64) -> npt.NDArray[np.int8]:
    """Return the number of the highest threshold that each value reaches; 0: none."""
    # frexp: envelope = m 2^e, 0.5 <= m < 1, so that 2^(e-1) is the power of two
    # at or under it; 2^-15 is threshold 1, 2^-1 is 15.
    exponent = np.frexp(np.maximum(envelope, 1e-9))[1]
    number: npt.NDArray[np.int8] = np.clip(exponent + THRESHOLDS, 0, THRESHOLDS).astype(
        np.int8
    )
    return number


def _level_of(power: float, samples: int, counts: Sequence[int]) -> SpeechLevel:
    """Find the level that lies 15.9 dB above the threshold that gives it.

    Parameters
    ----------
    power : float
        Sum of squares, full scale 1.0.
    samples : int
    counts : sequence of int
        Samples active at each threshold, 2^-15 first.
    """
    rms = 10 * math.log10(power / samples) if power > 0 else -math.inf
    below: _Bound | None = None
    for number, active in enumerate(counts):
        if not active:
            break
        level = 10 * math.log10(max(power / active, 1e-20))
        threshold = 20 * math.log10(2.0 ** (number - THRESHOLDS))
        if level - threshold <= MARGIN_DB:
            if below is None:
                break  # under the lowest threshold: silence
            found = _between(below, (level, threshold))
            return SpeechLevel(found, min(1.0, 10 ** ((rms - found) / 10)), rms)
        below = level, threshold
    return SpeechLevel(-math.inf, 0.0, rms)


def _between(low: _Bound, high: _Bound) -> float:
    """Go from the middle towards the margin, as ITU's software does (G.191 v2.3).

    Each step moves the middle half the way to one bound, and the other bound to
    the middle. A step too far can't be taken back: the tolerance grows then, by a
    tenth a step from the twentieth on. Plain bisection differs by up to 0.07 dB.
    """
    for level, threshold in (high, low):
        if abs(level - threshold - MARGIN_DB) < TOLERANCE_DB:
            return level
    middle = _halfway(low, high)
    for step in count(1):
        above = middle[0] - middle[1] - MARGIN_DB
        if abs(above) <= TOLERANCE_DB * 1.1 ** max(0, step - 20):
            break
        middle = _halfway(middle, high if above > 0 else low)
        low, high = (middle, high) if above > 0 else (low, middle)
    return middle[0]


def _halfway(one: _Bound, other: _Bound) -> _Bound:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def speech_level(samples: npt.ArrayLike) -> SpeechLevel:
    """Measure the active speech level of a whole signal.

    Parameters
    ----------
    samples : (n,) array_like
        At 8 kHz, in 16-bit steps, its DC removed.

    >>> speech_level(np.zeros(8_000)).activity
    0.0
    """
    meter = SpeechMeter()
    meter.feed(np.asarray(samples, np.float64))
    return meter.finish()
