"""What we did, on disk: intents before effects, outcomes after them.

Recordings, uploads, and the truth of messages; one file, or a PostgreSQL that several
machines share.
"""

from voiceprep.ledger.message_records import Change, Known, Told
from voiceprep.ledger.records import Listed, Made, Recording, Task, Upload
from voiceprep.ledger.states import OPEN, State
from voiceprep.ledger.store import LEASE_S, Ledger

__all__ = [
    "LEASE_S",
    "OPEN",
    "Change",
    "Known",
    "Ledger",
    "Listed",
    "Made",
    "Recording",
    "State",
    "Task",
    "Told",
    "Upload",
]
