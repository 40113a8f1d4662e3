"""Take rumble and DC out of the 8 kHz signal, without delay and without ripple.

On request also what muffles a voice on a telephone: one filter does both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.units import Float64

__all__ = ["BLOCK_SAMPLES", "PLAIN", "Tone", "highpass", "kernel"]

CUT_HZ: Final = 60.0  # facts.md, "Mastering": −0.09 dB at 80 Hz
PRESENCE_HZ: Final = 2_500.0  # facts.md, "Mastering": where consonants are
PRESENCE_OCTAVES: Final = 0.5  # [ours] to where 2.4 dB are left
TAPS: Final = 801
_BLACKMAN_SUM: Final = 0.42 * (TAPS - 1)
_MIDDLE: Final = TAPS // 2
_FFT: Final = 4_096
_LANES: Final = 8  # transforms at a time, two in one: half the time of one by one
_LANE_SAMPLES: Final = _FFT - (TAPS - 1)
BLOCK_SAMPLES: Final = _LANES * _LANE_SAMPLES  # fixed: the same bits for every source


@dataclass(frozen=True, slots=True)
class Tone:
    """Say what a filter makes of the sound.

    Parameters
    ----------
    cut_hz : float
        What lies under it goes.
    presence_db : float
        Gain around 2.5 kHz.
    """

    cut_hz: float = CUT_HZ
    presence_db: float = 0.0


PLAIN: Final = Tone()


def kernel(tone: Tone = PLAIN) -> Float64:
    """Return the impulse response, (801,) float64, symmetric around its middle.

    A windowed-sinc low-pass subtracted from an impulse (Blackman window).

    >>> abs(float(kernel().sum())) < 1e-12     # no DC passes
    True
    """
    n = np.arange(TAPS) - TAPS // 2
    lowpass = np.sinc(2 * tone.cut_hz / TELEPHONE_RATE * n) * np.blackman(TAPS)
    lowpass /= lowpass.sum()
    response: Float64 = -lowpass
    response[TAPS // 2] += 1.0
    return _with_presence(response, tone.presence_db) if tone.presence_db else response


def _with_presence(response: Float64, presence_db: float) -> Float64:
    """Lift what lies around 2.5 kHz."""
    hz = np.arange(_FFT // 2 + 1) * (TELEPHONE_RATE / _FFT)
    octaves = np.log2(np.maximum(hz, 1.0) / PRESENCE_HZ)
    bell = np.exp(-0.5 * (octaves / PRESENCE_OCTAVES) ** 2)
    lifted = np.fft.rfft(response, _FFT) * 10 ** (presence_db / 20 * bell)
    taps: Float64 = np.fft.irfft(lifted)[:TAPS]
    # What is cut off at the ends leaks to 0 Hz: taken out, as widely as the window.
    taps -= taps.sum() * np.blackman(TAPS) / _BLACKMAN_SUM
    return taps


@cache
def _response(tone: Tone) -> Float64:
    """Return the transfer function, real since the kernel is symmetric, twice each.

    A complex spectrum seen as floats is multiplied by it in one stroke.
    """
    centred = np.roll(np.pad(kernel(tone), (0, _FFT - TAPS)), -_MIDDLE)
    response: Float64 = np.fft.fft(centred).real.repeat(2)
    return response


def highpass(blocks: Iterable[Float64], tone: Tone = PLAIN) -> Iterator[Float64]:
    """Filter blocks of the 8 kHz signal; the length is kept, delay taken out.

    Parameters
    ----------
    blocks : iterable of (n,) float64
        n <= BLOCK_SAMPLES; silence is taken before the first and after the last.
    tone : Tone

    Yields
    ------
    (m,) float64
        By overlap-save; together as many samples as came in.
    """
    past, response = np.zeros(TAPS - 1), _response(tone)
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
    lanes = 2 * -(-len(block) // (2 * _LANE_SAMPLES))  # no more than the block fills
    pairs = np.empty((lanes // 2, _FFT), np.complex128)
    for lane in range(lanes):
        part = pairs[lane // 2].imag if lane % 2 else pairs[lane // 2].real
        part[:] = stretch[lane * _LANE_SAMPLES :][:_FFT]
    np.fft.fft(pairs, out=pairs)
    parts = pairs.view(np.float64)
    parts *= response
    np.fft.ifft(pairs, out=pairs)
    filtered = np.empty((lanes, _LANE_SAMPLES))
    whole = slice(_MIDDLE, _MIDDLE + _LANE_SAMPLES)  # beyond it, the ends fold in
    filtered[::2], filtered[1::2] = pairs.real[:, whole], pairs.imag[:, whole]
    end = len(block)
    return filtered.reshape(-1)[:end], stretch[end : end + TAPS - 1]
