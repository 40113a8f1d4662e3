"""Find dropouts: nothing at all for a moment, torn into running speech."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.runs import Span, runs, spans_of
from voiceprep.audio.units import FULL_SCALE, FULL_SCALE_DB, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.audio.signal import Float32

__all__ = ["DropoutMeter", "dropouts"]

# facts.md, "Rules", dropout: 20 ms of zeros. At 8 kHz the resampler's ringing has
# eaten some of it at both ends.
LEAST_MS: Final = 15
MOST_MS: Final = 200  # [ours] what lasts longer is a pause, if a badly cut one
EDGE_MS: Final = 5  # [ours] a voice that fades out is quiet by then
RINGING_MS: Final = 5  # of the resampler, where there was one
TORN_DB: Final = 13.0  # [ours] edges no further than that under the speech level
_TICK: Final = 8  # samples: 1 ms
STILL_UNDER_DB: Final = 50.0  # [ours] a gap lies so far under the speech level
_STILL_DB: Final = 19  # and reaches no more than 8 steps (rms, 18.1 dB): A-law's least

Ticks = npt.NDArray[np.uint8]


class DropoutMeter:
    """Say how loud each millisecond of the 8 kHz signal is.

    Before the mean is taken out, which leaves nothing of exact zeros; and before the
    high-pass, which smears into them. One byte is kept for each millisecond: 7 MB
    for two hours.

    >>> voice = 0.1 * np.sin(np.arange(8_000, dtype=np.float32) / 3)
    >>> voice[4_000:4_240] = 0
    >>> meter = DropoutMeter()
    >>> meter.feed(voice)
    >>> dropouts(meter.finish(), level_dbov=-23)
    ((0.5, 0.53),)
    """

    __slots__ = ("_levels", "_rows")

    def __init__(self) -> None:
        self._rows: Rows[np.float32] = Rows(_TICK)
        self._levels: list[Ticks] = []

    def feed(self, block: Float32) -> None:
        """Take a block, (n,) float32 at 8 kHz, full scale ±1.0."""
        for rows in self._rows.feed(block):
            power = np.einsum("ij,ij->i", rows, rows)
            power *= np.float32(FULL_SCALE**2 / _TICK)
            level = 10 * np.log10(np.maximum(power, np.float32(1)))  # 0 <= level < 256
            self._levels.append(np.ceil(level).astype(np.uint8))

    def finish(self) -> Ticks:
        """Return the levels (rms), dB of one 16-bit step, rounded up."""
        return np.concatenate([np.zeros(0, np.uint8), *self._levels])


def dropouts(
    ticks: Ticks, level_dbov: float, *, resampled: bool = False
) -> tuple[Span, ...]:
    """Return where speech is torn.

    Of speech under −40 dBov nothing is said: 16 bits are zero in it by themselves.

    Parameters
    ----------
    ticks : (n,) uint8
        Of `DropoutMeter`.
    level_dbov : float
        Active speech level: what counts as running speech.
    resampled : bool
        Whether the source had another rate.
    """
    if level_dbov + FULL_SCALE_DB < STILL_UNDER_DB:
        return ()
    edge = EDGE_MS + RINGING_MS if resampled else EDGE_MS
    return spans_of(_gaps(ticks, level_dbov + FULL_SCALE_DB, edge))


def _gaps(levels: Ticks, speech: float, edge: int) -> Iterator[Span]:
    """Yield the still stretches whose edges are both loud, in seconds."""
    torn, still = speech - TORN_DB, min(_STILL_DB, speech - STILL_UNDER_DB)
    starts, ends = runs(levels <= still)
    length = ends - starts
    fits = (length >= LEAST_MS) & (length <= MOST_MS)
    for start, end in zip(starts[fits].tolist(), ends[fits].tolist(), strict=True):
        before, after = levels[max(0, start - edge) : start], levels[end:][:edge]
        if min(before.max(initial=0), after.max(initial=0)) >= torn:
            yield start / 1_000, end / 1_000
