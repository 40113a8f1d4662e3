"""Calls are made on the clock: wait, on, then ok, ko or no (R40, R42)."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter

import pytest

STATES = ("wait", "on", "ok", "ko", "no")


def states(box):
    return Counter(row["state"] for row in box.truth()["messages"])


def test_r32_without_a_date_calls_begin_at_once_and_come_to_an_end(sandbox, mobile):
    box, api = sandbox(clock="manual")
    mailing = api.mailing([mobile(1)])
    assert api.stats(mailing)["wait"] == 1
    box.advance(2)
    (row,) = api.messages(mailing)
    assert row["currentStatus"] == {"shortKey": "on", "description": "voice calling"}
    box.advance(120)
    (row,) = api.messages(mailing)
    reached = {"shortKey": "ok", "description": "voice delivered"}
    assert row["currentStatus"] == reached
    assert (row["attempts"], row["optout"], row["duration"]) == (1, False, 15)
    assert row["date"] <= row["sentDate"] <= row["statusDate"]


def test_a_call_lasts_as_long_as_its_recording(sandbox, mobile):
    box, api = sandbox(clock="manual")
    link = api.upload()[1]["list"][0]["url"]
    mailing = api.mailing([mobile(1)], link=link)
    box.advance(300)
    assert api.messages(mailing)[0]["duration"] == 10


def test_r32_a_scheduled_mailing_waits_for_its_date(sandbox, mobile):
    box, api = sandbox(clock="manual")
    date = api.ask("GET", "/rest/mailings?limit=1")  # the clock's own day
    assert date[0] == 200
    mailing = api.mailing([mobile(1)], date="2099-01-01T10:00:00+01:00")
    box.advance(86_400)
    assert api.stats(mailing)["wait"] == 1
    box.advance(80 * 366 * 86_400)
    assert api.stats(mailing)["ok"] == 1
    assert api.messages(mailing)[0]["sentDate"].startswith("2099-01-01T")


def test_r42_total_is_the_sum_of_states_at_every_reading(sandbox, mobile):
    box, api = sandbox(clock="manual")
    mailing = api.mailing([mobile(1_000 + n) for n in range(1_000)])
    steps, seen = random.Random(7), set()
    for _ in range(60):
        stats = api.stats(mailing)
        assert sum(stats[state] for state in STATES) == stats["total"] == 1_000
        seen |= {state for state in STATES if stats[state]}
        box.advance(steps.uniform(0.1, 8))
    assert seen == set(STATES)  # so that the sum was of something
    box.advance(3_600)
    last = api.stats(mailing)
    assert last["wait"] == last["on"] == 0


def test_r35_a_thousand_contacts_play_to_their_end_on_a_fast_clock(
    sandbox, mobile, receiver, until
):
    box, api = sandbox(clock=60)
    url = f"{receiver.url}?m=#ids#"
    mailing = api.mailing([mobile(1_000 + n) for n in range(1_000)], pingUrl=url)

    def over():
        stats = api.stats(mailing)
        assert sum(stats[state] for state in STATES) == stats["total"] == 1_000
        return stats["wait"] + stats["on"] == 0

    until(over, "the end")
    until(lambda: not owed(box), "the last ping")
    called = {row["id"] for row in api.messages(mailing)}
    assert set(receiver.ids) == called
    assert len(called) == 1_000


def owed(box):
    return [row for row in box.truth()["pings"] if row["outcome"] == "owed"]


def test_what_is_cancelled_is_not_called(sandbox, mobile):
    box, api = sandbox(clock="manual")
    date = "2099-01-01T10:00:00Z"
    mailing = api.mailing([mobile(1), mobile(2)], date=date)
    told = {"metaData": json.dumps({"status": "cancelled"})}
    assert api.ask("PUT", f"/rest/mailings?id={mailing}", told)[0] == 200
    box.advance(100 * 366 * 86_400)
    assert api.stats(mailing)["ko"] == 2
    assert all(row["sentDate"] is None for row in api.messages(mailing))


def test_cancelling_halfway_stops_only_what_still_waits(sandbox, mobile):
    box, api = sandbox(clock="manual")
    mailing = api.mailing([mobile(1_000 + n) for n in range(100)])
    box.advance(2)  # of five seconds that it takes to begin them
    before = api.stats(mailing)
    assert before["wait"]
    assert before["on"]
    told = {"metaData": json.dumps({"status": "cancelled"})}
    assert api.ask("PUT", f"/rest/mailings?id={mailing}", told)[0] == 200
    box.advance(3_600)
    rows = api.messages(mailing)
    called = [row for row in rows if row["sentDate"]]
    assert len(called) == 100 - before["wait"]
    assert all(row["currentStatus"]["shortKey"] != "wait" for row in rows)


def test_the_same_seed_ends_the_same_way_however_time_is_cut(tmp_path, sandbox, mobile):
    def ends(steps):
        from voiceprep.sandbox import Sandbox

        folder = tmp_path / str(len(steps))
        with Sandbox(folder, clock="manual", seed=4) as box:
            type(sandbox()[1])(box).mailing([mobile(1_000 + n) for n in range(40)])
            for step in steps:
                box.advance(step)
            rows = box.truth()["messages"]
        return [(r["description"], r["duration"], r["attempts"]) for r in rows]

    assert ends([600]) == ends([0.7] * 60 + [600])


def test_a_restart_in_the_middle_loses_nothing(sandbox, mobile):
    box, api = sandbox(clock="manual")
    mailing = api.mailing([mobile(1_000 + n) for n in range(200)])
    box.advance(20)
    before = {row["id"]: row for row in box.truth()["messages"]}
    assert len(states(box)) > 2
    box.stop()
    again, api = sandbox(clock="manual")
    assert {row["id"]: row for row in again.truth()["messages"]} == before
    again.advance(3_600)
    ended = {row["id"]: row for row in again.truth()["messages"]}
    assert set(ended) == set(before)
    for number, row in before.items():
        if row["state"] in {"ok", "ko", "no"}:
            assert ended[number] == row
        if row["sent_at"]:
            assert ended[number]["sent_at"] == row["sent_at"]  # nobody twice
    assert api.stats(mailing)["total"] == 200


RUN = """
import sys, threading
from voiceprep.sandbox import Sandbox
box = Sandbox(sys.argv[1], clock=float(sys.argv[2]))
box.start()
print(box.port, flush=True)
sys.stdin.read()
box.stop()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, None])
def test_a_kill_in_the_middle_repeats_pings_but_loses_none(
    sandbox, mobile, receiver, until, tmp_path, number
):
    command = [sys.executable, "-c", RUN, str(tmp_path / "box"), "60"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **streams) as process:
        port = int(process.stdout.readline())
        _, api = sandbox()  # for its words only; it serves nothing here
        api.box.stop()
        api.box.port = port
        url = f"{receiver.url}?m=#id#"
        mailing = api.mailing([mobile(1_000 + n) for n in range(300)], pingUrl=url)
        until(lambda: len(receiver.seen) > 100, "some pings")
        if number:
            os.kill(process.pid, number)
        process.stdin.close()
        process.wait(timeout=30)

    again, api = sandbox(clock=1_000)
    until(lambda: not (states(again)["wait"] or states(again)["on"]), "the end")
    until(lambda: not owed(again), "the last ping")
    pings = again.truth()["pings"]
    assert Counter(row["outcome"] for row in pings) == {"done": 600}
    came = Counter(receiver.ids)
    assert set(came) == {row["id"] for row in api.messages(mailing)}
    assert min(came.values()) >= 2  # `on` and the end, at least once each
