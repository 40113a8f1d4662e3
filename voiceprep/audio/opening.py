"""Open a recording: a regular file, or a pipe copied to one; never a hang."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO, Final

from voiceprep.errors import UndecodableError

__all__ = ["open_recording", "spool"]

MAX_STREAM_BYTES: Final = 4 << 30  # [ours] what is taken from a pipe


def open_recording(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading; never hangs on a pipe or a device.

    Raises
    ------
    UndecodableError
        ``not_found``, ``not_a_file`` or ``not_permitted``.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO waits for a writer for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unopened(error, os.fspath(path)) from error
    except ValueError as error:  # a NUL in the name
        raise UndecodableError(f"no such file: {error}", code="not_found") from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise UndecodableError(
            f"{_mode_name(mode)}, not a file",
            code="not_a_file",
            remedy="Name a recording; `-` reads from a pipe.",
        )
    return os.fdopen(handle, "rb")


def _unopened(error: OSError, path: str) -> UndecodableError:
    """Turn a failure to open into a sentence and its code."""
    if isinstance(error, PermissionError):
        remedy = "Give yourself the right to read it (chmod u+r)."
        return UndecodableError(
            "no right to read it", code="not_permitted", remedy=remedy
        )
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        remedy = "Fetch it first." if "://" in path else "Check the path."
        return UndecodableError("no such file", code="not_found", remedy=remedy)
    reason = (error.strerror or str(error)).lower()
    return UndecodableError(f"can't be opened: {reason}", code="not_a_file")


def _mode_name(mode: int) -> str:
    names = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for test, name in names if test(mode)), "something else")


def spool(stream: BinaryIO, limit: int = MAX_STREAM_BYTES) -> BinaryIO:
    """Copy a pipe to a temporary file, so that it can be walked.

    At most `limit` + 1 bytes are taken: enough to see that it is too large.
    """
    import tempfile

    file = tempfile.TemporaryFile(prefix="voiceprep-")  # noqa: SIM115 (returned open)
    left = limit + 1
    while left and (chunk := stream.read(min(1 << 20, left))):
        file.write(chunk)
        left -= len(chunk)
    file.seek(0)
    return file
