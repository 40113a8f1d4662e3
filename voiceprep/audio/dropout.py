"""Find dropouts: nothing at all for a moment, torn into running speech.

Looked for in the source, at its own rate: resampled, a hole rings at both ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.runs import Span, runs, spans_of
from voiceprep.audio.units import FULL_SCALE, FULL_SCALE_DB, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.audio.signal import Float32

__all__ = ["DropoutMeter", "Ticks", "dropouts"]

TICKS_PER_S: Final = 1_000
# facts.md, "Rules", dropout: 20 ms of zeros. An MP3 smears into it at both ends.
LEAST_MS: Final = 15
MOST_MS: Final = 200  # [ours] what lasts longer is a pause, if a badly cut one
STILL_UNDER_DB: Final = 50.0  # [ours] a gap lies so far under the speech level
_STILL_DB: Final = 19  # and reaches no more than 8 steps (rms, 18.1 dB): A-law's least

# Both sides are running speech, and loud up to the hole or broken off at once. dB over
# the speech level. Measured (scripts/calibrate_rules.py, damage_rules.py): of 1,024
# professional prompts, none passes; of holes torn into voices, 97 of 100.
AROUND_MS, AROUND_DB = 15, -10.0  # rms
NEAR_MS, NEAR_DB = 5, -9.0  # loudest millisecond
SUDDEN_DB: Final = -15.0  # louder of the two milliseconds beside it

# Some synthetic voices (espeak-ng) are digitally silent before every plosive, for
# lengths out of a table. A hole has a length of its own; where theirs recur, it must
# break off at once, too.
HABIT: Final = 3  # gaps of one length
SAME_MS: Final = 1
MOST_BESIDE_HABIT_MS: Final = 150  # [ours] above it are their pauses
_WITHIN_SPEECH_DB: Final = -40.0  # rms around a gap that is a plosive's, no pause's


@dataclass(frozen=True, slots=True, eq=False)
class Ticks:
    """Hold how loud each millisecond of a recording is.

    Parameters
    ----------
    levels : (n,) uint8
        rms, dB of one 16-bit step, rounded up.
    each_s : float
        Length of each: whole samples, so that it is not quite a millisecond.
    """

    levels: npt.NDArray[np.uint8]
    each_s: float


class DropoutMeter:
    """Say how loud each millisecond is: 7 MB for two hours.

    Before the mean is taken out, which leaves nothing of exact zeros; and before the
    high-pass, which smears into them.

    Parameters
    ----------
    rate : int
        Hz.

    >>> voice = 0.1 * np.sin(np.arange(8_000, dtype=np.float32) / 3)
    >>> voice[4_000:4_240] = 0
    >>> meter = DropoutMeter(8_000)
    >>> meter.feed(voice)
    >>> dropouts(meter.finish(), level_dbov=-23)
    ((0.5, 0.53),)
    """

    __slots__ = ("_each_s", "_levels", "_rows", "_to_steps")

    def __init__(self, rate: int) -> None:
        samples = rate // TICKS_PER_S
        self._each_s = samples / rate
        self._to_steps = np.float32(FULL_SCALE**2 / samples)
        self._rows: Rows[np.float32] = Rows(samples)
        self._levels: list[npt.NDArray[np.uint8]] = []

    def feed(self, block: Float32) -> None:
        """Take a block, (n,) float32, full scale ±1.0."""
        for rows in self._rows.feed(block):
            power = np.einsum("ij,ij->i", rows, rows)
            power *= self._to_steps
            level = 10 * np.log10(np.maximum(power, np.float32(1)))  # 0 <= level < 256
            self._levels.append(np.ceil(level).astype(np.uint8))

    def finish(self) -> Ticks:
        """Return the levels."""
        levels = np.concatenate([np.zeros(0, np.uint8), *self._levels])
        return Ticks(levels, self._each_s)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Hold a still stretch, in ticks, and what stands around it.

    Parameters
    ----------
    around : float
        rms of the 15 ms on its quieter side, dB over the speech level.
    near : float
        Loudest of the 5 ms beside it, on the quieter side.
    sudden : float
        Louder of the two milliseconds that touch it.
    """

    start: int
    end: int
    around: float
    near: float
    sudden: float

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def breaks_off(self) -> bool:
        """Say whether there is running speech on both sides, up to the gap."""
        loud = self.near >= NEAR_DB or self.sudden >= SUDDEN_DB
        return loud and self.around >= AROUND_DB


def dropouts(ticks: Ticks, level_dbov: float) -> tuple[Span, ...]:
    """Return where speech is torn.

    Of speech under −40 dBov nothing is said: 16 bits are zero in it by themselves.

    Parameters
    ----------
    ticks : Ticks
    level_dbov : float
        Active speech level: what counts as running speech.
    """
    speech = level_dbov + FULL_SCALE_DB
    if speech < STILL_UNDER_DB:
        return ()
    torn = _torn(_gaps(ticks.levels, speech))
    each_s = ticks.each_s
    return spans_of((gap.start * each_s, gap.end * each_s) for gap in torn)


def _gaps(levels: npt.NDArray[np.uint8], speech_db: float) -> list[_Gap]:
    """Return the still stretches that may be holes, or plosives."""
    starts, ends = runs(levels <= min(_STILL_DB, speech_db - STILL_UNDER_DB))
    length = ends - starts
    fits = (length >= LEAST_MS) & (length <= MOST_MS)
    fits &= (starts > 0) & (ends < len(levels))

    def gap(start: int, end: int) -> _Gap:
        before = levels[max(0, start - AROUND_MS) : start].astype(np.float64)[::-1]
        after = levels[end : end + AROUND_MS].astype(np.float64)
        sides = before - speech_db, after - speech_db  # from the gap outwards
        return _Gap(
            start,
            end,
            min(_mean_db(side) for side in sides),
            min(float(side[:NEAR_MS].max()) for side in sides),
            max(float(side[0]) for side in sides),
        )

    places = zip(starts[fits].tolist(), ends[fits].tolist(), strict=True)
    return list(starmap(gap, places))


def _mean_db(levels: npt.NDArray[np.float64]) -> float:
    """Return the level of the mean power."""
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def _torn(gaps: Sequence[_Gap]) -> list[_Gap]:
    """Choose the gaps that are no plosives of the voice."""
    every = Counter(gap.length for gap in gaps)
    soft = Counter(
        gap.length
        for gap in gaps
        if not gap.breaks_off and gap.around > _WITHIN_SPEECH_DB
    )
    torn = [g for g in gaps if g.breaks_off and not _alike(soft, g.length)]
    if not any(_alike(soft, length) >= HABIT for length in soft):
        return torn
    return [
        gap
        for gap in torn
        if gap.sudden >= SUDDEN_DB
        and gap.length <= MOST_BESIDE_HABIT_MS
        and _alike(every, gap.length) == 1  # itself
    ]


def _alike(lengths: Counter[int], length: int) -> int:
    """Count the gaps of about one length."""
    return sum(lengths[length + off] for off in range(-SAME_MS, SAME_MS + 1))
