"""The receiver, whole: hints come in disorder, twice, forged or never (Done-when 5)."""

import itertools
import json
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from listener import Listener
from pings import Calls, mobile, ping, until

from voiceprep.errors import AuthError
from voiceprep.ledger import CallState, Campaign, Ledger, Lot
from voiceprep.pipeline.following import unfinished
from voiceprep.pipeline.listening import Listen, Listening
from voiceprep.pipeline.reader import Pauses
from voiceprep.pipeline.receiver import path_key
from voiceprep.sandbox import Sandbox

NEVER_S = 3_600.0
SOON = Pauses(
    gather_s=0.02, again_s=(0.05, 0.1), sweep_s=NEVER_S, trouble_s=(0.02, 0.1)
)
OFTEN = Pauses(gather_s=0.02, again_s=(0.05,), sweep_s=0.1, trouble_s=(0.02, 0.1))


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'calls.sqlite3'}") as opened:
        yield opened


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", clock="manual", control=True) as running:
        running.add_account("another", "s3cret-of-another")
        yield running


@pytest.fixture
def calls(box):
    return Calls(box)


@pytest.fixture
def listen(box, ledger, connected):
    """Start receivers; all end with the test."""
    running = []

    def go(pauses=SOON, client=None, **asked):
        order = Listen("k" * 43, port=0, **asked)
        client = client or connected(box)
        here = Listening(client, ledger, order, pauses=pauses, **SINKS)
        here.start()
        running.append(here)
        return here

    said, changed = [], []
    SINKS = {"say": said.append, "changed": changed.extend}  # noqa: N806 (one dict)
    go.said, go.changed = said, changed
    yield go
    for here in running:
        if not here.ended.is_set():
            here.stop()


@pytest.fixture
def known(ledger, connected, box, calls):
    account = connected(box).account

    def states(name=None):
        rows = ledger.messages.of(account, name or calls.name)
        return {row.id: row.state for row in rows}

    return states


def test_a_ping_leads_to_a_reading_and_the_reading_to_the_table(
    listen, calls, known, ledger, box, connected
):
    here = listen()
    calls.order([mobile(1), mobile(2)])
    assert ping(here.url(), ["1", "2"]) == 204
    until(lambda: known() == {"1": "wait", "2": "wait"})
    box.advance(600)
    assert known() == {"1": "wait", "2": "wait"}  # nobody said anything
    ping(here.url(), ["1"])
    until(lambda: known() == {"1": "ok", "2": "wait"})
    ping(here.url(each=True), ["2"])
    until(lambda: known() == calls.truth())
    rows = list(ledger.messages.of(connected(box).account, calls.name))
    assert {row.learnt_by for row in rows} == {"ping"}
    assert [change.before for change in listen.changed] == [None, None, "wait", "wait"]


def test_the_sandboxs_own_pings_lead_to_its_truth(listen, calls, known, box):
    """No hand-made ping here: the imitation of the platform calls, by R38 and R39."""
    here = listen()
    for each, first in ((False, 1), (True, 41)):
        numbers = [mobile(n) for n in range(first, first + 40)]
        calls.order(numbers, pingUrl=here.url(each=each))
    for _ in range(40):
        box.advance(30)
    until(lambda: known() == calls.truth())
    assert set(known().values()) <= {"ok", "ko", "no"}


def shuffled_pings(dice, moved, *, doubled, lost):
    """Make pings of changes: some lost, some twice, in groups, in any order."""
    kept = [each for each in moved if dice.random() >= lost]
    kept += [each for each in kept if dice.random() < doubled]
    dice.shuffle(kept)
    pings = []
    while kept:
        size = dice.choice([1, 1, 2, 5, 20])
        pings.append((dice.choice(",-"), kept[:size]))
        kept = kept[size:]
    return pings


def forged_ping(dice, true_ids, theirs):
    """Make a ping of ids that are not ours, or of nothing that could be one."""
    kind = dice.choice(["none there", "another's", "odd", "mixed"])
    made_up = [str(dice.randint(10**6, 10**9)) for _ in range(3)]
    return {
        "none there": made_up,
        "another's": [dice.choice(theirs)],
        "odd": ["ok", "91_ok", "x" * 40],
        "mixed": [*made_up[:1], dice.choice(true_ids), dice.choice(theirs)],
    }[kind]


def test_lost_doubled_shuffled_and_forged_pings_end_in_the_sandboxs_truth(
    listen, calls, known, box, ledger, connected
):
    """Done-when 5 in short; scripts/bench_pings.py sends 10,000 and measures."""
    dice = random.Random(20261125)
    theirs_box = connected(box, client_id="another", client_secret="s3cret-of-another")
    theirs = Calls(box, "of another")
    theirs.token = ""
    their_mailing = theirs_box.mailings.create(
        [mobile(n) for n in range(9_000, 9_020)],
        link="https://a.fr/a.wav",
        media="VOICE",
        type="wav",
    )
    their_ids = [m.id for m in theirs_box.messages.read(mailing_id=their_mailing.id)]
    for first in (1, 201):
        calls.order([mobile(n) for n in range(first, first + 200)])
    ours = connected(box)
    mine = {m.id for m in ours.messages.read(mailing_name=calls.name)}
    here = listen(OFTEN, names=(calls.name,))
    before, answers = {}, []
    with ThreadPoolExecutor(8) as pool:
        for _ in range(25):
            box.advance(20)
            now = {i: s for i, s in calls.truth().items() if i in mine}
            moved = [i for i in now if now[i] != before.get(i)]
            before = now
            pings = shuffled_pings(dice, moved, doubled=0.2, lost=0.1)
            pings += [
                (",", forged_ping(dice, sorted(mine), their_ids))
                for _ in range(1 + len(pings) // 20)
            ]
            dice.shuffle(pings)
            answers += pool.map(lambda p: ping(here.url(), p[1], p[0]), pings)
    assert set(answers) == {204}
    until(lambda: known() == before, "the truth")
    seen = here.stop()
    assert set(known()) == mine  # no forged id, and nobody else's, is in the table
    assert ledger.messages.known(ours.account, their_ids) == {}
    assert (seen.left, here.order.room) == (0, 100_000)


def test_a_forged_state_is_not_believed(listen, calls, known, box):
    """Whatever a ping claims beside an id, the platform is asked."""
    here = listen()
    calls.order([mobile(1)], date="2090-01-01T10:00:00Z")
    target = here.url().replace("#ids#", "1&status=ok&shortKey=ok&currentStatus=ok")
    assert ping(target, ["1"]) == 204
    until(lambda: known() == {"1": "wait"})


def test_no_order_of_pings_brings_a_message_back(listen, calls, known, box):
    here = listen()
    calls.order([mobile(1), mobile(2), mobile(5)])
    rank = {"wait": 0, "on": 1, "no": 2, "ok": 3, "ko": 3}
    highest = {}
    for _ in range(60):
        box.advance(2)
        for ids in itertools.permutations(["1", "2", "3"], 2):
            ping(here.url(), list(ids), "-")
        for message, state in known().items():
            assert rank[state] >= highest.get(message, 0)
            highest[message] = rank[state]
    until(lambda: known() == calls.truth())


def test_what_was_just_ordered_is_looked_for_again(tmp_path, ledger, connected):
    with Sandbox(tmp_path / "late", clock="real", late_visibility_s=0.4) as box:
        calls = Calls(box)
        pauses = Pauses(gather_s=0.01, again_s=(0.1, 0.3, 0.6), sweep_s=NEVER_S)
        client = connected(box)
        here = Listening(client, ledger, Listen("k" * 43, port=0), pauses=pauses)
        here.start()
        calls.order([mobile(1)], date="2090-01-01T10:00:00Z")
        assert ping(here.url(), ["1", "77"]) == 204
        until(lambda: ledger.messages.known(client.account, ["1"]))
        seen = until(lambda: here.stop() if here._reader.seen.unknown else None)
    assert seen.unknown == 1  # 77 was none


def test_another_accounts_id_keeps_no_other_from_being_read(
    listen, calls, known, box, connected
):
    other = connected(box, client_id="another", client_secret="s3cret-of-another")
    theirs = other.mailings.create(
        [mobile(9)], link="https://a.fr/a.wav", media="VOICE", type="wav"
    )
    (their_id,) = [m.id for m in other.messages.read(mailing_id=theirs.id)]
    calls.order([mobile(n) for n in range(1, 31)], date="2090-01-01T10:00:00Z")
    mine = [i for i in calls.truth() if i != their_id]
    here = listen()
    ping(here.url(), [*mine[:15], their_id, *mine[15:]])
    until(lambda: set(known()) == set(mine))
    ping(here.url(), [their_id])
    here.stop()
    (said,) = listen.said  # once, however often it is pinged
    assert "a message that was pinged is refused" in said


def test_a_sweep_finds_what_every_ping_was_lost_of(listen, calls, known, box):
    calls.order([mobile(n) for n in range(1, 31)])
    here = listen(OFTEN, names=(calls.name,))
    for _ in range(30):
        box.advance(30)
    until(lambda: known() == calls.truth() and "wait" not in known().values())
    assert here.stop().read == 0  # not one was pinged


def test_a_campaign_that_was_sent_is_swept_though_none_of_its_pings_ever_came(
    listen, calls, known, box, ledger, connected
):
    account = connected(box).account
    number = calls.order([mobile(n) for n in range(1, 11)])
    lot = Lot(1, calls.name, tuple(mobile(n) for n in range(1, 11)))
    ledger.calls.enter(account, Campaign(calls.name, "Relance mars", calls=10), [lot])
    ledger.calls.begin(account, calls.name, 1)
    ledger.calls.end(account, calls.name, 1, CallState.ORDERED, mailing_id=number)
    assert unfinished(ledger, account) == [calls.name]
    listen(OFTEN)
    for _ in range(30):
        box.advance(30)
    until(lambda: known() == calls.truth() and "wait" not in known().values())
    until(lambda: unfinished(ledger, account) == [])


def test_a_restart_takes_up_what_was_pinged_while_nobody_listened(
    listen, calls, known, box
):
    first = listen()
    calls.order([mobile(n) for n in range(1, 11)])
    ping(first.url(), [str(n) for n in range(1, 11)])
    until(lambda: len(known()) == 10)
    first.stop()
    for _ in range(30):
        box.advance(30)  # and all pings of it go nowhere
    listen()  # its first act is a sweep
    until(lambda: known() == calls.truth())


def test_a_platform_that_fails_for_a_while_loses_nothing(listen, calls, known, box):
    here = listen()
    calls.order([mobile(n) for n in range(1, 11)])
    box.script({"kind": "status", "status": 503, "path": "/rest/*"})
    assert ping(here.url(), [str(n) for n in range(1, 11)]) == 204
    until(lambda: listen.said)
    assert known() == {}
    box.script()
    until(lambda: known() == calls.truth())
    assert len([line for line in listen.said if "going on to try" in line]) >= 1


def test_refused_credentials_end_it_and_are_told(listen, box, connected):
    here = listen(client=connected(box, client_secret="wrong"))
    ping(here.url(), ["1"])
    assert here.ended.wait(20)
    with pytest.raises(AuthError):
        here.stop()


def test_the_end_reads_what_still_waits(listen, calls, known, box):
    here = listen(Pauses(gather_s=NEVER_S, sweep_s=NEVER_S))
    calls.order([mobile(n) for n in range(1, 21)])
    for number in range(1, 21):
        assert ping(here.url(), [str(number)]) == 204
    for first in (1_000, 2_000):  # more than one reading takes
        made_up = [str(number) for number in range(first, first + 600)]
        assert ping(here.url(), made_up) == 204
    place = ("127.0.0.1", here.port)
    seen = here.stop()
    assert (known(), seen.left, seen.read) == (calls.truth(), 0, 1_220)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place, timeout=5)


def test_what_cannot_be_read_at_the_end_is_said(listen, calls, box):
    here = listen(Pauses(gather_s=0.01, sweep_s=NEVER_S, trouble_s=(0.01, 0.01)))
    calls.order([mobile(1)])
    box.script({"kind": "status", "status": 503, "path": "/rest/*"})
    ping(here.url(), ["1"])
    until(lambda: listen.said)
    assert here.stop().left == 1


def test_the_end_does_not_wait_for_a_platform_that_hangs(listen, calls, box):
    here = listen(Pauses(gather_s=0.01, sweep_s=NEVER_S, drain_s=0.1))
    calls.order([mobile(1)])
    box.script({"kind": "delay", "delay_s": 300.0, "path": "/rest/*"})
    ping(here.url(), ["1"])
    until(lambda: not here._inbox, "the reading")
    assert here.stop().left == 1  # and the test ends before the platform answers
    box.script()


# --forward-to


def passed_on(listener):
    """What was POSTed: id → the states in the order in which they came."""
    found = {}
    for heard in listener.heard:
        for row in json.loads(heard.body)["results"]:
            found.setdefault(row["id"], []).append(row["state"])
    return found


class Poster(Listener):
    """A listener that takes POST too."""

    def __init__(self, status=200):
        super().__init__(status)
        handler = self._server.RequestHandlerClass
        handler.do_POST = handler.do_GET


def test_what_was_verified_is_passed_on_and_not_what_was_claimed(
    listen, calls, known, box
):
    with Poster() as listener:
        here = listen(forward_to=f"{listener.base}/changed?key=5")
        calls.order([mobile(1), mobile(2)])
        ping(here.url(), ["1", "2", "77777"])
        until(lambda: len(passed_on(listener)) == 2)
        box.advance(600)
        ping(here.url(), ["1", "2", "88888"])
        until(lambda: known() == calls.truth())
        here.stop()
    assert passed_on(listener) == {"1": ["wait", "ok"], "2": ["wait", "ko"]}
    first = listener.heard[0]
    assert (first.method, first.target) == ("POST", "/changed?key=5")
    told = json.loads(first.body)
    assert (told["schema"], told["platform"]) == (
        "voiceprep.messages.passed_on/1",
        "sandbox",
    )
    assert told["results"][0]["recipient"] == "+33 6 •• •• •• 01"
    assert not any(b"639980001" in heard.body for heard in listener.heard)


@pytest.mark.parametrize(
    ("pattern", "targets"),
    [
        ("/p?ids=#ids#", {"/p?ids=1,2"}),
        ("/p?m=#id#", {"/p?m=1", "/p?m=2"}),
    ],
)
def test_a_receiver_of_pings_is_called_as_the_platform_calls(
    listen, calls, pattern, targets
):
    calls.order([mobile(1), mobile(2)], date="2090-01-01T10:00:00Z")
    with Listener(status=204) as listener:
        here = listen(forward_to=listener.base + pattern)
        ping(here.url(), ["1", "2", "999"])
        listener.wait_for(lambda heard: len(heard) >= len(targets))
        here.stop()
    assert {heard.target for heard in listener.heard} == targets
    assert {heard.method for heard in listener.heard} == {"GET"}


def test_what_could_not_be_passed_on_is_owed_beyond_a_restart(
    listen, calls, known, box
):
    calls.order([mobile(1)], date="2090-01-01T10:00:00Z")
    with Poster(status=500) as listener:
        here = listen(forward_to=f"{listener.base}/changed")
        ping(here.url(), ["1"])
        listener.wait_for(lambda heard: len(heard) >= 1)
        seen = here.stop()
    assert seen.owed == 1
    assert any("answered 500" in line for line in listen.said)
    with Poster() as listener:
        listen(forward_to=f"{listener.base}/changed")
        listener.wait_for(lambda heard: len(heard) >= 1)
        assert passed_on(listener) == {"1": ["wait"]}


def test_an_address_that_hangs_keeps_nobody_from_learning(listen, calls, known):
    calls.order([mobile(n) for n in range(1, 11)], date="2090-01-01T10:00:00Z")
    with Poster() as listener:
        listener.open.clear()  # it takes the call, and never answers
        here = listen(forward_to=f"{listener.base}/changed")
        for number in range(1, 11):
            assert ping(here.url(), [str(number)]) == 204
        until(lambda: len(known()) == 10)
        listener.open.set()
        assert here.stop().owed == 0


# The path


def test_the_path_stays_from_run_to_run_and_is_its_owners_alone(tmp_path):
    place = tmp_path / "deep" / "pings"
    keys = {path_key(place, "acme") for _ in range(3)}
    assert len(keys) == 1
    assert place.stat().st_mode & 0o077 == 0
    assert path_key(place, "acme") != path_key(tmp_path / "other", "acme")
    assert "acme" not in keys.pop()


def test_of_several_that_make_the_path_at_once_all_get_the_same(tmp_path):
    gate = threading.Barrier(8)

    def make(_):
        gate.wait(20)
        return path_key(tmp_path / "pings", "acme")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
