"""Share what all measures need: the scale of 16-bit steps, and rows out of blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FULL_SCALE", "FULL_SCALE_DB", "Float64", "Rows", "dbfs", "quantile"]

Float64: TypeAlias = npt.NDArray[np.float64]

KindT = TypeVar("KindT", bound=np.generic)

FULL_SCALE: Final = 32_768.0  # 16-bit steps of ±1.0
FULL_SCALE_DB: Final = 20 * math.log10(FULL_SCALE)


def dbfs(power: float) -> float:
    """Return a mean square in 16-bit steps as dB of full scale.

    >>> round(dbfs(32_768.0**2), 1), dbfs(0.0)
    (0.0, -inf)
    """
    return 10 * math.log10(power) - FULL_SCALE_DB if power > 0 else -math.inf


def quantile(values: npt.NDArray[KindT], share: float) -> npt.NDArray[KindT]:
    """Return what a share of the values stays under, to numpy's last bit.

    `np.quantile` imports numpy.ma: at a start, 7 ms of CPU.

    Parameters
    ----------
    values : (n, ...) array
        n >= 1; taken along the first axis.
    share : float
        0 to 1.

    >>> float(quantile(np.array([3.0, 1.0, 2.0]), 0.25))
    1.5
    """
    place = share * (len(values) - 1)
    at = int(place)
    above = min(at + 1, len(values) - 1)
    parted = np.partition(values, (at, above), axis=0)
    low, high, part = parted[at], parted[above], place - at
    between = high - low
    result: npt.NDArray[KindT] = (
        low + between * part if part < 0.5 else high - between * (1 - part)
    )
    return result


class Rows(Generic[KindT]):
    """Cut blocks into rows of one length, whatever the blocks' lengths are.

    >>> rows = Rows(3)
    >>> [part.shape for part in rows.feed(np.zeros(7))]
    [(2, 3)]
    >>> [part.shape for part in rows.feed(np.zeros(2))]
    [(1, 3)]
    """

    __slots__ = ("_length", "_rest")

    def __init__(self, length: int) -> None:
        self._length = length
        self._rest: npt.NDArray[KindT] | None = None  # what fills no row yet

    def feed(self, block: npt.NDArray[KindT]) -> Iterator[npt.NDArray[KindT]]:
        """Yield what has become whole rows, (m, length)."""
        if self._rest is not None and len(self._rest):
            # Only the row that was begun is copied, not the block.
            missing = self._length - len(self._rest)
            self._rest = np.concatenate([self._rest, block[:missing]])
            block = block[missing:]
            if len(self._rest) < self._length:
                return
            yield self._rest[np.newaxis]
        whole = len(block) - len(block) % self._length
        self._rest = block[whole:].copy()
        if whole:
            yield block[:whole].reshape(-1, self._length)
