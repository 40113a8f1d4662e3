"""Both languages are whole, and typeset as each is."""

import re
import string
from pathlib import Path

import pytest

import voiceprep.report
from voiceprep.report import Absence, Language, Standing, language_of
from voiceprep.report.diagnoses import DIAGNOSES
from voiceprep.report.language import clock, number, typeset
from voiceprep.report.names import link_to, shown
from voiceprep.report.words import WORDS, words

ROOM = Path(voiceprep.report.__file__).parent
CODES = (  # docs/design.md, "Codes are stable words"
    "not_found not_a_file not_permitted decoder_failed joined too_large too_short "
    "empty undecodable truncated wrong_extension unsupported clipping dc_offset "
    "too_quiet too_loud silent leading_silence trailing_silence long_pause noisy "
    "band_loss phase_cancellation silent_channel dropout hum wrong_rate "
    "invalid_samples"
)


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_each_word_is_there_in_both_languages_with_the_same_placeholders(key):
    english, french = WORDS[key]
    assert english.strip()
    assert french.strip()
    assert placeholders(english) == placeholders(french)


def test_every_word_is_used_and_every_use_has_its_word():
    text = "".join(
        path.read_text("utf-8")
        for path in ROOM.rglob("*")
        if path.suffix in {".py", ".html", ".js"} and path.name != "words.py"
    )
    text += (ROOM.parent / "pipeline" / "told.py").read_text("utf-8")
    made = {f"standing.{s}" for s in Standing} | {f"absence.{a}" for a in Absence}
    made |= {f"filter.{s}" for s in Standing}
    made |= {
        f"severity.{s}" for s in ("error", "warning", "info", "mended", "accepted")
    }
    made |= {"recordings.one", "recordings.many"}
    made |= {f"change.{what}" for what in re.findall(r'Change\("(\w+)"', text)}
    used = made | {key for key in WORDS if f'"{key}"' in text}
    assert set(WORDS) - used == set()
    assert made - set(WORDS) == set()


def test_every_code_of_the_design_has_its_words():
    assert set(DIAGNOSES) == set(CODES.split())
    for known in DIAGNOSES.values():
        assert all([*known.title, known.fact, known.remedy])


def test_french_ends_no_line_before_its_signs_and_has_its_own_apostrophe():
    sentences = [
        words(key, Language.FR) for key in WORDS if not placeholders(WORDS[key][1])
    ]
    for known in DIAGNOSES.values():
        sentences += [
            typeset(known.fact, Language.FR),
            typeset(known.remedy, Language.FR),
        ]
    for sentence in sentences:
        assert not re.search(r"[ \w][;!?»]| :|«[^\u00a0]|'", sentence), sentence


@pytest.mark.parametrize(
    ("asked", "environ", "language"),
    [
        (None, {}, "en"),
        (None, {"LANG": "fr_FR.UTF-8"}, "fr"),
        (None, {"LANG": "fr_CA"}, "fr"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "fr_FR", "LANG": "en_GB"}, "fr"),
        ("FR", {"LC_ALL": "en_US.UTF-8"}, "fr"),
        ("en", {"LC_ALL": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_language_is_what_was_asked_for_else_the_locale_s(asked, environ, language):
    assert language_of(asked, environ) == language


def test_another_language_is_refused_with_the_choice():
    with pytest.raises(voiceprep.VoiceprepError, match="choose from en, fr"):
        language_of("de", {})


@pytest.mark.parametrize(
    ("value", "decimals", "english", "french"),
    [
        (1_234_567.891, 1, "1,234,567.9", "1\u202f234\u202f567,9"),
        (-3.25, 1, "−3.2", "−3,2"),
        (-0.04, 1, "0.0", "0,0"),
        (0, 0, "0", "0"),
    ],
)
def test_numbers_are_written_as_each_language_does(value, decimals, english, french):
    assert number(value, Language.EN, decimals) == english
    assert number(value, Language.FR, decimals) == french


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00.0"), (59.99, "0:59.9"), (60, "1:00.0"), (3725.1, "62:05.1")],
)
def test_positions_never_name_a_moment_that_has_not_begun(seconds, said):
    assert clock(seconds, Language.EN) == said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a b.wav", "a b.wav"),
        ("日本.wav", "日本.wav"),
        ("a\u202eb\u2066c\u200bd", "a\\u202eb\\u2066c\\u200bd"),
        ("a\tb\nc\x1b[31m", "a\\tb\\nc\\x1b[31m"),
        ("caf\udce9", "caf\\xe9"),
    ],
)
def test_names_show_what_would_act(name, text):
    assert shown(name) == text


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("out/javascript:alert(1).wav", "./javascript%3Aalert%281%29.wav"),
        ("out//host/x.wav", "./host/x.wav"),
        ("out/a?b#c%20.wav", "./a%3Fb%23c%2520.wav"),
        ("out/\"'<>&.wav", "./%22%27%3C%3E%26.wav"),
        ("in/caf\udce9.wav", "../in/caf%E9.wav"),
        ("out/日.wav", "./%E6%97%A5.wav"),
    ],
)
def test_links_are_relative_whatever_a_name_holds(path, link):
    assert link_to(path, "out") == link
