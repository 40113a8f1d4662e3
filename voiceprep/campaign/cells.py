"""Keep cells of CSV from being run: a spreadsheet takes some texts for formulas."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["FORMULA", "defused"]

# What a spreadsheet takes for the beginning of a formula, in either width.
FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# Digits behind a plus, masked or not: a telephone number, and no formula that does
# anything. With a quote before it no other program could call it.
TELEPHONE: Final = re.compile(r"\+[\d •]+")


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet runs.

    >>> defused("=cmd()"), defused("+33612345678"), defused("+1+cmd()")
    ("'=cmd()", '+33612345678', "'+1+cmd()")
    """
    harmless = not cell.startswith(FORMULA) or TELEPHONE.fullmatch(cell)
    return cell if harmless else f"'{cell}"
