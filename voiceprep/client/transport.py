"""The only door to the network: one try of one request, bounded in time and size.

Here httpx2's errors become ours. The HTTP library is told to follow nothing, to
keep no cookie, and to reach this very machine without a proxy.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast

from voiceprep import contract
from voiceprep.client.logs import quieten
from voiceprep.client.secret import Secret
from voiceprep.client.trouble import Fate, InterruptedCallError, StrangeCallError
from voiceprep.client.verdict import LOCATION, clean
from voiceprep.client.wire import Answer, Request, read_answer
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx2

    from voiceprep.client.deadline import Deadline

__all__ = ["Incoming", "Transport"]

MAX_ANSWER_BYTES: Final = 16 * 2**20  # ours: a page of rows is far below
LOOPBACK: Final = ("all://localhost", "all://127.0.0.0/8", "all://[::1]")
PROXY_HINT: Final = "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Say what an error of httpx2 means; ``telling`` if its words are the system's.

    Words that may quote the wire are never repeated: a server can echo a token.
    """

    words: str
    fate: Fate
    telling: bool = False
    kind: type[InterruptedCallError | StrangeCallError] = InterruptedCallError


# By name, so that the table needs no import; the most specific name wins.
TROUBLES: Final = {
    "ConnectError": Trouble("no connection", Fate.UNSENT, telling=True),
    "ConnectTimeout": Trouble("no connection in time", Fate.UNSENT),
    "PoolTimeout": Trouble("no connection became free in time", Fate.UNSENT),
    "ProxyError": Trouble(f"the proxy refuses; {PROXY_HINT}", Fate.UNSENT),
    "TimeoutException": Trouble("no answer in time", Fate.LOST),
    "NetworkError": Trouble("the connection broke", Fate.LOST, telling=True),
    "RemoteProtocolError": Trouble("the connection ended too early", Fate.LOST),
    "LocalProtocolError": Trouble(
        "the request can't be sent as HTTP", Fate.STRANGE, kind=StrangeCallError
    ),
    "DecodingError": Trouble(
        "the body is not encoded as it says", Fate.STRANGE, kind=StrangeCallError
    ),
    "UnsupportedProtocol": Trouble(
        "not an http or https address", Fate.UNSENT, kind=StrangeCallError
    ),
    "InvalidURL": Trouble(
        "not an address, or one that is too long", Fate.UNSENT, kind=StrangeCallError
    ),
    "HTTPError": Trouble("the exchange failed", Fate.LOST),
}


class Transport:
    """Hold the connections; several threads may share it.

    Parameters
    ----------
    connect_timeout_s, read_timeout_s : float
        Seconds for a connection, and for the next bytes in either direction.
    transport : httpx2.BaseTransport or None
        Another way to the network, for tests.
    """

    def __init__(
        self,
        *,
        connect_timeout_s: float,
        read_timeout_s: float,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._given = transport
        self._http = _http_client(transport)
        self._fresh: httpx2.Client | None = None
        self._lock = Lock()

    def answer(self, request: Request, deadline: Deadline) -> Answer:
        """Send a request and read its answer whole."""
        with closing(self.open(request, deadline)) as incoming:
            return incoming.answer()

    def open(self, request: Request, deadline: Deadline) -> Incoming:
        """Send a request and return its answer, the body still on the wire.

        Raises
        ------
        InterruptedCallError
            If no answer came; its ``fate`` says how far the request got.
        StrangeCallError
            If what came is not what the platform sends.
        OSError
            If the file to send can't be read.
        """
        deadline.check(request.place, Fate.UNSENT)
        http = self._fresh_http() if request.policy.fresh else self._http
        with _troubles(request.place), _body(request, deadline) as body:
            sent = http.build_request(
                request.method,
                _address(request),
                params=list(request.query) or None,
                headers=_headers(request),
                timeout=self._timeout(deadline),
                **body,
            )
            response = http.send(sent, stream=True)
        return Incoming(request.place, response, deadline)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()
        if self._fresh is not None:
            self._fresh.close()

    def _fresh_http(self) -> httpx2.Client:
        """Return the one that keeps nothing alive: a new connection a request."""
        with self._lock:  # made when first needed: it costs 40 ms of CPU
            if self._fresh is None:
                self._fresh = _http_client(self._given, max_keepalive_connections=0)
            return self._fresh

    def _timeout(self, deadline: Deadline) -> tuple[float, float, float, float]:
        left_s = max(deadline.remaining_s(), 0.001)
        next_bytes_s = min(left_s, self._read_timeout_s)
        connect_s = min(left_s, self._connect_timeout_s)
        return connect_s, next_bytes_s, next_bytes_s, left_s


class Incoming:
    """Hold an answer whose body is still on the wire; close it after use.

    Parameters
    ----------
    place : str
        The request's.
    response : httpx2.Response
    deadline : Deadline
        The body must be read by then.
    """

    def __init__(
        self, place: str, response: httpx2.Response, deadline: Deadline
    ) -> None:
        self.place = place
        self._response = response
        self._deadline = deadline

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers by lower-case name."""
        return self._response.headers

    def answer(self) -> Answer:
        """Read the rest and return it whole."""
        body = b"".join(self.chunks(MAX_ANSWER_BYTES))
        return read_answer(self.place, self.status, self.headers, body)

    def chunks(self, max_bytes: int) -> Iterator[bytes]:
        """Yield the body as it comes, unpacked.

        Raises
        ------
        StrangeCallError
            If there is more than ``max_bytes`` of it.
        InterruptedCallError
            If the connection breaks or the deadline passes.
        """
        size = 0
        with _troubles(self.place):
            for chunk in self._response.iter_bytes():
                self._deadline.check(self.place, Fate.LOST)
                size += len(chunk)
                if size > max_bytes:
                    raise StrangeCallError(
                        f"{self.place}: the answer is larger than {max_bytes} bytes",
                        Fate.STRANGE,
                    )
                yield chunk

    def close(self) -> None:
        """Give the connection back, or drop it if the body was not read whole."""
        with _troubles(self.place):
            self._response.close()


class Paced:
    """Read a file for a form, and stop when the deadline has passed.

    It has no ``fileno``, on purpose: a length is taken from the bytes it yields,
    not from a file behind it that may be compressed.
    """

    def __init__(self, file: BinaryIO, deadline: Deadline, place: str) -> None:
        self._file = file
        self._deadline = deadline
        self._place = place
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        """Return the next bytes, unless it is too late."""
        self._deadline.check(self._place, Fate.LOST)
        return self._file.read(size)


def _http_client(
    transport: httpx2.BaseTransport | None, max_keepalive_connections: int = 20
) -> httpx2.Client:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    quieten()
    try:
        return httpx2.Client(
            transport=transport,
            limits=httpx2.Limits(max_keepalive_connections=max_keepalive_connections),
            follow_redirects=False,  # httpx keeps query and body across redirects
            event_hooks={"response": [_set_location_aside]},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            mounts=dict.fromkeys(LOOPBACK),  # None: directly, whatever the proxies
            headers={
                "Accept-Encoding": "identity",
                "User-Agent": "voiceprep",
            },
        )
    except (ImportError, ValueError, httpx2.InvalidURL):
        # Not chained: the complaint quotes the proxy's address, password included.
        raise SettingsError(
            f"the proxy that the environment names can't be used; {PROXY_HINT}"
        ) from None


def _set_location_aside(response: httpx2.Response) -> None:
    """Rename ``Location``: httpx2 prepares even a redirect that it won't follow.

    It does so with a ValueError from its depths where the address is none.
    """
    if "location" in response.headers:
        response.headers[LOCATION] = response.headers.pop("location")


def _address(request: Request) -> httpx2.URL:
    """Read the address as httpx2 will, host names in other scripts included."""
    import httpx2

    try:
        address = httpx2.URL(request.url)
        if address.host:
            return address
    except (httpx2.InvalidURL, ValueError):  # not chained: it quotes the address
        pass
    fact = f"{request.method}: the address to call is none"
    raise StrangeCallError(fact, Fate.UNSENT)


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": request.accept}
    if request.token is not None:
        headers["Authorization"] = f"{contract.BEARER} {request.token.reveal()}"  # R6
    return headers


@contextmanager
def _body(request: Request, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Yield the body as httpx2 wants it; the file is open while it is sent."""
    form: dict[str, list[str]] = {}
    for name, value in request.form:  # a name may stand several times (R10)
        form.setdefault(name, []).append(_sendable(value))
    if request.file is None:
        yield {"data": form} if form else {}
        return
    with request.file.opened() as file:
        paced = cast("IO[bytes]", Paced(file, deadline, request.place))
        part = (_sendable(request.file.filename), paced, request.file.mime_type)
        yield {"data": form, "files": {request.file.field: part}}


def _sendable(value: str | Secret) -> str:
    """Reveal a secret, and replace what UTF-8 can't hold: half a Latin-1 name."""
    text = value.reveal() if isinstance(value, Secret) else value
    return text.encode("utf-8", "replace").decode()


@contextmanager
def _troubles(place: str) -> Iterator[None]:
    """Turn the errors of httpx2 into ours."""
    import httpx2

    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        if _is_distrust(error):
            raise StrangeCallError(
                f"{place}: the certificate is not trusted; is a proxy in between?",
                Fate.UNSENT,
            ) from error
        names = (kind.__name__ for kind in type(error).__mro__)
        trouble = next(TROUBLES[name] for name in names if name in TROUBLES)
        reason = f" ({clean(error)})" if trouble.telling and str(error) else ""
        cause = error if trouble.telling else None
        fact = f"{place}: {trouble.words}{reason}"
        raise trouble.kind(fact, trouble.fate) from cause


def _is_distrust(error: BaseException | None) -> bool:
    from ssl import SSLCertVerificationError

    while error is not None and not isinstance(error, SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
