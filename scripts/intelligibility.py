#!/usr/bin/env python3
"""Say how well speech is understood: as it is, levelled, and made clearer.

    python scripts/intelligibility.py [PATH...]

Each recording is prepared with ``--master off``, ``level`` and ``clarity`` and heard in
the same noise of a street at the listener, as loud whatever is played. STOI and ESTOI
(`pystoi`) compare it with the clean original, twice: both heard through a telephone,
which passes 300 to 3,400 Hz (ITU-T G.712), as the recipient hears; and both as they
are, up to 4 kHz. Exit code 1 where either falls from off to level, or from level to
clarity, beyond what the measure itself resolves.
"""

import argparse
import sys
import tempfile
import wave
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
from pystoi import stoi

from voiceprep import decode, prepare

Float64 = npt.NDArray[np.float64]

MODES = ("off", "level", "clarity")
NOISE_DBFS = -20.0  # at the listener, whatever is played: as loud as speech
BAND_HZ = (300, 3_400)
RESOLVED = 0.005  # two draws of the noise differ by that
RATE = 8_000


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold STOI and ESTOI, 0 to 1, for each mode."""

    stoi: tuple[float, ...]
    estoi: tuple[float, ...]

    @property
    def falls(self) -> bool:
        """Say whether either falls from one mode to the next."""
        return any(
            later < earlier - RESOLVED
            for scores in (self.stoi, self.estoi)
            for earlier, later in pairwise(scores)
        )


def street(samples: int) -> Float64:
    """Return noise as a street makes it: pink, the same at every call."""
    spectrum = np.fft.rfft(np.random.default_rng(17).standard_normal(samples))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise: Float64 = np.fft.irfft(spectrum, samples)
    scale = 10 ** (NOISE_DBFS / 20) / float(np.sqrt(np.mean(noise**2)))
    return noise * scale


def as_it_is(samples: Float64) -> Float64:
    """Return all of it."""
    return samples


def telephone(samples: Float64) -> Float64:
    """Return what a telephone passes; 50 Hz below and 100 Hz above it fade."""
    low, high = BAND_HZ
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    edges = np.clip((hz - low + 50) / 50, 0, 1) * np.clip((high + 100 - hz) / 100, 0, 1)
    return np.asarray(np.fft.irfft(spectrum * edges, len(samples)), np.float64)


def original(path: Path) -> Float64:
    """Return the recording itself, one channel at 8 kHz."""
    audio, _ = decode(path)
    loudest = int(np.argmax((audio.samples**2).sum(axis=0)))
    mono = np.ascontiguousarray(audio.samples[:, loudest])
    heard = soxr.resample(mono, audio.rate, RATE, "VHQ")
    return np.asarray(heard, np.float64)


def preview(path: Path, mode: str) -> Float64:
    """Return what the recipient hears.

    Raises
    ------
    LookupError
        Where the recording is refused: nobody hears it then.
    """
    fixes = ["duration", "phase", "format"]
    with tempfile.TemporaryDirectory() as folder:
        codes = ["too_quiet"]  # without mastering it would be refused
        result = prepare(path, folder, fixes=fixes, accept=codes, master=mode)
        if result.artefacts is None:
            raise LookupError(result.errors[0].message)
        with wave.open(str(result.artefacts.prepared)) as file:
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return pcm / 32_768.0


LISTENING = {"telephone": telephone, "full band": as_it_is}


def scores(path: Path) -> dict[str, Scores]:
    """Compare each mode with the original, in the same noise, through each band."""
    played = [preview(path, mode) for mode in MODES]
    clean = original(path)
    noise = street(len(clean))
    return {
        name: compared(listen(clean), [listen(p[: len(clean)]) + noise for p in played])
        for name, listen in LISTENING.items()
    }


def compared(clean: Float64, heard: list[Float64]) -> Scores:
    """Return what both measures say of each mode."""
    plain, extended = (
        tuple(float(stoi(clean, one, RATE, extended)) for one in heard)
        for extended in (False, True)
    )
    return Scores(plain, extended)


def main() -> int:
    """Print the table; return 1 where anything falls."""
    parser = argparse.ArgumentParser(description="STOI and ESTOI of each --master.")
    parser.add_argument("paths", nargs="*", type=Path, help="default: samples/")
    here = Path(__file__).resolve().parent.parent / "samples"
    named: list[Path] = parser.parse_args().paths
    found = [path for path in sorted(here.iterdir()) if path.suffix != ".md"]
    heads = "".join(f"{mode:>10}" for mode in MODES)
    print(f"{'':34}STOI{heads[4:]}   ESTOI{heads[5:]}")
    falls = 0
    for path in named or found:
        try:
            told = scores(path)
        except LookupError as error:
            print(f"{path.name:24}refused: {error}")
            continue
        for band, one in told.items():
            falls += one.falls
            print(f"{path.name:24}{band:10}{row(one)}", flush=True)
    print(f"{falls} of them fall")
    return int(falls > 0)


def row(one: Scores) -> str:
    """Set the scores of a recording in a row."""
    cells = ("".join(f"{x:10.3f}" for x in told) for told in (one.stoi, one.estoi))
    return "   ".join(cells) + ("  FALLS" if one.falls else "")


if __name__ == "__main__":
    sys.exit(main())
