"""Uploads: an intent before the first byte, an outcome after the last, one sender."""

import sqlite3

import pytest

from voiceprep.errors import LedgerError
from voiceprep.ledger import Ledger, State

ACCOUNT, TAG, KEY = "platform|me", "vp-1", "k" * 64


def test_an_intent_is_on_the_disk_before_begin_returns(ledger, url):
    ledger.take(ACCOUNT, TAG, KEY)
    ledger.begin(ACCOUNT, TAG)
    file = url.removeprefix("sqlite:///")
    with sqlite3.connect(file) as other:  # another connection sees what is committed
        assert other.execute("SELECT state, tries FROM uploads").fetchall() == [
            ("sending", 1)
        ]
    other.close()


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
