"""Take a folder of recordings, however large, to artefacts and `url_encoded`."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voiceprep.batch import Engine, engine
from voiceprep.batch.events import Waiting
from voiceprep.errors import SettingsError
from voiceprep.ledger import LEASE_S, Ledger, url_of
from voiceprep.pipeline.deliveries import Course, Deliveries
from voiceprep.pipeline.leftovers import swept
from voiceprep.pipeline.listing import Filter
from voiceprep.pipeline.places import is_url, path_of, place_of, state_folder
from voiceprep.pipeline.rounds import Rounds
from voiceprep.pipeline.sending import LOOKUP_GAP_S, UPLOAD_LIMIT_S
from voiceprep.pipeline.treatment import Treatment
from voiceprep.pipeline.work import limits_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from voiceprep.batch.events import Event
    from voiceprep.client import Client
    from voiceprep.ledger import Recording
    from voiceprep.pipeline.results import Tally
    from voiceprep.report import Language

__all__ = ["Order", "Summary", "batch", "ledger_file", "ledger_of"]

_PRELOAD: Final = ("voiceprep.pipeline.work", "voiceprep.audio.prepare")
_PRELOAD_TO_DRAW: Final = ("voiceprep.pipeline.redrawing",)
_AHEAD: Final = 4  # tasks a worker of an executor that is not ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Say what is wanted of a batch.

    Parameters
    ----------
    sources : tuple of str
        Folders, files or URLs.
    out : str
        Folder or URL of the artefacts; never read as input.
    entered_as : str or None
        What the sources are together, such as ``"-"`` for a list.
    treatment : Treatment
        What is to be made of recordings, of `treatment_of`.
    chosen : Filter
    engine : str
        ``inline``, ``thread``, ``process`` or ``dask``.
    jobs : int
        Workers.
    dask_address : str or None
    ledger : str or None
        Its URL; a file in OUT by default.
    wait : bool
        Whether to wait for another run on the same ledger.
    lease_s : float
        How long a run that fell silent keeps what it holds, on a shared ledger.
    strict : bool
        Hold recordings with warnings back.
    approves : callable or None
        Says of a prepared recording whether it may go out; without it all may.
    rejection : callable or None
        Says of one that may not who rejected it and why; "" where nobody did.
    account : str
        The ledger's word for the account whose uploads the results tell of where
        nothing is uploaded now; of `platform.account_of`.
    lookup_gap_s, upload_limit_s : float
        As of `sending.Sender`.
    junit : Path or None
    report : Language or None
        Write a page to listen and decide on, in this language.
    watch_s : float or None
        Go on as files arrive, looking every so many seconds; what was written to
        within that time is left for the next look.
    """

    sources: tuple[str, ...]
    out: str
    entered_as: str | None = None
    treatment: Treatment = field(default_factory=Treatment)
    chosen: Filter = field(default_factory=Filter)
    engine: str = "process"
    jobs: int = 1
    dask_address: str | None = None
    ledger: str | None = None
    wait: bool = True
    lease_s: float = LEASE_S
    strict: bool = False
    approves: Callable[[Recording], bool] | None = None
    rejection: Callable[[Recording], str] | None = None
    account: str = ""
    lookup_gap_s: float = LOOKUP_GAP_S
    upload_limit_s: float = UPLOAD_LIMIT_S
    junit: Path | None = None
    report: Language | None = None
    watch_s: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold what became of a batch.

    Parameters
    ----------
    tally : Tally
        Of every recording of OUT.
    unchanged : int
        Recordings that were done already.
    seconds : float
        That it took.
    platform : str or None
        ``"sandbox"`` or ``"live"``, where there was anything to upload.
    trouble : Exception or None
        What ended it early: refused credentials, a full disk; or the sending alone: a
        platform that is away.
    stopped : bool
        Whether it was told to stop.
    page : Path or None
        The report's first page, where one was ordered and written.
    """

    tally: Tally
    unchanged: int
    seconds: float
    platform: str | None = None
    trouble: Exception | None = None
    stopped: bool = False
    page: Path | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Return how many recordings came to what, by the words of `outcome_of`."""
        return dict(self.tally.counts)


def batch(
    order: Order,
    *,
    client: Client | None = None,
    executor: Executor | None = None,
    sink: Callable[[Event], None] = lambda _: None,
    stop: threading.Event | None = None,
    clock: Callable[[], float] = time.time,
) -> Summary:
    """Prepare every recording that is not done yet; upload where a client is given.

    Parameters
    ----------
    order : Order
    client : Client or None
        The account to upload to.
    executor : concurrent.futures.Executor or None
        Instead of the order's engine; it stays open.
    sink : callable
        Takes each event, in the calling thread.
    stop : threading.Event or None
        Set from anywhere, it ends the batch after what is under way.
    clock : callable
        Unix time in seconds.

    Raises
    ------
    SettingsError, LedgerError
        Where it can't begin, or the ledger fails.
    OSError
        Where the results can't be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     order = Order(sources=("samples/clean.mp3",), out=out, engine="inline")
    ...     batch(order).counts, batch(order).unchanged
    ({'prepared': 1}, 1)
    """
    out, began = place_of(order.out), time.monotonic()
    _check(order, out)
    course = Course(stop or threading.Event())

    def say(line: str) -> None:
        sink(Waiting(at=clock(), message=line))

    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(ledger_of(order), lease_s=order.lease_s))
        stack.enter_context(ledger.run(wait=order.wait, say=say))
        stack.enter_context(swept(out, ledger))
        deliveries = Deliveries(order, out, ledger, client, sink, clock, course)
        rounds = Rounds(
            order,
            out,
            ledger,
            stack.enter_context(_engine(order, executor)),
            deliveries,
            sink=sink,
            course=course,
            clock=clock,
            in_place=executor is not None or order.engine != "process",
        )
        tally = rounds.run()
    return Summary(
        tally,
        rounds.unchanged,
        time.monotonic() - began,
        rounds.platform,
        course.trouble or deliveries.away or rounds.unreached,
        course.stop.is_set(),
        rounds.page,
    )


def _check(order: Order, out: str) -> None:
    """Refuse artefacts among the recordings, and pages where they can't lie."""
    for source in order.sources:
        if place_of(source).rstrip("/") == out.rstrip("/"):
            raise SettingsError(
                f"{source}: artefacts would lie among the recordings; choose another "
                "folder with -o (one within it will do)"
            )
    if order.report is not None:
        from voiceprep.pipeline.batch_report import check_report

        check_report(out)


def ledger_of(order: Order) -> str:
    """Return the ledger's URL: the order's, or a file, whose folder is made."""
    if order.ledger is not None:
        return order.ledger
    file = ledger_file(place_of(order.out))
    file.parent.mkdir(parents=True, exist_ok=True)
    return url_of(file)


def ledger_file(out: str) -> Path:
    """Name the file that is the ledger of an OUT, where no other one is ordered.

    Where OUT is a URL, it lies with the user's state.
    """
    folder = Path(path_of(out)) / ".voiceprep"
    if is_url(out):
        folder = state_folder() / hashlib.sha256(out.encode()).hexdigest()[:16]
    return folder / "ledger.sqlite3"


def _engine(order: Order, executor: Executor | None) -> AbstractContextManager[Engine]:
    """Return the order's engine, or an executor that was given."""
    if executor is not None:
        return nullcontext(
            Engine(executor, _AHEAD * max(order.jobs, os.cpu_count() or 1))
        )
    return engine(
        order.engine,
        order.jobs,
        limits=limits_of,
        preload=_PRELOAD + (_PRELOAD_TO_DRAW if order.report is not None else ()),
        address=order.dask_address,
    )
