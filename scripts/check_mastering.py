#!/usr/bin/env python3
"""Hold mastering to its promises, over the samples and Debian's prompts.

    python scripts/check_mastering.py [--voice en | --all] [--most N] [--beside PYTHON]

For each recording and mode: what lies in the window goes out of ``auto`` as it goes
out of ``off``, to the bit; ``level`` and ``clarity`` reach the target within 0.3 dB
unless the limiter held back; no sample lies over −1 dBFS, before A-law or after; A-law
leaves 36 dB and more; what goes out is A-law's fixed point by the standard library's
encoder; and the bytes are the same for every size of blocks. With ``--beside``, another
interpreter with voiceprep must make the same bytes. Exit code 1 where any of it fails.
"""

import argparse
import audioop
import hashlib
import io
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from voices import AMATEUR, PROFESSIONAL, prompts

from voiceprep.audio.decode import Decoded, Sink, pour
from voiceprep.audio.g711 import alaw_decode
from voiceprep.audio.gather import gather
from voiceprep.audio.identify import identify
from voiceprep.audio.limits import MODES, Limits
from voiceprep.audio.prepare import Order, Prepared, prepare_signal
from voiceprep.errors import RecordingError

Codes = npt.NDArray[np.uint8]
Pour = Callable[[Sink], Decoded]

LIMITS = Limits()
CEILING = 29_204  # facts.md, "Level": −1 dBFS
NEAR_TARGET_DB = 0.3  # issue 4, Done-when 4
LEAST_SNR_DB = 36.0
BLOCKS = (997, 16_384)
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Hold what a mode made of a recording."""

    prepared: Prepared
    codes: Codes

    @property
    def breaches(self) -> Iterator[str]:
        """Yield the promises that do not hold for it alone."""
        p, pcm = self.prepared, alaw_decode(self.codes)
        mastered = p.plan.mode != "off"
        if mastered and p.peak * 32_768 > CEILING + 1e-6:
            yield f"{p.peak * 32_768:.1f} before A-law"
        if mastered and np.abs(pcm.astype(int)).max() > CEILING:
            yield f"{np.abs(pcm.astype(int)).max()} after A-law"
        away = abs(p.level_dbov - LIMITS.target_dbov)
        if mastered and away > NEAR_TARGET_DB and not p.limited_s:
            yield f"{away:.2f} dB off the target, and nothing was limited"
        if p.snr_db is not None and p.snr_db < LEAST_SNR_DB and self.in_window:
            yield f"A-law leaves {p.snr_db:.1f} dB"
        if audioop.lin2alaw(pcm.astype("<i2").tobytes(), 2) != self.codes.tobytes():
            yield "not the fixed point"

    @property
    def in_window(self) -> bool:
        """Say whether what goes out has a level that fits."""
        return LIMITS.least_dbov <= self.prepared.level_dbov <= LIMITS.most_dbov


def made(pouring: Pour, mode: str) -> Made:
    """Prepare a recording."""
    with (
        gather(pouring) as gathered,
        prepare_signal(gathered, Order(mode)) as prepared,
    ):
        return Made(prepared, np.concatenate(list(prepared.codes())))


def whole(path: Path) -> Pour:
    """Decode a recording as `prepare` does."""
    file = io.BytesIO(path.read_bytes())
    return partial(pour, file, identify(file))


def in_blocks(path: Path, size: int) -> Pour:
    """Decode a recording in blocks of another size."""
    blocks: list[npt.NDArray[np.float32]] = []

    def keep(block: npt.NDArray[np.float32], _: int) -> None:
        blocks.append(block.copy())

    decoded = whole(path)(keep)
    samples = np.concatenate(blocks)

    def pouring(sink: Sink) -> Decoded:
        for at in range(0, len(samples), size):
            sink(samples[at : at + size], decoded.rate)
        return decoded

    return pouring


def judged(path: Path, counts: Counter[str]) -> Iterator[str]:
    """Yield the promises that do not hold for a recording; count what was seen."""
    by_mode = {mode: made(whole(path), mode) for mode in MODES}
    for mode, one in by_mode.items():
        counts[f"{mode}: mastered"] += one.prepared.plan.mode != "off"
        counts[f"{mode}: limited"] += one.prepared.limited_s > 0
        yield from (f"{mode}: {breach}" for breach in one.breaches)
        for size in BLOCKS:
            again = made(in_blocks(path, size), mode).codes
            if not np.array_equal(again, one.codes):
                yield f"{mode}: other bytes in blocks of {size}"
    if by_mode["off"].in_window:
        counts["in the window"] += 1
        if not np.array_equal(by_mode["off"].codes, by_mode["auto"].codes):
            yield "auto: not as it was, though its level fits"


def digest(files: list[Path]) -> str:
    """Return one digest of all codes of all modes."""
    total = hashlib.sha256()
    for path in files:
        for mode in MODES:
            total.update(made(whole(path), mode).codes.tobytes())
    return total.hexdigest()


def speech_samples() -> Iterator[Path]:
    """Yield the samples that can be decoded."""
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix == ".md":
            continue
        try:
            made(whole(path), "off")
        except RecordingError:
            continue
        yield path


def main() -> int:
    """Judge all; return 1 where a promise does not hold."""
    voices = (*PROFESSIONAL, *AMATEUR)
    parser = argparse.ArgumentParser(description="Hold mastering to its promises.")
    parser.add_argument("--voice", choices=voices, default="en")
    parser.add_argument("--all", action="store_true", help="all voices")
    parser.add_argument("--most", type=int, metavar="N", help="recordings of a voice")
    parser.add_argument("--beside", metavar="PYTHON", help="another interpreter")
    parser.add_argument("--digest", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    files = [*speech_samples()]
    for voice in voices if options.all else (options.voice,):
        files += prompts(voice)[: options.most]
    if options.digest:
        print(digest(files))
        return 0
    failed, counts = 0, Counter[str]()
    for path in files:
        for breach in judged(path, counts):
            failed += 1
            print(f"  {path.parent.name}/{path.name}: {breach}")
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"{len(files)} recordings × {len(MODES)} modes: {told}; {failed} breaches")
    if options.beside:
        failed += not same_beside(options.beside, files)
    return int(failed > 0)


def same_beside(python: str, files: list[Path]) -> bool:
    """Say whether another interpreter makes the same bytes."""
    words = [argument for argument in sys.argv[1:] if argument != "--digest"]
    ran = subprocess.run(
        [python, __file__, *words, "--digest"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    same = ran.stdout.strip() == digest(files)
    print(f"{python}: {'the same bytes' if same else 'OTHER BYTES'}")
    return same


if __name__ == "__main__":
    sys.exit(main())
