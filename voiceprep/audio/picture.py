"""Draw sound: the outline of a waveform, and a spectrogram, as plain numbers.

Both are fed as a recording is decoded and keep one value a pixel, so that two hours
take no more memory than ten seconds. Who draws them (a page, a terminal) decides on
colours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.audio.signal import Float32, Samples

__all__ = ["Envelope", "Spectrogram", "envelope", "spectrogram"]

WINDOW_S: Final = 0.032  # resolves a voice's pitch and its syllables alike
WINDOWS_A_COLUMN: Final = 4  # spread over it; more change the picture by little
SAMPLES_AT_ONCE: Final = 32_768  # [ours] in windows: what stays in the cache
FLOOR_DB: Final = -120.0  # under the noise of 16 bits: nothing more to see

Spectra = npt.NDArray[np.complexfloating]
Int64 = npt.NDArray[np.int64]
Block = npt.NDArray[np.floating] | npt.NDArray[np.int16]


@dataclass(slots=True)
class Envelope:
    """Follow the lowest and the highest sample of each stretch of a recording.

    Parameters
    ----------
    frames : int
        How many will come; those beyond count towards the last stretch.
    points : int
        Stretches of equal length, >= 1.

    >>> drawn = Envelope(4, points=2)
    >>> drawn.take(np.array([[0.5], [-0.25], [0.0], [1.0]], np.float32))
    >>> drawn.finish().tolist()
    [[-0.25, 0.5], [0.0, 1.0]]
    """

    frames: int
    points: int
    _filled: Int64 = field(init=False, repr=False)
    _edges: Int64 = field(init=False, repr=False)
    _drawn: Float32 = field(init=False, repr=False)
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        # Whole numbers: frame n belongs to stretch n × points / frames, rounded down.
        bounds = np.arange(self.points + 1, dtype=np.int64) * self.frames
        edges = -(-bounds // self.points)
        self._filled = np.flatnonzero(np.diff(edges))
        self._edges = edges[self._filled]
        self._drawn = np.zeros((self.points, 2), np.float32)
        self._drawn[self._filled] = np.inf, -np.inf

    def take(self, block: Block) -> None:
        """Take a block, (n,) or (n, channels); all its channels count."""
        if not len(block) or not len(self._edges):
            return
        ends = self._seen, self._seen + len(block) - 1
        first, last = np.searchsorted(self._edges, ends, side="right") - 1
        starts = np.maximum(self._edges[first : last + 1] - self._seen, 0)
        reach = self._filled[first : last + 1]
        # One axis, the channels side by side: numpy reduces a short one slowly.
        flat, starts = block.reshape(-1), starts * (block.size // len(block))
        lows = np.minimum.reduceat(flat, starts)
        highs = np.maximum.reduceat(flat, starts)
        self._drawn[reach, 0] = np.minimum(self._drawn[reach, 0], lows)
        self._drawn[reach, 1] = np.maximum(self._drawn[reach, 1], highs)
        self._seen += len(block)

    def finish(self) -> Float32:
        """Return the envelope, (points, 2) float32; 0 where there is no sample."""
        return np.where(np.isfinite(self._drawn), self._drawn, np.float32(0))


@dataclass(slots=True)
class Spectrogram:
    """Follow the power of each band in each stretch of a recording.

    Parameters
    ----------
    rate : int
        Hz.
    frames : int
        How many will come.
    columns, rows : int
        Stretches of time, and bands of equal width from 0 to `top_hz`.
    top_hz : float
        Bands above half the rate stay at the floor.

    >>> drawn = Spectrogram(8_000, 8_000, columns=4, rows=8, top_hz=4_000)
    >>> n = np.arange(8_000, dtype=np.float32)[:, None]
    >>> drawn.take(np.sin(2 * np.pi * 1_200 / 8_000 * n))
    >>> drawn.finish().argmax(axis=0).tolist()        # 1000 to 1500 Hz
    [2, 2, 2, 2]
    """

    rate: int
    frames: int
    columns: int
    rows: int = 64
    top_hz: float = 4_000.0
    _size: int = field(init=False, repr=False)
    _bins: int = field(init=False, repr=False)  # that are looked at, from 0 Hz on
    _edges: Int64 = field(init=False, repr=False)  # the first bin of each band
    _starts: Int64 = field(init=False, repr=False)
    _power: Float32 = field(init=False, repr=False)
    _held: Samples = field(init=False, repr=False)
    _held_at: int = field(default=0, init=False)
    _done: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._size = 1 << round(np.log2(self.rate * WINDOW_S))
        hz = np.arange(self._size // 2 + 1) * (self.rate / self._size)
        edges = np.searchsorted(hz, np.arange(self.rows) * (self.top_hz / self.rows))
        self._edges = edges[edges < len(hz)]
        self._bins = int(np.searchsorted(hz, self.top_hz, side="right"))
        windows = self.columns * WINDOWS_A_COLUMN
        middles = (np.arange(windows) + 0.5) * (self.frames / windows)
        latest = max(self.frames - self._size, 0)
        self._starts = np.clip(middles - self._size / 2, 0, latest).astype(np.int64)
        self._power = np.zeros((windows, self.rows), np.float32)
        self._held = np.zeros((0, 1), np.float32)

    def take(self, block: Block) -> None:
        """Take a block, (n,) or (n, channels); the channels' powers are added."""
        block = block.astype(np.float32, copy=False)
        block = block[:, np.newaxis] if block.ndim == 1 else block
        held = np.concatenate([self._held, block]) if len(self._held) else block
        end = self._held_at + len(held)
        ready = int(np.searchsorted(self._starts, end - self._size, side="right"))
        if ready > self._done:
            self._measure(held, ready)
        needed = self._starts[ready] if ready < len(self._starts) else end
        dropped = max(0, min(int(needed) - self._held_at, len(held)))
        self._held, self._held_at = held[dropped:].copy(), self._held_at + dropped

    def _measure(self, held: Samples, ready: int) -> None:
        """Measure the windows that are whole by now, a few at a time."""
        channels = held.shape[1]
        flat = held.reshape(-1)  # the channels side by side, as they lie
        views = sliding_window_view(flat, self._size * channels)
        shape = _window(self._size, channels)
        starts = (self._starts[self._done : ready] - self._held_at) * channels
        power = np.empty((len(starts), self._bins), np.float32)
        at_once = max(1, SAMPLES_AT_ONCE // len(shape))
        for first in range(0, len(starts), at_once):
            few = slice(first, first + at_once)
            cut = views[starts[few]]
            cut *= shape
            _add_powers(cut, channels, power[few])
        strongest = np.maximum.reduceat(power, self._edges, axis=1)
        self._power[self._done : ready, : len(self._edges)] = strongest
        self._done = ready

    def finish(self) -> Float32:
        """Return decibels of full scale, (rows, columns) float32; row 0 is lowest."""
        if self._done < len(self._starts):  # fewer frames came, or less than a window
            missing = int(self._starts[-1]) + self._size - self._held_at
            silence = max(0, missing - len(self._held))
            self.take(np.zeros((silence, self._held.shape[1]), np.float32))
        power = self._power.reshape(self.columns, WINDOWS_A_COLUMN, self.rows)
        floor = 10 ** (FLOOR_DB / 10)
        decibels = 10 * np.log10(np.maximum(power.mean(axis=1, dtype=float), floor))
        return np.ascontiguousarray(decibels.T, dtype=np.float32)


@lru_cache(maxsize=16)
def _window(size: int, channels: int) -> Float32:
    """Return Hann's window, each of its values once a channel."""
    shape = np.hanning(size + 1)[:-1].astype(np.float32)
    # A sine of full scale reads 0 dB: the window halves it, a bin holds half.
    shape *= np.float32(4 / size)
    return shape.repeat(channels)


def _add_powers(cut: Float32, channels: int, power: Float32) -> None:
    """Measure the channels' powers in the lowest bins, added.

    Parameters
    ----------
    cut : (windows, size × channels) float32
        Stretches of sound, the channels side by side.
    channels : int
    power : (windows, bins) float32
        Is filled.
    """
    bins = power.shape[1]
    if channels == 2:
        # Left and right are the parts of one complex signal Z, as they lie there:
        # |Z(k)|² + |Z(-k)|² = 2 |L(k)|² + 2 |R(k)|².
        spectra = np.fft.fft(cut.view(np.complex64))
        _square(spectra[:, :bins], power)
        power[:, 1:] += _square(spectra[:, -1:-bins:-1])
        power[:, 1:] *= np.float32(0.5)
        return
    _square(np.fft.rfft(cut[:, ::channels])[:, :bins], power)
    for channel in range(1, channels):
        power += _square(np.fft.rfft(cut[:, channel::channels])[:, :bins])


def _square(spectra: Spectra, out: Float32 | None = None) -> Float32:
    power: Float32 = np.square(spectra.real, out=out)
    power += np.square(spectra.imag)
    return power


def envelope(blocks: Iterable[Block], samples: int, points: int) -> Float32:
    """Return the lowest and the highest sample of each stretch.

    Parameters
    ----------
    blocks : iterable of (n,) or (n, channels), float or int16
        In any unit.
    samples : int
        How many come in all.
    points : int
        Stretches of equal length, >= 1.

    Returns
    -------
    (points, 2) float32
        Lowest and highest; 0 where there is no sample.

    >>> envelope([np.array([0.0, 0.5]).repeat(64), -np.ones(128)], 256, 2).tolist()
    [[0.0, 0.5], [-1.0, -1.0]]
    """
    drawn = Envelope(samples, points)
    for block in blocks:
        drawn.take(block)
    return drawn.finish()


def spectrogram(
    blocks: Iterable[Block], samples: int, columns: int, bands: int = 64
) -> Float32:
    """Return the power of frequency bands of the 8 kHz signal over time.

    Parameters
    ----------
    blocks : iterable of (n,) float
        Full scale ±1.0.
    samples : int
        How many come in all.
    columns : int
        Stretches of time of equal length, >= 1.
    bands : int
        Of equal width from 0 to 4 kHz.

    Returns
    -------
    (bands, columns) float32
        Mean over the stretch of each band's strongest line, in dB of a full-scale
        sine, −120 at the least; the lowest band first.

    >>> tone = np.sin(2 * np.pi * 1_000 / 8_000 * np.arange(16_000))
    >>> picture = spectrogram([tone], 16_000, 10, 4)
    >>> picture.shape, int(picture[:, 5].argmax())
    ((4, 10), 1)
    """
    drawn = Spectrogram(TELEPHONE_RATE, samples, columns, bands)
    for block in blocks:
        drawn.take(block)
    return drawn.finish()
