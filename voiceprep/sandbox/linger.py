"""See to it that an answer arrives which comes before its call's body is read.

A client that sends on would be reset by TCP, and lose the answer with it: the rest of
the body is swallowed, within limits. One that waits for `100 Continue` sends nothing:
its connection is closed, since what it sent next there would be taken for the body
(RFC 9110, 10.1.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["lingering"]

MAX_BYTES: Final = 64 << 20  # [ours] that are swallowed
MAX_S: Final = 5.0  # [ours]
_BODY: Final = "http.response.body"
_START: Final = "http.response.start"
_CLOSE: Final = (b"connection", b"close")


def lingering(app: ASGIApp) -> ASGIApp:
    """Return an application whose early answers arrive."""

    async def linger(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if b"content-length" in headers or b"transfer-encoding" in headers:
            exchange = _Exchange(receive, send, waits=b"expect" in headers)
            await app(scope, exchange.receive, exchange.send)
        else:
            await app(scope, receive, send)

    return linger


class _Exchange:
    """Follow one call with a body: whether it is read, or still waited for."""

    def __init__(self, receive: Receive, send: Send, *, waits: bool) -> None:
        self._receive = receive
        self._send = send
        self._waits = waits
        self._unread = True

    async def receive(self) -> Message:
        self._waits = False  # the server says `100 Continue` now
        message = await self._receive()
        self._unread = bool(message.get("more_body"))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == _START and self._unread and self._waits:
            message = {**message, "headers": [*message["headers"], _CLOSE]}
        ends = message["type"] == _BODY and not message.get("more_body")
        if not (ends and self._unread):
            await self._send(message)
            return
        await self._send({**message, "more_body": True})  # all of it is out by now
        if not self._waits:
            await self._swallow()
        await self._send({"type": _BODY, "body": b""})

    async def _swallow(self) -> None:
        swallowed = 0
        with anyio.move_on_after(MAX_S):
            while self._unread and swallowed < MAX_BYTES:
                swallowed += len((await self.receive()).get("body", b""))
