"""The client's face: one account on one platform."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal, Self
from urllib.parse import urlsplit

from voiceprep.client.contents import Contents
from voiceprep.client.deadline import elapsed_s
from voiceprep.client.mailings import Mailings
from voiceprep.client.messages import Messages
from voiceprep.client.raw import raw_request, read_raw
from voiceprep.client.session import Session
from voiceprep.client.statistics import Statistics
from voiceprep.client.transport import Incoming, Transport
from voiceprep.client.wire import Request
from voiceprep.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import httpx2

    from voiceprep.client.deadline import Deadline
    from voiceprep.client.settings import Settings
    from voiceprep.client.wire import Answer

__all__ = ["Client"]

SANDBOX_SERVER: Final = "voiceprep-sandbox"
MAX_FILE_BYTES: Final = 64 * 2**20  # ours: 2 h of A-law are 58 MB


class Client:
    """Call the platform for one account; several threads may share a client.

    Parameters
    ----------
    settings : Settings
        Must be `~voiceprep.client.Settings.configured`.
    clock, sleep : callable
        Monotonic seconds and a pause in seconds.
    jitter : callable
        A random number in [0, 1), to spread repeats.
    transport : httpx2.BaseTransport or None
        Another way to the network, for tests.

    Raises
    ------
    SettingsError
        If no account is set.

    >>> from voiceprep.client import Settings
    >>> settings = Settings.for_platform("http://127.0.0.1:9", "id", "s3cret")
    >>> with Client(settings) as client:
    ...     print(client)
    <Client of http://127.0.0.1:9/content/rest/>
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = elapsed_s,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._content_url = settings.content_url or ""
        self._client_id = settings.client_id or ""
        self._api_url = settings.api_url or ""
        self._transport = Transport(
            connect_timeout_s=settings.connect_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            transport=transport,
        )
        self._session = Session(
            settings, self._transport, clock=clock, sleep=sleep, jitter=jitter
        )
        self.contents = Contents(self._session, self._content_url)
        self.mailings = Mailings(self._session, self._api_url)
        self.messages = Messages(self._session, self._api_url)
        self.stats = Statistics(self.mailings)

    def __repr__(self) -> str:
        return f"<Client of {self._content_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def account(self) -> str:
        """Name the platform and the client on it, the same from run to run."""
        return f"{self._client_id} at {self._content_url}"

    @property
    def platform(self) -> Literal["sandbox", "live"]:
        """Tell our sandbox from the real platform; fetches a token if need be.

        Only a listener that names itself in its token's answer is the sandbox.
        """
        is_sandbox = self._session.token().server == SANDBOX_SERVER
        return "sandbox" if is_sandbox else "live"

    def deadline(self) -> Deadline:
        """Return the deadline of a call that begins now.

        Whoever does something between now and the call gives it to the call.
        """
        return self._session.deadline()

    def api(
        self, method: str, path: str, params: Iterable[tuple[str, str]] = ()
    ) -> Answer:
        """Make one call as it is given, with the token, and return its answer.

        Parameters
        ----------
        method : str
            ``GET``, ``POST``, ``PUT`` or ``DELETE``.
        path : str
            A resource below its service's base, such as ``"contents"`` or
            ``"mailings.xml"``; the token goes nowhere else.
        params : iterable of pairs
            Names may repeat. They go into the address, but those of POST and PUT
            into the body.

        Returns
        -------
        Answer
            Its ``document`` is the JSON value; None where it is not JSON.

        Raises
        ------
        OutcomeUnknownError
            If it creates something, and that may have happened.
        RefusedError
            If the platform refuses it; or if this is no call to it.
        AuthError, ContractError, UnavailableError
        """
        request = raw_request(method, path, params, self._content_url, self._api_url)
        return self._session.result(request, read_raw)

    @contextmanager
    def download(
        self, url: str, *, max_bytes: int = MAX_FILE_BYTES
    ) -> Iterator[Iterator[bytes]]:
        """Open a stored file, such as a content's ``url_encoded`` (R31).

        The token is never sent: stored files live on another host (H1).

        Parameters
        ----------
        url : str
            An http or https address.
        max_bytes : int
            More than this is refused.

        Yields
        ------
        iterator of bytes
            The file in chunks, valid within the ``with`` block.

        Raises
        ------
        ContractError
            For another kind of address, a redirect, a web page, or too much.
        RefusedError, UnavailableError
        """
        request = Request("GET", _file_url(url), accept="*/*")
        with self._session.opened(request) as incoming:
            _check_is_file(incoming)
            yield incoming.chunks(max_bytes)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


def _file_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        plain = parts.hostname and "@" not in parts.netloc and url.isprintable()
    except ValueError:
        plain = False
    if plain and parts.scheme in {"http", "https"}:
        return url
    raise ContractError("a stored file's address must be plain http or https")


def _check_is_file(incoming: Incoming) -> None:
    if incoming.headers.get("content-type", "").lower().startswith("text/html"):
        raise ContractError(
            f"{incoming.place}: a web page came instead of a stored file; is there a "
            "login page or a proxy in between?"
        )
