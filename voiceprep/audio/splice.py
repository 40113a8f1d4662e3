"""Read chosen byte ranges of a file as one file, without copying it."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import WriteableBuffer

__all__ = ["Splice"]


class Splice(io.RawIOBase):
    """Present a head of bytes and ranges of a file as one read-only file.

    Decoders are given exactly the bytes that were judged to be sound: no tag,
    no junk, no chunk whose size hangs a parser.

    Parameters
    ----------
    file : BinaryIO
        Seekable; stays open when the splice is closed.
    ranges : sequence of (int, int)
        Byte ranges [start, end) in reading order.
    head : bytes
        Stands in front of the ranges.

    >>> Splice(io.BytesIO(b"0123456789"), [(2, 4), (8, 10)], head=b"<>").read()
    b'<>2389'
    """

    def __init__(
        self, file: BinaryIO, ranges: Sequence[tuple[int, int]], head: bytes = b""
    ) -> None:
        super().__init__()
        self._file = file
        self._head = head
        self._starts = [start for start, _ in ranges]
        lengths = [end - start for start, end in ranges]
        self._ends = list(accumulate(lengths, initial=len(head)))  # within the splice
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be sought in."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position; beyond the end reads nothing."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._ends[-1]}
        self._at = max(0, base[whence] + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer across range borders, short only at the end."""
        view, filled = memoryview(buffer).cast("B"), 0
        while filled < len(view) and (got := self._read_some(len(view) - filled)):
            view[filled : filled + len(got)] = got
            filled += len(got)
        return filled

    def _read_some(self, count: int) -> bytes:
        """Return up to `count` bytes from the range at the position."""
        if self._at < len(self._head):
            got = self._head[self._at : self._at + count]
        elif self._at < self._ends[-1]:
            part = bisect_right(self._ends, self._at) - 1
            into, left = self._at - self._ends[part], self._ends[part + 1] - self._at
            self._file.seek(self._starts[part] + into)
            got = self._file.read(min(count, left))
        else:
            got = b""
        self._at += len(got)
        return got
