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
FEWEST_DIGITS: Final = 8  # ours: fewer are shown as dots alone

# A number in the forms that people write (R34), and in some that they should not.
# Dates, addresses and ids begin otherwise, change their separator on the way, or
# stand in the middle of something.
NUMBER: Final = re.compile(
    r"""(?<![\w+.:/-])
    (?: (?:\+|00)[ ]?[1-9](?:[ .()-]{0,2}\d){6,14}  # international
      | 0\d(?P<gap>[ .-]?)\d\d(?:(?P=gap)\d\d){3}   # French
      | 0\d{7,13}                                   # French, with a slip
      | 33[1-9]\d{8}                                # international, its plus lost
    )(?![\w/])""",
    re.VERBOSE,
)
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
    return NUMBER.sub(lambda number: mask(number[0]), text)


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
