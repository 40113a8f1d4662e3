"""One thread that writes: many small writes become one commit.

A commit that reaches the disk costs 2 ms (facts.md, "Ledger"), however much is in it.
Whoever must know that it is there waits for the future; the others go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar

from voiceprep.errors import LedgerError
from voiceprep.ledger.database import writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["Writer"]

T = TypeVar("T")
Write = Callable[["Connection"], Any]
MAX_GROUP: Final = 500  # writes in one commit; others wait no longer than that


class Writer:
    """Execute writes in their order, each whole or not at all.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[tuple[Write, Future[Any]] | None] = SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._work, name="ledger-writer", daemon=True
        )
        self._thread.start()

    def put(self, write: Callable[[Connection], T]) -> Future[T]:
        """Queue a write; its future ends when the commit is on the disk."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise LedgerError("the ledger is closed")
            self._queue.put((write, future))
        return future

    def close(self) -> None:
        """Write what is queued, and end."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group, goes_on = self._gathered(first)
            self._commit(group)
            if not goes_on:
                return

    def _gathered(
        self, first: tuple[Write, Future[Any]]
    ) -> tuple[list[tuple[Write, Future[Any]]], bool]:
        """Take what else waits; False at the end."""
        group = [first]
        while len(group) < MAX_GROUP and not self._queue.empty():
            each = self._queue.get()
            if each is None:
                return group, False
            group.append(each)
        return group, True

    def _commit(self, group: list[tuple[Write, Future[Any]]]) -> None:
        """Write a group in one commit; tell each what became of its own."""
        ends: list[Callable[[], None]] = []
        try:
            with writing(self._engine) as db:
                for write, future in group:
                    ends.append(_executed(db, write, future))
        except BaseException as error:  # noqa: BLE001 (each waits for it)
            for _, future in group:
                future.set_exception(error)
            return
        for end in ends:
            end()


def _executed(db: Connection, write: Write, future: Future[Any]) -> Callable[[], None]:
    """Execute one write within the group; return what to tell after the commit."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with db.begin_nested():
            value = write(db)
    except SQLAlchemyError:
        raise  # the database itself fails: the whole group does
    except Exception as error:  # noqa: BLE001 (its own, told to whoever asked)
        failure = error
        return lambda: future.set_exception(failure)
    return lambda: future.set_result(value)
