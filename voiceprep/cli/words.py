"""What commands say to people, in English and in French, side by side.

Here stands what commands share and what those say that judge recordings; the words of
others stand in tables of their own. Placeholders stand in braces. Spaces are plain
here; French is given its no-break ones when it is said. What findings say is told by
`voiceprep.report`, what other rooms say by `french`; help and JSON speak English.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from voiceprep.cli.words_about import ABOUT_COUNTS, ABOUT_WORDS
from voiceprep.cli.words_batch import BATCH_COUNTS, BATCH_WORDS
from voiceprep.cli.words_calls import CALL_COUNTS, CALL_WORDS
from voiceprep.cli.words_lists import LIST_COUNTS, LIST_WORDS
from voiceprep.contract import ACCOUNT_ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

__all__ = [
    "FRENCH_COUNTS",
    "RECORDING_COUNTS",
    "RECORDING_WORDS",
    "WORDS",
    "counted",
    "joined",
    "moment",
    "number",
    "on_account_clock",
    "or_as_is",
    "word",
]

RECORDING_WORDS: Final[dict[str, tuple[str, str]]] = {
    "sandbox": (
        "{said} (sandbox: nothing was sent to Digitaleo)",
        "{said} (bac à sable : rien n’a été envoyé à Digitaleo)",
    ),
    "unwritten": (
        "{path}: nothing was written: {why}",
        "{path} : rien n’a été écrit : {why}",
    ),
    "interrupted": (
        "interrupted; what was done stays, nothing half done is left",
        "interrompu ; ce qui est fait reste, rien n’est laissé à moitié fait",
    ),
    "weekdays": (
        "Mon Tue Wed Thu Fri Sat Sun",
        "lun. mar. mer. jeu. ven. sam. dim.",
    ),
    "more": ("{said}; {more}", "{said} ; {more}"),
    "about": ("{what}: {said}", "{what} : {said}"),
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
    "no_page": (
        "{said} No page was written.",
        "{said} Aucune page n’a été écrite.",
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

WORDS: Final = {
    **RECORDING_WORDS,
    **BATCH_WORDS,
    **CALL_WORDS,
    **LIST_WORDS,
    **ABOUT_WORDS,
}

# What is counted → one of them, several of them.
RECORDING_COUNTS: Final[dict[str, tuple[str, str]]] = {
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
    "identical": ("{n} identique", "{n} identiques"),
    "not": ("{n} non", "{n} non"),
    "failed": ("{n} en échec", "{n} en échec"),
    "shown": ("{n} montré", "{n} montrés"),
    "would be shown": ("{n} serait montré", "{n} seraient montrés"),
}
FRENCH_COUNTS: Final = {
    **RECORDING_COUNTS,
    **BATCH_COUNTS,
    **CALL_COUNTS,
    **LIST_COUNTS,
    **ABOUT_COUNTS,
}


def word(language: str, key: str, **values: object) -> str:
    r"""Return what a key says, its placeholders filled in.

    >>> word("fr", "raised", n="9,2")
    'relevé de 9,2\xa0dB'
    """
    english, french = WORDS[key]
    return english.format(**values) if language == "en" else _set(french, values)


def _set(french: str, values: Mapping[str, object]) -> str:
    """Set the spaces of our words, not those of the names and commands in them."""
    from voiceprep.report import Language, typeset

    return typeset(french, Language.FR).format(**values)


def or_as_is(language: str, kind: str, code: str) -> str:
    """Return what a code says; the code itself where no word is known.

    >>> or_as_is("en", "state", "ko"), or_as_is("fr", "state", "ko")
    ('ko', 'non joint')
    """
    key = f"{kind}.{code}"
    return word(language, key) if key in WORDS else code


def joined(language: str, parts: Iterable[str]) -> str:
    """Return sentences in one line.

    >>> joined("en", ["nothing was sent", "run it again"])
    'nothing was sent; run it again'
    """
    return reduce(
        lambda said, more: word(language, "more", said=said, more=more), parts
    )


def moment(language: str, when: datetime) -> str:
    """Write a day and a time as plans show them.

    >>> from datetime import datetime
    >>> tenth = datetime(2026, 12, 1, 10, 0)
    >>> moment("en", tenth), moment("fr", tenth)
    ('Tue 2026-12-01 10:00', 'mar. 01/12/2026 10:00')
    """
    day = word(language, "weekdays").split()[when.weekday()]
    form = "%d/%m/%Y" if language == "fr" else "%Y-%m-%d"
    return f"{day} {when.strftime(form)} {when:%H:%M}"


def on_account_clock(language: str, at: float | datetime) -> str:
    """Write a Unix time, or a time with its offset, on the account's clock.

    >>> on_account_clock("fr", 1_798_966_800)
    'dim. 03/01/2027 10:00 (Europe/Paris)'
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    when = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return (
        f"{moment(language, when.astimezone(ZoneInfo(ACCOUNT_ZONE)))} ({ACCOUNT_ZONE})"
    )


def number(language: str, value: float, decimals: int = 1) -> str:
    r"""Write a number as its language does; its minus is the one of keyboards.

    >>> number("en", -1234.5), number("fr", -1234.5)
    ('-1,234.5', '-1\u202f234,5')
    """
    told = f"{value:,.{decimals}f}"
    if language == "en":
        return told
    return told.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


def counted(language: str, count: int, what: str) -> str:
    r"""Count what things came to; a word without French stays English.

    >>> counted("en", 1200, "fit"), counted("fr", 1200, "fit"), counted("fr", 1, "fit")
    ('1,200 fit', '1\u202f200 conformes', '1 conforme')
    """
    n = number(language, count, 0)
    if language == "en" or what not in FRENCH_COUNTS:
        return f"{n} {what}"
    one, many = FRENCH_COUNTS[what]
    return _set(many if count > 1 else one, {"n": n})
