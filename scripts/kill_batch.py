#!/usr/bin/env python3
"""Kill batches at random instants, and at every step; judge by the sandbox's truth.

    scripts/kill_batch.py 1000           a thousand runs, each killed by SIGKILL
    scripts/kill_batch.py 30 --late 3    contents become visible 3 s late
    scripts/kill_batch.py --steps 1      at every commit, HTTP call, rename in turn
    scripts/kill_batch.py --steps 10     at every tenth
    scripts/kill_batch.py 30 --report    with pages: every drawing must be whole

Each run is started again until it is done; some are killed again on the way. Then the
sandbox must hold every fit recording exactly once, whole; every artefact must be that
of a run that nobody disturbed; the results must be complete, and nothing else may lie
about. What fails is kept, and its folder named.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import wave
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from voiceprep.sandbox import Sandbox

MAX_STARTS: Final = 20
LIMIT_S: Final = 2.0  # that the sandbox may work on one upload, on a busy machine
ENGINES: Final = ("inline", "thread", "process")
AGAIN: Final = 0.25  # of the runs that were killed are killed once more
TOLD_EVERY: Final = 10  # runs, for those who watch a long form
REFUSED: Final = ("too-short-1", "too-short-2")
COPY: Final = "copy"  # of the first recording: the same bytes, one upload
_OF_THE_LEDGER: Final = re.compile(r"\.voiceprep/(?!drawings/)")
PLAIN: Final = "from voiceprep.cli import main; main()"
# Dies before or after the N-th commit, HTTP call or rename of the process; with 0 it
# only counts.
AT_STEP: Final = """
import os, signal, threading
fatal, counted = int(os.environ.pop("FATAL_STEP")), os.environ.pop("STEPS_FILE")
lock, steps = threading.Lock(), 0
def step():
    global steps
    with lock:
        steps += 1
        if steps == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
def around(owner, name):
    whole = getattr(owner, name)
    def stepped(*arguments, **named):
        step()
        try:
            return whole(*arguments, **named)
        finally:
            step()
    setattr(owner, name, stepped)
import httpx2
from sqlalchemy.engine import default
around(httpx2.Client, "send")
around(default.DefaultDialect, "do_commit")
around(os, "replace")
from voiceprep.cli import main
try:
    main()
finally:
    with open(counted, "w") as file:
        file.write(str(steps))
"""


@dataclass(frozen=True)
class Asked:
    """Hold what the command line asks of one lane.

    Parameters
    ----------
    files : int
        Recordings of a batch.
    late_s : float
        Until the sandbox shows what it stored.
    seed : int
    report : bool
        Whether pages are written, and recordings drawn.
    """

    files: int
    late_s: float
    seed: int
    report: bool = False


@dataclass(frozen=True)
class Scene:
    """Hold what every run needs: OUT is the same for all, one after the other."""

    folder: Path
    box: Sandbox
    asked: Asked

    @property
    def recordings(self) -> Path:
        """Return the folder of recordings."""
        return self.folder / "in"

    @property
    def out(self) -> Path:
        """Return the folder of artefacts."""
        return self.folder / "out"

    @property
    def reference(self) -> Path:
        """Return what a run left that nobody disturbed."""
        return self.folder / "reference"

    def env(self) -> dict[str, str]:
        """Return the environment: the sandbox's account, and short patience."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("VOICEPREP_")}
        return {
            **own,
            "OPENBLAS_NUM_THREADS": "1",
            "VOICEPREP_BASE_URL": self.box.base_url,
            "VOICEPREP_CLIENT_ID": self.box.client_id,
            "VOICEPREP_CLIENT_SECRET_FILE": str(self.box.client_secret_file),
            "VOICEPREP_LOOKUP_GAP_S": "0.5",
            "VOICEPREP_UPLOAD_LIMIT_S": str(LIMIT_S + self.asked.late_s),
        }

    def start(
        self, engine: str = "inline", code: str = PLAIN, **env: str
    ) -> subprocess.Popen[bytes]:
        """Start a batch."""
        words = ["batch", str(self.recordings), "-o", str(self.out), "--upload"]
        words += ["--report"] * self.asked.report
        return subprocess.Popen(
            [sys.executable, "-c", code, *words, "-j", "2", "--engine", engine],
            env={**self.env(), **env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def finish(self, engine: str = "inline") -> int:
        """Start it again until it is done; return how often."""
        said = b""
        for number in range(1, MAX_STARTS):
            with self.start(engine) as process:
                _, said = process.communicate(timeout=600)
            if process.returncode == 1:  # done, with some recordings refused
                return number
        raise AssertionError(f"not done after {MAX_STARTS} starts: {said.decode()}")

    def clear(self) -> None:
        """Forget the last run, here and on the platform."""
        self.box.reset()
        shutil.rmtree(self.out, ignore_errors=True)


def record(folder: Path, files: int) -> None:
    """Write recordings of noise, each another one; a copy, and two that are short."""
    folder.mkdir()
    talks = [f"talk-{seed:03}" for seed in range(files - len(REFUSED) - 1)]
    for seed, name in enumerate((*talks, *REFUSED)):
        n = np.arange(8_000 * (10 if name in talks else 1))
        burst = np.sin(2 * np.pi * 1.3 * n / 8_000) > -0.4
        noise = np.random.default_rng(seed).standard_normal(len(n)).clip(-3, 3)
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8_000, 0, "NONE", ""))
            file.writeframes((6_000 * burst * noise).astype("<i2").tobytes())
    shutil.copyfile(folder / f"{talks[0]}.wav", folder / f"{COPY}.wav")


def judge(scene: Scene) -> None:
    """Compare a run with the truth, and with one that nobody disturbed."""
    _judge_uploads(scene)
    _judge_files(scene)
    _judge_results(scene)
    with sqlite3.connect(scene.out / ".voiceprep" / "ledger.sqlite3") as ledger:
        states = ledger.execute("SELECT DISTINCT state FROM uploads").fetchall()
        living = ledger.execute("SELECT count(*) FROM runs").fetchall()
    ledger.close()
    assert (states, living) == ([("uploaded",)], [(0,)]), (states, living)


def _judge_uploads(scene: Scene) -> None:
    """Count what the sandbox stored, by its bytes: the artefacts', each once."""
    rows = scene.box.truth()["contents"]
    stored = Counter(
        _digest(
            scene.box.data
            / "files"
            / row["folder"]
            / f"{Path(row['filename']).stem}.pcm"
        )
        for row in rows
    )
    expected = Counter({_digest(path): 1 for path in scene.reference.glob("*.pcm")})
    lost, doubled = expected - stored, stored - expected
    assert not lost, f"{lost.total()} of {expected.total()} lost"
    assert not doubled, f"{doubled.total()} uploaded more than once"


def _judge_files(scene: Scene) -> None:
    """Compare every file of OUT, byte for byte where no id of the platform is in it."""
    found, expected = _files(scene.out), _files(scene.reference)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    for name, path in expected.items():
        if not name.startswith(("results.", "report.")):
            assert found[name].read_bytes() == path.read_bytes(), name


def _files(folder: Path) -> dict[str, Path]:
    """List the files of a folder, drawings too, but for the ledger's own."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    named = {str(path.relative_to(folder)): path for path in paths}
    return {k: v for k, v in named.items() if not _OF_THE_LEDGER.match(k)}


def _judge_results(scene: Scene) -> None:
    results = json.loads((scene.out / "results.json").read_bytes())
    refused = len(REFUSED)
    expected = {"uploaded": scene.asked.files - refused, "refused": refused}
    outcomes = Counter(row["outcome"] for row in results["results"])
    assert outcomes == results["counts"] == expected, outcomes
    contents = [row["content"] for row in results["results"] if row["content"]]
    assert len({each["url_encoded"] for each in contents}) == expected["uploaded"] - 1
    table = (scene.out / "results.csv").read_text("utf-8").splitlines()
    assert len(table) == 1 + scene.asked.files, len(table)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def set_up(scene: Scene) -> float:
    """Make the reference; return how long a run takes that nobody disturbs."""
    record(scene.recordings, scene.asked.files)
    began = time.monotonic()
    assert scene.finish("process") == 1
    whole_s = time.monotonic() - began
    shutil.copytree(scene.out, scene.reference)
    judge(scene)
    return whole_s


def killed_at_random(scene: Scene, runs: int, told: str) -> Counter[str]:
    """Kill runs at any instant of their lives."""
    dice, counts = random.Random(scene.asked.seed), Counter[str]()
    whole_s = set_up(scene)
    while counts["runs"] < runs:
        scene.clear()
        engine = dice.choice(ENGINES)
        kills = 0
        while kills == 0 or dice.random() < AGAIN:
            lived_s = _killed(scene, engine, dice.uniform(0.0, whole_s))
            if lived_s is not None:
                whole_s = (whole_s + lived_s) / 2  # the machine is less busy now
                break
            whole_s *= 1.02  # or busier
            kills += 1
        counts[f"{scene.finish(engine)} more starts"] += bool(kills)
        judge(scene)
        counts["runs"] += bool(kills)  # one that ended before it was hit is none
        counts["kills"] += kills
        if kills and counts["runs"] % TOLD_EVERY == 0:
            print(f"{told}: {counts['runs']} of {runs} at random", flush=True)
    return counts


def _killed(scene: Scene, engine: str, after_s: float) -> float | None:
    """Start a run and kill it; say how long it lived where it ended before that."""
    began = time.monotonic()
    with scene.start(engine) as process:
        try:
            process.communicate(timeout=after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    return None if process.returncode < 0 else time.monotonic() - began


def killed_at_steps(scene: Scene, first: int, every: int, told: str) -> Counter[str]:
    """Kill runs at each step in turn, before it and after it."""
    set_up(scene)
    scene.clear()
    assert not _stopped_at(scene, 0)
    total = int((scene.folder / "steps").read_text())
    judge(scene)
    counts = Counter({"steps": total})
    for number in range(first, total + 1, every):
        scene.clear()
        counts["runs"] += _stopped_at(scene, number)
        scene.finish()
        judge(scene)
        if counts["runs"] % TOLD_EVERY == 0:
            print(f"{told}: step {number} of {total}", flush=True)
    return counts


def _stopped_at(scene: Scene, step: int) -> bool:
    """Run until a step; say whether it was the last. Runs differ by a few steps."""
    env = {"FATAL_STEP": str(step), "STEPS_FILE": str(scene.folder / "steps")}
    with scene.start("inline", AT_STEP, **env) as process:
        _, said = process.communicate(timeout=600)
    assert process.returncode in {-9, 1}, said.decode()
    return process.returncode == -9


def lane(number: int, lanes: int, asked: Asked, runs: int, steps: int) -> Counter[str]:
    """Do one lane's share, with a sandbox of its own."""
    folder = Path(tempfile.mkdtemp(prefix="kill-batch-"))
    with Sandbox(folder / "box", late_visibility_s=asked.late_s) as box:
        scene, told = Scene(folder, box, asked), f"lane {number}"
        try:
            if steps:
                counts = killed_at_steps(scene, 1 + number * steps, steps * lanes, told)
            else:
                share = runs // lanes + (number < runs % lanes)
                counts = killed_at_random(scene, share, told)
        except BaseException:
            print(f"{told}: what failed is kept in {folder}", flush=True)
            raise
    shutil.rmtree(folder)
    return counts


def main() -> None:
    """Read the command line; kill and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=0, metavar="RUNS")
    parser.add_argument("--steps", type=int, default=0, metavar="EVERY")
    parser.add_argument("--late", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--lanes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", action="store_true")
    said = parser.parse_args()
    for runs, steps in ((said.runs, 0), (0, said.steps)):
        if runs or steps:
            _spread(said, runs, steps)


def _spread(said: argparse.Namespace, runs: int, steps: int) -> None:
    """Spread over lanes, and sum up."""
    lanes, counts, began = said.lanes, Counter[str](), time.monotonic()
    with ProcessPoolExecutor(lanes, mp_context=get_context("spawn")) as pool:
        shares = [
            pool.submit(
                lane,
                number,
                lanes,
                Asked(said.files, said.late, said.seed * 1_000 + number, said.report),
                runs,
                steps,
            )
            for number in range(lanes)
        ]
        for share in shares:
            counts += share.result()
    kind = f"{counts['steps'] // lanes} steps" if steps else f"{counts['kills']} kills"
    more = ", ".join(
        f"{n} after {k}" for k, n in sorted(counts.items()) if "start" in k
    )
    print(
        f"{counts['runs']} runs killed ({kind}) over {said.files} files, visible "
        f"{said.late:g} s late: every fit recording there once, 0 doubles, 0 lost, "
        f"0 leftovers{'; done ' if more else ''}{more}; "
        f"{time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
