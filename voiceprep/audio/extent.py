"""Say how far a recording reaches by its own word: whether it is whole, and alone.

Decoders stop where a container ends, and don't say what stands behind; of a file that
was cut they play what is left. The walks over containers (`chunks`, `streams`) find
both out before anything is decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep.audio import adts, mpeg
from voiceprep.audio.sniff import container_at

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

__all__ = [
    "MOST_STEPS",
    "SHORT_SHARE",
    "Extent",
    "bytes_at",
    "ending",
    "is_short",
    "places",
]

SHORT_S: Final = 0.3  # facts.md, "Rules", truncated: what may be missing
SHORT_SHARE: Final = 0.02
MOST_STEPS: Final = 1_000_000  # [ours] of a walk; two hours of AAC have 675,000 frames
_HEAD_BYTES: Final = 32
_FILLING_BYTES: Final = 4_096  # [ours] of zeros that may stand between two recordings
_WINDOW_BYTES: Final = 1 << 16
_BEYOND: Final = 1 << 40  # past every file; sizes that lie lead further than seek can


@dataclass(frozen=True, slots=True)
class Extent:
    """Hold how much of a recording is there.

    Parameters
    ----------
    declared, present : int
        Bytes (or samples) of sound that its headers speak of, and of these, those
        that are there; equal where nothing lacks or nothing is said.
    cut_in : str
        What it ends in the middle of, in words, where nothing says how much lacks.
    is_marked : bool
        Whether its end is marked as such, where its kind does that.
    is_joined : bool
        Whether another recording begins within it or behind it.
    unread_bytes : int
        Of neither sound nor tags nor zeros, behind it.
    """

    declared: int = 1
    present: int = 1
    cut_in: str = ""
    is_marked: bool = True
    is_joined: bool = False
    unread_bytes: int = 0

    @property
    def share(self) -> float:
        """Return how much of the sound is there, above 0 to 1."""
        return min(1.0, max(1, self.present) / max(1, self.declared))


def is_short(there_s: float, expected_s: float) -> bool:
    """Say whether more lacks than encoders' delays and rounding explain.

    >>> is_short(9.8, 10.0), is_short(9.6, 10.0)
    (False, True)
    """
    return expected_s - there_s > max(SHORT_S, SHORT_SHARE * expected_s)


def bytes_at(file: BinaryIO, at: int, count: int) -> bytes:
    """Read bytes at an offset, fewer at the end and none behind it."""
    file.seek(min(at, _BEYOND))
    return file.read(count)


def ending(
    file: BinaryIO, at: int, size: int, declared: int = 1, present: int = 1
) -> Extent:
    """Say what stands behind a recording that ends at an offset, tags apart.

    >>> import io
    >>> ending(io.BytesIO(b"sound" + bytes(512) + b"fLaC"), 5, 521).is_joined
    True
    >>> ending(io.BytesIO(b"sound and what else?"), 5, 20).unread_bytes
    15
    """
    at = mpeg.behind_tags(file, at, size)
    head = bytes_at(file, at, _FILLING_BYTES)
    bare = head.lstrip(b"\0")
    if not bare:
        return Extent(declared, present)
    begun = at + len(head) - len(bare)
    # An MP4 file begins with zeros itself, of its first box's size.
    heads = (head[:_HEAD_BYTES], *(bytes(n) + bare[:_HEAD_BYTES] for n in range(4)))
    joined = (
        any(container_at(head) is not None for head in heads)
        or adts.begins(file, begun, size)
        or mpeg.begins(file, begun, size)
    )
    return Extent(declared, present, is_joined=joined, unread_bytes=size - begun)


def places(
    file: BinaryIO, pattern: re.Pattern[bytes], start: int, size: int
) -> Iterator[int]:
    """Yield where a pattern of up to 64 bytes stands, from `start` on."""
    at, overlap = start, 64
    while at < size:
        window = bytes_at(file, at, _WINDOW_BYTES + overlap)
        yield from (
            at + found.start()
            for found in pattern.finditer(window)
            if found.start() < _WINDOW_BYTES
        )
        at += _WINDOW_BYTES
