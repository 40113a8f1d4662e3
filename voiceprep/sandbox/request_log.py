"""Remember the latest calls: what was asked and answered, never a secret."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

__all__ = ["Entry", "RequestLog", "shown_path", "shown_query"]

KEPT: Final = 1_000  # [ours] calls; older ones are forgotten
_MAX_CHARS: Final = 200
_MAX_WORD: Final = 30  # characters; a token has more
_LOOKED_AT: Final = 8_192
_NAME: Final = re.compile(r"[A-Za-z_]{1,24}(\[\w{0,12}\])*")
# Only values that can hold no secret are shown; of all others, the name alone.
_SHOWN: Final = frozenset(
    {
        *("action", "limit", "offset", "total", "sort", "properties", "format"),
        *("id", "mailingId", "status", "media"),
    }
)
_HIDDEN: Final = "…"


@dataclass(frozen=True, slots=True)
class Entry:
    """Tell one call.

    Parameters
    ----------
    number : int
        Counted from 1, since the start.
    at : float
        Unix time, real.
    method, path, query : str
        The query as `shown_query` shows it.
    status : int or None
        None where the connection was cut before an answer.
    took_ms : float
    size : int
        Bytes of the answer's body.
    fault : str or None
        The kind of the scripted fault that it met.
    """

    number: int
    at: float
    method: str
    path: str
    query: str
    status: int | None
    took_ms: float
    size: int
    fault: str | None = None


class RequestLog:
    """Keep the latest calls in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Entry] = deque(maxlen=KEPT)
        self.count = 0

    def add(self, **told: Any) -> None:
        """Remember a call; fields as of `Entry`, its number left out."""
        with self._lock:
            self.count += 1
            self._calls.append(Entry(number=self.count, **told))

    def listed(self, after: int = 0, limit: int = KEPT) -> list[dict[str, Any]]:
        """Return the latest calls after a number, oldest first."""
        with self._lock:
            found = [call for call in self._calls if call.number > after]
        return [asdict(call) for call in found[-limit:]]

    def clear(self) -> None:
        """Forget all; numbers go on."""
        with self._lock:
            self._calls.clear()


def shown_path(path: str) -> str:
    """Return a path fit for a log: parts as long as a secret are left out.

    >>> shown_path("/datas/4f0c9a7be23d51866e0f9a5b7c21d3e8/a.wav")
    '/datas/…/a.wav'
    """
    parts = path[:_LOOKED_AT].split("/")
    told = (part if len(part) <= _MAX_WORD else _HIDDEN for part in parts)
    return "/".join(told)[:_MAX_CHARS]


def shown_query(raw: bytes) -> str:
    """Return a query fit for a log: what may be a secret is left out.

    >>> shown_query(b"id[0]=7&access_token=abc&pingUrl=http://h/")
    'id[0]=7&access_token=…&pingUrl=…'
    """
    pairs = parse_qsl(raw[:_LOOKED_AT].decode("latin-1"), keep_blank_values=True)
    told = (_pair(*pair) for pair in pairs)
    return "&".join(told)[:_MAX_CHARS]


def _pair(name: str, value: str) -> str:
    bare = name.partition("[")[0]
    word = name if _NAME.fullmatch(name) else _HIDDEN
    return f"{word}={value if bare in _SHOWN and len(value) <= 80 else _HIDDEN}"
