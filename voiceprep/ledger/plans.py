"""Recordings in the ledger: what is to be prepared, by whom, and what was made."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from voiceprep.ledger.records import Made, Recording, Task
from voiceprep.ledger.schema import recordings, runs, uploads
from voiceprep.ledger.sendings import upload_of
from voiceprep.ledger.states import State, move

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from voiceprep.ledger.records import Listed

__all__ = [
    "claim",
    "count",
    "enter",
    "forget",
    "is_planned",
    "keep",
    "leave_out",
    "peek",
    "plan",
    "recording_of",
    "recordings_of",
    "settle",
]

T = TypeVar("T")
_DONE: Final = {State.PREPARED, State.REFUSED}
_MADE: Final = tuple(Made.__dataclass_fields__)  # the columns of the same names
_CHUNK: Final = 500  # of values in one statement


def enter(
    db: Connection, out: str, asked: str, listed: Sequence[Listed], now: float
) -> list[Recording]:
    """Enter recordings as they were found; return those that are done already.

    `now` marks them as listed; see `leave_out`.
    """
    known = _known(db, out, listed)
    done, changed, new = [], [], []
    for each in listed:
        row = known.get(each.place)
        if row is None:
            new.append(each)
        elif _is_done(row, each, asked):
            done.append((row, each))
        else:
            changed.append((row, each))
    _touch(db, done, now)
    for row, each in changed:
        _replan(db, row, each, asked, now)
    _add(db, out, asked, new, now)
    return [recording_of(row) for row, _ in done]


def peek(
    db: Connection, out: str, asked: str, listed: Sequence[Listed]
) -> dict[str, str]:
    """Say of recordings by place: ``new``, ``changed`` or ``unchanged``."""
    known = _known(db, out, listed)
    return {
        each.place: "new"
        if each.place not in known
        else "unchanged"
        if _is_done(known[each.place], each, asked)
        else "changed"
        for each in listed
    }


def _known(
    db: Connection, out: str, listed: Sequence[Listed]
) -> dict[str, dict[str, Any]]:
    """Return the rows of recordings, by place."""
    places = [each.place for each in listed]
    here = and_(recordings.c.out == out, recordings.c.place.in_(places))
    rows = map(dict[str, Any], db.execute(select(recordings).where(here)).mappings())
    return {row["place"]: row for row in rows}


def _is_done(row: Mapping[str, Any], listed: Listed, asked: str) -> bool:
    same = (row["size"], row["stamp"], row["asked"]) == (
        listed.size,
        listed.stamp,
        asked,
    )
    return same and row["state"] in _DONE


def _touch(
    db: Connection, done: Sequence[tuple[Mapping[str, Any], Listed]], now: float
) -> None:
    """Note that recordings were found again, and in which input."""
    ids = defaultdict[str, list[int]](list)
    for row, each in done:
        ids[each.root].append(row["id"])
    for root, own in ids.items():
        values = {"root": root, "listed_at": now, "absent": False}
        db.execute(update(recordings).where(recordings.c.id.in_(own)).values(values))


def _replan(
    db: Connection, row: Mapping[str, Any], listed: Listed, asked: str, now: float
) -> None:
    """Plan a recording that has changed, or of which other things are asked."""
    values: dict[str, Any] = {
        "root": listed.root,
        "size": listed.size,
        "stamp": listed.stamp,
        "asked": asked,
        "listed_at": now,
        "absent": False,
    }
    if row["state"] != State.PLANNED:
        values |= {"state": State.PLANNED, "holder": None, "updated_at": now}
    here = recordings.c.id == row["id"]
    db.execute(update(recordings).where(here).values(values))


def _add(
    db: Connection, out: str, asked: str, new: Sequence[Listed], now: float
) -> None:
    """Plan recordings that were never seen, each under a name that is free."""
    if not new:
        return
    taken = _taken(db, out, [name for each in new for name in each.names])
    rows = []
    for each in new:
        name = _free_name(each, taken)
        taken.add(name)
        rows.append(
            {
                "out": out,
                "place": each.place,
                "root": each.root,
                "name": name,
                "size": each.size,
                "stamp": each.stamp,
                "listed_at": now,
                "asked": asked,
                "state": State.PLANNED,
                "updated_at": now,
            }
        )
    db.execute(insert(recordings), rows)


def _free_name(listed: Listed, taken: set[str]) -> str:
    """Choose the first name that is free, at the end one that is like no other."""
    own = hashlib.sha256(listed.place.encode()).hexdigest()[:16]
    names = (*listed.names, f"{listed.names[0]}-{own}")
    return next(name for name in names if name not in taken)


def _taken(db: Connection, out: str, names: Sequence[str]) -> set[str]:
    column, taken = recordings.c.name, set[str]()
    for some in _portions(names):
        query = select(column).where(recordings.c.out == out, column.in_(some))
        taken.update(db.execute(query).scalars())
    return taken


def keep(db: Connection, out: str, places: Collection[str], now: float) -> int:
    """Note that recordings are there, whatever has changed; count those known."""
    kept = 0
    for some in _portions(places):
        there = and_(recordings.c.out == out, recordings.c.absent.is_(False))
        here = and_(there, recordings.c.place.in_(some))
        kept += db.execute(
            update(recordings).where(here).values(listed_at=now)
        ).rowcount
    return kept


def leave_out(
    db: Connection, out: str, root: str, since: float, *, shared: bool
) -> int:
    """Note as absent what a listing of a root, begun at `since`, lacked; count it.

    Where several may list at once, what was listed later is there too. Else all that
    was entered bears that very moment: clocks may be set back.
    """
    listed_at = recordings.c.listed_at
    lacked = listed_at < since if shared else listed_at != since
    there = and_(recordings.c.out == out, recordings.c.absent.is_(False))
    here = and_(there, recordings.c.root == root, lacked)
    return db.execute(update(recordings).where(here).values(absent=True)).rowcount


def plan(db: Connection, ids: Collection[int], now: float) -> None:
    """Plan recordings anew, whatever became of them."""
    values = {"state": State.PLANNED, "holder": None, "updated_at": now}
    for some in _portions(ids):
        here = and_(recordings.c.id.in_(some), recordings.c.state != State.PLANNED)
        db.execute(update(recordings).where(here).values(values))


def _portions(values: Collection[T]) -> Iterator[list[T]]:
    """Cut values into as many as one statement takes, with room for others."""
    left = iter(values)
    while some := list(islice(left, _CHUNK)):
        yield some


def _is_free(now: float) -> ColumnElement[bool]:
    """Say in SQL that no living run holds a recording."""
    living = select(runs.c.id).where(runs.c.alive_until > now)
    holder = recordings.c.holder
    return or_(holder.is_(None), holder.not_in(living))


def claim(db: Connection, out: str, run: str, limit: int, now: float) -> list[Task]:
    """Take up to `limit` planned recordings, the largest first."""
    table = recordings.c
    query = (
        select(recordings)
        .where(*_planned(out), _is_free(now))
        .order_by(table.size.desc(), table.id)
        .limit(limit)
    )
    tasks = [_task_of(dict(row)) for row in db.execute(query).mappings()]
    here = table.id.in_([task.id for task in tasks])
    db.execute(update(recordings).where(here).values(holder=run))
    return tasks


def _task_of(row: Mapping[str, Any]) -> Task:
    """Read a row that is to be prepared, with what was made of it before."""
    former = _made_of(row) if row["source_sha256"] else None
    return Task(row["id"], row["place"], row["name"], row["size"], former)


def _made_of(row: Mapping[str, Any]) -> Made:
    return Made(**{name: row[name] for name in _MADE})


def _planned(out: str) -> tuple[ColumnElement[bool], ...]:
    table = recordings.c
    return (table.out == out, table.state == State.PLANNED, table.absent.is_(False))


def is_planned(db: Connection, out: str) -> bool:
    """Say whether recordings are still to be prepared, by whomever."""
    query = select(recordings.c.id).where(*_planned(out)).limit(1)
    return db.execute(query).first() is not None


def settle(db: Connection, task: Task, made: Made, run: str, now: float) -> bool:
    """Write what became of a task; False where this run no longer held it."""
    here = and_(
        recordings.c.id == task.id,
        recordings.c.holder == run,
        recordings.c.state == State.PLANNED,
    )
    move(State.PLANNED, made.state)
    values = {**asdict(made), "holder": None, "updated_at": now}
    return bool(db.execute(update(recordings).where(here).values(values)).rowcount)


def recordings_of(
    db: Connection,
    out: str,
    account: str,
    after: int,
    limit: int,
    states: Collection[State] | None,
) -> list[Recording]:
    """Return recordings in their order, with their uploads to an account."""
    sent = [column.label(f"upload_{column.name}") for column in uploads.c]
    query = (
        select(recordings, *sent)
        .select_from(recordings.outerjoin(uploads, _of_account(account)))
        .where(recordings.c.out == out, recordings.c.absent.is_(False))
        .where(recordings.c.id > after)
        .order_by(recordings.c.id)
        .limit(limit)
    )
    if states is not None:
        state = func.coalesce(uploads.c.state, recordings.c.state)
        query = query.where(state.in_(list(states)))
    return [recording_of(dict(row)) for row in db.execute(query).mappings()]


def _of_account(account: str) -> ColumnElement[bool]:
    return and_(uploads.c.account == account, uploads.c.tag == recordings.c.tag)


def recording_of(row: Mapping[str, Any]) -> Recording:
    """Read a row, and its upload's where it was joined."""
    made = _made_of(row)
    upload = None
    if made.state is State.PREPARED and row.get("upload_tag") is not None:
        columns = {column.name: row[f"upload_{column.name}"] for column in uploads.c}
        upload = upload_of(columns, mine=False)
    state = made.state if upload is None else upload.state
    return Recording(
        row["id"], row["place"], row["name"], row["size"], state, made, upload
    )


def count(db: Connection, out: str, account: str) -> dict[tuple[State, str], int]:
    """Count recordings by state, an upload's before its recording's, and verdict."""
    prepared = recordings.c.state == State.PREPARED
    joined = recordings.outerjoin(uploads, and_(_of_account(account), prepared))
    state = func.coalesce(uploads.c.state, recordings.c.state)
    verdict = func.coalesce(recordings.c.verdict, "")
    query = (
        select(state, verdict, func.count())
        .select_from(joined)
        .where(recordings.c.out == out, recordings.c.absent.is_(False))
        .group_by(state, verdict)
    )
    return {(found, said): number for found, said, number in db.execute(query)}


def forget(db: Connection, out: str, ids: Collection[int]) -> None:
    """Forget recordings; what was uploaded stays known by its bytes."""
    for some in _portions(ids):
        here = and_(recordings.c.out == out, recordings.c.id.in_(some))
        db.execute(delete(recordings).where(here))
