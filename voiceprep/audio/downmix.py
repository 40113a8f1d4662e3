"""Bring channels down to one: drop the dead ones, mix the rest, say what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from voiceprep.audio.signal import Float32, Samples
    from voiceprep.audio.units import Float64

__all__ = ["ChannelPowers", "PowerMeter", "mix", "powers_of"]

DEAD_GAP_DB: Final = 40.0  # facts.md, "Rules": a channel so far below is dead
EVERY: Final = 7  # frames; which of them count for powers
AUDIBLE_DBFS: Final = -60.0  # [ours] under it, channels are not worth comparing
QUIET_GAP_DB: Final = 20.0  # [ours] a second so far under the loudest holds no speech
_NOTHING: Final = 1e-12  # of a power: what rounding leaves of channels that cancel


@dataclass(frozen=True, slots=True, eq=False)
class ChannelPowers:
    """Hold, second by second, how the channels of a recording go together.

    Parameters
    ----------
    counts : (s,) float64
        How many frames count in each second, 1 or more.
    sums : (s, c) float64
        Of each channel, full scale 1.0.
    products : (s, c, c) float64
        Sums of the products of each two channels.
    """

    counts: Float64
    sums: Float64
    products: Float64

    @property
    def count(self) -> int:
        """Count the channels."""
        return int(self.sums.shape[1])

    @property
    def live(self) -> tuple[int, ...]:
        """Number the channels that are not dead, all where none stands out."""
        powers = self._own_powers
        floor = powers.max(initial=0.0) * 10 ** (-DEAD_GAP_DB / 10)
        above = tuple(np.flatnonzero(powers > floor).tolist())
        return above or tuple(range(self.count))

    @property
    def loudest(self) -> int:
        """Number the channel with the highest power."""
        return int(self._own_powers.argmax())

    @property
    def mono_loss_db(self) -> float:
        """Return the level that mixing the live channels costs, in dB.

        In the worst second in which somebody speaks: the mean power of the channels
        over the power of their mix, and 0 for equal ones. Two voices without relation
        lose 3 dB; a voice against its inverse loses all.
        """
        return self._worst()[0]

    @property
    def correlation(self) -> float | None:
        """Return the correlation of two live channels in that second, −1 to 1."""
        return self._worst()[1]

    def mean_square_of(self, used: tuple[int, ...]) -> float:
        """Return the power of the channels in use: one of them, or their mix."""
        power = self.products.sum(axis=0)[np.ix_(used, used)].sum() / len(used) ** 2
        return float(power / max(self.counts.sum(), 1.0))

    @property
    def _about_the_mean(self) -> Float64:
        """Take the mean of each second out: DC is nothing that can be heard."""
        means = self.sums / self.counts[:, np.newaxis]
        own = self.sums[:, :, np.newaxis] * means[:, np.newaxis]
        about: Float64 = self.products - own
        return about

    @property
    def _own_powers(self) -> Float64:
        powers: Float64 = np.einsum("scc->c", self._about_the_mean)
        return powers

    def _worst(self) -> tuple[float, float | None]:
        """Return loss and correlation of the second that loses most."""
        live = self.live
        together = self._about_the_mean[:, live][:, :, live]
        own = np.einsum("scc->sc", together)
        mixed = together.sum(axis=(1, 2)) / len(live) ** 2
        speaks = self._speaks(own.mean(axis=1))
        if len(live) < 2 or not speaks.any():
            return 0.0, None
        own, mixed, together = own[speaks], mixed[speaks], together[speaks]
        share = np.where(mixed > _NOTHING * own.mean(axis=1), mixed, 0.0)
        share /= own.mean(axis=1)
        worst = int(share.argmin())
        with np.errstate(divide="ignore"):
            loss = max(0.0, float(-10 * np.log10(share[worst])))
        return loss, _correlation(together[worst])

    def _speaks(self, powers: Float64) -> npt.NDArray[np.bool_]:
        """Say in which seconds sound stands out; what is too short to tell is left."""
        levels = powers / self.counts
        floor = max(
            levels.max(initial=0.0) * 10 ** (-QUIET_GAP_DB / 10),
            10 ** (AUDIBLE_DBFS / 10),
        )
        long_enough = 2 * self.counts > self.counts.max(initial=0.0)
        return np.asarray((levels > floor) & long_enough)


def _correlation(together: Float64) -> float | None:
    """Return the correlation of two channels; None for more, or for silence."""
    if len(together) != 2:
        return None
    product = together[0, 0] * together[1, 1]
    return float(together[0, 1] / np.sqrt(product)) if product > 0 else None


class PowerMeter:
    """Measure the powers of channels and of their products, second by second.

    Parameters
    ----------
    rate : int
        Hz.
    channels : int

    >>> meter = PowerMeter(8_000, 2)
    >>> meter.feed(np.array([[0.5, -0.5]], np.float32))
    >>> meter.finish().products.tolist()
    [[[0.25, -0.25], [-0.25, 0.25]]]
    """

    __slots__ = ("_at", "_channels", "_pairs", "_rate", "_seconds")

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._channels = rate, channels
        self._at = 0  # frames before this block
        self._pairs = [(i, j) for i in range(channels) for j in range(i, channels)]
        self._seconds: list[list[float]] = []  # count, sums, products of the pairs

    def feed(self, block: Samples) -> None:
        """Take a block, (n, channels) float32; every seventh frame counts."""
        # Measured: a seventh of the frames tells powers of sound as well as all, in a
        # fifth of the time. A prime, so that it falls in step with no frame pattern.
        first = -self._at % EVERY
        planes = block[first::EVERY].T.astype(np.float64, order="C")
        at, begun = self._at + first, 0
        self._at += len(block)
        while begun < planes.shape[1]:
            second = (at + begun * EVERY) // self._rate
            left = (second + 1) * self._rate - at
            upto = min(planes.shape[1], -(-left // EVERY))
            self._add(second, planes[:, begun:upto])
            begun = upto

    def _add(self, second: int, planes: Float64) -> None:
        """Add frames of one second, (channels, n)."""
        # einsum without BLAS: the same bits whatever library a processor has.
        products = [
            float(np.einsum("n,n->", planes[i], planes[j])) for i, j in self._pairs
        ]
        told = [float(planes.shape[1]), *planes.sum(axis=1).tolist(), *products]
        if second == len(self._seconds):
            self._seconds.append(told)
        else:
            so_far = self._seconds[second]
            self._seconds[second] = [a + b for a, b in zip(so_far, told, strict=True)]

    def finish(self) -> ChannelPowers:
        """Return what was measured."""
        channels = self._channels
        told = np.array(self._seconds).reshape(-1, 1 + channels + len(self._pairs))
        products = np.empty((len(told), channels, channels))
        for column, (i, j) in enumerate(self._pairs, 1 + channels):
            products[:, i, j] = products[:, j, i] = told[:, column]
        return ChannelPowers(told[:, 0], told[:, 1 : 1 + channels], products)


def powers_of(samples: Samples, rate: int) -> ChannelPowers:
    """Measure audio in memory, (n, channels) float32, at once; as `PowerMeter`.

    >>> both = np.sin(np.arange(8_000, dtype=np.float32))[:, None] * [0.5, -0.4]
    >>> round(powers_of(both, 8_000).mono_loss_db)
    19
    """
    meter = PowerMeter(rate, samples.shape[1])
    meter.feed(samples)
    return meter.finish()


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
