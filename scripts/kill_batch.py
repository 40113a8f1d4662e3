"""Kill batches at random instants, and at every step; judge by the sandbox's truth.

    scripts/kill_batch.py 1000           a thousand runs, each killed once by SIGKILL
    scripts/kill_batch.py 30 --late 3    contents become visible 3 s late
    scripts/kill_batch.py --steps 1      at every commit and HTTP call in turn
    scripts/kill_batch.py --steps 10     at every tenth

Each run is started again until it is done. Then the sandbox must hold every recording
exactly once, every artefact must be that of a run that nobody disturbed, and the
results must be complete.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voiceprep.sandbox import Sandbox

MAX_STARTS = 20
PLAIN = "from voiceprep.cli import main; main()"
# Dies before or after the N-th commit or HTTP call of the process; -1 only counts.
AT_STEP = """
import os, signal, sys, threading
fatal, counted = int(os.environ.pop("FATAL_STEP")), os.environ.pop("STEPS_FILE")
lock, steps = threading.Lock(), 0
def step():
    global steps
    with lock:
        steps += 1
        if steps == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        if fatal < 0:
            with open(counted, "w") as file:
                file.write(str(steps))
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
from voiceprep.cli import main
main()
"""


@dataclass(frozen=True)
class Scene:
    """Hold what every run needs."""

    folder: Path
    box: Sandbox
    files: int

    @property
    def recordings(self) -> Path:
        """Return the folder of recordings."""
        return self.folder / "in"

    def env(self) -> dict[str, str]:
        """Return the environment: the sandbox's account, and short patience."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("VOICEPREP_")}
        return {
            **own,
            "VOICEPREP_BASE_URL": self.box.base_url,
            "VOICEPREP_CLIENT_ID": self.box.client_id,
            "VOICEPREP_CLIENT_SECRET_FILE": str(self.box.client_secret_file),
            "VOICEPREP_LOOKUP_GAP_S": "0.5",
            "VOICEPREP_UPLOAD_LIMIT_S": str(1.0 + self.box_late_s),
        }

    box_late_s: float = 0.0

    def start(
        self, out: Path, code: str = PLAIN, **env: str
    ) -> subprocess.Popen[bytes]:
        """Start a batch."""
        words = ["batch", str(self.recordings), "-o", str(out), "--upload", "-j", "2"]
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            env={**self.env(), **env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def finish(self, out: Path) -> int:
        """Start it again until it is done; return how often."""
        for number in range(1, MAX_STARTS):
            with self.start(out) as process:
                _, said = process.communicate(timeout=300)
            if process.returncode == 0:
                return number
        raise SystemExit(f"not done after {MAX_STARTS} starts: {said.decode()}")


def record(folder: Path, files: int) -> None:
    """Write recordings of noise, each another one."""
    folder.mkdir()
    n = np.arange(8_000 * 10)
    burst = np.sin(2 * np.pi * 1.3 * n / 8_000) > -0.4
    for seed in range(files):
        noise = np.random.default_rng(seed).standard_normal(len(n)).clip(-3, 3)
        with wave.open(str(folder / f"talk-{seed:03}.wav"), "wb") as file:
            file.setparams((1, 2, 8_000, 0, "NONE", ""))
            file.writeframes((6_000 * burst * noise).astype("<i2").tobytes())


def judge(scene: Scene, out: Path, reference: Path) -> None:
    """Compare a run that was killed with the truth, and with one that was not."""
    names = Counter(row["name"] for row in scene.box.truth()["contents"])
    expected = {path.stem for path in scene.recordings.iterdir()}
    doubled = {name: count for name, count in names.items() if count != 1}
    assert names.keys() == expected, expected ^ names.keys()
    assert not doubled, f"uploaded more than once: {doubled}"
    for path in reference.iterdir():
        if path.suffix in {".wav", ".pcm"}:
            assert (out / path.name).read_bytes() == path.read_bytes(), path.name
    results = json.loads((out / "results.json").read_bytes())
    outcomes = [row["outcome"] for row in results["results"]]
    assert outcomes == ["uploaded"] * scene.files, Counter(outcomes)
    assert all(row["content"]["url_encoded"] for row in results["results"])
    assert results["counts"] == {"uploaded": scene.files}


def killed_at_random(scene: Scene, runs: int, seed: int) -> None:
    """Kill each run once, at any instant of its life."""
    dice = random.Random(seed)
    reference = scene.folder / "reference"
    began = time.monotonic()
    assert scene.finish(reference) == 1
    whole_s = time.monotonic() - began
    judge(scene, reference, reference)
    starts: Counter[int] = Counter()
    for number in range(1, runs + 1):
        scene.box.reset()
        out = scene.folder / f"out-{number}"
        with scene.start(out) as process:
            time.sleep(dice.uniform(0.0, whole_s))
            process.kill()
        starts[scene.finish(out)] += 1
        judge(scene, out, reference)
        shutil.rmtree(out)
    told = ", ".join(f"{count} after {n} more" for n, count in sorted(starts.items()))
    print(f"{runs} runs killed at random: every recording there once ({told} starts)")


def killed_at_steps(scene: Scene, every: int) -> None:
    """Kill a run at each commit and HTTP call in turn, before it and after it."""
    reference, counted = scene.folder / "stepped", scene.folder / "steps"
    counting = {"FATAL_STEP": "-1", "STEPS_FILE": str(counted)}
    with scene.start(reference, AT_STEP, **counting) as process:
        _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()
    total = int(counted.read_text())
    judge(scene, reference, reference)
    fatal = range(1, total + 1, every)
    for number in fatal:
        scene.box.reset()
        out = scene.folder / f"step-{number}"
        env = {"FATAL_STEP": str(number), "STEPS_FILE": str(counted)}
        with scene.start(out, AT_STEP, **env) as process:
            process.communicate(timeout=300)
        scene.finish(out)
        judge(scene, out, reference)
        shutil.rmtree(out)
    print(f"{len(fatal)} of {total} steps, each fatal once: every recording there once")


def main() -> None:
    """Read the command line; kill and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=0, metavar="RUNS")
    parser.add_argument("--steps", type=int, default=0, metavar="EVERY")
    parser.add_argument("--late", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-batch-") as name:
        folder = Path(name)
        record(folder / "in", asked.files)
        late = {"late_visibility_s": asked.late} if asked.late else {}
        with Sandbox(folder / "box", port=0, **late) as box:
            scene = Scene(folder, box, asked.files, asked.late)
            if asked.runs:
                killed_at_random(scene, asked.runs, asked.seed)
            if asked.steps:
                scene.box.reset()
                killed_at_steps(scene, asked.steps)


if __name__ == "__main__":
    main()
