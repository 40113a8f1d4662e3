"""Hold the ids that pings named until they are read: each once, and not too many."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Inbox"]

ROOM: Final = 100_000  # [ours] ids that wait: some 10 MB


class Inbox:
    """Queue ids between whoever takes pings and whoever reads messages.

    A duplicate waits once. A ping that comes while its message is being read waits
    again: the reading may have been before the change.

    Parameters
    ----------
    room : int
        Ids that may wait; the rest is refused, and the sender tries again (R39).

    >>> inbox = Inbox(room=2)
    >>> inbox.put(["7", "8", "7"]), inbox.put(["9"]), inbox.take(5)
    (True, False, ['7', '8'])
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._waiting: dict[str, None] = {}  # in the order in which they came
        self._news = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, ids: Iterable[str]) -> bool:
        """Let ids wait; False, and none of them does, where there is no room."""
        with self._news:
            new = {each: None for each in ids if each not in self._waiting}
            if len(self._waiting) + len(new) > self._room:
                return False
            self._waiting.update(new)
            self._news.notify()
        return True

    def give_back(self, ids: Iterable[str]) -> None:
        """Let ids wait again that could not be read; they were let in before."""
        with self._news:
            self._waiting.update(dict.fromkeys(ids))

    def take(self, most: int) -> list[str]:
        """Take up to so many ids, those that wait longest."""
        with self._news:
            some = list(islice(self._waiting, most))
            for each in some:
                del self._waiting[each]
        return some

    def wait(self, seconds: float) -> bool:
        """Wait for an id, or the end; say whether any waits."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._closed, seconds)
            return bool(self._waiting)

    def close(self) -> None:
        """Wake whoever waits."""
        with self._news:
            self._closed = True
            self._news.notify_all()
