"""Where pings may go: this machine, and the hosts that were allowed by name.

The address is resolved once, checked, and connected to: a name that answers
otherwise the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, InvalidURL
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["MAX_URL_CHARS", "PinnedConnection", "Target", "TargetError", "target_of"]

MAX_URL_CHARS: Final = 8_000  # [ours] as R22's 414 would have it
_PORTS: Final = {"http": 80, "https": 443}
_AS_SENT: Final = "%/:?@!$&'()*+,;=-._~[]"  # of a path or query: stays as it stands


class TargetError(Exception):
    """Say why a URL is not called; no retry would change it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Name a server that pings go to."""

    scheme: str
    host: str
    port: int

    @property
    def header(self) -> str:
        """Return the Host header's value."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> tuple[Target, str]:
    """Return the server of a URL, and what to ask it for.

    Raises
    ------
    TargetError

    >>> target_of("http://127.0.0.1:9/p?id=1#x")
    (Target(scheme='http', host='127.0.0.1', port=9), '/p?id=1')
    """
    if len(url) > MAX_URL_CHARS:
        raise TargetError(f"the URL has over {MAX_URL_CHARS} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"no URL: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise TargetError("only http and https URLs with a host are called")
    if "@" in parts.netloc:
        raise TargetError("credentials in a URL are not sent")
    path = parts.path or "/"
    asked = f"{path}?{parts.query}" if parts.query else path
    target = Target(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
    return target, quote(asked, safe=_AS_SENT, errors="replace")


def address_of(target: Target, allowed: Collection[str]) -> tuple[str, int]:
    """Resolve a server, once; return an address that may be called.

    Raises
    ------
    TargetError
        Where any of its addresses lies outside this machine and it isn't allowed.
    OSError
        Where it can't be resolved.

    >>> address_of(Target("http", "127.0.0.1", 9), ())
    ('127.0.0.1', 9)
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise TargetError(f"no host name: {target.host[:80]!r}") from error
    addresses = [str(row[4][0]) for row in found]
    if target.host not in allowed and not all(map(_is_loopback, addresses)):
        raise TargetError(
            f"{target.host} is not this machine; --allow-ping {target.host} allows it"
        )
    return addresses[0], target.port


def _is_loopback(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None)
    return bool((inner or ip).is_loopback)


class PinnedConnection(HTTPConnection):
    """Connect to a checked address while the Host header keeps the name."""

    def __init__(
        self, target: Target, allowed: Collection[str], timeout_s: float
    ) -> None:
        try:
            super().__init__(target.host, target.port, timeout=timeout_s)
        except InvalidURL as error:
            raise TargetError(f"no host: {error}") from error
        self._target = target
        self._allowed = allowed
        self._was_cut = False

    def connect(self) -> None:
        """Resolve, check and connect in one step."""
        address = address_of(self._target, self._allowed)
        self.sock = socket.create_connection(address, self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self._target.host
            )

    def cut(self) -> None:
        """End a call from another thread: what it waits for ends at once."""
        self._was_cut = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def see_that_it_was_whole(self) -> None:
        """Raise OSError where it was cut: half an answer may look like one."""
        if self._was_cut:
            raise TimeoutError("no whole answer in time")
