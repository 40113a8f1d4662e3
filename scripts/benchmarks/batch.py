"""What a batch costs: engines, the ledger, going on, the memory of ten thousand."""

import os
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.inputs import Kind, clear, mixed_folder, write
from benchmarks.measure import Command, Cost, in_turn, measure
from benchmarks.options import Options
from benchmarks.report import Report, Target
from benchmarks.speed import FFMPEG, TO_ALAW, WORKERS, over_all, tell
from voiceprep.ledger import Ledger, Listed, Made, State

MANY, QUICK_MANY, FEW = 10_000, 500, 200
BASES = 100  # recordings, each of which is linked under many names
SHORT_S = 10.5
SHORT = Kind(8_000, 1)
PORTION = 500
JUDGED = frozenset({0, 1})  # exit codes: 1 says that some are refused
HEADING = ("work", "what", "CPU s", "wall s", "peak MB")
RESULT = '{"path": "/in/talk.wav", "findings": [], "measurements": {%s}}'

Cells = tuple[str, ...]


def batch(options: Options) -> Report:
    """Measure what issue 5, Done-when 5, asks of a batch.

    Parameters
    ----------
    options : Options
        ``quick`` takes 40 recordings for 200, and 500 for 10,000.

    Returns
    -------
    Report
        Rows of a mixed folder, of many short recordings, and of the ledger alone.
    """
    count = 40 if options.quick else FEW
    many = QUICK_MANY if options.quick else MANY
    rows, targets = folder(options, count)
    more_rows, more_targets = of_many(options, many)
    each_ms = ledger_ms(options.work, many)
    last = (f"{many:,} records", "the ledger, ms each", "", f"{each_ms:.3f}", "")
    of_ledger = Target("the ledger's cost of a recording", each_ms, 1.0, unit=" ms")
    return Report(
        HEADING, (*rows, *more_rows, last), (*targets, *more_targets, of_ledger)
    )


def folder(options: Options, count: int) -> tuple[list[Cells], list[Target]]:
    """Measure a mixed folder: each engine, everything on and off, beside ffmpeg."""
    name = f"{count} files"
    tell(f"{name}, as batches …")
    source, out = mixed_folder(options.work, count), options.work / "out"
    costs = in_turn(
        ways(source, out, options),
        options.rounds(3),
        before=partial(clear, out),
        exits=JUDGED,
    )
    wall = {what: cost.wall_s for what, cost in costs.items()}
    targets = [
        faster(f"{name}, {what}", wall[peer] / wall[what], limit, peer)
        for what, peer, limit in (
            ("everything", "ffmpeg", 2.5),
            ("mastering off, no report", "ffmpeg", 3.5),
            ("process", "inline", 1.7),
            ("thread", "inline", 1.7),
        )
    ]
    return [row_of(name, what, cost) for what, cost in costs.items()], targets


def faster(what: str, times: float, limit: float, peer: str) -> Target:
    """Promise to be so many times faster than a peer, by the clock."""
    promise = f"{what}: {peer}'s wall time over its own"
    return Target(promise, times, limit, at_least=True, unit=" x")


def ways(source: Path, out: Path, options: Options) -> dict[str, Command]:
    """Give each way's command for a folder."""
    ours = [*options.voiceprep, "batch", str(source), "-o", str(out), "-j", WORKERS]
    each, wav = f"{source}/{{}}", f"{out}/{{}}.wav"
    return {
        "everything": [*ours, "--report"],
        "mastering off, no report": [*ours, "--master", "off"],
        "process": ours,
        "thread": [*ours, "--engine", "thread"],
        "inline": [*ours, "--engine", "inline"],
        "ffmpeg": over_all(source, [*FFMPEG, "-i", each, *TO_ALAW, wav]),
    }


def of_many(options: Options, count: int) -> tuple[list[Cells], list[Target]]:
    """Measure many short recordings: their memory, and a run with nothing to do."""
    name = f"{count:,} short files"
    tell(f"{name}, as a batch …")
    few, many = (short_folder(options.work, each) for each in (FEW, count))
    with tempfile.TemporaryDirectory(dir=options.work) as place:
        first = measure(over(few, Path(place) / "few", options), exits=JUDGED)
        command = over(many, Path(place) / "many", options)
        whole, again = (measure(command, exits=JUDGED) for _ in range(2))
    rows = [
        row_of(f"{FEW} short files", "first run", first),
        row_of(name, "first run", whole),
        row_of(name, "nothing to do", again),
    ]
    grown_mb = whole.peak_mb - first.peak_mb
    targets = [
        Target(f"{name}, nothing to do", again.wall_s, 3.0, unit=" s"),
        Target(f"{name}, peak over that of {FEW}", grown_mb, 30.0, unit=" MB"),
    ]
    return rows, targets


def over(source: Path, out: Path, options: Options) -> Command:
    """Give the command of a batch."""
    return [*options.voiceprep, "batch", str(source), "-o", str(out), "-j", WORKERS]


def short_folder(work: Path, count: int) -> Path:
    """Make a folder of many short recordings unless it is there: few, linked often."""
    made = work / f"short-{count}"
    if not made.exists():
        part = work / f".{os.getpid()}-{made.name}"
        part.mkdir()
        for number in range(BASES):
            write(part / f"base-{number:02}.wav", SHORT_S, SHORT, number * 0.6)
        for number in range(count):
            os.link(part / f"base-{number % BASES:02}.wav", part / f"{number:05}.wav")
        for number in range(BASES):
            (part / f"base-{number:02}.wav").unlink()
        part.replace(made)
    return made


def ledger_ms(work: Path, count: int) -> float:
    """Take recordings through the ledger alone: entered, claimed, settled, read.

    Returns
    -------
    float
        Milliseconds a recording, by the clock, synced as a batch syncs.
    """
    place = Path(tempfile.mkdtemp(dir=work))
    listed = [
        Listed(f"/in/{n}.wav", "/in", 168_044, f"{n}", (f"{n}",)) for n in range(count)
    ]
    result = RESULT % ('"x": 1.234567, ' * 100 + '"y": 0')
    made = Made(State.PREPARED, "fit", SHORT_S, key="0" * 64, result=result)
    try:
        with Ledger(f"sqlite:///{place}/ledger.sqlite3") as ledger, ledger.run():
            began = time.perf_counter()
            for start in range(0, count, PORTION):
                ledger.enter("/out", "0" * 64, listed[start : start + PORTION])
            while tasks := ledger.claim("/out", PORTION):
                settled = [ledger.settle(task, made) for task in tasks]
            settled[-1].result()
            assert sum(1 for _ in ledger.recordings("/out", "")) == count
            return (time.perf_counter() - began) / count * 1_000
    finally:
        shutil.rmtree(place)


def row_of(work: str, what: str, cost: Cost) -> Cells:
    """Set one cost in cells as `HEADING` names them."""
    numbers = (f"{cost.cpu_s:.3f}", f"{cost.wall_s:.3f}", f"{cost.peak_mb:.1f}")
    return (work, what, *numbers)
