"""Read the platform's JSON: strict first, then as its own documents print it."""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Final

from voiceprep.errors import ContractError

__all__ = ["flag", "read_json", "text", "whole"]

logger = logging.getLogger(__name__)

# A string, kept whole, or a comma with nothing but a closing bracket behind it.
# Possessive, and an open string runs to the end: linear on any input.
TRAILING_COMMA: Final = re.compile(
    r'("(?:[^"\\]++|\\.)*+(?:"|\Z))|,(?=\s*[}\]])', re.DOTALL
)

YES_OR_NO: Final = {"1": True, "true": True, "0": False, "false": False}


def read_json(body: bytes) -> Any:
    """Return the value of a JSON text, forgiving commas before a closing bracket.

    The vendor's document prints such a comma in its sample answers; a warning is
    logged when one is met.

    Raises
    ------
    ValueError
        If it is not JSON even so.

    >>> read_json(b'{"list": ["a,]",], }')
    {'list': ['a,]']}
    """
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        mended = TRAILING_COMMA.sub(_string_or_nothing, body.decode("utf-8-sig"))
    try:
        value = json.loads(mended)
    except RecursionError:
        raise ValueError("nested too deep") from None
    logger.warning("the platform's JSON holds a comma before a closing bracket")
    return value


def whole(value: object, field: str) -> int | None:
    """Return a number, given as such or as a string (R30), rounded down.

    Raises
    ------
    ContractError
        If it is neither a number nor absent.

    >>> whole("131821", "filesize"), whole(15.9, "duration"), whole(None, "x")
    (131821, 15, None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        number = _number(value)
        if number is not None:
            return number
    raise ContractError(f"the platform's {field} is {_brief(value)}, not a number")


def text(value: object, field: str) -> str | None:
    """Return a text, or a number written as one; None where there is none.

    Raises
    ------
    ContractError
        If it is something else.

    >>> text(320442, "id")
    '320442'
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ContractError(f"the platform's {field} is {_brief(value)}, not a text")


def flag(value: object, field: str) -> bool | None:
    """Return a yes or no, given as such, as a number or as a word of either.

    Raises
    ------
    ContractError
        If it is something else.

    >>> flag(True, "optout"), flag("0", "optout"), flag(None, "optout")
    (True, False, None)
    """
    if value is None or value == "":
        return None
    word = str(value).lower() if isinstance(value, (str, int)) else ""
    if word in YES_OR_NO:
        return YES_OR_NO[word]
    raise ContractError(f"the platform's {field} is {_brief(value)}, not yes or no")


def _string_or_nothing(match: re.Match[str]) -> str:
    return match[1] or ""


def _number(value: str | float) -> int | None:
    try:
        number = float(value)
        return int(value) if isinstance(value, int) else int(number // 1)
    except (ValueError, OverflowError):
        return None


def _brief(value: object) -> str:
    return f"a {type(value).__name__}"
