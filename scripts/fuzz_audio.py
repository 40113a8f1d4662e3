#!/usr/bin/env python3
"""Check spoilt recordings and judge what is said of them: fuzz_audio.py [N].

ffmpeg makes a short recording of each kind; bytes of it are changed, cut out, doubled
and put in, the header's above all, from a seed. Each one must end as a result with one
clear line a finding: no exception, no warning, no crash of a decoder, no hang, no
memory beyond reason. A child process reads them one after another, so that one that
hangs or dies can be named; `--keep FOLDER` keeps those.
"""

from __future__ import annotations

import argparse
import json
import random
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[1]
PATIENCE_S: Final = 20.0  # for one file, on a busy machine
LIMIT_MB: Final = 300.0
LONGEST_LINE: Final = 300
KINDS: Final = {  # ending → what ffmpeg is told to make
    "wav": [],
    "float.wav": ["-c:a", "pcm_f32le"],
    "24.wav": ["-c:a", "pcm_s24le"],
    "alaw.wav": ["-c:a", "pcm_alaw"],
    "adpcm.wav": ["-c:a", "adpcm_ms"],
    "mp3.wav": ["-c:a", "libmp3lame"],
    "rf64.wav": ["-rf64", "always"],
    "mp3": ["-c:a", "libmp3lame"],
    "vbr.mp3": ["-c:a", "libmp3lame", "-q:a", "6", "-write_xing", "0"],
    "mp2": [],
    "aiff": [],
    "au": [],
    "caf": [],
    "w64": [],
    "flac": [],
    "ogg": ["-c:a", "libvorbis"],
    "opus": ["-ar", "48000"],
    "webm": ["-c:a", "libopus", "-ar", "48000"],
    "m4a": [],
    "fragments.mp4": ["-movflags", "+frag_keyframe+empty_moov"],
    "aac": [],
    "wv": [],
    "wma": [],
}
EDGES: Final = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
WORDS: Final = (0, 1, 7, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 0xFFFFFFFF)
_CHILD: Final = """
import json, os, resource, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
from voiceprep.pipeline.recording import check
for line in sys.stdin:
    try:
        said = check(line.strip(), fixes=["format"]).as_json()["findings"]
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(json.dumps({"said": said, "peak": peak}), flush=True)
"""


def make(kind: str, folder: Path) -> bytes:
    """Make a recording of two seconds."""
    out = folder / f"whole.{kind}"
    source = ROOT / "samples" / "clean.mp3"
    command = ["ffmpeg", "-v", "error", "-i", str(source), "-t", "2", "-ac", "1"]
    subprocess.run([*command, "-ar", "16000", *KINDS[kind], str(out)], check=True)
    return out.read_bytes()


# Each takes the bytes, the chance, and how far the header goes.


def change(raw: bytearray, chance: random.Random, head: int) -> None:
    """Change some bytes."""
    for _ in range(chance.randint(1, 4)):
        new = chance.choice((*EDGES, chance.randrange(256)))
        raw[chance.randrange(head)] = new


def set_word(raw: bytearray, chance: random.Random, head: int) -> None:
    """Set 2, 4 or 8 bytes to a number at an edge, in either order of bytes."""
    size = chance.choice((2, 4, 4, 8))
    number = chance.choice(WORDS) & ((1 << 8 * size) - 1)
    at = chance.randrange(max(1, head - size))
    raw[at : at + size] = number.to_bytes(size, chance.choice(("little", "big")))


def cut_off(raw: bytearray, chance: random.Random, head: int) -> None:
    """Cut the end off, now and then in the header."""
    del raw[chance.randrange(head if chance.random() < 0.3 else len(raw)) :]


def cut_out(raw: bytearray, chance: random.Random, head: int) -> None:
    """Cut a stretch out."""
    at = chance.randrange(head)
    del raw[at : at + chance.randint(1, 64)]


def double(raw: bytearray, chance: random.Random, head: int) -> None:
    """Repeat a stretch."""
    at = chance.randrange(head)
    raw[at:at] = raw[at : at + chance.choice((1, 4, 16, 300, len(raw)))]


def put_in(raw: bytearray, chance: random.Random, head: int) -> None:
    """Put junk in."""
    at = chance.randrange(head)
    raw[at:at] = chance.randbytes(chance.choice((1, 3, 64, 5_000)))


WAYS: Final[tuple[Callable[[bytearray, random.Random, int], None], ...]] = (
    *(change, change, change, set_word, set_word, set_word),
    *(cut_off, cut_out, double, put_in),
)


def spoil(raw: bytes, chance: random.Random) -> bytes:
    """Spoil a recording in one to three ways."""
    spoilt = bytearray(raw)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        head = min(len(spoilt), chance.choice((64, 64, 512, 1 << 30)))
        if head:
            chance.choice(WAYS)(spoilt, chance, head)
    return bytes(spoilt)


@dataclass(slots=True)
class Reader:
    """Let a child process check one file after another."""

    child: subprocess.Popen[str] | None = None

    def check(self, path: Path) -> dict[str, Any]:
        """Return what was said of a file; ``said`` is a word where it ended badly."""
        child = self.child = self.child or self._started()
        _pipe(child.stdin).write(f"{path}\n")
        _pipe(child.stdin).flush()
        ready, _, _ = select.select([_pipe(child.stdout)], [], [], PATIENCE_S)
        line = _pipe(child.stdout).readline() if ready else ""
        if line:
            told: dict[str, Any] = json.loads(line)
            return told
        self.close()
        return {"said": "died" if ready else "hung", "peak": 0.0}

    def _started(self) -> subprocess.Popen[str]:
        ignored = "ignore:'audioop' is deprecated:DeprecationWarning"
        command = [sys.executable, "-W", "error", "-W", ignored, "-c", _CHILD]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)

    def close(self) -> None:
        """End the child."""
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
        self.child = None


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@dataclass(slots=True)
class Judge:
    """Count what was said, and keep what must not be."""

    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def judge(self, name: str, told: dict[str, Any]) -> bool:
        """Judge what was said of one file; return whether it is as it must be."""
        said = told["said"]
        wrong = [said] if isinstance(said, str) else list(_wrong_lines(said))
        if told["peak"] > LIMIT_MB:
            wrong.append(f"{told['peak']:.0f} MB")
        self.faults += (f"{name}: {fault}" for fault in wrong)
        errors = [] if wrong else [f["code"] for f in said if f["severity"] == "error"]
        self.seen["fault" if wrong else (*errors, "fit")[0]] += 1
        return not wrong


def _wrong_lines(findings: list[dict[str, Any]]) -> Iterator[str]:
    """Name the findings that are no clear line."""
    for found in findings:
        line = found["message"]
        if not line or len(line) > LONGEST_LINE or not line.isprintable():
            yield f"unclear: {line!r}"
        if found["code"] == "decoder_failed" or " object at 0x" in line:
            yield f"a library's failure, not ours: {line}"


def fuzz(count: int, start: int, keep: Path | None = None) -> Judge:
    """Check `count` spoilt recordings, all kinds in turn."""
    chance, judge, reader = random.Random(start), Judge(), Reader()
    with tempfile.TemporaryDirectory(prefix="voiceprep-fuzz-") as name:
        folder = Path(name)
        whole = {kind: make(kind, folder) for kind in KINDS}
        try:
            for number in range(count):
                kind = list(KINDS)[number % len(KINDS)]
                path = folder / f"{number}.{kind}"
                path.write_bytes(spoil(whole[kind], chance))
                if not judge.judge(path.name, reader.check(path)) and keep:
                    (keep / path.name).write_bytes(path.read_bytes())
                path.unlink()
        finally:
            reader.close()
    return judge


def main() -> int:
    """Fuzz, and print what was said; return 1 where anything must not be."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("count", nargs="?", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    if asked.keep is not None:
        asked.keep.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    judge = fuzz(asked.count, asked.seed, asked.keep)
    for fault in judge.faults:
        print(fault)
    took_s = time.monotonic() - began
    said = ", ".join(f"{code} {times}" for code, times in judge.seen.most_common())
    print(f"{asked.count} spoilt recordings in {took_s:.0f} s: {said}")
    return 1 if judge.faults else 0


if __name__ == "__main__":
    sys.exit(main())
