"""Quieten pauses to digital zero, so that A-law does not flicker between ±8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["QUIET_BELOW", "QUIET_RUN", "gate"]

QUIET_BELOW: Final = 8.0  # in 16-bit steps: A-law's smallest level
QUIET_RUN: Final = 160  # 20 ms at 8 kHz; shorter runs are zero crossings

Float64 = npt.NDArray[np.float64]


def gate(blocks: Iterable[Float64]) -> Iterator[Float64]:
    """Set runs of at least 20 ms under A-law's smallest level to zero.

    Parameters
    ----------
    blocks : iterable of (n,) float64
        In 16-bit steps, at 8 kHz; may be written to.

    Yields
    ------
    (m,) float64
        Together as long as what came in; a quiet end is held back until it is
        known whether its run is long enough.

    >>> quiet = np.full(200, 3.0)
    >>> [block.any().item() for block in gate([quiet[:90], quiet[:110]])]
    [False, False, False]
    """
    held = np.zeros(0)
    running = False  # the block before ended within a long run
    for block in blocks:
        if not len(block):
            continue
        samples = np.concatenate([held, block]) if len(held) else block
        starts, ends = _runs(np.abs(samples) < QUIET_BELOW)
        long = ends - starts >= QUIET_RUN
        if running and len(starts) and starts[0] == 0:
            long[0] = True
        for start, end in zip(starts[long], ends[long], strict=True):
            samples[start:end] = 0.0
        open_end = len(ends) > 0 and ends[-1] == len(samples)
        running = bool(open_end and long[-1])
        keep = starts[-1] if open_end and not running else len(samples)
        held = samples[keep:]
        yield samples[:keep]
    yield held


def _runs(
    quiet: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return where runs of True begin and end (one past the last)."""
    changes = np.flatnonzero(quiet[1:] != quiet[:-1]) + 1
    edges = [[0]] * bool(quiet[0]) + [changes] + [[len(quiet)]] * bool(quiet[-1])
    whole = np.concatenate(edges).astype(np.intp)
    return whole[::2], whole[1::2]
