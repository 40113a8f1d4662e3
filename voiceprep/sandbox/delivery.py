"""Make the calls: bring messages from `wait` to `on` to their end, on the clock.

Nothing is kept outside the database: what is due is what a row's `next_at` says, and
how it goes on is computed anew from the seed. So a restart, or a kill, in the middle
loses nothing; each change stands or falls together with the pings it owes.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from voiceprep.contract import FILES_PATH, VOICE, VOICEMAIL
from voiceprep.sandbox.changes import Change, come_each
from voiceprep.sandbox.database import reading, writing
from voiceprep.sandbox.outcomes import Outcome, outcome
from voiceprep.sandbox.schema import contents, mailings, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection, Engine, Row, Select

    from voiceprep.sandbox.clock import KeptClock

__all__ = ["Delivery"]

BATCH: Final = 500  # [ours] messages that one transaction changes
LOOK_S: Final = 0.1  # [ours] real seconds between looks for what is new
TROUBLE_S: Final = 1.0  # [ours] until a failed database is asked again
_UNDER_WAY: Final = {VOICE: "voice calling", VOICEMAIL: "voicemail calling"}
_FOLDER: Final = re.compile(rf"/{FILES_PATH}([\w-]{{16,64}})/")
_LOG: Final = logging.getLogger("voiceprep.sandbox")


class Delivery:
    """Simulate the calls of all mailings, in a thread of its own.

    Parameters
    ----------
    engine : Engine
    clock : KeptClock
    seed : int
        Of `outcomes`.
    changed : callable
        Told after each batch that changed something: pings may be owed.
    """

    def __init__(
        self,
        engine: Engine,
        clock: KeptClock,
        seed: int = 0,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._seed = seed
        self._changed = changed
        self._one_at_a_time = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that is under way."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def deliver(self) -> int:
        """Do all that is due by now; return how many steps that took."""
        now, count = self._clock.now(), 0
        while not self._ended.is_set() and self._due_at() <= now:
            count += self._batch(now)
        return count

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.deliver()
                pause_s = LOOK_S
            except SQLAlchemyError as error:
                _LOG.warning("delivery waits for the database: %s", error)
                pause_s = TROUBLE_S
            self._ended.wait(pause_s)

    def _due_at(self) -> float:
        """Return when the next message is due; infinity where none is."""
        with reading(self._engine) as db:
            found = db.execute(select(func.min(messages.c.next_at))).scalar()
        return float("inf") if found is None else float(found)

    def _batch(self, now: float) -> int:
        """Bring up to `BATCH` messages a step on, in one transaction."""
        with self._one_at_a_time, writing(self._engine) as db:
            rows = db.execute(_due(now)).all()
            sounds = _sounds(db, {row.link for row in rows})
            calls = [(row, self._call(row, sounds)) for row in rows]
            begins = {row.id: _begins_at(row, call) for row, call in calls}
            early = {message: at for message, at in begins.items() if at > now}
            waiting = [each for each in calls if each[0].state == "wait"]
            _put_off(db, early)
            come_each(
                db, [_begin(*each) for each in waiting if each[0].id not in early]
            )
            come_each(db, [_end(*each) for each in calls if each[0].state != "wait"])
        self._changed()
        return len(rows)

    def _call(self, row: Row[Any], sounds: Mapping[str, int]) -> Outcome:
        return outcome(
            self._seed,
            row.id,
            row.media,
            row.recipient,
            position=row.position,
            sound_s=sounds.get(row.link),
        )


def _due(now: float) -> Select[Any]:
    """Return the query of what is due, earliest first."""
    return (
        select(
            *(messages.c.id, messages.c.recipient, messages.c.position),
            *(messages.c.state, messages.c.due_at, messages.c.next_at),
            *(mailings.c.media, mailings.c.link),
            mailings.c.pingUrl.is_not(None).label("pinged"),
        )
        .join(mailings, mailings.c.id == messages.c.mailing_id)
        .where(messages.c.next_at <= now)
        .order_by(messages.c.next_at, messages.c.id)
        .limit(BATCH)
    )


def _sounds(db: Connection, links: set[str]) -> dict[str, int]:
    """Return how long the recordings of links play, where they are ours."""
    folders = {link: found[1] for link in links if (found := _FOLDER.search(link))}
    query = select(contents.c.folder, contents.c.duration)
    query = query.where(contents.c.folder.in_(folders.values()))
    known = {row.folder: row.duration for row in db.execute(query)} if folders else {}
    return {link: known[folder] for link, folder in folders.items() if folder in known}


def _begins_at(row: Row[Any], call: Outcome) -> float:
    """Return when the call of a message that waits begins; no later once it did."""
    return float(row.due_at + call.starts_s if row.state == "wait" else row.next_at)


def _put_off(db: Connection, until: Mapping[int, float]) -> None:
    """Look at messages again when their turn in their mailing comes."""
    if until:
        each = [{"message": message, "at": at} for message, at in until.items()]
        here = messages.c.id == bindparam("message")
        db.execute(update(messages).where(here).values(next_at=bindparam("at")), each)


def _begin(row: Row[Any], call: Outcome) -> Change:
    at = _begins_at(row, call)
    more = {"sent_at": at, "next_at": at + call.ends_s, "attempts": 1}
    return Change(row.id, row.pinged, "on", _UNDER_WAY[row.media], at, more)


def _end(row: Row[Any], call: Outcome) -> Change:
    more = {
        "next_at": None,
        "attempts": call.attempts,
        "duration": call.duration,
        "optout": call.optout,
    }
    at = float(row.next_at)  # as due, so that a coarse clock tells the same times
    return Change(row.id, row.pinged, call.state, call.description, at, more)
