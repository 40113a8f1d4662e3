"""Keep what was done, so that nothing is done twice: plans, claims, outcomes.

Every write is one function on a connection, executed whole by `Writer`. What a run
holds is its own while it says that it lives; a run that died gives it up by itself,
and one that was frozen learns at its next write what others took over.
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

from sqlalchemy import delete, func, insert, select, update

from voiceprep.errors import LedgerError
from voiceprep.ledger import plans, sendings
from voiceprep.ledger.calls import Calls
from voiceprep.ledger.database import now, opened, reading
from voiceprep.ledger.lock import exclusive
from voiceprep.ledger.messages import Messages
from voiceprep.ledger.records import Run
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


def _is_there(run: Run) -> bool:
    """Say whether a run's process is there, as far as this machine can tell."""
    if run.host != socket.gethostname():
        return True
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


class Ledger:
    """Open a ledger; several threads may share it.

    Parameters
    ----------
    url : str
        ``sqlite:////folder/ledger.sqlite3`` or ``postgresql+psycopg://…``.
    clock : callable or None
        Unix time in seconds; None asks the machine, or the server of a shared one.
    lease_s : float
        How long a run that says nothing keeps what it holds, on a shared one.

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
        clock: Callable[[], float] | None = None,
        lease_s: float = LEASE_S,
    ) -> None:
        self._engine: Engine = opened(url)
        self._clock = clock
        self._lease_s = lease_s
        self._run_id = uuid.uuid4().hex
        self._runs = False
        self._writer = Writer(self._engine)
        self.messages = Messages(self._engine, self._writer, self._now)
        self.calls = Calls(self._engine, self._do, clock or time.time)

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

    def now(self) -> float:
        """Return the Unix time that this ledger writes."""
        if self._clock is not None or not self.is_shared:
            return (self._clock or time.time)()
        with reading(self._engine) as db:
            return self._now(db)

    def _now(self, db: Connection) -> float:
        return now(db) if self._clock is None else self._clock()

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
                self._do(self._leave)

    def _alone(self, *, wait: bool, say: Callable[[str], None]) -> Any:
        file = self._engine.url.database
        if self.is_shared or file in {None, "", ":memory:"}:
            return nullcontext()
        return exclusive(Path(f"{file}.lock"), wait=wait, say=say)

    def _register(self, db: Connection) -> None:
        """Enter this run; where only one can be, the others are dead."""
        self._runs = True
        if not self.is_shared:
            db.execute(update(runs).values(alive_until=0.0))
        self._renew(db)

    def _leave(self, db: Connection) -> None:
        self._runs = False
        db.execute(delete(runs).where(self._is_own))

    @property
    def _is_own(self) -> Any:
        return runs.c.id == self._run_id

    def _renew(self, db: Connection) -> None:
        """Say that this run lives; one that was buried alive registers again."""
        if not self._runs:
            raise LedgerError("only a run may send: this one has not begun, or ended")
        now = self._now(db)
        until = {"alive_until": now + self._lease_s}
        if db.execute(update(runs).where(self._is_own).values(until)).rowcount:
            return
        own = {"id": self._run_id, "host": socket.gethostname(), "pid": os.getpid()}
        db.execute(insert(runs).values(started_at=now, **own, **until))

    def _live(self, ended: threading.Event) -> None:
        """Say that this run lives, three times a lease."""
        while not ended.wait(self._lease_s / 3):
            self._writer.put(self._renew)

    def living(self) -> list[Run]:
        """Return the runs that are at work; one that was killed here is not."""
        columns = (runs.c.host, runs.c.pid, runs.c.started_at)
        with reading(self._engine) as db:
            query = select(*columns).where(runs.c.alive_until > self._now(db))
            every = [Run(*row) for row in db.execute(query.order_by(*columns))]
        return [each for each in every if _is_there(each)]

    def bury(self) -> float | None:
        """Forget the runs that died; say since when the oldest living one runs.

        Returns
        -------
        float or None
            Unix time: what unfinished files are older are nobody's any more. None
            where no run has died since this was last asked.
        """

        def buried(db: Connection) -> float | None:
            dead = runs.c.alive_until <= self._now(db)
            if not db.execute(delete(runs).where(dead)).rowcount:
                return None
            return db.execute(select(func.min(runs.c.started_at))).scalar()

        return self._do(buried)

    def _do(self, write: Callable[[Connection], T]) -> T:
        """Write and wait until it is on the disk."""
        return self._writer.put(write).result()

    # Recordings

    def enter(
        self, out: str, asked: str, listed: Sequence[Listed], since: float | None = None
    ) -> list[Recording]:
        """Enter recordings as they were found; return those that are done already.

        A recording whose size, stamp and `asked` are those of its row, and that was
        prepared or refused, is done; every other one is planned anew. `since` is when
        their listing began, as `leave_out` is told it.
        """

        def entered(db: Connection) -> list[Recording]:
            at = self._now(db) if since is None or self.is_shared else since
            return plans.enter(db, out, asked, listed, at)

        return self._do(entered)

    def peek(self, out: str, asked: str, listed: Sequence[Listed]) -> dict[str, str]:
        """Say of recordings by place: ``new``, ``changed`` or ``unchanged``."""
        with reading(self._engine) as db:
            return plans.peek(db, out, asked, listed)

    def keep(self, out: str, places: Collection[str], since: float) -> int:
        """Note that recordings are there, and are looked at later; count those known.

        A listing that began at `since` found them.
        """

        def kept(db: Connection) -> int:
            at = self._now(db) if self.is_shared else since
            return plans.keep(db, out, places, at)

        return self._do(kept)

    def leave_out(self, out: str, root: str, since: float) -> int:
        """Note as absent, and count, what a listing begun at `since` lacked."""
        shared = self.is_shared
        return self._do(lambda db: plans.leave_out(db, out, root, since, shared=shared))

    def plan(self, ids: Collection[int]) -> None:
        """Plan recordings anew, whatever became of them."""
        self._do(lambda db: plans.plan(db, ids, self._now(db)))

    def claim(self, out: str, limit: int) -> list[Task]:
        """Take up to `limit` planned recordings, the largest first."""
        return self._do(
            lambda db: plans.claim(db, out, self._run_id, limit, self._now(db))
        )

    def is_planned(self, out: str) -> bool:
        """Say whether recordings are still to be prepared, by this run or another."""
        with reading(self._engine) as db:
            return plans.is_planned(db, out)

    def settle(self, task: Task, made: Made) -> Future[bool]:
        """Write what became of a task; False where this run no longer held it."""
        return self._writer.put(
            lambda db: plans.settle(db, task, made, self._run_id, self._now(db))
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
            lambda db: sendings.take(
                db,
                account,
                tag,
                key,
                self._run_id,
                self._now(db),
                shared=self.is_shared,
            )
        )

    def begin(self, account: str, tag: str, within_s: float) -> Upload:
        """Write the intent to send; only when this returns may a byte leave.

        Parameters
        ----------
        within_s : float
            How long its sender may take; others wait for that, should it fall silent.

        Returns
        -------
        Upload
            To be sent only where it is ``mine``: another run may have taken it over,
            or seen it arrive.

        Raises
        ------
        LedgerError
            Outside of a run.
        """

        def intent(db: Connection) -> Upload:
            self._renew(db)
            now = self._now(db)
            return sendings.begin(db, account, tag, self._run_id, now, within_s)

        return self._do(intent)

    def end(self, account: str, tag: str, to: State, **told: str | None) -> Upload:
        """Write an outcome: its state, and the columns that tell of it.

        Returns
        -------
        Upload
            As it stands then; not ``mine`` where another run has taken it over, and
            what this one told is not what stands.
        """
        return self._do(
            lambda db: sendings.end(
                db, account, tag, self._run_id, to, told, self._now(db)
            )
        )

    def uploads(self, account: str, states: Collection[State]) -> list[Upload]:
        """Return an account's uploads in some states."""
        with reading(self._engine) as db:
            return sendings.listed(db, account, states)

    def drop(self, account: str, tag: str) -> None:
        """Forget an upload: the platform no longer has it."""
        self._do(lambda db: sendings.drop(db, account, tag))
