"""Calls that happen once; the sandbox's messages are the judge of who was called."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from calling import CREATE, PEOPLE, called, once, plan

from voiceprep.campaign.windows import DATA, Calendar
from voiceprep.errors import (
    AuthError,
    RefusedError,
    SettingsError,
    UnavailableError,
)
from voiceprep.ledger import CallState, Ledger
from voiceprep.sandbox import Sandbox

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
    mailed = {"media": "VOICEMAIL", "type": "", "link": "http://127.0.0.1/a.pcm"}
    send(plan(name="Autre", **mailed))
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
    late = {"clock": "manual", "late_visibility_s": 60}  # of that clock
    with Sandbox(tmp_path / "late", port=0, **late) as box:
        box.script({**CREATE, "kind": "reset-after", "nth": 1})
        ready = caller(plan(), client=connected(box))
        ready.prepare()
        assert [row.number for row in ready.send().doubtful] == [1]
        box.advance(61)
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
    ours = f"{later.parts[0].at.astimezone(ZoneInfo('Europe/Paris')):%Y-%m-%d %H:%M}"
    past = rf"at {ours} \(Europe/Paris\), which is past: it would be called at once"
    with pytest.raises(SettingsError, match=past):
        send(later, now=lambda: now + timedelta(hours=2))
    noon = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # a Friday, 13:00 in Paris
    weekday = plan(PEOPLE[:2], at=noon, window="fr-weekdays")
    night = noon + timedelta(hours=10)
    with pytest.raises(SettingsError, match="closed in metropolitan until 2026-03-30"):
        send(weekday, now=lambda: night, overdue_now=True)
    assert sandbox.truth()["counts"]["mailings"] == 0
    assert send(later, now=lambda: now + timedelta(hours=2), overdue_now=True).new


def test_windows_that_do_not_know_a_place_keep_it_closed(caller, tmp_path):
    own = tmp_path / "own.toml"
    kept = DATA.read_text().partition("[territories.reunion]")
    own.write_text(
        kept[0]
        + "[territories.miquelon]"
        + kept[2].partition("[territories.miquelon]")[2]
    )
    noon = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # a Friday, 13:00 in Réunion
    made = plan(PEOPLE[4:6], at=noon, window="fr-weekdays")
    ready = caller(
        made,
        calendar=Calendar.load(own),
        overdue_now=True,
        now=lambda: noon + timedelta(minutes=90),
    )
    with pytest.raises(SettingsError, match="know no reunion"):
        ready.prepare()


def test_what_was_ordered_already_needs_no_time_any_more(send):
    at = datetime.now(UTC) + timedelta(hours=1)
    made = plan(at=at)
    send(made)
    assert send(made, now=lambda: at + timedelta(days=9), confirm=1).new == ()
