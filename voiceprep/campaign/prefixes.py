"""Tell what kind of number a number is: a table for France, a library for the rest.

`phonenumbers` takes 20 µs and more for a number. The table (data/prefixes.txt, written
by scripts/make_prefixes.py from that very library) answers the numbers of France and
its overseas departments from their first five digits, which decide.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["CODES", "DEPTH", "KINDS", "OVERSEAS_ONLY", "existing", "read"]

DATA: Final = Path(__file__).with_name("data") / "prefixes.txt"
DEPTH: Final = 5  # digits that decide; make_prefixes.py proves it
NATIONAL: Final = 9  # digits of a number in France, without its 0
# Metropolitan France first, then the overseas departments in the order in which a
# number in national form is tried: Guadeloupe, Réunion and Mayotte, Guyane, Martinique.
CODES: Final = ("33", "590", "262", "594", "596")
# The library finds some of them under 33 too; ARCEP gives them to one place only.
OVERSEAS_ONLY: Final = frozenset({"262", "263", "269", "590", "594", "596"})
KINDS: Final = ("", "mobile", "fixed", "voip", "special")
KIND_OF: Final = {  # the library's words → ours
    "MOBILE": "mobile",
    "FIXED_LINE_OR_MOBILE": "mobile",
    "FIXED_LINE": "fixed",
    "VOIP": "voip",
}
# ARCEP's mobile numbers for works of fiction: nobody has them, so that tests may.
FICTION: Final = "63998"


def existing(number: str) -> tuple[str, str]:
    """Return a number as it is dialled from anywhere (E.164), and its kind.

    Parameters
    ----------
    number : str
        ``+`` or ``0``, then digits.

    Returns
    -------
    tuple of str
        Number and kind: ``"mobile"``, ``"fixed"``, ``"voip"``, ``"special"``
        (premium, toll-free …), or ``""`` where no such number can exist.

    >>> existing("0612345678"), existing("0692123456")
    (('+33612345678', 'mobile'), ('+262692123456', 'mobile'))
    >>> existing("+447911123456")
    ('+447911123456', 'mobile')
    >>> existing("0899123456")[1], existing("0700000000")[1]
    ('special', '')
    """
    if number[0] == "0":
        return _national(number[1:])
    tables = _tables()
    for code in CODES:
        if number.startswith(code, 1):
            national = number[len(code) + 1 :]
            return number, _kind(tables[code], national)
    return _foreign(number)


def read() -> dict[str, list[tuple[str, str]]]:
    """Read the table: country code → its prefixes and their kinds."""
    rows: dict[str, list[tuple[str, str]]] = {code: [] for code in CODES}
    for line in DATA.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            code, kind, *some = line.split()
            rows[code] += [(prefix, kind) for prefix in some]
    return rows


def _national(national: str) -> tuple[str, str]:
    tables = _tables()
    codes = CODES[1:] if national[:3] in OVERSEAS_ONLY else CODES
    for code in codes:
        if kind := _kind(tables[code], national):
            return f"+{code}{national}", kind
    return "", ""


def _kind(table: bytes, national: str) -> str:
    if len(national) != NATIONAL:
        return ""
    return KINDS[table[int(national[:DEPTH])]]


@cache
def _tables() -> dict[str, bytes]:
    """Spread the prefixes out: the first digits are the place in a table."""
    return {code: _spread(rows) for code, rows in read().items()}


def _spread(rows: list[tuple[str, str]]) -> bytes:
    table = bytearray(10**DEPTH)
    for prefix, kind in rows:
        width = 10 ** (DEPTH - len(prefix))
        start = int(prefix) * width
        table[start : start + width] = bytes([KINDS.index(kind)]) * width
    return bytes(table)


def _foreign(number: str) -> tuple[str, str]:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", ""
    if not phonenumbers.is_valid_number(parsed):
        return "", ""
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    name = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed))
    return dialled, KIND_OF.get(name, "special")
