"""Remember numbers in a few bytes each, however many there are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Final

__all__ = ["NumberSet"]

_BITS: Final = 16  # of a number, kept in its page; the others name the page
_PAGE: Final = 1 << _BITS
# Two bytes a number until the page is as large as its bitmap; then one bit each.
_DENSE: Final = _PAGE // 8 // 2


class NumberSet:
    """Hold numbers, sorted in pages (as roaring bitmaps do).

    A million mobile numbers take 3 MB; a `set` of them would take 64. All the
    numbers of France can never take more than 125 MB.

    >>> seen = NumberSet()
    >>> seen.add("+33612345678"), seen.add("+33612345678"), seen.add("+33612345679")
    (True, False, True)
    >>> "+33612345679" in seen, "+33612345670" in seen, len(seen)
    (True, False, 2)
    """

    def __init__(self) -> None:
        self._pages: dict[int, array[int] | bytearray] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: str) -> bool:
        page, low = self._place(number)
        if isinstance(page, bytearray):
            return bool(page[low >> 3] & 1 << (low & 7))
        at = bisect_left(page, low)
        return at < len(page) and page[at] == low

    def add(self, number: str) -> bool:
        """Add a number (E.164); say whether it was new.

        Parameters
        ----------
        number : str
            ``+`` and up to 15 digits.
        """
        page, low = self._place(number)
        new = _set_bit(page, low) if isinstance(page, bytearray) else _put(page, low)
        self._count += new
        if len(page) >= _DENSE and not isinstance(page, bytearray):
            self._pages[int(number) >> _BITS] = _bitmap(page)
        return new

    def _place(self, number: str) -> tuple[array[int] | bytearray, int]:
        value = int(number)
        page = self._pages.get(value >> _BITS)
        if page is None:
            page = self._pages[value >> _BITS] = array("H")
        return page, value & (_PAGE - 1)


def _put(page: array[int], low: int) -> bool:
    at = bisect_left(page, low)
    if at < len(page) and page[at] == low:
        return False
    page.insert(at, low)
    return True


def _set_bit(page: bytearray, low: int) -> bool:
    bit = 1 << (low & 7)
    new = not page[low >> 3] & bit
    page[low >> 3] |= bit
    return new


def _bitmap(page: array[int]) -> bytearray:
    bits = bytearray(_PAGE // 8)
    for low in page:
        bits[low >> 3] |= 1 << (low & 7)
    return bits
