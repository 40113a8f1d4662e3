"""Say of each kind of file how much of it is there: a table of walks."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep.audio import chunks, streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceprep.audio.extent import Extent
    from voiceprep.audio.sniff import Kind

__all__ = ["extent_of"]

_WALKS: Final[dict[str, Callable[[BinaryIO, int], Extent]]] = {
    "aac": streams.aac,
    "aiff": chunks.aiff,
    "amr": streams.amr,
    "asf": streams.asf,
    "au": chunks.au,
    "caf": chunks.caf,
    "flac": streams.flac,
    "mp4": chunks.mp4,
    "ogg": streams.ogg,
    "w64": chunks.wave64,
    "wavpack": streams.wavpack,
    "webm": streams.webm,
}


def extent_of(file: BinaryIO, kind: Kind, size: int) -> Extent:
    """Say how much of a file is there, and whether another follows.

    Parameters
    ----------
    file : BinaryIO
        Seekable; its position is moved.
    kind : Kind
        Of its content; WAV and MPEG files have walks of their own.
    size : int
        Bytes of the file.

    >>> from voiceprep.audio.sniff import container_at
    >>> with open("samples/phone-memo.opus", "rb") as file:
    ...     kind = container_at(file.read(32))
    ...     extent_of(file, kind, file.seek(0, 2)).share
    1.0
    """
    return _WALKS[kind.container](file, size)
