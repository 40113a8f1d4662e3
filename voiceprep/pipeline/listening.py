"""Listen for pings, and read what they hint at: the receiver, whole.

Three threads: the server lets ids wait and answers at once; the reader reads them on
the platform in portions, and sweeps over what pings may have been lost of; what came
to be known is passed on by the third, where that is asked for.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voiceprep.bell import Bell
from voiceprep.errors import SettingsError
from voiceprep.pipeline.inbox import ROOM, Inbox
from voiceprep.pipeline.passing import Passing
from voiceprep.pipeline.reader import Pauses, Reader, Seen
from voiceprep.pipeline.receiver import application, bound, ping_url, wire
from voiceprep.pipeline.truth import Truth

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from uvicorn import Server

    from voiceprep.client import Client
    from voiceprep.ledger import Change, Ledger

__all__ = ["DEFAULT_PORT", "Listen", "Listening", "listening"]

DEFAULT_PORT: Final = 18_712  # [ours]; fixed, so that the address stays the same
START_TIMEOUT_S: Final = 30.0
END_S: Final = 2.0  # [ours] beyond which no reading is waited for at the end


@dataclass(frozen=True, slots=True)
class Listen:
    """Say where to listen, and what for.

    Parameters
    ----------
    key : str
        The unguessable part of the path (`receiver.path_key`).
    host, port : str, int
        Port 0 takes a free one.
    public_url : str
        What the platform reaches it by; ``""`` is the address listened on.
    names : tuple of str
        Campaigns to look after from the beginning, beside those that are open.
    forward_to : str
        Where to pass on what came to be known; ``""`` is nowhere.
    room : int
        Ids that may wait.
    """

    key: str
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    public_url: str = ""
    names: tuple[str, ...] = ()
    forward_to: str = ""
    room: int = ROOM


class Listening:
    """Listen, until it is stopped.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    order : Listen
    pauses : Pauses, optional
    say : callable
        Told in a sentence of troubles that it outlives.
    changed : callable
        Told of messages that moved on, from the reader's thread.

    Raises
    ------
    SettingsError
        Where the public address, or the one to forward to, is none.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        order: Listen,
        *,
        pauses: Pauses | None = None,
        say: Callable[[str], None] = lambda _: None,
        changed: Callable[[list[Change]], None] = lambda _: None,
    ) -> None:
        if order.public_url:
            ping_url(order.public_url, order.key)  # refused before anything is begun
        self.order = order
        self.ended = Bell()
        self._changed = changed
        self._inbox = Inbox(order.room)
        pauses = pauses or Pauses()
        self._patience_s = pauses.drain_s + END_S
        truth = Truth(client, ledger)
        self._reader = Reader(truth, self._inbox, order.names, pauses, say, self._moved)
        self._passing: Passing | None = None
        if order.forward_to:
            self._passing = Passing(
                ledger, client.account, client.platform, order.forward_to, say
            )
        self._listener: socket.socket | None = None
        self._server: Server | None = None
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        if self._listener is None:
            raise SettingsError("nobody listens; start it first")
        return int(self._listener.getsockname()[1])

    def url(self, *, each: bool = False) -> str:
        """Return what to order mailings with: `receiver.ping_url`."""
        host = f"[{self.order.host}]" if ":" in self.order.host else self.order.host
        base = self.order.public_url or f"http://{host}:{self.port}"
        return ping_url(base, self.order.key, each=each)

    def start(self) -> None:
        """Listen; return when pings are answered.

        Raises
        ------
        SettingsError
            Where the port is taken.
        """
        import uvicorn

        self._listener = bound(self.order.host, self.order.port)
        self._server = uvicorn.Server(wire(application(self._inbox, self.order.key)))
        serves = threading.Thread(
            target=self._server.run, args=([self._listener],), name="pings", daemon=True
        )
        reads = threading.Thread(target=self._read, name="reader", daemon=True)
        self._threads = [serves, reads]
        serves.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if not serves.is_alive() or time.monotonic() > deadline:
                raise SettingsError("the receiver of pings did not start")
            time.sleep(0.002)
        if self._passing is not None:
            self._passing.start()
        reads.start()

    def stop(self) -> Seen:
        """End: no more pings, then what waits is read, then passed on.

        Raises
        ------
        AuthError
            Where the credentials were refused meanwhile: nothing was read since.
        """
        self.ended.set()
        serves, reads = self._threads
        if self._server is not None:
            self._server.should_exit = True
        serves.join()
        self._reader.end()
        reads.join(self._patience_s)
        seen = self._reader.seen
        if reads.is_alive():  # the platform hangs; what it has in hand is not read
            seen.left = max(1, len(self._inbox))
        if self._passing is not None:
            seen.owed = self._passing.stop()
        if self._reader.error is not None:
            raise self._reader.error
        return seen

    def _read(self) -> None:
        self._reader.run()
        self.ended.set()  # nobody reads any more: whoever waits must know

    def _moved(self, changes: list[Change]) -> None:
        self._changed(changes)
        if self._passing is not None:
            self._passing.wake()


@contextmanager
def listening(here: Listening) -> Iterator[Listening]:
    """Listen until SIGINT or SIGTERM sets `Listening.ended`; then let it be stopped.

    In the main thread only: that is where signals are heard. While it is stopped, a
    second signal ends the process as it always would: what is written is whole.
    """

    def end(_: int, __: object) -> None:
        here.ended.set()

    signals = (signal.SIGTERM, signal.SIGINT)
    before = {each: signal.signal(each, end) for each in signals}
    try:
        here.start()
        yield here
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
