"""Run work in processes that may die: a decoder that hangs costs its own recording.

Each worker is a process of its own behind a pipe, with limits of time and memory. One
that hangs is killed, one that died is replaced; the others never notice. Python's own
process pool breaks as a whole instead, and knows no limits.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import finalize

from voiceprep.errors import VoiceprepError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Isolated", "Limits", "WorkerLostError"]

DoneT = TypeVar("DoneT")
Job = tuple["Future[Any]", "Callable[..., Any]", tuple[Any, ...], dict[str, Any]]
GIB: Final = 1 << 30
# By its path: it needs nothing of this package, 11 ms of its start. -P: what lies
# beside it, or where we were started, is no module of its.
_WORKER: Final = str(Path(__file__).with_name("worker.py"))


@dataclass(frozen=True, slots=True)
class Limits:
    """Say what one call may take; facts.md, "Decoders".

    Parameters
    ----------
    wall_s, cpu_s : float
        Seconds of the clock, and of the processor.
    memory_bytes : int
        Of address space.
    """

    wall_s: float = 360.0
    cpu_s: float = 120.0
    memory_bytes: int = GIB


class WorkerLostError(VoiceprepError):
    """Say that a worker did not live to return: it died, hung, or ate memory.

    >>> WorkerLostError("ran for over 20 s").remedy
    'the other work goes on'
    """

    remedy: Final = "the other work goes on"


class Isolated(Executor):
    """Run calls in processes with limits.

    Parameters
    ----------
    workers : int
        Processes.
    limits : Limits or callable
        Of each call; a callable is given the call's arguments.
    preload : sequence of str
        Modules that a worker imports before its first call.

    >>> with Isolated(1) as pool:
    ...     pool.submit(pow, 2, 10).result()
    1024
    """

    def __init__(
        self,
        workers: int,
        limits: Limits | Callable[..., Limits] = Limits(),
        preload: Sequence[str] = (),
    ) -> None:
        self._limits = limits
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._children = [_Child(preload) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._serve, args=(child,), daemon=True)
            for child in self._children
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, fn: Callable[..., DoneT], /, *args: Any, **kwargs: Any
    ) -> Future[DoneT]:
        """Queue a call; what it is made of must be picklable.

        The future raises `WorkerLostError` where the worker did not live to return.
        """
        future: Future[DoneT] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is shut down")
            self._queue.put((future, fn, args, kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after the work that is queued, or at once."""
        with self._lock:
            if not self._closed:
                self._closed = True
                if cancel_futures:
                    self._cancel_queued()
                for _ in self._threads:
                    self._queue.put(None)
        if not wait:
            for child in self._children:
                child.kill()
        for thread in self._threads:
            thread.join()

    def _cancel_queued(self) -> None:
        while not self._queue.empty():
            job = self._queue.get()
            if job is not None:
                job[0].cancel()

    def _serve(self, child: _Child) -> None:
        """Hand calls to one worker, one at a time."""
        # The worker dies with the thread that started it: it is started here.
        with contextlib.suppress(OSError):  # told by the first call instead
            child.start()
        while (job := self._queue.get()) is not None:
            future, fn, args, kwargs = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                limits = self._limits
                chosen = limits if isinstance(limits, Limits) else limits(*args)
                future.set_result(child.call(chosen, (fn, args, kwargs)))
            except BaseException as error:  # noqa: BLE001 (the future carries it)
                future.set_exception(error)
        child.kill()


class _Child:
    """Talk to one worker process; start another where it is gone."""

    def __init__(self, preload: Sequence[str]) -> None:
        self._preload = preload
        self._clear: Callable[[], object] = _nothing  # of its temporary files
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None

    def start(self) -> Connection:
        """Start the process where none runs; return the pipe to it."""
        if self._wire is not None:
            return self._wire
        ours, theirs = Pipe()
        with theirs:
            words = [str(theirs.fileno()), *self._preload]
            folder = tempfile.mkdtemp(prefix="voiceprep-worker-")
            # They go with the worker, and at the latest with us.
            self._clear = finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._process = subprocess.Popen(
                [sys.executable, "-P", _WORKER, *words],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # C decoders write there
                start_new_session=True,  # Ctrl-C is for us, who end it
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                    "OPENBLAS_NUM_THREADS": "1",
                    "TMPDIR": folder,
                },
            )
        self._wire = ours
        return ours

    def call(self, limits: Limits, what: tuple[Any, ...]) -> Any:
        """Have a call made; return its value or raise its error."""
        payload = pickle.dumps((limits.cpu_s, limits.memory_bytes, what))
        wire = self.start()
        try:
            wire.send_bytes(payload)
            if not wire.poll(limits.wall_s):
                self.kill()
                raise WorkerLostError(f"ran for over {limits.wall_s:g} s")
            answer = wire.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerLostError(self._obituary(limits)) from error
        value, failure = pickle.loads(answer)  # noqa: S301 (of our own worker)
        if isinstance(failure, MemoryError):
            self.kill()  # what is left of its memory is not worth keeping
            size = limits.memory_bytes / GIB
            raise WorkerLostError(f"took over {size:g} GiB of memory") from failure
        if failure is not None:
            raise failure
        return value

    def _obituary(self, limits: Limits) -> str:
        """Say how the process ended."""
        process = self._process
        self.kill()
        code = 0 if process is None else process.returncode
        if code == -signal.SIGXCPU:
            return f"ran for over {limits.cpu_s:g} s of processor time"
        if code < 0:
            return f"crashed ({signal.Signals(-code).name})"
        return f"ended by itself (exit code {code})"

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        wire, self._wire = self._wire, None
        if process is not None:
            # One that is dying keeps its own signal, for the obituary.
            with contextlib.suppress(subprocess.TimeoutExpired):
                if wire is not None and _is_closed(wire):
                    process.wait(timeout=5)
            process.kill()
            process.wait()
        if wire is not None:
            wire.close()
        self._clear()


def _nothing() -> None:
    """Clear what was never made."""


def _is_closed(wire: Connection) -> bool:
    """Say whether the other end of a pipe is gone."""
    try:
        return wire.poll() and not wire.recv_bytes()
    except (EOFError, OSError):
        return True
