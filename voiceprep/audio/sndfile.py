"""Read through libsndfile forwards only. Imported where a file needs it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import soundfile

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import BinaryIO

    from voiceprep.audio.signal import Samples
    from voiceprep.audio.splice import Splice

__all__ = ["DecoderError", "ForwardFile", "blocks", "opened"]

DecoderError = soundfile.LibsndfileError


class ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """Read a sound file without ever seeking in it.

    soundfile seeks after each read to keep two positions in step; for MP3 that
    makes mpg123 start over each time (measured: up to twice the CPU).
    """

    def seekable(self) -> bool:
        """Say no, whatever the file can do."""
        return False


@contextmanager
def opened(file: BinaryIO | Splice) -> Iterator[ForwardFile]:
    """Open a file for libsndfile, from its start.

    A real file is given as a descriptor of its own, with its own position: then
    libsndfile reads without calling Python (a tenth of the CPU of an MP3, and
    two threads no longer wait for each other).
    """
    handle = _own_handle(file)
    if handle is None:
        file.seek(0)
        with ForwardFile(file) as sound:
            yield sound
        return
    try:
        with ForwardFile(handle, closefd=False) as sound:
            yield sound
    finally:
        os.close(handle)


def _own_handle(file: BinaryIO | Splice) -> int | None:
    """Open a file again by its descriptor; None where it is none, or can't be."""
    try:
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # io.UnsupportedOperation is one
        return None


def blocks(sound: ForwardFile, frames: int) -> Generator[Samples]:
    """Read until nothing comes: the count in the header can't be trusted.

    Yields
    ------
    (n, channels) float32
    """
    while len(block := sound.read(frames, dtype="float32", always_2d=True)):
        yield block
