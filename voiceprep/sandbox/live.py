"""What a sandbox does by itself, and what tests do to it: one object holds it all."""

from __future__ import annotations

import shutil
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, select

from voiceprep.sandbox.control import controlled
from voiceprep.sandbox.database import writing
from voiceprep.sandbox.delivery import Delivery
from voiceprep.sandbox.layers import faulty, identified, logged
from voiceprep.sandbox.page import paged
from voiceprep.sandbox.pings import Pings
from voiceprep.sandbox.request_log import RequestLog
from voiceprep.sandbox.schema import METADATA, accounts, contents, versions
from voiceprep.sandbox.truth import truth

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlalchemy import Engine
    from starlette.types import ASGIApp

    from voiceprep.sandbox.clock import KeptClock
    from voiceprep.sandbox.faults import Faults
    from voiceprep.sandbox.ping_calls import Patience

__all__ = ["Live"]

_KEPT: Final = (accounts, versions)  # by a reset


class Live:
    """Deliver, ping, remember calls; advance, reset and tell the truth.

    Parameters
    ----------
    engine : Engine
    files : Path
        Where contents lie, a folder each.
    clock : KeptClock
    faults : Faults
    seed : int
        Of outcomes.
    allow_ping : collection of str
        Hosts that may be pinged beside this machine.
    patience : Patience or None
        With receivers of pings.
    """

    def __init__(
        self,
        engine: Engine,
        files: Path,
        clock: KeptClock,
        faults: Faults,
        *,
        seed: int = 0,
        allow_ping: Collection[str] = (),
        patience: Patience | None = None,
    ) -> None:
        self._engine = engine
        self._files = files
        self.clock = clock
        self.faults = faults
        self.ended = threading.Event()
        self.log = RequestLog()
        self.pings = Pings(engine, allow_ping, patience)
        self.delivery = Delivery(engine, clock, seed, changed=self.pings.wake)

    def start(self) -> None:
        """Begin to deliver and to ping."""
        self.pings.start()
        self.delivery.start()

    def stop(self) -> None:
        """End both, then write the time down."""
        self.delivery.stop()
        self.pings.stop()
        self.clock.close()

    def around(self, app: ASGIApp, latency_s: float, key: str | None) -> ASGIApp:
        """Put the log, faults, the page and, with a key, the control API before it."""
        troubled = logged(faulty(app, self.faults, latency_s, self.ended), self.log)
        seen = paged(identified(troubled, app), self)
        return controlled(seen, self, key) if key else seen

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the clock on, and return when all that is due by then is done."""
        now = self.clock.advance(seconds)
        self.delivery.deliver()
        return {"now": datetime.fromtimestamp(now, UTC).isoformat()}

    def truth(self, latest: int | None = None) -> dict[str, Any]:
        """Return all that there is, and each try of a ping since the start."""
        attempts = [asdict(attempt) for attempt in self.pings.attempts.copy()]
        now = datetime.fromtimestamp(self.clock.now(), UTC).isoformat()
        shown = attempts if latest is None else attempts[-latest:]
        return {"now": now, **truth(self._engine, latest), "attempts": shown}

    def reset(self) -> None:
        """Forget everything but accounts; the clock goes on."""
        with writing(self._engine) as db:
            folders = db.execute(select(contents.c.folder)).scalars().all()
            for table in reversed(METADATA.sorted_tables):
                if table not in _KEPT:
                    db.execute(delete(table))
        for folder in folders:
            shutil.rmtree(self._files / folder, ignore_errors=True)
        self.pings.forget()
        self.faults.replace(())
        self.log.clear()
