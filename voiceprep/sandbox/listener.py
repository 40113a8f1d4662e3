"""Take a port, and set up the HTTP server on it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from voiceprep.contract import MAX_HEADER_BYTES
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

__all__ = ["PortTakenError", "bound", "wire"]

SERVER_NAME: Final = "voiceprep-sandbox"  # clients know a sandbox by this header
STOP_TIMEOUT_S: Final = 5  # what is under way may end


class PortTakenError(SettingsError):
    """Say that the sandbox can't listen where it should."""


def bound(host: str, port: int) -> socket.socket:
    """Bind the port first, so that one that is taken is said clearly."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise PortTakenError(
            f"the sandbox can't listen on {host} port {port}: {reason}; "
            "choose another with --port"
        ) from error
    return listener


def wire(app: ASGIApp) -> uvicorn.Config:
    """Return the settings of the HTTP server; `scripts/bench.py` measures by them."""
    import uvicorn

    from voiceprep.sandbox.layers import CuttableProtocol

    return uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=[("Server", SERVER_NAME)],
        h11_max_incomplete_event_size=2 * MAX_HEADER_BYTES,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
