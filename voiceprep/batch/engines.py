"""The engines by name: in place, threads, processes with limits, a Dask cluster."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voiceprep.batch.engine import Inline
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from voiceprep.batch.isolation import Limits

__all__ = ["ENGINES", "Engine", "engine"]

ENGINES: Final = ("inline", "thread", "process", "dask")
PER_DASK_TASK: Final = 10  # facts.md, "Ledger": 25 → 6.7 ms an item
DASK_WINDOW: Final = 64  # tasks under way; a cluster may have as many workers
_AHEAD: Final = 4  # tasks a worker, so that none waits for the reader


@dataclass(frozen=True, slots=True)
class Engine:
    """Hold an executor, and how it is best fed.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    window : int
        Tasks under way.
    per_task : int
        Keys a task.
    """

    executor: Executor
    window: int
    per_task: int = 1


@contextmanager
def engine(
    name: str,
    jobs: int,
    *,
    limits: Limits | Callable[..., Limits] | None = None,
    preload: Sequence[str] = (),
    address: str | None = None,
) -> Iterator[Engine]:
    """Start an engine; it ends with the block, at once where the block raises.

    Parameters
    ----------
    name : str
        Of `ENGINES`.
    jobs : int
        Workers; a cluster has its own.
    limits : Limits or callable
        Of a call in a process; a callable is given the call's arguments.
    preload : sequence of str
        Modules that processes import before the first call.
    address : str or None
        Of Dask's scheduler.

    Raises
    ------
    SettingsError
        For an unknown name; for Dask without an address, library or cluster.

    >>> with engine("inline", 1) as started:
    ...     started.window
    1
    """
    if name not in ENGINES:
        raise SettingsError(f"no engine {name!r}; there are {', '.join(ENGINES)}")
    started = _START[name](jobs, limits, preload, address)
    try:
        yield started
    except BaseException:
        started.executor.shutdown(wait=False, cancel_futures=True)
        raise
    started.executor.shutdown()


def _inline(*_: Any) -> Engine:
    return Engine(Inline(), 1)


def _threads(jobs: int, *_: Any) -> Engine:
    from concurrent.futures import ThreadPoolExecutor

    return Engine(ThreadPoolExecutor(jobs), _AHEAD * jobs)


def _processes(
    jobs: int,
    limits: Limits | Callable[..., Limits] | None,
    preload: Sequence[str],
    _: str | None,
) -> Engine:
    from voiceprep.batch.isolation import Isolated, Limits

    return Engine(Isolated(jobs, limits or Limits(), preload), _AHEAD * jobs)


def _dask(_: int, __: Any, ___: Sequence[str], address: str | None) -> Engine:
    from voiceprep.batch.cluster import connected

    return Engine(connected(address), DASK_WINDOW, PER_DASK_TASK)


_START: Final[dict[str, Callable[..., Engine]]] = {
    "inline": _inline,
    "thread": _threads,
    "process": _processes,
    "dask": _dask,
}
