"""Bring messages from state to state, the only way there is to do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, literal, select, update

from voiceprep.contract import FINAL_STATES
from voiceprep.sandbox.schema import mailings, messages, pings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

__all__ = ["Change", "come_each", "come_to"]


def come_to(
    db: Connection,
    which: ColumnElement[bool],
    state: str,
    description: str,
    now: float,
    **more: Any,
) -> int:
    """Bring messages to a state; owe a ping for each whose mailing asks (R38).

    Parameters
    ----------
    db : Connection
        In a transaction that writes: the change and its pings stand or fall together.
    which : ColumnElement
        Condition on `messages`.
    state : str
        Of STATES; a final one ends what delivery has to do (`next_at`).
    description : str
    now : float
        The sandbox's own time.
    more
        Other columns of `messages` to set.

    Returns
    -------
    int
        How many messages changed.
    """
    told = (
        select(messages.c.id, literal(state), literal(now))
        .join(mailings, mailings.c.id == messages.c.mailing_id)
        .where(which, mailings.c.pingUrl.is_not(None))
    )
    db.execute(insert(pings).from_select(["message_id", "shortKey", "due_at"], told))
    values = {"state": state, "description": description, "status_at": now, **more}
    if state in FINAL_STATES:
        values["next_at"] = None
    return db.execute(update(messages).where(which).values(values)).rowcount


@dataclass(frozen=True, slots=True)
class Change:
    """Hold what one message comes to.

    Parameters
    ----------
    message : int
        Its id.
    pinged : bool
        Whether its mailing asks for pings.
    state, description : str
    at : float
        The sandbox's own time of the change.
    more : mapping of str to value
        Other columns of `messages` to set; every change of a batch sets the same.
    """

    message: int
    pinged: bool
    state: str
    description: str
    at: float
    more: Mapping[str, Any] = field(default_factory=dict)


def come_each(db: Connection, changes: Sequence[Change]) -> None:
    """Bring messages each to a state of its own: `come_to`, for a batch.

    The caller holds their rows: it read them in this very transaction, which writes.
    """
    if not changes:
        return
    each = [
        {
            "message": change.message,
            "state": change.state,
            "description": change.description,
            "status_at": change.at,
            **change.more,
        }
        for change in changes
    ]
    columns = [name for name in each[0] if name != "message"]
    here = messages.c.id == bindparam("message")
    new: dict[str, Any] = {name: bindparam(name) for name in columns}
    db.execute(update(messages).where(here).values(new), each)
    owed = [
        {"message_id": change.message, "shortKey": change.state, "due_at": change.at}
        for change in changes
        if change.pinged
    ]
    if owed:
        db.execute(insert(pings), owed)
