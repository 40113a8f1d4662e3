"""What a mailing goes through, from a plan's part to calls: a table of transitions."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from voiceprep.errors import LedgerError

__all__ = ["ALLOWED", "DOUBTFUL", "UNSENT", "CallState", "move"]


class CallState(StrEnum):
    """Say how far the order of a mailing has come; its calls have states of their own.

    >>> CallState("ordered")
    <CallState.ORDERED: 'ordered'>
    """

    PLANNED = "planned"  # nothing of it was ever sent
    SENDING = "sending"  # that it will be sent is written down, its outcome not yet
    ORDERED = "ordered"  # the platform has it, or a person says that it has
    UNKNOWN = "unknown"  # it may have happened: never sent again by itself
    REFUSED = "refused"  # the platform said no; nothing is there
    FAILED = "failed"  # it never reached the platform
    STOPPED = "stopped"  # by `mailing stop`: nothing of it was called, nor will be


ALLOWED: Final[dict[CallState, frozenset[CallState]]] = {
    CallState.PLANNED: frozenset(
        {CallState.SENDING, CallState.ORDERED, CallState.STOPPED}
    ),
    CallState.SENDING: frozenset(
        {CallState.ORDERED, CallState.UNKNOWN, CallState.REFUSED, CallState.FAILED}
    ),
    # To `planned` by a person alone: absence in a listing is no proof.
    CallState.UNKNOWN: frozenset({CallState.ORDERED, CallState.PLANNED}),
    CallState.REFUSED: frozenset(
        {CallState.SENDING, CallState.ORDERED, CallState.STOPPED}
    ),
    CallState.FAILED: frozenset(
        {CallState.SENDING, CallState.ORDERED, CallState.STOPPED}
    ),
    # It was there all the same; two stop it at once.
    CallState.STOPPED: frozenset({CallState.ORDERED, CallState.STOPPED}),
    # Its id is learned later; it is removed before a call of it begins. A person takes
    # back that it was ordered, where nothing but their word said so.
    CallState.ORDERED: frozenset(
        {CallState.ORDERED, CallState.STOPPED, CallState.PLANNED}
    ),
}
UNSENT: Final = frozenset({CallState.PLANNED, CallState.REFUSED, CallState.FAILED})
DOUBTFUL: Final = frozenset({CallState.SENDING, CallState.UNKNOWN})


def move(now: CallState | str, to: CallState) -> CallState:
    """Return the state to go to.

    Raises
    ------
    LedgerError
        Where the table does not allow it: a mistake of ours, never the platform's.

    >>> move("planned", CallState.SENDING)
    <CallState.SENDING: 'sending'>
    """
    if to not in ALLOWED[CallState(now)]:
        raise LedgerError(f"the ledger: a mailing never goes from {now} to {to}")
    return to
