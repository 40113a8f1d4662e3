"""Calls: an intent before a mailing is ordered, an outcome after it, one at a time."""

import subprocess
import sys
import threading

import pytest
from sqlalchemy import create_engine, text

from voiceprep.errors import LedgerError
from voiceprep.ledger import CallState, Campaign, Lot, digest_of
from voiceprep.ledger.call_states import ALLOWED, DOUBTFUL, UNSENT

ACCOUNT = "me at the platform"
NAME = "Relance [vp-7K2Q]"
CAMPAIGN = Campaign(NAME, "Relance", "7K2Q", "VOICE", "http://a/a.wav", calls=3)
LOTS = (
    Lot(1, NAME, ("+33612345678", "+33612345679")),
    Lot(2, NAME, ("+33712345678",), due_at=5_000.0),
)
HOLD = """
import sys
from voiceprep.ledger import Ledger
with Ledger(sys.argv[1]) as ledger, ledger.calls.alone():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def calls(ledger):
    ledger.calls.enter(ACCOUNT, CAMPAIGN, LOTS)
    return ledger.calls


def states(calls):
    return {row.number: str(row.state) for row in calls.mailings(ACCOUNT, NAME)}


def test_every_state_stands_in_the_table():
    assert set(ALLOWED) == set(CallState)
    assert not UNSENT & DOUBTFUL


def test_what_may_have_happened_is_never_sent_again_by_itself():
    assert CallState.SENDING not in ALLOWED[CallState.UNKNOWN]
    assert CallState.SENDING not in ALLOWED[CallState.SENDING]
    assert CallState.SENDING not in ALLOWED[CallState.ORDERED]
    assert CallState.SENDING not in ALLOWED[CallState.STOPPED]


def test_only_what_no_id_is_known_of_is_taken_back_from_ordered(calls):
    for number, mailing_id in ((1, "42"), (2, None)):
        calls.begin(ACCOUNT, NAME, number)
        calls.end(ACCOUNT, NAME, number, CallState.ORDERED, mailing_id=mailing_id)
    with pytest.raises(LedgerError, match="mailing 42 is on the platform"):
        calls.end(ACCOUNT, NAME, 1, CallState.PLANNED)
    calls.end(ACCOUNT, NAME, 2, CallState.PLANNED)
    assert states(calls) == {1: "ordered", 2: "planned"}


def test_only_what_was_never_sent_or_refused_can_be_sent():
    before = {state for state in CallState if CallState.SENDING in ALLOWED[state]}
    assert before == UNSENT


def test_a_plan_is_entered_once_whatever_became_of_it(calls):
    calls.begin(ACCOUNT, NAME, 1)
    calls.enter(ACCOUNT, CAMPAIGN, LOTS)
    assert states(calls) == {1: "sending", 2: "planned"}
    assert calls.recipients(ACCOUNT, NAME, 1) == list(LOTS[0].recipients)
    assert calls.mailings(ACCOUNT, NAME)[1].due_at == 5_000.0


def test_a_part_that_would_call_others_is_not_entered(calls):
    others = Lot(2, NAME, ("+33712345679",))
    with pytest.raises(LedgerError, match=r"part 2 .* calls other people"):
        calls.enter(ACCOUNT, CAMPAIGN, [others])


def test_an_intent_is_committed_before_begin_returns(calls, url):
    assert calls.begin(ACCOUNT, NAME, 1).tries == 1
    other = create_engine(url)  # another connection sees only what is committed
    with other.connect() as db:
        query = "SELECT number, state, tries FROM mailings ORDER BY number"
        seen = [tuple(row) for row in db.execute(text(query))]
    other.dispose()
    assert seen == [(1, "sending", 1), (2, "planned", 0)]


def test_an_outcome_keeps_the_platforms_id_or_the_reason(calls):
    calls.begin(ACCOUNT, NAME, 1)
    assert calls.end(ACCOUNT, NAME, 1, CallState.ORDERED, mailing_id="42").reason is (
        None
    )
    calls.begin(ACCOUNT, NAME, 2)
    calls.end(ACCOUNT, NAME, 2, CallState.UNKNOWN, reason="the connection broke")
    told = [(row.mailing_id, row.reason) for row in calls.mailings(ACCOUNT, NAME)]
    assert told == [("42", None), (None, "the connection broke")]


def test_after_a_stop_no_intent_can_be_written(calls):
    calls.begin(ACCOUNT, NAME, 1)
    assert calls.stop(ACCOUNT, NAME).is_stopped
    assert states(calls) == {1: "sending", 2: "stopped"}
    for attempt in (
        lambda: calls.begin(ACCOUNT, NAME, 2),
        lambda: calls.enter(ACCOUNT, CAMPAIGN, LOTS),
    ):
        with pytest.raises(LedgerError, match="was stopped"):
            attempt()


def test_what_this_ledger_never_saw_can_be_stopped_beforehand(ledger):
    ledger.calls.stop(ACCOUNT, NAME)
    with pytest.raises(LedgerError, match="was stopped"):
        ledger.calls.enter(ACCOUNT, CAMPAIGN, LOTS)


def test_two_may_note_at_once_that_a_mailing_was_removed(calls):
    calls.begin(ACCOUNT, NAME, 1)
    calls.end(ACCOUNT, NAME, 1, CallState.ORDERED, mailing_id="42")
    for _ in range(2):
        row = calls.end(ACCOUNT, NAME, 1, CallState.STOPPED)
        assert (row.state, row.mailing_id) == (CallState.STOPPED, "42")
    assert not calls.called_since(ACCOUNT, 0.0)


def test_calls_are_counted_at_the_time_they_were_ordered_for(calls, clock):
    numbers, due_at = LOTS[1].recipients, 5_000.0
    clock.now = 900_000.0  # long after it was to begin
    calls.begin(ACCOUNT, NAME, 2)
    assert calls.called_by(ACCOUNT, NAME, 899_000.0) == set(numbers)
    assert calls.mailings(ACCOUNT, NAME)[1].due_at is None  # it was ordered at once
    calls.end(ACCOUNT, NAME, 2, CallState.FAILED, reason="no connection")
    calls.begin(ACCOUNT, NAME, 2, due_at=due_at + 1_000_000)
    assert calls.called_since(ACCOUNT, 1_000_000.0) == dict.fromkeys(numbers, 1)
    ordered = calls.orders(ACCOUNT, but="another")
    assert {each.recipient: each.at for each in ordered} == {
        numbers[0]: due_at + 1_000_000
    }


def test_a_stop_keeps_its_first_time(calls, clock):
    first = calls.stop(ACCOUNT, NAME).stopped_at
    clock.now += 60
    assert calls.stop(ACCOUNT, NAME).stopped_at == first


def test_a_campaign_is_found_by_its_whole_name_and_by_the_persons_own(calls, clock):
    clock.now += 60
    other = Campaign("Relance [vp-0000]", "Relance", "0000")
    calls.enter(ACCOUNT, other, [])
    assert [one.tag for one in calls.named(ACCOUNT, NAME)] == ["7K2Q"]
    assert [one.tag for one in calls.named(ACCOUNT, "Relance")] == ["7K2Q", "0000"]
    assert calls.named("another account", "Relance") == []


def test_the_cap_counts_what_was_or_may_have_been_called(calls, clock):
    numbers = LOTS[0].recipients
    assert not calls.called_since(ACCOUNT, 0.0)
    calls.begin(ACCOUNT, NAME, 1)
    assert calls.called_since(ACCOUNT, clock.now) == dict.fromkeys(numbers, 1)
    calls.end(ACCOUNT, NAME, 1, CallState.FAILED, reason="no connection")
    assert not calls.called_since(ACCOUNT, 0.0)
    calls.begin(ACCOUNT, NAME, 1)
    calls.end(ACCOUNT, NAME, 1, CallState.UNKNOWN, reason="no answer")
    assert calls.called_since(ACCOUNT, 0.0) == dict.fromkeys(numbers, 1)
    assert not calls.called_since(ACCOUNT, clock.now + 1)
    assert not calls.called_since("another account", 0.0)


def test_a_part_that_nobody_entered_cannot_be_sent(calls):
    with pytest.raises(LedgerError, match="no part 9"):
        calls.begin(ACCOUNT, NAME, 9)


def test_a_digest_is_of_the_people_not_of_their_order():
    assert digest_of(["+331", "+332"]) == digest_of(("+332", "+331"))
    assert digest_of(["+331"]) != digest_of(["+332"])


def test_one_process_orders_at_a_time_and_its_death_frees_the_others(ledger, url):
    command = [sys.executable, "-c", HOLD, url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        said, inside = [], threading.Event()

        def enter():
            with ledger.calls.alone(said.append):
                inside.set()

        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not inside.wait(0.5)
        other.kill()
        assert inside.wait(20)
        waiting.join()
    assert len(said) == 1
    assert "waiting for it to end" in said[0]
