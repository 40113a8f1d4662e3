"""Write what a recording becomes: never half a file under a final name.

Every artefact is written to a temporary name beside its final one, synced, and
renamed when all are whole; where one can't be, none is. Lengths are known before the
first byte, so that the headers are right from the start and nothing is held in memory.
"""

from __future__ import annotations

import os
import struct
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from voiceprep.audio.unfinished import begun, ended, undisturbed
from voiceprep.contract import TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from voiceprep.audio.signal import Int16, UInt8

__all__ = [
    "ALAW_HEAD_BYTES",
    "WAV_HEAD_BYTES",
    "Artefacts",
    "Draft",
    "alaw_head",
    "wav_head",
    "write_wav",
]

WAV_HEAD_BYTES: Final = 44
ALAW_HEAD_BYTES: Final = 58  # format chunk of 18 bytes, and a fact chunk
_PCM_TAG, _ALAW_TAG = 1, 6  # RFC 2361


@dataclass(frozen=True, slots=True)
class Artefacts:
    """Name the files of one recording.

    Parameters
    ----------
    prepared : Path
        ``NAME.wav``: 16-bit, 8 kHz, mono, every sample a decoded A-law value.
    alaw : Path
        ``NAME.pcm``: headerless A-law, what the platform should store.
    alaw_wav : Path
        ``NAME.alaw.wav``: the same bytes as WAV, format tag 6.
    result : Path
        ``NAME.json``: what was found and done.
    """

    prepared: Path
    alaw: Path
    alaw_wav: Path
    result: Path

    @classmethod
    def named(cls, folder: Path, name: str) -> Artefacts:
        """Name the files of one recording in a folder."""
        endings = (".wav", ".pcm", ".alaw.wav", ".json")
        return cls(*(folder / f"{name}{ending}" for ending in endings))


def wav_head(samples: int) -> bytes:
    """Return the 44 bytes before 16-bit mono samples at 8 kHz.

    >>> wav_head(80_000)[:4], len(wav_head(80_000))
    (b'RIFF', 44)
    """
    size = samples * 2
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16)
    rate = TELEPHONE_RATE
    form = struct.pack("<HHIIHH", _PCM_TAG, 1, rate, rate * 2, 2, 16)
    return head + form + struct.pack("<4sI", b"data", size)


def write_wav(
    file: BinaryIO, heard: Iterable[tuple[UInt8, Int16]], samples: int
) -> None:
    """Write what is heard as a WAV file, head first: into a pipe too.

    Parameters
    ----------
    file : BinaryIO
    heard : iterable of ((n,) uint8, (n,) int16)
        A-law codes and what they decode to, together `samples`.
    samples : int
    """
    file.write(wav_head(samples))
    file.writelines(pcm.astype("<i2", copy=False).data for _, pcm in heard)


def alaw_head(samples: int) -> bytes:
    """Return the 58 bytes before A-law codes at 8 kHz, with their fact chunk.

    >>> len(alaw_head(80_000))
    58
    """
    size = samples + samples % 2  # chunks are padded to even lengths
    head = struct.pack("<4sI4s4sI", b"RIFF", 50 + size, b"WAVE", b"fmt ", 18)
    rate = TELEPHONE_RATE
    form = struct.pack("<HHIIHHH", _ALAW_TAG, 1, rate, rate, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, samples)
    return head + form + fact + struct.pack("<4sI", b"data", samples)


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold artefacts under their temporary names, until they are published.

    Leaving it as a context without `publish` removes them.
    """

    paths: Artefacts
    parts: tuple[_Part, ...]

    @classmethod
    def open(cls, paths: Artefacts) -> Draft:
        """Open the temporary files; the folder is made where it lacks."""
        folder = paths.prepared.parent
        parts: list[_Part] = []
        with _at(folder), undisturbed():
            folder.mkdir(parents=True, exist_ok=True)
            try:
                finals = (paths.result, paths.prepared, paths.alaw, paths.alaw_wav)
                parts.extend(map(_Part.beside, finals))
            except OSError:
                _drop(parts)
                raise
        return cls(paths, tuple(parts))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _drop(self.parts)

    def write(self, heard: Iterable[tuple[UInt8, Int16]], samples: int) -> None:
        """Write the prepared WAV and the A-law codes, bare and as WAV.

        Parameters
        ----------
        heard : iterable of ((n,) uint8, (n,) int16)
            A-law codes and what they decode to, together `samples`.
        samples : int
        """
        _, wav, bare, alaw_wav = (part.file for part in self.parts)
        folder = self.paths.prepared.parent
        with _at(folder):
            wav.write(wav_head(samples))
            alaw_wav.write(alaw_head(samples))
        for codes, pcm in heard:
            with _at(folder):
                wav.write(pcm.astype("<i2", copy=False).data)
                bare.write(codes.data)
                alaw_wav.write(codes.data)
        with _at(folder):
            alaw_wav.write(b"\0" * (samples % 2))

    def publish(self, result: str) -> Artefacts:
        """Add the result, sync all files, then give them their final names.

        The result comes first: it marks the others as ours.
        """
        with _at(self.paths.prepared.parent):
            self.parts[0].file.write(result.encode("utf-8"))
            for part in self.parts:
                part.sync()
            with undisturbed():
                _rename(self.parts)
        return self.paths


@contextmanager
def _at(folder: Path) -> Iterator[None]:
    """Name the folder in what goes wrong there: a temporary name says nothing."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error


def _rename(parts: Sequence[_Part]) -> None:
    """Rename all parts or none: what stood there before comes back."""
    begun_with: list[_Part] = []
    try:
        for part in parts:
            begun_with.append(part)
            part.rename()
    except BaseException:  # Ctrl-C too
        for part in reversed(begun_with):
            part.undo()
        raise


def _drop(parts: Iterable[_Part]) -> None:
    for part in parts:
        part.drop()


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold a file that is being written, under its temporary name.

    `former` is a second name of what stands under the final one, until all are
    renamed.
    """

    file: BinaryIO
    temporary: Path
    former: Path
    final: Path

    @classmethod
    def beside(cls, final: Path) -> _Part:
        """Open a temporary file in the folder of `final`."""
        name = f".voiceprep-{os.urandom(8).hex()}"
        temporary, former = (final.parent / f"{name}{end}" for end in (".part", ".old"))
        file = temporary.open("xb")
        begun(temporary)
        return cls(file, temporary, former, final)

    def sync(self) -> None:
        """Bring the bytes to the disk and close."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def rename(self) -> None:
        """Give the file its final name; what stood there can come back."""
        if self.final.is_file():
            begun(self.former)
            _name_twice(self.final, self.former)
        self.temporary.replace(self.final)

    def undo(self) -> None:
        """Take the final name back, and give it to what had it before."""
        if self.former.exists():
            self.former.replace(self.final)
        elif not self.temporary.exists():
            self.final.unlink(missing_ok=True)

    def drop(self) -> None:
        """Remove the temporary names; a file that was renamed is not touched."""
        with suppress(OSError):  # a full disk, which was said when it was written to
            self.file.close()
        for path in (self.temporary, self.former):
            path.unlink(missing_ok=True)
            ended(path)


def _name_twice(path: Path, other: Path) -> None:
    """Give a file a second name; where the disk knows no such thing, another one."""
    try:
        other.hardlink_to(path)
    except OSError:
        path.rename(other)
