"""Who asked for no more calls, as lists say it: in a column, or in plain words.

On the safe side throughout: whoever may have asked is left out, and that is said.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.campaign.columns import Columns

__all__ = ["folded", "is_optout", "is_permission", "may_refuse", "refuses"]

# Titles of columns that say who asked for no more calls; of their letters alone.
_OPTOUTS: Final = re.compile(
    r"""
    stop (?: appels? )?
    | .* (?: optout | optedout | unsubscri | donot (?: call|contact ) | nonappel ) .*
    | .* (?: desinscri | desabonn | refus | blacklist | listenoire | bloctel ) .*
    | (?: exclu | bloque ) e?s? | .* oppos (?!able) .*
    | .* (?: pas|plus ) (?: des?|d|etre )?
      (?: r?app?e?l|contact|demarch|sollicit|derang ) .* | sansd?appels?
    """,
    re.VERBOSE,
)
# Titles of columns whose plain no says it.
_PERMISSIONS: Final = re.compile(
    r"""
    (?! .* (?: pas|plus|refus|oppos ) )
    (?: optin | consent (?: ement )?
      | .* (?: accept|accord|autoris|souhait|peut|veut|ok ) .* (?: appel|contact ) .*
      | .* (?: appel|contact ) .* (?: accept|accord|autoris|ok ) .* )
    """,
    re.VERBOSE,
)
_PART: Final = "\x01"  # between cells: no space, no word goes on over it
# What a cell of any column says, a note of somebody's.
_WORDS: Final = re.compile(
    rf"""
    \bn (?: e\b | ['’] ) (?: \s? [\w'’]+ ){{0,2}}? \s? \b (?: pas|plus ) \s
      (?: [\w'’]+ \s ){{0,3}}?
      (?: (?: r?appel | contact | d[ée]march | sollicit | d[ée]rang ) e [rz] \b
        | [êe]tre \s (?: r?appel | contact | d[ée]march | sollicit | d[ée]rang )
        | [lm]['’]appel )
    | \b n ['’] \s? appele[rz] \s (?: pas|plus ) \b
    | \b pas \s d (?: e\s | ['’] ) (?: appel | d[ée]march )
    | \b (?: d[ée]sinscri | d[ée]sabonn | unsubscrib | opt (?: ed )? [\s_-]? out \b )
    | \b (?: do \s not \s (?: call|contact ) | liste \s noire | black \s? list )
    | (?: ^ | {_PART} ) \s* (?: stop | opposition ) [\s.!]* (?: {_PART} | $ )
    """,
    re.VERBOSE,
)
# Whatever `_WORDS` finds, and more: for a whole list, in one go. Each begins with
# letters that are looked for fast.
_HINTS: Final = tuple(
    re.compile(hint)
    for hint in (
        r"pas\W[^\r\n]{0,60}(?:appel|contact|march|sollicit|rang)",
        r"plus\W[^\r\n]{0,60}(?:appel|contact|march|sollicit|rang)",
        *(
            r"appele[rz]\s",
            "stop",
            "sinscri",
            "sabonn",
            "unsub",
            r"opt(?:ed)?[\s_-]?out",
        ),
        *(r"do\snot", "noire", "black", "opposition"),
    )
)
_NO: Final = frozenset({"", "0", "n", "no", "non", "false", "faux", "-", "☐", "néant"})
_PLAIN_NO: Final = frozenset({"0", "n", "no", "non", "false", "faux"})


def refuses(cells: Sequence[str], columns: Columns) -> bool:
    """Say whether a row asks for no more calls.

    >>> from voiceprep.campaign.columns import Columns
    >>> columns = Columns((0,), optouts=(1,), permissions=(2,))
    >>> refuses(["06", "x", ""], columns), refuses(["06", "non", "non"], columns)
    (True, True)
    >>> refuses(["06", "", "oui"], columns), refuses(["06 ne plus appeler"], columns)
    (False, True)
    """
    return (
        any(_cell(cells, place) not in _NO for place in columns.optouts)
        or any(_cell(cells, place) in _PLAIN_NO for place in columns.permissions)
        or _says_so(_PART.join(cells).casefold())
    )


def _says_so(text: str) -> bool:
    return _is_hinted(text) and bool(_WORDS.search(text))


def _is_hinted(text: str) -> bool:
    return any(hint.search(text) for hint in _HINTS)


def may_refuse(text: str, columns: Columns) -> bool:
    r"""Say whether any row may ask for no more calls, of a list or a piece of it.

    >>> from voiceprep.campaign.columns import Columns
    >>> may_refuse("A;06\nB;07 ne plus appeler", Columns((1,)))
    True
    """
    is_told = bool(columns.optouts or columns.permissions)
    return is_told or _is_hinted(text.casefold())


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip().casefold() if place < len(cells) else ""


def is_optout(title: str) -> bool:
    """Say whether a title is that of who asked for no more calls.

    >>> is_optout("Ne plus appeler"), is_optout("Pas d'appel"), is_optout("Appel")
    (True, True, False)
    """
    return bool(_OPTOUTS.fullmatch(_letters(title)))


def is_permission(title: str) -> bool:
    """Say whether a title is that of who allowed calls.

    >>> is_permission("Accepte les appels"), is_permission("N'accepte plus d'appel")
    (True, False)
    """
    return bool(_PERMISSIONS.fullmatch(_letters(title)))


def _letters(title: str) -> str:
    """Compare titles by their letters alone.

    >>> _letters("Opt-Out"), _letters("ne pas appeler")
    ('optout', 'nepasappeler')
    """
    return "".join(filter(str.isalpha, folded(title)))


def folded(title: str) -> str:
    """Compare titles without case, accents and spaces around.

    >>> folded(" Numéro ")
    'numero'
    """
    plain = unicodedata.normalize("NFKD", title.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
