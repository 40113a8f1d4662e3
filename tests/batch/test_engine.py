"""The engine: bounded, on any executor, an outcome for every key."""

import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest
import work

from voiceprep.batch import Inline, Isolated, engine, run
from voiceprep.errors import SettingsError


@pytest.mark.parametrize("per_task", [1, 3])
@pytest.mark.parametrize(
    "make", [Inline, lambda: ThreadPoolExecutor(2), lambda: Isolated(2)]
)
def test_every_key_has_one_outcome_on_every_executor(make, per_task):
    with make() as executor:
        outcomes = list(run(work.odd, range(10), executor, 4, per_task=per_task))
    assert sorted(outcome.key for outcome in outcomes) == list(range(10))
    assert {o.key: o.value for o in outcomes if o.error is None} == {
        n: n for n in range(0, 10, 2)
    }
    assert all(isinstance(o.error, ValueError) for o in outcomes if o.key % 2)


class Held(Executor):
    """Keep what is submitted until a test lets it end."""

    def __init__(self):
        self.jobs = []

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.jobs.append((future, fn, args, kwargs))
        return future

    def end(self, number):
        future, fn, args, kwargs = self.jobs[number]
        future.set_result(fn(*args, **kwargs))


def test_no_more_than_the_window_is_under_way_and_keys_are_read_as_needed():
    read = []

    def keys():
        for number in range(100):
            read.append(number)
            yield number

    held = Held()
    outcomes = run(work.double, keys(), held, window=3)
    threading.Timer(0.1, held.end, [1]).start()
    assert next(outcomes).value == 2  # the second to be submitted ends first
    assert (len(held.jobs), read) == (3, [0, 1, 2])
    threading.Timer(0.1, held.end, [3]).start()
    assert next(outcomes).value == 6
    assert read == [0, 1, 2, 3]
    outcomes.close()
    assert all(future.cancelled() for future, *_ in (held.jobs[0], held.jobs[2]))


def test_a_pool_that_breaks_gives_errors_and_no_hang():
    with ProcessPoolExecutor(1) as pool:
        outcomes = list(run(work.misbehave, ["leave", "well", "well"], pool, 2))
    assert [type(o.error).__name__ for o in outcomes] == ["BrokenProcessPool"] * 3


def test_an_executor_that_was_shut_down_is_an_outcome():
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    (outcome,) = run(work.double, [1], pool, 1)
    assert "after shutdown" in str(outcome.error)


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [("quantum", None, "there are inline"), ("dask", None, "--dask-address")],
)
def test_an_engine_that_is_none_is_a_settings_error(name, address, said):
    with pytest.raises(SettingsError, match=said):
        engine(name, 1, address=address).__enter__()
