"""Processes that may die: each costs its own call, and the others never notice."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import pytest
import work

from voiceprep.batch import Isolated, Limits, WorkerLostError, run

TIGHT = Limits(wall_s=30.0, cpu_s=1.0, memory_bytes=1 << 30)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("crash", r"crashed \(SIGSEGV\)"),
        ("killed", r"crashed \(SIGKILL\)"),
        ("busy", "ran for over 1 s of processor time"),
        ("greedy", "took over 1 GiB of memory"),
        ("leave", r"ended by itself \(exit code 3\)"),
    ],
)
def test_a_worker_that_dies_costs_its_own_call_only(how, said):
    with Isolated(2, TIGHT) as pool:
        keys = ["good", how, "fine", "well"]
        outcomes = {o.key: o for o in run(work.misbehave, keys, pool, 4)}
    error = outcomes.pop(how).error
    assert isinstance(error, WorkerLostError)
    with pytest.raises(WorkerLostError, match=said):
        raise error
    assert {o.value for o in outcomes.values()} == {"good", "fine", "well"}


def test_temporary_files_of_a_worker_go_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Isolated(1, Limits(wall_s=1.0)) as pool:
        left = pool.submit(work.leave_a_file, "kept").result(30)
        assert left.is_relative_to(tmp_path)
        with pytest.raises(WorkerLostError):
            pool.submit(work.misbehave, "asleep").result(30)
        assert not left.exists()
        assert pool.submit(work.leave_a_file, "kept").result(30).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_sleeps_is_ended_by_the_clock():
    with Isolated(1, Limits(wall_s=0.5)) as pool:
        with pytest.raises(WorkerLostError, match=r"over 0\.5 s"):
            pool.submit(work.misbehave, "asleep").result(30)
        assert pool.submit(work.double, 2).result(30) == 4


def test_processor_time_counts_for_one_call_not_for_the_worker():
    def busy_for_s(limit):
        return Limits(cpu_s=limit)

    with Isolated(1, busy_for_s) as pool:  # limits by the call's own arguments
        worker = pool.submit(work.pid, 1).result(30)
        assert pool.submit(work.pid, 1).result(30) == worker


def test_limits_may_follow_from_the_arguments():
    def limits(how):
        return Limits(cpu_s=1.0) if how == "busy" else Limits()

    with Isolated(1, limits) as pool:
        with pytest.raises(WorkerLostError):
            pool.submit(work.misbehave, "busy").result(60)
        assert pool.submit(work.misbehave, "good").result(60) == "good"


def test_an_error_that_cannot_be_pickled_is_still_told():
    with Isolated(1) as pool, pytest.raises(RuntimeError, match="it failed"):
        pool.submit(work.stubborn, 1).result(30)


def test_ending_at_once_ends_a_worker_that_is_busy():
    pool = Isolated(1)
    future = pool.submit(work.misbehave, "asleep")
    queued = pool.submit(work.double, 1)
    while not future.running():
        time.sleep(0.01)
    pool.shutdown(wait=False, cancel_futures=True)
    assert isinstance(future.exception(30), WorkerLostError)
    assert queued.cancelled()
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(work.double, 1)


def test_workers_die_with_the_process_that_started_them():
    code = (
        "import os, signal; from voiceprep.batch import Isolated\n"
        "import work\n"
        "pool = Isolated(1); print(pool.submit(work.pid, 0).result(), flush=True)\n"
        "pool.submit(work.misbehave, 'asleep'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert _ends(int(done.stdout))


def _ends(pid):
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_worker_takes_no_module_from_where_it_was_started(tmp_path, monkeypatch):
    (tmp_path / "pickle.py").write_text("raise SystemExit('not the real one')")
    monkeypatch.chdir(tmp_path)
    with Isolated(1) as pool:
        assert pool.submit(pow, 2, 10).result() == 1_024
