#!/usr/bin/env python3
"""Measure a Dask cluster beside the process pool: bench_cluster.py [ITEMS].

Both prepare the same recordings with two workers, in turn; the best of several runs
counts. The cluster is a scheduler and two workers on loopback, as processes of their
own, started before; the pool starts its workers in each run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voiceprep.pipeline.folder import Order, batch

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS: Final = 2
TARGET: Final = 0.75  # of the pool's throughput
START_S: Final = 60.0


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a scheduler and its workers; yield the address."""
    told = folder / "scheduler.json"
    with ExitStack() as ends:

        def start(name: str, *words: str) -> None:
            process = ends.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", f"distributed.cli.dask_{name}", *words],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # as the pool's: Linux shares by session
                )
            )
            ends.callback(process.kill)

        here = ("--host", "127.0.0.1", "--no-dashboard")
        start("scheduler", "--port", "0", "--scheduler-file", str(told), *here)
        until = time.monotonic() + START_S
        while not told.exists():
            if time.monotonic() > until:
                sys.exit("the scheduler did not start")
            time.sleep(0.05)
        address = str(json.loads(told.read_bytes())["address"])
        for number in range(WORKERS):
            own = ("--local-directory", str(folder / f"worker-{number}"))
            plain = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0")
            start("worker", address, *plain, *own, *here)
        yield address


def record(folder: Path, items: int) -> None:
    """Write recordings of noise in bursts, 10 s each."""
    folder.mkdir()
    n = np.arange(8_000 * 10)
    burst = np.sin(2 * np.pi * 1.3 * n / 8_000) > -0.4
    for seed in range(items):
        noise = np.random.default_rng(seed).standard_normal(len(n)).clip(-3, 3)
        with wave.open(str(folder / f"talk-{seed:04}.wav"), "wb") as file:
            file.setparams((1, 2, 8_000, 0, "NONE", ""))
            file.writeframes((6_000 * burst * noise).astype("<i2").tobytes())


def timed_s(folder: Path, items: int, engine: str, address: str | None) -> float:
    """Run a batch; return how long it took."""
    out = folder / "out"
    order = Order(
        sources=(str(folder / "in"),),
        out=str(out),
        engine=engine,
        jobs=WORKERS,
        dask_address=address,
    )
    began = time.monotonic()
    counts = batch(order).counts
    spent = time.monotonic() - began
    if counts != {"prepared": items}:
        sys.exit(f"{engine}: {counts}")
    shutil.rmtree(out)
    return spent


def main() -> int:
    """Read the command line; measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("items", nargs="?", type=int, default=400)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="exit 1 on a miss")
    asked = parser.parse_args()
    best = {"process": float("inf"), "dask": float("inf")}
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as name:
        folder = Path(name)
        record(folder / "in", asked.items)
        with cluster(folder) as address:
            timed_s(folder, asked.items, "dask", address)  # its workers import
            for _ in range(asked.runs):
                for engine, least in best.items():
                    spent = timed_s(folder, asked.items, engine, address)
                    best[engine] = min(least, spent)
    for engine, spent in best.items():
        print(f"{engine:8} {spent:6.2f} s  {asked.items / spent:6.1f} recordings/s")
    share = best["process"] / best["dask"]
    print(f"dask: {share:.0%} of the pool's throughput (target: {TARGET:.0%})")
    return int(asked.strict and share < TARGET)


if __name__ == "__main__":
    sys.exit(main())
