"""Share what all measures need: the scale of 16-bit steps, and rows out of blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FULL_SCALE", "FULL_SCALE_DB", "Float64", "Rows", "dbfs"]

Float64: TypeAlias = npt.NDArray[np.float64]

FULL_SCALE: Final = 32_768.0  # 16-bit steps of ±1.0
FULL_SCALE_DB: Final = 20 * math.log10(FULL_SCALE)


def dbfs(power: float) -> float:
    """Return a mean square in 16-bit steps as dB of full scale.

    >>> round(dbfs(32_768.0**2), 1), dbfs(0.0)
    (0.0, -inf)
    """
    return 10 * math.log10(power) - FULL_SCALE_DB if power > 0 else -math.inf


class Rows:
    """Cut blocks into rows of one length, whatever the blocks' lengths are.

    >>> rows = Rows(3)
    >>> [part.shape for part in rows.feed(np.zeros(7))]
    [(2, 3)]
    >>> [part.shape for part in rows.feed(np.zeros(2))], len(rows.rest)
    ([(1, 3)], 0)
    """

    __slots__ = ("_length", "rest")

    def __init__(self, length: int) -> None:
        self._length = length
        self.rest: Float64 = np.zeros(0)  # what fills no row yet

    def feed(self, block: Float64) -> Iterator[Float64]:
        """Yield what has become whole rows, (m, length) float64."""
        if len(self.rest):
            # Only the row that was begun is copied, not the block.
            missing = self._length - len(self.rest)
            self.rest = np.concatenate([self.rest, block[:missing]])
            block = block[missing:]
            if len(self.rest) < self._length:
                return
            yield self.rest[np.newaxis]
        whole = len(block) - len(block) % self._length
        self.rest = block[whole:].copy()
        if whole:
            yield block[:whole].reshape(-1, self._length)
