"""The resampler by ideal tones, beside ffmpeg's and sox's, in float.

One test signal a rate: two seconds of many tones below 3.4 kHz, then a second each of
single tones from 4.0 kHz up, which an 8 kHz recording cannot hold. The first part gives
ripple and delay by a least-squares fit of the known frequencies, the others what is
left of each tone. A quarter of a second at each seam is left out.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from benchmarks.options import Options
from benchmarks.report import Report, Target
from benchmarks.speed import SOXR, ffmpeg_has_soxr

Float32: TypeAlias = npt.NDArray[np.float32]
Float64: TypeAlias = npt.NDArray[np.float64]
Resample: TypeAlias = Callable[[Float32, int], Float32]
"""Samples of shape (frames,) and a rate in Hz to samples at 8 kHz."""

OURS = "voiceprep"
RATES = (44_100, 48_000, 32_000, 22_050, 16_000, 11_025)
RATE_OUT = 8_000

BAND_HZ = np.array(
    [20, 30, 50, 80, 120, *range(200, 1000, 100), *range(1000, 3400, 200), 3300, 3400],
    np.float64,
)
DELAY_BAND_HZ = 1_000  # where no filter under test bends the phase
CHORD_S = 2
CHORD_TONE_PEAK = 0.03  # 27 of them stay under full scale
TONE_S = 1
TONES = 24
TONE_PEAK = 0.5
LOWEST_ALIAS_HZ = 4_000
SEAM_S = 0.25
LINE_HZ = 20  # half a spectral line's width, with the window below
KAISER_BETA = 24  # side lobes under -220 dB: -160 dB beside a tone is seen
ODD_FRAMES = 7  # so that frames * 8000 / rate is no whole number

RIPPLE_DB = 0.01  # these four: issue 2, Done-when 5
ALIAS_DB = -145.0
DELAY_SAMPLES = 0.01
LENGTH_ERROR = 0

HEADING = ("rate", "tool", "ripple dB", "worst alias dB", "at Hz", "delay", "length")


@dataclass(frozen=True, slots=True)
class Quality:
    """What a resampler does to tones.

    Parameters
    ----------
    ripple_db : float
        Largest deviation from 0 dB, 20 Hz to 3.4 kHz.
    alias_db : float
        Strongest remainder of a tone from 4.0 kHz up, relative to the tone.
    alias_hz : float
        The tone that left it.
    delay : float
        In samples at 8 kHz; > 0 is late.
    length_error : int
        Frames more than round(frames * 8000 / rate).
    """

    ripple_db: float
    alias_db: float
    alias_hz: float
    delay: float
    length_error: int


def quality(_options: Options) -> Report:
    """Measure every resampler at every rate.

    Parameters
    ----------
    _options : Options
        Not needed: this takes seconds.

    Returns
    -------
    Report
        A row for each rate and tool; the targets are ours at their worst.
    """
    measured = {
        (rate, tool): judge(resample, rate)
        for rate in RATES
        for tool, resample in resamplers().items()
    }
    rows = tuple(row(rate, tool, found) for (rate, tool), found in measured.items())
    of_ours = [found for (_, tool), found in measured.items() if tool == OURS]
    return Report(HEADING, rows, tuple(targets(of_ours)))


def row(rate: int, tool: str, found: Quality) -> tuple[str, ...]:
    """Give the cells that `HEADING` names."""
    return (
        *(f"{rate} Hz", tool, f"{found.ripple_db:.5f}", f"{found.alias_db:.1f}"),
        *(f"{found.alias_hz:.1f}", f"{found.delay:+.5f}", f"{found.length_error:+d}"),
    )


def targets(ours: list[Quality]) -> Iterator[Target]:
    """Hold our worst figures over all rates against issue 2."""
    ripple_db = max(found.ripple_db for found in ours)
    alias_db = max(found.alias_db for found in ours)
    delay = max(abs(found.delay) for found in ours)
    length_error = max(abs(found.length_error) for found in ours)

    yield Target("ripple to 3.4 kHz", ripple_db, RIPPLE_DB, unit=" dB")
    yield Target("worst alias", alias_db, ALIAS_DB, unit=" dB")
    yield Target("delay", delay, DELAY_SAMPLES, unit=" samples")
    yield Target("length error", length_error, LENGTH_ERROR, unit=" samples")


def judge(resample: Resample, rate: int) -> Quality:
    """Measure one resampler at one rate.

    Parameters
    ----------
    resample : callable
        The one under test.
    rate : int
        Of its input, in Hz.

    Returns
    -------
    Quality
        By the method of this module.
    """
    tones_hz = alias_tones(rate)
    signal = test_signal(rate, tones_hz)
    resampled = resample(signal, rate).astype(np.float64)

    ripple_db, delay = fit_chord(resampled)
    left_db = [tone_left_db(resampled, *tone) for tone in enumerate(tones_hz)]
    worst = int(np.argmax(left_db))
    expected = round(len(signal) * RATE_OUT / rate)
    return Quality(
        ripple_db,
        left_db[worst],
        float(tones_hz[worst]),
        delay,
        len(resampled) - expected,
    )


# ----------------------------------------------------------------- the test signal


def alias_tones(rate: int) -> Float64:
    """Space tones from 4.0 kHz to half the rate, close together at first."""
    # 4 kHz itself, then clear of it and of half the rate by a line's width: a tone
    # nearer to them than that meets its own mirror image.
    lowest_hz = LOWEST_ALIAS_HZ + LINE_HZ
    reach_hz = rate / 2 - LINE_HZ - lowest_hz
    place = np.linspace(0, 1, TONES - 1)
    return np.append(LOWEST_ALIAS_HZ, lowest_hz + reach_hz * place**2)


def test_signal(rate: int, tones_hz: Float64) -> Float32:
    """Give the chord, the tones and an odd rest of silence, shape (frames,)."""
    second = np.arange(rate * CHORD_S, dtype=np.float64) / rate
    chord = np.cos(np.outer(second, 2 * np.pi * BAND_HZ)).sum(axis=1)

    second = second[: rate * TONE_S]
    tones = [np.cos(2 * np.pi * hertz * second) for hertz in tones_hz]

    parts = [chord * CHORD_TONE_PEAK, np.concatenate(tones) * TONE_PEAK]
    return np.concatenate([*parts, np.zeros(ODD_FRAMES)]).astype(np.float32)


# -------------------------------------------------------------------- the analysis


def fit_chord(resampled: Float64) -> tuple[float, float]:
    """Fit the tones of the chord.

    Parameters
    ----------
    resampled : ndarray
        Shape (frames,), the whole test signal at 8 kHz.

    Returns
    -------
    ripple_db : float
        The largest deviation of a tone from 0 dB.
    delay : float
        In samples at 8 kHz, the slope of the phase up to `DELAY_BAND_HZ`.
    """
    seam = round(SEAM_S * RATE_OUT)
    place = np.arange(seam, CHORD_S * RATE_OUT - seam)
    angle = np.outer(place / RATE_OUT, 2 * np.pi * BAND_HZ)
    waves = np.hstack([np.cos(angle), np.sin(angle)])
    weights = np.linalg.lstsq(waves, resampled[place])[0]

    in_phase, late = np.split(weights, 2)
    gain_db = 20 * np.log10(np.hypot(in_phase, late) / CHORD_TONE_PEAK)

    low = BAND_HZ <= DELAY_BAND_HZ
    phase = np.unwrap(np.arctan2(late, in_phase))[low]  # 2 pi f delay
    delay_s = phase @ BAND_HZ[low] / np.square(BAND_HZ[low]).sum() / (2 * np.pi)
    return float(np.abs(gain_db).max()), float(delay_s * RATE_OUT)


def tone_left_db(resampled: Float64, number: int, hertz: float) -> float:
    """Find what is left of a tone that should be gone.

    Parameters
    ----------
    resampled : ndarray
        Shape (frames,), the whole test signal at 8 kHz.
    number : int
        Of the tone, from 0.
    hertz : float
        Its frequency.

    Returns
    -------
    float
        The strongest line of its second's spectrum, in dB of the tone.
    """
    seam = round(SEAM_S * RATE_OUT)
    start = (CHORD_S + number * TONE_S) * RATE_OUT
    middle = resampled[start + seam : start + TONE_S * RATE_OUT - seam]

    window = np.kaiser(len(middle), KAISER_BETA)
    sides = 1 if hertz == RATE_OUT / 2 else 2  # 4 kHz is its own mirror image
    lines = np.abs(np.fft.rfft(middle * window)) * sides / window.sum()
    silent = 1e-15  # -300 dB: below any float32 sum
    return float(20 * np.log10(max(lines.max(), silent) / TONE_PEAK))


# ------------------------------------------------------------------ the resamplers


def ours(samples: Float32, rate: int) -> Float32:
    """Resample as voiceprep does."""
    from voiceprep.audio.resample import resample  # noqa: PLC0415 - the rest runs without

    return resample(samples, rate)


def ffmpeg(samples: Float32, rate: int, *options: str) -> Float32:
    """Resample as ffmpeg does, by default or with options."""
    source = ["-f", "f32le", "-ar", str(rate), "-ac", "1", "-i", "pipe:0"]
    target = ["-ar", str(RATE_OUT), "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]
    return piped(["ffmpeg", "-v", "error", *source, *options, *target], samples)


def ffmpeg_soxr(samples: Float32, rate: int) -> Float32:
    """Resample as ffmpeg does with soxr at its best."""
    return ffmpeg(samples, rate, *SOXR)


def sox(samples: Float32, rate: int) -> Float32:
    """Resample as sox does by default, without dither."""
    raw = ["-t", "raw", "-e", "floating-point", "-b", "32", "-c", "1"]
    source = [*raw, "-r", str(rate), "-"]
    return piped(["sox", "-D", *source, *raw, "-r", str(RATE_OUT), "-"], samples)


def piped(command: list[str], samples: Float32) -> Float32:
    """Send raw float samples through a command."""
    ran = subprocess.run(
        command, input=samples.astype("<f4").tobytes(), capture_output=True, check=True
    )
    return np.frombuffer(ran.stdout, "<f4")


def resamplers() -> dict[str, Resample]:
    """Give the resamplers by name, those that are here."""
    here: dict[str, Resample] = {OURS: ours, "ffmpeg": ffmpeg}
    if ffmpeg_has_soxr():
        here["ffmpeg+soxr"] = ffmpeg_soxr
    return {**here, "sox": sox}
