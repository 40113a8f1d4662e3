"""What a recording and an upload go through: one table of transitions."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from voiceprep.errors import LedgerError

__all__ = ["ALLOWED", "OPEN", "State", "move"]


class State(StrEnum):
    """Say how far a recording has come, or the upload of its bytes."""

    PLANNED = "planned"  # found; nothing is done yet
    PREPARED = "prepared"  # its artefacts are whole; nothing is sent yet
    SENDING = "sending"  # that it will be sent is written down, its outcome not yet
    UPLOADED = "uploaded"  # the platform has it, and said where
    REFUSED = "refused"  # by our rules, or by the platform; nothing is there
    FAILED = "failed"  # nothing happened; it may be tried again
    UNKNOWN = "unknown"  # it may have happened: look before it is repeated


ALLOWED: Final[dict[State, frozenset[State]]] = {
    State.PLANNED: frozenset({State.PREPARED, State.REFUSED, State.FAILED}),
    State.PREPARED: frozenset(
        {State.SENDING, State.UPLOADED, State.FAILED, State.PLANNED}
    ),
    State.SENDING: frozenset(
        {State.UPLOADED, State.REFUSED, State.FAILED, State.UNKNOWN}
    ),
    # Never to `failed`: what may have happened is found, or knowingly repeated.
    State.UNKNOWN: frozenset({State.UPLOADED, State.SENDING}),
    State.FAILED: frozenset({State.PLANNED, State.SENDING, State.UPLOADED}),
    State.REFUSED: frozenset({State.PLANNED, State.SENDING, State.UPLOADED}),
    State.UPLOADED: frozenset({State.PLANNED}),
}
OPEN: Final = frozenset({State.SENDING, State.UNKNOWN})  # what a person must know of


def move(now: State | str, to: State) -> State:
    """Return the state to go to.

    Raises
    ------
    LedgerError
        Where the table does not allow it: a mistake of ours, never the platform's.

    >>> move(State.PREPARED, State.SENDING)
    <State.SENDING: 'sending'>
    """
    if to not in ALLOWED[State(now)]:
        raise LedgerError(f"the ledger: from {now} nothing leads to {to}")
    return to
