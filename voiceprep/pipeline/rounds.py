"""The rounds of a batch: list, prepare, send, and again while it watches.

One thread plans, reads what ends, and writes to the ledger; workers prepare, threads
send. Whatever ends it, the next run goes on where this one stopped: the ledger knows
what is done, and nothing is sent twice.
"""

from __future__ import annotations

import errno
import json
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Any, Final

from voiceprep.batch import WorkerLostError, run
from voiceprep.batch import events as on
from voiceprep.errors import UnavailableError
from voiceprep.ledger import OPEN, Made, Recording, State
from voiceprep.pipeline.deliveries import TURN_S
from voiceprep.pipeline.leftovers import sweep
from voiceprep.pipeline.listing import Settling, listed
from voiceprep.pipeline.places import is_url, path_of, place_of
from voiceprep.pipeline.results import sentence_of, shown, write_results
from voiceprep.pipeline.rewriting import former_platform
from voiceprep.pipeline.standing import are_whole
from voiceprep.pipeline.work import Preparing, artefact_places, asked_of, unmade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from voiceprep.batch import Engine, Outcome
    from voiceprep.ledger import Ledger, Listed, Task
    from voiceprep.pipeline.deliveries import Course, Deliveries
    from voiceprep.pipeline.folder import Order
    from voiceprep.pipeline.results import Tally
    from voiceprep.report import Language

__all__ = ["Rounds"]

_ENTERED: Final = 500  # recordings in one write of the ledger
_OF_THE_MACHINE: Final = frozenset(  # such an error would meet every other recording
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM),
        *(errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM),
    }
)


@dataclass(slots=True)
class Rounds:
    """Run an order's rounds.

    Parameters
    ----------
    order : Order
    out : str
        Its output, as a place.
    ledger : Ledger
        In a run of its own.
    engine : Engine
    deliveries : Deliveries
    sink : callable
        Takes events.
    course : Course
    clock : callable
        Unix time in seconds.
    in_place : bool
        As of `work.Preparing`.
    """

    order: Order
    out: str
    ledger: Ledger
    engine: Engine
    deliveries: Deliveries
    sink: Callable[[on.Event], None] = field(kw_only=True)
    course: Course = field(kw_only=True)
    clock: Callable[[], float] = field(kw_only=True)
    in_place: bool = field(kw_only=True)
    unchanged: int = 0
    platform: str | None = None
    page: Path | None = None
    unreached: UnavailableError | None = None  # the first source behind a URL
    _has_lost: bool = False  # a worker, in this round
    _seen: int = 0  # recordings, at the last look
    _settles: Settling | None = field(init=False)
    _settling: deque[Future[bool]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        watch_s = self.order.watch_s
        self._settles = None if watch_s is None else Settling(watch_s, self.clock)

    def run(self) -> Tally:
        """Run a round, or rounds until it is told to stop; write the results."""
        began = time.monotonic()
        self.platform = self._find_platform()
        with self.deliveries.under_way():
            self._say_begun()
            self._round()
            tally = self._write()
            while self.order.watch_s is not None and self.course.goes_on():
                self.course.stop.wait(self.order.watch_s)
                if self._round():
                    tally = self._write()
        ended = on.Ended(
            at=self.clock(),
            counts=dict(tally.counts),
            seconds=round(time.monotonic() - began, 3),
            audio_seconds=round(tally.seconds, 3),
        )
        self.sink(ended)
        return tally

    def _say_begun(self) -> None:
        began = on.Began(
            at=self.clock(),
            source=", ".join(self.order.sources[:3]),
            out=self.order.out,
            engine=self.order.engine,
            jobs=self.order.jobs,
            platform=self.platform,
        )
        self.sink(began)

    def _find_platform(self) -> str | None:
        """Tell the sandbox from the live platform; one that is away can wait."""
        if self.deliveries.client is None:
            return None
        try:
            return self.deliveries.client.platform
        except UnavailableError:
            return None

    def _round(self) -> bool:
        """List, prepare and send what there is; False where nothing is new."""
        sent_before = self.deliveries.delivered
        worked = self._list()
        self.deliveries.resume()
        self.deliveries.put_unsent()
        worked |= self._prepare()
        while (
            self.ledger.is_shared and self.course.goes_on() and self._others_prepare()
        ):
            worked |= self._prepare()
        if self.ledger.is_shared:
            self.deliveries.put_unsent()  # of others, that have died
        self.deliveries.finish()
        worked |= self._renew()
        self._settle(0)
        self._tidy()
        return worked or self.deliveries.delivered > sent_before

    def _renew(self) -> bool:
        """Prepare again, and send, what somebody changed in OUT; False without any."""
        stale = self.deliveries.stale()
        if not stale or not self.course.goes_on():
            return False
        self._settle(0)
        self.ledger.plan(stale)
        self._prepare()
        self.deliveries.finish()
        return True

    # Listing

    def _list(self) -> bool:
        """Enter what there is in the ledger, and what is gone.

        False where the same recordings are there as at the last look.
        """
        began, seen, size = self.ledger.now(), 0, 0
        self.unchanged = 0
        folders = listed(
            self.order.sources,
            out=self.out,
            chosen=self.order.chosen,
            settles=self._settles and self._settles.look(),
            entered_as=self.order.entered_as,
        )
        asked = asked_of(self.order.treatment)
        each = chain.from_iterable(folders)
        while some := list(islice(each, _ENTERED)):
            self._enter(asked, some, began)
            seen, size = seen + len(some), size + sum(one.size for one in some)
            told = {"recordings": seen, "unchanged": self.unchanged, "bytes": size}
            self.sink(on.Found(at=self.clock(), **told))
            if self.course.stop.is_set():
                return False
        if self._settles is not None:
            seen += self.ledger.keep(self.out, self._settles.left, began)
        own, together = map(place_of, self.order.sources), self.order.entered_as
        roots = {together} if together else set(own)
        gone = sum(self.ledger.leave_out(self.out, root, began) for root in roots)
        before, self._seen = self._seen, seen
        return bool(gone) or seen != before

    def _enter(self, asked: str, some: list[Listed], began: float) -> None:
        """Enter some recordings; what is done must still be there."""
        done = self.ledger.enter(self.out, asked, some, began)
        lacking = [each.id for each in done if not self._stands(each)]
        if lacking:
            self.ledger.plan(lacking)
        self.unchanged += len(done) - len(lacking)

    def _stands(self, recording: Recording) -> bool:
        """Say whether a recording's artefacts are all whole; those of a URL are."""
        if recording.made.outgoing is None or is_url(self.out):
            return True
        return are_whole(artefact_places(self.out, recording.name), recording.made)

    # Preparing

    def _prepare(self) -> bool:
        """Prepare what no other run does; False where nothing was to do."""
        treatment, draws = self.order.treatment, self.order.report is not None
        asked = asked_of(treatment)
        work = Preparing(self.out, treatment, asked, self.in_place, draws)
        worked = False
        engine = self.engine
        outcomes = run(
            work,
            self._tasks(),
            engine.executor,
            engine.window,
            per_task=engine.per_task,
        )
        for outcome in outcomes:
            worked = True
            self._take(outcome)
            self.deliveries.read()
        return worked

    def _tasks(self) -> Iterator[Task]:
        """Claim recordings, the largest first, no more than are needed soon."""
        engine = self.engine
        # A ledger of its own can be claimed ahead; a shared one leaves others work.
        soon = engine.window * engine.per_task
        portion = soon if self.ledger.is_shared else max(soon, _ENTERED)
        while self.course.goes_on() and (tasks := self.ledger.claim(self.out, portion)):
            yield from takewhile(lambda _: self.course.goes_on(), tasks)

    def _take(self, outcome: Outcome[Task, Made]) -> None:
        """Write and tell what became of a task; send what is fit."""
        task, made = outcome.key, self._made(outcome)
        settled = self.ledger.settle(task, made)
        self._settling.append(settled)
        self._settle(_ENTERED)
        if self.ledger.is_shared and not settled.result():
            return  # another run took it over
        self.sink(_judged(task, made, self.clock()))
        if made.state is State.PREPARED:
            self.deliveries.put(_row_of(task, made))

    def _made(self, outcome: Outcome[Task, Made]) -> Made:
        """Return what was made, or what an error means."""
        error = outcome.error
        if error is None:
            assert outcome.value is not None  # noqa: S101 (one of them is)
            return outcome.value
        if isinstance(error, WorkerLostError):
            self._has_lost = True
            return unmade(outcome.key, error)
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            self.course.end(error)
        if isinstance(error, UnavailableError):
            self.unreached = self.unreached or error
        return Made(State.FAILED, reason=_reason(error))

    def _settle(self, most: int) -> None:
        """Learn of the ledger's errors; no more than `most` writes are left behind."""
        while self._settling and (
            len(self._settling) > most or self._settling[0].done()
        ):
            self._settling.popleft().result()

    def _tidy(self) -> None:
        """Remove what killed workers left; no other writes to OUT now."""
        if self._has_lost and not self.ledger.is_shared and not is_url(self.out):
            sweep(path_of(self.out), since=time.time() + 1)
        self._has_lost = False

    def _others_prepare(self) -> bool:
        """Wait a turn where other runs are still preparing."""
        if not self.ledger.is_planned(self.out):
            return False
        self.deliveries.wait_for("another run prepares the rest")
        self.deliveries.read()
        self.course.stop.wait(TURN_S)
        return True

    # Results

    def _write(self) -> Tally:
        """Write the results of every recording of OUT, and the report."""
        self._settle(0)
        self.platform = self.platform or self._find_platform()
        if self.platform is None and self._has_uploads():
            self.platform = former_platform(self.out)
        tally = write_results(
            self._recordings(),
            self.out,
            platform=self.platform,
            held=self.deliveries.holds,
            junit=self.order.junit,
        )
        if self.order.report is not None and self.course.goes_on():
            self.page = self._write_report(self.order.report, tally)
        return tally

    def _has_uploads(self) -> bool:
        """Say whether the results tell of earlier uploads to the account."""
        account, sent = self.deliveries.account, {State.UPLOADED, *OPEN}
        return any(self.ledger.recordings(self.out, account, states=sent, limit=1))

    def _recordings(self) -> Iterator[Recording]:
        return self.ledger.recordings(self.out, self.deliveries.account)

    def _write_report(self, language: Language, tally: Tally) -> Path | None:
        """Write the pages; what can't be shown on them counts among the failures.

        Where it is told to stop meanwhile, there are none, and the former ones stay.
        """
        from voiceprep.pipeline.batch_report import write_report

        def failed(path: str, error: Exception) -> None:
            kind = type(error).__name__
            tally.kinds[kind] += 1
            self.sink(
                on.Failed(at=self.clock(), path=path, kind=kind, message=str(error))
            )

        page = write_report(
            self._recordings,
            self.out,
            language,
            self.order.treatment,
            jobs=self.order.jobs,
            engine=self.engine,
            in_place=self.in_place,
            failed=failed,
            goes_on=self.course.goes_on,
        )
        if page is None:
            return None
        self.sink(on.Reported(at=self.clock(), path=str(page)))
        return page


def _reason(error: Exception) -> str:
    """Say what went wrong; of what the system refused, its words and the place."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return place + error.strerror.lower()
    return str(error) or type(error).__name__


def _row_of(task: Task, made: Made) -> Recording:
    """Return a recording as the ledger will hold it."""
    return Recording(task.id, task.place, task.name, task.size, made.state, made)


def _judged(task: Task, made: Made, now: float) -> on.Event:
    """Tell what became of a task."""
    path = shown(task.place)
    if made.state is State.FAILED:
        return on.Failed(at=now, path=path, kind="OSError", message=made.reason or "")
    found: list[dict[str, Any]] = json.loads(made.result or "{}").get("findings", [])
    return on.Judged(
        at=now,
        path=path,
        verdict=made.verdict or "",
        bytes=task.size,
        seconds=made.seconds,
        codes=tuple(finding["code"] for finding in found),
        message=sentence_of(found),
    )
