"""Find clipping: stretches of the source that stand flat at its own loudest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.runs import Span, add_span, runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.audio.signal import Float32, Samples

__all__ = ["Clipping", "ClippingMeter"]

NEAR_TOP: Final = 0.999  # facts.md, "Rules": within 0.1 % of the file's own maximum
LEAST_RUN: Final = 3  # equal samples in a row
SLOWEST_HZ: Final = 80.0  # [ours] so slow a voice may stand on one step by itself
_TAIL: Final = 64  # frames of the block before, in which a run may have begun


@dataclass(frozen=True, slots=True)
class Clipping:
    """Hold the flat tops of a recording.

    Parameters
    ----------
    runs : int
        Of equal samples at the recording's own maximum or minimum, at least three
        long, counted in every channel.
    spans : tuple of Span
        Where they lie.
    """

    runs: int = 0
    spans: tuple[Span, ...] = ()


class ClippingMeter:
    """Count flat tops of blocks as they come, the same for every size of blocks.

    Only blocks that reach the maximum so far are looked at: an ordinary recording
    costs next to nothing.

    Parameters
    ----------
    rate : int
        Hz.

    >>> wave = np.sin(np.arange(800) / 10)[:, np.newaxis].astype(np.float32)
    >>> meter = ClippingMeter(8_000)
    >>> block = np.clip(2 * wave, -1, 1)
    >>> meter.feed(block, float(block.max()), -float(block.min()))
    >>> meter.finish().runs
    26
    """

    __slots__ = ("_at", "_rate", "_sides", "_tail")

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._at = 0  # frames before this block
        self._tail: Samples | None = None
        self._sides = (_Side(1, rate), _Side(-1, rate))

    def feed(self, block: Samples, highest: float, lowest: float) -> None:
        """Take a block, (n, channels) float32.

        Parameters
        ----------
        highest, lowest : float
            Its maximum, and its minimum with the sign turned.
        """
        tail = block[:0] if self._tail is None else self._tail
        for side, top in zip(self._sides, (highest, lowest), strict=True):
            if side.may_hold(block, top):
                joined = np.concatenate([tail, block])
                side.take(joined, len(tail), self._at - len(tail))
        self._at += len(block)
        longer = block if len(block) >= _TAIL else np.concatenate([tail, block])
        self._tail = longer[-_TAIL:].copy()

    def finish(self) -> Clipping:
        """Return what was found on both sides of the zero line."""
        for side in self._sides:
            side.close(self._at)
        loudest = max(side.top for side in self._sides)
        # Where one side is clipped, the other may just have a highest moment.
        found = [side for side in self._sides if side.top >= loudest / 2]
        spans: list[Span] = []
        for start, end in sorted(span for side in found for span in side.spans):
            add_span(spans, start, end)
        return Clipping(sum(side.runs for side in found), tuple(spans))


class _Side:
    """Follow the runs at the maximum (sign 1) or the minimum (sign −1)."""

    __slots__ = ("_open", "_rate", "_sign", "_step", "runs", "spans", "top")

    def __init__(self, sign: int, rate: int) -> None:
        self._sign, self._rate = np.float32(sign), rate
        self._step = 1.0  # smallest distance under the top, as a share of it
        self._open = 0  # runs that touch the end of what came
        self.top = 0.0
        self.runs = 0
        self.spans: list[Span] = []

    def may_hold(self, block: Samples, top: float) -> bool:
        """Say whether a block of this maximum can hold a run, or end one."""
        if self._open:
            return True
        if not 0 < top >= NEAR_TOP * self.top:
            return False
        self._rise(top)
        # One comparison over all channels: most blocks touch the top once or twice.
        limit = np.float32(NEAR_TOP * self.top) * self._sign
        near = block >= limit if self._sign > 0 else block <= limit
        at_an_end = bool(near[0].any() or near[-1].any())
        return at_an_end or int(np.count_nonzero(near)) >= LEAST_RUN

    def _rise(self, top: float) -> None:
        """Take a higher maximum: what stood lower was none."""
        if self.top < NEAR_TOP * top:
            self.runs, self.spans, self._step = 0, [], 1.0
        self.top = max(self.top, top)

    def take(self, frames: Samples, seen: int, start: int) -> None:
        """Count the runs that end after the first `seen` frames, known already."""
        self._open = 0
        signed = frames * self._sign
        self._rise(float(signed.max()))
        for channel in signed.T:
            for first, end in self._flat(channel):
                if end == len(channel):
                    self._open += 1
                elif end >= seen:
                    self._count(start + first, start + end)

    def _flat(self, samples: Float32) -> Iterator[tuple[int, int]]:
        """Yield where long enough runs of equal samples at the top begin and end."""
        near = np.flatnonzero(samples >= NEAR_TOP * self.top)
        if len(near) < LEAST_RUN:
            return
        together = (np.diff(near) == 1) & (np.diff(samples[near]) == 0)
        firsts, lasts = runs(together)
        if not len(firsts):
            return
        least = self._least_run(samples, float(samples[near].max()))
        for first, last in zip(near[firsts], near[lasts], strict=True):
            if last - first + 1 >= least:
                yield int(first), int(last) + 1

    def _least_run(self, samples: Float32, top: float) -> int:
        """Return how many equal samples no unclipped voice would leave.

        Of a coarse source (A-law, 8 bits, very quiet) a slow wave stays on its
        highest step for a while: for 2 acos(1 - step) of its 2 pi.
        """
        below = samples[samples < top]
        if len(below):
            self._step = min(self._step, 1 - float(below.max()) / top)
        turn = math.acos(1 - min(self._step, 1.0)) / math.pi
        return max(LEAST_RUN, math.ceil(turn * self._rate / SLOWEST_HZ) + 1)

    def _count(self, first: int, end: int) -> None:
        self.runs += 1
        add_span(self.spans, first / self._rate, end / self._rate)

    def close(self, frames: int) -> None:
        """Count the runs that the recording ends with."""
        for _ in range(self._open):
            self._count(frames - LEAST_RUN, frames)
        self._open = 0
