"""Run a callable over many things on any executor, and tell what happens."""

from voiceprep.batch.engine import Inline, Outcome, run
from voiceprep.batch.engines import ENGINES, Engine, engine
from voiceprep.batch.isolation import Isolated, Limits, WorkerLostError

__all__ = [
    "ENGINES",
    "Engine",
    "Inline",
    "Isolated",
    "Limits",
    "Outcome",
    "WorkerLostError",
    "engine",
    "run",
]
