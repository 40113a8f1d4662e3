"""What people read of recordings, in French too; programs read the same in both."""

import json
import re

import pytest

from voiceprep.cli.words import FRENCH_COUNTS, WORDS, counted, number

FRENCH = {"LANG": "fr_FR.UTF-8", "PYTHONIOENCODING": "utf-8"}


def placeholders(text):
    return re.findall(r"\{(\w+)\}", text)


@pytest.mark.parametrize("key", WORDS)
def test_each_word_has_both_languages_with_the_same_placeholders(key):
    english, french = WORDS[key]
    assert english.strip()
    assert french.strip()
    assert placeholders(english) == placeholders(french)


@pytest.mark.parametrize("what", FRENCH_COUNTS)
def test_what_is_counted_says_its_number(what):
    one, many = FRENCH_COUNTS[what]
    assert placeholders(one) == placeholders(many) == ["n"]


def test_nothing_and_one_are_singular_in_french():
    assert [counted("fr", n, "refused") for n in (0, 1, 2)] == [
        *("0 refusé", "1 refusé", "2 refusés"),
    ]
    assert counted("fr", 3, "reconciled") == "3 reconciled"


def test_numbers_have_the_signs_of_the_language():
    assert number("fr", 1_234_567.25) == "1 234 567,2"
    assert number("en", 1_234_567.25) == "1,234,567.2"


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (["--lang", "fr"], {}),
        ([], FRENCH),
        ([], {"VOICEPREP_LANG": "fr"}),
        (["--lang", "fr"], {"VOICEPREP_LANG": "en"}),
    ],
)
def test_check_speaks_french_where_that_is_asked_for(cli, samples, words, env):
    env = {"PYTHONIOENCODING": "utf-8", **env}
    done = cli("check", samples / "9.9-seconds.wav", *words, env=env)
    assert done.code == 1
    said, mend = done.lines
    assert said.endswith(
        "9.9-seconds.wav: refusé : dure 9,900 s ; la plateforme demande 10,0 s au "
        "moins. `--fix duration` ajoute du silence à la fin."
    )
    assert mend.startswith("    à corriger ainsi : voiceprep check ")
    assert done.last == "1 refusé"


def test_the_flag_counts_more_than_the_locale(cli, samples):
    done = cli("check", samples / "cd.wav", "--lang", "en", env=FRENCH)
    assert done.lines == [f"{samples / 'cd.wav'}: fit, 10.6 s"]


def test_what_programs_read_is_the_same_in_every_language(cli, samples):
    words = ("check", samples / "clipped.wav")
    for form in (["--json"], ["--format", "github"], ["--format", "junit"]):
        assert cli(*words, *form).out == cli(*words, *form, env=FRENCH).out
    assert json.loads(cli(*words, "--json", env=FRENCH).out)["results"]


def test_every_step_says_in_french_what_comes_next(cli, samples, tmp_path):
    wav, out = samples / "too-quiet.mp3", tmp_path / "out"
    done = cli("prepare", wav, "-o", out, env=FRENCH)
    assert "corrigé : 26,6 dB trop faible pour un téléphone" in done.err
    assert done.last.startswith("1 préparé. Ensuite : écoutez les .wav dans ")
    done = cli("report", out, env=FRENCH)
    assert done.last.startswith("1 montré. Ensuite : ouvrez ")
    done = cli("preview", wav, "-n", env=FRENCH)
    assert done.last == "écrirait too-quiet.preview.wav"
