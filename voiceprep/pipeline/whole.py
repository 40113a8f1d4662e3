"""Write a file that is whole under its name, or is not there."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["whole"]


@contextmanager
def whole(path: Path, *, private: bool = True) -> Iterator[IO[str]]:
    """Open a text (UTF-8) that appears under its name when it is on the disk.

    Parameters
    ----------
    path : Path
    private : bool
        For its owner alone: numbers of persons are in it.

    Raises
    ------
    SettingsError
        Where the path names no file.
    OSError
        With the file's own name, not that of what was begun.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "a.csv"
    ...     with whole(place) as file:
    ...         _ = file.write("a,b")
    ...     place.read_text(), [each.name for each in Path(folder).iterdir()]
    ('a,b', ['a.csv'])
    """
    if not path.name or path.is_dir():
        raise SettingsError(f"{str(path)!r} names no file; name one in that folder")
    partial = path.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            if private:
                os.fchmod(file.fileno(), 0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
