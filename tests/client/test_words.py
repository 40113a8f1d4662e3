"""What may be seen of a telephone number, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceprep.client.words import mask, masked, masked_json, plain

NUMBERS = {
    "+33612345678": "+33 6 •• •• •• 78",
    "+33 6 12 34 56 78": "+33 6 •• •• •• 78",
    "0033612345678": "0033 6 •• •• •• 78",
    "0612345678": "06 •• •• •• 78",
    "06 12 34 56 78": "06 •• •• •• 78",
    "06.12.34.56.78": "06 •• •• •• 78",
    "01-23-45-67-89": "01 •• •• •• 89",
    "+44 7700 900123": "+44 •••••••• 23",
    "+1 202 555 0143": "+12 ••••••• 43",
    "+33 (0)6 12 34 56 78": "+33 •••••••• 78",
    "061234567": "06 ••••• 67",
    "33612345678": "33 ••••••• 78",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_each_form_keeps_its_beginning_and_two_digits(number):
    assert mask(number) == NUMBERS[number]
    assert masked(f"bad recipient: {number}, it said") == (
        f"bad recipient: {NUMBERS[number]}, it said"
    )


@pytest.mark.parametrize("number", ["", "12", "1234567", "caller", "+"])
def test_what_is_too_short_shows_no_digit(number):
    assert set(mask(number)) == {"•"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-12T09:00:00+01:00",
        "created 2026-03-12 09:00:00",
        "le 12/03/2026 09:00, le 01-02-2026 10:00, le 01.02.2026 10",
        "https://a.fr:8443/datas/0612345678/relance.pcm",
        "content 320442 of 131821 bytes",
        "id 1234567890123",
        "vp-0123456789abcdef",
        "0.123456789 s",
        "127.0.0.1:40123",
    ],
)
def test_what_is_no_number_stays(text):
    assert masked(text) == text


@given(st.from_regex(r"\A\+[1-9][0-9]{7,14}\Z"))  # E.164
def test_no_number_shows_more_than_five_of_its_digits(number):
    shown = mask(number)
    assert sum(c.isdigit() for c in shown) <= 5
    assert shown.endswith(number[-2:])
    assert masked(f"<{number}>") == f"<{shown}>"


def test_json_is_masked_at_any_depth_and_ids_are_kept():
    contacts = '[{"recipient":"+33612345678"}]'
    row = {"id": "0612345678", "mailingId": "0612345678", "recipient": 33612345678}
    seen = masked_json({"list": [row], "contacts": contacts, "size": 612345678})
    assert seen["list"][0]["id"] == seen["list"][0]["mailingId"] == "0612345678"
    assert seen["list"][0]["recipient"] == "33 ••••••• 78"
    assert seen["contacts"] == '[{"recipient":"+33 6 •• •• •• 78"}]'
    assert seen["size"] == 612345678


def test_words_are_one_line_without_what_moves_a_cursor_or_turns_text_around():
    assert plain("a\r\n\x1b[31mb\u202ec\t d") == "a [31mb c d"
