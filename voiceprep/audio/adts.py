"""Walk the frames of a raw AAC file (ADTS): ISO/IEC 13818-7, 6.2."""

from __future__ import annotations

from typing import BinaryIO, Final

from voiceprep.audio.extent import Extent, bytes_at, follows
from voiceprep.audio.mpeg import behind_tags

__all__ = ["begins", "extent"]

_CHAIN: Final = 4  # frames in a row before a file counts as AAC
_HEAD_BYTES: Final = 7


def begins(file: BinaryIO) -> bool:
    """Say whether ADTS frames begin a file, behind tags or at once."""
    size = file.seek(0, 2)
    at = behind_tags(file, 0, size)
    for hop in range(_CHAIN):
        length = _length(bytes_at(file, at, _HEAD_BYTES))
        if not length:
            return hop > 1 and at == size
        at += length
    return True


def extent(file: BinaryIO, size: int) -> Extent:
    """Walk the frames; what is joined on is more frames, and is decoded with them."""
    at = behind_tags(file, 0, size)
    while length := _length(bytes_at(file, at, _HEAD_BYTES)):
        at += length
    if at > size:
        return Extent(cut_in="a frame")
    return Extent(is_joined=follows(file, at, size))


def _length(head: bytes) -> int:
    """Read the bytes of the frame that begins with `head`; 0 where none does.

    >>> _length(bytes.fromhex("fff15080021ffc"))
    16
    """
    if len(head) < _HEAD_BYTES or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    if head[2] >> 2 & 15 > 12:  # no such sampling rate
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= _HEAD_BYTES else 0
