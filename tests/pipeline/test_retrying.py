"""Who may be called again, after other campaigns: stopped, waiting, or made."""

from datetime import UTC, datetime, timedelta

import pytest
from calling import plan
from pings import Calls, mobile

from voiceprep.campaign.retry import Coming
from voiceprep.pipeline.brake import Brake
from voiceprep.pipeline.plans import Cap
from voiceprep.pipeline.retrying import retry_list
from voiceprep.pipeline.truth import Truth
from voiceprep.sandbox import Sandbox

BUSY = "+33639980002"  # docs/sandbox.md
SPRING = datetime(2090, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", clock="manual") as running:
        Calls(running, "Busy").order([mobile(2)])
        running.advance(3_600)
        yield running


@pytest.fixture
def client(box, connected):
    return connected(box)


@pytest.fixture
def send(caller):
    def go(name, people=(BUSY,), at=None):
        made = plan(people, at=at, name=name)
        ready = caller(made)
        ready.prepare()
        ready.send()
        return made.campaign

    return go


@pytest.fixture
def again(client, ledger):
    def go(cap="3/30", **asked):
        return retry_list(client, ledger, "Busy", Cap.read(cap), **asked)

    return go


@pytest.fixture
def stop(client, ledger):
    return Brake(client, ledger, lookup_gap_s=0.01).stop


def test_a_call_that_was_stopped_before_it_rang_keeps_nobody_from_being_called_again(
    again, send, stop, client, ledger
):
    later = send("Later", at=SPRING)
    Truth(client, ledger).catch_up(later, "watch")  # read while it waits
    stop(later)
    found = again(cap="2/30")
    assert [row["recipient"] for row in found.rows()] == [BUSY]
    assert found.sorted.left_out == {}


@pytest.mark.parametrize("is_read", [False, True])
def test_a_call_that_is_still_to_come_is_the_reason_that_is_told(
    again, send, client, ledger, is_read
):
    later = send("Later", at=SPRING)
    if is_read:
        Truth(client, ledger).catch_up(later, "watch")
    found = again()
    assert found.sorted.left_out == {"coming": 1}
    assert found.sorted.coming == {Coming("Later", SPRING.timestamp()): 1}
    assert found.rows() == []


@pytest.mark.parametrize("is_read", [False, True])
def test_a_call_that_was_to_ring_by_now_may_have(again, send, client, ledger, is_read):
    later = send("Later", at=SPRING)
    if is_read:
        Truth(client, ledger).catch_up(later, "watch")
    after = (SPRING + timedelta(minutes=1)).timestamp()
    assert again(now=after).sorted.left_out == {"called_since": 1}


def test_who_waited_where_the_rest_was_stopped_was_not_called(
    again, send, stop, box, client, ledger
):
    people = [f"+336{n:08}" for n in range(12_000_010, 12_000_110)]
    broken_off = send("Broken off", [*people, BUSY])
    box.advance(2)  # 20 calls a second begin, in the list's order
    stop(broken_off)
    rang = {
        row["recipient"]
        for row in box.truth()["messages"]
        if "cancelled" not in row["description"]
    } - {BUSY}
    assert 0 < len(rang) < len(people)
    assert set(ledger.calls.called_since(client.account, 0.0)) == rang
    assert set(ledger.messages.calls_since(client.account, 0.0)) == rang
    assert [row["called"] for row in again().rows()] == [1]  # the busy one


def test_the_cap_counts_what_rang_and_what_is_to_ring(send, stop, client, ledger):
    stop(send("Stopped", at=SPRING))
    send("Coming", at=SPRING)
    assert ledger.calls.called_since(client.account, 0.0) == {BUSY: 1}
