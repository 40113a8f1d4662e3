"""Keep what is too long for memory: bytes that are written once and read again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import ReadableBuffer

__all__ = ["Scratch"]

_MEMORY_BYTES: Final = 2 << 20  # a minute of float32 at 8 kHz


class Scratch:
    """Take bytes in, in memory at first, past 2 MiB in a temporary file.

    >>> with Scratch() as scratch:
    ...     scratch.write(b"0123456789")
    ...     [bytes(part) for part in scratch.blocks(4)], scratch.size
    ([b'0123', b'4567', b'89'], 10)
    """

    __slots__ = ("_file", "size")

    def __init__(self) -> None:
        self._file: BinaryIO = io.BytesIO()
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def in_memory(self) -> bool:
        """Say whether no file was needed."""
        return isinstance(self._file, io.BytesIO)

    def write(self, data: ReadableBuffer) -> None:
        """Append bytes."""
        self.size += self._file.write(data)
        if self.size > _MEMORY_BYTES and isinstance(self._file, io.BytesIO):
            self._file = _rolled_over(self._file)

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield all bytes from the start, `size` at a time."""
        self._file.seek(0)
        while block := self._file.read(size):
            yield block

    def close(self) -> None:
        """Forget it all."""
        self._file.close()


def _rolled_over(memory: io.BytesIO) -> BinaryIO:
    """Go on in a temporary file: memory does not grow with the length."""
    import tempfile

    file = tempfile.TemporaryFile(prefix="voiceprep-")  # noqa: SIM115 (Scratch closes it)
    file.write(memory.getbuffer())
    return file
