"""Say in French what other rooms and click say in English, sentence by sentence.

They know of no language: a sentence is found by its template, as those of findings
are. One that is not known stays English.
"""

from __future__ import annotations

import re
from typing import Final

from voiceprep.cli.french_errors import ERRORS
from voiceprep.cli.french_talk import TALK
from voiceprep.cli.french_usage import SYSTEM, USAGE
from voiceprep.report import (
    Catalogue,
    Language,
    exact_fact,
    renumbered,
    told_in,
    typeset,
)

__all__ = ["SENTENCES", "in_french"]

# "1 appels", where a template counts several.
_ONE: Final = re.compile(
    r"(?<![\w,.\N{NARROW NO-BREAK SPACE}-])1([ \N{NO-BREAK SPACE}])"
    r"(appel|contact|envoi|personne|programmé|joint|non joint|inconnu|minute)s\b"
)

SENTENCES: Final = {**USAGE, **SYSTEM, **ERRORS, **TALK}


def in_french(text: str) -> str:
    r"""Return a sentence in French; as it is where it is not known.

    >>> in_french("mailing 7 was there already: part 2")
    'l’envoi 7 existait déjà\xa0: partie 2'
    >>> in_french("part 2 of 2, 1 calls: mailing 7")
    'partie 2 sur 2, 1 appel\xa0: envoi 7'
    """
    bare = text.lstrip(" ")
    known = _CATALOGUE.of(bare) or _of_something(bare) or _finding(bare)
    if known is None:
        return text
    return text[: len(text) - len(bare)] + _ONE.sub(r"1\1\2", known)


def _finding(text: str) -> str | None:
    """Return a finding and its remedy in French; None where it is not known."""
    fact, _, remedy = text.partition(". ")
    if exact_fact(fact.rstrip(".")) is None:
        return None
    said, does = told_in(Language.FR, "", fact.rstrip("."), remedy)
    if does:
        return f"{said}. {does}"
    return f"{said}." if text.endswith(".") else said


def _of_something(text: str) -> str | None:
    r"""Return a known sentence of a file or an option; None where it is not known.

    >>> _of_something("a.csv: too many digits")
    'a.csv\xa0: trop de chiffres'
    """
    what, _, said = text.partition(": ")
    if not set(what) & set("./-"):  # the beginning of a sentence, as in "cut short: …"
        return None
    known = in_french(said)
    return None if known == said else f"{what}\N{NO-BREAK SPACE}: {known}"


def _inner(text: str) -> str:
    """Say what stood in a hole: a number with marks, a sentence, or a name.

    A plain number stays: it may be part of a command.
    """
    number = renumbered(text, Language.FR) if set(text) & set(",.%") else None
    return number or in_french(text)


_CATALOGUE: Final = Catalogue(
    {english: typeset(french, Language.FR) for english, french in SENTENCES.items()},
    _inner,
)
