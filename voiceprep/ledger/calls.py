"""Calls in the ledger: an intent before a mailing is ordered, an outcome after it.

A campaign that was stopped takes no further intent: both are judged in one
transaction, so that nothing slips through between them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, insert, select, update

from voiceprep.errors import LedgerError
from voiceprep.ledger.call_records import Campaign, Mailed, Ordered, digest_of
from voiceprep.ledger.call_schema import calls, campaigns, mailings
from voiceprep.ledger.call_states import UNSENT, CallState, move
from voiceprep.ledger.database import reading
from voiceprep.ledger.lock import only_one
from voiceprep.ledger.message_schema import NEVER_RANG, truths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine, Select

    from voiceprep.ledger.call_records import Lot

__all__ = ["Calls"]

T = TypeVar("T")
_MAY_HAVE_CALLED = (CallState.SENDING, CallState.ORDERED, CallState.UNKNOWN)
_BEGAN_AT = func.coalesce(mailings.c.began_at, mailings.c.updated_at)
# Of a mailing's calls: never before it was ordered. A plan may be sent late.
_AT = case((mailings.c.due_at > _BEGAN_AT, mailings.c.due_at), else_=_BEGAN_AT)


class Calls:
    """Keep which calls were ordered; a part of `Ledger`, reached as ``ledger.calls``.

    Parameters
    ----------
    engine : Engine
    do : callable
        Executes a write, and returns when it is on the disk.
    clock : callable
        Unix time in seconds.

    >>> import tempfile
    >>> from voiceprep.ledger import Ledger
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Ledger(f"sqlite:///{folder}/ledger.sqlite3") as ledger:
    ...         ledger.calls.campaigns("me")
    []
    """

    def __init__(
        self,
        engine: Engine,
        do: Callable[[Callable[[Connection], Any]], Any],
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._do = do
        self._clock = clock

    def alone(
        self, say: Callable[[str], None] = lambda _: None
    ) -> AbstractContextManager[None]:
        """Hold what lets one mailing be ordered at a time; it dies with the process.

        So whoever holds it and finds a mailing ``sending`` knows that nobody is.
        """
        return only_one(self._engine, "calls", say)

    # Campaigns

    def enter(self, account: str, campaign: Campaign, lots: Iterable[Lot]) -> None:
        """Enter a campaign and its mailings as planned; what is there stays.

        Raises
        ------
        LedgerError
            Where it was stopped, or a mailing of that number calls others.
        """
        known = {"account": account, "campaign": campaign.name}

        def write(db: Connection) -> None:
            found = _campaign(db, account, campaign.name)
            if found is None:
                db.execute(insert(campaigns).values(self._row(account, campaign)))
            elif found.is_stopped:
                raise LedgerError(_stopped(found))
            for lot in lots:
                _enter(db, known, lot, self._clock())

        self._do(write)

    def campaign(self, account: str, name: str) -> Campaign | None:
        """Return the campaign of exactly this name."""
        with reading(self._engine) as db:
            return _campaign(db, account, name)

    def campaigns(self, account: str) -> list[Campaign]:
        """Return an account's campaigns, the oldest first."""
        query = select(campaigns).where(campaigns.c.account == account)
        with reading(self._engine) as db:
            rows = db.execute(
                query.order_by(campaigns.c.entered_at, campaigns.c.name)
            ).mappings()
            return [_read(Campaign, row) for row in rows]

    def named(self, account: str, name: str) -> list[Campaign]:
        """Return the campaigns that a name may mean: whole, or without the tag."""
        every = self.campaigns(account)
        whole = [one for one in every if one.name == name]
        return whole or [one for one in every if one.own_name == name]

    def check_going(self, account: str, name: str) -> None:
        """See to it that a campaign may still be sent.

        Raises
        ------
        LedgerError
            Where it was stopped.
        """
        found = self.campaign(account, name)
        if found is not None and found.is_stopped:
            raise LedgerError(_stopped(found))

    def stop(self, account: str, name: str) -> Campaign:
        """Let nothing more of a campaign be sent, whether it is known here or not."""

        def write(db: Connection) -> None:
            now = self._clock()
            if _campaign(db, account, name) is None:
                blank = Campaign(name, name)
                db.execute(insert(campaigns).values(self._row(account, blank)))
            here = and_(campaigns.c.account == account, campaigns.c.name == name)
            first = and_(here, campaigns.c.stopped_at.is_(None))
            db.execute(update(campaigns).where(first).values(stopped_at=now))
            waiting = and_(
                mailings.c.account == account,
                mailings.c.campaign == name,
                mailings.c.state.in_(list(map(str, UNSENT))),
            )
            values = {"state": str(CallState.STOPPED), "updated_at": now}
            db.execute(update(mailings).where(waiting).values(values))

        self._do(write)
        stopped = self.campaign(account, name)
        assert stopped is not None  # noqa: S101 (it was just written)
        return stopped

    # Mailings

    def mailings(self, account: str, campaign: str) -> list[Mailed]:
        """Return a campaign's mailings by their numbers, tests first."""
        query = select(mailings).where(
            mailings.c.account == account, mailings.c.campaign == campaign
        )
        with reading(self._engine) as db:
            rows = db.execute(query.order_by(mailings.c.number)).mappings()
            return [Mailed.of(dict(row)) for row in rows]

    def recipients(self, account: str, campaign: str, number: int) -> list[str]:
        """Return whom a mailing calls, in its order."""
        query = select(calls.c.recipient).where(
            calls.c.account == account,
            calls.c.campaign == campaign,
            calls.c.number == number,
        )
        with reading(self._engine) as db:
            return list(db.execute(query.order_by(calls.c.place)).scalars())

    def begin(
        self,
        account: str,
        campaign: str,
        number: int,
        *,
        due_at: float | None = None,
    ) -> Mailed:
        """Write the intent to order; only when this returns may a byte leave.

        Parameters
        ----------
        due_at : float or None
            Unix time of its first call, as it is ordered now; None is at once. It
            may differ from what was entered: a plan is made again, or sent late.

        Raises
        ------
        LedgerError
            Where the campaign was stopped, or the mailing is not to be sent.
        """

        def write(db: Connection) -> Mailed:
            found = _campaign(db, account, campaign)
            if found is not None and found.is_stopped:
                raise LedgerError(_stopped(found))
            row = _mailing(db, account, campaign, number)
            tries = row.tries + 1
            told = {"began_at": self._clock(), "due_at": due_at, "tries": tries}
            return self._moved(db, account, row, CallState.SENDING, told)

        done: Mailed = self._do(write)
        return done

    def end(
        self,
        account: str,
        campaign: str,
        number: int,
        to: CallState,
        *,
        mailing_id: str | None = None,
        reason: str | None = None,
    ) -> Mailed:
        """Write an outcome: its state, the platform's id of it, or the reason."""

        def write(db: Connection) -> Mailed:
            row = _mailing(db, account, campaign, number)
            told = {"reason": reason, "mailing_id": mailing_id or row.mailing_id}
            return self._moved(db, account, row, to, told)

        done: Mailed = self._do(write)
        return done

    def called_since(self, account: str, since: float) -> Counter[str]:
        """Count how often each number was called since, may have been, or will be.

        Calls that are known to have been stopped before they rang are none.
        """
        ordered = _may_have_called(account, func.count()).where(since <= _AT)
        counts = (
            ordered.group_by(calls.c.recipient),
            _stopped_calls(account).where(since <= _AT).group_by(truths.c.recipient),
        )
        with reading(self._engine) as db:
            every, stopped = (Counter(_pairs(db.execute(each))) for each in counts)
        return every - stopped

    def called_by(self, account: str, campaign: str, since: float) -> set[str]:
        """Return whom a campaign has called, may have, or will; its tests left out."""
        query = _may_have_called(account).where(
            mailings.c.campaign == campaign, mailings.c.number > 0, since <= _AT
        )
        with reading(self._engine) as db:
            return set(db.execute(query).scalars())

    def called_between(
        self, account: str, since: float, until: float
    ) -> list[tuple[str, str]]:
        """Return whom campaigns call in a time, or may have or will; no tests.

        Returns
        -------
        list of (str, str)
            A number (E.164), and the campaign.
        """
        query = _may_have_called(account, mailings.c.campaign).where(
            mailings.c.number > 0, since <= _AT, until >= _AT
        )
        with reading(self._engine) as db:
            return [(number, campaign) for number, campaign in db.execute(query)]

    def may_have_called(self, campaign: str) -> bool:
        """Say whether a campaign may have called anybody, whatever the account."""
        query = select(mailings.c.number).where(
            mailings.c.campaign == campaign,
            mailings.c.number > 0,  # tests left out
            mailings.c.state.in_(list(map(str, _MAY_HAVE_CALLED))),
        )
        with reading(self._engine) as db:
            return db.execute(query).first() is not None

    def orders(self, account: str, but: str) -> Iterator[Ordered]:
        """Yield the calls that campaigns other than one ordered, or may have."""
        query = _may_have_called(
            account, mailings.c.name, mailings.c.campaign, _AT.label("at")
        ).where(mailings.c.campaign != but)
        with reading(self._engine) as db:
            for row in db.execute(query):
                yield Ordered(*row)

    def _row(self, account: str, campaign: Campaign) -> dict[str, Any]:
        names = Campaign.__dataclass_fields__
        values = {name: getattr(campaign, name) for name in names}
        return {**values, "account": account, "entered_at": self._clock()}

    def _moved(
        self,
        db: Connection,
        account: str,
        row: Mailed,
        to: CallState,
        told: dict[str, Any],
    ) -> Mailed:
        # Of what the platform gave an id, nobody takes back that it was ordered.
        if row.mailing_id and to is CallState.PLANNED:
            raise LedgerError(f"mailing {row.mailing_id} is on the platform")
        values = {**told, "state": str(move(row.state, to))}
        here = _here(account, row.campaign, row.number)
        changed = {**values, "updated_at": self._clock()}
        db.execute(update(mailings).where(here).values(changed))
        return _mailing(db, account, row.campaign, row.number)


def _may_have_called(account: str, *more: ColumnElement[Any]) -> Select[Any]:
    """Select the numbers of mailings that were ordered, or whose outcome is unclear."""
    joined = and_(
        calls.c.account == mailings.c.account,
        calls.c.campaign == mailings.c.campaign,
        calls.c.number == mailings.c.number,
    )
    states = list(map(str, _MAY_HAVE_CALLED))
    return (
        select(calls.c.recipient, *more)
        .join(mailings, joined)
        .where(calls.c.account == account, mailings.c.state.in_(states))
    )


def _stopped_calls(account: str) -> Select[Any]:
    """Select the numbers of ordered calls that were stopped before they rang."""
    joined = and_(
        truths.c.account == mailings.c.account,
        truths.c.mailing_id == mailings.c.mailing_id,
    )
    states = list(map(str, _MAY_HAVE_CALLED))
    return (
        select(truths.c.recipient, func.count())
        .join(mailings, joined)
        .where(truths.c.account == account, mailings.c.state.in_(states), NEVER_RANG)
    )


def _pairs(rows: Iterable[Any]) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in rows}


def _campaign(db: Connection, account: str, name: str) -> Campaign | None:
    query = select(campaigns).where(
        campaigns.c.account == account, campaigns.c.name == name
    )
    row = db.execute(query).mappings().first()
    return None if row is None else _read(Campaign, row)


def _read(kind: type[Campaign], row: Any) -> Campaign:
    return kind(**{name: row[name] for name in kind.__dataclass_fields__})


def _here(account: str, campaign: str, number: int) -> ColumnElement[bool]:
    return and_(
        mailings.c.account == account,
        mailings.c.campaign == campaign,
        mailings.c.number == number,
    )


def _mailing(db: Connection, account: str, campaign: str, number: int) -> Mailed:
    query = select(mailings).where(_here(account, campaign, number))
    row = db.execute(query).mappings().first()
    if row is None:
        raise LedgerError(f"the ledger knows no part {number} of {campaign!r}")
    return Mailed.of(dict(row))


def _enter(db: Connection, known: dict[str, str], lot: Lot, now: float) -> None:
    """Enter a mailing and whom it calls; what is there must call the same people."""
    here = _here(known["account"], known["campaign"], lot.number)
    digest = digest_of(lot.recipients)
    query = select(mailings.c.recipients_sha256).where(here)
    found = db.execute(query).scalar_one_or_none()
    if found is not None:
        if found != digest:
            raise LedgerError(
                f"part {lot.number} of {known['campaign']!r} calls other people than "
                "it did when it was sent first: go on with that plan"
            )
        return
    row = {
        **known,
        "number": lot.number,
        "name": lot.name,
        "state": str(CallState.PLANNED),
        "calls": len(lot.recipients),
        "recipients_sha256": digest,
        "due_at": lot.due_at,
        "tries": 0,
        "updated_at": now,
    }
    db.execute(insert(mailings).values(row))
    each = [
        {**known, "number": lot.number, "place": place, "recipient": recipient}
        for place, recipient in enumerate(lot.recipients)
    ]
    db.execute(insert(calls), each)


def _stopped(campaign: Campaign) -> str:
    return (
        f"{campaign.name!r} was stopped: nothing more of it is sent; plan another "
        "campaign"
    )
