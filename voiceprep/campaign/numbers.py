"""Judge the numbers of contacts: the platform's rules first, on the raw text (R34).

What the platform takes as it is written is taken. What is written otherwise and means
one number for certain is mended, and counted. What probably means one is proposed, and
used only where a person said so. Everything else is refused, with a word for why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voiceprep.campaign import prefixes
from voiceprep.campaign.spelling import GUESSES, mended, without_trunk
from voiceprep.contract import MEDIA, VOICE, VOICEMAIL

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REASONS", "TAKES", "Verdict", "judge"]

TAKES: Final[Mapping[str, frozenset[str]]] = {  # R34: media → kinds of numbers
    VOICE: frozenset({"mobile", "fixed", "voip"}),
    VOICEMAIL: frozenset({"mobile"}),
}
REASONS: Final = {  # word → what a person reads
    "empty": "there is no number",
    "digits_lost": "a spreadsheet rounded it: export the column as text again",
    "extension": "an extension can't be dialled by the platform",
    "several": "it holds more than one number: choose one",
    "letters": "it holds more than digits, spaces and a + at the start",
    "lost_zero": "its first 0 is missing, as a spreadsheet leaves it out",
    "lost_plus": "it begins neither with + nor with 0",
    "short": "too few digits: a short number, or one that was cut",
    "long": "too many digits",
    "special": "premium, shared or toll-free: it can't be called",
    "voip": f"a box's number (09…) has no voicemail of a mobile; {VOICE} takes it",
    "fixed": f"not a mobile, and {VOICEMAIL} takes no other",
    "overseas": "an overseas number behind +33",
    "nobody": "no number that can exist",
}
SHORTEST: Final = 7  # ours: digits; under that it is a service, or was cut
FRENCH_DIGITS: Final = 10  # with the 0 in front
LONGEST: Final = 15  # ITU-T E.164

# What the platform takes as it stands (R34), once its spaces are out.
_TAKEN: Final = re.compile(r"(?:\+|0(?!0))[0-9]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_NO_DIGIT: Final = re.compile(r"\D*")
_EXTENSION: Final = re.compile(
    r"(?:(?:[;#]|,(?!0+$))\s*(?:ext|phone-context)?\.?=?|\s*\b(?:ext|extension|poste?|x)\b\.?)\s*"
    r"\d{1,6}\s*$|(?<=\d)x\d{1,6}\s*$|;(?:ext|phone-context|isub)=",
    re.IGNORECASE,
)
_SCIENTIFIC: Final = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_SEVERAL: Final = re.compile(
    r"(?:\+|00?)[1-9][\d .()-]{7,}\D+?(?:\+|00?)[1-9](?:[ .-]?\d){7,}"
    r"|\d{9,}\s*[/;,|&+]\s*\d{9,}"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say what a raw number is.

    Parameters
    ----------
    number : str
        E.164, such as ``"+33612345678"``; ``""`` where it is refused.
    kind : str
        ``"mobile"``, ``"fixed"`` or ``"voip"`` of an accepted number.
    mends : tuple of str
        What was mended, by the words of `voiceprep.campaign.spelling`.
    reason : str
        A word of `REASONS`, or ``""``.
    proposal : str
        What a refused number probably means (E.164), or ``""``.

    >>> Verdict("+33612345678", "mobile").is_accepted
    True
    """

    number: str = ""
    kind: str = ""
    mends: tuple[str, ...] = ()
    reason: str = ""
    proposal: str = ""

    @property
    def is_accepted(self) -> bool:
        """Say whether it may be called."""
        return not self.reason


def judge(raw: str, media: str, *, repair: bool = False) -> Verdict:
    """Judge a number as it stands in a list.

    Parameters
    ----------
    raw : str
        Untouched: `phonenumbers` forgives what the platform does not.
    media : str
        ``"VOICE"`` takes mobile and fixed numbers, ``"VOICEMAIL"`` mobile ones.
    repair : bool
        Whether guesses are used instead of proposed.

    >>> judge("06 12 34 56 78", "VOICEMAIL").number
    '+33612345678'
    >>> judge("0033.6.12.34.56.78", "VOICEMAIL").mends
    ('separators', '00')
    >>> judge("612345678", "VOICEMAIL")
    Verdict(number='', kind='', mends=(), reason='lost_zero', proposal='+33612345678')
    >>> judge("01 45 67 89 01", "VOICEMAIL").reason
    'fixed'
    """
    assert media in MEDIA, media  # noqa: S101 (callers choose from the table)
    compact = raw.replace(" ", "")
    if _TAKEN.fullmatch(compact):
        return _of_dialled(compact, media, (), repair=repair)
    if reason := _unreadable(raw):
        return Verdict(reason=reason)
    number, mends = mended(raw)
    if _TAKEN.fullmatch(number):
        return _of_dialled(number, media, mends, repair=repair)
    return _guessed(number, media, mends, _reason(number), repair=repair)


def _unreadable(raw: str) -> str:
    """Name what no mending should touch; or nothing."""
    if not raw.strip():
        return "empty"
    if _SCIENTIFIC.fullmatch(raw.strip()):
        return "" if _is_exact(raw) else "digits_lost"
    if _NO_DIGIT.fullmatch(raw):
        return "letters"
    if _EXTENSION.search(raw):
        return "extension"
    return "several" if _SEVERAL.search(raw) else ""


def _is_exact(raw: str) -> bool:
    """Say whether a number in scientific notation still has all its digits."""
    mantissa, _, exponent = raw.strip().upper().partition("E")
    # 3,36E+10 is any of a hundred million numbers; 6,12345678E+08 is one.
    return len(re.sub(r"\D", "", mantissa)) == int(exponent) + 1


def _of_dialled(
    number: str, media: str, mends: tuple[str, ...], *, repair: bool
) -> Verdict:
    """Judge what begins with + or 0 and goes on in digits."""
    dialled, kind = prefixes.existing(number)
    if kind in TAKES[media]:
        # Another number than was written: a 0 stood behind the country's code.
        changed = number[0] == "+" and dialled != number
        return Verdict(dialled, kind, (*mends, "trunk") if changed else mends)
    if kind:
        return Verdict(mends=mends, reason=kind)
    if spelled := without_trunk(number):
        return _of_dialled(spelled, media, (*mends, "trunk"), repair=repair)
    return _guessed(number, media, mends, _size(number) or "nobody", repair=repair)


def _size(number: str) -> str:
    digits = len(number) - number.startswith("+")
    if digits < SHORTEST:
        return "short"
    longest = FRENCH_DIGITS if number[0] == "0" else LONGEST
    return "long" if digits > longest else ""


def _reason(number: str) -> str:
    if not _DIGITS.fullmatch(number):
        return "letters"
    if number[0] == "0":
        return "nobody"
    return "lost_plus" if len(number) >= SHORTEST else "short"


def _guessed(
    number: str, media: str, mends: tuple[str, ...], reason: str, *, repair: bool
) -> Verdict:
    """Refuse with a proposal, or use it; the first guess that exists is made."""
    for guess in GUESSES:
        candidate = guess.candidate(number)
        if candidate and _TAKEN.fullmatch(candidate):
            dialled, kind = prefixes.existing(candidate)
            if kind in TAKES[media]:
                if repair:
                    return Verdict(dialled, kind, (*mends, guess.name))
                return Verdict(mends=mends, reason=guess.reason, proposal=dialled)
            if kind:
                return Verdict(mends=mends, reason=kind)
    return Verdict(mends=mends, reason=reason)
