"""A campaign followed without pings, against a sandbox whose clock a test moves."""

import time
from datetime import datetime

import pytest
from calling import CREATE, plan
from pings import Calls, mobile

from voiceprep.client import Stats
from voiceprep.errors import (
    AuthError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)
from voiceprep.ledger import Ledger
from voiceprep.pipeline.brake import resolve
from voiceprep.pipeline.following import Gap, Patience, gap, watch
from voiceprep.pipeline.following import follow as follow_
from voiceprep.pipeline.tallied import tallied
from voiceprep.pipeline.truth import Truth
from voiceprep.sandbox import Sandbox

QUICK = Patience(first_s=0.01, most_s=0.05, share=1.0)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'calls.sqlite3'}") as opened:
        yield opened


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", clock="manual") as running:
        yield running


@pytest.fixture
def calls(box):
    return Calls(box)


@pytest.fixture
def follow(ledger, box, connected, calls):
    """Watch the campaign; each pause moves the sandbox's clock on."""

    def go(step_s=20, **asked):
        usual = {"patience": QUICK, "sleep": lambda _: box.advance(step_s)}
        return watch(connected(box), ledger, calls.name, **{**usual, **asked})

    return go


def known(ledger, client, name):
    return {row.id: row.state for row in ledger.messages.of(client.account, name)}


def requests(box, path):
    return [call for call in box.log() if call["path"].startswith(path)]


def test_a_campaign_of_several_mailings_is_followed_to_its_end(
    follow, calls, ledger, box, connected
):
    for first in (1, 101, 201):
        calls.order([mobile(number) for number in range(first, first + 60)])
    told = []
    done = follow(progress=told.append)
    assert done.is_final
    assert done.counts == calls.counts()
    assert known(ledger, connected(box), calls.name) == calls.truth()
    assert told[0].counts["wait"] == 180
    assert len(told) > 3  # it was seen on its way
    totals = {followed.total for followed in told}
    assert totals == {180}


def test_a_row_tells_what_the_platform_told(follow, calls, ledger, box, connected):
    calls.order([mobile(1), mobile(2), mobile(5), mobile(6)])  # docs/sandbox.md
    follow()
    rows = list(ledger.messages.of(connected(box).account, calls.name))
    assert [(row.recipient, row.state, row.description) for row in rows] == [
        ("+33639980001", "ok", "voice delivered"),
        ("+33639980002", "ko", "voice busy"),
        ("+33639980005", "no", "voice status unknown"),
        ("+33639980006", "ok", "voice delivered"),
    ]
    assert [row.optout for row in rows] == [False, False, False, True]
    assert {row.learnt_by for row in rows} == {"watch"}
    assert ledger.messages.optouts() == {"+33639980006"}
    truth = box.truth()["messages"]
    for row, true in zip(rows, truth, strict=True):
        at = datetime.fromisoformat(true["status_at"]).timestamp()
        assert row.since == pytest.approx(at, abs=1.0)  # the platform tells seconds


def test_where_nothing_moves_only_counts_are_asked_for(calls, ledger, box, connected):
    calls.order([mobile(number) for number in range(1, 41)], date="2090-01-01T10:00Z")
    truth = Truth(connected(box), ledger)
    assert len(truth.catch_up(calls.name, "watch")) == 40
    before = len(requests(box, "/rest/messages"))
    for _ in range(5):
        assert truth.catch_up(calls.name, "watch") == []
    assert len(requests(box, "/rest/messages")) == before


def test_only_what_is_open_is_read_again(calls, ledger, box, connected):
    calls.order([mobile(number) for number in range(1, 121)])
    truth = Truth(connected(box), ledger)
    truth.catch_up(calls.name, "watch")
    box.advance(60)
    truth.catch_up(calls.name, "watch")
    still_open = ledger.messages.open_ids(truth.account, calls.name)
    assert 0 < len(still_open) < 100
    before = len(requests(box, "/rest/messages"))
    box.advance(600)
    truth.catch_up(calls.name, "watch")
    assert len(requests(box, "/rest/messages")) == before + 1  # one page of ids
    assert known(ledger, truth.client, calls.name) == calls.truth()


def test_a_mailing_that_comes_later_is_found(follow, calls, box):
    calls.order([mobile(1)])
    later = []

    def pause(_):
        box.advance(30)
        if not later:
            later.append(calls.order([mobile(3)]))

    done = follow(sleep=pause, expected=2)
    assert (done.counts["ok"], done.counts["ko"], done.total) == (1, 1, 2)


def test_one_look_sees_what_moved_and_what_is_new(calls, ledger, box, connected):
    calls.order([mobile(1), mobile(2)])
    truth = Truth(connected(box), ledger)
    truth.catch_up(calls.name, "stats")
    box.advance(600)
    calls.order([mobile(3)])
    truth.catch_up(calls.name, "stats")
    assert known(ledger, truth.client, calls.name) == calls.truth()


def test_what_is_expected_is_waited_for_and_a_timeout_ends_that(follow, calls):
    calls.order([mobile(1)])
    ticks = iter(range(0, 10_000, 10))
    done = follow(expected=2, timeout_s=100, clock=lambda: next(ticks))
    assert (done.is_final, done.counts["ok"], done.expected) == (False, 1, 2)


def test_what_was_stopped_and_deleted_is_waited_for_no_more(
    calls, ledger, box, connected
):
    """`mailing stop` deletes what waits: the platform forgets these messages."""
    client = connected(box)
    calls.order([mobile(1), mobile(2)])
    later = calls.order([mobile(3), mobile(4)], date="2090-01-01T10:00:00Z")
    truth = Truth(client, ledger)
    truth.catch_up(calls.name, "watch")
    client.mailings.delete(id=later)
    box.advance(600)
    done = watch(client, ledger, calls.name, patience=QUICK, timeout_s=60)
    assert (done.is_final, done.total) == (True, 2)
    assert known(ledger, client, calls.name) == calls.truth()
    assert ledger.messages.open_ids(client.account, calls.name) == []
    before = len(requests(box, "/rest/messages"))
    truth.catch_up(calls.name, "watch")
    assert len(requests(box, "/rest/messages")) == before  # and nothing is read anew


def test_a_reading_that_is_not_whole_loses_nobody(calls, ledger, box, connected):
    mailing = calls.order([mobile(1), mobile(2)], date="2090-01-01T10:00:00Z")
    client = connected(box)
    truth = Truth(client, ledger)
    truth.catch_up(calls.name, "watch")
    client.mailings.delete(id=mailing)
    counted = Stats(total=2, on=2)  # the platform counts two, and tells of none
    truth.catch_up(calls.name, "watch", theirs=counted)
    assert list(known(ledger, client, calls.name).values()) == ["wait", "wait"]
    truth.catch_up(calls.name, "watch")
    assert known(ledger, client, calls.name) == {}


def test_late_visibility_is_no_end(tmp_path, ledger, connected):
    with Sandbox(tmp_path / "late", clock=1_000.0, late_visibility_s=0.3) as box:
        calls = Calls(box)
        calls.order([mobile(1), mobile(2)])
        done = watch(connected(box), ledger, calls.name, expected=2, patience=QUICK)
        assert (done.is_final, done.counts) == (True, calls.counts())


def test_another_campaign_of_a_like_name_is_not_counted(follow, calls, box):
    calls.order([mobile(1)])
    Calls(box, "Relance mars").order([mobile(2), mobile(3)])
    assert follow().total == 1


def test_a_name_that_is_not_there_is_said(follow):
    with pytest.raises(RefusedError, match=r"no mailing .* 'Relance mars \[vp-7K2Q\]'"):
        follow()


def test_a_platform_that_fails_for_a_while_is_outlived(follow, calls, box):
    calls.order([mobile(1), mobile(2)])
    said, looks = [], []

    def pause(_):
        looks.append(1)
        if len(looks) == 1:
            box.script({"kind": "status", "status": 503, "path": "/rest/*"})
        if len(looks) == 3:
            box.script()
        box.advance(20)

    done = follow(sleep=pause, say=said.append)
    assert (done.is_final, done.counts["ok"], done.counts["ko"]) == (True, 1, 1)
    (line,) = said
    assert "going on to try" in line


def test_one_that_fails_from_the_first_is_not_waited_for(follow, calls, box):
    calls.order([mobile(1)])
    box.script({"kind": "status", "status": 503, "path": "/rest/*"})
    with pytest.raises(UnavailableError):
        follow()


def test_refused_credentials_end_it(ledger, box, calls, connected):
    calls.order([mobile(1)])
    with pytest.raises(AuthError):
        watch(connected(box, client_secret="wrong"), ledger, calls.name)


def test_two_that_watch_at_once_agree(calls, ledger, box, connected, tmp_path):
    calls.order([mobile(number) for number in range(1, 41)])
    url = f"sqlite:///{tmp_path / 'calls.sqlite3'}"
    with Ledger(url) as second:
        one, two = (Truth(connected(box), each) for each in (ledger, second))
        for _ in range(30):
            box.advance(10)
            one.catch_up(calls.name, "watch")
            two.catch_up(calls.name, "sweep")
        assert known(ledger, one.client, calls.name) == calls.truth()
        assert known(second, two.client, calls.name) == calls.truth()


def test_the_pause_grows_while_nothing_moves_and_never_beyond_its_most():
    patience, pause_s, pauses = Patience(), 2.0, []
    for _ in range(12):
        pause_s = patience.next_s(pause_s, moved=False)
        pauses.append(pause_s)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (3.0, 60.0)
    assert patience.after_s(1.0) == 3.0  # a quarter of the time, at most, is looking


# What the ledger knows as ordered, and the platform has not


@pytest.fixture
def lacking(box, connected, caller, ledger):
    """A campaign of which a person says that a part was ordered: it was not."""
    box.script({**CREATE, "kind": "html", "nth": 2})
    client, made = connected(box), plan()
    ready = caller(made, client=client)
    ready.prepare()
    ready.send()
    resolve(client, ledger, made.campaign, 2, called=True)
    box.advance(3_600)
    return made


def test_calls_that_the_platform_has_not_are_no_good_end(
    lacking, box, connected, ledger
):
    name, client = lacking.campaign, connected(box)
    there = sum(len(part.recipients) for part in lacking.parts if part.number != 2)
    told = Gap(name, lacking.calls, lacking.calls - there, (2,))
    done = follow_(client, ledger, name, patience=QUICK)
    assert (done.total, done.ended, done.gap) == (there, there, told)
    assert done.is_short
    with pytest.raises(OutcomeUnknownError, match="--part 2 --not-called` takes that"):
        watch(client, ledger, name, patience=QUICK)
    assert tallied(client, ledger, name).gap == told
    resolve(client, ledger, name, 2, called=False)
    assert tallied(client, ledger, name).gap is None


def test_a_campaign_of_which_nothing_is_there_is_not_waited_for(
    box, connected, caller, ledger
):
    box.script({**CREATE, "kind": "html", "nth": 1})
    client, made = connected(box), plan([mobile(1)])
    ready = caller(made, client=client)
    ready.prepare()
    ready.send()
    resolve(client, ledger, made.campaign, 1, called=True)
    done = follow_(client, ledger, made.campaign, patience=QUICK)
    assert (done.total, done.is_final, done.is_short) == (0, False, True)


def test_a_mailing_that_somebody_removed_is_missed_once_it_must_show(
    box, connected, caller, tmp_path
):
    now = time.time()
    with Ledger(f"sqlite:///{tmp_path / 'ours.sqlite3'}", clock=lambda: now) as ledger:
        client, made = connected(box), plan([mobile(1), mobile(2)])
        ready = caller(made, client=client, ledger=ledger)
        ready.prepare()
        ready.send()
        name, account = made.campaign, client.account
        assert gap(ledger, account, name, 0) is None  # it may be seen late
        assert gap(ledger, account, name, 0, now + 600) == Gap(name, 2, 2)
        assert gap(ledger, account, name, 2, now + 600) is None
