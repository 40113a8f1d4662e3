#!/usr/bin/env python3
"""Send pings to `voiceprep messages listen`: lost, doubled, shuffled, forged ones.

    python scripts/bench_pings.py [--pings 10000] [--clients 8] [--rate 400] [--seed 1]

A sandbox and the receiver run as processes of their own. The sandbox's clock is moved
on in steps; after each, pings of what changed are sent: 3 in 100 are lost, a fifth of
all is sent twice, one in twenty names ids that nobody has, and none is in its order.
Prints how long answers took. Exit code 1 where the table of truth is not the sandbox's
own in the end, or holds an id that was made up; timing is never judged.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import Outcome

from voiceprep.client import Client, Settings
from voiceprep.contract import MAX_CONTACTS
from voiceprep.ledger import Ledger
from voiceprep.sandbox.remote import Remote, reach

LOST, DOUBLED, FORGED = 0.03, 0.20, 0.05  # of all pings but the lost ones
CHANGES = 2  # of a message: being called, and its end
STEPS = 20
STEP_S = 12.0
NAME = "bench of pings"
PATIENCE_S = 300.0


@dataclass(slots=True)
class Senders:
    """Send pings over a few connections that are kept, at a steady rate."""

    url: str
    clients: int
    rate: float
    outcome: Outcome = field(default_factory=Outcome)

    def send(self, pings: Sequence[str]) -> None:
        """Send one call for each text of ids; return when all were answered."""
        each = iter(list(pings))
        lock = threading.Lock()
        began = time.monotonic()
        sent = 0

        def work() -> None:
            nonlocal sent
            parts = urlsplit(self.url)
            line = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
            while True:
                with lock:
                    ids = next(each, None)
                    turn = began + sent / self.rate
                    sent += 1
                if ids is None:
                    break
                time.sleep(max(0.0, turn - time.monotonic()))
                self._call(line, ids)
            line.close()

        threads = [threading.Thread(target=work) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.outcome.wall_s += time.monotonic() - began

    def _call(self, line: HTTPConnection, ids: str) -> None:
        parts = urlsplit(self.url.replace("#ids#", ids))
        began = time.perf_counter()
        line.request("GET", f"{parts.path}?{parts.query}")
        answer = line.getresponse()
        answer.read()
        self.outcome.took_s.append(time.perf_counter() - began)
        self.outcome.statuses[answer.status] += 1


@contextmanager
def process(*words: str) -> Iterator[str]:
    """Run a command of ours; yield its first line, and end it by its own pid."""
    code = "from voiceprep.cli import main; main()"
    command = [sys.executable, "-c", code, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield running.stdout.readline().strip()
        finally:
            running.terminate()
            running.wait(30)


def order(client: Client, count: int) -> None:
    """Order mailings of one name, up to 1,000 calls each."""
    numbers = [f"+3361{n:07d}" for n in range(count)]
    for start in range(0, count, MAX_CONTACTS):
        client.mailings.create(
            numbers[start : start + MAX_CONTACTS],
            link="https://files.example/a.wav",
            media="VOICE",
            type="wav",
            name=NAME,
        )


def states(box: Remote) -> dict[str, str]:
    """Return the sandbox's own truth: message → state."""
    told = box.ask("GET", "truth")
    return {str(row["id"]): row["state"] for row in told["messages"]}


def pings_of(moved: Sequence[str], dice: random.Random) -> list[str]:
    """Make the pings of changes, and some that nobody's change stands behind."""
    true = [message for message in moved if dice.random() >= LOST]
    whole = len(true) / (1 - DOUBLED - FORGED)
    twice = dice.choices(true, k=round(whole * DOUBLED)) if true else []
    made_up = [str(dice.randint(10**8, 10**9)) for _ in range(round(whole * FORGED))]
    pings = [*true, *twice, *made_up]
    dice.shuffle(pings)
    return pings


def run(asked: argparse.Namespace, box: Remote, senders: Senders) -> int:
    """Move the clock, send pings of what changed; return how many were made up."""
    dice = random.Random(asked.seed)
    before: dict[str, str] = {}
    forged = 0
    for step in range(STEPS + 1):
        if step:
            # The last step is a long one: every call ends.
            seconds = STEP_S if step < STEPS else 3_600.0
            box.ask("POST", "advance", {"seconds": seconds})
        now = states(box)
        moved = [message for message in now if now[message] != before.get(message)]
        pings = pings_of(moved, dice) if step else []
        forged += sum(ping not in now for ping in pings)
        before = now
        senders.send(pings)
    return forged


def agrees(ledger: Ledger, account: str, truth: dict[str, str]) -> float:
    """Wait until the table is the truth; return the seconds that took, or fail."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        table = {row.id: row.state for row in ledger.messages.of(account, NAME)}
        if table == truth:
            return time.monotonic() - began
        time.sleep(0.25)
    wrong = sum(table.get(message) != state for message, state in truth.items())
    sys.exit(f"the table is not the truth: {wrong:,} of {len(truth):,} differ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and print what was measured."""
    made = argparse.ArgumentParser(description="Send pings, and count the truth.")
    made.add_argument("--pings", type=int, default=10_000, help="about so many in all")
    made.add_argument("--clients", type=int, default=8, help="connections at once")
    made.add_argument("--rate", type=float, default=400.0, help="pings a second")
    made.add_argument("--seed", type=int, default=1)
    asked = made.parse_args(arguments)
    # Of all pings, three quarters are true ones, two a message but for the lost.
    share = (1 - DOUBLED - FORGED) / (1 - LOST) / CHANGES
    count = round(asked.pings * share)
    with tempfile.TemporaryDirectory() as folder:
        return measured(asked, Path(folder), count)


def measured(asked: argparse.Namespace, folder: Path, count: int) -> int:
    """Start both processes, let `count` calls happen, compare, print."""
    words = ("sandbox", "--port=0", "--control", "--clock=manual")
    with process(*words, f"--data={folder / 'box'}") as said:
        told = json.loads(said)
        secret = Path(told["client_secret_file"])
        settings = Settings.for_platform(
            told["base_url"], told["client_id"], secret.read_text().strip()
        )
        url = f"sqlite:///{folder / 'calls.sqlite3'}"
        with Client(settings) as client, Ledger(url) as ledger:
            order(client, count)
            listen = ("messages", "listen", NAME, "--port=0", "--sweep=5", "--quiet")
            with account(told, secret), process(*listen, f"--ledger={url}") as place:
                senders = Senders(place, asked.clients, asked.rate)
                box = reach(folder / "box")
                forged = run(asked, box, senders)
                truth = states(box)
                late_s = agrees(ledger, client.account, truth)
                by = [row.learnt_by for row in ledger.messages.of(client.account, NAME)]
    outcome = senders.outcome
    print(
        f"{len(outcome.took_s):,} pings of {len(truth):,} messages, {forged:,} forged"
    )
    print(f"{outcome.per_s:,.0f} a second over {asked.clients} connections; answers: ")
    print("  " + ", ".join(f"{n:,} x {s}" for s, n in outcome.statuses.items()))
    for name, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0)):
        print(f"  {name:4} {outcome.percentile_ms(share):8.2f} ms")
    learnt = ", ".join(f"{by.count(how):,} by {how}" for how in sorted(set(by)))
    print(f"the table was the truth {late_s:.1f} s after the last ping: {learnt}")
    return 0


@contextmanager
def account(told: dict[str, str], secret: Path) -> Iterator[None]:
    """Let commands in this block use the sandbox's account."""
    names = {
        "VOICEPREP_BASE_URL": told["base_url"],
        "VOICEPREP_CLIENT_ID": told["client_id"],
        "VOICEPREP_CLIENT_SECRET_FILE": str(secret),
        "XDG_DATA_HOME": str(secret.parent),
    }
    before = dict(os.environ)
    os.environ.update(names)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    sys.exit(main())
