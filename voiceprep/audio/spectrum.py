"""Say where a voice has its energy, how high it speaks, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.units import Float64, Rows
from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from voiceprep.audio.signal import Float32

__all__ = ["Spectrum", "SpectrumMeter", "sounds_fast", "tempo_hz"]

TELEPHONE_BAND_HZ: Final = (300, 3_400)  # ITU-T G.712
LOW_HZ: Final = 300  # facts.md, "Rules", wrong_rate
_FRAME: Final = 256  # samples: 32 ms
_EVERY: Final = 4  # frames: one counts; measured: the shares move by under 1 %
_HZ: Final = np.arange(_FRAME // 2 + 1) * (TELEPHONE_RATE / _FRAME)
_WINDOW: Final = np.hanning(_FRAME + 1)[:-1].astype(np.float32)

_LOW_SHARE: Final = 0.04  # above it, the pitch is of no interest
_PITCH: Final = 512  # samples: 64 ms
_PITCH_LAGS: Final = (8, 134)  # 1,000 down to 60 Hz
_VOICED: Final = 0.5  # of the autocorrelation at 0


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Hold shares of the energy of a signal, loud moments counting most.

    Parameters
    ----------
    band_loss_db : float
        Level lost by a 300–3400 Hz band-pass.
    low_share : float
        Of the energy under 300 Hz, 0 to 1.
    centroid_hz : float
        Mean frequency.
    pitch_hz : float or None
        Of the voice; looked for only where there is hardly anything under 300 Hz.
    """

    band_loss_db: float
    low_share: float
    centroid_hz: float
    pitch_hz: float | None


class SpectrumMeter:
    """Add up the spectra of blocks as they come.

    >>> meter = SpectrumMeter()
    >>> meter.feed(1_000 * np.sin(2 * np.pi * 1_000 * np.arange(8_192) / 8_000))
    >>> spectrum = meter.finish()
    >>> round(spectrum.centroid_hz), abs(round(spectrum.band_loss_db, 2))
    (1000, 0.0)
    """

    __slots__ = ("_pitches", "_power", "_rows")

    def __init__(self) -> None:
        self._rows: Rows[np.float64] = Rows(_FRAME * _EVERY)
        self._power = np.zeros(len(_HZ))
        self._pitches: list[tuple[float, float]] = []  # Hz, energy

    def feed(self, block: Float64) -> None:
        """Take a block, (n,) float64 at 8 kHz in 16-bit steps."""
        for rows in self._rows.feed(block):
            spectra = np.fft.rfft(rows[:, :_FRAME].astype(np.float32) * _WINDOW)
            power = (spectra.real**2 + spectra.imag**2).sum(axis=0, dtype=np.float64)
            self._power += power
            if power[_HZ < LOW_HZ].sum() < _LOW_SHARE * power.sum():
                self._pitches += _pitches(rows[:, :_PITCH].astype(np.float32))

    def finish(self) -> Spectrum | None:
        """Return the shares; None for less than 0.13 s, and for silence."""
        whole = float(self._power.sum())
        if whole <= 0:
            return None
        low, high = TELEPHONE_BAND_HZ
        band = float(self._power[(low <= _HZ) & (high >= _HZ)].sum())
        return Spectrum(
            10 * math.log10(whole / band) if band else math.inf,
            float(self._power[_HZ < LOW_HZ].sum()) / whole,
            float((self._power * _HZ).sum()) / whole,
            _median(self._pitches),
        )


def _pitches(frames: Float32) -> list[tuple[float, float]]:
    """Return pitch and energy of the frames that are voiced, by autocorrelation."""
    window = np.hanning(_PITCH).astype(np.float32)
    lags = np.fft.irfft(np.abs(np.fft.rfft(frames * window, 2 * _PITCH)) ** 2)
    bias = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * _PITCH)) ** 2)
    energy = lags[:, 0]
    short, long = _PITCH_LAGS
    scaled = lags[:, short - 1 : long + 1] / (bias / bias[0])[short - 1 : long + 1]
    inner = scaled[:, 1:-1]
    peak = (inner >= scaled[:, :-2]) & (inner >= scaled[:, 2:])
    strongest = np.where(peak, inner, 0).max(axis=1)
    # The first peak nearly as high as the highest: later ones are its multiples.
    first = (peak & (inner > 0.85 * strongest[:, np.newaxis])).argmax(axis=1)
    voiced = strongest > _VOICED * energy
    hz = TELEPHONE_RATE / (first + short)
    return list(zip(hz[voiced].tolist(), energy[voiced].tolist(), strict=True))


def _median(pitches: list[tuple[float, float]]) -> float | None:
    """Return the pitch at half of the energy."""
    total = sum(energy for _, energy in pitches)
    passed = 0.0
    for hz, energy in sorted(pitches):
        passed += energy
        if passed >= total / 2:
            return hz
    return None


# What speaks for a wrong rate, beside hardly anything under 300 Hz (facts.md, "Rules",
# wrong_rate). Measured on prompts in five languages and espeak-ng's voices: none at
# its own speed, 97 of 100 at twice their speed; a band-pass alone rarely does it.
_HIGH_VOICE: Final = {"low_share": 0.02, "pitch_hz": 280.0, "tempo_hz": 4.2}
_DEEP_VOICE: Final = {"low_share": 0.09, "centroid_hz": 1_000.0, "tempo_hz": 5.0}
_DEEP_PITCH_HZ: Final = 160.0  # a deep voice at its own speed speaks lower


def sounds_fast(spectrum: Spectrum, tempo: float | None) -> bool:
    """Say whether a voice is too high and too fast to be played at its own speed.

    A high voice shows by its pitch; a deep one, played twice as fast, has the pitch
    of a high one, but not its timbre.

    >>> sounds_fast(Spectrum(1.0, 0.005, 900.0, pitch_hz=440.0), 6.2)
    True
    """
    low, pitch, centroid = spectrum.low_share, spectrum.pitch_hz, spectrum.centroid_hz
    high = (
        low < _HIGH_VOICE["low_share"]
        and pitch is not None
        and pitch > _HIGH_VOICE["pitch_hz"]
        and (tempo is None or tempo > _HIGH_VOICE["tempo_hz"])
    )
    deep = (
        low < _DEEP_VOICE["low_share"]
        and (pitch is None or pitch > _DEEP_PITCH_HZ)
        and centroid > _DEEP_VOICE["centroid_hz"]
        and (tempo is None or tempo > _DEEP_VOICE["tempo_hz"])
    )
    return high or deep


_TEMPO_FRAMES: Final = 512  # of 20 ms: 10 s
_TEMPO_HZ: Final = (1.0, 16.0)
_TEMPO_RANGE_DB: Final = 30.0  # under the loud frames; what lies deeper is a pause


def tempo_hz(levels: npt.NDArray[np.float32], loud_dbfs: float) -> float | None:
    """Return how fast the level moves: 4 to 6 Hz in speech, the rate of syllables.

    Parameters
    ----------
    levels : (n,) float32
        dBFS of each 20 ms.
    loud_dbfs : float
        Level of the loud frames.

    Returns
    -------
    float or None
        Centroid of the spectrum of the levels, 1 to 16 Hz; None under 2.5 s.

    >>> n = np.arange(1_024)
    >>> round(tempo_hz(np.float32(-30 + 5 * np.sin(2 * np.pi * 4 * n / 50)), -25), 1)
    4.0
    """
    if len(levels) < _TEMPO_FRAMES // 4 or not math.isfinite(loud_dbfs):
        return None
    floored = np.clip(levels - loud_dbfs, -_TEMPO_RANGE_DB, None)
    padded = np.zeros(-(-len(floored) // _TEMPO_FRAMES) * _TEMPO_FRAMES)
    padded[: len(floored)] = floored - floored.mean()
    window = np.hanning(_TEMPO_FRAMES)
    spectra = np.fft.rfft(padded.reshape(-1, _TEMPO_FRAMES) * window, axis=1)
    power = (np.abs(spectra) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(_TEMPO_FRAMES, 0.02)
    inner = (hz >= _TEMPO_HZ[0]) & (hz <= _TEMPO_HZ[1])
    total = float(power[inner].sum())
    return float((power * hz)[inner].sum()) / total if total else None
