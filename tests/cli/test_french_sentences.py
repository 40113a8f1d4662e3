"""What other rooms say is found by its template: each still stands in the source."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import voiceprep
from voiceprep.audio.compare import Comparison
from voiceprep.campaign.contacts import HELD
from voiceprep.campaign.numbers import REASONS
from voiceprep.campaign.retry import REASONS as RETRY_REASONS
from voiceprep.cli.french import SENTENCES, in_french
from voiceprep.cli.french_usage import SYSTEM, USAGE
from voiceprep.contract import STATES
from voiceprep.pipeline.following import Followed

PACKAGE = Path(voiceprep.__file__).parent
OURS = re.compile(r"(french\w*|words\w*)\.py")
# Put together of parts: proved below, and by the campaign of test_french.py.
COMPOSED = re.compile(
    r"differs: .*|\{\} calls: \{\} wait, .*|fit with warnings"
    r"|part \{\} of \{\}, \{\} calls: .*|.*calls in \{\} mailing.*"
    r"|.* contacts can be .*|.*(VOICE|VOICEMAIL) takes .*"
    r"|.*; did you mean .*"
)
ENGLISH = re.compile(r"\b(the|is|of|calls|samples|and|nothing)\b")


@cache
def source():
    """Return every text of the program, with {} for what stands in it."""
    texts = []
    for path in PACKAGE.rglob("*.py"):
        if OURS.fullmatch(path.name):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (getattr(part, "value", None) for part in node.values)
                texts.append("".join(p if isinstance(p, str) else "{}" for p in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


def pieces(template):
    found = (piece.strip(" ,;:().") for piece in template.split("{}"))
    return [piece for piece in found if len(piece) > 2]


@pytest.mark.parametrize("english", SENTENCES)
def test_each_sentence_has_the_same_holes_in_both_languages(english):
    french = SENTENCES[english]
    assert french.strip()
    assert len(re.findall(r"\{\d?\}", french)) == english.count("{}")


FOREIGN = {*USAGE, *SYSTEM}
OWN = [s for s in SENTENCES if s not in FOREIGN and not COMPOSED.fullmatch(s)]


@pytest.mark.parametrize("english", OWN)
def test_each_sentence_still_stands_in_the_source(english):
    assert [piece for piece in pieces(english) if piece not in source()] == []


@pytest.mark.parametrize(
    "why", sorted({*REASONS.values(), *HELD.values(), *RETRY_REASONS.values()})
)
def test_each_reason_why_somebody_is_not_called_has_its_french(why):
    assert in_french(why) != why


@pytest.mark.parametrize(
    "told",
    [
        Comparison("A-law", True, 88_000, 88_000, 0, 0.0, float("inf")),
        Comparison("A-law", False, 88_000, 80_000),
        Comparison("A-law", False, 88_000, 88_000),
        Comparison("A-law", False, 88_000, 88_000, 3, -0.5, 41.25),
        Comparison("A-law", False, 88_000, 80_000, 3, -0.5, float("inf")),
    ],
)
def test_how_two_recordings_compare_is_told_whole(told):
    said = in_french(told.sentence)
    assert said != told.sentence
    assert not ENGLISH.search(said)
    assert "88\u202f000" in said


def test_how_far_a_campaign_has_come_is_told_whole():
    now = Followed("Relance", dict(zip(STATES, (1_200, 3, 2, 1, 0), strict=True)))
    assert in_french(f"  {now}") == (
        "  1\u202f206 appels\u00a0: 1\u202f200 programmés, 3 en cours, 2 joints, 1 non "
        "joint, 0 inconnus"
    )


def test_a_command_in_a_sentence_stays_as_a_shell_takes_it():
    said = in_french("mailing 7 was there already: part -1")
    assert said == "l’envoi 7 existait déjà\u00a0: partie -1"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            (
                "in/a b.wav: 9.900 s long; the platform takes 10.0 s at least. "
                "`--fix duration` adds silence at the end."
            ),
            (
                "in/a b.wav\u00a0: dure 9,900\u00a0s\u202f; la plateforme demande "
                "10,0\u00a0s au moins. `--fix duration` ajoute du silence à la fin."
            ),
        ),
        (
            "cut short: the file ends in the middle of a frame, after 3 s",
            "tronqué\u00a0: le fichier s’arrête au milieu d’une trame, après 3\u00a0s",
        ),
        (
            "--test: +33 6 12: too many digits",
            "--test\u00a0: +33 6 12\u00a0: trop de chiffres",
        ),
        (
            "part 2 of 2, 1 calls: mailing 7",
            "partie 2 sur 2, 1 appel\u00a0: envoi 7",
        ),
        (
            "part 2 of 2, 1,001 calls: unknown",
            "partie 2 sur 2, 1\u202f001 appels\u00a0: sort inconnu",
        ),
        (
            "part 1 of 'A' is ordered: there is nothing to resolve",
            "la partie 1 de 'A' (transmise)\u00a0: il n’y a rien à trancher",
        ),
        (
            "there is no window 'samedi'; there are: any, fr-daytime",
            "il n’y a pas d’horaires 'samedi'\u202f; il y a\u00a0: any, fr-daytime",
        ),
        (
            "a.xls: no such file; check the path",
            "a.xls\u00a0: ce fichier n’existe pas\u202f; vérifiez le chemin",
        ),
        (
            "GET http://a.example/: 404: not there",
            "GET http://a.example/: 404: not there",
        ),
    ],
)
def test_a_sentence_about_something_names_it_first(english, french):
    assert in_french(english) == french
