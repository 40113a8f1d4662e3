"""Pass on what came to be known: to one address, each state until it was taken.

What is owed stands in the ledger, so that a kill loses nothing; a state may arrive
twice, and never before it was read on the platform.
"""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from voiceprep.client.words import mask
from voiceprep.contract import PING_ID, PING_IDS
from voiceprep.errors import LedgerError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voiceprep.ledger import Known, Ledger

__all__ = ["Passing", "Post", "posts_of", "told_json"]

SCHEMA: Final = "voiceprep.messages.passed_on/1"
AT_ONCE: Final = 100  # [ours] messages in one call
TIMEOUT_S: Final = 10.0  # [ours]
FIRST_S: Final = 1.0  # [ours] until a call that failed is tried again; then doubled
MOST_S: Final = 60.0
MAX_ANSWER_BYTES: Final = 64 * 1024
_KINDS: Final[dict[str, type[HTTPConnection]]] = {
    "http": HTTPConnection,
    "https": HTTPSConnection,
}


class Post:
    """Call one address: GET where it holds the platform's pattern, else POST.

    Parameters
    ----------
    url : str
        With ``#id#`` or ``#ids#``, a receiver of pings needs no change (R38);
        without, it is sent JSON that says what is true.

    Raises
    ------
    SettingsError
        Where it is no address that can be called.

    >>> Post("http://127.0.0.1:9/changed").method
    'POST'
    """

    def __init__(self, url: str) -> None:
        self.url = url
        plain = url.replace(PING_IDS, "").replace(PING_ID, "")
        self.method = "GET" if plain != url else "POST"
        try:
            parts = urlsplit(plain)
            good = parts.scheme in _KINDS and bool(parts.hostname) and url.isascii()
            self._port = parts.port
        except ValueError:
            good = False
        if not good or "@" in parts.netloc or not url.isprintable() or " " in url:
            raise SettingsError(
                f"--forward-to {url!r}: an http or https address is called, without "
                "a name and password in it"
            )
        self._scheme, self._host = parts.scheme, parts.hostname or ""

    @property
    def takes_one(self) -> bool:
        """Say whether each message has a call of its own."""
        return PING_ID in self.url

    def call(self, ids: Sequence[str], body: bytes | None) -> None:
        """Make one call.

        Raises
        ------
        OSError
            Where the answer was no 2xx, or none came.
        """
        filled = self.url.replace(PING_IDS, ",".join(ids)).replace(PING_ID, ids[0])
        parts = urlsplit(filled)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": "voiceprep"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with closing(self._line()) as line:
                line.request(self.method, path, body, headers)
                answer = line.getresponse()
                answer.read(MAX_ANSWER_BYTES)
        except HTTPException as error:
            raise OSError(f"no answer that is HTTP ({type(error).__name__})") from error
        if not 200 <= answer.status < 300:
            raise OSError(f"answered {answer.status}")

    def _line(self) -> HTTPConnection:
        return _KINDS[self._scheme](self._host, self._port, timeout=TIMEOUT_S)


def posts_of(
    post: Post, known: Sequence[Known], platform: str
) -> Iterator[tuple[list[Known], bytes | None]]:
    """Yield the calls that tell of messages, and the body of each."""
    size = 1 if post.takes_one else AT_ONCE
    for start in range(0, len(known), size):
        some = list(known[start : start + size])
        rows = [told_json(each) for each in some]
        told = {"schema": SCHEMA, "platform": platform, "results": rows}
        yield some, json.dumps(told).encode() if post.method == "POST" else None


def told_json(known: Known, *, show_numbers: bool = False) -> dict[str, Any]:
    """Return what is true of a message, its number masked unless it is asked for.

    >>> from voiceprep.ledger import Known
    >>> told_json(Known("9", "4", "ok", recipient="+33639980001"))["recipient"]
    '+33 6 •• •• •• 01'
    """
    number = known.recipient
    return {
        "id": known.id,
        "mailing_id": known.mailing_id,
        "campaign": known.campaign,
        "recipient": mask(number) if number and not show_numbers else number,
        "state": known.state,
        "description": known.description,
        "since": _iso(known.since),
        "duration_s": known.duration_s,
        "attempts": known.attempts,
        "optout": known.optout,
        "learnt_at": _iso(known.learnt_at),
        "learnt_by": known.learnt_by,
        "disputed": known.disputed,
    }


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


class Passing:
    """Pass on what is owed, in a thread of its own; never in the way of reading.

    Parameters
    ----------
    ledger : Ledger
    account, platform : str
    url : str
        Of `Post`.
    say : callable
        Told in a sentence where the address does not take it, once a trouble.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        platform: str,
        url: str,
        say: Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._platform = platform
        self._post = Post(url)
        self._say = say
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="passing", daemon=True)

    def start(self) -> None:
        """Begin; what was known before the very first time is not passed on."""
        self._ledger.messages.begin_passing(self._account)
        self._thread.start()

    def wake(self) -> None:
        """Look for what is owed now."""
        self._wake.set()

    def stop(self) -> int:
        """End after one more look; return how many states are still owed."""
        self._ended.set()
        self._wake.set()
        self._thread.join()
        self._all()
        return self._ledger.messages.count_owed(self._account)

    def _run(self) -> None:
        pause_s = FIRST_S
        while not self._ended.is_set():
            self._wake.clear()
            if trouble := self._all():
                if pause_s == FIRST_S:
                    self._say(f"not passed on yet: {self._post.url}: {trouble}")
                self._ended.wait(pause_s)
                pause_s = min(2 * pause_s, MOST_S)
            else:
                pause_s = FIRST_S
                self._wake.wait(FIRST_S)

    def _all(self) -> str:
        """Pass on what is owed; return what is in the way."""
        try:
            while some := self._ledger.messages.owed(self._account):
                for told, body in posts_of(self._post, some, self._platform):
                    self._post.call([each.id for each in told], body)
                    self._ledger.messages.passed(self._account, told)
        except (OSError, LedgerError) as error:
            return str(error) or type(error).__name__
        return ""
