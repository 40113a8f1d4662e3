"""A folder that nobody would wish for: each bad recording costs itself only."""

import csv
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from material import chunk, fmt, hanging, riff, talk

GOOD = 40
MOST_MB = 400
# Root reads everything; without these two capabilities it is as others are. What the
# processes below took at most is told by the system, in KiB.
MEASURED = """
import ctypes, resource, subprocess, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
start = "from voiceprep.cli import main; main()"
code = subprocess.call([sys.executable, "-c", start, *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
SAID = {  # a file → its outcome, its finding, words of its one line
    "148-bytes.wav": ("refused", "too_short silent", "0.063 s long"),
    "2-to-31.wav": ("refused", "truncated", "cut short"),
    "fifo.wav": ("unreadable", "not_a_file", "a named pipe, not a file"),
    "locked.wav": ("unreadable", "not_permitted", "no right to read it"),
    "grows.wav": ("refused", "truncated", "it changed while it was read"),
    "vanishes.wav": ("unreadable", "not_found", "no such file"),
}


@pytest.fixture
def folder(tmp_path):
    """Lay good recordings and bad ones; the larger ones are taken first."""
    inside = tmp_path / "in"
    for number in range(GOOD):
        talk(inside / f"good-{number:02}.wav", 11.0, number)
    talk(inside / "locked.wav").chmod(0)
    os.mkfifo(inside / "fifo.wav")
    (inside / "148-bytes.wav").write_bytes(hanging())
    noise = np.random.default_rng(1).bytes(88_000)
    claimed = riff(fmt(bits=8), chunk(b"data", noise, size=1 << 31))
    (inside / "2-to-31.wav").write_bytes(claimed)
    for name in ("grows", "vanishes"):
        talk(inside / f"{name}.wav", 10.0)
    return inside


def meddle(folder, events, ended):
    """Let one recording grow all the time, and one vanish once the batch works."""
    vanishing = folder / "vanishes.wav"
    while not ended.wait(0.002):
        with (folder / "grows.wav").open("ab") as file:
            file.write(bytes(2))
        if events.exists() and '"judged"' in events.read_text():
            vanishing.unlink(missing_ok=True)


def test_forty_good_ones_are_done_and_each_other_one_is_one_clear_line(
    cli, folder, tmp_path
):
    events, ended = tmp_path / "events", threading.Event()
    meddler = threading.Thread(target=meddle, args=(folder, events, ended))
    meddler.start()
    words = ["batch", folder, "-o", tmp_path / "out", "-j", "2", "--events", events]
    try:
        with cli.start(*words, code=MEASURED) as process:
            out, err = process.communicate(timeout=60)  # the whole of it, says issue 5
    finally:
        ended.set()
        meddler.join()
    assert process.returncode == 1
    lines = err.decode().splitlines()
    assert lines[-1].startswith("40 prepared, 3 refused, 3 unreadable; results in ")
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        rows = {Path(row["source"]).name: row for row in csv.DictReader(file)}
    for name, (outcome, codes, said) in SAID.items():
        (line,) = [line for line in lines if f"/{name}: " in line]
        assert said in line
        row = rows.pop(name)
        assert (row["outcome"], row["findings"]) == (outcome, codes), name
    assert [row["outcome"] for row in rows.values()] == ["prepared"] * GOOD
    assert len(list((tmp_path / "out").glob("*.pcm"))) == GOOD
    assert int(out) / 1024 < MOST_MB
