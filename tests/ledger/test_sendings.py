"""Uploads: an intent before the first byte, an outcome after the last, one sender."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from voiceprep.errors import LedgerError
from voiceprep.ledger import Ledger, State
from voiceprep.ledger.database import opened

ACCOUNT, TAG, KEY = "platform|me", "vp-1", "k" * 64


def test_an_intent_is_committed_before_begin_returns(ledger, url):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG, 300.0)
    other = create_engine(url)  # another connection sees only what is committed
    with other.connect() as db:
        seen = db.execute(text("SELECT state, tries FROM uploads")).all()
    other.dispose()
    assert seen == [("sending", 1)]


def test_sqlite_syncs_each_commit_to_the_disk(file_url):
    engine = opened(file_url)
    with engine.connect() as db:
        said = [
            db.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        ]
    engine.dispose()
    assert said == ["wal", 2]  # sqlite.org/pragma.html: 2 is FULL


def test_what_a_dead_run_was_sending_comes_back_as_unknown(url, clock):
    with Ledger(url, clock=clock) as dead, dead.run():
        dead.take(ACCOUNT, TAG, KEY)
        began = dead.begin(ACCOUNT, TAG, 300.0).began_at
    with Ledger(url, clock=clock) as ledger, ledger.run():
        taken = ledger.take(ACCOUNT, TAG, KEY)
        assert (taken.state, taken.mine, taken.began_at) == (
            State.UNKNOWN,
            True,
            began,
        )


def test_uploaded_bytes_are_never_taken_to_be_sent(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG, 300.0)
    ledger.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert ledger.take(ACCOUNT, TAG, KEY).content_id == "7"
    again = ledger.begin(ACCOUNT, TAG, 300.0)
    assert (again.mine, again.state, again.tries) == (False, State.UPLOADED, 1)


def test_the_same_source_and_wishes_are_one_upload_whatever_their_bytes(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG, 300.0)
    ledger.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert ledger.take(ACCOUNT, "vp-2", KEY).content_id == "7"


def test_another_account_has_its_own_upload(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG, 300.0)
    assert ledger.take("another", TAG, KEY).state is State.PREPARED


def test_a_run_that_never_began_or_has_ended_may_not_send(url, clock):
    with Ledger(url, clock=clock) as ledger:
        ledger.take(ACCOUNT, TAG, KEY)
        with pytest.raises(LedgerError, match="only a run may send"):
            ledger.begin(ACCOUNT, TAG, 300.0)
        with ledger.run():
            ledger.take(ACCOUNT, TAG, KEY)
        with pytest.raises(LedgerError, match="only a run may send"):
            ledger.begin(ACCOUNT, TAG, 300.0)


def test_a_run_that_slept_goes_on_with_what_nobody_took_over(ledger, clock):
    ledger.take(ACCOUNT, TAG, KEY)
    clock.now += 3_600  # a laptop that was shut: its lease is long over
    sent = ledger.begin(ACCOUNT, TAG, 300.0)
    assert (sent.mine, sent.state) == (True, State.SENDING)
    assert (sent.began_at, sent.ends_at) == (clock.now, clock.now + 300)


def test_an_unclear_outcome_is_found_or_knowingly_repeated(ledger, clock):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG, 300.0)
    clock.now += 5
    unclear = ledger.end(ACCOUNT, TAG, State.UNKNOWN, reason="the connection broke")
    assert unclear.ends_at == clock.now  # the call is over: nothing more can leave
    with pytest.raises(LedgerError, match="from unknown nothing leads to failed"):
        ledger.end(ACCOUNT, TAG, State.FAILED)
    again = ledger.begin(ACCOUNT, TAG, 300.0)
    assert (again.state, again.tries) == (State.SENDING, 2)
    done = ledger.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert (done.content_id, done.reason) == ("7", None)


def test_on_a_file_the_dead_can_send_nothing_any_more(file_url, clock):
    with Ledger(file_url, clock=clock) as dead, dead.run():
        dead.take(ACCOUNT, TAG, KEY)
        dead.begin(ACCOUNT, TAG, 300.0)
    clock.now += 10
    with Ledger(file_url, clock=clock) as ledger, ledger.run():
        assert ledger.take(ACCOUNT, TAG, KEY).ends_at == clock.now


def test_on_a_file_a_clock_that_was_ahead_makes_nobody_wait(file_url, clock):
    with Ledger(file_url, clock=clock) as ledger, ledger.run():
        ledger.take(ACCOUNT, TAG, KEY)
        ledger.begin(ACCOUNT, TAG, 300.0)
        ledger.end(ACCOUNT, TAG, State.UNKNOWN, reason="the connection broke")
        clock.now -= 86_400
        assert ledger.take(ACCOUNT, TAG, KEY).ends_at == clock.now


@pytest.fixture
def frozen(postgresql, clock):
    """Give a run that froze in mid-upload, and one that took the upload over."""
    url = postgresql()
    with (
        Ledger(url, clock=clock) as first,
        Ledger(url, clock=clock) as second,
        second.run(),
        first.run(),
    ):
        first.take(ACCOUNT, TAG, KEY)
        began = first.begin(ACCOUNT, TAG, 300.0)
        assert not second.take(ACCOUNT, TAG, KEY).mine
        clock.now += 40  # and the first says nothing in that time
        taken = second.take(ACCOUNT, TAG, KEY)
        assert (taken.mine, taken.state) == (True, State.UNKNOWN)
        assert taken.ends_at == began.ends_at  # frozen, it may still send until then
        clock.now += 1
        assert second.take(ACCOUNT, TAG, KEY).ends_at == began.ends_at
        yield first, second


def test_a_frozen_run_can_neither_send_nor_judge_what_was_taken_over(frozen):
    first, _ = frozen
    assert not first.begin(ACCOUNT, TAG, 300.0).mine
    told = first.end(ACCOUNT, TAG, State.UNKNOWN, reason="the connection broke")
    assert (told.mine, told.state, told.reason) == (False, State.UNKNOWN, None)


def test_a_frozen_run_is_believed_that_it_arrived(frozen):
    first, second = frozen
    told = first.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert told.state is State.UPLOADED
    seen = second.begin(ACCOUNT, TAG, 300.0)
    assert (seen.mine, seen.state, seen.content_id) == (False, State.UPLOADED, "7")


def test_two_that_sent_the_same_are_not_made_to_look_like_one(frozen):
    first, second = frozen
    assert second.begin(ACCOUNT, TAG, 300.0).mine
    told = first.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert (told.mine, told.state, told.content_id) == (False, State.SENDING, None)


def test_two_machines_never_claim_the_same_upload(postgresql):
    url, tags = postgresql(), [f"vp-{number}" for number in range(40)]

    def race(ledger, order):
        return {tag for tag in order if ledger.take(ACCOUNT, tag, tag).mine}

    with Ledger(url) as one, Ledger(url) as two, one.run(), two.run():
        with ThreadPoolExecutor(2) as pool:
            futures = [
                pool.submit(race, ledger, order)
                for ledger, order in ((one, tags), (two, tags[::-1]))
            ]
        first, second = (future.result() for future in futures)
    assert (first & second, first | second) == (set(), set(tags))
