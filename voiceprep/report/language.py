"""Choose a language, and write numbers and times as it does."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "Language",
    "clock",
    "language_of",
    "moment",
    "number",
    "renumbered",
    "typeset",
]

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
THIN: Final = "\N{NARROW NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"


class Language(StrEnum):
    """Name the languages that a page speaks."""

    EN = "en"
    FR = "fr"


_MONTHS: Final = {
    Language.EN: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    Language.FR: "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}
_UNITS: Final = "s|ms|dB|dBov|dBFS|Hz|kHz|kB|MB|Mo|ko|octets|bytes"
_BEFORE_UNIT: Final = re.compile(rf"(?<=[0-9}}]) (?=(?:{_UNITS})\b|%)")
_BEFORE_SIGN: Final = re.compile(r" (?=[;!?])")
_AROUND_QUOTE: Final = re.compile(r"(?<=«) | (?=[:»])")
_ENGLISH: Final = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?%?")
_MARKS: Final = {Language.EN: (".", ","), Language.FR: (",", THIN)}


def language_of(asked: str | None, environ: Mapping[str, str]) -> Language:
    """Return the language asked for, else the locale's, else English.

    Parameters
    ----------
    asked : str or None
        ``fr`` or ``en``, in any case.
    environ : mapping
        Its LC_ALL, LC_MESSAGES and LANG count, the first that is not empty.

    Raises
    ------
    SettingsError
        Where another language is asked for.

    >>> language_of(None, {"LANG": "fr_FR.UTF-8"})
    <Language.FR: 'fr'>
    >>> language_of("en", {"LANG": "fr_FR.UTF-8"})
    <Language.EN: 'en'>
    """
    if asked is not None:
        try:
            return Language(asked.lower())
        except ValueError:
            raise SettingsError(
                f"language {asked!r} is unknown; choose from {', '.join(Language)}"
            ) from None
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "")
    return Language.FR if locale[:2].lower() == "fr" else Language.EN


def number(value: float, language: Language, decimals: int = 0) -> str:
    """Write a number with its language's marks.

    >>> number(-20_000_000.5, Language.EN, 1), number(1.25, Language.FR, 2)
    ('−20,000,000.5', '1,25')
    """
    point, group = _MARKS[language]
    plain = f"{abs(value):,.{decimals}f}"
    digits = plain.replace(",", "\0").replace(".", point).replace("\0", group)
    sign = MINUS if value < 0 and any(digit in "123456789" for digit in plain) else ""
    return sign + digits


def renumbered(text: str, language: Language) -> str | None:
    r"""Write a number that was written in English; None where it is none.

    >>> renumbered("-1,234.5", Language.FR), renumbered("2.0%", Language.FR)
    ('−1\u202f234,5', '2,0\xa0%')
    """
    if not _ENGLISH.fullmatch(text):
        return None
    point, group = _MARKS[language]
    marks = {",": group, ".": point, "-": MINUS, "%": f"{NO_BREAK}%"}
    return "".join(marks.get(sign, sign) for sign in text)


def clock(seconds: float, language: Language) -> str:
    """Write a position: minutes, seconds and tenths.

    >>> clock(83.25, Language.EN), clock(3.42, Language.FR)
    ('1:23.2', '0:03,4')
    """
    tenths = int(seconds * 10 + 1e-6)  # rounded down: what it names has begun
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02d}{_MARKS[language][0]}{rest % 10}"


def moment(time: datetime, language: Language) -> str:
    """Write a date and a time of day.

    >>> from datetime import datetime
    >>> moment(datetime(2026, 11, 5, 9, 30), Language.EN)
    '5 Nov 2026, 09:30'
    """
    month = _MONTHS[language].split()[time.month - 1]
    if language is Language.EN:
        return f"{time.day} {month} {time.year}, {time:%H:%M}"
    day = "1er" if time.day == 1 else time.day
    return f"{day} {month} {time.year}, {time:%H:%M}".replace(" ", NO_BREAK)


def typeset(text: str, language: Language) -> str:
    r"""Make the spaces no-break ones at which a line must not end.

    Between a number (or its placeholder) and its unit; in French also before the
    signs that stand off from their word.

    >>> typeset("9.5 s", Language.EN), typeset("Quoi ? 9 s :", Language.FR)
    ('9.5\xa0s', 'Quoi\u202f? 9\xa0s\xa0:')
    """
    text = _BEFORE_UNIT.sub(NO_BREAK, text)
    if language is Language.EN:
        return text
    return _AROUND_QUOTE.sub(NO_BREAK, _BEFORE_SIGN.sub(THIN, text))
