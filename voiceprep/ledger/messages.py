"""The table of truth: what is told is taken up where it moves a message forward.

Readers meet here in any order: a ping's re-read, a poll, a count. An older answer
that arrives late changes nothing, and what has ended stays ended.
"""

from __future__ import annotations

from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import and_, bindparam, func, insert, not_, or_, select, update

from voiceprep.contract import FINAL_STATES, STATES
from voiceprep.ledger.database import reading
from voiceprep.ledger.message_records import FORWARD, Change, Known, Told
from voiceprep.ledger.message_schema import NEVER_RANG, passings, truths

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement, Connection, Engine

    from voiceprep.ledger.writer import Writer

__all__ = ["Messages", "learn"]

T = TypeVar("T")
_PORTION: Final = 500  # rows of one statement: SQLite takes 32,766 values
_NAMES: Final = tuple(each.name for each in fields(Told))
_MOVED: Final = ("state", "description", "since", "duration_s", "attempts", "optout")
_GIVEN: Final = (*_MOVED, "mailing_id", "campaign", "recipient", "media")
_SET: Final = (*_GIVEN, "learnt_at", "learnt_by", "disputed", "gone_at")
_OF_OTHERS: Final = (
    *("id", "campaign", "recipient", "state", "description", "attempts"),
    *("since", "learnt_at", "gone_at"),
)
_PASSED: Final = truths.join(passings, passings.c.account == truths.c.account)
_IS_THERE: Final = truths.c.gone_at.is_(None)


class Messages:
    """Learn and look up what is true of messages, in an open ledger.

    Parameters
    ----------
    engine : Engine
    writer : Writer
    now : callable
        Unix time, on a connection.
    """

    def __init__(
        self, engine: Engine, writer: Writer, now: Callable[[Connection], float]
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._now = now

    def learn(self, account: str, told: Iterable[Told], by: str) -> list[Change]:
        """Take up what was read; return the messages that moved on.

        Parameters
        ----------
        account : str
        told : iterable of Told
            Of whatever moment: what is older than what is known changes nothing.
        by : str
            ``ping``, ``watch``, ``sweep``, ``stats``, ``stop`` or ``plan``.
        """
        every = [each for each in told if each.is_readable]
        write = self._writer.put(
            lambda db: learn(db, account, every, by, self._now(db))
        )
        return write.result()

    def of(self, account: str, campaign: str) -> Iterator[Known]:
        """Yield what is known of a campaign's messages, by their ids."""
        yield from self._each(
            and_(truths.c.account == account, truths.c.campaign == campaign, _IS_THERE)
        )

    def counts(self, account: str, campaign: str) -> dict[str, int]:
        """Count a campaign's messages by state; every state is there."""
        query = (
            select(truths.c.state, func.count())
            .where(
                truths.c.account == account, truths.c.campaign == campaign, _IS_THERE
            )
            .group_by(truths.c.state)
        )
        with reading(self._engine) as db:
            found = {row[0]: int(row[1]) for row in db.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    def open_ids(self, account: str, campaign: str | None) -> list[str]:
        """Return the ids of a campaign's messages that have not ended.

        Those of no campaign, where it is None.
        """
        query = select(truths.c.id).where(
            truths.c.account == account,
            truths.c.campaign == campaign,  # None: IS NULL
            truths.c.state.not_in(FINAL_STATES),
            _IS_THERE,
        )
        with reading(self._engine) as db:
            return list(db.execute(query.order_by(truths.c.id)).scalars())

    def open_campaigns(self, account: str) -> list[str]:
        """Return the names of campaigns of which a message has not ended."""
        query = (
            select(truths.c.campaign)
            .where(
                truths.c.account == account,
                truths.c.campaign.is_not(None),
                truths.c.state.not_in(FINAL_STATES),
                _IS_THERE,
            )
            .distinct()
        )
        with reading(self._engine) as db:
            return list(db.execute(query.order_by(truths.c.campaign)).scalars())

    def lose(self, account: str, ids: Collection[str]) -> None:
        """Note that the platform no longer has some messages that had not ended."""

        def write(db: Connection) -> None:
            now = self._now(db)
            for some in _portions(ids):
                here = and_(
                    truths.c.account == account,
                    truths.c.id.in_(some),
                    truths.c.state.not_in(FINAL_STATES),
                )
                db.execute(update(truths).where(here).values(gone_at=now))

        self._writer.put(write).result()

    def known(self, account: str, ids: Collection[str]) -> dict[str, str]:
        """Return the states of those ids that are known."""
        found: dict[str, str] = {}
        query = select(truths.c.id, truths.c.state).where(truths.c.account == account)
        with reading(self._engine) as db:
            for some in _portions(ids):
                rows = db.execute(query.where(truths.c.id.in_(some)))
                found.update((row.id, row.state) for row in rows)
        return found

    def optouts(
        self, account: str | None = None, campaign: str | None = None
    ) -> set[str]:
        """Return the numbers that asked for no more calls; by default, of anyone."""
        query = select(truths.c.recipient).where(truths.c.optout)
        if account is not None:
            query = query.where(truths.c.account == account)
        if campaign is not None:
            query = query.where(truths.c.campaign == campaign)
        with reading(self._engine) as db:
            return {number for number in db.execute(query).scalars() if number}

    def calls_since(self, account: str, since: float) -> dict[str, int]:
        """Count the calls to each number that were made, or begun, since a time."""
        query = (
            select(truths.c.recipient, func.count())
            .where(
                truths.c.account == account,
                truths.c.recipient.is_not(None),
                truths.c.state != "wait",
                not_(NEVER_RANG),
                func.coalesce(truths.c.since, truths.c.learnt_at) >= since,
            )
            .group_by(truths.c.recipient)
        )
        with reading(self._engine) as db:
            return {row[0]: int(row[1]) for row in db.execute(query)}

    def of_others(self, account: str, but: str) -> Iterator[Known]:
        """Yield the messages of campaigns other than one, without what is not needed.

        Also those that the platform no longer has.
        """
        columns = [truths.c[name] for name in _OF_OTHERS]
        query = select(*columns).where(
            truths.c.account == account,
            truths.c.recipient.is_not(None),
            or_(truths.c.campaign.is_(None), truths.c.campaign != but),
        )
        with reading(self._engine) as db:
            for row in db.execute(query).mappings():
                yield Known(mailing_id=None, **row)

    # What is to be passed on (`messages listen --forward-to`)

    def begin_passing(self, account: str) -> None:
        """From the first time on, every state that is learnt is to be passed on."""
        ever = select(passings.c.account).where(passings.c.account == account)

        def write(db: Connection) -> None:
            if db.execute(ever).first() is None:
                values = {"account": account, "began_at": self._now(db)}
                db.execute(insert(passings).values(values))

        self._writer.put(write).result()

    def owed(self, account: str, limit: int = _PORTION) -> list[Known]:
        """Return messages whose state is yet to be passed on, in its order."""
        query = select(truths).select_from(_PASSED).where(*_lacking(account))
        query = query.order_by(truths.c.learnt_at, truths.c.id).limit(limit)
        with reading(self._engine) as db:
            return [_known(row) for row in db.execute(query).mappings()]

    def count_owed(self, account: str) -> int:
        """Count the messages whose state is yet to be passed on."""
        query = select(func.count()).select_from(_PASSED).where(*_lacking(account))
        with reading(self._engine) as db:
            return int(db.execute(query).scalar_one())

    def passed(self, account: str, told: Collection[Told]) -> None:
        """Note which states were passed on."""
        here = and_(truths.c.account == account, truths.c.id == bindparam("message"))
        rows = [{"message": each.id, "word": each.state} for each in told]
        change = update(truths).where(here).values(passed_on=bindparam("word"))
        self._writer.put(lambda db: db.execute(change, rows) and None).result()

    def _each(self, here: ColumnElement[bool]) -> Iterator[Known]:
        """Yield rows in portions; between them others may write."""
        after = ""
        while True:
            query = select(truths).where(here, truths.c.id > after)
            with reading(self._engine) as db:
                rows = db.execute(query.order_by(truths.c.id).limit(_PORTION))
                some = [_known(row) for row in rows.mappings()]
            yield from some
            if len(some) < _PORTION:
                return
            after = some[-1].id


def learn(
    db: Connection, account: str, told: Iterable[Told], by: str, now: float
) -> list[Change]:
    """Take up what was read; return the messages that moved on, in their order."""
    changes: list[Change] = []
    for some in _portions(_latest(told)):
        known = _rows(db, account, [each.id for each in some])
        fresh = [each for each in some if each.id not in known]
        met = [(known[each.id], each) for each in some if each.id in known]
        _enter(db, account, fresh, by, now)
        _move(db, account, met, by, now)
        changes += [Change(None, each) for each in fresh]
        changes += [Change(k.state, t) for k, t in met if t.state in FORWARD[k.state]]
    return changes


def _lacking(account: str) -> tuple[ColumnElement[bool], ...]:
    """Say which messages of an account are yet to be passed on."""
    return (
        truths.c.account == account,
        truths.c.learnt_at >= passings.c.began_at,
        or_(truths.c.passed_on.is_(None), truths.c.passed_on != truths.c.state),
    )


def _portions(items: Iterable[T]) -> Iterator[list[T]]:
    each = iter(items)
    while some := list(islice(each, _PORTION)):
        yield some


def _latest(told: Iterable[Told]) -> Iterable[Told]:
    """Keep the furthest of several tellings of one message."""
    best: dict[str, Told] = {}
    for each in told:
        held = best.get(each.id)
        if held is None or held.state not in FORWARD[each.state]:
            best[each.id] = each
    return best.values()


def _rows(db: Connection, account: str, ids: Collection[str]) -> dict[str, Known]:
    query = select(truths).where(truths.c.account == account, truths.c.id.in_(ids))
    return {row["id"]: _known(row) for row in db.execute(query).mappings()}


def _known(row: Mapping[Any, Any]) -> Known:
    return Known(**{name: row[name] for name in Known.__dataclass_fields__})


def _enter(
    db: Connection, account: str, told: Collection[Told], by: str, now: float
) -> None:
    if told:
        how = {"account": account, "learnt_at": now, "learnt_by": by}
        rows = [{**_values(each, _NAMES), **how} for each in told]
        db.execute(insert(truths), rows)


def _move(
    db: Connection,
    account: str,
    met: Collection[tuple[Known, Told]],
    by: str,
    now: float,
) -> None:
    """Write what is known better now; a row that says nothing new stays untouched."""
    rows = []
    for known, told in met:
        values = _merged(known, told, by, now)
        if values != _values(known, _SET):
            rows.append({"message": known.id, **values})
    if rows:
        here = and_(truths.c.account == account, truths.c.id == bindparam("message"))
        new: dict[str, Any] = {name: bindparam(name) for name in _SET}
        db.execute(update(truths).where(here).values(new), rows)


def _merged(known: Known, told: Told, by: str, now: float) -> dict[str, Any]:
    """Return a row's new values: a state only moves forward, blanks are filled.

    >>> was = Known("91", "42", "ok", learnt_at=5.0, learnt_by="ping")
    >>> new = _merged(was, Told("91", "42", "ko"), "watch", 9.0)
    >>> new["state"], new["disputed"], new["learnt_at"]
    ('ok', 'ko', 5.0)
    """
    held, given = {**_values(known, _SET), "gone_at": None}, _values(told, _GIVEN)
    optout = known.optout or told.optout
    if told.state in FORWARD[known.state]:
        said = {name: value for name, value in given.items() if value is not None}
        # A state's words and time are its own: none are kept of the one before.
        own = {"description": told.description, "since": told.since}
        how = {"learnt_at": now, "learnt_by": by}
        return {**held, **said, **own, **how, "optout": optout, "disputed": None}
    if told.state == known.state:
        blanks = {name: given[name] for name in _GIVEN if held[name] is None}
        return {**held, **blanks, "optout": optout}
    is_older = known.state in FORWARD[told.state]
    disputed = known.disputed if is_older else told.state
    return {**held, "optout": optout, "disputed": disputed}


def _values(of: Told, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}
