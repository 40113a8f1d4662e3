"""Take rumble and DC out of the 8 kHz signal, without delay and without ripple.

On request also what muffles a voice on a telephone (`clear_kernel`): one filter does
both.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BLOCK_SAMPLES", "clear_kernel", "highpass", "kernel"]

CUT_HZ: Final = 60.0  # facts.md, "Mastering": −0.09 dB at 80 Hz
CLEAR_CUT_HZ: Final = 200.0  # facts.md: 300 costs more than it helps
PRESENCE_HZ: Final = 2_500.0  # facts.md, "Mastering"
PRESENCE_DB: Final = 4.0
PRESENCE_OCTAVES: Final = 0.5  # [ours] to where 2.4 dB are left
TAPS: Final = 801
_BLACKMAN_SUM: Final = 0.42 * (TAPS - 1)
_MIDDLE: Final = TAPS // 2
_FFT: Final = 4_096
_LANES: Final = 8  # transforms at a time, two in one: half the time of one by one
_LANE_SAMPLES: Final = _FFT - (TAPS - 1)
BLOCK_SAMPLES: Final = _LANES * _LANE_SAMPLES  # fixed: the same bits for every source

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


def clear_kernel() -> Float64:
    """Return the impulse response that makes a voice clearer, (801,) float64.

    Nothing under 200 Hz, and 4 dB more around 2.5 kHz, where consonants are.

    >>> abs(float(clear_kernel().sum())) < 1e-12     # no DC passes
    True
    """
    hz = np.arange(_FFT // 2 + 1) * (TELEPHONE_RATE / _FFT)
    octaves = np.log2(np.maximum(hz, 1.0) / PRESENCE_HZ)
    bell = np.exp(-0.5 * (octaves / PRESENCE_OCTAVES) ** 2)
    wanted = (hz > CLEAR_CUT_HZ) * 10 ** (PRESENCE_DB / 20 * bell)
    centred = np.roll(np.fft.irfft(wanted), _MIDDLE)[:TAPS] * np.blackman(TAPS)
    # What the window leaks to 0 Hz goes, spread as widely as the window allows.
    response: Float64 = centred - centred.sum() * np.blackman(TAPS) / _BLACKMAN_SUM
    return response


@cache
def _response(*, clear: bool) -> Float64:
    """Return the transfer function, real since the kernel is symmetric, twice each.

    A complex spectrum seen as floats is multiplied by it in one stroke.
    """
    taps = clear_kernel() if clear else kernel()
    centred = np.roll(np.pad(taps, (0, _FFT - TAPS)), -_MIDDLE)
    response: Float64 = np.fft.fft(centred).real.repeat(2)
    return response


def highpass(blocks: Iterable[Float64], *, clear: bool = False) -> Iterator[Float64]:
    """Filter blocks of the 8 kHz signal; the length is kept, delay taken out.

    Parameters
    ----------
    blocks : iterable of (n,) float64
        n <= BLOCK_SAMPLES; silence is taken before the first and after the last.
    clear : bool
        Whether to use `clear_kernel`.

    Yields
    ------
    (m,) float64
        By overlap-save; together as many samples as came in.
    """
    past, response = np.zeros(TAPS - 1), _response(clear=clear)
    late = _MIDDLE  # samples still to be dropped at the start
    for block in blocks:
        filtered, past = _filter(past, block, response)
        yield filtered[late:]
        late = max(0, late - len(filtered))
    filtered, _ = _filter(past, np.zeros(_MIDDLE), response)
    yield filtered[late:]


def _filter(
    past: Float64, block: Float64, response: Float64
) -> tuple[Float64, Float64]:
    """Return the filtered block and the samples that the next one needs."""
    stretch = np.zeros(TAPS - 1 + BLOCK_SAMPLES)
    stretch[: TAPS - 1] = past
    stretch[TAPS - 1 : TAPS - 1 + len(block)] = block
    # A real response keeps the parts of a complex signal apart: two lanes in one.
    pairs = np.empty((_LANES // 2, _FFT), np.complex128)
    for lane in range(_LANES):
        part = pairs[lane // 2].imag if lane % 2 else pairs[lane // 2].real
        part[:] = stretch[lane * _LANE_SAMPLES :][:_FFT]
    np.fft.fft(pairs, out=pairs)
    parts = pairs.view(np.float64)
    parts *= response
    np.fft.ifft(pairs, out=pairs)
    filtered = np.empty((_LANES, _LANE_SAMPLES))
    whole = slice(_MIDDLE, _MIDDLE + _LANE_SAMPLES)  # beyond it, the ends fold in
    filtered[::2], filtered[1::2] = pairs.real[:, whole], pairs.imag[:, whole]
    end = len(block)
    return filtered.reshape(-1)[:end], stretch[end : end + TAPS - 1]
