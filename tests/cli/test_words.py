"""What people read of recordings, in French too; programs read the same in both."""

import json
import logging
import re

import pytest

from voiceprep.cli.campaigns import warned
from voiceprep.cli.common import Common
from voiceprep.cli.language import language_asked
from voiceprep.cli.output import say
from voiceprep.cli.words import (
    FRENCH_COUNTS,
    RECORDING_COUNTS,
    RECORDING_WORDS,
    WORDS,
    counted,
    number,
)
from voiceprep.cli.words_about import ABOUT_COUNTS, ABOUT_WORDS
from voiceprep.cli.words_batch import BATCH_COUNTS, BATCH_WORDS
from voiceprep.cli.words_calls import CALL_COUNTS, CALL_WORDS
from voiceprep.cli.words_lists import LIST_COUNTS, LIST_WORDS
from voiceprep.errors import SettingsError

FRENCH = {"LANG": "fr_FR.UTF-8", "PYTHONIOENCODING": "utf-8"}


TABLES = (RECORDING_WORDS, BATCH_WORDS, CALL_WORDS, LIST_WORDS, ABOUT_WORDS)
COUNTS = (RECORDING_COUNTS, BATCH_COUNTS, CALL_COUNTS, LIST_COUNTS, ABOUT_COUNTS)


def placeholders(text):
    return re.findall(r"\{(\w+)(?:!r)?\}", text)


def test_no_table_has_a_key_of_another():
    assert len(WORDS) == sum(map(len, TABLES))
    assert len(FRENCH_COUNTS) == sum(map(len, COUNTS))


@pytest.mark.parametrize("key", WORDS)
def test_each_word_has_both_languages_with_the_same_placeholders(key):
    english, french = WORDS[key]
    assert english.strip()
    assert french.strip()
    assert sorted(placeholders(english)) == sorted(placeholders(french))


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
    assert number("fr", 1_234_567.25) == "1\u202f234\u202f567,2"
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
        "9.9-seconds.wav: refusé\u00a0: dure 9,900\u00a0s\u202f; la plateforme demande "
        "10,0\u00a0s au moins. `--fix duration` ajoute du silence à la fin."
    )
    assert mend.startswith("    à corriger ainsi\u00a0: voiceprep check ")
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
    assert "corrigé\u00a0: 26,6\u00a0dB trop faible pour un téléphone" in done.err
    assert done.last.startswith("1 préparé. Ensuite\u00a0: écoutez les .wav dans ")
    done = cli("report", out, env=FRENCH)
    assert done.last.startswith("1 montré. Ensuite\u00a0: ouvrez ")
    done = cli("preview", wav, "-n", env=FRENCH)
    assert done.last == "écrirait too-quiet.preview.wav"


def test_a_terminal_without_the_finer_signs_is_given_plain_ones(cli, samples):
    env = {**FRENCH, "PYTHONIOENCODING": "latin-1"}
    code, out, _ = cli.raw("check", samples / "9.9-seconds.wav", env=env)
    assert code == 1
    assert "\xa0: dure 9,900\xa0s ; la plateforme demande".encode("latin-1") in out


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (["check", "--lang", "FR"], "fr"),
        (["check", "--lang=fr", "--nope"], "fr"),
        (["check", "--lang", "fr", "--lang", "en"], "en"),
        (["check", "--", "--lang", "fr"], "en"),
        (["check", "--lang"], "en"),
        (["check", "--lang", "xx"], "en"),
    ],
)
def test_a_line_that_cannot_be_read_still_says_its_language(
    words, language, monkeypatch, tmp_path
):
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "VOICEPREP_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert language_asked(words) == language


def test_what_was_done_is_said_whatever_is_wrong_with_the_settings(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOICEPREP_NOPE", "1")
    asked = {"as_json": False, "verbose": 0, "quiet": False, "color": False}
    common = Common(**asked, profile="one of no settings", jobs=None, dry_run=False)
    with pytest.raises(SettingsError):
        assert common.language
    say(common, "done")
    monkeypatch.setenv("VOICEPREP_LANG", "fr")
    say(common, "there is no number")
    said = ["done", "il n’y a pas de numéro"]
    assert capsys.readouterr().err.splitlines() == said


def test_a_warning_of_an_order_that_was_interrupted_is_said_in_french(capsys):
    asked = {"as_json": False, "verbose": 0, "quiet": True, "color": False}
    common = Common(**asked, lang="fr", profile=None, jobs=None, dry_run=False)
    ours = logging.getLogger("voiceprep.client.session")
    with warned(common):
        ours.warning(
            "%s: interrupted; %s",
            "POST http://127.0.0.1:9/rest/mailings",
            "these calls may be ordered already. Don't repeat it: look on the platform "
            "for a mailing named 'a', of 3 contacts, created just now (voiceprep "
            "mailing list --name a)",
        )
    (said,) = capsys.readouterr().err.splitlines()
    assert "ces appels sont peut-être déjà transmis. Ne recommencez pas" in said
    assert "un envoi nommé 'a', de 3 contacts" in said
    assert not logging.getLogger("voiceprep").handlers
