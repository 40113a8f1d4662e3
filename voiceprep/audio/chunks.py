"""Walk files that are chains of chunks: WAV's rest, Wave64, AIFF, CAF, AU, MP4.

AIFF: "Audio Interchange File Format", 1989. CAF: Apple's specification 1.0. Wave64:
Sony Pictures Digital. AU: Sun's audio(4). MP4: ISO/IEC 14496-12.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep.audio.extent import MOST_STEPS, Extent, bytes_at, ending, places
from voiceprep.audio.sniff import container_at

if TYPE_CHECKING:
    from voiceprep.audio.riff import WavFile

__all__ = ["aiff", "au", "caf", "mp4", "wav", "wave64"]

_UNFILLED: Final = {  # sizes of writers that could not seek back
    0,  # ffmpeg's AIFF, sox's Wave64
    0x7F000008,  # sox's AIFF
    0xFFFFFFFF,  # AU, by its definition
    (1 << 63) - 1,  # ffmpeg's Wave64
    (1 << 64) - 1,  # CAF, by its definition
}
_W64_DATA: Final = bytes.fromhex("64617461f3acd3118cd100c04f8edb8a")
_W64_RIFF: Final = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_SECOND_WAV: Final = re.compile(rb"R(?:IFF|IFX|F64)....WAVE", re.DOTALL)
_SECOND_AU: Final = re.compile(rb"\.snd\0\0......\0\0\0[\x01-\x1f]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Say how a chain of chunks is laid out.

    Parameters
    ----------
    start : int
        Where the first chunk begins.
    sound : bytes
        The name of the chunk that holds the sound.
    size : Struct
        Of the size that follows the name.
    second : Pattern
        How another such file begins, where no size tells.
    align : int
        Chunks begin at multiples of it.
    counts_head : bool
        Whether the size includes name and size.
    """

    start: int
    sound: bytes
    size: struct.Struct
    second: re.Pattern[bytes]
    align: int = 1
    counts_head: bool = False

    @property
    def head_bytes(self) -> int:
        """Count the bytes of name and size."""
        return len(self.sound) + self.size.size


_WAV: Final = {
    "<": _Layout(12, b"data", struct.Struct("<I"), _SECOND_WAV, align=2),
    ">": _Layout(12, b"data", struct.Struct(">I"), _SECOND_WAV, align=2),
}
_AIFF: Final = _Layout(
    12,
    b"SSND",
    struct.Struct(">I"),
    re.compile(rb"FORM....AIF[FC]", re.DOTALL),
    align=2,
)
_CAF: Final = _Layout(
    8, b"data", struct.Struct(">Q"), re.compile(rb"caff\0\x01\0\0desc")
)
_W64: Final = _Layout(
    40,
    _W64_DATA,
    struct.Struct("<Q"),
    re.compile(re.escape(_W64_RIFF)),
    align=8,
    counts_head=True,
)


def wav(file: BinaryIO, found: WavFile, size: int) -> Extent:
    """Look behind the samples of a WAV file; among them where no size was filled in."""
    if found.declared_bytes is None:
        return Extent(is_joined=_any(file, _SECOND_WAV, found.data_start, size))
    end = found.data_start + found.data_bytes
    behind = _chain(file, _WAV[found.order], end, size)
    return replace(behind, declared=found.declared_bytes, present=found.data_bytes)


def aiff(file: BinaryIO, size: int) -> Extent:
    """Walk the chunks of an AIFF or AIFC file."""
    return _chain(file, _AIFF, _AIFF.start, size)


def caf(file: BinaryIO, size: int) -> Extent:
    """Walk the chunks of a CAF file."""
    return _chain(file, _CAF, _CAF.start, size)


def wave64(file: BinaryIO, size: int) -> Extent:
    """Walk the chunks of a Wave64 file."""
    return _chain(file, _W64, _W64.start, size)


def au(file: BinaryIO, size: int) -> Extent:
    """Read the header of an AU file: its sound is one chunk, without a name."""
    head = bytes_at(file, 4, 8).ljust(8, b"\0")
    start, length = struct.unpack(">II", head)
    if length in _UNFILLED:
        return Extent(is_joined=_any(file, _SECOND_AU, start, size))
    present = min(length, max(0, size - start))
    return ending(file, start + length, size, length, present)


def mp4(file: BinaryIO, size: int) -> Extent:
    """Walk the boxes of an MP4 file; the sound lies in any number of ``mdat``."""
    at = declared = present = 0
    for _ in range(MOST_STEPS):
        head = bytes_at(file, at, 32)
        if not _is_name(head[4:8]) or (at and container_at(head) is not None):
            break
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:  # too large for 32 bits
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # the last one, to the end of the file
            length = size - at
        if name == b"mdat":
            declared += length
            present += max(0, min(length, size - at))
        at += max(length, 8)
    return ending(file, at, size, declared, present)


def _chain(file: BinaryIO, layout: _Layout, at: int, size: int) -> Extent:
    """Walk a chain of chunks from `at`: the sound's size, and what stands behind."""
    declared = present = 1
    for _ in range(MOST_STEPS):
        at = _aligned(file, layout, at)
        head = bytes_at(file, at, 32)
        if not _is_name(head[:4]) or len(head) < layout.head_bytes:
            break
        if container_at(head) is not None:
            break
        (length,) = layout.size.unpack_from(head, len(layout.sound))
        begun = at + layout.head_bytes
        at = max(begun, (at if layout.counts_head else begun) + length)
        if head.startswith(layout.sound):
            if length in _UNFILLED:
                return Extent(is_joined=_any(file, layout.second, begun, size))
            declared, present = at - begun, max(0, min(at, size) - begun)
    return ending(file, at, size, declared, present)


def _aligned(file: BinaryIO, layout: _Layout, at: int) -> int:
    """Return where the next chunk begins; some writers forget the padding."""
    if at % layout.align == 0 or _is_name(bytes_at(file, at, 4)):
        return at
    return at + layout.align - at % layout.align


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)


def _any(file: BinaryIO, pattern: re.Pattern[bytes], start: int, size: int) -> bool:
    return next(places(file, pattern, start, size), None) is not None
