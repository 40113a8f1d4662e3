"""Find mains hum: a line at 50 or 60 Hz, or its harmonics, that never goes away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.units import FULL_SCALE, Float64, Rows, quantile

if TYPE_CHECKING:
    from voiceprep.audio.signal import Float32

__all__ = ["Hum", "HumMeter"]

LINES_HZ: Final = (50, 60, 100, 120, 150, 180)  # facts.md, "Rules", hum; 60: overseas
# facts.md asks how far a line stands out in the quietest fifth; where a voice hardly
# pauses, that is speech. Here the line and its neighbours are each taken as quiet as
# they are in a twentieth of the time: a voice leaves both of them now and then, hum
# never leaves its line. Measured (scripts/calibrate_rules.py, damage_rules.py): in
# sound voices no line stands out by over 8 dB; at −50 dBFS, 99 lines of 100 do by 11.
QUIET: Final = 0.05  # quantile
_EVERY: Final = 8  # samples averaged to one: 1 kHz is plenty for 180 Hz
_BLOCK: Final = 2_048  # samples, 0.256 s (facts.md: 0.25 s)
_SHORT: Final = _BLOCK // _EVERY
_FFT: Final = 2 * _SHORT
_BIN_HZ: Final = 8_000 / _EVERY / _FFT
_BINS: Final = 106  # up to 205 Hz
_BATCH: Final = 16  # parts of a signal that wait to be looked at together
_NEAR_HZ: Final = 4.0  # from a line: the line itself
_BESIDE_HZ: Final = (13.0, 22.0)  # from a line: its neighbours, past Hann's main lobe


@dataclass(frozen=True, slots=True)
class Hum:
    """Hold the strongest line of hum.

    Parameters
    ----------
    hz : int
        0 where there is none to speak of.
    level_dbfs : float
        Of the line, as a sine's rms, in its quieter moments.
    over_db : float
        Over its neighbours in the spectrum, in theirs.
    """

    hz: int = 0
    level_dbfs: float = -math.inf
    over_db: float = 0.0


def _bins() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Say which bins are each line, and which its neighbours: (lines, bins)."""
    apart = np.abs(np.arange(_BINS) * _BIN_HZ - np.array(LINES_HZ)[:, None])
    low, high = _BESIDE_HZ
    return apart <= _NEAR_HZ, (apart >= low) & (apart <= high)


_AT_LINES, _NEIGHBOURS = _bins()
_LINES: Final = [slice(*np.flatnonzero(line)[[0, -1]] + (0, 1)) for line in _AT_LINES]
_MEAN_OF_NEIGHBOURS: Final = _NEIGHBOURS / _NEIGHBOURS.sum(axis=1, keepdims=True)
_WINDOW: Final = (np.hanning(_SHORT + 1)[:-1] / _EVERY).astype(np.float32)
# From the power of a bin to that of a full-scale sine (mean square 1/2).
_TO_SINE: Final = 2 / (float(_WINDOW.sum()) * _EVERY) ** 2 / FULL_SCALE**2


class HumMeter:
    """Look for hum in the 8 kHz signal, before the high-pass takes some of it out.

    Fifty bytes are kept for each quarter of a second.

    >>> meter = HumMeter()
    >>> meter.feed(100 * np.sin(2 * np.pi * 50 * np.arange(40_000) / 8_000))
    >>> hum = meter.finish()
    >>> hum.hz, round(hum.level_dbfs)              # 100 of 32,768, and a sine's −3
    (50, -54)
    """

    __slots__ = ("_kept", "_rows", "_waiting")

    def __init__(self) -> None:
        self._rows: Rows[np.float64] = Rows(_BLOCK)
        self._waiting: list[Float64] = []  # not looked at yet
        self._kept: list[Float32] = []

    def feed(self, block: Float64) -> None:
        """Take a block, (n,) float64 at 8 kHz in 16-bit steps, its mean removed."""
        for rows in self._rows.feed(block):
            slow = np.einsum("rsk->rs", rows.reshape(-1, _SHORT, _EVERY))
            self._waiting.append(slow)
        if len(self._waiting) >= _BATCH:
            self._look()

    def _look(self) -> None:
        """Measure the lines of what waits, many blocks at a time."""
        if not self._waiting:
            return
        windowed = np.concatenate(self._waiting).astype(np.float32) * _WINDOW
        self._waiting.clear()
        spectra = np.fft.rfft(windowed, _FFT, axis=1)[:, :_BINS]
        power = spectra.real**2 + spectra.imag**2
        lines = [power[:, line].max(axis=1) for line in _LINES]
        beside = np.einsum("rb,lb->lr", power, _MEAN_OF_NEIGHBOURS)
        self._kept.append(np.stack([*lines, *beside], 1).astype(np.float32))

    def finish(self) -> Hum:
        """Return the line that stands out most, digital silence left out."""
        self._look()
        table = np.concatenate([np.zeros((0, 2 * len(LINES_HZ))), *self._kept])
        heard = table[table.any(axis=1)]
        if not len(heard):
            return Hum()
        quiet = quantile(np.maximum(heard, 1e-3), QUIET)
        line, beside = np.split(quiet, 2)
        over = 10 * np.log10(line / beside)
        first = int(np.argmax(over))
        level = 10 * math.log10(float(line[first]) * _TO_SINE)
        return Hum(LINES_HZ[first], level, float(over[first]))
