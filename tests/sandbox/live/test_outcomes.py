"""How calls end: the same for the same seed; numbers that always end alike."""

import re
from collections import Counter
from pathlib import Path

import pytest

from voiceprep.contract import FINAL_STATES, MEDIA, VOICE, VOICEMAIL
from voiceprep.sandbox.numbers import international
from voiceprep.sandbox.outcomes import MAGIC, magic, outcome

DOCS = Path(__file__).parents[3] / "docs" / "sandbox.md"
# By hand, from docs/sandbox.md: state and description in VOICE, in VOICEMAIL.
ALWAYS = {
    1: ("ok", "voice delivered", "ok", "voicemail delivered"),
    2: ("ko", "voice busy", "ko", "voicemail busy"),
    3: ("ko", "voice unknown number", "ko", "voicemail unknown number"),
    4: ("ko", "voice no answer", "ko", "voicemail unavailable"),
    5: ("no", "voice status unknown", "no", "voicemail status unknown"),
    6: ("ok", "voice delivered", "ok", "voicemail delivered"),
    7: ("ok", "voice delivered", "ok", "voicemail delivered"),
    8: ("ok", "voice delivered", "ok", "voicemail delivered"),
    9: ("ko", "voice rejected", "ko", "voicemail full"),
}
NUMBERS = ["+3363998000{}", "+3319900000{}", "+3361000000{}", "+3314000000{}"]


@pytest.mark.parametrize("last", ALWAYS)
@pytest.mark.parametrize("number", NUMBERS)
def test_magic_numbers_end_as_documented_whatever_the_seed(last, number):
    for seed in range(20):
        voice = outcome(seed, seed + 7, VOICE, number.format(last))
        mail = outcome(seed, seed + 7, VOICEMAIL, number.format(last))
        told = (voice.state, voice.description, mail.state, mail.description)
        assert told == ALWAYS[last]
        assert voice.optout is (last == 6)
        assert mail.optout is False


def test_magic_numbers_are_numbers_that_the_sandbox_takes():
    for last in ALWAYS:
        for number in NUMBERS:
            assert international(number.format(last), VOICE) == number.format(last)
        for number in (NUMBERS[0], NUMBERS[2]):
            assert international(number.format(last), VOICEMAIL)


def test_some_magic_numbers_take_their_time():
    usual, slow, third = (outcome(3, 1, VOICE, f"+3363998000{n}") for n in (1, 7, 8))
    assert slow.ends_s >= 600 > usual.ends_s
    assert (usual.attempts, third.attempts) == (1, 3)
    assert third.ends_s > usual.ends_s


def test_every_other_number_is_left_to_the_dice():
    for number in ("+33612345678", "+33639980010", "+33639981001", "+33610000010"):
        assert magic(number) is None


def test_the_same_seed_tells_the_same_and_another_one_another():
    calls = [(number, VOICE, f"+336123456{number:02d}") for number in range(50)]
    first = [outcome(1, *call) for call in calls]
    assert first == [outcome(1, *call) for call in calls]
    assert first != [outcome(2, *call) for call in calls]


# 4 standard deviations of a share near 80 % among 5,000 are 2.3 points.
@pytest.mark.parametrize(("media", "share"), [(VOICE, 76), (VOICEMAIL, 85)])
def test_most_calls_are_reached_by_default(media, share):
    ends = Counter(outcome(0, n, media, "+33612345678").state for n in range(5_000))
    assert set(ends) == set(FINAL_STATES)
    assert 100 * ends["ok"] / 5_000 == pytest.approx(share, abs=2.5)


def test_what_is_told_of_a_call_can_be():
    for number in range(2_000):
        for media in MEDIA:
            call = outcome(5, number, media, "+33612345678", sound_s=20)
            assert 0 <= call.starts_s <= 1
            assert call.ends_s > call.duration
            assert 1 <= call.attempts <= 3
            assert (call.duration > 0) == (call.state == "ok")
            assert call.duration <= 20
            assert call.description.startswith(f"{media.lower()} ")
            assert not (call.optout and (media == VOICEMAIL or call.state != "ok"))


def test_calls_of_a_mailing_begin_one_after_the_other():
    begins = [
        outcome(0, n, VOICE, "+33612345678", position=n).starts_s for n in range(1_000)
    ]
    assert begins[-1] - begins[0] == pytest.approx(1_000 / 20, abs=1)


def test_the_documented_table_is_the_one_in_force():
    rows = re.findall(r"^\| …(\d) \| ([^|]+) \|", DOCS.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == {last: row.about for last, row in MAGIC.items()}
