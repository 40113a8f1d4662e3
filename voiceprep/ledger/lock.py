"""One run at a time on a ledger that is a file; one at a time of some kind on any."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from voiceprep.errors import LedgerError
from voiceprep.ledger.database import troubles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import TextIOWrapper

    from sqlalchemy import Connection, Engine

__all__ = ["exclusive", "only_one"]

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
        Where another run holds it and `wait` is False; where there can't be one.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with exclusive(Path(folder) / "lock"):
    ...         "alone"
    'alone'
    """
    # Not inherited by the processes that decode: they are started by exec.
    with _opened(path) as file:
        if not _taken(file):
            held = f"{_holder(file)} works on the ledger {path.with_suffix('')}"
            if not wait:
                raise LedgerError(f"{held}; wait for it, or end it")
            say(f"{held}; waiting for it to end")
            while not _taken(file):
                time.sleep(_POLL_S)
        with suppress(OSError):  # a courtesy, which a full disk does not allow
            _sign(file)
        yield


def _opened(path: Path) -> TextIOWrapper:
    try:
        # Never through a link: whoever put it there would have its target emptied.
        how = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        handle = os.open(path, how, 0o666)
        return os.fdopen(handle, "a+", encoding="utf-8")
    except OSError as error:
        raise LedgerError(
            f"the ledger's lock {path} can't be opened: {error.strerror}"
        ) from error


@contextmanager
def only_one(engine: Engine, what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock of the ledger itself, wherever it is; it dies with the process.

    Parameters
    ----------
    what : str
        What is done one at a time.
    say : callable
        Told once where somebody else holds it.
    """
    if engine.dialect.name == "sqlite":
        file = Path(f"{engine.url.database}.{what}.lock")
        with exclusive(file, say=say):
            yield
        return
    key = {"key": zlib.crc32(f"voiceprep {what}".encode())}
    with engine.connect() as db:  # the lock is this connection's, and ends with it
        with troubles(engine, "locked"):
            if not _is_ours(db, key):
                say("another process works on these calls; waiting for it to end")
                while not _is_ours(db, key):
                    time.sleep(_POLL_S)
        try:
            yield
        finally:
            db.invalidate()  # closes it for good, and so frees the lock


def _is_ours(db: Connection, key: dict[str, int]) -> bool:
    taken = db.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar()
    db.commit()
    return bool(taken)


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
