"""Bring messages from state to state, the only way there is to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, literal, select, update

from voiceprep.contract import FINAL_STATES
from voiceprep.sandbox.schema import mailings, messages, pings

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

__all__ = ["come_to"]


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
