"""What happens in a batch, as values: the same for the terminal, NDJSON and tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from typing import TextIO

__all__ = [
    "Began",
    "Ended",
    "Event",
    "Failed",
    "Found",
    "Held",
    "Judged",
    "Lines",
    "Reported",
    "Sink",
    "Uploaded",
    "Waiting",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Be what all events are.

    Parameters
    ----------
    at : float
        Unix time, seconds.
    """

    name: ClassVar[str] = "event"
    at: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return its fields, its name first."""
        told = asdict(self)
        time = datetime.fromtimestamp(told.pop("at"), UTC)
        return {"event": self.name, "time": time.isoformat("T", "milliseconds"), **told}


Sink = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Event):
    """Say that a batch begins."""

    name: ClassVar[str] = "began"
    source: str
    out: str
    engine: str
    jobs: int
    platform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Event):
    """Say how many recordings were found so far, and how many are done already."""

    name: ClassVar[str] = "found"
    recordings: int
    unchanged: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Event):
    """Say that a recording was judged, and prepared where it is fit."""

    name: ClassVar[str] = "judged"
    path: str
    verdict: str
    bytes: int
    seconds: float | None = None
    codes: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded(Event):
    """Say that the platform has a recording; `how`: sent, found or adopted."""

    name: ClassVar[str] = "uploaded"
    path: str
    id: str
    url_encoded: str | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Event):
    """Say that a fit recording is not uploaded, and why."""

    name: ClassVar[str] = "held"
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """Say that something was not done: `kind` is the error's class."""

    name: ClassVar[str] = "failed"
    path: str
    kind: str
    message: str
    state: str = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Event):
    """Say what is waited for, and how long at most."""

    name: ClassVar[str] = "waiting"
    message: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Event):
    """Say that the pages to listen and decide on are written; the first's path."""

    name: ClassVar[str] = "reported"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Event):
    """Sum a batch up; `counts` are those of the summary."""

    name: ClassVar[str] = "ended"
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    audio_seconds: float = 0.0


class Lines:
    """Write events as NDJSON: a line each, whole, as they happen.

    >>> import sys
    >>> Lines(sys.stdout)(Waiting(message="a turn"))
    {"event": "waiting", "time": "1970-01-01T00:00:00.000+00:00", ...}
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, event: Event) -> None:
        """Write one event."""
        self._file.write(json.dumps(event.as_json()) + "\n")
        self._file.flush()
