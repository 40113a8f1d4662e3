"""The words for people of the commands that judge recordings, English and French.

What findings say is told by `voiceprep.report`; options and errors speak English.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FRENCH_COUNTS", "WORDS", "counted", "number", "word"]

WORDS: Final[dict[str, tuple[str, str]]] = {
    "verdict.fit": ("fit", "conforme"),
    "verdict.fit_with_warnings": ("fit, with warnings", "conforme, avec réserves"),
    "verdict.refused": ("refused", "refusé"),
    "verdict.unreadable": ("unreadable", "illisible"),
    "severity.error": ("error", "erreur"),
    "severity.warning": ("warning", "réserve"),
    "severity.info": ("info", "note"),
    "colon": (":", " :"),
    "mend": ("mend it: {command}", "à corriger ainsi : {command}"),
    "mastered": ("mastered: {done}", "niveau : {done}"),
    "would_be": ("would be {said}", "serait {said}"),
    "clearer": ("made clearer", "voix éclaircie"),
    "raised": ("raised by {n} dB", "relevé de {n} dB"),
    "lowered": ("lowered by {n} dB", "abaissé de {n} dB"),
    "limited": (
        "peaks held back for {n} s in all",
        "crêtes retenues pendant {n} s en tout",
    ),
    "level": ("level", "niveau"),
    "outline": ("outline", "contour"),
    "quiet": ("quiet", "faible"),
    "loud": ("loud", "fort"),
    "to": ("to", "à"),
    "nothing": ("nothing to do", "rien à faire"),
    "next": ("{said}. Next: {step}", "{said}. Ensuite : {step}"),
    "as_is": (
        "{said}; sent as it is, so the preview is approximate",
        "{said} ; envoyé tel quel, l’aperçu n’est donc qu’approché",
    ),
    "next.prepared": (
        "listen to the .wav in {out}, then {command}",
        "écoutez les .wav dans {out}, puis {command}",
    ),
    "next.page": ("open {page}, listen, decide", "ouvrez {page}, écoutez, décidez"),
    "no_browser": (
        "no browser was found; open {page} yourself",
        "aucun navigateur n’a été trouvé ; ouvrez {page} vous-même",
    ),
    "heard": ("that is what they will hear", "voilà ce qu’on entendra"),
    "unheard": ("nothing to hear", "rien à entendre"),
    "would_play": ("would play it with {player}", "le jouerait avec {player}"),
    "shortened": (
        "{path}: too long a name; its artefacts are {name}.*",
        "{path} : nom trop long ; ses fichiers s’appellent {name}.*",
    ),
    "kept_name": (
        "{path}: it was there already, and keeps its name {name!r}",
        "{path} : déjà présent, il garde son nom {name!r}",
    ),
    "would_write": ("would write {path}", "écrirait {path}"),
}

# What recordings came to → one of them, several of them.
FRENCH_COUNTS: Final[dict[str, tuple[str, str]]] = {
    "fit": ("{n} conforme", "{n} conformes"),
    "prepared": ("{n} préparé", "{n} préparés"),
    "would be prepared": ("{n} serait préparé", "{n} seraient préparés"),
    "uploaded": ("{n} envoyé", "{n} envoyés"),
    "would be uploaded": ("{n} serait envoyé", "{n} seraient envoyés"),
    "held back for warnings": (
        "{n} retenu pour ses réserves",
        "{n} retenus pour leurs réserves",
    ),
    "refused": ("{n} refusé", "{n} refusés"),
    "of them refused": ("dont {n} refusé", "dont {n} refusés"),
    "unreadable": ("{n} illisible", "{n} illisibles"),
    "failed": ("{n} en échec", "{n} en échec"),
    "shown": ("{n} montré", "{n} montrés"),
    "would be shown": ("{n} serait montré", "{n} seraient montrés"),
}


def word(language: str, key: str, **values: object) -> str:
    """Return what a key says, its placeholders filled in.

    >>> word("fr", "raised", n="9,2")
    'relevé de 9,2 dB'
    """
    english, french = WORDS[key]
    return (french if language == "fr" else english).format(**values)


def number(language: str, value: float, decimals: int = 1) -> str:
    """Write a number in plain signs, which every terminal has.

    >>> number("en", -1234.5), number("fr", -1234.5)
    ('-1,234.5', '-1 234,5')
    """
    told = f"{value:,.{decimals}f}"
    if language == "en":
        return told
    return told.replace(",", " ").replace(".", ",")


def counted(language: str, count: int, what: str) -> str:
    """Count recordings by what they came to; a word without French stays English.

    >>> counted("en", 1200, "fit"), counted("fr", 1200, "fit"), counted("fr", 1, "fit")
    ('1,200 fit', '1 200 conformes', '1 conforme')
    """
    n = number(language, count, 0)
    if language == "en" or what not in FRENCH_COUNTS:
        return f"{n} {what}"
    one, many = FRENCH_COUNTS[what]
    return (many if count > 1 else one).format(n=n)
