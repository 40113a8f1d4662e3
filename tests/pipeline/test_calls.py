"""Calls that happen once; the sandbox's messages are the judge of who was called."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from voiceprep.campaign.plan import Order, planned
from voiceprep.campaign.windows import Calendar
from voiceprep.errors import (
    AuthError,
    LedgerError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
    UnavailableError,
)
from voiceprep.ledger import CallState, Ledger
from voiceprep.pipeline.brake import Brake, resolve
from voiceprep.pipeline.calls import Caller
from voiceprep.pipeline.ordering import Orderer
from voiceprep.pipeline.trial import Trial
from voiceprep.sandbox import Sandbox

CREATE = {"method": "POST", "path": "/rest/mailings"}
READ = {"method": "GET", "path": "/rest/mailings"}
# A mailing for each territory, so that three parts need but a few people.
PEOPLE = (
    *(f"+3363998{n:04}" for n in range(10, 14)),
    *(f"+26269200{n:04}" for n in range(10, 13)),
    *(f"+59669600{n:04}" for n in range(10, 12)),
)
UNCLEAR = {
    "the line was cut": {"kind": "reset-after"},
    "half an answer came": {"kind": "truncate"},
    "a web page came": {"kind": "html", "after": True},
    **{
        f"{status} came": {"kind": "status", "status": status, "after": True}
        for status in (500, 502, 504)
    },
    "JSON without an end came": {
        "kind": "status",
        "status": 502,
        "after": True,
        "body": '{"size":1,"total":null,"list":[{"id":"',
    },
}


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path}/calls.sqlite3") as opened:
        yield opened


def plan(people=PEOPLE, at=None, window="any", **order):
    usual = {
        "name": "Relance",
        "media": "VOICE",
        "link": "http://127.0.0.1/a.wav",
        "type": "wav",
    }
    wanted = Order(**{**usual, **order}, at=at, window=window)
    now = datetime.now(UTC) if at is None else at - timedelta(hours=1)
    return planned(wanted, people, Calendar.load(), now=now)


@pytest.fixture
def caller(client, ledger):
    """Send plans, short of patience."""

    def make(made, client=client, ledger=ledger, gap_s=0.01, **asked):
        lines = []
        orderer = Orderer(
            made.campaign,
            made.order,
            client,
            ledger,
            lookup_gap_s=gap_s,
            say=lines.append,
        )
        return Caller(made, orderer, **asked)

    return make


@pytest.fixture
def send(caller):
    def go(made, **asked):
        made_ready = caller(made, **asked)
        made_ready.prepare()
        return made_ready.send()

    return go


def called(box, name=None):
    """Count how often each number is called, whoever asks."""
    truth = box.truth()
    ids = {
        row["id"] for row in truth["mailings"] if name is None or row["name"] == name
    }
    messages = truth["messages"]
    return Counter(row["recipient"] for row in messages if row["mailing_id"] in ids)


def once(people=PEOPLE):
    return Counter(dict.fromkeys(people, 1))


# One way


def test_a_plan_becomes_mailings_of_one_name_and_calls_everybody_once(send, sandbox):
    made = plan()
    sent = send(made)
    assert [(row.number, row.state) for row in sent.mailings] == [
        (number, CallState.ORDERED) for number in (1, 2, 3)
    ]
    assert {row["name"] for row in sandbox.truth()["mailings"]} == {made.campaign}
    assert called(sandbox) == once()


def test_sent_again_there_is_nothing_to_do(send, sandbox):
    made = plan()
    assert send(made).new == (1, 2, 3)
    assert send(made).new == ()
    assert called(sandbox) == once()


def test_2500_people_are_3_mailings_in_their_order(send, sandbox):
    people = [f"+336{n:08}" for n in range(12_000_010, 12_002_510)]
    send(plan(people))
    told = sandbox.truth()
    assert [row["contacts"] for row in told["mailings"]] == [1_000, 1_000, 500]
    assert [row["recipient"] for row in told["messages"]] == people


def test_media_link_type_date_and_ping_go_out_as_planned(send, sandbox):
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    send(plan(at=at, media="VOICE", ping_url="http://127.0.0.1/p?m=#id#"))
    send(plan(media="VOICEMAIL", type="", link="http://127.0.0.1/a.pcm"))
    rows = sandbox.truth()["mailings"]
    assert {(r["media"], r["type"], r["link"], r["pingUrl"]) for r in rows} == {
        ("VOICE", "wav", "http://127.0.0.1/a.wav", "http://127.0.0.1/p?m=#id#"),
        ("VOICEMAIL", None, "http://127.0.0.1/a.pcm", None),
    }
    assert {datetime.fromisoformat(row["due_at"]) for row in rows[:3]} == {at}


# Doubt


@pytest.mark.parametrize("fault", UNCLEAR.values(), ids=UNCLEAR)
def test_a_mailing_whose_outcome_is_unclear_is_found_and_adopted(fault, send, sandbox):
    sandbox.script({**CREATE, **fault, "times": 3})
    sent = send(plan())
    assert [row.state for row in sent.mailings] == [CallState.ORDERED] * 3
    ids = {str(row["id"]) for row in sandbox.truth()["mailings"]}
    assert {row.mailing_id for row in sent.mailings} == ids
    assert called(sandbox) == once()


@pytest.mark.parametrize("kind", ["status", "html", "reset-before"])
def test_what_is_not_there_stays_unknown_and_is_never_called_again(kind, send, sandbox):
    sandbox.script({**CREATE, "kind": kind, "nth": 2})
    made = plan()
    first = send(made)
    assert [row.state for row in first.mailings] == [
        CallState.ORDERED,
        CallState.UNKNOWN,
        CallState.ORDERED,
    ]
    assert send(made).new == ()
    assert [row.number for row in send(made).doubtful] == [2]
    assert called(sandbox) == once(
        one for part in made.parts if part.number != 2 for one in part.recipients
    )


def test_resets_after_the_create_double_nobody_and_are_all_adopted(
    caller, sandbox, connected
):
    # scripts/kill_campaign.py --resets 200 is the long form.
    sandbox.script({**CREATE, "kind": "reset-after", "times": 40})
    client = connected(sandbox)
    for trial in range(40):
        made = plan([f"+336{12_100_000 + trial:08}"], name=f"Trial {trial}")
        ready = caller(made, client=client)
        ready.prepare()
        assert [row.state for row in ready.send().mailings] == [CallState.ORDERED]
    truth = sandbox.truth()
    assert truth["counts"]["mailings"] == 40
    assert set(called(sandbox).values()) == {1}


def test_a_mailing_that_shows_late_is_adopted_when_it_does(
    tmp_path, connected, caller, ledger
):
    with Sandbox(tmp_path / "late", port=0, late_visibility_s=1.5) as box:
        box.script({**CREATE, "kind": "reset-after", "nth": 1})
        ready = caller(plan(), client=connected(box))
        ready.prepare()
        assert [row.number for row in ready.send().doubtful] == [1]
        ready.orderer.sleep(1.6)
        again = ready.send()
        assert (again.new, again.doubtful) == ((1,), ())
        assert called(box) == once()


def test_a_lost_ledger_finds_what_was_ordered(send, sandbox, tmp_path):
    made = plan()
    send(made)
    with Ledger(f"sqlite:///{tmp_path}/another.sqlite3") as other:
        found = send(made, ledger=other)
    assert [row.state for row in found.mailings] == [CallState.ORDERED] * 3
    assert called(sandbox) == once()


def test_a_mailing_of_that_name_that_calls_others_stops_everything(
    send, sandbox, client
):
    made = plan()
    client.mailings.create(
        ["+33639980001"],
        link="http://a/a.wav",
        media="VOICE",
        type="wav",
        name=made.campaign,
    )
    with pytest.raises(RefusedError, match="1 people who are no part of its plan"):
        send(made)
    assert called(sandbox) == once(["+33639980001"])


def test_the_same_people_ordered_once_more_by_others_are_told(send, sandbox, client):
    made = plan()
    send(made)
    part = made.parts[0]
    client.mailings.create(
        part.recipients,
        link="http://a/a.wav",
        media="VOICE",
        type="wav",
        name=made.campaign,
    )
    with pytest.raises(RefusedError, match="calls the people of part 1 once more"):
        send(made)


# Order, and its end


def test_the_first_refusal_stops_everything_and_the_next_send_goes_on(send, sandbox):
    sandbox.script({**CREATE, "kind": "status", "status": 417, "nth": 2})
    made = plan()
    with pytest.raises(RefusedError):
        send(made)
    assert called(sandbox) == once(made.parts[0].recipients)
    assert send(made).new == (2, 3)
    assert called(sandbox) == once()


def test_the_first_authentication_error_stops_everything(send, sandbox, caller):
    sandbox.script({**CREATE, "kind": "status", "status": 401, "nth": (2, 3)})
    made = plan()
    with pytest.raises(AuthError):
        send(made)
    assert called(sandbox) == once(made.parts[0].recipients)
    assert [row.state for row in caller(made).told().mailings] == [
        CallState.ORDERED,
        CallState.FAILED,
        CallState.PLANNED,
    ]
    assert send(made).new == (2, 3)


def test_without_a_platform_nothing_is_in_doubt(send, sandbox, caller, connected):
    made = plan()
    gone = connected(sandbox, tries="1")
    assert gone.platform == "sandbox"
    sandbox.stop()
    with pytest.raises(UnavailableError):
        send(made, client=gone)
    rows = caller(made, client=gone).told().mailings
    assert [row.state for row in rows] == [CallState.PLANNED] * 3


def test_interrupted_in_a_create_it_is_looked_up_not_called_again(
    send, sandbox, caller, monkeypatch, client
):
    made = plan()
    create = client.mailings.create

    def interrupted(*arguments, **named):
        create(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(client.mailings, "create", interrupted)
    with pytest.raises(KeyboardInterrupt):
        send(made)
    monkeypatch.undo()
    assert [row.number for row in caller(made).told().doubtful] == [1]
    assert send(made).new == (1, 2, 3)
    assert called(sandbox) == once()


def test_two_processes_with_one_plan_call_everybody_once(caller, sandbox, connected):
    made = plan()
    readies = [caller(made, client=connected(sandbox)) for _ in range(4)]
    for ready in readies:
        ready.prepare()
    threads = [threading.Thread(target=ready.send) for ready in readies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert called(sandbox) == once()


# Before anything is sent


def test_a_wrong_count_a_past_date_a_closed_window_send_nothing(send, sandbox, caller):
    now = datetime.now(UTC)
    with pytest.raises(SettingsError, match="--confirm 8, and the plan calls 9"):
        send(plan(), confirm=8)
    later = plan(at=now + timedelta(hours=1))
    with pytest.raises(SettingsError, match="is past: it would be called at once"):
        send(later, now=lambda: now + timedelta(hours=2))
    noon = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # a Friday, 13:00 in Paris
    weekday = plan(PEOPLE[:2], at=noon, window="fr-weekdays")
    night = noon + timedelta(hours=10)
    with pytest.raises(SettingsError, match="closed in metropolitan until 2026-03-30"):
        send(weekday, now=lambda: night, overdue_now=True)
    assert sandbox.truth()["counts"]["mailings"] == 0
    assert send(later, now=lambda: now + timedelta(hours=2), overdue_now=True).new


def test_what_was_ordered_already_needs_no_time_any_more(send):
    at = datetime.now(UTC) + timedelta(hours=1)
    made = plan(at=at)
    send(made)
    assert send(made, now=lambda: at + timedelta(days=9), confirm=1).new == ()


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


def test_a_test_number_is_one_that_the_media_calls(caller):
    made = plan(media="VOICEMAIL", type="", link="http://127.0.0.1/a.pcm")
    with pytest.raises(SettingsError, match=r"--test: 01 •• •• •• 01: not a mobile"):
        Trial(caller(made), "01 45 67 89 01").run()


# The brake


@pytest.fixture
def brake(client, ledger):
    return Brake(client, ledger, lookup_gap_s=0.01)


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


def test_what_was_never_sent_stays_unsent_after_a_stop(send, sandbox, brake, caller):
    sandbox.script({**CREATE, "kind": "status", "status": 417, "nth": 2})
    made = plan(at=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(RefusedError):
        send(made)
    brake.stop(made.campaign)
    states = [row.state for row in caller(made).told().mailings]
    assert states == [CallState.ORDERED, CallState.STOPPED, CallState.STOPPED]
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


def test_what_is_clear_needs_nobody(doubtful, client, ledger):
    with pytest.raises(SettingsError, match=r"part 1 .* is ordered: there is nothing"):
        resolve(client, ledger, doubtful.campaign, 1, called=False)
    with pytest.raises(SettingsError, match="knows no part 7"):
        resolve(client, ledger, doubtful.campaign, 7, called=False)
    with pytest.raises(SettingsError, match="mailing 999 is not there"):
        resolve(client, ledger, doubtful.campaign, 2, called=True, mailing_id="999")
