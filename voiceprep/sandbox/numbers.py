"""Judge the numbers of contacts: the platform's rules first, on what was sent (R34).

`phonenumbers` forgives what the platform does not (`0033…`, a letter o, `;ext=5`): it
is only asked whether a number exists, and whether it is a mobile.
"""

from __future__ import annotations

import re
from typing import Any, Final

from voiceprep.contract import ACCOUNT_REGION, VOICEMAIL

__all__ = ["NumberRefusedError", "international"]

MAX_CHARS: Final = 40  # [ours] of one number, with its spaces
# National numbers of the overseas departments are none of France's own plan.
_REGIONS: Final = (ACCOUNT_REGION, "GP", "RE", "YT", "GF", "MQ")
# ARCEP's numbers for works of fiction: nobody has them, so that tests may.
_FICTION: Final = {
    "mobile": re.compile(r"\+3363998[0-9]{4}"),
    "fixed": re.compile(r"\+33(19900|26191|35301|46571|53649)[0-9]{4}"),
}
# A box's line (09…) is a fixed one; premium and short numbers are none (R34).
_KINDS: Final = {
    "MOBILE": "mobile",
    "FIXED_LINE_OR_MOBILE": "mobile",
    "FIXED_LINE": "fixed",
    "VOIP": "fixed",
}


class NumberRefusedError(ValueError):
    """Say why a number is refused: one clause, without the number."""


def international(raw: Any, media: str) -> str:
    """Return a number as it is dialled from anywhere (E.164).

    Parameters
    ----------
    raw : str
        As the client sent it.
    media : str
        VOICE takes mobile and fixed numbers, VOICEMAIL mobile ones only.

    Raises
    ------
    NumberRefusedError

    >>> international("06 12 34 56 78", "VOICEMAIL")
    '+33612345678'
    >>> international("0033612345678", "VOICE")
    Traceback (most recent call last):
    ...
    voiceprep.sandbox.numbers.NumberRefusedError: 00 is not supported; write + instead
    """
    number = _written(raw)
    dialled, kind = _fictional(number) or _existing(number)
    if kind is None:
        raise NumberRefusedError("neither a mobile nor a fixed number")
    if media == VOICEMAIL and kind != "mobile":
        raise NumberRefusedError(f"not a mobile number; {VOICEMAIL} takes no other")
    return dialled


def _written(raw: Any) -> str:
    """Return a number without its spaces, where its writing is taken."""
    if not isinstance(raw, str) or not raw.strip():
        raise NumberRefusedError("not a number as text, such as '+33612345678'")
    if re.match(r" +[1-9]", raw):
        raise NumberRefusedError("a space stands for its + (a form sends + as %2B)")
    number = raw.replace(" ", "")
    if len(raw) > MAX_CHARS or not re.fullmatch(r"\+?[0-9]+", number):
        raise NumberRefusedError("only digits, spaces and one + at the start are taken")
    if number.startswith("00"):
        raise NumberRefusedError("00 is not supported; write + instead")
    if number[0] not in "+0":
        raise NumberRefusedError("it begins neither with + nor with 0")
    return number


def _fictional(number: str) -> tuple[str, str] | None:
    dialled = f"+33{number[1:]}" if number.startswith("0") else number
    for kind, pattern in _FICTION.items():
        if pattern.fullmatch(dialled):
            return dialled, kind
    return None


def _existing(number: str) -> tuple[str, str | None]:
    """Return a number that can exist as it is dialled, and its kind."""
    import phonenumbers

    for region in _REGIONS if number.startswith("0") else _REGIONS[:1]:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_valid_number(parsed):
            continue
        form = phonenumbers.PhoneNumberFormat.E164
        dialled: str = phonenumbers.format_number(parsed, form)
        if number.startswith("+") and dialled != number:
            raise NumberRefusedError(f"it is written {dialled}")
        name = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed))
        return dialled, _KINDS.get(name)
    raise NumberRefusedError("no number that can exist")
