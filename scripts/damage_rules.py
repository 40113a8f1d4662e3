#!/usr/bin/env python3
"""Damage voices on purpose, and see whether the rules name the damage.

    python scripts/damage_rules.py [--others] [--verbose]

Each damage in three strengths on five voices: three of espeak-ng's, two of Debian's
prompts; with ``--others`` on voices that no threshold was chosen by. Printed are hits
and misses; a wrong name is a finding that neither the damage explains nor the sound
voice had. At the two stronger strengths 95 % must be hit, and no name may be wrong:
else the exit code is 1.
"""

import argparse
import io
import math
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr
from voices import (
    PROFESSIONAL,
    SAID_ELSEWHERE,
    Float32,
    Voice,
    concatenative,
    prompts,
    read,
    spoken,
)

from voiceprep import check

Float64: TypeAlias = npt.NDArray[np.float64]
Damage: TypeAlias = Callable[[Voice, float], tuple[Float32, int]]
LEAST_HITS = 0.95
LEVEL_DBOV = -20.0
CHOSEN = ("demo-instruct", "conf-adminmenu")  # long prompts; any two would do
ALWAYS = frozenset({"too_short"})  # how long the voices are is not the point


def ratio(level_db: float) -> np.float32:
    """Give the amplitude ratio of a level in dB."""
    return np.float32(math.exp(math.log(10) * level_db / 20))


def loud(voice: Voice, gain_db: float) -> Float32:
    """Bring the peak to full scale, then raise it by a gain and cut it off."""
    hot = voice.samples / np.abs(voice.samples).max() * ratio(gain_db)
    return np.asarray(np.clip(hot, -1, 32_767 / 32_768), np.float32)


def clip(voice: Voice, gain_db: float) -> tuple[Float32, int]:
    """Record too loud."""
    return loud(voice, gain_db), voice.rate


def clip_then_lower(voice: Voice, gain_db: float) -> tuple[Float32, int]:
    """Record too loud, then turn it down by 10 dB."""
    return loud(voice, gain_db) * ratio(-10), voice.rate


def offset(voice: Voice, share: float) -> tuple[Float32, int]:
    """Move the wave off its middle."""
    return voice.samples + np.float32(share), voice.rate


def noise(colour: float) -> Damage:
    """Add noise, falling by `colour` dB an octave, at a signal-to-noise ratio."""

    def damage(voice: Voice, snr_db: float) -> tuple[Float32, int]:
        rng = np.random.default_rng(11)
        spectrum = np.fft.rfft(rng.standard_normal(len(voice.samples)))
        octaves = np.log2(np.maximum(np.arange(len(spectrum)), 1))
        spectrum[:10] = 0  # no DC
        hiss = np.fft.irfft(spectrum * 10 ** (-colour * octaves / 20))
        hiss = hiss[: len(voice.samples)] / np.sqrt(np.mean(hiss**2))
        level = rms(voice.samples) * ratio(-snr_db)
        rest = len(voice.samples) - len(hiss)
        noisy = voice.samples + level * np.pad(hiss, (0, rest))
        return noisy.astype(np.float32), voice.rate

    return damage


def rms(samples: Float32 | Float64) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def hum(hz: float) -> Damage:
    """Add a mains hum of a level in dBFS."""

    def damage(voice: Voice, level_dbfs: float) -> tuple[Float32, int]:
        n = np.arange(len(voice.samples)) / voice.rate
        line = np.sqrt(2) * ratio(level_dbfs) * np.sin(2 * np.pi * hz * n)
        return (voice.samples + line).astype(np.float32), voice.rate

    return damage


def dropout(voice: Voice, length_s: float) -> tuple[Float32, int]:
    """Tear a hole into running speech: where it is loud before and after."""
    samples, length = voice.samples.copy(), round(length_s * voice.rate)
    edge = round(0.02 * voice.rate)
    least = rms(samples) * ratio(-6)
    rng = np.random.default_rng(5)
    for start in rng.integers(voice.rate, len(samples) - 2 * voice.rate, 4_000):
        end = start + length
        around = samples[start - edge : start], samples[end : end + edge]
        if min(map(rms, around)) > least:
            samples[start:end] = 0
            return samples, voice.rate
    raise AssertionError(f"{voice.name}: nowhere is speech long enough")


def silence(voice: Voice, seconds: float) -> Float32:
    """Return silence as a quiet room leaves it, −70 dBFS."""
    rng = np.random.default_rng(3)
    still = rng.standard_normal(round(seconds * voice.rate))
    return (still * ratio(-70)).astype(np.float32)


def lead(voice: Voice, seconds: float) -> tuple[Float32, int]:
    """Begin late."""
    return np.concatenate([silence(voice, seconds), voice.samples]), voice.rate


def trail(voice: Voice, seconds: float) -> tuple[Float32, int]:
    """Forget to stop."""
    return np.concatenate([voice.samples, silence(voice, seconds)]), voice.rate


def pause(voice: Voice, seconds: float) -> tuple[Float32, int]:
    """Look for the next sheet of paper, at the quietest moment of the middle."""
    frame = round(0.05 * voice.rate)
    third = len(voice.samples) // 3
    inner = voice.samples[third : 2 * third]
    frames = inner[: len(inner) // frame * frame].reshape(-1, frame)
    cut = third + int(np.argmin((frames**2).sum(axis=1))) * frame + frame // 2
    parts = voice.samples[:cut], silence(voice, seconds), voice.samples[cut:]
    return np.concatenate(parts), voice.rate


def anti_phase(voice: Voice, share: float) -> tuple[Float32, int]:
    """Wire one channel the wrong way round, at a share of the other's level."""
    other = -voice.samples * np.float32(share)
    return np.stack([voice.samples, other], axis=1), voice.rate


def dead_channel(voice: Voice, under_db: float) -> tuple[Float32, int]:
    """Leave one channel nearly unplugged."""
    other = voice.samples * ratio(-under_db)
    return np.stack([voice.samples, other], axis=1), voice.rate


def level(voice: Voice, dbov: float) -> tuple[Float32, int]:
    """Speak from afar, or into the microphone."""
    return voice.samples * ratio(dbov - LEVEL_DBOV), voice.rate


def fast(voice: Voice, times: float) -> tuple[Float32, int]:
    """Play at a wrong rate."""
    return voice.samples, round(voice.rate * times)


def boom(voice: Voice, gain_db: float) -> tuple[Float32, int]:
    """Raise what lies under 250 Hz, as a microphone held too close does."""
    return shaped(voice, lambda hz: np.where(hz < 250, ratio(gain_db), 1.0)), voice.rate


def muffle(voice: Voice, cut_hz: float) -> tuple[Float32, int]:
    """Speak through a wall: little above a frequency."""
    return shaped(voice, lambda hz: np.where(hz > cut_hz, ratio(-40), 1.0)), voice.rate


def shaped(voice: Voice, response: Callable[[Float64], Any]) -> Float32:
    """Shape the spectrum; the level stays."""
    spectrum = np.fft.rfft(voice.samples)
    hz: Float64 = np.fft.rfftfreq(len(voice.samples), 1 / voice.rate).astype(np.float64)
    made = np.fft.irfft(spectrum * response(hz), len(voice.samples))
    scale = rms(voice.samples) / rms(made.astype(np.float64))
    return np.asarray(made * scale, np.float32)


@dataclass(frozen=True, slots=True)
class Row:
    """Hold a damage: its name, how, how strongly, and what may be said of it."""

    name: str
    damage: Damage
    strengths: tuple[float, float, float]  # weak, middling, strong
    codes: frozenset[str]
    also: frozenset[str] = frozenset()


def row(
    name: str,
    damage: Damage,
    strengths: tuple[float, float, float],
    codes: str,
    also: str = "",
) -> Row:
    """Make a row of words."""
    return Row(
        name, damage, strengths, frozenset(codes.split()), frozenset(also.split())
    )


ROWS = (
    row("clipped, dB over", clip, (3, 6, 12), "clipping", "too_loud"),
    row(
        "clipped and lowered",
        clip_then_lower,
        (3, 6, 12),
        "clipping",
        "too_loud too_quiet",
    ),
    row("dc offset", offset, (0.006, 0.01, 0.03), "dc_offset"),
    row("white noise, SNR", noise(0), (20, 10, 0), "noisy"),
    row("pink noise, SNR", noise(3), (20, 10, 0), "noisy", "band_loss"),
    row("hum 50 Hz, dBFS", hum(50), (-56, -50, -40), "hum"),
    row("hum 100 Hz, dBFS", hum(100), (-56, -50, -40), "hum"),
    row("dropout, s", dropout, (0.025, 0.03, 0.1), "dropout"),
    row("lead, s", lead, (1.5, 3, 6), "leading_silence"),
    row("trail, s", trail, (2.5, 3, 6), "trailing_silence"),
    row("pause, s", pause, (2.5, 5, 8), "long_pause"),
    row("anti-phase", anti_phase, (0.5, 0.9, 1), "phase_cancellation", "too_quiet"),
    row("silent channel, dB", dead_channel, (42, 60, 200), "silent_channel"),
    row("quiet, dBov", level, (-30, -45, -55), "too_quiet"),
    row("loud, dBov", level, (-15, -11, -8), "too_loud"),
    row("too fast", fast, (1.5, 2, 3), "wrong_rate"),
    row("boomy, dB", boom, (10, 20, 30), "band_loss"),
    row("muffled, Hz", muffle, (500, 300, 200), "band_loss"),
)


def wav(samples: Float32, rate: int) -> bytes:
    """Write 16-bit PCM where it fits, else 32-bit float."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    steps = np.rint(samples.astype(np.float64) * 32_768)
    fits = np.abs(steps).max() <= 32_768
    tag, width = (1, 2) if fits else (3, 4)
    whole = np.clip(steps, -32_768, 32_767).astype("<i2")
    payload = whole.tobytes() if fits else samples.astype("<f4").tobytes()
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + len(payload), b"WAVE", b"fmt ", 16)
    each = channels * width
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * each, each, 8 * width)
    return head + form + struct.pack("<4sI", b"data", len(payload)) + payload


def codes_of(samples: Float32, rate: int) -> set[str]:
    """Return the codes that a recording gets."""
    result = check(io.BytesIO(wav(samples, rate)))
    return {finding.code for finding in result.findings}


def voices() -> Iterator[Path]:
    """Yield the recordings of the five voices."""
    named = {path.stem: path for path in prompts("en", 10)}
    yield from spoken()
    yield from (named[name] for name in CHOSEN)


def others() -> Iterator[Path]:
    """Yield recordings of voices that no threshold was chosen by."""
    yield from spoken(SAID_ELSEWHERE)
    yield from concatenative()
    for language in PROFESSIONAL:
        long = prompts(language, 8)
        yield long[len(long) // 2]


def in_order(path: Path) -> Voice:
    """Read a recording; bring it to the target level, without DC."""
    voice = read(path)
    samples = voice.samples[: 30 * voice.rate]
    samples = samples - samples.mean()  # espeak-ng leaves 0.1 %
    gain = ratio(LEVEL_DBOV - level_of(samples, voice.rate))
    return Voice(voice.name, samples * gain, voice.rate)


def level_of(samples: Float32, rate: int) -> float:
    """Return the active speech level in dBov."""
    from voiceprep.audio.level import speech_level  # noqa: PLC0415 (beside its use)

    heard = soxr.resample(samples, rate, 8_000) * 32_768.0
    return speech_level(heard - heard.mean()).level_dbov


def main() -> int:
    """Print the table; return 1 where it falls short."""
    parser = argparse.ArgumentParser(description="Damage voices; are they caught?")
    parser.add_argument("--verbose", action="store_true", help="name what was missed")
    parser.add_argument("--others", action="store_true", help="unheard voices")
    options = parser.parse_args()
    files = others() if options.others else voices()
    known = [in_order(path) for path in files]
    sound = [(voice, codes_of(voice.samples, voice.rate)) for voice in known]
    for voice, codes in sound:
        print(f"{voice.name}: {' '.join(sorted(codes)) or 'no finding'}")
    hits = tries = wrong = 0
    print(f"\n{'damage':22}{'strengths':>22}   hits of {len(sound)}   wrong names")
    for each in ROWS:
        caught, named = judged(each, sound, verbose=options.verbose)
        hits, tries = hits + sum(caught[1:]), tries + 2 * len(sound)
        wrong += len(named)
        strengths = " ".join(f"{strength:g}" for strength in each.strengths)
        counts = "  ".join(map(str, caught))
        print(f"{each.name:22}{strengths:>22}   {counts:12}   {' '.join(named) or '-'}")
    print(f"\n{hits} of {tries} hit at the two stronger strengths ({hits / tries:.1%})")
    print(f"{wrong} wrong names")
    return int(hits < LEAST_HITS * tries or wrong > 0)


def judged(
    each: Row, sound: list[tuple[Voice, set[str]]], *, verbose: bool
) -> tuple[list[int], list[str]]:
    """Return the hits at each strength, and the wrong names."""
    caught, named = [0, 0, 0], []
    for voice, known in sound:
        for number, strength in enumerate(each.strengths):
            found = codes_of(*each.damage(voice, strength))
            hit = bool(found & each.codes)
            caught[number] += hit
            strange = found - each.codes - each.also - known - ALWAYS
            named += sorted(strange)
            if verbose and (strange or not hit):
                told = " ".join(sorted(found)) or "no finding"
                print(f"    {each.name} {strength:g}, {voice.name}: {told}")
    return caught, named


if __name__ == "__main__":
    sys.exit(main())
