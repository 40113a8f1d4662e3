"""Read what stands around MPEG frames: tags, and frames that hold no sound.

Xing, Info and the LAME tag: "Mp3 Info Tag revision 1". VBRI: Fraunhofer IIS. ID3v2:
id3.org. APE: APEv2.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from voiceprep.audio.mpeg_header import FrameKind

__all__ = ["Claim", "claim_of", "tag_size"]

_WORD: Final = struct.Struct(">I")
_VBRI_OFFSET: Final = 36  # header and 32 bytes, whatever the channel mode
_ID3V1_BYTES: Final = 128


class Claim(NamedTuple):
    """Hold what an information frame (Xing, Info, VBRI) says of its file."""

    offset: int
    end: int
    frames: int | None
    bytes: int | None
    delay: int | None
    padding: int | None


def tag_size(head: bytes) -> int:
    """Measure the tag that begins with `head`, 32 bytes; 0 for none."""
    if head[:3] == b"ID3":
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 127  # ID3v2: seven bits a byte
        return size + (20 if head[5] & 0x10 else 10)  # a footer where flagged
    if head[:3] == b"TAG":
        return _ID3V1_BYTES
    if head[:8] == b"APETAGEX":
        size = int.from_bytes(head[12:16], "little")  # without the header
        return size + 32 if head[23] & 0x20 else 32  # the header, or the footer
    return 0


def claim_of(
    data: bytes, hop: int, base: int, kind: FrameKind, length: int
) -> Claim | None:
    """Read the information frame at `hop`; None for a frame of sound."""
    offset, end = base + hop, base + hop + length
    at = hop + 4 + kind.side_bytes
    if data[at : at + 4] in {b"Xing", b"Info"}:
        return Claim(offset, end, *_xing(data, at))
    at = hop + _VBRI_OFFSET
    if data[at : at + 4] == b"VBRI":
        size, frames = struct.unpack_from(">II", data, at + 10)
        return Claim(offset, end, frames, size, None, None)
    return None


def _xing(
    data: bytes, at: int
) -> tuple[int | None, int | None, int | None, int | None]:
    """Return frames, bytes, delay and padding of the Xing tag at `at`."""
    flags, at = _WORD.unpack_from(data, at + 4)[0], at + 8
    numbers: list[int | None] = []
    for flag in (1, 2):  # frames, bytes
        numbers.append(_WORD.unpack_from(data, at)[0] if flags & flag else None)
        at += 4 if flags & flag else 0
    at += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)  # seek table, quality
    if data[at : at + 4] not in {b"LAME", b"Lavc", b"Lavf", b"GOGO"}:
        return numbers[0], numbers[1], None, None
    packed = int.from_bytes(data[at + 21 : at + 24], "big")  # 12 bits each
    return numbers[0], numbers[1], packed >> 12, packed & 0xFFF
