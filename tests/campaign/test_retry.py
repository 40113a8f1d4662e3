"""Who may be called again: by hand-written cases, each with its reason."""

import pytest

from voiceprep.campaign.retry import Coming, Failed, History, passes, sorted_out

A, B, C = "+33639980101", "+33639980102", "+33639980103"
NOTHING = History(optouts=(), later={}, called={}, cap=3)


def failed(number=A, words="voice busy", state="ko", since=100.0, message="1"):
    return Failed(message, number, state, words, since)


# The words of docs/sandbox.md, and others that a platform may use.
@pytest.mark.parametrize(
    ("words", "may"),
    [
        ("voice busy", True),
        ("voicemail busy", True),
        ("voice no answer", True),
        ("voicemail unavailable", True),
        ("voicemail full", True),
        ("Ligne OCCUPÉE", True),
        ("voice unknown number", False),
        ("voice rejected", False),  # they saw the call, and did not want it
        ("voice cancelled", False),  # `mailing stop` is a person's no
        ("voicemail invalid number, mailbox full", False),  # the worse word counts
        ("error 17", None),
        ("", None),
        (None, None),
    ],
)
def test_what_passes(words, may):
    assert passes(words) is may


def test_a_person_may_admit_words_that_nobody_knows():
    assert passes("error 17", ["Error 17"]) is True
    assert passes("voice rejected", ["rejected"]) is True


@pytest.mark.parametrize(
    ("call", "history", "reason"),
    [
        (failed(state="ok", words="voice delivered"), NOTHING, "reached"),
        (failed(state="no", words="voice busy"), NOTHING, "unknown"),
        (failed(state="wait"), NOTHING, "open"),
        (failed(state="on"), NOTHING, "open"),
        (failed(number=None), NOTHING, "no_number"),
        (failed(), History({A}, {}, {}, 3), "optout"),
        (failed(words="voice unknown number"), NOTHING, "lasting"),
        (failed(words="voice cancelled"), NOTHING, "stopped"),
        (failed(words="error 17"), NOTHING, "unclear"),
        (failed(), History((), {A: 101.0}, {}, 3), "called_since"),
        (failed(), History((), {}, {}, 3, {A: Coming("B", 200.0)}), "coming"),
        (failed(), History((), {}, {}, 3, {B: Coming("B", 200.0)}), ""),
        (failed(), History((), {}, {A: 3}, 3), "too_often"),
        (failed(), History((), {A: 99.0}, {A: 2}, 3), ""),
        (failed(), History({B}, {B: 900.0}, {B: 9}, 3), ""),
    ],
)
def test_why_somebody_is_left_out(call, history, reason):
    told = sorted_out([call], history)
    assert dict(told.left_out) == ({reason: 1} if reason else {})
    assert bool(told.again) == (not reason)


def test_a_number_that_failed_twice_is_tried_once():
    told = sorted_out([failed(message="1"), failed(message="2")], NOTHING)
    assert [each.message for each in told.again] == ["1"]
    assert dict(told.left_out) == {"duplicate": 1}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"state": "ok"}, "reached"),
        ({"state": "no"}, "unknown"),
        ({"state": "wait"}, "open"),
        ({"words": "voice rejected"}, "lasting"),
    ],
)
def test_who_was_reached_by_one_call_is_not_called_for_the_sake_of_another(
    other, reason
):
    """Waves of one name, ordered by whomever: first busy, then reached, or so."""
    busy, came = failed(message="1"), failed(message="2", **other)
    for calls in ([busy, came], [came, busy], [busy, came, failed(message="3")]):
        told = sorted_out([*calls, failed(B)], NOTHING)
        assert [each.recipient for each in told.again] == [B]
        assert told.left_out[reason] == 2
        assert sum(told.left_out.values()) == len(calls)


def test_a_wave_that_was_stopped_keeps_nobody_from_being_tried_again():
    told = sorted_out([failed(words="voice cancelled"), failed()], NOTHING)
    assert [each.recipient for each in told.again] == [A]


def test_no_number_shows_in_a_repr():
    assert "639980101" not in repr(failed())
