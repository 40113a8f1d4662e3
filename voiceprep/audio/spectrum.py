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

__all__ = ["Spectrum", "SpectrumMeter", "speed", "tempo_hz"]

TELEPHONE_BAND_HZ: Final = (300, 3_400)  # ITU-T G.712
LOW_HZ: Final = 300  # facts.md, "Rules", wrong_rate
_FRAME: Final = 256  # samples: 32 ms
_EVERY: Final = 4  # frames: one counts; measured: the shares move by under 1 %
_HZ: Final = np.arange(_FRAME // 2 + 1) * (TELEPHONE_RATE / _FRAME)
_WINDOW: Final = np.hanning(_FRAME + 1)[:-1].astype(np.float32)

# Above it a voice is not too fast, and its pitch of no interest. Measured
# (scripts/calibrate_rules.py): sound voices have 0.09 and more, those of double speed
# 0.006 (median) to 0.1.
FAST_LOW_SHARE: Final = 0.08
_PITCH: Final = 512  # samples: 64 ms
_PITCH_LAGS: Final = (8, 134)  # 1,000 down to 60 Hz
_VOICED: Final = 0.5  # of the autocorrelation at 0
_VOICED_SHARE: Final = 0.2  # of the frames: fewer is no pitch, but whispering


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

    __slots__ = ("_looked", "_pitches", "_power", "_rows")

    def __init__(self) -> None:
        self._rows: Rows[np.float64] = Rows(_FRAME * _EVERY)
        self._power = np.zeros(len(_HZ))
        self._looked = 0  # frames whose pitch was looked for
        self._pitches: list[tuple[float, float]] = []  # Hz, energy

    def feed(self, block: Float64) -> None:
        """Take a block, (n,) float64 at 8 kHz in 16-bit steps."""
        for rows in self._rows.feed(block):
            spectra = np.fft.rfft(rows[:, :_FRAME].astype(np.float32) * _WINDOW)
            power = (spectra.real**2 + spectra.imag**2).sum(axis=0, dtype=np.float64)
            self._power += power
            if power[_HZ < LOW_HZ].sum() < FAST_LOW_SHARE * power.sum():
                self._looked += len(rows)
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
            self._pitch(),
        )

    def _pitch(self) -> float | None:
        """Return the pitch at half of the energy, where enough of it is voiced."""
        voiced = len(self._pitches) >= _VOICED_SHARE * self._looked
        return _median(self._pitches) if voiced else None


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


# What a voice at its own speed has. Measured (scripts/calibrate_rules.py): medians of
# recordings in ten voices and languages.
_USUAL_PITCH_HZ: Final = 200.0
_USUAL_TEMPO_HZ: Final = 4.2
_USUAL_CENTROID_HZ: Final = 520.0


def speed(spectrum: Spectrum, tempo: float | None) -> float | None:
    """Return how many times too fast a voice sounds: of pitch, tempo and timbre.

    Each alone tells little: a woman's pitch is twice a man's, and a telephone's
    filter brightens a voice. Played too fast, all three rise together.

    Parameters
    ----------
    spectrum : Spectrum
    tempo : float or None
        Of `tempo_hz`.

    Returns
    -------
    float or None
        Geometric mean of the three over the usual; None where much energy lies under
        300 Hz (facts.md, "Rules", wrong_rate): then the voice is not too fast.

    >>> round(speed(Spectrum(1.0, 0.005, 900.0, pitch_hz=440.0), 6.2), 1)
    1.8
    """
    low, pitch = spectrum.low_share, spectrum.pitch_hz
    if low >= FAST_LOW_SHARE or pitch is None or tempo is None:
        return None
    times = pitch / _USUAL_PITCH_HZ * tempo / _USUAL_TEMPO_HZ
    return math.cbrt(times * spectrum.centroid_hz / _USUAL_CENTROID_HZ)


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
