"""What each spelling of a number means: expectations written by hand, with reasons.

Sources: R34 (what the platform takes), ARCEP's numbering plan (06, 07 mobiles; 01 to
05 fixed; 08 special; 09 boxes; overseas departments), facts.md "Numbers".
"""

import random

import phonenumbers
import pytest

from voiceprep.campaign.numbers import REASONS, judge
from voiceprep.contract import VOICE, VOICEMAIL

M = "+33612345678"

# raw → E.164 for VOICEMAIL, as written: the platform would take each as it is (R34).
TAKEN = [
    ("+33 6 12 34 56 78", M, "the form that the document recommends"),
    ("06 12 34 56 78", M, "the document's other form"),
    ("+33612345678", M, "spaces are allowed, not needed"),
    ("0612345678", M, "the same, in national form"),
    ("  0612345678  ", M, "spaces around are spaces"),
    ("06 12 345 678", M, "spaces may stand anywhere"),
    ("0 6 1 2 3 4 5 6 7 8", M, "even everywhere"),
    ("0  612345678", M, "and twice"),
    ("07 51 23 45 67", "+33751234567", "07 is mobile since 2010"),
    ("0730123456", "+33730123456", "07 3 is opened by ARCEP"),
    ("0799123456", "+33799123456", "up to 07 9"),
    ("+33 7 82 00 00 01", "+33782000001", "international 07"),
    ("0600000000", "+33600000000", "odd, but it exists"),
    ("0690 12 34 56", "+590690123456", "Guadeloupe: valid under GP only"),
    ("0691 23 45 67", "+590691234567", "Guadeloupe, the newer range"),
    ("0692 12 34 56", "+262692123456", "Réunion: valid under RE only"),
    ("0693 01 23 45", "+262693012345", "Réunion, the newer range"),
    ("0694 12 34 56", "+594694123456", "Guyane: valid under GF only"),
    ("0696 12 34 56", "+596696123456", "Martinique: valid under MQ only"),
    ("0697 12 34 56", "+596697123456", "Martinique, the newer range"),
    ("0639 02 34 56", "+262639023456", "Mayotte: valid under YT only"),
    ("+590 690 12 34 56", "+590690123456", "Guadeloupe, international"),
    ("+262 692 12 34 56", "+262692123456", "Réunion, international"),
    ("+262 639 02 34 56", "+262639023456", "Mayotte shares +262"),
    ("+594 694 12 34 56", "+594694123456", "Guyane, international"),
    ("+596 696 12 34 56", "+596696123456", "Martinique, international"),
    ("+32 470 12 34 56", "+32470123456", "a Belgian mobile"),
    ("+41 79 123 45 67", "+41791234567", "a Swiss mobile"),
    ("+352 621 123 456", "+352621123456", "a mobile of Luxembourg"),
    ("+44 7911 123456", "+447911123456", "a British mobile"),
    ("+49 1512 3456789", "+4915123456789", "a German mobile"),
    ("+34 612 34 56 78", "+34612345678", "a Spanish mobile"),
    ("+39 312 345 6789", "+393123456789", "an Italian mobile"),
    ("+1 212 555 2368", "+12125552368", "the USA don't tell mobiles: let through"),
    ("+212 612 345678", "+212612345678", "a Moroccan mobile"),
    ("+687 75 12 34", "+687751234", "New Caledonia: 6 digits, a mobile"),
    ("06 39 98 00 01", "+33639980001", "ARCEP's fiction: for tests, nobody's"),
    ("+33 6 39 98 12 34", "+33639981234", "the same, international"),
]

# raw → what it means for certain, and what had to be mended.
MENDED = [
    ("06.12.34.56.78", M, ("separators",), "points, as in a letterhead"),
    ("06-12-34-56-78", M, ("separators",), "dashes"),
    ("06/12/34/56/78", M, ("separators",), "slashes, the Belgian way"),
    ("06_12_34_56_78", M, ("separators",), "underscores"),
    ("06\u201312\u201334\u201356\u201378", M, ("separators",), "typographic dashes"),
    ("06 . 12 . 34 . 56 . 78", M, ("separators",), "points with spaces"),
    ("06-12.34 56/78", M, ("separators",), "all of them at once"),
    ("+33.6.12.34.56.78", M, ("separators",), "points, international"),
    ("+33-6-12-34-56-78", M, ("separators",), "dashes, international"),
    ("06\u00a012\u00a034\u00a056\u00a078", M, ("spaces",), "non-breaking spaces"),
    ("06\u202f12\u202f34\u202f56\u202f78", M, ("spaces",), "narrow ones"),
    ("06\u200912\u200934\u200956\u200978", M, ("spaces",), "thin ones"),
    ("06\t12345678", M, ("spaces",), "a tab"),
    ("\u202a0612345678\u202c", M, ("invisible",), "copied from a telephone"),
    ("\u200b0612345678", M, ("invisible",), "a space without width"),
    ("\ufeff0612345678", M, ("invisible",), "a byte order mark"),
    ("+33 (0)6 12 34 56 78", M, ("trunk",), "the letterhead's (0)"),
    ("+33(0)612345678", M, ("trunk",), "without spaces"),
    ("+33 ( 0 ) 6 12 34 56 78", M, ("trunk",), "with many"),
    ("+33 0612345678", M, ("trunk",), "no French number begins with 0"),
    ("+330612345678", M, ("trunk",), "the same"),
    ("+262 0692123456", "+262692123456", ("trunk",), "nor a Réunion one"),
    ("+44 (0)7911 123456", "+447911123456", ("trunk",), "a British (0)"),
    ("+44 07911 123456", "+447911123456", ("trunk",), "British too, no brackets"),
    ("0033612345678", M, ("00",), "R34: the platform refuses 0033, so it is mended"),
    ("0033 6 12 34 56 78", M, ("00",), "with spaces"),
    ("00 33 6 12 34 56 78", M, ("00",), "even there"),
    ("0033.6.12.34.56.78", M, ("separators", "00"), "two slips"),
    ("0033 (0)6 12 34 56 78", M, ("trunk", "00"), "two others"),
    ("00330612345678", M, ("00", "trunk"), "and the 0 without brackets"),
    ("00590690123456", "+590690123456", ("00",), "Guadeloupe"),
    ("0032470123456", "+32470123456", ("00",), "Belgium"),
    ("0044 7911 123456", "+447911123456", ("00",), "Britain"),
    ("33612345678", M, ("33",), "its plus is lost: 11 digits, nothing else fits"),
    ("33 6 12 34 56 78", M, ("33",), "with spaces"),
    (" 33612345678", M, ("33",), "a form made a space of the plus"),
    ("33.6.12.34.56.78", M, ("separators", "33"), "with points"),
    ("33 (0)6 12 34 56 78", M, ("trunk", "33"), "with a (0)"),
    ("262692123456", "+262692123456", ("33",), "Réunion without its plus"),
    ("590690123456", "+590690123456", ("33",), "Guadeloupe without its plus"),
    ("33612345678.0", M, ("float", "33"), "a table made a float of it"),
    ("33612345678,00", M, ("float", "33"), "the French way"),
    (
        "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        M,
        ("digits",),
        "full-width digits, by a Japanese keyboard",
    ),
    ("\uff0b33612345678", M, ("digits",), "a full-width plus"),
    (
        "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        M,
        ("digits",),
        "Arabic digits mean the same",
    ),
    ("'0612345678", M, ("quotes",), "a spreadsheet's mark for text"),
    ('"0612345678"', M, ("quotes",), "quotes within quotes"),
    ('="0612345678"', M, ("quotes",), "a formula that only quotes"),
    ("tel:+33612345678", M, ("scheme",), "a link from a web page"),
    ("TEL:06-12-34-56-78", M, ("scheme", "separators"), "in capitals"),
    ("(06) 12 34 56 78", M, ("separators",), "brackets around the beginning"),
    ("(+33) 6 12 34 56 78", M, ("separators",), "brackets around the code"),
    ("+33 (6) 12 34 56 78", M, ("separators",), "brackets around the 6"),
]

# raw → reason, proposal: refused until a person says --repair.
PROPOSED = [
    ("612345678", "lost_zero", M, "Excel ate the zero"),
    ("6 12 34 56 78", "lost_zero", M, "the same, by hand; phonenumbers takes it"),
    ("751234567", "lost_zero", "+33751234567", "the zero of a 07"),
    ("692123456", "lost_zero", "+262692123456", "the zero of a Réunion number"),
    ("6.12.34.56.78", "lost_zero", M, "with points"),
    ("612345678.0", "lost_zero", M, "no zero, and a float"),
    ("6,12345678E+08", "lost_zero", M, "scientific, whole"),
    ("6.12345678E8", "lost_zero", M, "the English way"),
    ("3,3612345678E+10", "lost_zero", M, "scientific, whole, with 33"),
    ("O612345678", "letters", M, "a letter O for the zero; phonenumbers takes it"),
    ("o6 12 34 56 78", "letters", M, "a small o"),
    ("06 l2 34 56 78", "letters", M, "a small l for the one"),
    ("06I2345678", "letters", M, "a capital I for the one"),
    ("+33 6 12 34 56 7O", "letters", "+33612345670", "an O at the end"),
    ("0612345678 (bureau)", "letters", M, "a word behind; garbage to phonenumbers"),
    ("Mme Martin 0612345678", "letters", M, "a name before"),
    ("portable : 06 12 34 56 78", "letters", M, "a label"),
    ("0612345678 M. Durand", "letters", M, "a name behind"),
    ("++33612345678", "letters", M, "a plus too many"),
    ("06 12 34 56 78 ?", "letters", M, "a doubt, written down"),
    ("+33 692 12 34 56", "overseas", "+262692123456", "Réunion is not +33"),
    ("+33690123456", "overseas", "+590690123456", "nor Guadeloupe"),
    ("0033696123456", "overseas", "+596696123456", "nor Martinique, behind 00"),
    ("33694123456", "overseas", "+594694123456", "nor Guyane, without a plus"),
    ("447911123456", "lost_plus", "+447911123456", "Britain without its plus"),
    ("32470123456", "lost_plus", "+32470123456", "Belgium without its plus"),
]

# raw → reason: nothing can be proposed.
REFUSED = [
    ("", "empty", "no text"),
    ("   ", "empty", "only spaces"),
    ("\u00a0", "empty", "only a non-breaking one"),
    ("3,36E+10", "digits_lost", "any of a hundred million numbers"),
    ("3.36E+10", "digits_lost", "the English way"),
    ("6,12E+08", "digits_lost", "without 33"),
    ("6E+08", "digits_lost", "the shortest"),
    ("néant", "letters", "no digit"),
    ("N/A", "letters", "no digit"),
    ("-", "letters", "no digit"),
    ("+", "letters", "no digit"),
    ("martin@exemple.fr", "letters", "an address"),
    ("#N/A", "letters", "a spreadsheet's error"),
    ("0612345678;ext=5", "extension", "phonenumbers takes it; it can't be dialled"),
    ("06 12 34 56 78 ext. 12", "extension", "in words"),
    ("0145678901 poste 12", "extension", "in French"),
    ("0145678901x12", "extension", "the American way"),
    ("0145678901#12", "extension", "behind a hash"),
    ("tel:0612345678;phone-context=+33", "extension", "a parameter of RFC 3966"),
    ("0612345678 / 0698765432", "several", "two numbers: which one?"),
    ("0612345678,0698765432", "several", "with a comma"),
    ("06 12 34 56 78 ou 06 98 76 54 32", "several", "with a word"),
    ("0612345678 0698765432", "long", "twenty digits"),
    ("061234567", "nobody", "a digit is missing"),
    ("06123456789", "long", "a digit too many"),
    ("+336123456789", "nobody", "a digit too many, international"),
    ("+3361234567", "nobody", "a digit is missing, international"),
    ("+33 1234", "short", "cut"),
    ("15", "short", "an emergency number"),
    ("112", "short", "another"),
    ("3631", "short", "a service"),
    ("118 218", "short", "directory enquiries"),
    ("+", "letters", "only a plus"),
    ("33+612345678", "letters", "a plus inside"),
    ("0700000000", "nobody", "07 0 is not given out in France"),
    ("0639800000", "nobody", "neither metropolitan nor Mayotte"),
    ("+999612345678", "nobody", "no country"),
    ("+0612345678", "nobody", "no country begins with 0"),
    ("000612345678", "nobody", "three zeros"),
    ("+4479", "short", "cut"),
    ("+441234", "short", "cut"),
    ("1234567890123456789", "lost_plus", "a card's number"),
    ("44130", "short", "a postcode"),
    ("12/03/2026", "lost_plus", "a date"),
    ("73282932000074", "lost_plus", "a SIRET"),
    ("+33 08 99 12 34 56", "special", "premium, with a trunk 0"),
    ("0800 12 34 56", "special", "toll-free"),
    ("0810 12 34 56", "special", "shared cost"),
    ("08 92 12 34 56", "special", "premium"),
    ("+33 892 12 34 56", "special", "premium, international"),
    ("0806 00 00 00", "special", "a company's"),
    ("892123456", "special", "premium without its 0: no proposal"),
    ("09 72 12 34 56", "voip", "a box has no voicemail of a mobile"),
    ("+33 9 72 12 34 56", "voip", "the same, international"),
    ("0976 20 12 34", "voip", "a box"),
    ("01 45 67 89 01", "fixed", "VOICEMAIL takes mobiles only"),
    ("+33 4 76 12 34 56", "fixed", "the same, international"),
    ("145678901", "fixed", "without its 0: no proposal either"),
    ("0262 30 12 34", "fixed", "a fixed line in Réunion"),
    ("+44 20 7946 0958", "fixed", "a fixed line in London"),
]

# VOICE: what the other media does not take (R34), and what no media takes.
VOICE_TAKES = [
    ("01 45 67 89 01", "+33145678901", "fixed"),
    ("04.76.12.34.56", "+33476123456", "fixed"),
    ("05 90 90 12 34", "+590590901234", "fixed"),
    ("0596 30 12 34", "+596596301234", "fixed"),
    ("0269 60 12 34", "+262269601234", "fixed"),
    ("0594 30 12 34", "+594594301234", "fixed"),
    ("0262 30 12 34", "+262262301234", "fixed"),
    ("05 56 12 34 56", "+33556123456", "fixed"),
    ("09 72 12 34 56", "+33972123456", "voip"),
    ("06 12 34 56 78", M, "mobile"),
    ("+44 20 7946 0958", "+442079460958", "fixed"),
]
VOICE_REFUSES = [
    ("08 92 12 34 56", "special", ""),
    ("0800123456", "special", ""),
    ("145678901", "lost_zero", "+33145678901"),
    ("3,36E+10", "digits_lost", ""),
    ("0145678901 poste 12", "extension", ""),
    ("0590 99", "short", ""),
]


def test_the_table_has_the_size_that_was_promised():
    tables = (TAKEN, MENDED, PROPOSED, REFUSED, VOICE_TAKES, VOICE_REFUSES)
    assert sum(map(len, tables)) >= 150
    assert len({row[0] for row in [*TAKEN, *MENDED, *PROPOSED]}) == len(
        [*TAKEN, *MENDED, *PROPOSED]
    )


@pytest.mark.parametrize(("raw", "number", "why"), TAKEN)
def test_what_the_platform_takes_is_taken_as_written(raw, number, why):
    verdict = judge(raw, VOICEMAIL)
    assert (verdict.number, verdict.mends, verdict.reason) == (number, (), ""), why


@pytest.mark.parametrize(("raw", "number", "mends", "why"), MENDED)
def test_what_is_certain_is_mended_and_counted(raw, number, mends, why):
    verdict = judge(raw, VOICEMAIL)
    assert (verdict.number, set(verdict.mends)) == (number, set(mends)), why


@pytest.mark.parametrize(("raw", "reason", "proposal", "why"), PROPOSED)
def test_a_guess_is_proposed_and_used_only_with_repair(raw, reason, proposal, why):
    verdict = judge(raw, VOICEMAIL)
    assert (verdict.number, verdict.reason) == ("", reason), why
    assert verdict.proposal == proposal, why
    repaired = judge(raw, VOICEMAIL, repair=True)
    assert (repaired.number, repaired.kind) == (proposal, "mobile")
    assert repaired.mends


@pytest.mark.parametrize(("raw", "reason", "why"), REFUSED)
def test_what_means_no_number_is_refused_with_its_reason(raw, reason, why):
    for repair in (False, True):
        verdict = judge(raw, VOICEMAIL, repair=repair)
        assert (verdict.number, verdict.proposal) == ("", ""), why
        assert verdict.reason == reason, why


@pytest.mark.parametrize(("raw", "number", "kind"), VOICE_TAKES)
def test_voice_takes_fixed_lines_and_boxes(raw, number, kind):
    verdict = judge(raw, VOICE)
    assert (verdict.number, verdict.kind) == (number, kind)


@pytest.mark.parametrize(("raw", "reason", "proposal"), VOICE_REFUSES)
def test_voice_refuses_what_nobody_should_call(raw, reason, proposal):
    verdict = judge(raw, VOICE)
    assert (verdict.reason, verdict.proposal) == (reason, proposal)


def test_every_reason_has_its_words():
    tables = (*PROPOSED, *REFUSED, *VOICE_REFUSES)
    assert {row[1] for row in tables} == set(REASONS)


def library(number):
    """Judge a number by phonenumbers alone, region by region."""
    overseas = number[1:4] in {"262", "263", "269", "590", "594", "596"}
    regions = ["FR", "GP", "RE", "YT", "GF", "MQ"]
    for region in regions[overseas:] if number[0] == "0" else ["FR"]:
        parsed = phonenumbers.parse(number, region)
        if phonenumbers.is_valid_number(parsed):
            kind = phonenumbers.PhoneNumberType.to_string(
                phonenumbers.number_type(parsed)
            )
            form = phonenumbers.PhoneNumberFormat.E164
            return phonenumbers.format_number(parsed, form), kind
    return "", ""


MOBILE = {"MOBILE", "FIXED_LINE_OR_MOBILE"}


@pytest.mark.parametrize("seed", range(4))
def test_the_table_of_prefixes_says_what_the_library_says(seed):
    rng = random.Random(seed)
    for _ in range(3_000):
        code = rng.choice(["0", "0", "+33", "+590", "+262", "+594", "+596"])
        raw = f"{code}{rng.randrange(100_000_000, 1_000_000_000)}"
        number, kind = library(raw)
        expected = number if kind in MOBILE else ""
        if "63998" not in raw:  # fiction is ours
            assert judge(raw, VOICEMAIL).number == expected, raw
