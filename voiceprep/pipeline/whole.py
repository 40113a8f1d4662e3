"""Write a file that is whole under its name, or is not there.

What a person's name leads to stays what it is: a symbolic link's target is written, not
the link replaced, and a device, a pipe or our own stdout is written to. A name of ours,
where anybody may have put something else, is replaced.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["whole", "whole_bytes"]


@contextmanager
def whole(
    path: Path, *, private: bool = True, through: bool = True
) -> Iterator[IO[str]]:
    """Open a text (UTF-8) that appears under its name when it is on the disk.

    Parameters, errors: as of `whole_bytes`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "a.csv"
    ...     with whole(place) as file:
    ...         _ = file.write("a,b")
    ...     place.read_text(), [each.name for each in Path(folder).iterdir()]
    ('a,b', ['a.csv'])
    """
    with whole_bytes(path, private=private, through=through) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def whole_bytes(
    path: Path, *, private: bool = True, through: bool = True
) -> Iterator[BinaryIO]:
    """Open a file that appears under its name when it is on the disk.

    Parameters
    ----------
    path : Path
    private : bool
        For its owner alone: numbers of persons are in it.
    through : bool
        Whether what the name leads to is written, as a person who chose it expects;
        else what lies under it is replaced.

    Raises
    ------
    SettingsError
        Where the path names no file.
    OSError
        With the file's own name, not that of what was begun.
    """
    if not path.name or path.is_dir():
        raise SettingsError(f"{str(path)!r} names no file; name one in that folder")
    target = Path(os.path.realpath(path)) if through else path
    partial = target.with_name(f".voiceprep-{os.urandom(8).hex()}.part")
    try:
        if through and (stream := _stream(path)) is not None:
            with stream:
                yield stream
            return
        with _begun(partial, private=private) as file:
            yield file
        partial.replace(target)
    except OSError as error:
        if error.filename not in {None, str(partial)}:
            raise  # it is another file's
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _stream(path: Path) -> BinaryIO | None:
    """Open what can't be replaced: our own stdout, a pipe, a device; None for others.

    Stdout may be a file, of which `/dev/stdout` is another name.
    """
    try:
        there = path.stat()
    except OSError:
        return None  # nothing lies there; what else is wrong is said when it is made
    with suppress(OSError, ValueError):
        if os.path.samestat(there, os.fstat(sys.stdout.fileno())):
            sys.stdout.flush()
            return os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    return None if stat.S_ISREG(there.st_mode) else path.open("wb")


@contextmanager
def _begun(partial: Path, *, private: bool) -> Iterator[BinaryIO]:
    """Open a file under its temporary name; at the end it is on the disk."""
    with partial.open("xb") as file:
        if private:
            os.fchmod(file.fileno(), 0o600)
        yield file
        file.flush()
        os.fsync(file.fileno())
