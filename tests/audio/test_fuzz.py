"""Spoilt recordings of every kind: one clear line each, and nothing else.

scripts/fuzz_audio.py spoils as many as it is told; here are a few hundred of them.
"""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "fuzz_audio.py"


def test_spoilt_recordings_end_in_one_clear_line(tool):
    tool("ffmpeg")
    fuzz = runpy.run_path(str(SCRIPT))["fuzz"]
    told = fuzz(300, start=3)
    assert told.faults == []
    assert sum(told.seen.values()) == 300
    assert {"undecodable", "truncated", "too_short"} < set(told.seen)
