"""Call the `pingUrl` of mailings: what is owed is in the database, sending is here.

At least once (R39): a ping is marked done after it was answered, so that a kill in
between sends it again, and nothing is ever lost. Tries are spaced in real seconds,
whatever the sandbox's clock does: the receiver lives in real time.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from voiceprep.sandbox.database import reading, writing
from voiceprep.sandbox.ping_calls import (
    Attempt,
    Call,
    Owed,
    Patience,
    answered,
    calls_of,
    failed,
)
from voiceprep.sandbox.schema import mailings, messages, pings
from voiceprep.sandbox.targets import PinnedConnection, Target, TargetError, target_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Engine

__all__ = ["Pings"]

SENDERS: Final = 8  # [ours] calls at a time
SENDERS_OF_ONE: Final = 4  # [ours] of them to one server
CHUNK: Final = 32  # calls that one sender makes over one connection
IN_HAND: Final = 20_000  # pings held in memory
LOAD: Final = 1_000  # pings read at a time
LOOK_S: Final = 0.05  # real seconds between looks while there is something to do
IDLE_S: Final = 0.5
KEPT_ATTEMPTS: Final = 10_000
MAX_ANSWER_BYTES: Final = 64 * 1024  # of an answer that is read to keep a connection
_LOG: Final = logging.getLogger("voiceprep.sandbox")


class Pings:
    """Send what is owed, in threads of its own; never in the way of delivery.

    Parameters
    ----------
    engine : Engine
    allowed : collection of str
        Hosts that may be called beside this machine.
    patience : Patience or None
        None is the usual one.
    """

    def __init__(
        self,
        engine: Engine,
        allowed: Collection[str] = (),
        patience: Patience | None = None,
    ) -> None:
        self._engine = engine
        self._allowed = frozenset(host.lower() for host in allowed)
        self._patience = patience or Patience()
        self._queues: dict[Target, deque[Call]] = {}
        self._active: Counter[Target] = Counter()
        self._done: queue.SimpleQueue[tuple[Call, Attempt] | Target] = (
            queue.SimpleQueue()
        )
        self._later: list[tuple[float, Owed]] = []
        self._in_hand: set[int] = set()
        self._unwritten: list[dict[str, Any]] = []
        self._seen = 0
        self._open: dict[PinnedConnection, float] = {}
        self.tried = 0
        self.attempts: deque[Attempt] = deque(maxlen=KEPT_ATTEMPTS)
        self._wake = threading.Event()
        self._forget = threading.Event()
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(SENDERS, "ping")
        self._thread = threading.Thread(target=self._run, name="pings", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """Look for what is owed now."""
        self._wake.set()

    def forget(self) -> None:
        """Drop what is in hand: the pings are no more (`reset`)."""
        self.attempts.clear()
        self._forget.set()
        self._wake.set()

    def stop(self) -> None:
        """End; calls under way are cut off and stay owed."""
        self._ended.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._cut(float("inf"))
        self._pool.shutdown(cancel_futures=True)
        self._step()  # writes down what was answered last

    # One thread decides: it reads what is owed, hands it out, writes what came of it.

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            self._step()
            self._wake.wait(LOOK_S if self._in_hand else IDLE_S)

    def _step(self) -> None:
        if self._forget.is_set():
            self._forget.clear()
            self._drop()
        try:
            self._settle()
            self._load()
        except SQLAlchemyError as error:
            _LOG.warning("pings wait for the database: %s", error)
        if not self._ended.is_set():
            self._hand_out()
            self._cut(time.monotonic())

    def _drop(self) -> None:
        self._queues.clear()
        self._later.clear()
        self._in_hand.clear()
        self._seen = 0  # what came to be owed since is taken again

    def _load(self) -> None:
        """Take what is newly owed, and what is due to be tried again."""
        now = time.monotonic()
        again = [owed for due, owed in self._later if due <= now]
        self._later = [row for row in self._later if row[0] > now]
        fresh = self._fresh() if len(self._in_hand) < IN_HAND else []
        self._in_hand.update(owed.ping for owed in fresh)
        for call in calls_of([*again, *fresh]):
            self._queue(call)

    def _fresh(self) -> list[Owed]:
        query = (
            select(
                *(pings.c.id, pings.c.message_id, messages.c.mailing_id),
                *(mailings.c.pingUrl, pings.c.tries),
            )
            .join(messages, messages.c.id == pings.c.message_id)
            .join(mailings, mailings.c.id == messages.c.mailing_id)
            .where(pings.c.outcome == "owed", pings.c.id > self._seen)
            .order_by(pings.c.id)
            .limit(LOAD)
        )
        with reading(self._engine) as db:
            rows = db.execute(query).all()
        self._seen = rows[-1].id if rows else self._seen
        return [Owed(row[0], row[1], row[2], row[3] or "", row[4]) for row in rows]

    def _queue(self, call: Call) -> None:
        try:
            target, _ = target_of(call.url)
        except TargetError as error:
            self._done.put((call, failed(call, error, final=True)))
        else:
            self._queues.setdefault(target, deque()).append(call)

    def _hand_out(self) -> None:
        """Give senders their chunks: a slow server keeps no more than its share."""
        for target in list(self._queues):
            waiting = self._queues[target]
            while waiting and self._active[target] < SENDERS_OF_ONE:
                size = min(CHUNK, len(waiting))
                chunk = [waiting.popleft() for _ in range(size)]
                self._active[target] += 1
                self._pool.submit(self._send, target, chunk)
            if not waiting:
                del self._queues[target]

    def _settle(self) -> None:
        """Write down what came of calls: one transaction for all there are."""
        while not self._done.empty():  # nobody else takes from it
            done = self._done.get()
            if isinstance(done, Target):
                self._active[done] -= 1
            elif self._is_in_hand(done[0]):
                self._unwritten += self._came_of(*done)
        if self._unwritten:
            here = pings.c.id == bindparam("ping")
            told: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _TOLD}
            with writing(self._engine) as db:
                db.execute(update(pings).where(here).values(told), self._unwritten)
            self._unwritten.clear()  # not before: a database may fail for a while

    def _is_in_hand(self, call: Call) -> bool:
        """Say whether a call still pays anything: a reset drops what is in hand."""
        return any(owed.ping in self._in_hand for owed in call.pings)

    def _came_of(self, call: Call, attempt: Attempt) -> list[dict[str, Any]]:
        self.tried += 1
        self.attempts.append(replace(attempt, number=self.tried))
        return [self._row(owed, attempt) for owed in call.pings]

    def _row(self, owed: Owed, attempt: Attempt) -> dict[str, Any]:
        tries = owed.tries + 1
        pauses_s = self._patience.backoff_s
        again = not (attempt.went or attempt.final) and tries <= len(pauses_s)
        if again:
            due = time.monotonic() + pauses_s[tries - 1]
            self._later.append((due, replace(owed, tries=tries)))
        else:
            self._in_hand.discard(owed.ping)
        outcome = "done" if attempt.went else "owed" if again else "failed"
        return {
            "ping": owed.ping,
            "new_tries": tries,
            "new_outcome": outcome,
            "new_trouble": attempt.trouble,
        }

    # Senders: each makes a chunk of calls to one server over one connection.

    def _send(self, target: Target, chunk: Sequence[Call]) -> None:
        connection: PinnedConnection | None = None
        try:
            for call in chunk:
                if self._ended.is_set() or not self._is_in_hand(call):
                    return
                connection = connection or PinnedConnection(
                    target, self._allowed, self._patience.timeout_s
                )
                attempt = self._attempt(connection, target, call)
                self._done.put((call, attempt))
        finally:
            if connection is not None:
                connection.close()
            self._done.put(target)
            self._wake.set()

    def _attempt(
        self, connection: PinnedConnection, target: Target, call: Call
    ) -> Attempt:
        """Make one call; the connection is kept where it can be."""
        started = time.monotonic()
        self._open[connection] = started + self._patience.deadline_s
        try:
            _, path = target_of(call.url)
            connection.request("GET", path, headers={**_HEADERS, "Host": target.header})
            answer = connection.getresponse()
            if len(answer.read(MAX_ANSWER_BYTES)) == MAX_ANSWER_BYTES:
                connection.close()
            connection.see_that_it_was_whole()
        except TargetError as error:
            connection.close()
            return failed(call, error, final=True)
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            return failed(call, error, took_s=time.monotonic() - started)
        finally:
            self._open.pop(connection, None)
        return answered(call, answer.status, time.monotonic() - started)

    def _cut(self, now: float) -> None:
        """Shut connections whose answer drips in over the deadline."""
        for connection, deadline in list(self._open.items()):
            if now > deadline:
                connection.cut()


_HEADERS: Final = {"User-Agent": "voiceprep-sandbox", "Accept": "*/*"}
_TOLD: Final = ("tries", "outcome", "trouble")
