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
    _ready: deque[Parcel] = field(default_factory=deque)
    _parked: list[tuple[float, int, Parcel, str]] = field(default_factory=list)
    _under_way: dict[Future[Delivery | Later], Parcel] = field(default_factory=dict)
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
        """Say how long nothing will happen, and why; None while something does."""
        if self._ready or self._under_way or not self._parked:
            return None
        due, _, _, reason = self._parked[0]
        return max(0.0, due - self.clock()), reason

    @property
    def tags(self) -> set[str]:
        """Return the tags of what is here."""
        parked = (parcel for _, _, parcel, _ in self._parked)
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
        elif self._parked and patience_s:
            time.sleep(min(patience_s, max(0.0, self._parked[0][0] - self.clock())))
        self._start()

    def drop(self) -> None:
        """Forget what has not begun; the ledger knows it."""
        self._ready.clear()
        self._parked.clear()

    def close(self) -> None:
        """Wait for what is under way, and end the threads."""
        self._pool.shutdown()

    def _start(self) -> None:
        """Start what is due, as far as the platform allows."""
        now = self.clock()
        while self._parked and self._parked[0][0] <= now:
            self._ready.append(heapq.heappop(self._parked)[2])
        while self._ready and len(self._under_way) < self.allowed:
            parcel = self._ready.popleft()
            self._under_way[self._pool.submit(self.send, parcel)] = parcel

    def _told(self, parcel: Parcel, future: Future[Delivery | Later]) -> Iterator[Sent]:
        error = future.exception()
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            yield Sent(parcel, error=error)
            return
        told = future.result()
        self._adapt(too_many=isinstance(told, Later) and told.too_many)
        if isinstance(told, Later):
            due = self.clock() + told.seconds
            entry = (due, next(self._order), parcel, told.reason)
            heapq.heappush(self._parked, entry)
        else:
            yield Sent(parcel, told)

    def _adapt(self, *, too_many: bool) -> None:
        """Halve what is allowed after 429, and let it grow while all is well."""
        self.well = 0 if too_many else self.well + 1
        if too_many:
            self.allowed = max(1, self.allowed // 2)
        elif self.well >= _GROWS_AFTER:
            self.allowed, self.well = min(self.most, self.allowed + 1), 0
