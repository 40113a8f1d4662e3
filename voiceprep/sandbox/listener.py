"""Take a port, or say clearly that it is taken."""

from __future__ import annotations

import socket

from voiceprep.errors import SettingsError

__all__ = ["bound"]


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
        raise SettingsError(
            f"the sandbox can't listen on {host} port {port}: {reason}; "
            "choose another with --port"
        ) from error
    return listener
