"""Run the sandbox: in a thread of this process, or in the foreground."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from voiceprep.bell import Bell
from voiceprep.contract import (
    API_PATH,
    CONTENT_PATH,
    MAX_TOKEN_CHARS,
    TOKEN_PATH,
)
from voiceprep.errors import SettingsError
from voiceprep.sandbox import identity
from voiceprep.sandbox.clock import KeptClock, speed_of
from voiceprep.sandbox.faults import Fault, Faults, fault_of
from voiceprep.sandbox.listener import bound, wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType

    from uvicorn import Server

    from voiceprep.sandbox.live import Live
    from voiceprep.sandbox.ping_calls import Patience
    from voiceprep.sandbox.store import Store

__all__ = ["Sandbox", "serve"]

START_TIMEOUT_S: Final = 30.0


class Sandbox:
    """Imitate the platform over real HTTP, with its state in a folder.

    Parameters
    ----------
    data : path
        Made where it lacks. Contents, tokens and links outlive a restart.
    host, port : str, int
        Port 0 takes a free one.
    client_id : str
    client_secret_file : path or None
        Holds the secret; None keeps one in the data folder, made at first.
    token_lifetime_s : float
    token_chars : int
        Length of tokens, up to 50,000 (R4).
    conversion_limit_s : float
        Wall clock for converting one upload.
    database : str or None
        SQLAlchemy URL of SQLite or PostgreSQL; None keeps SQLite in the data folder.
    public_url : str or None
        What links begin with, where it is not the address listened on.
    clock : str or float
        ``"real"``, ``"manual"`` (`advance` moves it), or how many times faster.
    seed : int
        Decides how calls end, and which share of calls meets a fault.
    faults : iterable of Fault or mapping
        A script to begin with (`voiceprep.sandbox.faults`).
    latency_s : float
        Real seconds that every answer takes longer.
    late_visibility_s : float
        Real seconds until what was created can be read; of its own, where the clock
        is advanced by hand.
    allow_ping : iterable of str
        Hosts that may be pinged beside this machine.
    ping_patience : Patience or None
        How long receivers of pings are waited for.
    control : bool
        Whether tests may steer it over HTTP, under `/_sandbox/`.

    Raises
    ------
    SettingsError
        On `start`, where the port is taken or the secret can't be read; at once for
        values that can't be.

    >>> import tempfile, urllib.request
    >>> with tempfile.TemporaryDirectory() as data, Sandbox(data) as sandbox:
    ...     sandbox.token_url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        data: str | os.PathLike[str],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        client_id: str = "sandbox",
        client_secret_file: str | os.PathLike[str] | None = None,
        token_lifetime_s: float = 3_600.0,
        token_chars: int = 64,
        conversion_limit_s: float = 60.0,
        database: str | None = None,
        public_url: str | None = None,
        clock: str | float = "real",
        seed: int = 0,
        faults: Iterable[Fault | Mapping[str, Any]] = (),
        latency_s: float = 0.0,
        late_visibility_s: float = 0.0,
        allow_ping: Iterable[str] = (),
        ping_patience: Patience | None = None,
        control: bool = False,
    ) -> None:
        if not 16 <= token_chars <= MAX_TOKEN_CHARS:
            raise SettingsError(f"tokens of {token_chars} characters; 16 to 50,000")
        if not client_id:
            raise SettingsError(
                "the client of a sandbox has a name; client_id is empty"
            )
        self.data = Path(data)
        self.host = host
        self.port = port
        self.client_id = client_id
        given = client_secret_file
        self.client_secret_file = Path(given) if given else self.data / "client_secret"
        self._makes_secret = given is None
        self._token_lifetime_s = token_lifetime_s
        self._token_chars = token_chars
        self._conversion_limit_s = conversion_limit_s
        self._database = database
        self._public_url = public_url
        self._accounts: dict[str, str] = {}
        self._speed = speed_of(clock)
        self._seed = seed
        self._faults = Faults(map(_fault, faults), seed)
        self._latency_s = latency_s
        self._late_visibility_s = late_visibility_s
        self._allow_ping = tuple(allow_ping)
        self._ping_patience = ping_patience
        self._control = control
        self._store: Store | None = None
        self._live: Live | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"Sandbox({str(self.data)!r}, base_url={self.base_url!r})"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Return the base of all three services (H2)."""
        if self._public_url:
            return self._public_url.rstrip("/") + "/"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    @property
    def token_url(self) -> str:
        """Return where tokens are given."""
        return self.base_url + TOKEN_PATH

    @property
    def content_url(self) -> str:
        """Return the base of contents."""
        return self.base_url + CONTENT_PATH

    @property
    def api_url(self) -> str:
        """Return the base of everything else."""
        return self.base_url + API_PATH

    @property
    def client_secret(self) -> str:
        """Return the secret of the account."""
        return identity.secret_in(self.client_secret_file)

    def add_account(self, client_id: str, secret: str) -> None:
        """Let one more client ask for tokens; it sees its own things only (R22).

        Parameters
        ----------
        client_id, secret : str
            A known client gets the new secret.
        """
        self._accounts[client_id] = secret
        if self._store is not None:
            self._store.set_account(client_id, secret)

    def description(self) -> dict[str, Any]:
        """Return what a client needs to know, fit for JSON; the secret's file only."""
        return {
            "base_url": self.base_url,
            "token_url": self.token_url,
            "content_url": self.content_url,
            "api_url": self.api_url,
            "client_id": self.client_id,
            "client_secret_file": str(self.client_secret_file),
            "pid": os.getpid(),
            "data": str(self.data),
        }

    def start(self) -> None:
        """Listen; return when calls are answered."""
        listener = bound(self.host, self.port)
        try:
            self.port = int(listener.getsockname()[1])
            self.data.mkdir(parents=True, exist_ok=True)
            clock = KeptClock(self.data / "clock.json", self._speed)
            self._store = self._opened(clock)
            self._let_in(self._store)
            self._live = self._living(self._store, clock)
            self._run(listener, self._store, self._live)
            self._live.start()
            self._tell_where()
        except BaseException:
            listener.close()
            self.stop()
            raise

    def _opened(self, clock: KeptClock) -> Store:
        """Open the state."""
        from voiceprep.sandbox.convert import Converter
        from voiceprep.sandbox.store import Store

        if self._makes_secret:
            identity.secret_file(self.data)
        url = self._database or f"sqlite:///{self.data.absolute() / 'sandbox.sqlite3'}"
        converter = Converter(self._conversion_limit_s)
        key = identity.key(self.data)
        return Store.open(url, self.data, key, converter, clock, self._late_s)

    def _let_in(self, store: Store) -> None:
        accounts = {**self._accounts, self.client_id: self.client_secret}
        for client_id, secret in accounts.items():
            store.set_account(client_id, secret)

    @property
    def _late_s(self) -> float:
        """Return the late visibility in seconds of the sandbox's own clock."""
        return self._late_visibility_s * (self._speed or 1.0)

    def _living(self, store: Store, clock: KeptClock) -> Live:
        from voiceprep.sandbox.live import Live

        return Live(
            store.engine,
            store.files,
            clock,
            self._faults,
            seed=self._seed,
            allow_ping=self._allow_ping,
            patience=self._ping_patience,
        )

    def _run(self, listener: socket.socket, store: Store, live: Live) -> None:
        """Answer calls from a thread."""
        import uvicorn

        from voiceprep.sandbox.app import application
        from voiceprep.sandbox.views import Views

        views = Views(
            store, self.data, self.base_url, self._token_lifetime_s, self._token_chars
        )
        key = identity.control_key(self.data) if self._control else None
        app = live.around(application(views), self._latency_s, key)
        self._server = uvicorn.Server(wire(app))
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="sandbox", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise SettingsError("the sandbox did not start")
            time.sleep(0.002)

    def _tell_where(self) -> None:
        """Leave word in the data folder of where this sandbox listens."""
        told = {
            "port": self.port,
            "host": self.host,
            "pid": os.getpid(),
            "client_id": self.client_id,
            "client_secret_file": str(self.client_secret_file.absolute()),
        }
        place = self.data / identity.RUNNING
        part = place.with_name(f".{place.name}.part")
        part.write_text(json.dumps(told), encoding="utf-8")
        part.replace(place)

    def _tell_end(self) -> None:
        """Take the word back, unless another sandbox has left its own since."""
        place = self.data / identity.RUNNING
        with suppress(OSError, ValueError):
            told = json.loads(place.read_text(encoding="utf-8"))
            if (told["port"], told["pid"]) == (self.port, os.getpid()):
                place.unlink()

    def stop(self) -> None:
        """End: what is under way may finish, then the port is free."""
        if self._live is not None:
            self._live.ended.set()
        if self._server is not None and self._thread is not None:
            self._tell_end()
            self._server.should_exit = True
            self._thread.join()
        if self._live is not None:
            self._live.stop()
        if self._store is not None:
            self._store.close()
        self._server = self._thread = self._store = self._live = None

    # For tests in one process with it

    def advance(self, seconds: float) -> None:
        """Move the clock on, and return when all that is due by then is done."""
        self._running().advance(seconds)

    def truth(self) -> dict[str, Any]:
        """Return every content, mailing, message and ping, whoever owns them."""
        return self._running().truth()

    def log(self) -> list[dict[str, Any]]:
        """Return the latest calls, oldest first; no secret is in them."""
        return self._running().log.listed()

    def reset(self) -> None:
        """Forget everything but accounts; tokens and faults go too."""
        self._running().reset()

    def script(self, *faults: Fault | Mapping[str, Any]) -> None:
        """Begin a new script of faults; none at all ends them."""
        self._running().faults.replace(map(_fault, faults))

    def _running(self) -> Live:
        if self._live is None:
            raise SettingsError("the sandbox does not run; start it first")
        return self._live


def _fault(given: Fault | Mapping[str, Any]) -> Fault:
    return given if isinstance(given, Fault) else fault_of(given)


def serve(
    data: str | os.PathLike[str],
    *,
    ready: Callable[[dict[str, Any]], None],
    accounts: Mapping[str, str] | None = None,
    **settings: Any,
) -> None:
    """Run a sandbox in the foreground until SIGTERM or SIGINT.

    Parameters
    ----------
    data : path
    ready : callable
        Told the description, once, when calls are answered.
    accounts : mapping of str to str
        Secrets of more clients.
    settings
        As of `Sandbox`.
    """
    ended = Bell()

    def end(_: int, __: FrameType | None) -> None:
        ended.set()

    before = {
        each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        sandbox = Sandbox(data, **settings)
        for client_id, secret in (accounts or {}).items():
            sandbox.add_account(client_id, secret)
        with sandbox:
            ready(sandbox.description())
            ended.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
