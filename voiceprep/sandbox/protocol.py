"""What the HTTP server says by itself, in the platform's words."""

from __future__ import annotations

import contextlib
import logging
from http import HTTPStatus
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from voiceprep.contract import JSON_TYPE
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.app import MAX_URI_BYTES

__all__ = ["PlatformProtocol"]

LINGER_S: Final = 1.0  # how long the rest of a refused call is swallowed


class PlatformProtocol(H11Protocol):
    """Refuse what is no HTTP as the platform refuses everything else: in JSON."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        # A caller's broken HTTP is told to the caller; our own failures stay loud.
        self.logger = logging.getLogger("uvicorn.error.sandbox")
        self.logger.setLevel(logging.ERROR)
        self._refused = False

    def data_received(self, data: bytes) -> None:
        """Take bytes; those of a refused call are swallowed."""
        if not self._refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Refuse and close: 414 where the first line is too long, else 400 (R22)."""
        self._abandon()
        self._refused = True
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.close()  # an answer is under way: there can't be two
            return
        line = self.conn.trailing_data[0].partition(b"\n")[0]
        refusal = RefusalError(400, msg.rstrip("."))
        if len(line) > MAX_URI_BYTES:
            refusal = RefusalError(414, f"the URI has over {MAX_URI_BYTES} bytes")
        for event in self._events(refusal):
            self.transport.write(self.conn.send(event) or b"")
        # Closed at once, the answer could be lost: TCP resets what sends on.
        with contextlib.suppress(OSError):  # the caller has gone already
            self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)

    def _events(self, refusal: RefusalError) -> tuple[h11.Event, ...]:
        headers = [
            *self.server_state.default_headers,
            (b"content-type", JSON_TYPE.encode()),
            (b"content-length", str(len(refusal.body)).encode()),
            (b"connection", b"close"),
        ]
        reason = HTTPStatus(refusal.status).phrase.encode()
        answer = h11.Response(
            status_code=refusal.status, headers=headers, reason=reason
        )
        # RFC 9110, 9.3.2. Unless a call was read, `scope` is that of one before it.
        read = self.conn.our_state is h11.SEND_RESPONSE
        if read and self.scope["method"] == "HEAD":
            return answer, h11.EndOfMessage()
        return answer, h11.Data(data=refusal.body), h11.EndOfMessage()

    def _abandon(self) -> None:
        """End a call whose body broke off: nobody reads its answer."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.waiting_for_100_continue = False  # it could not be said now
            self.cycle.message_event.set()
