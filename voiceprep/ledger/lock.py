"""One run at a time on a ledger that is a file."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from voiceprep.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import TextIOWrapper
    from pathlib import Path

__all__ = ["exclusive"]

_POLL_S = 0.2


@contextmanager
def exclusive(
    path: Path, *, wait: bool = True, say: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold a lock file while the block runs; it falls free when the process dies.

    Parameters
    ----------
    path : Path
    wait : bool
        Whether to wait for whoever holds it.
    say : callable
        Told once, in a sentence, who holds it.

    Raises
    ------
    LedgerError
        Where another run holds it and `wait` is False.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     from pathlib import Path
    ...     with exclusive(Path(folder) / "lock"):
    ...         "alone"
    'alone'
    """
    # Not inherited by the processes that decode: they are started by exec.
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file):
            held = f"{_holder(file)} works on the ledger {path.with_suffix('')}"
            if not wait:
                raise LedgerError(f"{held}; wait for it, or end it")
            say(f"{held}; waiting for it to end")
            while not _taken(file):
                time.sleep(_POLL_S)
        _sign(file)
        yield


def _taken(file: TextIOWrapper) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIOWrapper) -> str:
    """Name the process that holds the lock, as it signed."""
    file.seek(0)
    try:
        told: dict[str, Any] = json.loads(file.read(1_000))
        return f"process {told['pid']} on {told['host']}, since {told['since']},"
    except (ValueError, KeyError, TypeError):
        return "another process"  # it has not signed yet


def _sign(file: TextIOWrapper) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    told = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    file.seek(0)
    file.truncate()
    file.write(json.dumps(told))
    file.flush()
