"""Hold peaks under a ceiling: before they come, and never a sample over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.slide import mean_of_each, sliding_max

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.runs import Edges
    from voiceprep.audio.units import Float64

__all__ = ["Limiter"]

HOLD: Final = (
    80  # samples, 10 ms: a period of a low voice, so that its wave keeps shape
)
TURN: Final = 41  # samples, 5 ms, odd: of each of the two smoothers of the gain
_REACH: Final = HOLD + TURN - 1  # from a peak to where the gain is 1 again


class Limiter:
    """Turn stretches above a ceiling down, softly, 15 ms ahead of each peak.

    The gain that a peak needs is held for 10 ms on both sides and then smoothed
    twice over what was held, so that it is reached before the peak and is never
    higher than needed. Where nothing is above the ceiling nothing is computed.

    Parameters
    ----------
    ceiling : float
        Largest magnitude, in the unit of the samples.

    >>> limiter = Limiter(100.0)
    >>> wave = 150 * np.sin(np.arange(8_000) / 5)
    >>> float(np.abs(np.concatenate(list(limiter.limited([wave])))).max())
    100.0
    >>> limiter.limited_samples
    8000
    """

    __slots__ = ("_ceiling", "limited_samples", "most")

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self.limited_samples = 0  # turned down by 1 % and more, so far
        self.most = 0.0  # largest share that was taken off, 0 to 1

    def limited(self, blocks: Iterable[Float64]) -> Iterator[Float64]:
        """Yield the samples held down, as many as came in; some of them later."""
        held = np.zeros(_REACH)  # what is done already, and still in reach
        for block in blocks:
            held = np.concatenate([held, block])
            if len(held) > 2 * _REACH:
                yield self._hold(held)
                held = held[-2 * _REACH :]
        yield self._hold(np.concatenate([held, np.zeros(_REACH)]))

    def _hold(self, samples: Float64) -> Float64:
        """Return all samples but `_REACH` at each end, held down."""
        result = samples[_REACH:-_REACH].copy()
        magnitude = np.abs(samples)
        over = np.flatnonzero(magnitude > self._ceiling)
        if not len(over):
            return result
        for first, end in _stretches(over, len(samples)):
            taken = self._taken(magnitude[first:end])
            at = slice(first, end - 2 * _REACH)  # `result` begins _REACH later
            part = result[at] * (1 - taken)
            result[at] = np.clip(part, -self._ceiling, self._ceiling)
            self.limited_samples += int(np.count_nonzero(taken > 0.01))
            self.most = max(self.most, float(taken.max(initial=0.0)))
        return result

    def _taken(self, magnitude: Float64) -> Float64:
        """Return the share to take off each sample but `_REACH` at each end."""
        needed = 1 - self._ceiling / np.maximum(magnitude, self._ceiling)
        held = sliding_max(needed, 2 * HOLD + 1)
        return mean_of_each(mean_of_each(held, TURN), TURN)


def _stretches(over: Edges, length: int) -> Iterator[tuple[int, int]]:
    """Yield where to work: around peaks, and around their neighbours in reach."""
    breaks = np.flatnonzero(np.diff(over) > 4 * _REACH)
    firsts = np.concatenate([[0], breaks + 1])
    lasts = np.concatenate([breaks, [len(over) - 1]])
    for first, last in zip(over[firsts].tolist(), over[lasts].tolist(), strict=True):
        yield max(0, first - 2 * _REACH), min(length, last + 1 + 2 * _REACH)
