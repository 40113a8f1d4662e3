"""French says what the rules say: every sentence of ours, with its numbers."""

import ast
import re
from pathlib import Path

import pytest

import voiceprep
from voiceprep.audio.identify import EXPORT, SEND_AGAIN
from voiceprep.audio.rules import RULES
from voiceprep.audio.sniff import sniff
from voiceprep.pipeline.recording import check
from voiceprep.report import Language, told_in
from voiceprep.report.diagnoses import DIAGNOSES
from voiceprep.report.french import FACTS, TERMS
from voiceprep.report.french_remedies import REMEDIES
from voiceprep.report.sentences import exact_fact, exact_remedy, fact_in, remedy_in

SAMPLES = Path(__file__).parents[2] / "samples"
PACKAGE = Path(voiceprep.__file__).parent
FRENCH = Language.FR
OUTCOMES = re.compile("(mended|accepted): ")


def holes(template):
    """Write a template's holes as the catalogue does."""
    return re.sub(r"\{[^}]*\}", "{}", template)


def sentences(text):
    return re.split(r"(?<=[.?!]) ", text)


def said_by_rules():
    for rule in RULES:
        for message in filter(None, (rule.message, rule.mended)):
            yield OUTCOMES.sub("", holes(message), count=1)


def remedies_of_rules():
    return {part for rule in RULES for part in sentences(holes(rule.remedy))} - {""}


@pytest.mark.parametrize("message", sorted(set(said_by_rules())))
def test_every_sentence_of_a_rule_has_its_french(message):
    assert message in FACTS


@pytest.mark.parametrize("remedy", sorted(remedies_of_rules()))
def test_every_remedy_of_a_rule_has_its_french(remedy):
    assert remedy in REMEDIES


def errors_of_recordings():
    """Find what the code raises of recordings: the words of each, holes for values."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "UndecodableError" and node.args:
                yield from ((each, path.name) for each in words_of(node))


def words_of(call):
    named = [kw.value for kw in call.keywords if kw.arg == "remedy"]
    for node, table in [(call.args[0], FACTS), *((each, REMEDIES) for each in named)]:
        if isinstance(node, ast.Constant):
            yield node.value, table is FACTS
        elif isinstance(node, ast.JoinedStr):
            parts = (getattr(part, "value", "{}") for part in node.values)
            text = "".join(p if isinstance(p, str) else "{}" for p in parts)
            if text.strip("{}"):
                yield text, table is FACTS


@pytest.mark.parametrize(
    "text",
    sorted({(t, is_fact) for (t, is_fact), _ in errors_of_recordings()} - {("", 0)}),
)
def test_every_error_of_a_recording_has_its_french(text):
    template, is_fact = text
    if is_fact:
        assert exact_fact(template.replace("{}", "7"))
    else:  # what stands in a remedy is another one
        within = EXPORT[0].lower() + EXPORT[1:]
        assert exact_remedy(template.replace("{}", within).strip())


@pytest.mark.parametrize("remedy", [EXPORT, SEND_AGAIN, "Is it really a recording?"])
def test_remedies_that_errors_share_have_their_french(remedy):
    assert remedy in REMEDIES


def test_the_search_for_errors_finds_them():
    found = {text for (text, _), _ in errors_of_recordings()}
    assert "longer than 2 hours" in found
    assert "{} channels; a recording has 1 to {}" in found


@pytest.mark.parametrize("code", DIAGNOSES)
def test_a_sentence_that_is_not_known_is_told_by_its_code(code):
    assert fact_in(FRENCH, code, "something new; 3 of it") == fact_in(FRENCH, code, "x")
    assert "new" not in remedy_in(FRENCH, code, "Do something new.")


def test_an_unknown_code_keeps_its_english():
    assert told_in(FRENCH, "novel", "a fact", "Do it.") == ("a fact", "Do it.")


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "12,345,678 bytes; the platform takes 20,000,000 at most",
            (
                "12\u202f345\u202f678 octets ; la plateforme en accepte "
                "20\u202f000\u202f000 au plus"
            ),
        ),
        (
            "the wave lies 2.5% of full scale off its middle",
            "l’onde est décalée de 2,5\u00a0% de la pleine échelle",
        ),
        (
            "channel 1 and 3 of 4 is silent; only the live one is used",
            "le canal 1 et 3 sur 4 est muet ; seul l’autre est utilisé",
        ),
        (
            "only 0.3 of 12.5 s can be decoded",
            "seule une partie peut être décodée (0,3 s sur 12,5)",
        ),
        (
            "recorded too loud: its peaks are cut flat in 1,234 places",
            "enregistré trop fort : ses crêtes sont écrêtées à 1\u202f234 endroits",
        ),
        (
            "an Ogg file; the platform takes MP3 and WAV",
            "un fichier Ogg ; la plateforme ne prend que le MP3 et le WAV",
        ),
        (
            "its name ends in .mp3, but it is a WAV file",
            "son nom finit par .mp3, mais c’est un fichier WAV",
        ),
    ],
)
def test_numbers_and_words_of_a_sentence_are_carried_over(english, french):
    assert exact_fact(english) == french


@pytest.mark.parametrize("outcome", ["mended", "accepted"])
def test_what_became_of_a_finding_is_said_first(outcome):
    fact, _ = told_in(
        FRENCH, "hum", f"{outcome}: mains hum at 50 Hz under the voice", ""
    )
    said = {"mended": "corrigé", "accepted": "accepté"}[outcome]
    assert fact == f"{said}\u00a0: un ronflement du secteur à 50\u00a0Hz sous la voix"


def test_a_mended_level_says_how_to_keep_it():
    remedy = remedy_in(FRENCH, "too_quiet", "`--master off` keeps yours.", mended=True)
    assert remedy == "`--master off` garde le vôtre."


def test_english_stays_as_it_is():
    assert told_in(Language.EN, "hum", "mended: x", "Do it.") == ("mended: x", "Do it.")


@pytest.mark.parametrize(
    "head",
    [
        *(b"OggS", b"fLaC", b"FORM", b"#!AMR", b".snd", b"caff", b"wvpk", b"MThd"),
        *(b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"GIF8", b"\x7fELF"),
        *(b"<!DOCTYPE html>", b"plain words", b"RIFF....WAVE", b"....ftypM4A "),
        *(b"\xff\xd8\xff\xe0", b"MZ\x90", b"\x1a\x45\xdf\xa3"),
    ],
)
def test_every_kind_of_content_has_its_french(head):
    assert sniff(head).name in TERMS


def test_all_that_is_found_in_the_samples_is_said_in_french():
    for path in sorted(SAMPLES.iterdir()):
        for found in check(path).findings:
            message = OUTCOMES.sub("", found.message, count=1)
            assert exact_fact(message), message


@pytest.mark.parametrize("table", [FACTS, REMEDIES, TERMS])
def test_french_has_a_hole_for_each_value_and_its_own_signs(table):
    for english, french in table.items():
        assert english.count("{}") == len(re.findall(r"\{\d?\}", french)), english
        assert english.count("`") == french.count("`"), english
        words = re.sub(r"`[^`]*`", "", french)
        assert "'" not in words, french
        assert not re.search(r"\w[;!?]", words), french
        assert (english[-1] in ".?") == (french[-1] in ".?"), english
