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
    ledger.begin(ACCOUNT, TAG)
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
        began = dead.begin(ACCOUNT, TAG).began_at
    with Ledger(url, clock=clock) as ledger, ledger.run():
        taken = ledger.take(ACCOUNT, TAG, KEY)
        assert (taken.state, taken.mine, taken.began_at) == (
            State.UNKNOWN,
            True,
            began,
        )


def test_uploaded_bytes_are_never_taken_to_be_sent(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG)
    ledger.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert ledger.take(ACCOUNT, TAG, KEY).content_id == "7"
    with pytest.raises(LedgerError):
        ledger.begin(ACCOUNT, TAG)


def test_the_same_source_and_wishes_are_one_upload_whatever_their_bytes(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG)
    ledger.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert ledger.take(ACCOUNT, "vp-2", KEY).content_id == "7"


def test_another_account_has_its_own_upload(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG)
    assert ledger.take("another", TAG, KEY).state is State.PREPARED


def test_a_run_that_never_registered_may_not_send(url, clock):
    with Ledger(url, clock=clock) as ledger:
        ledger.take(ACCOUNT, TAG, KEY)
        with pytest.raises(LedgerError, match="silent for too long"):
            ledger.begin(ACCOUNT, TAG)


def test_a_run_whose_lease_is_over_may_not_send(ledger, clock):
    ledger.take(ACCOUNT, TAG, KEY)
    clock.now += 3_600
    with pytest.raises(LedgerError, match="silent for too long"):
        ledger.begin(ACCOUNT, TAG)


def test_an_unclear_outcome_is_found_or_knowingly_repeated(ledger):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG)
    ledger.end(ACCOUNT, TAG, State.UNKNOWN, reason="the connection broke")
    with pytest.raises(LedgerError, match="from unknown nothing leads to failed"):
        ledger.end(ACCOUNT, TAG, State.FAILED)
    again = ledger.begin(ACCOUNT, TAG)
    assert (again.state, again.tries) == (State.SENDING, 2)
    done = ledger.end(ACCOUNT, TAG, State.UPLOADED, content_id="7")
    assert (done.content_id, done.reason) == ("7", None)


def test_a_living_run_keeps_what_it_sends_and_a_dead_one_loses_it(postgresql, clock):
    url = postgresql()
    with (
        Ledger(url, clock=clock) as first,
        Ledger(url, clock=clock) as second,
        second.run(),
        first.run(),
    ):
        first.take(ACCOUNT, TAG, KEY)
        first.begin(ACCOUNT, TAG)
        assert not second.take(ACCOUNT, TAG, KEY).mine
        clock.now += 3_600  # and the first says nothing in that time
        taken = second.take(ACCOUNT, TAG, KEY)
        assert (taken.mine, taken.state) == (True, State.UNKNOWN)
        with pytest.raises(LedgerError, match="silent for too long"):
            first.begin(ACCOUNT, TAG)


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
