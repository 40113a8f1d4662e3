"""Keep what was done, so that nothing is done twice: plans, claims, outcomes.

Every write is one function on a connection, executed whole by `Writer`. What a run
holds is its own while it says that it lives; a run that died gives it up by itself.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from sqlalchemy import delete, insert, update

from voiceprep.ledger import plans, sendings
from voiceprep.ledger.database import opened, reading
from voiceprep.ledger.lock import exclusive
from voiceprep.ledger.schema import runs
from voiceprep.ledger.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from concurrent.futures import Future

    from sqlalchemy import Connection, Engine

    from voiceprep.ledger.records import Listed, Made, Recording, Task, Upload
    from voiceprep.ledger.states import State

__all__ = ["LEASE_S", "Ledger"]

T = TypeVar("T")
LEASE_S: Final = 30.0  # [ours] how long a silent run keeps what it holds


class Ledger:
    """Open a ledger; several threads may share it.

    Parameters
    ----------
    url : str
        ``sqlite:////folder/ledger.sqlite3`` or ``postgresql+psycopg://…``.
    clock : callable
        Unix time in seconds.
    lease_s : float
        How long a run that says nothing keeps what it holds.

    Raises
    ------
    LedgerError
        Where it can't be opened, or a newer voiceprep wrote it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Ledger(f"sqlite:///{folder}/ledger.sqlite3") as ledger:
    ...         with ledger.run():
    ...             ledger.count("out")
    {}
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.time,
        lease_s: float = LEASE_S,
    ) -> None:
        self._engine: Engine = opened(url)
        self._clock = clock
        self._lease_s = lease_s
        self._run_id = uuid.uuid4().hex
        self._writer = Writer(self._engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is queued, and give the connections back."""
        self._writer.close()
        self._engine.dispose()

    @property
    def is_shared(self) -> bool:
        """Say whether several runs may work on it at once."""
        return self._engine.dialect.name != "sqlite"

    # Runs

    @contextmanager
    def run(
        self, *, wait: bool = True, say: Callable[[str], None] = lambda _: None
    ) -> Iterator[None]:
        """Take part as a run, while the block lasts.

        Raises
        ------
        LedgerError
            Where the ledger takes one run at a time, another one has it, and `wait`
            is False.
        """
        ended = threading.Event()
        with self._alone(wait=wait, say=say):
            self._do(self._register)
            beat = threading.Thread(
                target=self._live, args=(ended,), name="ledger-run", daemon=True
            )
            beat.start()
            try:
                yield
            finally:
                ended.set()
                beat.join()
                self._do(lambda db: db.execute(delete(runs).where(self._is_own)))

    def _alone(self, *, wait: bool, say: Callable[[str], None]) -> Any:
        file = self._engine.url.database
        if self.is_shared or file in {None, "", ":memory:"}:
            return nullcontext()
        return exclusive(Path(f"{file}.lock"), wait=wait, say=say)

    @property
    def _is_own(self) -> Any:
        return runs.c.id == self._run_id

    def _register(self, db: Connection) -> None:
        """Enter this run; where only one can be, the others are dead."""
        now = self._clock()
        if not self.is_shared:
            db.execute(delete(runs))
        db.execute(
            insert(runs).values(
                id=self._run_id,
                host=socket.gethostname(),
                pid=os.getpid(),
                started_at=now,
                alive_until=now + self._lease_s,
            )
        )

    def _live(self, ended: threading.Event) -> None:
        """Say that this run lives, three times a lease."""

        def beat(db: Connection) -> None:
            until = self._clock() + self._lease_s
            db.execute(update(runs).where(self._is_own).values(alive_until=until))

        while not ended.wait(self._lease_s / 3):
            self._writer.put(beat)

    def _do(self, write: Callable[[Connection], T]) -> T:
        """Write and wait until it is on the disk."""
        return self._writer.put(write).result()

    # Recordings

    def enter(self, out: str, asked: str, listed: Sequence[Listed]) -> list[Recording]:
        """Enter recordings as they were found; return those that are done already.

        A recording whose size, stamp and `asked` are those of its row, and that was
        prepared or refused, is done; every other one is planned anew.
        """
        return self._do(lambda db: plans.enter(db, out, asked, listed, self._clock()))

    def peek(self, out: str, asked: str, listed: Sequence[Listed]) -> dict[str, str]:
        """Say of recordings by place: ``new``, ``changed`` or ``unchanged``."""
        with reading(self._engine) as db:
            return plans.peek(db, out, asked, listed)

    def leave_out(self, out: str, root: str, since: float) -> None:
        """Note as absent what a listing of a root, begun at `since`, lacked."""
        self._do(lambda db: plans.leave_out(db, out, root, since))

    def plan(self, ids: Collection[int]) -> None:
        """Plan recordings anew, whatever became of them."""
        self._do(lambda db: plans.plan(db, ids, self._clock()))

    def claim(self, out: str, limit: int) -> list[Task]:
        """Take up to `limit` planned recordings, the largest first."""
        return self._do(
            lambda db: plans.claim(db, out, self._run_id, limit, self._clock())
        )

    def is_planned(self, out: str) -> bool:
        """Say whether recordings are still to be prepared, by this run or another."""
        with reading(self._engine) as db:
            return plans.is_planned(db, out)

    def settle(self, task: Task, made: Made) -> Future[bool]:
        """Write what became of a task; False where this run no longer held it."""
        return self._writer.put(
            lambda db: plans.settle(db, task, made, self._run_id, self._clock())
        )

    def recordings(
        self,
        out: str,
        account: str,
        *,
        states: Collection[State] | None = None,
        limit: int = 500,
    ) -> Iterator[Recording]:
        """Yield the recordings of `out` in their order, with their uploads.

        Parameters
        ----------
        states : collection of State or None
            Those in other states are left out.
        limit : int
            Rows of one moment; between them others may write.
        """
        after = 0
        while True:
            with reading(self._engine) as db:
                some = plans.recordings_of(db, out, account, after, limit, states)
            yield from some
            if len(some) < limit:
                return
            after = some[-1].id

    def count(self, out: str, account: str = "") -> dict[tuple[State, str], int]:
        """Count the recordings of `out` by state and verdict."""
        with reading(self._engine) as db:
            return plans.count(db, out, account)

    def forget(self, out: str, ids: Collection[int]) -> None:
        """Forget recordings; what was uploaded stays known by its bytes."""
        self._do(lambda db: plans.forget(db, out, ids))

    # Uploads

    def take(self, account: str, tag: str, key: str) -> Upload:
        """Take the upload of some bytes, where no living run has it.

        What was being sent when its run died comes back as ``unknown``.
        """
        return self._do(
            lambda db: sendings.take(db, account, tag, key, self._run_id, self._clock())
        )

    def begin(self, account: str, tag: str) -> Upload:
        """Write the intent to send; only when this returns may a byte leave.

        Raises
        ------
        LedgerError
            Where this run no longer holds it.
        """
        return self._do(
            lambda db: sendings.begin(db, account, tag, self._run_id, self._clock())
        )

    def end(self, account: str, tag: str, to: State, **told: str | None) -> Upload:
        """Write an outcome: its state, and the columns that tell of it."""
        return self._do(
            lambda db: sendings.end(
                db, account, tag, self._run_id, to, told, self._clock()
            )
        )

    def uploads(self, account: str, states: Collection[State]) -> list[Upload]:
        """Return an account's uploads in some states."""
        with reading(self._engine) as db:
            return sendings.listed(db, account, states)

    def drop(self, account: str, tag: str) -> None:
        """Forget an upload: the platform no longer has it."""
        self._do(lambda db: sendings.drop(db, account, tag))
