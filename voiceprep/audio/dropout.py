"""Find dropouts: nothing at all for a moment, torn into running speech."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.runs import Span, runs, spans_of
from voiceprep.audio.units import FULL_SCALE_DB, Float64, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DropoutMeter"]

# facts.md, "Rules", dropout: 20 ms of zeros. At 8 kHz the resampler's ringing has
# eaten some of it at both ends.
LEAST_MS: Final = 15
EDGE_MS: Final = 5  # [ours] a voice that fades out is quiet by then
TORN_DB: Final = 20.0  # [ours] edges no further than that under the speech level
_TICK: Final = 8  # samples: 1 ms
_STILL_DB: Final = 19  # of one step: 8 steps (rms), A-law's smallest level


class DropoutMeter:
    """Find dropouts in the 8 kHz signal, before the high-pass smears into them.

    One byte is kept for each millisecond: 7 MB for two hours.

    >>> voice = 3_000 * np.sin(np.arange(8_000) / 3)
    >>> voice[4_000:4_240] = 0
    >>> meter = DropoutMeter()
    >>> meter.feed(voice)
    >>> meter.finish(level_dbov=-23.8)
    ((0.5, 0.53),)
    """

    __slots__ = ("_levels", "_ticks")

    def __init__(self) -> None:
        self._ticks = Rows(_TICK)
        self._levels: list[npt.NDArray[np.uint8]] = []  # dB of one step, a tick

    def feed(self, block: Float64) -> None:
        """Take a block, (n,) float64 at 8 kHz in 16-bit steps, its mean removed."""
        for rows in self._ticks.feed(block):
            power = np.einsum("ij,ij->i", rows, rows) / _TICK
            level = 10 * np.log10(np.maximum(power, 1.0))  # 0 <= level <= 94
            self._levels.append(np.ceil(level).astype(np.uint8))

    def finish(self, level_dbov: float) -> tuple[Span, ...]:
        """Return where the dropouts lie.

        Parameters
        ----------
        level_dbov : float
            Active speech level: what counts as running speech.
        """
        if not self._levels or not math.isfinite(level_dbov):
            return ()
        torn = level_dbov - TORN_DB + FULL_SCALE_DB
        return spans_of(_gaps(np.concatenate(self._levels), torn))


def _gaps(levels: npt.NDArray[np.uint8], torn: float) -> Iterator[Span]:
    """Yield the still stretches whose edges are both loud."""
    starts, ends = runs(levels <= _STILL_DB)
    long = ends - starts >= LEAST_MS
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        before, after = levels[max(0, start - EDGE_MS) : start], levels[end:][:EDGE_MS]
        if min(before.max(initial=0), after.max(initial=0)) >= torn:
            yield start / 1_000, end / 1_000
