"""Uploads in the ledger: an intent before the first byte, an outcome after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from voiceprep.errors import LedgerError
from voiceprep.ledger.records import Upload
from voiceprep.ledger.schema import recordings, runs, uploads
from voiceprep.ledger.states import State, move

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

__all__ = ["begin", "drop", "end", "listed", "take", "upload_of"]


def take(
    db: Connection,
    account: str,
    tag: str,
    key: str,
    run: str,
    now: float,
    *,
    shared: bool,
) -> Upload:
    """Take the upload of some bytes, where no living run has it.

    The same bytes are one upload, and so are the same source and wishes: a second
    preparing, on another machine, may differ in a bit.
    """
    either = or_(uploads.c.tag == tag, uploads.c.key == key)
    query = select(uploads).where(uploads.c.account == account, either)
    rows = [dict[str, Any](row) for row in db.execute(query).mappings()]
    if not rows:
        new = {"account": account, "tag": tag, "key": key, "holder": run, "tries": 0}
        db.execute(insert(uploads).values(state=State.PREPARED, updated_at=now, **new))
        return Upload(tag, key, State.PREPARED)
    rows.sort(key=lambda each: each["tag"] != tag)
    row = rows[0]  # of the very bytes, if any
    if row["tag"] != tag:  # else these recordings would never lead to their upload
        here = and_(recordings.c.tag == tag, recordings.c.key == key)
        db.execute(update(recordings).where(here).values(tag=row["tag"]))
    if row["state"] == State.UPLOADED:
        return upload_of(row, mine=True)
    if row["holder"] not in {None, run} and _lives(db, row["holder"], now):
        return upload_of(row, mine=False)
    values: dict[str, Any] = {"holder": run}
    was_sending = row["state"] == State.SENDING
    if was_sending:  # whoever sent it did not live to tell
        values["state"] = move(row["state"], State.UNKNOWN)
    # A run on another machine may be frozen instead, and go on sending; one that had
    # this file is over, whatever its clock said.
    is_over = not shared or (was_sending and row["holder"] == run)
    if is_over and row["ends_at"] is not None:
        values["ends_at"] = min(now, row["ends_at"])
    db.execute(update(uploads).where(_is(account, row["tag"])).values(values))
    return upload_of({**row, **values}, mine=True)


def _is(account: str, tag: str) -> ColumnElement[bool]:
    return and_(uploads.c.account == account, uploads.c.tag == tag)


def _lives(db: Connection, run: str, now: float) -> bool:
    query = select(runs.c.id).where(runs.c.id == run, runs.c.alive_until > now)
    return db.execute(query).first() is not None


def upload_of(row: Mapping[str, Any], *, mine: bool) -> Upload:
    """Read a row."""
    names = Upload.__dataclass_fields__.keys() - {"mine", "state"}
    values = {name: row[name] for name in names}
    return Upload(state=row["state"], mine=mine, **values)


def begin(
    db: Connection, account: str, tag: str, run: str, now: float, within_s: float
) -> Upload:
    """Write the intent to send, where this run still holds it and it is not there yet.

    What is returned is in no other state than ``sending`` where it may be sent.
    """
    row = _row(db, account, tag)
    if row["holder"] != run or row["state"] == State.UPLOADED:
        return upload_of(row, mine=False)
    values = {
        "state": move(row["state"], State.SENDING),
        "tries": row["tries"] + 1,
        "began_at": now,
        "ends_at": now + within_s,
        "updated_at": now,
    }
    return _updated(db, account, row, values)


def end(
    db: Connection,
    account: str,
    tag: str,
    run: str,
    to: State,
    told: Mapping[str, str | None],
    now: float,
) -> Upload:
    """Write an outcome: its state, and the columns that tell of it.

    A run that was frozen, and has lost it to another, is still believed where it has
    seen it arrive before the other began to send; else the other one's word stands.
    """
    row = _row(db, account, tag)
    others = {State.SENDING, State.UPLOADED}
    is_news = to is State.UPLOADED and row["state"] not in others
    if row["holder"] != run and not is_news:
        return upload_of(row, mine=False)
    blank = dict.fromkeys(("reason", "kind"))
    holder = run if to is State.UNKNOWN else None
    values = {**blank, **told, "holder": holder, "updated_at": now}
    if to is State.UNKNOWN:
        values["ends_at"] = now
    return _updated(db, account, row, {**values, "state": move(row["state"], to)})


def _row(db: Connection, account: str, tag: str) -> dict[str, Any]:
    found = db.execute(select(uploads).where(_is(account, tag))).mappings().first()
    if found is None:
        raise LedgerError(f"the ledger no longer knows the upload of {tag}; run again")
    return dict(found)


def _updated(
    db: Connection, account: str, row: Mapping[str, Any], values: Mapping[str, Any]
) -> Upload:
    db.execute(update(uploads).where(_is(account, row["tag"])).values(values))
    return upload_of({**row, **values}, mine=True)


def listed(db: Connection, account: str, states: Collection[State]) -> list[Upload]:
    """Return an account's uploads in some states."""
    query = select(uploads).where(
        uploads.c.account == account, uploads.c.state.in_(list(states))
    )
    rows = db.execute(query.order_by(uploads.c.tag)).mappings()
    return [upload_of(dict(row), mine=False) for row in rows]


def drop(db: Connection, account: str, tag: str) -> None:
    """Forget an upload: the platform no longer has it."""
    db.execute(delete(uploads).where(_is(account, tag)))
