"""Send in threads, apart from preparing; what must wait does not hold a thread."""

from __future__ import annotations

import heapq
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING, Final

from voiceprep.pipeline.sending import Delivery, Later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.pipeline.parcels import Parcel

__all__ = ["Outbox", "Sent"]

SENDERS: Final = 4  # [ours] uploads at a time, while the platform has no objection
_BACKLOG: Final = 64  # parcels that may wait in memory; the ledger keeps the others
_GROWS_AFTER: Final = 20  # uploads without a 429
_AWAY_PAUSE_S: Final = 1.0  # while nobody is reached, before one tries; doubled


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold what became of a parcel: a delivery, or the error."""

    parcel: Parcel
    delivery: Delivery | None = None
    error: Exception | None = None


@dataclass(slots=True)
class Outbox:
    """Send parcels with a few threads; one thread adds and reads.

    Parameters
    ----------
    send : callable
        Brings a parcel one step further.
    most : int
        Uploads at a time; fewer after the platform said 429, more when it is well.
    clock : callable
        Monotonic seconds.
    """

    send: Callable[[Parcel], Delivery | Later]
    most: int = SENDERS
    clock: Callable[[], float] = time.monotonic
    allowed: int = 0
    well: int = 0
    away: str = ""  # what the network said, while nobody is reached
    misses: int = 0  # times in a row that nobody was reached
    _missed_at: float = float("-inf")
    _quiet_until: float = float("-inf")
    _ready: deque[Parcel] = field(default_factory=deque)
    _parked: list[tuple[float, int, Parcel, str, float]] = field(default_factory=list)
    _under_way: dict[Future[Delivery | Later], Parcel] = field(default_factory=dict)
    _began: dict[Future[Delivery | Later], float] = field(default_factory=dict)
    _order: Iterator[int] = field(default_factory=count)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.allowed = self.most
        self._pool = ThreadPoolExecutor(self.most, thread_name_prefix="upload")

    @property
    def is_full(self) -> bool:
        """Say whether what waits in memory is enough."""
        return len(self._ready) + len(self._parked) >= _BACKLOG

    @property
    def waits_for(self) -> tuple[float, str] | None:
        """Say how long at most is waited, and why; None while something happens."""
        if self._ready or self._under_way or not self._parked:
            return None
        reason = self._parked[0][3]
        until = max(each[4] for each in self._parked if each[3] == reason)
        return max(0.0, until - self.clock()), reason

    @property
    def tags(self) -> set[str]:
        """Return the tags of what is here."""
        parked = (each[2] for each in self._parked)
        every = chain(self._ready, parked, self._under_way.values())
        return {parcel.tag for parcel in every}

    def __bool__(self) -> bool:
        return bool(self._ready or self._parked or self._under_way)

    def add(self, parcel: Parcel) -> None:
        """Take a parcel in."""
        self._ready.append(parcel)
        self._start()

    def ended(self, patience_s: float = 0.0) -> Iterator[Sent]:
        """Yield what has ended, waiting up to `patience_s` where nothing has."""
        self._start()
        if self._under_way:
            done, _ = wait(self._under_way, patience_s, FIRST_COMPLETED)
            for future in done:
                yield from self._told(self._under_way.pop(future), future)
        elif self and patience_s:
            time.sleep(min(patience_s, max(0.0, self._next_at() - self.clock())))
        self._start()

    def _next_at(self) -> float:
        """Say when the next may start, where none is under way."""
        due = self._quiet_until if self._ready else self._parked[0][0]
        return max(due, self._quiet_until)

    def drop(self) -> None:
        """Forget what has not begun; the ledger knows it."""
        self._ready.clear()
        self._parked.clear()

    def resume(self) -> None:
        """Try anew, though nobody was reached before."""
        self.away, self.misses, self._quiet_until = "", 0, float("-inf")

    def close(self) -> None:
        """Wait for what is under way, and end the threads."""
        self._pool.shutdown()

    def _start(self) -> None:
        """Start what is due, as far as the platform allows; one, while it is away."""
        now = self.clock()
        if now < self._quiet_until:
            return
        most = 1 if self.away else self.allowed
        while self._parked and self._parked[0][0] <= now:
            self._ready.append(heapq.heappop(self._parked)[2])
        while self._ready and len(self._under_way) < most:
            parcel = self._ready.popleft()
            future = self._pool.submit(self.send, parcel)
            self._under_way[future], self._began[future] = parcel, now

    def _told(self, parcel: Parcel, future: Future[Delivery | Later]) -> Iterator[Sent]:
        error, began = future.exception(), self._began.pop(future)
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            self.resume()
            yield Sent(parcel, error=error)
            return
        told = future.result()
        self._adapt(too_many=isinstance(told, Later) and told.too_many)
        if isinstance(told, Later):
            if told.away and began > self._missed_at:
                self._missed(told.away)
            due = self.clock() + told.seconds
            until = due if told.most_s is None else self.clock() + told.most_s
            entry = (due, next(self._order), parcel, told.reason, until)
            heapq.heappush(self._parked, entry)
        else:
            self.resume()
            yield Sent(parcel, told)

    def _missed(self, away: str) -> None:
        """Note that nobody was reached; those that began before it was known add none.

        Then nothing is started for a while.
        """
        self.away, self._missed_at = away, self.clock()
        self._quiet_until = self._missed_at + _AWAY_PAUSE_S * 2**self.misses
        self.misses += 1

    def _adapt(self, *, too_many: bool) -> None:
        """Halve what is allowed after 429, and let it grow while all is well."""
        self.well = 0 if too_many else self.well + 1
        if too_many:
            self.allowed = max(1, self.allowed // 2)
        elif self.well >= _GROWS_AFTER:
            self.allowed, self.well = min(self.most, self.allowed + 1), 0
