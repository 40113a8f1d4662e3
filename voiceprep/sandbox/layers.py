"""What stands between the wire and the application: the log, latency, faults.

A connection can be cut as a network cuts it, which ASGI has no word for: the server's
protocol hands its transport through the scope.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from voiceprep.contract import JSON_TYPE
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.faults import action_of
from voiceprep.sandbox.identity import IDENTITY_PATH
from voiceprep.sandbox.protocol import PlatformProtocol
from voiceprep.sandbox.request_log import shown_path, shown_query

if TYPE_CHECKING:
    import threading
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from voiceprep.sandbox.faults import Fault, Faults
    from voiceprep.sandbox.request_log import RequestLog

__all__ = ["CuttableProtocol", "faulty", "identified", "logged"]

_TRANSPORT: Final = "voiceprep.transport"
_FAULT: Final = "voiceprep.fault"
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s: close() sends RST
_LOOK_S: Final = 0.1  # how soon a late answer hears that the sandbox ends
_DRAINED: Final = 32 << 20  # bytes of a body that are read before an early answer
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head>
<body><h1>Sign in to the network</h1><form method="post"></form></body></html>
"""


class CuttableProtocol(PlatformProtocol):
    """Let the application cut the connection of a call."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport for every call on it."""
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[_TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


def logged(app: ASGIApp, log: RequestLog) -> ASGIApp:
    """Write every call down, the cut ones too."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        status: int | None = None
        size, started, at = 0, time.perf_counter(), time.time()

        async def counted(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await app(scope, receive, counted)
        finally:
            log.add(
                at=at,
                method=scope["method"][:20],
                path=shown_path(scope["path"]),
                query=shown_query(scope["query_string"]),
                status=status,
                took_ms=round(1_000 * (time.perf_counter() - started), 1),
                size=size,
                fault=scope.get(_FAULT),
            )

    return layer


def faulty(
    app: ASGIApp, faults: Faults, latency_s: float, ended: threading.Event
) -> ASGIApp:
    """Let calls meet the faults of the script, all of them after `latency_s`.

    Once `ended` is set nobody waits any longer.
    """

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        action = action_of(scope["method"], query)
        fault = faults.strike(scope["method"], scope["path"], action)
        await _pause(latency_s + (fault.delay_s if fault else 0.0), ended)
        if fault is None:
            await app(scope, receive, send)
            return
        scope[_FAULT] = fault.kind
        await _HAPPENS[fault.kind](fault, app, scope, receive, send)

    return layer


async def _pause(seconds: float, ended: threading.Event) -> None:
    """Wait; the end is announced by another thread, which no asyncio.Event hears."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if ended.is_set():
            return
        await asyncio.sleep(min(left, _LOOK_S))


def identified(app: ASGIApp, straight: ASGIApp) -> ASGIApp:
    """Let the proof of identity past faults and log: no script may break it."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = straight if scope["path"] == f"/{IDENTITY_PATH}" else app
        await chosen(scope, receive, send)

    return layer


async def _delay(
    _: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer as ever: it is late already."""
    await app(scope, receive, send)


async def _status(
    fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer an error instead."""
    told = RefusalError(fault.status, "a fault of the sandbox's script").body
    body = told if fault.body is None else fault.body.encode()
    kind = JSON_TYPE if body[:1] in {b"{", b"["} else "text/plain; charset=utf-8"
    headers = [(b"retry-after", fault.retry_after)] if fault.retry_after else []
    await (_happens if fault.after else _drained)(app, scope, receive)
    await _answer(send, fault.status, kind, body, headers)


async def _html(
    fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a web page, as a hotel's network does."""
    body = (fault.body or _PAGE).encode()
    await (_happens if fault.after else _drained)(app, scope, receive)
    await _answer(send, 200, "text/html; charset=utf-8", body, [])


async def _happens(app: ASGIApp, scope: Scope, receive: Receive) -> None:
    """Let a call happen, and keep its answer back."""

    async def kept_back(_: Message) -> None:
        pass

    await app(scope, receive, kept_back)


async def _drained(_: ASGIApp, __: Scope, receive: Receive) -> None:
    """Read a body without doing anything, so that no early answer cuts it."""
    read, more = 0, True
    while more and read < _DRAINED:
        message = await receive()
        read += len(message.get("body", b""))
        more = message.get("more_body", False)


async def _answer(
    send: Send, status: int, kind: str, body: bytes, headers: list[tuple[bytes, str]]
) -> None:
    told = [(b"content-type", kind), (b"content-length", str(len(body))), *headers]
    encoded = [(name, value.encode("latin-1", "replace")) for name, value in told]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def _reset_before(
    _: Fault, __: ASGIApp, scope: Scope, receive: Receive, ___: Send
) -> None:
    """Reset the connection; nothing has happened."""
    _reset(scope)
    await _gone(receive)


async def _reset_after(
    _: Fault, app: ASGIApp, scope: Scope, receive: Receive, __: Send
) -> None:
    """Let it happen, keep the answer back, reset the connection."""
    await _happens(app, scope, receive)
    _reset(scope)
    await _gone(receive)


async def _truncate(
    _: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the head and half of the first part of the body, then the end."""
    cut = False

    async def half(message: Message) -> None:
        nonlocal cut
        if message["type"] == "http.response.start":
            await send(message)
        elif not cut:
            cut = True
            body = message.get("body", b"")
            part = {**message, "body": body[: len(body) // 2], "more_body": True}
            await send(part)
            scope[_TRANSPORT].close()  # what was written still goes out

    await app(scope, receive, half)
    await _gone(receive)


def _reset(scope: Scope) -> None:
    """Cut the connection so that the peer gets RST, not a polite end."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    wire = transport.get_extra_info("socket")
    if wire is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


async def _gone(receive: Receive) -> None:
    """Wait until the server knows that the connection has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass


_HAPPENS: Final[dict[str, Callable[..., Awaitable[None]]]] = {
    "status": _status,
    "delay": _delay,
    "reset-before": _reset_before,
    "reset-after": _reset_after,
    "truncate": _truncate,
    "html": _html,
}
