"""Mend how numbers are spelled, where it is certain; guess where it is not.

Two tables. A mend keeps every digit and is counted; a guess adds or exchanges some,
and is proposed to a person.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GUESSES", "MENDS", "Guess", "mended", "without_trunk"]

# Overseas departments whose mobile numbers people write behind +33: first digits
# of the number → country code (ARCEP's plan, decision 2018-0881).
_OVERSEAS: Final = {
    "639": "262",
    "690": "590",
    "691": "590",
    "692": "262",
    "693": "262",
    "694": "594",
    "696": "596",
    "697": "596",
}


def _decimal(found: re.Match[str]) -> str:
    return str(unicodedata.decimal(found[0]))


# Name → what is looked for, what stands there afterwards; in this order.
MENDS: Final[tuple[tuple[str, re.Pattern[str], str | Callable[..., str]], ...]] = (
    ("digits", re.compile(r"(?![0-9])\d"), _decimal),  # full-width, Arabic
    ("digits", re.compile("\uff0b"), "+"),
    # Marks that turn text around and spaces without width, copied from a telephone.
    (
        "invisible",
        re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"),
        "",
    ),
    ("quotes", re.compile(r"^\s*=?['\"\u2019`]+|['\"\u2019`]+\s*$"), ""),
    ("scheme", re.compile(r"^(?:tel|callto|sms):(?://)?", re.IGNORECASE), ""),
    ("float", re.compile(r"^(\+?\d{9,15})[.,]0+$"), r"\1"),
    ("spaces", re.compile(r"[^\S ]"), " "),  # non-breaking, thin, tab
    ("trunk", re.compile(r"(?<=\d)[\s.-]*\(\s*0\s*\)"), ""),
    # A dash of any width; slashes and underscores only between pairs of digits.
    (
        "separators",
        re.compile(r"(?<=\d)[\s]*[.\-\u2010-\u2015\u2212/_·•][\s]*(?=\d)"),
        "",
    ),
    (
        "separators",
        re.compile(r"^\((\+?\d{2,5})\)|(?<=[\d\s])\((\d+)\)(?=[\d\s])"),
        r"\1\2",
    ),
    ("", re.compile(" "), ""),  # R34 allows spaces
    ("00", re.compile(r"^00(?=[1-9])"), "+"),
    ("33", re.compile(r"^(?=33[1-9]\d{8}$|(?:262|590|594|596)[1-9]\d{8}$)"), "+"),
)


def mended(raw: str) -> tuple[str, tuple[str, ...]]:
    """Return a number spelled as the platform takes it, and what was mended.

    What can't be mended for certain comes back as far as it got.

    >>> mended("06.12.34.56.78")
    ('0612345678', ('separators',))
    >>> mended("+33 (0)6-12-34-56-78")
    ('+33612345678', ('trunk', 'separators'))
    >>> mended("33612345678")
    ('+33612345678', ('33',))
    """
    number, names = raw, dict[str, None]()
    for name, pattern, replacement in MENDS:
        number, count = pattern.subn(replacement, number)
        if count and name:
            names[name] = None
    return number, tuple(names)


def without_trunk(number: str) -> str:
    """Drop the 0 that no French number has behind its country's code; or nothing.

    >>> without_trunk("+330612345678"), without_trunk("+33612345678")
    ('+33612345678', '')
    """
    found = re.fullmatch(r"(\+(?:33|262|590|594|596))0([1-9]\d{8})", number)
    return found[1] + found[2] if found else ""


@dataclass(frozen=True, slots=True)
class Guess:
    """Hold one kind of slip.

    Parameters
    ----------
    name : str
        Counted under it, where it is used.
    reason : str
        Why the number is refused, where it is not.
    candidate : callable
        Makes of a mended number what it probably means, or ``""``.
    """

    name: str
    reason: str
    candidate: Callable[[str], str]


def _lost_zero(number: str) -> str:
    return f"0{number}" if re.fullmatch(r"[1-9]\d{8}", number) else ""


def _letters(number: str) -> str:
    """Read the letters that stand for digits, where they are few."""
    if not re.fullmatch(r"\+?[\dOoIl]{9,15}", number):
        return ""
    digits = number.translate(str.maketrans("OoIl", "0011"))
    return (
        digits if sum(a != b for a, b in zip(number, digits, strict=True)) <= 2 else ""
    )


def _scientific(number: str) -> str:
    """Write out what a spreadsheet shortened without losing a digit."""
    found = re.fullmatch(r"(\d)[.,]?(\d+)E\+?(\d+)", number, re.IGNORECASE)
    if not found or len(found[2]) != int(found[3]):
        return ""
    digits = found[1] + found[2]
    return f"+{digits}" if digits.startswith("33") else _lost_zero(digits)


def _words(number: str) -> str:
    """Drop words around the only number."""
    runs = re.findall(r"\+?\d+", number)
    return runs[0] if len(runs) == 1 and runs[0] != number else ""


def _lost_plus(number: str) -> str:
    return f"+{number}" if re.fullmatch(r"[1-9]\d{9,14}", number) else ""


def _overseas(number: str) -> str:
    """Put an overseas mobile behind its own country code."""
    code = _OVERSEAS.get(number[3:6]) if number.startswith("+33") else None
    return f"+{code}{number[3:]}" if code else ""


GUESSES: Final = (
    Guess("lost_zero", "lost_zero", _lost_zero),
    Guess("letters", "letters", _letters),
    Guess("scientific", "lost_zero", _scientific),
    Guess("words", "letters", _words),
    Guess("overseas", "overseas", _overseas),
    Guess("lost_plus", "lost_plus", _lost_plus),
)
