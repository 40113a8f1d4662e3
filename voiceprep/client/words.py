"""Make words of others fit to be shown: on one line, and without whole numbers.

A recipient's number is a person's: errors, logs and tables show enough of it to
tell it from its neighbours (R34), and no more.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

__all__ = ["mask", "masked", "masked_json", "plain"]

DOT: Final = "•"
RECIPIENT: Final = "recipient"  # R32, R40
FEWEST_DIGITS: Final = 8  # E.164 numbers have up to 15, and none below 7 in use
MOST_DIGITS: Final = 17  # with the 00 before them

# What begins like a number in any of the forms that people write (R34). Dates,
# addresses and ids do not: they begin otherwise, or in the middle of something.
NUMBER: Final = re.compile(r"(?<![\w+.:/-])(?:\+\d|0\d)[\d .()/-]{5,24}\d(?![\w/])")
FRENCH: Final = re.compile(r"(\+33|0033|0)([1-9])\d{6}(\d\d)")


def plain(words: object) -> str:
    r"""Return words as one line, without controls.

    >>> plain("Bad\r\nname\u202e")
    'Bad name'
    """
    # Category C: controls, and the marks that turn text around on a terminal.
    visible = (" " if unicodedata.category(c)[0] == "C" else c for c in str(words))
    return " ".join("".join(visible).split())


def mask(number: str) -> str:
    """Return a number of which two digits at the end can be read.

    >>> mask("+33612345678"), mask("06 12 34 56 78"), mask("+44 7700 900123")
    ('+33 6 •• •• •• 78', '06 •• •• •• 78', '+44 •••••••• 23')
    """
    compact = "".join(c for c in number if c.isdigit() or c == "+")
    if found := FRENCH.fullmatch(compact):
        gap = "" if found[1] == "0" else " "
        return f"{found[1]}{gap}{found[2]} {' '.join([DOT * 2] * 3)} {found[3]}"
    if len(compact) < FEWEST_DIGITS:
        return DOT * max(len(compact), 2)
    head = compact[: 3 if compact[0] == "+" else 2]
    return f"{head} {DOT * (len(compact) - len(head) - 2)} {compact[-2:]}"


def masked(text: str) -> str:
    """Return a text in which every telephone number is masked.

    >>> masked("0033612345678 is not supported, of 2026-03-12T09:00:00+01:00")
    '0033 6 •• •• •• 78 is not supported, of 2026-03-12T09:00:00+01:00'
    """
    return NUMBER.sub(_masked_if_number, text)


def masked_json(value: Any, key: str = "") -> Any:
    """Return a JSON value in which every telephone number is masked, ids excepted.

    >>> masked_json([{"id": "0612345678", "recipient": "0612345678"}])
    [{'id': '0612345678', 'recipient': '06 •• •• •• 78'}]
    """
    if isinstance(value, dict):
        return {name: masked_json(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [masked_json(one, key) for one in value]
    if key == RECIPIENT and isinstance(value, (str, int)):
        return mask(str(value))
    if isinstance(value, str) and not key.lower().endswith("id"):
        return masked(value)
    return value


def _masked_if_number(match: re.Match[str]) -> str:
    digits = sum(c.isdigit() for c in match[0])
    fits = FEWEST_DIGITS <= digits <= MOST_DIGITS
    return mask(match[0]) if fits else match[0]
