"""Read through FFmpeg's libraries what phones record. Imported where a file needs it.

PyAV is the extra ``m4a``; `decode` says what to install where it lacks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np

from voiceprep.audio.splice import Splice
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from voiceprep.audio.signal import Samples
    from voiceprep.audio.sniff import Kind

__all__ = ["DecoderError", "opened"]

DecoderError = av.FFmpegError
_FORMATS: Final = {  # our word → FFmpeg's, so that nothing else is tried on a file
    "mp4": "mov",
    "aac": "aac",
    "amr": "amr",
    "asf": "asf",
    "webm": "matroska",
    "wavpack": "wv",
}
# PyAV takes tags in any encoding since 19; before, it wants to be told.
_IS_TOLD: Final = int(av.__version__.partition(".")[0]) < 19
_ANY_TAGS: Final[dict[str, Any]] = {"metadata_errors": "replace"} if _IS_TOLD else {}
_LAYOUTS: Final = {1: "mono", 2: "stereo"}


def opened(file: BinaryIO, kind: Kind) -> tuple[int, int, Iterator[Samples]]:
    """Open the first stream of sound.

    Returns
    -------
    rate, channels : int
    blocks : iterator of (n, channels) float32

    Raises
    ------
    UndecodableError
        Where there is no sound, or in a form that FFmpeg has no decoder for.
    DecoderError
        FFmpeg's own word, here or from the blocks.
    """
    # A splice lets FFmpeg seek to where sizes that lie lead; a file would raise. Tags
    # are written in any encoding, and none of them is read here.
    container = av.open(
        Splice(file, [(0, file.seek(0, os.SEEK_END))]),
        format=_FORMATS[kind.container],
        **_ANY_TAGS,
    )
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        raise UndecodableError(f"{kind.name} without sound")
    if stream.codec_context is None:
        raise UndecodableError(
            f"{kind.name} whose sound no decoder here can read", code="unsupported"
        )
    return stream.rate, stream.channels, _blocks(container, stream)


def _blocks(container: Any, stream: Any) -> Iterator[Samples]:
    channels = stream.channels
    resampler = av.AudioResampler(format="flt", layout=_LAYOUTS.get(channels))
    with container:
        for frame in container.decode(stream):
            for part in resampler.resample(frame):
                yield part.to_ndarray().reshape(-1, channels).astype(np.float32)
