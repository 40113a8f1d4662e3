#!/usr/bin/env python3
"""Write the table of French prefixes from phonenumberslite's metadata.

    python scripts/make_prefixes.py [--check]

For each country code it asks the library about one number behind every five digits,
and writes the shortest prefixes that say the same. That five digits decide is proved
first: no pattern of these regions looks further. With --check nothing is written;
exit code 1 where the committed table is not the one that would be.
"""

import argparse
import re._parser as sre  # type: ignore[import-not-found]
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

from voiceprep.campaign.prefixes import CODES, DATA, DEPTH, FICTION, KIND_OF, NATIONAL

REGIONS = {
    "33": ("FR",),
    "590": ("GP",),
    "262": ("RE", "YT"),
    "594": ("GF",),
    "596": ("MQ",),
}
TYPES = (
    "general_desc",
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
WIDTH = 88  # of a line


def main() -> int:
    """Write the table, or compare it.

    Returns
    -------
    int
        The exit code.
    """
    parser = argparse.ArgumentParser(description="Write the table of prefixes.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check

    for region in (region for regions in REGIONS.values() for region in regions):
        prove_depth(region)
    text = "\n".join(lines()) + "\n"
    if check:
        same = DATA.read_text(encoding="ascii") == text
        print("the table is that of the library" if same else "the table is another")
        return int(not same)
    DATA.write_text(text, encoding="ascii")
    print(f"{len(text):,} bytes in {DATA.name}")
    return 0


def prove_depth(region: str) -> None:
    """Stop where a pattern of a region looks beyond `DEPTH` digits.

    Parameters
    ----------
    region : str
        ISO 3166, such as ``"FR"``.
    """
    metadata = PhoneMetadata.metadata_for_region(region)
    for name in TYPES:
        described = getattr(metadata, name)
        if described is None or not described.national_number_pattern:
            continue
        assert set(described.possible_length) <= {NATIONAL, -1}, (region, name)
        depth = deepest(sre.parse(described.national_number_pattern), 0)[1]
        assert depth <= DEPTH, f"{region} {name}: decided by {depth} digits"


def deepest(pattern: Iterable[tuple[Any, Any]], at: int) -> tuple[int, int]:
    r"""Find where a pattern ends, and the last digit that it does not leave free.

    Parameters
    ----------
    pattern : parsed pattern
        Of literals, sets, branches and groups, and repeated ``\\d``.
    at : int
        Digits before it.

    Returns
    -------
    tuple of int
        Digits up to its end, and up to the last one that matters.

    >>> deepest(sre.parse("8(?:36[0-4]|9)\\d{5}"), 0)
    (9, 4)
    """
    needed = 0
    for op, value in pattern:
        if op is sre.SUBPATTERN:
            at, inner = deepest(value[-1], at)
        elif op is sre.BRANCH:
            ends = [deepest(branch, at) for branch in value[1]]
            at, inner = (max(column) for column in zip(*ends, strict=True))
        elif op is sre.MAX_REPEAT:
            least, most, repeated = value
            assert least == most, "a length that is not fixed"
            free = is_any_digit(repeated[0])
            at, inner = at + most, 0 if free else at + most
        else:
            assert op in (sre.LITERAL, sre.IN), op
            at, inner = at + 1, 0 if is_any_digit((op, value)) else at + 1
        needed = max(needed, inner)
    return at, needed


def is_any_digit(item: tuple[Any, Any]) -> bool:
    r"""Say whether an item of a pattern is ``\\d``."""
    return item == (sre.IN, [(sre.CATEGORY, sre.CATEGORY_DIGIT)])


def kind(code: str, first: int) -> str:
    """Ask the library about a number of a country that begins with these digits.

    Returns
    -------
    str
        Our word for its kind, ``""`` where no such number can exist.
    """
    prefix = f"{first:0{DEPTH}}"
    if prefix[0] == "0":
        return ""
    if code == "33" and prefix == FICTION:
        return "mobile"
    national = int(prefix.ljust(NATIONAL, "1"))
    number = PhoneNumber(country_code=int(code), national_number=national)
    if not phonenumbers.is_valid_number(number):
        return ""
    name = PhoneNumberType.to_string(phonenumbers.number_type(number))
    return KIND_OF.get(name, "special")


def shortest(kinds: list[str], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the shortest prefixes and their kinds.

    Parameters
    ----------
    kinds : list of str
        Of all the numbers behind a prefix, in order; a power of ten of them.
    prefix : str
        What they all begin with.

    >>> list(shortest(["", "mobile", *["fixed"] * 8]))[:2]
    [('1', 'mobile'), ('2', 'fixed')]
    """
    if len(set(kinds)) == 1:
        if kinds[0]:
            yield prefix, kinds[0]
        return
    tenth = len(kinds) // 10
    for digit in range(10):
        part = kinds[digit * tenth : (digit + 1) * tenth]
        yield from shortest(part, f"{prefix}{digit}")


def lines() -> Iterator[str]:
    """Yield the lines of the table."""
    yield "# Country code, kind, first digits; written by scripts/make_prefixes.py."
    for code in CODES:
        rows = sorted(
            (kind_, prefix)
            for prefix, kind_ in shortest([kind(code, n) for n in range(10**DEPTH)])
        )
        for kind_, group in groupby(rows, key=lambda row: row[0]):
            yield from wrapped(f"{code} {kind_}", [prefix for _, prefix in group])


def wrapped(head: str, words: list[str]) -> Iterator[str]:
    """Yield lines that all begin with a head and hold as many words as fit."""
    line = head
    for word in words:
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = head
        line += f" {word}"
    yield line


if __name__ == "__main__":
    sys.exit(main())
