"""Decode, mix, resample and encode a folder with the libraries alone.

    python scripts/benchmarks/floor.py FOLDER OUT

soundfile, soxr VHQ and a table lookup, two threads, no check, no high-pass, one file
written: what the same libraries cost at the least. A floor to measure ours against.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import soundfile
import soxr

from voiceprep.audio.g711 import alaw_encode

BLOCK = 65_536
WORKERS = 2


def prepare(source: Path, target: Path) -> None:
    """Write a recording's A-law codes.

    Parameters
    ----------
    source, target : Path
        Of a recording, and of the headerless codes.
    """
    with soundfile.SoundFile(source) as sound:
        stream = soxr.ResampleStream(sound.samplerate, 8_000, 1, quality="VHQ")
        parts = []
        while len(block := sound.read(BLOCK, dtype="float32", always_2d=True)):
            mono = block.sum(axis=1) if sound.channels > 2 else block[:, 0].copy()
            if sound.channels == 2:
                mono = (mono + block[:, 1]) * np.float32(0.5)
            parts.append(stream.resample_chunk(mono))
        parts.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    steps = np.rint(np.concatenate(parts) * np.float32(32_768))
    codes = alaw_encode(np.clip(steps, -32_768, 32_767).astype(np.int16))
    target.write_bytes(codes.tobytes())


def main(folder: Path, out: Path) -> None:
    """Prepare a folder, two recordings at a time; mpg123's complaints go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    names = sorted(path for path in folder.iterdir() if path.is_file())
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda path: prepare(path, out / f"{path.name}.pcm"), names))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
