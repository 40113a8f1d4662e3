#!/usr/bin/env python3
"""Hold the speech level against ITU-T P.56, sample by sample, over Debian's prompts.

    python scripts/check_level.py [--voice en | --all] [--most N]

Each prompt at a level drawn between -45 and -15 dBov, against the transcription kept in
tests/p56.py: 0.03 dB and 0.5 points of activity (issue 4, Done-when 1). Then how the
level follows an unclipped gain, and how 30 s of silence at both ends move it, which
P.56 itself does by up to 0.4 and 0.5 dB where a prompt is short. Exit code 1 where the
first does not hold.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from voices import AMATEUR, PROFESSIONAL, prompts, read

from voiceprep.audio.level import speech_level

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from p56 import scalar  # type: ignore[import-not-found]  # tests have no types

Float64 = npt.NDArray[np.float64]
MOST_DB, MOST_POINTS = 0.03, 0.5


def in_steps(path: Path, draw: np.random.Generator) -> Float64:
    """Read a prompt of 8 kHz at some level, in whole 16-bit steps, without DC."""
    samples = read(path).samples.astype(np.float64)
    samples -= samples.mean()
    wanted = draw.uniform(-45, -15)
    gain = 10 ** ((wanted - speech_level(samples * 32_768).level_dbov) / 20)
    clipped = np.clip(np.rint(samples * gain * 32_768), -32_768, 32_767)
    return np.asarray(clipped, np.float64)


def main() -> int:
    """Print how far the two lie apart; return 1 where it is too far."""
    voices = (*PROFESSIONAL, *AMATEUR)
    parser = argparse.ArgumentParser(description="Compare with P.56, step by step.")
    parser.add_argument("--voice", choices=voices, default="en")
    parser.add_argument("--all", action="store_true", help="all voices")
    parser.add_argument("--most", type=int, metavar="N", help="prompts of a voice")
    options = parser.parse_args()
    named = voices if options.all else (options.voice,)
    files = [file for voice in named for file in prompts(voice)[: options.most]]
    draw = np.random.default_rng(56)
    signals = [in_steps(file, draw) for file in files]
    apart = [difference(signal) for signal in signals]
    level_db, points = (max(column) for column in zip(*apart, strict=True))
    print(f"{len(files)} prompts: {level_db:.4f} dB and {points:.2f} points at most")
    tell("a gain of -6 to 6 dB moves it beside", [gained(s, draw) for s in signals])
    tell("30 s of silence at both ends move it", [padded(s) for s in signals])
    quiet = [np.append(signal, np.zeros(2_000)) for signal in signals]
    tell("  where 0.25 s of silence are there", [padded(s) for s in quiet])
    return int(level_db > MOST_DB or points > MOST_POINTS)


def difference(signal: Float64) -> tuple[float, float]:
    """Return how far ours lies from the transcription: dB, and points of activity."""
    ours, (level_dbov, activity) = speech_level(signal), scalar(signal)
    return abs(ours.level_dbov - level_dbov), 100 * abs(ours.activity - activity)


def gained(signal: Float64, draw: np.random.Generator) -> float:
    """Return how far the level lies beside a gain."""
    gain_db = draw.uniform(-6, 6)
    after = speech_level(signal * 10 ** (gain_db / 20)).level_dbov
    return abs(after - speech_level(signal).level_dbov - gain_db)


def padded(signal: Float64) -> float:
    """Return how far silence moves the level."""
    still = np.zeros(30 * 8_000)
    after = speech_level(np.concatenate([still, signal, still])).level_dbov
    return abs(after - speech_level(signal).level_dbov)


def tell(what: str, moved: Sequence[float]) -> None:
    """Print the spread of what something moves the level by."""
    median, most, worst = np.percentile(moved, [50, 98, 100])
    print(f"  {what}: median {median:.3f}, 98 % {most:.3f}, worst {worst:.3f} dB")


if __name__ == "__main__":
    sys.exit(main())
