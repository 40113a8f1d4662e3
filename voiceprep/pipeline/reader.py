"""Read what pings hint at, in portions; and what they may have been lost of.

One thread reads: so the ledger has one writer here, and the platform one caller.
"""

from __future__ import annotations

import heapq
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voiceprep.errors import (
    AuthError,
    ContractError,
    LedgerError,
    RefusedError,
    UnavailableError,
)
from voiceprep.ledger import FORWARD
from voiceprep.pipeline.following import unfinished
from voiceprep.pipeline.truth import MOST_IDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from voiceprep.ledger import Change
    from voiceprep.pipeline.inbox import Inbox
    from voiceprep.pipeline.truth import Truth

__all__ = ["Pauses", "Reader", "Seen"]

_MAX_AGAIN: Final = 20_000  # [ours] ids that are looked for once more
_TROUBLES: Final = (UnavailableError, ContractError, RefusedError, LedgerError)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Say how long the reader waits, in seconds.

    Parameters
    ----------
    gather_s : float
        For more ids, so that one call reads many.
    again_s : tuple of float
        Until an id of which the platform told nothing is looked for once more: what
        was just ordered may be seen late. Then it is taken for a forgery.
    sweep_s : float
        Between two looks at all that is open: for the pings that were lost.
    trouble_s : tuple of float
        The first and the longest pause where the platform can't be read.
    drain_s : float
        For reading what waits, at the end.
    """

    gather_s: float = 0.2  # [ours], as are all of these
    again_s: tuple[float, ...] = (2.0, 15.0)
    sweep_s: float = 60.0
    trouble_s: tuple[float, float] = (1.0, 60.0)
    drain_s: float = 10.0


@dataclass(slots=True)
class Seen:
    """Count what was read since the start."""

    read: int = 0
    changed: int = 0
    unknown: int = 0  # ids of which the platform told nothing, in the end
    left: int = 0  # that still waited at the end
    owed: int = 0  # states that were not passed on by the end


class Reader:
    """Read what waits, look again for what was not there, sweep over what is open.

    Parameters
    ----------
    truth : Truth
    inbox : Inbox
    names : sequence of str
        Campaigns to look after from the beginning, beside those that are open.
    pauses : Pauses
    say : callable
        Told in a sentence of troubles that it outlives, once each time.
    moved : callable
        Told of messages that moved on.
    """

    def __init__(
        self,
        truth: Truth,
        inbox: Inbox,
        names: Sequence[str],
        pauses: Pauses,
        say: Callable[[str], None],
        moved: Callable[[list[Change]], None],
    ) -> None:
        self.seen = Seen()
        self.error: Exception | None = None
        self._truth = truth
        self._inbox = inbox
        self._names = names
        self._pauses = pauses
        self._say = say
        self._moved = moved
        self._again: list[tuple[float, int, str]] = []  # due, looks so far, id
        self._sweep_at = 0.0
        self._trouble_s = 0.0
        self._has_refused = False
        self._ended = threading.Event()

    def end(self) -> None:
        """End when what waits is read, or the time for that is over."""
        self._ended.set()
        self._inbox.close()

    def run(self) -> None:
        """Work until the end; what nobody can outlive is kept in `error`."""
        try:
            while not self._ended.is_set():
                self._step()
            until = time.monotonic() + self._pauses.drain_s
            while len(self._inbox) and time.monotonic() < until:
                if not self._outlive(self._read_waiting):
                    break
        except Exception as error:  # noqa: BLE001 (a thread's edge: told by `stop`)
            self.error = error
        self.seen.left = len(self._inbox)

    def _step(self) -> None:
        """Wait for what is due first, and do what is."""
        due = min([self._sweep_at, *(row[0] for row in self._again[:1])])
        if self._inbox.wait(max(0.0, due - time.monotonic())):
            self._ended.wait(self._pauses.gather_s)
            self._outlive(self._read_waiting)
        now = time.monotonic()
        if self._again and self._again[0][0] <= now:
            self._outlive(self._look_again)
        if self._sweep_at <= now and not self._ended.is_set():
            self._sweep_at = now + self._pauses.sweep_s
            self._outlive(self._sweep)

    def _outlive(self, work: Callable[[], None]) -> bool:
        """Do some work; what can mend itself is waited for. Say whether it went."""
        try:
            work()
        except _TROUBLES as error:
            first_s, most_s = self._pauses.trouble_s
            if not self._trouble_s:
                self._say(f"{error}; going on to try")
            self._trouble_s = min(most_s, 2 * self._trouble_s or first_s)
            self._ended.wait(self._trouble_s)
            return False
        self._trouble_s = 0.0
        return True

    def _read_waiting(self) -> None:
        self._read(self._inbox.take(MOST_IDS), looks=0)

    def _look_again(self) -> None:
        now = time.monotonic()
        due: dict[int, list[str]] = {}
        while self._again and self._again[0][0] <= now:
            _, looks, message = heapq.heappop(self._again)
            due.setdefault(looks, []).append(message)
        for looks, ids in due.items():
            self._read(ids, looks)

    def _read(self, ids: list[str], looks: int) -> None:
        """Read messages; known ones apart from those that anybody may have made up.

        A made-up id can have the whole portion refused, which then is read in parts.
        """
        try:
            known = self._truth.ledger.messages.known(self._truth.account, ids)
            # What has ended for good can't move: its pings are late, or repeated.
            still_open = [each for each in ids if FORWARD[known.get(each, "ok")]]
            self._read_some(still_open, looks)
            self._read_some([each for each in ids if each not in known], looks)
        except (*_TROUBLES, AuthError):
            self._inbox.give_back(ids)
            raise

    def _read_some(self, ids: Sequence[str], looks: int) -> None:
        read = self._truth.by_ids(ids, "ping")
        self.seen.read += len(ids)
        self._tell(read.changes)
        self._keep(read.missing, looks)
        if read.refusal and not self._has_refused:
            # Said once: it may be a forgery, or a right that the account lacks.
            self._say(f"a message that was pinged is refused: {read.refusal}")
            self._has_refused = True

    def _keep(self, missing: Sequence[str], looks: int) -> None:
        """Look once more for ids that were not there, a few times."""
        pauses_s = self._pauses.again_s
        if looks >= len(pauses_s) or len(self._again) >= _MAX_AGAIN:
            self.seen.unknown += len(missing)
            return
        due = time.monotonic() + pauses_s[looks]
        for message in missing:
            heapq.heappush(self._again, (due, looks + 1, message))

    def _sweep(self) -> None:
        """Read what moved of everything that is open, pinged or not."""
        truth = self._truth
        names = unfinished(truth.ledger, truth.account)
        for name in dict.fromkeys((*self._names, *names)):
            self._tell(truth.catch_up(name, "sweep"))
        nameless = truth.ledger.messages.open_ids(truth.account, None)
        self._tell(truth.by_ids(nameless, "sweep").changes)

    def _tell(self, changes: Iterable[Change]) -> None:
        if told := list(changes):
            self.seen.changed += len(told)
            self._moved(told)
