"""Kill sends at random instants, and at every step; judge by the sandbox's messages.

    scripts/kill_campaign.py                 the short form: 20 random, every tenth step
    scripts/kill_campaign.py --long          200 random, every step, and late mailings
    scripts/kill_campaign.py 50 --late 3     50 random; mailings can be read 3 s late
    scripts/kill_campaign.py --steps 5       at every fifth commit and HTTP call
    scripts/kill_campaign.py --resets 200    200 creates that are answered by RST

2,500 people are 3 mailings. Each send is killed once by SIGKILL and started again
until it has nothing more to do. Then nobody may have been called twice, and everybody
must have been called once, or be reported as unknown by name of the part.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

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
    from collections.abc import Sequence

PEOPLE = 2_500
GAP_S = 0.3  # between two looks: shorter than a late mailing is late
MAX_STARTS = 10
PROGRESS = 20  # random kills between two lines that tell of them
UNKNOWN = 7  # exit code: a person must look
CREATE = {"method": "POST", "path": "/rest/mailings"}


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

    def plan(self, run: str, people: Sequence[str], name: str) -> str:
        """Plan a campaign, all of it in a month: nobody is called while we look."""
        now = datetime.now(UTC)
        link, at = "http://127.0.0.1/talk.wav", now + timedelta(days=30)
        order = Order(name, "VOICE", link, "wav", at, window="any")
        made = planned(order, people, Calendar.load(), now=now)
        path = self.folder / f"{run}.plan.json"
        path.write_text(json.dumps(made.as_json()), encoding="utf-8")
        return path.name

    def finish(self, run: str, plan: str) -> tuple[int, list[int]]:
        """Send until nothing is to do; return how often, and the unknown parts."""
        for number in range(1, MAX_STARTS):
            code, out, said = self.told(run, "mailing", "send", plan, "--json")
            if code not in {0, UNKNOWN}:
                raise SystemExit(f"send ended with {code}: {said}")
            (result,) = json.loads(out)["results"]
            if not result["new"]:
                unknown = [
                    row["part"]
                    for row in result["mailings"]
                    if row["state"] == "unknown"
                ]
                assert (code == UNKNOWN) == bool(unknown), (code, unknown)
                for part in unknown:
                    assert f"--part {part} --called" in said, said
                return number, unknown
        raise SystemExit(f"not done after {MAX_STARTS} starts: {said}")


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


def killed(scene: Scene, run: str, plan: str, kill: subprocess.Popen[bytes]) -> str:
    """Finish a send that was killed, judge it, say how it came out."""
    kill.communicate(timeout=300)
    starts, unknown = scene.finish(run, plan)
    judge(scene, plan, unknown)
    return f"{starts} more, {len(unknown)} unknown"


def at_random(scene: Scene, runs: int, seed: int) -> None:
    """Kill each send once, at any instant of its life."""
    dice = random.Random(seed)
    plan = scene.plan("whole", people(), "Whole")
    began = time.monotonic()
    assert scene.told("whole", "mailing", "send", plan)[0] == 0
    whole_s = time.monotonic() - began
    judge(scene, plan, [])
    outcomes: Counter[str] = Counter()
    for number in range(runs):
        scene.box.reset()
        run = f"random-{number}"
        plan = scene.plan(run, people(), f"Random {number}")
        with scene.start(run, "mailing", "send", plan) as process:
            time.sleep(dice.uniform(0.0, whole_s))
            process.kill()
            outcomes[killed(scene, run, plan, process)] += 1
        if (number + 1) % PROGRESS == 0:
            report(f"  {number + 1} of {runs}", outcomes)
    report(f"{runs} sends killed at random", outcomes)


def at_steps(scene: Scene, every: int) -> None:
    """Kill a send at each commit and HTTP call in turn, before it and after it."""
    counted = scene.folder / "steps"
    scene.box.reset()
    plan = scene.plan("counting", people(), "Counting")
    env = {"FATAL_STEP": "-1", "STEPS_FILE": str(counted)}
    with scene.start(
        "counting", "mailing", "send", plan, code=AT_STEP, **env
    ) as process:
        _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()
    judge(scene, plan, [])
    total = int(counted.read_text())
    fatal = range(1, total + 1, every)
    outcomes: Counter[str] = Counter()
    for number in fatal:
        scene.box.reset()
        run = f"step-{number}"
        plan = scene.plan(run, people(), f"Step {number}")
        env = {"FATAL_STEP": str(number), "STEPS_FILE": str(counted)}
        with scene.start(run, "mailing", "send", plan, code=AT_STEP, **env) as process:
            outcomes[killed(scene, run, plan, process)] += 1
    report(f"{len(fatal)} of {total} steps, each fatal once", outcomes)


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


def scenes(asked: argparse.Namespace) -> list[tuple[float, int, int]]:
    """Return what to do: how late created mailings show, random kills, steps."""
    if asked.long:
        return [(0.0, 200, 1), (3.0, 50, 5)]
    if not (asked.runs or asked.steps or asked.resets):
        return [(0.0, 14, 10), (3.0, 6, 0)]
    return [(asked.late, asked.runs, asked.steps)]


def main() -> None:
    """Read the command line; kill and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=0, metavar="RUNS")
    parser.add_argument("--steps", type=int, default=0, metavar="EVERY")
    parser.add_argument("--late", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--resets", type=int, default=0, metavar="TRIALS")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for late_s, runs, every in scenes(asked):
        with (
            tempfile.TemporaryDirectory(prefix="kill-campaign-") as name,
            Sandbox(Path(name) / "box", port=0, late_visibility_s=late_s) as box,
        ):
            if late_s:
                print(f"created mailings show {late_s:g} s late:", flush=True)
            scene = Scene(Path(name), box)
            if runs:
                at_random(scene, runs, asked.seed)
            if every:
                at_steps(scene, every)
            if trials := asked.resets or (200 if asked.long and not late_s else 0):
                at_answers(scene, trials)


if __name__ == "__main__":
    main()
