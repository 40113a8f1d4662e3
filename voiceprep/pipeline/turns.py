"""Let processes of one user take turns, where two at once would do a thing twice."""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from voiceprep.audio.unfinished import begun, ended
from voiceprep.pipeline.places import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Turn", "one_at_a_time", "turn_of"]


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
    turn = turn_of(what, wait=True)
    assert turn is not None  # noqa: S101 (it was waited for)
    try:
        yield
    finally:
        turn.end()


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold a turn until it is ended; an empty one keeps nobody waiting."""

    lock: IO[bytes] | None = None
    path: Path = Path()

    def end(self) -> None:
        """Give it back."""
        if self.lock is not None:
            with suppress(OSError):  # another may take it by this name
                self.path.unlink()  # before it is given back: see `_taken`
            ended(self.path)
            self.lock.close()


def turn_of(what: str, *, wait: bool = False) -> Turn | None:
    """Take a turn, as `one_at_a_time` does; None where another has it.

    >>> turn = turn_of("an upload")
    >>> turn_of("an upload") is None
    True
    >>> turn.end()
    """
    name = hashlib.sha256(what.encode()).hexdigest()[:32]
    try:
        path = state_folder() / "turns" / f"{name}.lock"
        lock = _taken(path, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except (OSError, RuntimeError):  # no disk, no lock, no home
        return Turn()
    begun(path)
    return Turn(lock, path)


def _taken(path: Path, how: int) -> IO[bytes]:
    """Open and lock a file.

    Whoever had it before has removed it: a lock counts only while its file still
    has the name.

    Raises
    ------
    BlockingIOError
        Where another has it, and nobody wants to wait.
    OSError
        Where there can be none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with ExitStack() as stack:
            lock = stack.enter_context(path.open("ab"))
            fcntl.flock(lock, how)
            if _has_name(lock, path):
                stack.pop_all()
                return lock


def _has_name(lock: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False
