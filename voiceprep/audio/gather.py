"""Bring a recording to its mono signal at 8 kHz, and measure its source on the way.

One pass over the source, streamed: decode, measure, mix, resample, keep.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from voiceprep.audio.clipping import Clipping, ClippingMeter
from voiceprep.audio.decode import Decoded, Sink
from voiceprep.audio.downmix import ChannelPowers, PowerMeter, mix
from voiceprep.audio.dropout import DropoutMeter, Ticks
from voiceprep.audio.g711 import FIXED_POINT
from voiceprep.audio.identify import SEND_AGAIN
from voiceprep.audio.resample import Resampler
from voiceprep.audio.scratch import Scratch
from voiceprep.audio.units import FULL_SCALE
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from voiceprep.audio.signal import Audio, Float32, Samples

__all__ = ["Gathered", "Pour", "gather", "gather_audio"]

Pour = Callable[[Sink], Decoded]
LARGEST: Final = 1e5  # [ours] times full scale; real files reach 16,411 (facts.md)


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Hold a recording's mono signal at 8 kHz, and what its source measured.

    Parameters
    ----------
    signal : Scratch
        The signal, float32, full scale ±1.0; closed by whoever gathered it.
    samples : int
        At 8 kHz.
    decoded : Decoded
        Rate, channels and frames of the source, and who decoded it.
    peak : float
        Largest magnitude of the source, full scale 1.0.
    powers : ChannelPowers
        Of the source's channels, second by second.
    mean : float
        Of the signal.
    used : tuple of int
        The channels in the signal.
    prepared_already : bool
        8 kHz, mono, and every sample a decoded A-law value: nothing is changed.
    clipping : Clipping
        Of the source.
    ticks : Ticks
        Of its mix: what `dropout.dropouts` looks at.
    """

    signal: Scratch
    samples: int
    decoded: Decoded
    peak: float
    powers: ChannelPowers
    mean: float
    used: tuple[int, ...]
    prepared_already: bool
    clipping: Clipping
    ticks: Ticks

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.signal.close()


@dataclass(slots=True)
class _Stages:
    """Hold what a source passes, block by block."""

    powers: PowerMeter
    clipping: ClippingMeter
    dropouts: DropoutMeter
    resampler: Resampler

    @classmethod
    def of(cls, rate: int, channels: int) -> Self:
        """Make them for a source whose rate and channels are known by now."""
        powers, resampler = PowerMeter(rate, channels), Resampler(rate)
        return cls(powers, ClippingMeter(rate), DropoutMeter(rate), resampler)


@dataclass(slots=True)
class _Intake:
    """Take decoded blocks in: measure, mix, resample, keep."""

    chosen: tuple[int, ...] | None
    signal: Scratch = field(default_factory=Scratch)
    stages: _Stages | None = None
    peak: float = 0.0
    frames: int = 0
    samples: int = 0
    total: float = 0.0
    fixed_point: bool = True

    def take(self, block: Samples, rate: int) -> None:
        """Take one block of the source."""
        if self.stages is None:
            self.stages = _Stages.of(rate, block.shape[1])
            self.fixed_point = rate == TELEPHONE_RATE and block.shape[1] == 1
        stages = self.stages
        highest, lowest = self._measure_peak(block, rate)
        stages.clipping.feed(block, highest, lowest)
        stages.powers.feed(block)
        self.frames += len(block)
        mixed = mix(block, self.chosen)
        stages.dropouts.feed(mixed)
        self._keep(stages.resampler.feed(mixed))

    def _measure_peak(self, block: Samples, rate: int) -> tuple[float, float]:
        """Return maximum and negated minimum; refuse what is no number."""
        highest, lowest = float(block.max()), -float(block.min())
        if not (highest < LARGEST and lowest < LARGEST):  # false for NaN too
            raise _invalid(block, rate, self.frames)
        self.peak = max(self.peak, highest, lowest)
        return highest, lowest

    def _keep(self, signal: Float32) -> None:
        """Keep a stretch of the 8 kHz signal."""
        if self.fixed_point:
            self.fixed_point = _is_fixed_point(signal)
        self.samples += len(signal)
        self.total += float(signal.sum(dtype=np.float64))
        self.signal.write(signal.data)

    def finish(self, decoded: Decoded) -> Gathered:
        """Take the resampler's rest in and sum up."""
        if self.stages is None:
            raise UndecodableError(
                "not a single sample in it", code="empty", remedy=SEND_AGAIN
            )
        stages = self.stages
        self._keep(stages.resampler.finish())
        powers = stages.powers.finish()
        return Gathered(
            self.signal,
            self.samples,
            decoded,
            self.peak,
            powers,
            # Rounded, so that it is the same however the source came in blocks.
            round(self.total / max(self.samples, 1), 9),
            tuple(range(powers.count)) if self.chosen is None else self.chosen,
            self.fixed_point,
            stages.clipping.finish(),
            stages.dropouts.finish(),
        )


def _invalid(block: Samples, rate: int, before: int) -> UndecodableError:
    """Say where the first sample that is no sound stands."""
    sound = np.abs(block) < LARGEST
    bad = int(np.flatnonzero(~sound.all(axis=1))[0])
    at = (before + bad) / rate
    sample = float(np.abs(block[bad][~sound[bad]][0]))
    told = f"{sample:.0e} times full scale" if sample < math.inf else "no finite number"
    return UndecodableError(
        f"the sample at {at:.3f} s is {told}",
        code="invalid_samples",
        remedy="Export it again, as 16-bit WAV or MP3.",
        value=round(at, 3),
    )


def _is_fixed_point(signal: Float32) -> bool:
    """Say whether every sample is a decoded A-law value."""
    steps = signal * np.float32(FULL_SCALE)
    if not len(steps) or max(steps.max(), -steps.min()) > FULL_SCALE - 1:
        return not len(steps)
    whole = steps.astype(np.int16)
    return bool((whole == steps).all() and FIXED_POINT[whole.view(np.uint16)].all())


def gather(pour: Pour, chosen: tuple[int, ...] | None = None) -> Gathered:
    """Bring a recording to its mono signal at 8 kHz, and measure the source.

    Parameters
    ----------
    pour : callable
        Decodes the recording into the sink that it is given; called again where
        the measures ask for other channels.
    chosen : tuple of int or None
        Channels to use; None mixes those that are not dead.

    Raises
    ------
    UndecodableError
        As `decode.pour`; ``empty`` and ``invalid_samples``.
    """
    intake = _Intake(chosen)
    try:
        gathered = intake.finish(pour(intake.take))
    except BaseException:
        intake.signal.close()
        raise
    live = gathered.powers.live
    if chosen is None and live != gathered.used:
        gathered.signal.close()  # a dead channel lowers the mix: again without it
        return gather(pour, live)
    return gathered


def gather_audio(audio: Audio) -> Gathered:
    """Bring audio in memory to its mono signal at 8 kHz; as `gather`.

    >>> from voiceprep.audio.signal import Audio
    >>> with gather_audio(Audio(np.zeros(16_000, np.float32), 16_000)) as gathered:
    ...     gathered.samples
    8000
    """
    return gather(partial(_pour_audio, audio))


def _pour_audio(audio: Audio, sink: Sink) -> Decoded:
    """Pour audio in memory, as `decode.pour` pours a file."""
    if audio.frames:
        sink(audio.samples, audio.rate)
    return Decoded(("memory",), audio.rate, audio.channels, audio.frames)
