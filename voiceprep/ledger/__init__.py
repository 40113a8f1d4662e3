"""What we did, on disk: intents before effects, outcomes after them.

Recordings and uploads, campaigns and calls, and the truth of messages; one file, or a
PostgreSQL that several machines share.
"""

from typing import TYPE_CHECKING, Any

from voiceprep.ledger.call_records import Campaign, Lot, Mailed, Ordered, digest_of
from voiceprep.ledger.call_states import DOUBTFUL, UNSENT, CallState
from voiceprep.ledger.message_records import FORWARD, Change, Known, Told
from voiceprep.ledger.records import Listed, Made, Recording, Run, Task, Upload
from voiceprep.ledger.states import OPEN, State

if TYPE_CHECKING:
    from voiceprep.ledger.database import file_of, url_of
    from voiceprep.ledger.store import LEASE_S, Ledger

__all__ = [
    "DOUBTFUL",
    "FORWARD",
    "LEASE_S",
    "OPEN",
    "UNSENT",
    "CallState",
    "Campaign",
    "Change",
    "Known",
    "Ledger",
    "Listed",
    "Lot",
    "Made",
    "Mailed",
    "Ordered",
    "Recording",
    "Run",
    "State",
    "Task",
    "Told",
    "Upload",
    "digest_of",
    "file_of",
    "url_of",
]

_STORED = {
    **dict.fromkeys(("LEASE_S", "Ledger"), "store"),
    **dict.fromkeys(("file_of", "url_of"), "database"),
}


def __getattr__(name: str) -> Any:
    # PEP 562: a batch's workers need the records, and must not pay for SQLAlchemy.
    if name not in _STORED:
        raise AttributeError(f"module 'voiceprep.ledger' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"voiceprep.ledger.{_STORED[name]}"), name)
