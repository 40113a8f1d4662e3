"""Quieten pauses to digital zero, so that A-law does not flicker between ±8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.runs import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.units import Float64

__all__ = ["QUIET_BELOW", "QUIET_RUN", "gate"]

QUIET_BELOW: Final = 8.0  # in 16-bit steps: A-law's smallest level
QUIET_RUN: Final = 160  # 20 ms at 8 kHz; shorter runs are zero crossings


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
        starts, ends = runs(np.abs(samples) < QUIET_BELOW)
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
