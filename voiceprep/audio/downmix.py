"""Bring channels down to one: drop the dead ones, mix the rest, say what was lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from voiceprep.audio.signal import Float32, Samples

__all__ = ["ChannelPowers", "add_powers", "mix", "no_powers"]

DEAD_GAP_DB: Final = 40.0  # facts.md, "Rules": a channel so far below is dead
EVERY: Final = 7  # frames; which of them count for powers
AUDIBLE_DBFS: Final = -60.0  # [ours] under it, channels are not worth comparing


@dataclass(frozen=True, slots=True)
class ChannelPowers:
    """Hold the sums of squares of channels and of their mix.

    Parameters
    ----------
    frames : int
        How many count.
    channels : tuple of float
        Sum of squares of each channel, full scale 1.0.
    mixed : float
        Sum of squares of the mix of all channels.
    """

    frames: int
    channels: tuple[float, ...]
    mixed: float

    @property
    def live(self) -> tuple[int, ...]:
        """Number the channels that are not dead, all where none stands out."""
        floor = max(self.channels, default=0.0) * 10 ** (-DEAD_GAP_DB / 10)
        live = [n for n, power in enumerate(self.channels) if power > floor]
        return tuple(live) or tuple(range(len(self.channels)))

    @property
    def loudest(self) -> int:
        """Number the channel with the highest power."""
        return max(range(len(self.channels)), key=self.channels.__getitem__)

    @property
    def audible(self) -> bool:
        """Say whether any channel is above −60 dBFS (rms)."""
        floor = self.frames * 10 ** (AUDIBLE_DBFS / 10)
        return max(self.channels, default=0.0) > floor

    def mean_square_of(self, used: tuple[int, ...]) -> float:
        """Return the power of the channels in use: one of them, or their mix."""
        power = self.channels[used[0]] if len(used) == 1 else self.mixed
        return power / max(self.frames, 1)

    @property
    def mono_loss_db(self) -> float:
        """Return the level that mixing costs, in dB; 0 for equal channels.

        The mean power of the channels over the power of their mix. Two voices
        without relation lose 3 dB; a voice against its inverse loses all.
        """
        if not self.audible or len(self.channels) < 2:
            return 0.0
        mean = sum(self.channels) / len(self.channels)
        return 10 * math.log10(mean / self.mixed) if self.mixed > 0 else math.inf

    @property
    def correlation(self) -> float | None:
        """Return the correlation of two channels, −1 to 1; None for others."""
        if not self.audible or len(self.channels) != 2 or min(self.channels) <= 0:
            return None
        left, right = self.channels
        # mix = (l + r) / 2, so that 4 mix² = l² + r² + 2 l r
        return (4 * self.mixed - left - right) / 2 / math.sqrt(left * right)


def no_powers(channels: int) -> ChannelPowers:
    """Return the sums before the first block."""
    return ChannelPowers(0, (0.0,) * channels, 0.0)


def add_powers(sums: ChannelPowers, block: Samples) -> ChannelPowers:
    """Add a block, (n, channels) float32, to the sums; every seventh frame counts.

    >>> block = np.array([[0.5, -0.5]], np.float32)
    >>> add_powers(no_powers(2), block).mixed
    0.0
    """
    # Measured: a seventh of the frames tells powers of sound as well as all, in a
    # fifth of the time. A prime, so that it falls in step with no frame pattern.
    planes = np.ascontiguousarray(block[::EVERY].T)
    # einsum without BLAS: the same bits whatever library a processor has.
    powers = np.einsum("ij,ij->i", planes, planes)
    mixed = planes[0] if len(planes) == 1 else planes.sum(axis=0) / len(planes)
    return ChannelPowers(
        sums.frames + planes.shape[1],
        tuple(map(float, sums.channels + powers)),
        sums.mixed + float(np.einsum("i,i->", mixed, mixed)),
    )


def mix(block: Samples, channels: tuple[int, ...] | None = None) -> Float32:
    """Mix channels with equal weight.

    Parameters
    ----------
    block : (n, channels) float32
    channels : tuple of int or None
        Which ones; all by default.

    Returns
    -------
    (n,) float32
        Their mean: what does not clip in each does not clip in the mix.

    >>> mix(np.array([[0.5, 0.25]], np.float32)).tolist()
    [0.375]
    """
    chosen = range(block.shape[1]) if channels is None else channels
    first, *others = chosen
    if not others:
        return np.ascontiguousarray(block[:, first])
    mixed = block[:, first] + block[:, others[0]]
    for channel in others[1:]:
        mixed += block[:, channel]
    mixed *= np.float32(1 / len(chosen))
    return mixed
