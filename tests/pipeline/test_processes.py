"""Batches as processes: two at once, one frozen, one killed; judged by the truth."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from voiceprep.pipeline.folder import batch

COMMAND = "from voiceprep.cli import main; main()"
# A machine that stands still when its first upload is written down as intended, not a
# byte of it has left, and all others are done.
FREEZES = """
import signal, sys, threading, time, httpx2
from voiceprep import Client, Settings
from voiceprep.pipeline.folder import Order, batch
source, out, ledger, lease_s, deadline_s, others = sys.argv[1:]
done, whole = [], httpx2.Client.send
def sink(event):
    if event.name == "uploaded":
        done.append(event)
def send(self, request, **named):
    if request.method == "POST" and request.url.path.endswith("/contents"):
        httpx2.Client.send = whole
        while len(done) < int(others):
            time.sleep(0.01)
        print("stands still", flush=True)
        # To this very thread: another one might be stopped only when it next runs.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
    return whole(self, request, **named)
httpx2.Client.send = send
with Client(Settings.load({"deadline_s": deadline_s, "tries": "1"})) as client:
    order = Order(
        sources=(source,), out=out, ledger=ledger or None, engine="inline",
        lease_s=float(lease_s), lookup_gap_s=0.2, upload_limit_s=1.0,
    )
    print(batch(order, client=client, sink=sink).counts, flush=True)
"""


@pytest.fixture
def env(sandbox):
    """Give processes the sandbox's account, and short patience."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("VOICEPREP_")}
    return {
        **own,
        "VOICEPREP_BASE_URL": sandbox.base_url,
        "VOICEPREP_CLIENT_ID": sandbox.client_id,
        "VOICEPREP_CLIENT_SECRET_FILE": str(sandbox.client_secret_file),
        "VOICEPREP_LOOKUP_GAP_S": "0.2",
        "VOICEPREP_UPLOAD_LIMIT_S": "1",
    }


@pytest.fixture
def started(env, tmp_path):
    """Start batches of the one folder into the other; none outlives the test."""
    with ExitStack() as ends:

        def start(*words, code=COMMAND):
            if code == COMMAND:
                folders = (str(tmp_path / "in"), "-o", str(tmp_path / "out"))
                words = ("batch", *folders, "--upload", *words)
            process = ends.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code, *words],
                    env=env,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            ends.callback(process.kill)
            return process

        yield start


def ended(process):
    """Wait for a process; return its exit code and what it said."""
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def judged(events):
    """Read from a file of events which recordings a run judged."""
    rows = map(json.loads, events.read_text("utf-8").splitlines())
    return [row["path"] for row in rows if row["event"] == "judged"]


def wait_for(holds):
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def names(count):
    return [f"talk-{number:03}" for number in range(count)]


@pytest.fixture
def stood_still(started, tmp_path):
    """Start a batch of some recordings that stands still before the last one."""

    def start(count, ledger="", lease_s=30.0, deadline_s=300.0):
        folders = (str(tmp_path / "in"), str(tmp_path / "out"))
        words = (ledger, lease_s, deadline_s, count - 1)
        process = started(*folders, *map(str, words), code=FREEZES)
        assert process.stdout.readline() == "stands still\n"
        return process

    return start


def test_on_a_file_the_second_says_who_works_on_it_waits_and_does_nothing_again(
    record, started, stood_still, stored, sandbox
):
    record(5)
    first = stood_still(5)
    holder = f"process {first.pid} on "
    code, said = ended(started("--no-wait"))
    assert code == 2
    assert holder in said
    assert "wait for it, or end it" in said
    second = started("--engine", "inline")
    assert holder in second.stderr.readline()
    first.send_signal(signal.SIGCONT)
    assert ended(first)[0] == 0
    code, said = ended(second)
    assert (code, "5 uploaded (5 unchanged)" in said) == (0, True), said
    assert stored(sandbox) == names(5)


def test_on_postgresql_two_share_the_work(
    record, started, stored, sandbox, postgresql, tmp_path
):
    record(40)
    url, events = postgresql(), [tmp_path / "one", tmp_path / "two"]
    shared = ("--engine", "inline", "--ledger", url, "--events")
    both = [started(*shared, str(path)) for path in events]
    for process in both:
        code, said = ended(process)
        assert (code, "40 uploaded" in said) == (0, True), said
    one, two = map(judged, events)
    assert len(one) + len(two) == len({*one, *two}) == 40
    assert stored(sandbox) == names(40)


# What becomes of it, how long its call may take, and how the other comes to it.
FATES = {
    "killed": (1.0, {"sent"}),
    "back too late": (8.0, {"sent"}),  # and in time, if nobody had waited for it
    "back in time": (60.0, {"adopted", "known"}),
}


@pytest.mark.parametrize("fate", FATES)
def test_what_a_silent_machine_was_sending_is_there_once(
    fate, record, order, stood_still, connected, sandbox, stored, postgresql
):
    record(6)
    url, (deadline_s, how) = postgresql(), FATES[fate]
    first = stood_still(6, url, 3.0, deadline_s)
    if fate == "killed":
        first.kill()
    seen = []

    def sink(event):
        if event.name == "uploaded":
            seen.append(event.how)
        unclear = event.name == "waiting" and "is unclear" in event.message
        if unclear and fate == "back in time":
            first.send_signal(signal.SIGCONT)

    shared = order(ledger=url, lookup_gap_s=0.2, upload_limit_s=1.0)
    summary = batch(shared, client=connected(sandbox), sink=sink)
    assert summary.counts == {"uploaded": 6}
    assert len(seen) == 1
    assert set(seen) <= how
    if fate != "killed":
        first.send_signal(signal.SIGCONT)
        said, trouble = first.communicate(timeout=60)
        assert said == "{'uploaded': 6}\n", trouble
    assert stored(sandbox) == names(6)
