"""What we did, on disk: intents before effects, outcomes after them.

Recordings and uploads; one file, or a PostgreSQL that several machines share.
"""

from voiceprep.ledger.records import Listed, Made, Recording, Task, Upload
from voiceprep.ledger.states import OPEN, State
from voiceprep.ledger.store import LEASE_S, Ledger

__all__ = [
    "LEASE_S",
    "OPEN",
    "Ledger",
    "Listed",
    "Made",
    "Recording",
    "State",
    "Task",
    "Upload",
]
