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


@dataclass(frozen=True, slots=True, order=True)
class _Parked:
    """Hold a parcel that waits; the first that is due is the least.

    Parameters
    ----------
    due, place : float, int
        When it is tried again; its place among those of one moment.
    parcel : Parcel
    reason : str
        What it waits for.
    until : float
        When that is over at the latest.
    """

    due: float
    place: int
    parcel: Parcel = field(compare=False)
    reason: str = field(compare=False)
    until: float = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Begun:
    """Hold a parcel that is under way, and since when."""

    parcel: Parcel
    at: float


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
    _parked: list[_Parked] = field(default_factory=list)
    _under_way: dict[Future[Delivery | Later], _Begun] = field(default_factory=dict)
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
        reason = self._parked[0].reason
        until = max(each.until for each in self._parked if each.reason == reason)
        return max(0.0, until - self.clock()), reason

    @property
    def tags(self) -> set[str]:
        """Return the tags of what is here."""
        parked = (each.parcel for each in self._parked)
        under_way = (each.parcel for each in self._under_way.values())
        return {parcel.tag for parcel in chain(self._ready, parked, under_way)}

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
        due = self._quiet_until if self._ready else self._parked[0].due
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
        while self._parked and self._parked[0].due <= now:
            self._ready.append(heapq.heappop(self._parked).parcel)
        while self._ready and len(self._under_way) < most:
            parcel = self._ready.popleft()
            self._under_way[self._pool.submit(self.send, parcel)] = _Begun(parcel, now)

    def _told(self, begun: _Begun, future: Future[Delivery | Later]) -> Iterator[Sent]:
        """Yield what has ended; park what must wait."""
        parcel, error = begun.parcel, future.exception()
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            self.resume()
            yield Sent(parcel, error=error)
            return
        told = future.result()
        self._adapt(too_many=isinstance(told, Later) and told.too_many)
        if isinstance(told, Later):
            if told.away and begun.at > self._missed_at:
                self._missed(told.away)
            self._park(parcel, told)
        else:
            self.resume()
            yield Sent(parcel, told)

    def _park(self, parcel: Parcel, later: Later) -> None:
        due = self.clock() + later.seconds
        until = due if later.most_s is None else self.clock() + later.most_s
        parked = _Parked(due, next(self._order), parcel, later.reason, until)
        heapq.heappush(self._parked, parked)

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
