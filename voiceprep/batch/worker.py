"""The other end of `isolation`: a process that makes calls until its pipe ends."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from importlib import import_module
from math import ceil
from multiprocessing.connection import Connection
from typing import Any, Final

__all__ = ["main"]

PR_SET_PDEATHSIG: Final = 1  # prctl(2)


def main(handle: int, preload: list[str]) -> None:
    """Make calls; the answer to each is its value, or what it raised."""
    _die_with_parent()
    for name in preload:
        import_module(name)
    with Connection(handle) as wire:
        while True:
            try:
                job = wire.recv_bytes()
            except EOFError:
                return
            wire.send_bytes(_answer(job))


def _die_with_parent() -> None:
    """Have the system end this process with the one that started it."""
    import ctypes

    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before that was said
        os.kill(os.getpid(), signal.SIGKILL)


def _answer(job: bytes) -> bytes:
    """Make one call under its limits."""
    try:
        cpu_s, memory_bytes, (fn, args, kwargs) = pickle.loads(job)  # noqa: S301
        _limit(cpu_s, memory_bytes)
        told: tuple[Any, BaseException | None] = fn(*args, **kwargs), None
    except Exception as error:  # noqa: BLE001 (whoever asked is told)
        told = None, error
    return _pickled(told)


def _limit(cpu_s: float, memory_bytes: int) -> None:
    """Limit what the next call may take; time spent so far does not count."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(spent + cpu_s), hardest))
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    most = memory_bytes if hardest < 0 else min(memory_bytes, hardest)
    resource.setrlimit(resource.RLIMIT_AS, (most, hardest))


def _pickled(told: tuple[Any, BaseException | None]) -> bytes:
    try:
        whole = pickle.dumps(told)
        pickle.loads(whole)  # noqa: S301 (some errors only fail there)
    except Exception as error:  # noqa: BLE001 (whatever a class does when pickled)
        value, failure = told
        named = repr(failure if failure is not None else value)
        return pickle.dumps((None, RuntimeError(f"{named} ({error})")))
    return whole


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
