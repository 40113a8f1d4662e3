"""Slide a window over samples: its maximum, its mean; each in a few passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from voiceprep.audio.units import Float64

__all__ = ["mean_of_each", "sliding_max"]


def sliding_max(values: Float64, width: int) -> Float64:
    """Return the maximum of each `width` neighbours (van Herk's method).

    Parameters
    ----------
    values : (n,) float64
        n >= width.

    Returns
    -------
    (n - width + 1,) float64

    >>> sliding_max(np.array([1.0, 3, 2, 0, 0]), 3).tolist()
    [3.0, 3.0, 2.0]
    """
    count = len(values) - width + 1
    padded = np.full(-(-len(values) // width) * width, -np.inf)
    padded[: len(values)] = values
    rows = padded.reshape(-1, width)
    ahead = np.maximum.accumulate(rows, axis=1).reshape(-1)
    back = np.maximum.accumulate(rows[:, ::-1], axis=1)[:, ::-1].reshape(-1)
    return np.maximum(back[:count], ahead[width - 1 : width - 1 + count])


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
