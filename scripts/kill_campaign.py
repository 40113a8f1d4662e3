"""Kill sends at random instants, and at every step; judge by the sandbox's messages.

    scripts/kill_campaign.py                 the short form: 20 random, every tenth step
    scripts/kill_campaign.py --long          200 random, every step, and late mailings
    scripts/kill_campaign.py 50 --late 3     50 random; mailings can be read 3 s late
    scripts/kill_campaign.py --steps 5       at every fifth commit and HTTP call
    scripts/kill_campaign.py --whole 5       the same of `campaign run`, renames too
    scripts/kill_campaign.py --resets 200    200 creates that are answered by RST

2,500 people are 3 mailings. Each send is killed once by SIGKILL and started again
until it has nothing more to do. Then nobody may have been called twice, and everybody
must have been called once, or be reported as unknown by name of the part. Of the whole
way the recording must have been uploaded once, too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
from kill_batch import AT_STEP, PLAIN

from voiceprep.campaign.plan import Order, planned
from voiceprep.campaign.windows import Calendar
from voiceprep.client import Client, Settings
from voiceprep.ledger import Ledger
from voiceprep.pipeline.calls import Caller
from voiceprep.pipeline.ordering import Orderer
from voiceprep.pipeline.plans import read_plan
from voiceprep.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PEOPLE = 2_500
GAP_S = 0.3  # between two looks: shorter than a late mailing is late
MAX_STARTS = 10
PROGRESS = 20  # random kills between two lines that tell of them
UNKNOWN = 7  # exit code: a person must look
CREATE = {"method": "POST", "path": "/rest/mailings"}


@dataclass(frozen=True)
class Trip:
    """Name what is killed and started again, and the plan that it sends."""

    words: tuple[str, ...]
    plan: str


@dataclass(frozen=True)
class Scene:
    """Hold what every run needs."""

    folder: Path
    box: Sandbox

    def env(self, run: str) -> dict[str, str]:
        """Return the environment: the sandbox's account, a ledger of the run's own."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("VOICEPREP_")}
        return {
            **own,
            "VOICEPREP_BASE_URL": self.box.base_url,
            "VOICEPREP_CLIENT_ID": self.box.client_id,
            "VOICEPREP_CLIENT_SECRET_FILE": str(self.box.client_secret_file),
            "VOICEPREP_LOOKUP_GAP_S": str(GAP_S),
            "VOICEPREP_LEDGER": f"sqlite:///{self.folder / run}.sqlite3",
        }

    def start(
        self, run: str, *words: str, code: str = PLAIN, **env: str
    ) -> subprocess.Popen[bytes]:
        """Start a command of a run."""
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=self.folder,
            env={**self.env(run), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def told(self, run: str, *words: str) -> tuple[int, str, str]:
        """Run a command to its end; return its code and what it said."""
        with self.start(run, *words) as process:
            out, err = process.communicate(timeout=300)
        return process.returncode, out.decode(), err.decode()

    def send(self, run: str, name: str) -> Trip:
        """Return the sending of a plan."""
        plan = self.plan(run, people(), name)
        return Trip(("mailing", "send", plan), plan)

    def whole(self, run: str, name: str) -> Trip:
        """Return the whole way, from a recording and a list."""
        talk, listed = self.folder / "talk.wav", self.folder / "people.csv"
        if not listed.exists():
            write_talk(talk)
            listed.write_text("\n".join(["tel", *people()]))
        at = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT12:00:00Z}"
        order = ("--name", name, "--window", "any", "--at", at, "-o", run)
        words = ("campaign", "run", talk.name, listed.name, *order)
        return Trip(words, f"{run}/plan.json")

    def plan(self, run: str, people: Sequence[str], name: str) -> str:
        """Plan a campaign, all of it in a month: nobody is called while we look."""
        now = datetime.now(UTC)
        link, at = "http://127.0.0.1/talk.wav", now + timedelta(days=30)
        order = Order(name, "VOICE", link, "wav", at, window="any")
        made = planned(order, people, Calendar.load(), now=now)
        path = self.folder / f"{run}.plan.json"
        path.write_text(json.dumps(made.as_json()), encoding="utf-8")
        return path.name

    def finish(self, run: str, trip: Trip) -> tuple[int, list[int]]:
        """Start until nothing more comes of it; return how often, the unknown parts."""
        before, said = None, ""
        for number in range(MAX_STARTS):
            code, out, said = self.told(run, *trip.words, "--json")
            if code not in {0, UNKNOWN}:
                raise SystemExit(f"{trip.words} ended with {code}: {said}")
            (result,) = json.loads(out)["results"]
            states = {row["part"]: row["state"] for row in result["mailings"]}
            if states == before:
                unknown = [part for part in states if states[part] == "unknown"]
                assert (code == UNKNOWN) == bool(unknown), (code, unknown)
                for part in unknown:
                    assert f"--part {part} --called" in said, said
                return number, unknown
            before = states
        raise SystemExit(f"not done after {MAX_STARTS} starts: {said}")


def write_talk(path: Path) -> None:
    """Write noise that comes and goes as speech does, 11 s of it."""
    rate, seconds = 8_000, 11
    n = np.arange(rate * seconds)
    loud = np.sin(2 * np.pi * 1.5 * n / rate) ** 2
    noise = np.random.default_rng(1).normal(0, 2_500, len(n))
    soundfile.write(path, (loud * noise).astype(np.int16), rate)


def people(count: int = PEOPLE, first: int = 12_000_000) -> list[str]:
    """Return mobile numbers, each another one."""
    return [f"+336{number:08}" for number in range(first, first + count)]


def judge(scene: Scene, plan: str, unknown: list[int]) -> None:
    """Compare whom the sandbox calls with whom the plan names."""
    parts = json.loads((scene.folder / plan).read_bytes())["parts"]
    called = Counter(row["recipient"] for row in scene.box.truth()["messages"])
    twice = {number: count for number, count in called.items() if count > 1}
    assert not twice, f"called more than once: {len(twice)}"
    for part in parts:
        reached = sum(called[number] for number in part["recipients"])
        whole = len(part["recipients"])
        may_lack = part["number"] in unknown
        assert reached == whole or (may_lack and reached == 0), (
            part["number"],
            reached,
        )
    assert not called.keys() - {n for part in parts for n in part["recipients"]}


def killed(scene: Scene, run: str, trip: Trip, kill: subprocess.Popen[bytes]) -> str:
    """Finish what was killed, judge it, say how it came out."""
    kill.communicate(timeout=300)
    starts, unknown = scene.finish(run, trip)
    judge(scene, trip.plan, unknown)
    uploads = len(scene.box.truth()["contents"])
    assert uploads == (trip.words[0] == "campaign"), f"{uploads} uploads"
    return f"{starts} more, {len(unknown)} unknown"


def at_random(scene: Scene, runs: int, seed: int) -> None:
    """Kill each send once, at any instant of its life."""
    dice = random.Random(seed)
    trip = scene.send("whole", "Whole")
    began = time.monotonic()
    assert scene.told("whole", *trip.words)[0] == 0
    whole_s = time.monotonic() - began
    judge(scene, trip.plan, [])
    outcomes: Counter[str] = Counter()
    for number in range(runs):
        scene.box.reset()
        run = f"random-{number}"
        trip = scene.send(run, f"Random {number}")
        with scene.start(run, *trip.words) as process:
            time.sleep(dice.uniform(0.0, whole_s))
            process.kill()
            outcomes[killed(scene, run, trip, process)] += 1
        if (number + 1) % PROGRESS == 0:
            report(f"  {number + 1} of {runs}", outcomes)
    report(f"{runs} sends killed at random", outcomes)


def at_steps(scene: Scene, every: int, trip_of: Callable[[str, str], Trip]) -> None:
    """Kill at each commit, HTTP call and rename in turn, before it and after it."""
    counted = scene.folder / "steps"
    scene.box.reset()
    way = trip_of.__name__  # each has its ledgers: none calls another's people again
    trip = trip_of(f"{way}-counting", "Counting")
    env = {"FATAL_STEP": "-1", "STEPS_FILE": str(counted)}
    with scene.start(f"{way}-counting", *trip.words, code=AT_STEP, **env) as process:
        _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()
    judge(scene, trip.plan, [])
    total = int(counted.read_text())
    fatal = range(1, total + 1, every)
    outcomes: Counter[str] = Counter()
    for number in fatal:
        scene.box.reset()
        run = f"{way}-{number}"
        trip = trip_of(run, f"Step {number}")
        env = {"FATAL_STEP": str(number), "STEPS_FILE": str(counted)}
        with scene.start(run, *trip.words, code=AT_STEP, **env) as process:
            outcomes[killed(scene, run, trip, process)] += 1
        assert process.returncode == -signal.SIGKILL, process.returncode
    what = " ".join(trip.words[:2])
    report(f"{what}: {len(fatal)} of {total} steps, each fatal once", outcomes)


def at_answers(scene: Scene, trials: int) -> None:
    """Cut the line after each create; everything must be found and adopted."""
    scene.box.reset()
    scene.box.script({**CREATE, "kind": "reset-after"})
    box = scene.box
    settings = Settings.for_platform(box.base_url, box.client_id, box.client_secret)
    url = f"sqlite:///{scene.folder}/resets.sqlite3"
    with Ledger(url) as ledger, Client(settings) as client:
        for number in range(trials):
            one = people(1, 13_000_000 + number)
            plan = read_plan(
                scene.folder / scene.plan("resets", one, f"Reset {number}")
            )
            orderer = Orderer(
                plan.campaign, plan.order, client, ledger, lookup_gap_s=GAP_S
            )
            caller = Caller(plan, orderer)
            caller.prepare()
            (row,) = caller.send().mailings
            assert str(row.state) == "ordered", row
    calls = Counter(row["recipient"] for row in box.truth()["messages"])
    assert len(calls) == trials
    assert set(calls.values()) == {1}
    print(f"{trials} creates answered by RST: {trials} adopted, 0 doubles", flush=True)


def report(what: str, outcomes: Counter[str]) -> None:
    """Print what came out."""
    told = "; ".join(f"{count} ended after {how}" for how, count in outcomes.items())
    print(f"{what}: nobody called twice ({told})", flush=True)


def scenes(asked: argparse.Namespace) -> list[argparse.Namespace]:
    """Return what to do, in which order."""

    def scene(runs: int, steps: int = 0, whole: int = 0, **more: float) -> Any:
        told = {"late": 0.0, "resets": 0, "seed": asked.seed, **more}
        return argparse.Namespace(runs=runs, steps=steps, whole=whole, **told)

    if asked.long:
        return [scene(200, 1, 1, resets=200), scene(50, 5, 5, late=3.0)]
    if not (asked.runs or asked.steps or asked.whole or asked.resets):
        return [scene(14, 10, 20), scene(6, late=3.0)]
    return [asked]


def main() -> None:
    """Read the command line; kill and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=0, metavar="RUNS")
    parser.add_argument("--steps", type=int, default=0, metavar="EVERY")
    parser.add_argument("--whole", type=int, default=0, metavar="EVERY")
    parser.add_argument("--late", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--resets", type=int, default=0, metavar="TRIALS")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for scene in scenes(asked):
        with (
            tempfile.TemporaryDirectory(prefix="kill-campaign-") as name,
            Sandbox(Path(name) / "box", port=0, late_visibility_s=scene.late) as box,
        ):
            if scene.late:
                print(f"created mailings show {scene.late:g} s late:", flush=True)
            play(scene, Scene(Path(name), box))


def play(asked: argparse.Namespace, scene: Scene) -> None:
    """Kill and judge what is asked for."""
    if asked.runs:
        at_random(scene, asked.runs, asked.seed)
    if asked.steps:
        at_steps(scene, asked.steps, scene.send)
    if asked.whole:
        at_steps(scene, asked.whole, scene.whole)
    if asked.resets:
        at_answers(scene, asked.resets)


if __name__ == "__main__":
    main()
