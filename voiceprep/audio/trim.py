"""Take long silences out: at the ends, and the middle of pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.limits import Limits
    from voiceprep.audio.silence import Silences
    from voiceprep.audio.units import Float64

__all__ = ["Cut", "kept", "silence_cuts", "without"]

LEAD_S: Final = 0.3  # [ours] what is left of each: a breath, no more
TRAIL_S: Final = 0.5
PAUSE_S: Final = 1.0

Cut = tuple[int, int]  # samples at 8 kHz, from and up to


def silence_cuts(silences: Silences, samples: int, limits: Limits) -> tuple[Cut, ...]:
    """Choose what to take out: only from silences that the rules find too long.

    Parameters
    ----------
    silences : Silences
    samples : int
        Of the signal.
    limits : Limits

    Returns
    -------
    tuple of Cut
        In order, none touching another.

    >>> from voiceprep.audio.limits import Limits
    >>> from voiceprep.audio.silence import Silences
    >>> silence_cuts(Silences(3.3, 0.0, ((6.0, 9.0),)), 100_000, Limits())
    ((0, 24000), (52000, 68000))
    """
    cuts = []
    if silences.leading_s > limits.leading_s:
        cuts.append((0.0, silences.leading_s - LEAD_S))
    for start_s, end_s in silences.pauses:
        if end_s - start_s > limits.pause_warn_s:
            cuts.append((start_s + PAUSE_S / 2, end_s - PAUSE_S / 2))
    counted = [(_samples(start), _samples(end)) for start, end in cuts]
    if silences.trailing_s > limits.trailing_s:
        counted.append((samples - _samples(silences.trailing_s - TRAIL_S), samples))
    return tuple(counted)


def _samples(seconds: float) -> int:
    return round(seconds * TELEPHONE_RATE)


def kept(cuts: Iterable[Cut], samples: int) -> int:
    """Count the samples that are left.

    >>> kept([(0, 100), (300, 400)], 1_000)
    800
    """
    return samples - sum(end - start for start, end in cuts)


def without(blocks: Iterable[Float64], cuts: Iterable[Cut]) -> Iterator[Float64]:
    """Yield the samples outside of the cuts.

    What meets at a cut is silence on both sides, so that nothing clicks.

    >>> import numpy as np
    >>> [part.tolist() for part in without([np.arange(6.0)], [(1, 4)])]
    [[0.0], [4.0, 5.0]]
    """
    waiting = list(cuts)
    at = 0  # samples before this block
    for block in blocks:
        begin, end = at, at + len(block)
        while waiting and waiting[0][0] < end:
            first, last = waiting[0]
            if first > begin:
                yield block[begin - at : first - at]
            begin = min(last, end)
            if last > end:
                break
            waiting.pop(0)
        if begin < end:
            yield block[begin - at :]
        at = end
