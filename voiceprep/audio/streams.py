"""Walk files that are streams of pages, blocks and frames: Ogg, WebM, FLAC and others.

Ogg: RFC 3533. EBML: RFC 8794; Matroska: RFC 9559. FLAC: RFC 9639. AMR: RFC 4867.
WavPack: its file format 4/5. ASF: Microsoft's specification 01.20.06.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep.audio import adts
from voiceprep.audio.extent import MOST_STEPS, Extent, bytes_at, ending, places
from voiceprep.audio.mpeg import behind_tags
from voiceprep.audio.sniff import container_at

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["aac", "amr", "asf", "flac", "ogg", "wavpack", "webm"]

_PAGE: Final = re.compile(rb"OggS\0")
_PAGE_HEAD: Final = 27
_BEGINS, _ENDS = 2, 4  # flags of an Ogg page
_SEGMENT: Final = 0x18538067
_SECOND_FLAC: Final = re.compile(rb"fLaC[\0\x80]\0\0\x22")
_SECOND_AMR: Final = re.compile(rb"#!AMR(?:-WB)?\n")
_AMR_BYTES: Final = {  # of a frame by its mode, the mode's own byte included
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1),
}
_INITIAL: Final = 0x800  # flag of the first of the blocks that sound together
_FILE_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_LIVE: Final = 1  # flag of an ASF file whose sizes were never filled in


def aac(file: BinaryIO, size: int) -> Extent:
    """Walk the frames of a raw AAC file; those of a second one are more of them."""
    at = behind_tags(file, 0, size)
    for _ in range(MOST_STEPS):
        length = adts.frame_bytes(bytes_at(file, at, adts.HEAD_BYTES))
        if not length:
            break
        at += length
    if at > size:
        return Extent(cut_in="a frame")
    return ending(file, at, size)


def ogg(file: BinaryIO, size: int) -> Extent:
    """Walk the pages of an Ogg file; a stream that begins late was joined on."""
    end, flags, sounds = 0, 0, False
    for at, flags, length in _pages(file, size):
        if flags & _BEGINS and sounds:
            return Extent(is_joined=True)
        sounds, end = sounds or not flags & _BEGINS, at + length
    if end > size:
        return Extent(cut_in="a page")
    return replace(ending(file, end, size), is_marked=bool(flags & _ENDS))


def _pages(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each Ogg page begins, its flags, and its bytes."""
    at: int | None = 0
    while at is not None and at < size:
        head = bytes_at(file, at, _PAGE_HEAD + 255)
        if head[:5] != b"OggS\0"[: len(head)]:
            at = next(places(file, _PAGE, at, size), None)  # lost; the next one
            continue
        table = _PAGE_HEAD + (head[26] if len(head) >= _PAGE_HEAD else 0)
        length = table + sum(head[_PAGE_HEAD:table])
        yield at, head[5] if len(head) > 5 else 0, length
        at += length


def webm(file: BinaryIO, size: int) -> Extent:
    """Walk the elements of a WebM or Matroska file.

    What a browser records has a segment and clusters of unknown size: their
    elements follow each other as if they stood side by side.
    """
    at = 0
    for _ in range(MOST_STEPS):
        head = bytes_at(file, at, 12)
        name, name_bytes = _number(head, keep_marker=True)
        length, length_bytes = _number(head[name_bytes:])
        begun = at + name_bytes + length_bytes
        if not name_bytes or not length_bytes or (at and container_at(head)):
            break
        if length == (1 << 7 * length_bytes) - 1:  # its word for unknown
            at = begun
            continue
        at = begun + length
        if name == _SEGMENT:
            return ending(file, at, size, length, min(at, size) - begun)
    return replace(ending(file, at, size), cut_in="a block" if at > size else "")


def _number(head: bytes, *, keep_marker: bool = False) -> tuple[int, int]:
    """Read an EBML number; return it and its bytes, 0 where there is none."""
    if not head or not head[0]:
        return 0, 0
    count = 9 - head[0].bit_length()
    if count > len(head):
        return 0, 0
    value = int.from_bytes(head[:count], "big")
    return value if keep_marker else value & (1 << 7 * count) - 1, count


def flac(file: BinaryIO, size: int) -> Extent:
    """Look for another FLAC file among the frames; decoders pass over its header."""
    at = 4
    for _ in range(MOST_STEPS):
        head = bytes_at(file, at, 4).ljust(4, b"\xff")
        at += 4 + int.from_bytes(head[1:], "big")
        if head[0] >= 0x80:  # the last block before the frames
            break
    return Extent(is_joined=next(places(file, _SECOND_FLAC, at, size), -1) >= 0)


def amr(file: BinaryIO, size: int) -> Extent:
    """Walk the frames of an AMR file."""
    head = bytes_at(file, 0, 9)
    magic = next((word for word in _AMR_BYTES if head.startswith(word)), b"")
    if not magic or next(places(file, _SECOND_AMR, 1, size), None) is not None:
        return Extent(is_joined=bool(magic))
    lengths, at = _AMR_BYTES[magic], len(magic)
    for _ in range(MOST_STEPS):
        mode = bytes_at(file, at, 1)
        if not mode:
            break
        at += lengths[mode[0] >> 3 & 15]
    return Extent(cut_in="a frame" if at > size else "")


def wavpack(file: BinaryIO, size: int) -> Extent:
    """Walk the blocks of a WavPack file; each says which samples it holds."""
    at = total = done = 0
    for _ in range(MOST_STEPS):
        head = bytes_at(file, at, 32)
        if head[:4] != b"wvpk" or len(head) < 32:
            break
        words = [int.from_bytes(head[n : n + 4], "little") for n in range(4, 32, 4)]
        length, first, samples = words[0] + 8, words[3], words[4]
        if words[5] & _INITIAL and first == 0 and done and samples:
            return Extent(is_joined=True)
        total = total or (0 if words[2] == 0xFFFFFFFF else words[2])
        at += length
        done = first + samples if at <= size else done
    if at > size and not total:
        return Extent(cut_in="a block")
    return ending(file, at, size, max(total, done), done)


def asf(file: BinaryIO, size: int) -> Extent:
    """Compare a WMA file's size with what its header says of it."""
    head = bytes_at(file, 0, 65_536)
    at = head.find(_FILE_PROPERTIES)
    declared = int.from_bytes(head[at + 40 : at + 48], "little")
    if at < 0 or len(head) < at + 92 or head[at + 88] & _LIVE or not declared:
        return Extent()
    return ending(file, declared, size, declared, min(declared, size))
