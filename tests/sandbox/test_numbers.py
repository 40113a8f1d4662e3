"""Numbers by R34, on what was sent; ARCEP's numbering plan is the judge."""

import pytest

from voiceprep.sandbox.numbers import NumberRefusedError, international

TAKEN = [
    ("+33612345678", "+33612345678"),
    ("+33 6 12 34 56 78", "+33612345678"),
    ("06 12 34 56 78", "+33612345678"),
    ("0612345678", "+33612345678"),
    ("0756789012", "+33756789012"),
    # Overseas departments have plans of their own, dialled as in France.
    ("0690 12 34 56", "+590690123456"),
    ("0692123456", "+262692123456"),
    ("0693123456", "+262693123456"),
    ("0694123456", "+594694123456"),
    ("0696123456", "+596696123456"),
    ("+262692123456", "+262692123456"),
    # Other countries, mobile as far as their plans tell.
    ("+32470123456", "+32470123456"),
    ("+14155552671", "+14155552671"),
    # ARCEP's mobiles for works of fiction.
    ("0639980001", "+33639980001"),
    ("+33 6 39 98 12 34", "+33639981234"),
]
FIXED = [
    ("0123456789", "+33123456789"),
    ("+33 1 23 45 67 89", "+33123456789"),
    ("0262123456", "+262262123456"),
    ("0912345678", "+33912345678"),  # a box's line
    ("+390612345678", "+390612345678"),  # Italy keeps its 0
    ("0199001234", "+33199001234"),  # fiction
]
REFUSED = [
    ("0033612345678", "00 is not supported"),
    ("00 33 6 12 34 56 78", "00 is not supported"),
    (" 33612345678", "a space stands for its +"),
    (" 33 6 12 34 56 78", "a space stands for its +"),
    ("33612345678", "begins neither"),
    ("612345678", "begins neither"),
    ("+330612345678", "it is written +33612345678"),
    ("+33 (0)6 12 34 56 78", "only digits"),
    ("06.12.34.56.78", "only digits"),
    ("06-12-34-56-78", "only digits"),
    ("06\u00a012345678", "only digits"),
    ("O612345678", "only digits"),
    ("\uff10612345678", "only digits"),  # a full-width 0
    ("\u0660612345678", "only digits"),  # an Arabic 0
    ("0612345678;ext=5", "only digits"),
    ("0612345678 (bureau)", "only digits"),
    ("3,36E+10", "only digits"),
    ("+33+612345678", "only digits"),
    ("06 12 34 56 78\n", "only digits"),
    ("061234567", "no number that can exist"),
    ("06123456789", "no number that can exist"),
    ("+999123456789", "no number that can exist"),
    ("+", "only digits"),
    ("0" + " " * 40 + "612345678", "only digits"),
    ("0890123456", "neither a mobile nor a fixed"),
    ("0812345678", "neither a mobile nor a fixed"),
    ("0800123456", "neither a mobile nor a fixed"),
    ("", "not a number as text"),
    ("   ", "not a number as text"),
    (None, "not a number as text"),
    (33612345678, "not a number as text"),
    (["+33612345678"], "not a number as text"),
]


@pytest.mark.parametrize(("raw", "dialled"), TAKEN)
@pytest.mark.parametrize("media", ["VOICE", "VOICEMAIL"])
def test_r34_mobiles_are_taken_by_both_media(raw, dialled, media):
    assert international(raw, media) == dialled


@pytest.mark.parametrize(("raw", "dialled"), FIXED)
def test_r34_fixed_numbers_are_taken_by_voice_alone(raw, dialled):
    assert international(raw, "VOICE") == dialled
    with pytest.raises(NumberRefusedError, match="not a mobile number"):
        international(raw, "VOICEMAIL")


@pytest.mark.parametrize(("raw", "reason"), REFUSED)
@pytest.mark.parametrize("media", ["VOICE", "VOICEMAIL"])
def test_r34_all_else_is_refused_with_its_reason(raw, reason, media):
    with pytest.raises(NumberRefusedError) as told:
        international(raw, media)
    assert reason in str(told.value)
