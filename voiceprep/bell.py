"""An event that a signal's handler may set: Ctrl-C must end what waits, each time."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import Final

__all__ = ["Bell"]

_NAP_S: Final = 0.2  # [ours] the longest that a signal may go unheard


class Bell(threading.Event):
    """Do what `threading.Event` does, also where a signal's handler sets it.

    A handler runs between two steps of whatever the main thread does. If that is
    ``Event.wait``, it may hold the event's lock, and ``Event.set`` waits for it for
    ever; ``SimpleQueue.put`` takes none. And a signal that comes just before a wait
    begins does not end it: so it is cut into naps.

    >>> bell = Bell()
    >>> bell.wait(0.0)
    False
    >>> bell.set()
    >>> bell.wait(), bell.is_set()
    (True, True)
    """

    def __init__(self) -> None:
        super().__init__()
        self._rung = False
        self._strokes: SimpleQueue[None] = SimpleQueue()

    def is_set(self) -> bool:
        """Say whether it was rung."""
        return self._rung

    def set(self) -> None:
        """Ring it; whoever waits goes on."""
        self._rung = True
        self._strokes.put(None)

    def clear(self) -> None:
        """Refuse: what a signal asked for is not taken back."""
        raise NotImplementedError

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is rung, or for some seconds; say whether it was."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._rung:
            left_s = _NAP_S if end is None else min(_NAP_S, end - time.monotonic())
            if left_s <= 0:
                break
            try:
                self._strokes.get(timeout=left_s)
            except Empty:
                continue
            self._strokes.put(None)  # others may wait, too
        return self._rung
