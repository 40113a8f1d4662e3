"""The table of transitions: what may follow what, and what never."""

import pytest

from voiceprep.errors import LedgerError
from voiceprep.ledger.states import ALLOWED, State, move


def test_every_state_stands_in_the_table_and_can_be_left():
    assert set(ALLOWED) == set(State)
    assert all(ALLOWED.values())


def test_nothing_is_sent_without_having_been_prepared():
    assert State.SENDING not in ALLOWED[State.PLANNED]


def test_what_may_have_happened_is_never_called_failed():
    assert State.FAILED not in ALLOWED[State.UNKNOWN]
    with pytest.raises(LedgerError, match="from unknown nothing leads to failed"):
        move(State.UNKNOWN, State.FAILED)


def test_an_outcome_comes_only_from_an_intent_or_from_a_look():
    before_upload = {state for state in State if State.UPLOADED in ALLOWED[state]}
    assert before_upload == {
        State.SENDING,  # sent, and answered
        *(State.PREPARED, State.UNKNOWN, State.FAILED, State.REFUSED),  # looked up
    }
