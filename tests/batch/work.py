"""Work for workers: importable in other processes, unlike what a test defines."""

import ctypes
import os
import signal
import tempfile
import time
from pathlib import Path


def double(number):
    return 2 * number


def odd(number):
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number


def misbehave(how):
    """Be the decoder that everybody fears, or a good one."""
    if how == "crash":
        ctypes.string_at(0)
    elif how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "busy":
        while True:
            pass
    elif how == "asleep":
        time.sleep(600)
    elif how == "greedy":
        return len(bytearray(8 << 30))
    elif how == "leave":
        os._exit(3)
    return how


def leave_a_file(name):
    path = Path(tempfile.gettempdir(), name)
    path.touch()
    return path


class StubbornError(Exception):
    """Can't be pickled."""

    def __init__(self, one, two):
        super().__init__(one)
        self.lock = two


def stubborn(_):
    import threading

    raise StubbornError("it failed", threading.Lock())


def pid(_):
    return os.getpid()
