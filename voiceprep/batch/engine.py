"""Run work on any executor: bounded, results as they end, read by one."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Inline", "Outcome", "run"]

KeyT = TypeVar("KeyT")
DoneT = TypeVar("DoneT")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[KeyT, DoneT]):
    """Hold what became of one key: a value, or the error that the work raised."""

    key: KeyT
    value: DoneT | None = None
    error: Exception | None = None


def run(
    work: Callable[[KeyT], DoneT],
    keys: Iterable[KeyT],
    executor: Executor,
    window: int,
    *,
    per_task: int = 1,
) -> Iterator[Outcome[KeyT, DoneT]]:
    """Work on keys; yield outcomes as they end.

    Parameters
    ----------
    work : callable
        Takes a key, returns a small value; picklable where the executor's workers
        are other processes.
    keys : iterable
        Read no faster than work is taken on.
    executor : concurrent.futures.Executor
        Any; it stays open.
    window : int
        Tasks under way at most, so that neither queues nor results pile up.
    per_task : int
        Keys in one task: far workers cost milliseconds a task.

    Yields
    ------
    Outcome
        One a key, in the order in which they end.

    >>> outcomes = run(len, ["a", "bcd"], Inline(), window=1)
    >>> [outcome.value for outcome in outcomes]
    [1, 3]
    """
    waiting = iter(keys)
    under_way: dict[Future[Any], list[KeyT]] = {}
    try:
        while True:
            while len(under_way) < window:
                task = list(islice(waiting, per_task))
                if not task:
                    break
                under_way[_submitted(executor, work, task)] = task
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield from _outcomes(under_way.pop(future), future)
    finally:
        for future in under_way:
            future.cancel()


def _submitted(
    executor: Executor, work: Callable[[KeyT], DoneT], task: list[KeyT]
) -> Future[Any]:
    """Submit a task; an executor that takes none any more is its outcome."""
    try:
        return executor.submit(partial(_each, work), task)
    except RuntimeError as error:  # a broken pool, or one that was shut down
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed


def _each(work: Callable[[KeyT], DoneT], task: list[KeyT]) -> list[Any]:
    """Work on the keys of one task, each by itself."""
    return [_tried(work, key) for key in task]


def _tried(work: Callable[[KeyT], DoneT], key: KeyT) -> tuple[Any, Exception | None]:
    try:
        return work(key), None
    except MemoryError:
        raise  # of the worker, not of the key: whoever limits it must know
    except Exception as error:  # noqa: BLE001 (the engine's edge: it is an outcome)
        return None, error


def _outcomes(task: list[KeyT], future: Future[Any]) -> Iterator[Outcome[KeyT, DoneT]]:
    """Pair the keys of a task with what became of them."""
    try:
        told = future.result()
    except Exception as error:  # noqa: BLE001 (as above: of the whole task)
        told = [(None, error)] * len(task)
    for key, (value, failure) in zip(task, told, strict=True):
        yield Outcome(key, value, failure)


class Inline(Executor):
    """Run each call at once, in the caller's thread.

    >>> Inline().submit(max, 1, 2).result()
    2
    """

    def submit(
        self, fn: Callable[..., DoneT], /, *args: Any, **kwargs: Any
    ) -> Future[DoneT]:
        """Call now; the future that is returned has ended."""
        future: Future[DoneT] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (the future carries it)
            future.set_exception(error)
        return future
