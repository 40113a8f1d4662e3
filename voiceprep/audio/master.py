"""Bring a voice to the level at which a telephone carries it best.

The order is that of facts.md, "Mastering": mean and high-pass (`highpass`), long
silences out (`trim`), on request a compressor, level, limiter. What is decided is a
`Plan`, a value; what it did is a `Mastered`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.audio.g711 import alaw_decode, alaw_encode
from voiceprep.audio.highpass import CUT_HZ, PLAIN, Tone
from voiceprep.audio.trim import silence_cuts
from voiceprep.audio.units import FULL_SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.limiter import Limiter
    from voiceprep.audio.limits import Limits
    from voiceprep.audio.measure import Signal
    from voiceprep.audio.silence import Silences
    from voiceprep.audio.trim import Cut
    from voiceprep.audio.units import Float64

__all__ = [
    "Plan",
    "ceiling_of",
    "gain_of",
    "levelled",
    "nearer",
    "plan_of",
    "with_gain",
]

PRESENCE_DB: Final = 4.0  # facts.md, "Mastering", clarity
CLEAR_CUT_HZ: Final = 200.0  # facts.md: 300 costs more than it helps
# Of a boomy voice, most of the power lies outside of the telephone's band, and its
# level says little. Measured (scripts/intelligibility.py): the cut at 200 Hz raises
# ESTOI by 0.06 to 0.15 there; of other voices it takes some away.
BOOMY_DB: Final = 3.0  # lost outside of the band: half of the power
NEAR_DB: Final = 0.2  # issue 4, Done-when 4: within 0.3 dB of the target
LEAST_GAIN_DB: Final = 0.1  # [ours] under it, a level is the target already


@dataclass(frozen=True, slots=True)
class Plan:
    """Say what is to be done to a signal.

    Parameters
    ----------
    mode : str
        ``off``, ``level`` or ``clarity``.
    gain_db : float
        To two places, so that it is the same on every machine.
    cuts : tuple of Cut
        Silences to take out.
    tone : Tone
        Of the filter.
    """

    mode: str = "off"
    gain_db: float = 0.0
    cuts: tuple[Cut, ...] = ()
    tone: Tone = PLAIN

    @property
    def changes_nothing(self) -> bool:
        """Say whether the signal stays as it is."""
        return self.mode == "off" and not self.cuts


def plan_of(
    mode: str, signal: Signal, limits: Limits, trimmed: Silences | None = None
) -> Plan:
    """Decide what is to be done.

    Parameters
    ----------
    mode : str
        ``auto`` leaves alone what lies in the limits' window.
    signal : Signal
        What was measured of it.
    limits : Limits
    trimmed : Silences or None
        Which of them to take out where they are long; None keeps them.
    """
    level = signal.speech.level_dbov
    silent = signal.frames.loudest_dbfs < limits.silent_dbfs
    if silent or not math.isfinite(level):
        return Plan()  # where nothing is heard, nothing is a silence between words
    cuts = silence_cuts(trimmed, signal.samples, limits) if trimmed else ()
    if mode == "off":
        return Plan(cuts=cuts)
    if mode == "clarity":
        # Its gain follows from what comes out.
        return Plan("clarity", cuts=cuts, tone=_clear_tone(signal))
    gain = gain_of(level, limits)
    fits = limits.least_dbov <= level <= limits.most_dbov
    right = abs(gain) < LEAST_GAIN_DB and signal.peak * FULL_SCALE <= ceiling_of(limits)
    if (mode == "auto" and fits) or right:
        return Plan(cuts=cuts)
    return Plan("level", gain, cuts)


def _clear_tone(signal: Signal) -> Tone:
    """Choose what makes a voice clearer."""
    spectrum = signal.spectrum
    boomy = spectrum is not None and spectrum.band_loss_db > BOOMY_DB
    return Tone(CLEAR_CUT_HZ if boomy else CUT_HZ, PRESENCE_DB)


def gain_of(level_dbov: float, limits: Limits) -> float:
    """Return the gain that brings a level to the target, in dB, to two places.

    >>> from voiceprep.audio.limits import Limits
    >>> gain_of(-29.2, Limits())
    9.2
    """
    return round(min(limits.target_dbov - level_dbov, limits.most_gain_db), 2)


def ceiling_of(limits: Limits) -> float:
    """Return the largest magnitude of mastered samples, in 16-bit steps.

    What A-law makes of it is no larger. −1 dBFS is 29,204, which A-law makes 29,184.

    >>> from voiceprep.audio.limits import Limits
    >>> ceiling_of(Limits())
    29204.0
    """
    ceiling = math.floor(FULL_SCALE * 10 ** (limits.ceiling_dbfs / 20))
    after = int(alaw_decode(alaw_encode(np.array([ceiling], np.int16)))[0])
    if after <= ceiling:
        return float(ceiling)
    levels = alaw_decode(np.arange(256, dtype=np.uint8))
    return float(levels[levels <= ceiling].max())


def levelled(
    blocks: Iterable[Float64], plan: Plan, limiter: Limiter
) -> Iterator[Float64]:
    """Apply a plan's gain; hold peaks under the ceiling."""
    factor = 10 ** (plan.gain_db / 20)
    return limiter.limited(block * factor for block in blocks)


def nearer(plan: Plan, level_dbov: float, limits: Limits) -> Plan | None:
    """Return a plan that comes nearer to the target; None where this one is near.

    The speech level of P.56 does not follow a gain exactly: its thresholds are powers
    of two, and between two of them it may jump by 0.4 dB. Half of what is missing lies
    within 0.2 dB of the target on either side of such a jump.

    >>> from voiceprep.audio.limits import Limits
    >>> nearer(Plan("level", 7.0), -20.4, Limits()).gain_db
    7.2
    """
    missing = limits.target_dbov - level_dbov
    if plan.gain_db == limits.most_gain_db or not abs(missing) > NEAR_DB:
        return None
    return replace(plan, gain_db=round(plan.gain_db + missing / 2, 2))


def with_gain(plan: Plan, level_dbov: float, limits: Limits) -> Plan:
    """Complete a plan by the level that its first steps led to."""
    gain = gain_of(level_dbov, limits) if math.isfinite(level_dbov) else 0.0
    return replace(plan, gain_db=gain)
