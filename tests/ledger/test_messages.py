"""The table of truth: forward only, whoever tells what in which order."""

import itertools
import random
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from voiceprep.ledger import Ledger, Told

ACME = "acme at http://127.0.0.1/"
AT = {"wait": 1.0, "on": 2.0, "ok": 3.0, "ko": 3.5, "no": 4.0}


def a_call(state, message="91", **told):
    usual = {"campaign": "Relance", "recipient": "+33639980001", "since": AT[state]}
    return Told(message, "42", state, **{**usual, **told})


def state_of(ledger):
    (row,) = ledger.messages.of(ACME, "Relance")
    return row.state


# Hand-written from R40: wait (programmed), on (being sent), then ok, ko or no; `no` is
# unknown and may still come to be known.
RANK = {"wait": 0, "on": 1, "no": 2, "ok": 3, "ko": 3}


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["wait", "on", "ok"])), ids="-".join
)
def test_whatever_the_order_of_tellings_the_end_is_what_stands(ledger, order):
    furthest = 0
    for state in order:
        ledger.messages.learn(ACME, [a_call(state)], "ping")
        furthest = max(furthest, RANK[state])
        assert RANK[state_of(ledger)] == furthest
    assert state_of(ledger) == "ok"


@pytest.mark.parametrize("final", ["ok", "ko", "no"])
@pytest.mark.parametrize("older", ["wait", "on"])
def test_a_final_state_is_never_downgraded(ledger, final, older):
    ledger.messages.learn(ACME, [a_call(final, description="voice end")], "watch")
    assert ledger.messages.learn(ACME, [a_call(older)], "ping") == []
    (row,) = ledger.messages.of(ACME, "Relance")
    assert (row.state, row.description, row.since) == (final, "voice end", AT[final])
    assert (row.learnt_by, row.disputed) == ("watch", None)


@pytest.mark.parametrize(("first", "then"), [("ok", "ko"), ("ko", "ok")])
def test_the_first_end_stands_and_another_one_is_noted_as_disputed(ledger, first, then):
    ledger.messages.learn(ACME, [a_call(first)], "watch")
    assert ledger.messages.learn(ACME, [a_call(then)], "watch") == []
    (row,) = ledger.messages.of(ACME, "Relance")
    assert (row.state, row.disputed) == (first, then)


def test_what_was_unknown_may_come_to_be_known(ledger):
    ledger.messages.learn(ACME, [a_call("no")], "watch")
    (change,) = ledger.messages.learn(ACME, [a_call("ok")], "watch")
    assert (change.before, change.told.state, state_of(ledger)) == ("no", "ok", "ok")


def test_a_row_says_since_when_and_how_it_was_learnt(ledger, clock):
    clock.now = 50.0
    ledger.messages.learn(ACME, [a_call("on", description="voice calling")], "ping")
    clock.now = 60.0
    ledger.messages.learn(ACME, [a_call("on")], "watch")  # nothing new
    (row,) = ledger.messages.of(ACME, "Relance")
    assert (row.since, row.learnt_at, row.learnt_by) == (2.0, 50.0, "ping")
    clock.now = 70.0
    ledger.messages.learn(ACME, [a_call("ko", description="voice busy")], "watch")
    (row,) = ledger.messages.of(ACME, "Relance")
    assert (row.since, row.learnt_at, row.learnt_by) == (3.5, 70.0, "watch")
    assert row.description == "voice busy"


def test_words_of_one_state_are_not_kept_for_the_next(ledger):
    ledger.messages.learn(ACME, [a_call("on", description="voice calling")], "ping")
    bare = Told("91", "42", "ok")
    ledger.messages.learn(ACME, [bare], "ping")
    (row,) = ledger.messages.of(ACME, "Relance")
    assert (row.description, row.since) == (None, None)
    assert row.recipient == "+33639980001"


def test_an_optout_is_never_taken_back_and_holds_for_every_account(ledger):
    ledger.messages.learn(ACME, [a_call("ok", optout=True)], "watch")
    ledger.messages.learn(ACME, [a_call("ok", optout=False)], "watch")
    assert ledger.messages.optouts() == {"+33639980001"}
    assert ledger.messages.optouts("another") == set()


def test_two_accounts_may_have_messages_of_one_id(ledger):
    ledger.messages.learn(ACME, [a_call("ok")], "watch")
    ledger.messages.learn("another", [a_call("wait")], "watch")
    assert ledger.messages.counts(ACME, "Relance")["ok"] == 1
    assert ledger.messages.counts("another", "Relance")["wait"] == 1
    assert ledger.messages.open_ids("another", "Relance") == ["91"]
    assert ledger.messages.open_ids(ACME, "Relance") == []
    assert ledger.messages.open_campaigns("another") == ["Relance"]
    assert ledger.messages.open_campaigns(ACME) == []


def test_a_state_that_no_contract_knows_is_not_taken_for_a_truth(ledger):
    assert ledger.messages.learn(ACME, [Told("91", "42", "lost")], "watch") == []
    assert ledger.messages.known(ACME, ["91"]) == {}


def test_one_telling_may_name_a_message_twice(ledger):
    changes = ledger.messages.learn(ACME, [a_call("ok"), a_call("on")], "ping")
    assert [change.told.state for change in changes] == ["ok"]


def test_many_messages_come_back_each_once_and_in_order(ledger):
    every = [a_call("wait", message=f"{n:05d}") for n in range(1_250)]
    random.Random(7).shuffle(every)
    ledger.messages.learn(ACME, every, "watch")
    ids = [row.id for row in ledger.messages.of(ACME, "Relance")]
    assert ids == sorted(each.id for each in every)


def test_random_tellings_end_where_the_furthest_one_was(ledger):
    """Each message's truth is a path; its steps are told in any order, repeated."""
    dice = random.Random(42)
    paths = [["wait", "on", dice.choice(["ok", "ko", "no"])] for _ in range(100)]
    told = [
        a_call(state, message=str(number))
        for number, path in enumerate(paths)
        for state in path[: dice.randint(1, 3)] * 2
    ]
    furthest = {}
    for each in told:
        held = furthest.get(each.id, "wait")
        furthest[each.id] = max(held, each.state, key=RANK.__getitem__)
    dice.shuffle(told)
    for start in range(0, len(told), 37):
        ledger.messages.learn(ACME, told[start : start + 37], "ping")
    found = {row.id: row.state for row in ledger.messages.of(ACME, "Relance")}
    assert found == furthest


def test_two_readers_on_one_ledger_never_bring_a_message_back(url):
    """Both write what they read; one of them reads late, and writes last."""
    with Ledger(url) as one, Ledger(url) as two:
        one.messages.learn(ACME, [a_call("wait")], "watch")
        two.messages.learn(ACME, [a_call("ok")], "ping")
        one.messages.learn(ACME, [a_call("on")], "watch")
        assert state_of(one) == state_of(two) == "ok"


def test_a_state_is_owed_until_it_was_passed_on_and_older_ones_are_not(ledger, clock):
    ledger.messages.learn(ACME, [a_call("ok", message="1")], "watch")
    clock.now += 1
    ledger.messages.begin_passing(ACME)  # the very first time
    ledger.messages.learn(ACME, [a_call("on", message="2")], "ping")
    (owed,) = ledger.messages.owed(ACME)
    assert (owed.id, owed.state) == ("2", "on")
    clock.now += 1
    ledger.messages.begin_passing(ACME)  # a restart before it was taken
    assert len(ledger.messages.owed(ACME)) == ledger.messages.count_owed(ACME) == 1
    ledger.messages.passed(ACME, [replace(owed)])
    assert ledger.messages.owed(ACME) == []
    ledger.messages.learn(ACME, [a_call("ko", message="2")], "watch")
    assert [each.state for each in ledger.messages.owed(ACME)] == ["ko"]


def test_what_the_platform_lost_is_not_counted_until_it_is_told_again(ledger):
    ledger.messages.learn(ACME, [a_call("wait"), a_call("ok", message="92")], "watch")
    ledger.messages.lose(ACME, ["91", "92"])
    # What has ended stays true, whatever the platform forgets.
    assert [row.id for row in ledger.messages.of(ACME, "Relance")] == ["92"]
    assert ledger.messages.open_campaigns(ACME) == []
    ledger.messages.learn(ACME, [a_call("wait")], "watch")
    assert ledger.messages.counts(ACME, "Relance")["wait"] == 1


def test_calls_of_the_last_days_and_of_other_campaigns_are_known(ledger, clock):
    clock.now = 1_000.0
    told = [
        a_call("ko", message="1", since=100.0),
        a_call("ok", message="2", since=500.0, campaign="another"),
        a_call("wait", message="3", recipient="+33639980002", campaign="another"),
        a_call("ko", message="4", recipient="+33639980003", since=None),
        a_call("ko", message="5", recipient=None, campaign="another"),
    ]
    ledger.messages.learn(ACME, told, "watch")
    since = ledger.messages.calls_since
    assert since(ACME, 0.0) == {"+33639980001": 2, "+33639980003": 1}
    assert since(ACME, 400.0) == {"+33639980001": 1, "+33639980003": 1}
    assert since("another account", 0.0) == {}
    others = ledger.messages.of_others(ACME, "Relance")
    assert {(each.recipient, each.state) for each in others} == {
        ("+33639980001", "ok"),
        ("+33639980002", "wait"),
    }


def test_a_call_that_was_stopped_before_it_rang_is_no_call(ledger):
    told = [
        a_call("ko", message="1", description="voice cancelled"),
        a_call("ko", message="2", description="voice cancelled", attempts=0),
        a_call("ko", message="3", description="voice cancelled", attempts=1),
    ]
    ledger.messages.learn(ACME, told, "watch")
    assert ledger.messages.calls_since(ACME, 0.0) == {"+33639980001": 1}
    known = {each.id: each.never_rang for each in ledger.messages.of(ACME, "Relance")}
    assert known == {"1": True, "2": True, "3": False}


def test_a_number_shows_in_no_repr():
    assert "639980001" not in repr(a_call("ok"))


def test_what_was_learnt_is_on_the_disk_when_learn_returns(ledger, url):
    ledger.messages.learn(ACME, [a_call("ko")], "ping")
    other = create_engine(url)  # another connection sees only what is committed
    with other.connect() as db:
        seen = db.execute(text("SELECT id, state, learnt_by FROM truths")).all()
    other.dispose()
    assert seen == [("91", "ko", "ping")]
