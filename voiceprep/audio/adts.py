"""Read the frames of a raw AAC file (ADTS): ISO/IEC 13818-7, 6.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["HEAD_BYTES", "begins", "frame_bytes"]

HEAD_BYTES: Final = 7
_CHAIN: Final = 4  # frames in a row before a file counts as AAC
_RATES: Final = 13  # sampling rates that have a number


def begins(file: BinaryIO, at: int, size: int) -> bool:
    """Say whether ADTS frames begin at an offset."""
    for hop in range(_CHAIN):
        file.seek(at)
        length = frame_bytes(file.read(HEAD_BYTES))
        if not length:
            return hop > 1 and at == size
        at += length
    return True


def frame_bytes(head: bytes) -> int:
    """Read the bytes of the frame that begins with `head`; 0 where none does.

    >>> frame_bytes(bytes.fromhex("fff15080021ffc"))
    16
    """
    if len(head) < HEAD_BYTES or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= HEAD_BYTES and head[2] >> 2 & 15 < _RATES else 0
