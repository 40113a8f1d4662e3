"""Say in another language what rules and errors say in English.

They write whole sentences, with their numbers in them, and so they lie in results for
years. A sentence is found by its template (`french`), its numbers are taken out of it
and written as the language does. What no template fits is told by what its code means
(`diagnoses`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from voiceprep.report.diagnoses import DIAGNOSES
from voiceprep.report.french import FACTS, TERMS
from voiceprep.report.french_remedies import REMEDIES
from voiceprep.report.language import Language, renumbered, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "OUTCOMES",
    "Catalogue",
    "exact_fact",
    "exact_remedy",
    "fact_in",
    "remedy_in",
    "told_in",
]

OUTCOMES: Final = {"mended": "corrigé", "accepted": "accepté"}  # may begin a message
_HOLE: Final = "{}"
_SENTENCE_END: Final = re.compile(r"(?<=[.?!]) ")


def told_in(
    language: Language, code: str, message: str, remedy: str
) -> tuple[str, str]:
    r"""Return a finding's message and remedy in a language.

    Parameters
    ----------
    language : Language
    code : str
        Stable word of the finding.
    message, remedy : str
        In English, as the rules say them.

    >>> told_in(Language.FR, "hum", "accepted: mains hum at 50 Hz under the voice", "")
    ('accepté\xa0: un ronflement du secteur à 50\xa0Hz sous la voix', '')
    """
    if language is Language.EN:
        return message, remedy
    outcome, colon, rest = message.partition(": ")
    if not colon or outcome not in OUTCOMES:
        outcome, rest = "", message
    fact = fact_in(language, code, rest)
    if outcome:
        fact = typeset(f"{OUTCOMES[outcome]} : {fact}", language)
    return fact, remedy_in(language, code, remedy, mended=outcome == "mended")


def fact_in(language: Language, code: str, message: str) -> str:
    """Return what a finding says, without its outcome.

    >>> fact_in(Language.FR, "too_short", "9.900 s long; and so on")
    'L’enregistrement dure moins que ce que la plateforme demande.'
    """
    if language is Language.EN:
        return typeset(message, language)
    known = DIAGNOSES.get(code)
    said = exact_fact(message) or (known.fact if known else message)
    return typeset(said, language)


def exact_fact(message: str) -> str | None:
    """Return a message in French, with its numbers; None where it is not known.

    >>> exact_fact("20,000,001 bytes; the platform takes 20,000,000 at most")[:10]
    '20\u202f000\u202f001'
    """
    return _FACTS.of(message) or TERMS.get(message)


def remedy_in(
    language: Language, code: str, remedy: str, *, mended: bool = False
) -> str:
    """Return what to do, sentence by sentence.

    Parameters
    ----------
    mended : bool
        Whether it was mended: what can be done is to keep it as it was.
    """
    if language is Language.EN or not remedy:
        return typeset(remedy, language)
    known = DIAGNOSES.get(code)
    meant = (known.kept if mended else known.remedy) if known else remedy
    return typeset(exact_remedy(remedy) or meant, language)


def exact_remedy(remedy: str) -> str | None:
    """Return a remedy in French, sentence by sentence; None where one is not known.

    >>> exact_remedy("Listen to the preview. `--fix silence` trims it.")
    'Écoutez l’aperçu. `--fix silence` le retire.'
    """
    said = [_REMEDIES.of(each) for each in _SENTENCE_END.split(remedy)]
    known = [each for each in said if each is not None]
    return " ".join(known) if len(known) == len(said) else None


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Find the French of a text by its template.

    Parameters
    ----------
    known : mapping
        English templates, with ``{}`` for what differs, and their French.
    inner : callable
        Says what stood in a hole in French.
    """

    known: Mapping[str, str]
    inner: Callable[[str], str]

    @cached_property
    def templates(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Return those that have holes, ready to be fitted."""
        return tuple(
            (re.compile("(.+?)".join(map(re.escape, english.split(_HOLE)))), french)
            for english, french in self.known.items()
            if _HOLE in english
        )

    def of(self, text: str) -> str | None:
        """Return the French of a text; None where no template fits."""
        if text in self.known:
            return self.known[text]
        for pattern, french in self.templates:
            if found := pattern.fullmatch(text):
                return french.format(*map(self.inner, found.groups()))
        return None


def _inner(text: str) -> str:
    """Say what stood in a hole: a number, words of ours, or a name."""
    return renumbered(text, Language.FR) or _TERMS.of(text) or text


_FACTS: Final = Catalogue(FACTS, _inner)
_REMEDIES: Final = Catalogue(REMEDIES, _inner)
_TERMS: Final = Catalogue(TERMS, _inner)
