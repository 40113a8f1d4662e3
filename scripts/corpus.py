"""Decode every file of a folder beside ffmpeg and print where the two part.

    scripts/corpus.py ../shared/corpus

Each result that is not refused must lie within max(0.3 s, 2 %) of ffmpeg's length;
exceptions are listed in `OURS_IS_RIGHT` with their reason. A child process does one
file at a time, so that its peak memory and its time are its own.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_S = 10.0
LIMIT_MB = 300.0
OURS_IS_RIGHT = {
    "real/minimp3__l3-he_free.bit.mp3": "free format, which ffmpeg can't read",
    "derived/w64_lie.w64.wav": "a Wave64 file; ffmpeg believes its lying size",
}
_CHILD = """
import json, os, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
from voiceprep.pipeline.recording import check
result = check(sys.argv[1], fixes=["all"])
print(json.dumps(result.as_json()))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold what became of one file.

    Parameters
    ----------
    name, said : str
    refused : bool
        For another reason than being too short.
    ours_s, theirs_s : float
        Decoded lengths in seconds.
    took_s, peak_mb : float
    crashed : bool
    """

    name: str
    said: str
    refused: bool
    ours_s: float
    theirs_s: float
    took_s: float
    peak_mb: float
    crashed: bool

    @property
    def faults(self) -> list[str]:
        """Name what must not be."""
        apart = abs(self.ours_s - self.theirs_s) > max(0.3, 0.02 * self.theirs_s)
        part = apart and not self.refused and self.name not in OURS_IS_RIGHT
        known = (
            (self.crashed, "crashed"),
            (self.took_s > LIMIT_S, f"took {self.took_s:.1f} s"),
            (self.peak_mb > LIMIT_MB, f"took {self.peak_mb:.0f} MB"),
            (part, f"{self.ours_s:.2f} s, ffmpeg {self.theirs_s:.2f} s"),
        )
        return [fault for is_so, fault in known if is_so]


def look(folder: Path, name: str, theirs_s: float) -> Row:
    """Check one file in a child process."""
    started = time.monotonic()
    try:
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, str(folder / name)],
            capture_output=True,
            text=True,
            timeout=3 * LIMIT_S,
            check=False,
        )
        said: dict[str, Any] = json.loads(child.stdout) if child.returncode == 0 else {}
    except subprocess.TimeoutExpired:
        said = {}
    took = time.monotonic() - started
    # The largest child so far: enough to say that none passed the limit.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_024
    errors = [f for f in said.get("findings", []) if f["severity"] == "error"]
    told = said.get("verdict", "crashed")
    if errors:
        told += f": {errors[0]['code']}: {errors[0]['message']}"
    ours = said.get("measurements", {}).get("duration_s", 0.0)
    return Row(name, told, bool(errors), ours, theirs_s, took, peak, not said)


def main(folder: Path) -> int:
    """Print the table; return 1 where anything must not be."""
    with (folder / "index.csv").open(encoding="utf-8") as file:
        wanted = [
            (r["file"], float(r["ff_seconds"] or 0)) for r in csv.DictReader(file)
        ]
    rows = [look(folder, name, seconds) for name, seconds in wanted]
    for row in rows:
        if row.refused or row.faults:
            print(
                f"{row.name}: {row.said}" + "".join(f"  FAULT {f}" for f in row.faults)
            )
    for name, reason in OURS_IS_RIGHT.items():
        print(f"{name}: parts from ffmpeg rightly: {reason}")
    counts = Counter(row.said.split(":")[0] for row in rows)
    faults = sum(bool(row.faults) for row in rows)
    slowest = max(row.took_s for row in rows)
    peak = max(row.peak_mb for row in rows)
    print(f"{len(rows)} files: {dict(counts)}")
    print(f"slowest {slowest:.1f} s, peak {peak:.0f} MB, faults {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/corpus")))
