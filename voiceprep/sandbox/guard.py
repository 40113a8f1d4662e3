"""Who may see the page and the control API: programs and people of this machine.

A web page of another site must not reach them through a person's browser: not by its
own name bound to 127.0.0.1 (the Host header says so), not by a form or a fetch (the
header that is asked for can't be sent across sites without asking first).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

__all__ = ["is_local", "is_same_origin"]

_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host")


def is_local(scope: Scope) -> bool:
    """Say whether a call comes from this machine, straight and by its own name."""
    headers = dict(scope["headers"])
    if any(name in headers for name in _FORWARDED):
        return False  # whoever is behind the proxy is not this machine
    return _is_loopback(scope["client"]) and _host(headers) in _NAMES


def _is_loopback(client: tuple[str, int] | None) -> bool:
    if client is None:
        return False
    ip = ipaddress.ip_address(client[0].partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None)
    return bool((inner or ip).is_loopback)


def _host(headers: Mapping[bytes, bytes]) -> str:
    """Return the Host header's name, its port left out."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def is_same_origin(scope: Scope, header: str) -> bool:
    """Say whether the page itself asks, not a page of another site.

    Parameters
    ----------
    scope : Scope
    header : str
        One that only a script of the same origin can send unasked.
    """
    headers = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site", b"same-origin")
    return header.lower().encode() in headers and site == b"same-origin"
