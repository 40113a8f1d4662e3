"""Even loud and soft syllables out: what is above a level rises a third as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.slide import mean_of_each
from voiceprep.audio.units import FULL_SCALE_DB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.units import Float64

__all__ = ["compressed"]

RATIO: Final = 3.0  # facts.md, "Mastering", clarity
UNDER_SPEECH_DB: Final = 10.0  # [ours] where it sets in, under the speech level
_TICK: Final = 8  # samples, 1 ms
# Ticks, odd: the level is that of 201 ms around each. Measured
# (scripts/intelligibility.py): faster raises ESTOI further, and lowers STOI.
_WIDTH: Final = 201
_REACH: Final = _WIDTH - 1  # ticks: half for the level, half for its gain
_EDGE: Final = (_REACH + 1) * _TICK  # samples on both sides that a gain depends on


def compressed(blocks: Iterable[Float64], level_dbov: float) -> Iterator[Float64]:
    """Compress 3:1 what lies above a threshold; the length is kept.

    The gain of each moment follows the level around it, before and after, and is
    smoothed over 201 ms: it is there when a loud syllable begins, without pumping.

    Parameters
    ----------
    blocks : iterable of (n,) float64
        At 8 kHz, in 16-bit steps; n divides by 8, but for the last.
    level_dbov : float
        Active speech level of the signal.

    Yields
    ------
    (m,) float64
    """
    threshold = level_dbov - UNDER_SPEECH_DB + FULL_SCALE_DB
    held = np.zeros(_EDGE)
    for block in blocks:
        held = np.concatenate([held, block])
        whole = len(held) - len(held) % _TICK
        if whole > 2 * _EDGE:
            yield _turned_down(held[:whole], threshold)
            held = held[whole - 2 * _EDGE :]
    missing = -len(held) % _TICK
    rest = _turned_down(np.concatenate([held, np.zeros(_EDGE + missing)]), threshold)
    yield rest[: len(rest) - missing]


def _turned_down(samples: Float64, threshold: float) -> Float64:
    """Return all samples but `_EDGE` at each end, times their gain."""
    ticks = samples.reshape(-1, _TICK)
    power = np.einsum("ij,ij->i", ticks, ticks) / _TICK
    level = 10 * np.log10(np.maximum(mean_of_each(power, _WIDTH), 1.0))
    over = np.maximum(level - threshold, 0.0)
    gain_db = mean_of_each(over, _WIDTH) * (1 / RATIO - 1)
    # One gain a tick, in its middle; between them, straight lines in dB.
    middles = (np.arange(len(gain_db)) + _REACH + 0.5) * _TICK
    inner = np.arange(_EDGE, len(samples) - _EDGE)
    return samples[_EDGE:-_EDGE] * 10 ** (np.interp(inner, middles, gain_db) / 20)
