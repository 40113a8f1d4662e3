"""Slide a window over samples: its maximum, its mean; each in a few passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from voiceprep.audio.units import Float64

__all__ = ["mean_of_each", "sliding_max"]

KindT = TypeVar("KindT", bound=np.generic)


def sliding_max(values: npt.NDArray[KindT], width: int) -> npt.NDArray[KindT]:
    """Return the maximum of each `width` neighbours.

    Parameters
    ----------
    values : (n,) array
        n >= width.

    Returns
    -------
    (n - width + 1,) array

    >>> sliding_max(np.array([1.0, 3, 2, 0, 0]), 3).tolist()
    [3.0, 3.0, 2.0]
    """
    reach = 1  # values that each maximum covers; doubled as often as fits
    while 2 * reach <= width:
        values = np.maximum(values[:-reach], values[reach:])
        reach *= 2
    rest = width - reach
    return np.maximum(values[:-rest], values[rest:]) if rest else values


def mean_of_each(values: Float64, width: int) -> Float64:
    """Return the mean of each `width` neighbours.

    Parameters
    ----------
    values : (n,) float64
        n >= width.

    Returns
    -------
    (n - width + 1,) float64

    >>> mean_of_each(np.array([3.0, 0, 0, 3]), 3).tolist()
    [1.0, 1.0]
    """
    sums = np.cumsum(np.concatenate([[0.0], values]))
    means: Float64 = (sums[width:] - sums[:-width]) / width
    return means
