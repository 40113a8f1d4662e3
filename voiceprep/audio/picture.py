"""Draw sound: the outline of a waveform, and a spectrogram, as plain numbers.

Both take blocks as they come and keep one value a pixel, so that two hours take no
more memory than ten seconds. Who draws them (a page, a terminal) decides on colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.signal import Float32

__all__ = ["envelope", "spectrogram"]

FLOOR_DB: Final = -120.0  # under the noise of 16 bits: nothing more to see
_FRAME: Final = 256  # samples of a spectrum: 32 ms, 31 Hz apart, at 8 kHz

Block = npt.NDArray[np.floating] | npt.NDArray[np.int16]


def envelope(blocks: Iterable[Block], samples: int, points: int) -> Float32:
    """Return the lowest and the highest sample of each stretch.

    Parameters
    ----------
    blocks : iterable of (n,) float or int16
        One channel, in any unit.
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
    lowest, highest = np.full(points, np.inf), np.full(points, -np.inf)
    at = 0
    for block in blocks:
        where = _columns(at, len(block), samples, points)
        at += len(block)
        if len(where):
            starts = np.flatnonzero(np.diff(where, prepend=-1))
            into = where[starts]
            lows = np.minimum.reduceat(block, starts)
            highs = np.maximum.reduceat(block, starts)
            lowest[into] = np.minimum(lowest[into], lows)
            highest[into] = np.maximum(highest[into], highs)
    outline = np.stack([lowest, highest], axis=1)
    return np.where(np.isfinite(outline), outline, 0.0).astype(np.float32)


def _columns(
    start: int, count: int, samples: int, points: int
) -> npt.NDArray[np.int64]:
    """Say which stretch each of `count` samples from `start` on belongs to."""
    return np.arange(start, min(start + count, samples)) * points // samples


def spectrogram(
    blocks: Iterable[Block], samples: int, columns: int, bands: int = 64
) -> Float32:
    """Return the power of frequency bands over time.

    Parameters
    ----------
    blocks : iterable of (n,) float
        One channel, full scale ±1.0, at any rate.
    samples : int
        How many come in all.
    columns : int
        Stretches of time of equal length, >= 1.
    bands : int
        Of equal width from 0 to half the rate, 1 to 128.

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
    hop = max(1, min(_FRAME // 2, samples // columns))
    window = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
    edges = np.arange(bands) * (_FRAME // 2) // bands
    power = np.zeros((columns, bands))
    count = np.zeros(columns)
    at = 0
    for frames in _frames(blocks, hop):
        spectra = np.fft.rfft(frames * window, axis=1)[:, :-1]
        lines = spectra.real**2 + spectra.imag**2
        where = (at + hop * np.arange(len(frames))) * columns // samples
        where = np.minimum(where, columns - 1)
        at += hop * len(frames)
        np.add.at(power, where, np.maximum.reduceat(lines, edges, axis=1))
        np.add.at(count, where, 1)
    power /= np.maximum(count, 1)[:, np.newaxis] * (float(window.sum()) / 2) ** 2
    return (
        (10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))).astype(np.float32).T
    )


def _frames(blocks: Iterable[Block], hop: int) -> Iterator[Float32]:
    """Cut blocks into frames, (m, 256) each, around every `hop`-th sample."""
    held = np.zeros(_FRAME // 2, np.float32)
    for block in blocks:
        held = np.concatenate([held, block.astype(np.float32, copy=False)])
        yield from _whole_frames(held, hop)
        held = held[max(0, (len(held) - _FRAME) // hop + 1) * hop :]
    yield from _whole_frames(np.pad(held, (0, _FRAME // 2 - 1)), hop)


def _whole_frames(samples: Float32, hop: int) -> Iterator[Float32]:
    if len(samples) >= _FRAME:
        yield np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::hop]
