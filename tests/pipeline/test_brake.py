"""A test first, the brake, and what only a person can settle."""

import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from calling import CREATE, PEOPLE, called, once, plan

from voiceprep.errors import (
    LedgerError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
    UnavailableError,
)
from voiceprep.ledger import CallState, Ledger
from voiceprep.pipeline.brake import Brake, resolve
from voiceprep.pipeline.following import ordered
from voiceprep.pipeline.trial import Trial
from voiceprep.pipeline.truth import Truth
from voiceprep.sandbox import Sandbox

# A test first


@pytest.fixture
def fast(tmp_path):
    with Sandbox(tmp_path / "fast", port=0, clock=300) as running:
        yield running


@pytest.fixture
def quick(caller, connected, fast):
    """Send plans to a sandbox where half a minute's call takes a moment."""
    return lambda made: caller(made, client=connected(fast))


def test_a_test_call_comes_first_and_bears_a_name_of_its_own(quick, fast):
    made = plan()
    ready = quick(made)
    ready.prepare()
    assert Trial(ready, "+33 6 39 98 00 01").run().state == "ok"
    assert called(fast, f"{made.campaign} test") == once(["+33639980001"])
    assert called(fast, made.campaign) == Counter()
    assert Trial(ready, "+33639980001").run().state == "ok"  # not called again
    ready.send()
    assert called(fast) == once([*PEOPLE, "+33639980001"])


def test_a_test_that_fails_is_called_again_only_when_asked_again(quick, fast):
    made = plan()
    ready = quick(made)
    ready.prepare()
    for number in (1, 2):
        assert Trial(ready, "+33639980003").run().state == "ko"
        assert called(fast)["+33639980003"] == number
    names = [row["name"] for row in fast.truth()["mailings"]]
    assert names == [f"{made.campaign} test", f"{made.campaign} test 2"]


def test_a_test_whose_order_is_unclear_is_found_again(quick, fast):
    fast.script({**CREATE, "kind": "reset-after", "nth": 1})
    ready = quick(plan())
    ready.prepare()
    assert Trial(ready, "+33639980001").run().state == "ok"
    assert called(fast)["+33639980001"] == 1


def test_a_test_that_may_have_been_ordered_is_for_a_person(quick, fast):
    fast.script({**CREATE, "kind": "html", "nth": 1})
    ready = quick(plan())
    ready.prepare()
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError, match="test"):
            Trial(ready, "+33639980001").run()
    assert called(fast) == Counter()


def test_a_test_that_does_not_end_is_waited_for_the_next_time(
    tmp_path, caller, connected
):
    with Sandbox(tmp_path / "slow", port=0, clock="manual") as box:
        ready = caller(plan(), client=connected(box))
        ready.prepare()
        with pytest.raises(UnavailableError, match="nobody is called twice"):
            Trial(ready, "+33639980001", patience_s=0.1).run()
        box.advance(3_600)
        assert Trial(ready, "+33639980001").run().state == "ok"
        assert called(box) == once(["+33639980001"])


def test_what_is_waited_for_is_said_every_ten_seconds_and_not_for_ever(
    tmp_path, caller, connected
):
    said, now = [], [0.0]

    def sleep(seconds):
        now[0] += seconds

    with Sandbox(tmp_path / "stands", port=0, clock="manual") as box:
        ready = caller(plan(), client=connected(box))
        ready.prepare()
        orderer = replace(ready.orderer, say=said.append, sleep=sleep)
        trial = Trial(
            replace(ready, orderer=orderer), "+33639980001", clock=lambda: now[0]
        )
        with pytest.raises(UnavailableError, match="after 900 s; run it again"):
            trial.run()
        assert called(box) == once(["+33639980001"])
    assert 900 <= now[0] < 910
    assert said[1].startswith("waiting for the test call to end, 15 minutes at most")
    waiting = [line for line in said if "waits for the platform to make it" in line]
    assert 60 <= len(waiting) <= 90
    assert all(" s so far" in line for line in waiting)


def test_who_asked_for_no_more_calls_is_not_called_first_either(
    quick, fast, connected, ledger
):
    opts_out = "+33639980006"  # as the sandbox has it
    made, other = plan(), plan(name="Other")
    ready, later = quick(made), quick(other)
    ready.prepare()
    assert Trial(ready, opts_out).run().state == "ok"
    Truth(connected(fast), ledger).by_name(f"{made.campaign} test", "test")
    later.prepare()
    for ask in (Trial(later, opts_out).judge, Trial(later, opts_out).run):
        with pytest.raises(SettingsError, match="06 asked for no more calls, and is"):
            ask()
    assert Trial(ready, opts_out).run().state == "ok"  # it was called before
    assert called(fast) == once([opts_out])


def test_a_test_number_is_one_that_the_media_calls(caller):
    made = plan(media="VOICEMAIL", type="", link="http://127.0.0.1/a.pcm")
    with pytest.raises(SettingsError, match=r"--test: 01 •• •• •• 01: not a mobile"):
        Trial(caller(made), "01 45 67 89 01").run()


# The brake


def test_a_stop_removes_what_waits_and_a_second_send_refuses(send, sandbox, brake):
    made = plan(at=datetime.now(UTC) + timedelta(days=1))
    send(made)
    stopped = brake.stop(made.campaign)
    assert sum(stopped.removed.values()) == len(PEOPLE)
    assert (stopped.called, stopped.waiting, stopped.doubtful) == ({}, {}, ())
    assert called(sandbox) == Counter()
    with pytest.raises(LedgerError, match="was stopped"):
        send(made)
    assert called(sandbox) == Counter()


def test_in_the_middle_of_calling_the_rest_is_stopped_and_the_called_are_said(
    tmp_path, connected, ledger, caller
):
    people = [f"+336{n:08}" for n in range(12_000_010, 12_000_310)]
    with Sandbox(tmp_path / "slow", port=0, clock="manual") as box:
        client = connected(box)
        made = plan(people)
        ready = caller(made, client=client)
        ready.prepare()
        ready.send()
        box.advance(6)  # 20 calls a second begin
        stopped = Brake(client, ledger, lookup_gap_s=0.01).stop(made.campaign)
        box.advance(3_600)
        truth = box.truth()["messages"]
    made_calls = [row for row in truth if "cancelled" not in row["description"]]
    assert 0 < len(made_calls) < len(people)
    assert sum(stopped.called.values()) == len(made_calls)
    assert sum(stopped.removed.values()) == len(people) - len(made_calls)
    assert not [row for row in truth if row["state"] == "wait"]


def test_calls_that_begin_while_it_stops_are_called_and_not_stopped(
    tmp_path, connected, ledger, caller
):
    people = [f"+336{n:08}" for n in range(12_000_010, 12_000_310)]
    with Sandbox(tmp_path / "quick", port=0, clock=20) as box:
        client = connected(box)
        made = plan(people)
        ready = caller(made, client=client)
        ready.prepare()
        ready.send()
        while all(row["state"] == "wait" for row in box.truth()["messages"]):
            time.sleep(0.01)
        # 200 more begin until the platform has heard that they are not to.
        box.script({"method": "PUT", "kind": "delay", "delay_s": 0.5, "nth": 1})
        stopped = Brake(client, ledger, lookup_gap_s=0.01).stop(made.campaign)
        truth = box.truth()["messages"]
    cancelled = [row for row in truth if "cancelled" in row["description"]]
    assert sum(stopped.removed.values()) == len(cancelled)
    assert sum(stopped.called.values()) == len(people) - len(cancelled)


def test_what_was_never_sent_stays_unsent_after_a_stop(send, sandbox, brake, caller):
    sandbox.script({**CREATE, "kind": "status", "status": 417, "nth": 2})
    made = plan(at=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(RefusedError):
        send(made)
    brake.stop(made.campaign)
    states = [row.state for row in caller(made).told().mailings]
    assert set(states) == {CallState.STOPPED}  # the first one was removed
    assert called(sandbox) == Counter()


def test_a_stop_finds_what_was_ordered_unseen(send, sandbox, brake, caller):
    sandbox.script({**CREATE, "kind": "html", "nth": 2})
    made = plan(at=datetime.now(UTC) + timedelta(days=1))
    send(made)
    stopped = brake.stop(made.campaign)
    assert [row.number for row in stopped.doubtful] == [2]
    assert called(sandbox) == Counter()


def test_a_stop_without_a_ledger_stops_what_bears_the_name(
    send, sandbox, client, tmp_path
):
    made = plan(at=datetime.now(UTC) + timedelta(days=1))
    send(made)
    with Ledger(f"sqlite:///{tmp_path}/another.sqlite3") as other:
        Brake(client, other, lookup_gap_s=0.01).stop(made.campaign)
        assert called(sandbox) == Counter()
        with pytest.raises(LedgerError, match="was stopped"):
            send(made, ledger=other)


def test_a_name_that_nothing_bears_is_told_and_not_kept(brake, ledger, client):
    with pytest.raises(RefusedError, match="nothing bears the name 'nope'"):
        brake.stop("nope")
    assert ledger.calls.campaigns(client.account) == []


def test_a_stop_during_a_send_lets_nothing_more_begin(
    caller, sandbox, connected, ledger
):
    sandbox.script({**CREATE, "kind": "delay", "delay_s": 1.0})
    made = plan(at=datetime.now(UTC) + timedelta(days=1))
    ready = caller(made, client=connected(sandbox))
    ready.prepare()
    raised = []

    def send():
        try:
            ready.send()
        except LedgerError as error:
            raised.append(error)

    sending = threading.Thread(target=send)
    sending.start()
    while not any(row.state is CallState.SENDING for row in ready.orderer.rows()):
        sending.join(0.01)
    stopped = Brake(connected(sandbox), ledger, lookup_gap_s=0.01).stop(made.campaign)
    sending.join()
    assert len(raised) == 1
    assert (stopped.waiting, stopped.doubtful) == ({}, ())
    assert called(sandbox) == Counter()
    assert sum(stopped.removed.values()) == len(made.parts[0].recipients)


# What a person settles


@pytest.fixture
def doubtful(send, sandbox):
    sandbox.script({**CREATE, "kind": "html", "nth": 2})
    made = plan()
    assert [row.number for row in send(made).doubtful] == [2]
    return made


def test_not_called_lets_the_next_send_order_it(
    doubtful, send, sandbox, client, ledger
):
    row, seen = resolve(client, ledger, doubtful.campaign, 2, called=False)
    assert (row.state, seen) == (CallState.PLANNED, False)
    assert send(doubtful).new == (2,)
    assert called(sandbox) == once()


def test_called_is_never_ordered_again(doubtful, send, sandbox, client, ledger):
    row, _ = resolve(client, ledger, doubtful.campaign, 2, called=True)
    assert row.state is CallState.ORDERED
    assert send(doubtful).new == ()
    assert not set(doubtful.parts[1].recipients) & set(called(sandbox))


def test_a_mistaken_called_is_taken_back_while_nothing_else_knows_of_it(
    doubtful, send, sandbox, client, ledger
):
    name = doubtful.campaign
    resolve(client, ledger, name, 2, called=True)
    with pytest.raises(SettingsError, match="there is nothing to resolve"):
        resolve(client, ledger, name, 2, called=True)
    row, seen = resolve(client, ledger, name, 2, called=False)
    assert (row.state, seen) == (CallState.PLANNED, False)
    assert send(doubtful).new == (2,)
    assert called(sandbox) == once()
    with pytest.raises(SettingsError, match="there is nothing to resolve"):
        resolve(client, ledger, name, 2, called=False)  # its id is known now


def test_a_called_that_was_true_after_all_is_not_taken_back(
    doubtful, send, sandbox, client, ledger
):
    resolve(client, ledger, doubtful.campaign, 2, called=True)
    late = client.mailings.create(
        doubtful.parts[1].recipients,
        link="http://a/a.wav",
        media="VOICE",
        type="wav",
        name=doubtful.campaign,
    )
    row, seen = resolve(client, ledger, doubtful.campaign, 2, called=False)
    assert (row.state, row.mailing_id, seen) == (CallState.ORDERED, late.id, True)
    assert send(doubtful).new == ()
    assert called(sandbox) == once()


def test_calls_that_only_a_person_knows_of_are_not_waited_for(doubtful, client, ledger):
    name, account = doubtful.campaign, client.account
    rest = sum(len(part.recipients) for part in doubtful.parts if part.number != 2)
    assert ordered(ledger, account, name) == rest
    resolve(client, ledger, name, 2, called=True)
    assert ordered(ledger, account, name) == rest


def test_a_last_look_beats_what_a_person_believes(
    doubtful, send, sandbox, client, ledger
):
    part = doubtful.parts[1]
    late = client.mailings.create(  # as if it had been under way all the time
        part.recipients,
        link="http://a/a.wav",
        media="VOICE",
        type="wav",
        name=doubtful.campaign,
    )
    row, seen = resolve(client, ledger, doubtful.campaign, 2, called=False)
    assert (row.state, row.mailing_id, seen) == (CallState.ORDERED, late.id, True)
    assert send(doubtful).new == ()
    assert called(sandbox) == once()


def test_a_mailing_that_is_another_part_is_not_taken_for_this_one(
    doubtful, send, client, ledger
):
    other = send(doubtful).mailings[0].mailing_id
    with pytest.raises(SettingsError, match=f"mailing {other} is part 1 of .*others"):
        resolve(client, ledger, doubtful.campaign, 2, called=True, mailing_id=other)
    assert [row.number for row in send(doubtful).doubtful] == [2]


def test_what_is_clear_needs_nobody(doubtful, client, ledger):
    with pytest.raises(SettingsError, match=r"part 1 .* is ordered: there is nothing"):
        resolve(client, ledger, doubtful.campaign, 1, called=False)
    with pytest.raises(SettingsError, match="knows no part 7"):
        resolve(client, ledger, doubtful.campaign, 7, called=False)
    with pytest.raises(SettingsError, match="mailing 999 is not there"):
        resolve(client, ledger, doubtful.campaign, 2, called=True, mailing_id="999")
