"""Take rumble and DC out of the 8 kHz signal, without delay and without ripple."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BLOCK_SAMPLES", "highpass", "kernel"]

CUT_HZ: Final = 60.0  # facts.md, "Mastering": −0.09 dB at 80 Hz
TAPS: Final = 801
_FFT: Final = 16_384
BLOCK_SAMPLES: Final = _FFT - (TAPS - 1)  # fixed: the same bits for every source

Float64 = npt.NDArray[np.float64]


def kernel() -> Float64:
    """Return the impulse response, (801,) float64, symmetric around its middle.

    A windowed-sinc low-pass subtracted from an impulse (Blackman window).

    >>> abs(float(kernel().sum())) < 1e-12     # no DC passes
    True
    """
    n = np.arange(TAPS) - TAPS // 2
    lowpass = np.sinc(2 * CUT_HZ / TELEPHONE_RATE * n) * np.blackman(TAPS)
    lowpass /= lowpass.sum()
    response: Float64 = -lowpass
    response[TAPS // 2] += 1.0
    return response


@cache
def _spectrum() -> npt.NDArray[np.complex128]:
    return np.fft.rfft(kernel(), _FFT)


def highpass(blocks: Iterable[Float64]) -> Iterator[Float64]:
    """Filter blocks of the 8 kHz signal; the length is kept, delay taken out.

    Parameters
    ----------
    blocks : iterable of (n,) float64
        n <= BLOCK_SAMPLES; silence is taken before the first and after the last.

    Yields
    ------
    (m,) float64
        By overlap-save; together as many samples as came in.
    """
    past = np.zeros(TAPS - 1)
    late = TAPS // 2  # samples still to be dropped at the start
    for block in blocks:
        filtered, past = _filter(past, block)
        yield filtered[late:]
        late = max(0, late - len(filtered))
    filtered, _ = _filter(past, np.zeros(TAPS // 2))
    yield filtered[late:]


def _filter(past: Float64, block: Float64) -> tuple[Float64, Float64]:
    """Return the filtered block and the samples that the next one needs."""
    stretch = np.concatenate([past, block])
    whole = np.fft.irfft(np.fft.rfft(stretch, _FFT) * _spectrum(), _FFT)
    return whole[TAPS - 1 : len(stretch)], stretch[-(TAPS - 1) :]
