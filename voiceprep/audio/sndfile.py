"""Read through libsndfile forwards only. Imported where a file needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import soundfile

if TYPE_CHECKING:
    from collections.abc import Generator

    from voiceprep.audio.signal import Samples

__all__ = ["DecoderError", "ForwardFile", "blocks"]

DecoderError = (soundfile.LibsndfileError, OSError)


class ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """Read a sound file without ever seeking in it.

    soundfile seeks after each read to keep two positions in step; for MP3 that
    makes mpg123 start over each time (measured: up to twice the CPU).
    """

    def seekable(self) -> bool:
        """Say no, whatever the file can do."""
        return False


def blocks(sound: ForwardFile, frames: int) -> Generator[Samples]:
    """Read until nothing comes: the count in the header can't be trusted.

    Yields
    ------
    (n, channels) float32
    """
    while len(block := sound.read(frames, dtype="float32", always_2d=True)):
        yield block
