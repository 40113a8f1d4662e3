"""A Dask cluster: as on one machine, also when a worker dies in the middle."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers on loopback, each a process of its own."""
    told = tmp_path / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(told)]
    with ExitStack() as ends:

        def start(name, *words):
            process = ends.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", f"distributed.cli.dask_{name}", *words],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            ends.callback(process.kill)
            return process

        start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
        until = time.monotonic() + 60
        while not told.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        address = json.loads(told.read_bytes())["address"]
        plain = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0"]
        folder = ["--local-directory", str(tmp_path / "workers"), "--host", "127.0.0.1"]
        workers = [start("worker", address, *plain, *folder) for _ in range(2)]
        yield address, workers


def test_a_worker_that_is_killed_in_mid_run_costs_nothing(
    cluster, record, run, client, sandbox, stored, told, tmp_path
):
    count = 60
    names = [path.stem for path in record(count)]
    address, workers = cluster
    seen = []

    def sink(event):
        told(event)
        if event.name == "judged":
            seen.append(event)
        if len(seen) == 1 and workers[0].poll() is None:
            workers[0].kill()

    summary = run(client, engine="dask", dask_address=address, sink=sink)
    assert len(seen) == count
    assert workers[0].wait() < 0
    assert workers[1].poll() is None
    assert summary.counts == {"uploaded": count}
    assert stored(sandbox) == names
