"""Let processes of one user take turns, where two at once would do a thing twice."""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from voiceprep.audio.unfinished import begun, ended

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["one_at_a_time"]


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Wait until no other process does the same, and keep the others waiting.

    Where the user's state can't be written to there are no turns: the work itself
    is more than they are.

    Parameters
    ----------
    what : str
        Of any length; it is not written down.

    >>> with one_at_a_time("an upload"):
    ...     "alone"
    'alone'
    """
    path = _folder() / f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.lock"
    lock = _taken(path)
    if lock is None:
        yield
        return
    begun(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # before it is given back: see `_taken`
        ended(path)
        lock.close()


def _folder() -> Path:
    """Name the folder of locks, below the user's state."""
    home = os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return Path(home) / "voiceprep" / "turns"


def _taken(path: Path) -> IO[bytes] | None:
    """Open and lock a file; None where none can be made.

    Whoever had it before has removed it: a lock counts only while its file still
    has the name.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            lock = path.open("ab")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _has_name(lock, path):
                return lock
            lock.close()
    except (OSError, RuntimeError):  # no disk, no lock, no home
        return None


def _has_name(lock: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False
