"""Nobody gets the calls of one campaign twice, however often it is planned."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from calling import CREATE, PEOPLE, called, once, plan

from voiceprep.campaign.plan import Order, planned
from voiceprep.campaign.windows import Calendar
from voiceprep.errors import RefusedError, SettingsError, UnavailableError
from voiceprep.ledger import Ledger, Told
from voiceprep.pipeline.brake import STILL, Brake
from voiceprep.pipeline.contacts import Asked
from voiceprep.pipeline.heard import Heard
from voiceprep.pipeline.plans import Wish, make_plan, read_plan
from voiceprep.pipeline.repeats import called_already
from voiceprep.sandbox import Sandbox


def soon(days=2):
    return datetime.now(UTC) + timedelta(days=days)


@pytest.fixture
def learn(ledger, client, sandbox):
    """Take up that calls of a campaign came to a state, as `watch` would."""

    def take(made, state, numbers=PEOPLE, **more):
        ids = {row["recipient"]: row["id"] for row in sandbox.truth()["messages"]}
        told = [
            Told(f"{ids[each]}", None, state, made.campaign, each, **more)
            for each in numbers
        ]
        ledger.messages.learn(client.account, told, "watch")

    return take


@pytest.fixture
def already(ledger, client):
    def of(name="Relance", days=0, now=None, **asked):
        now = (now or datetime.now(UTC)) + timedelta(days=days)
        return called_already(ledger, client.account, name, now, **asked)

    return of


def test_another_date_is_not_another_campaign(send, sandbox):
    send(plan(at=soon(2)))
    later = plan(at=soon(3))
    with pytest.raises(SettingsError, match="calls 9 of these people already"):
        send(later)
    with pytest.raises(SettingsError, match=r"calls 1 of these people already"):
        send(plan([PEOPLE[0], "+33639980099"], at=soon(3)))
    assert called(sandbox) == once()


def test_two_plans_that_are_sent_at_once_call_nobody_twice(caller, sandbox):
    first, second = caller(plan(at=soon(2))), caller(plan(at=soon(3)))
    first.prepare()
    second.prepare()  # neither has ordered anything yet
    first.send()
    with pytest.raises(SettingsError, match="already"):
        second.send()
    assert called(sandbox) == once()


def test_again_calls_them_twice_and_once_more_only_when_it_is_said_again(send, sandbox):
    send(plan(at=soon(2)))
    at = soon(3)
    again = plan(at=at, again="2026-03-12T10:00:00+00:00")
    send(again)
    assert send(again).new == ()
    assert called(sandbox) == dict.fromkeys(PEOPLE, 2)
    assert plan(at=at, again="2026-03-13T10:00:00+00:00").campaign != again.campaign


def test_spelling_and_the_plans_own_name_make_no_difference(send, already):
    made = plan(at=soon())
    send(made)
    assert already(" relance ") == set(PEOPLE)
    assert already(made.campaign) == set(PEOPLE)  # copied from `mailing list`
    assert already("Relance mars") == set()
    assert already(but=made.campaign) == set()


def test_a_name_is_the_same_however_its_accents_are_stored(send, already):
    send(plan(name="\u00c9t\u00e9", at=soon()))
    assert already("E\u0301te\u0301") == set(PEOPLE)


def test_after_a_day_a_campaign_may_bear_the_name_again(send, already):
    send(plan())
    assert already() == set(PEOPLE)
    assert already(days=0.9) == set(PEOPLE)
    assert already(days=1.1) == set()


def test_what_was_sent_days_late_was_called_when_it_was_sent(send, already):
    send(plan(at=soon(-3)), overdue_now=True)
    assert already() == set(PEOPLE)


def test_what_was_planned_anew_is_called_when_it_was_ordered_for(caller, already):
    order = Order("Relance", "VOICE", "http://a/a.wav", "wav", None, "fr-weekdays")
    sunday = datetime(2030, 3, 10, 12, tzinfo=UTC)
    monday = datetime(2030, 3, 11, 21, tzinfo=UTC)
    people, windows = PEOPLE[:4], Calendar.load()
    first, again = (
        planned(order, people, windows, now=now) for now in (sunday, monday)
    )
    assert first.campaign == again.campaign  # one plan to the ledger
    caller(first, now=lambda: sunday).prepare()
    late = caller(again, now=lambda: monday)
    late.prepare()
    late.send()
    begins = again.parts[0].at
    assert begins.date() > monday.date()
    assert already(now=begins, days=0.9) == set(people)
    assert already(now=begins, days=1.1) == set()


def test_who_was_not_reached_may_be_tried_again(send, already, learn):
    made = plan()
    send(made)
    learn(made, "ko", PEOPLE[:2])
    learn(made, "no", PEOPLE[2:3])
    learn(made, "ok", PEOPLE[3:])
    assert already() == set(PEOPLE[2:])


def test_of_a_stopped_campaign_only_the_called_count(
    tmp_path, connected, ledger, caller
):
    people = [f"+336{n:08}" for n in range(12_000_010, 12_000_110)]
    with Sandbox(tmp_path / "slow", port=0, clock="manual") as box:
        client, made = connected(box), plan(people)
        ready = caller(made, client=client)
        ready.prepare()
        ready.send()
        box.advance(2)  # 20 calls a second begin
        Brake(client, ledger, lookup_gap_s=0.01).stop(made.campaign)
        began = {
            row["recipient"]
            for row in box.truth()["messages"]
            if "cancelled" not in row["description"]
        }
    assert 0 < len(began) < len(people)
    account, now = client.account, datetime.now(UTC)
    assert called_already(ledger, account, "Relance", now) == began


def test_who_waited_in_a_mailing_that_was_removed_may_be_planned_anew(
    send, brake, already, ledger, client
):
    made = plan(at=soon())
    send(made)
    brake.stop(made.campaign)
    assert already() == set()
    assert not ledger.calls.called_since(client.account, 0.0)  # nor does the cap count
    assert not list(ledger.calls.orders(client.account, "another"))


def test_after_a_stop_all_its_calls_count_for_a_day(tmp_path, connected, caller):
    now = datetime.now(UTC) - timedelta(days=9)

    def clock():
        return now.timestamp()

    url = f"sqlite:///{tmp_path}/old.sqlite3"
    with (
        Sandbox(tmp_path / "ended", port=0, clock="manual") as box,
        Ledger(url, clock=clock) as ledger,
    ):
        client, made = connected(box), plan()
        ready = caller(made, client=client, ledger=ledger)
        ready.prepare()
        box.script({**CREATE, "kind": "status", "status": 417, "nth": 3})
        with pytest.raises(RefusedError):
            ready.send()
        box.advance(3_600)
        reached = set(called(box))
        now += timedelta(days=5)
        Brake(client, ledger, lookup_gap_s=0.01).stop(made.campaign)
        account, later = client.account, now + timedelta(days=1.1)
        assert called_already(ledger, account, "Relance", now) == reached
        assert called_already(ledger, account, "Relance", later) == set()
    assert 0 < len(reached) < len(PEOPLE)


def test_a_stop_that_is_broken_off_lets_nobody_be_called_twice(
    send, brake, already, sandbox
):
    made = plan(at=soon())
    send(made)
    sandbox.script({"method": "DELETE", "kind": "status", "status": 503, "times": 99})
    with pytest.raises(UnavailableError):
        brake.stop(made.campaign)
    assert called(sandbox) == once()
    assert already() == set(PEOPLE)


def test_a_delete_that_matches_nothing_has_removed_nothing(
    send, brake, already, sandbox
):
    made = plan(at=soon())
    send(made)
    sandbox.script(
        {"method": "DELETE", "kind": "html", "body": '{"count": 0}'},
        {"method": "PUT", "kind": "status", "status": 403},
    )
    stopped = brake.stop(made.campaign)
    assert (stopped.removed, len(stopped.waiting)) == ({}, 3)
    assert called(sandbox) == once()
    assert already() == set(PEOPLE)


@pytest.mark.parametrize("body", ['{"count": 1}', "{}"])
def test_what_still_waits_after_it_was_removed_is_said_and_counts(
    send, brake, already, sandbox, body
):
    made = plan(at=soon())
    send(made)
    sandbox.script({"method": "DELETE", "kind": "html", "body": body})
    stopped = brake.stop(made.campaign)
    assert (stopped.removed, len(stopped.waiting)) == ({}, 3)
    assert {*stopped.waiting.values()} == {STILL}
    assert called(sandbox) == once()
    assert already() == set(PEOPLE)


def test_what_the_platform_would_not_stop_is_not_planned_anew(
    send, brake, already, sandbox
):
    made = plan(at=soon())
    send(made)
    refusal = {"kind": "status", "status": 403, "times": 99}
    sandbox.script(*({"method": each, **refusal} for each in ("DELETE", "PUT")))
    assert len(brake.stop(made.campaign).waiting) == 3
    assert called(sandbox) == once()
    assert already() == set(PEOPLE)


def test_a_stop_leaves_whom_a_doubtful_mailing_may_call(send, brake, already, sandbox):
    sandbox.script({**CREATE, "kind": "html", "nth": 1})
    made = plan(PEOPLE[:1], at=soon())
    send(made)
    assert brake.stop(made.campaign).doubtful
    assert already() == set(PEOPLE[:1])


def test_a_plan_that_was_sent_is_not_written_over_by_other_parts_of_its_own(
    send, client, ledger, tmp_path, sandbox
):
    people = [f"+3363998{n:04}" for n in range(1_001)]
    path = tmp_path / "relance.plan.json"

    def planned_of(listed, days):
        text = "\n".join(["tel", *listed]).encode()
        asked = Asked(io.BytesIO(text), "VOICE")
        wish = Wish(content="", contacts=asked, name="A", at=None, window="any")
        now = datetime.now(UTC) + timedelta(days=days)
        played = Heard("http://127.0.0.1/a.wav")
        return make_plan(client, ledger, wish, now=now, path=path, played=played).plan

    sandbox.script({**CREATE, "kind": "status", "status": 417, "nth": 2})
    with pytest.raises(RefusedError):
        send(planned_of(people, 0))
    assert planned_of(people, 2).parts  # the same once more
    with pytest.raises(SettingsError, match="of which calls were ordered: it is kept"):
        planned_of(people[::-1], 2)
    assert send(read_plan(path)).ordered == 1_001


def test_what_is_half_sent_is_ended_before_it_is_planned_anew(send, learn, sandbox):
    made, before = plan(), plan(name="Avant")
    send(before)
    sandbox.script({**CREATE, "kind": "status", "status": 417, "nth": 2})
    with pytest.raises(RefusedError):
        send(made)
    left = [one for one in PEOPLE if called(sandbox, made.campaign)[one] == 0]
    learn(before, "ok", left[-1:], optout=True)
    with pytest.raises(SettingsError, match="`voiceprep mailing stop`, then plan"):
        send(made)


def test_who_asked_for_no_more_calls_since_is_not_called(send, learn, sandbox):
    before, planned = plan(PEOPLE[:1], name="Avant"), plan()
    send(before)
    learn(before, "ok", PEOPLE[:1], optout=True)
    with pytest.raises(SettingsError, match="1 of these people asked for no more"):
        send(planned)
    assert called(sandbox) == once(PEOPLE[:1])
