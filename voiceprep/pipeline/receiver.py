"""Take pings: read the ids, let them wait, answer. Nothing is believed, nothing read.

A ping is unsigned (R39): all it can do is to have a message read again. Whoever does
not know the path is told nothing at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from voiceprep.contract import PING_ID, PING_IDS
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from voiceprep.pipeline.inbox import Inbox

__all__ = ["application", "bound", "ids_of", "path_key", "ping_url", "wire"]

PATH: Final = "/ping/"
MAX_QUERY_CHARS: Final = 8_000  # [ours] as the sandbox's: a thousand ids of 7 digits
MAX_BODY_BYTES: Final = 64 * 1024  # [ours]; a ping has none (R39)
MAX_HEAD_BYTES: Final = 64 * 1024  # [ours]
MAX_CALLS: Final = 512  # [ours] at a time; more are answered 503
RETRY_AFTER_S: Final = 5  # [ours] until there is room again
STOP_TIMEOUT_S: Final = 5  # [ours] for what is under way at the end
_NAMES: Final = frozenset({"id", "ids", "id[]", "ids[]"})
_BETWEEN: Final = re.compile(r"[,\s-]+")  # R38: commas, and dashes as the example has
_ID: Final = re.compile(r"[0-9A-Za-z_]{1,40}")


def ids_of(query: str) -> list[str]:
    """Return the ids that a ping's query names, each once; what is none is left out.

    Parameters
    ----------
    query : str
        Such as ``"ids=7,8"`` or ``"id=7"``; dashes part ids as commas do (R38).

    >>> ids_of("ids=7,8-9,7&m=5"), ids_of("id=%237"), ids_of("id=#id#")
    (['7', '8', '9'], [], [])
    """
    pairs = parse_qsl(query, max_num_fields=1_000)
    words = (word for name, said in pairs if name in _NAMES for word in _split(said))
    return [each for each in dict.fromkeys(words) if _ID.fullmatch(each)]


def _split(said: str) -> list[str]:
    return _BETWEEN.split(said.strip())


def path_key(place: Path, account: str) -> str:
    """Return the unguessable part of an account's path, the same from run to run.

    Mailings that were ordered with it ping it for days.

    Parameters
    ----------
    place : Path
        Of the file that holds what it is made from; made at first, for its owner.
    account : str

    Raises
    ------
    SettingsError
        Where the file can't be made or read.


    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "pings"
    ...     one, two = path_key(place, "acme"), path_key(place, "acme")
    ...     len(one), one == two, one == path_key(place, "another")
    (43, True, False)
    """
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = _seed(place)
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise SettingsError(f"{place} can't be made or read: {reason}") from error
    digest = hmac.digest(seed, account.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _seed(place: Path) -> bytes:
    """Read the file's secret; of several processes that make it, one makes it."""
    part = place.with_name(f".{place.name}.{secrets.token_hex(8)}.part")
    if not place.exists():
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(part, place)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return place.read_bytes()


def ping_url(base: str, key: str, *, each: bool = False) -> str:
    """Return what to order mailings with (R32): the path, and the pattern (R38).

    Parameters
    ----------
    base : str
        What the platform reaches this machine by, such as ``https://me.example``.
    key : str
        Of `path_key`.
    each : bool
        One call a message instead of one for several.

    Raises
    ------
    SettingsError
        Where the base is no http or https address.

    >>> ping_url("https://me.example/", "k3y")
    'https://me.example/ping/k3y?ids=#ids#'
    """
    parts = urlsplit(base)
    plain = base.isprintable() and " " not in base and not (parts.query or "#" in base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise SettingsError(
            f"{base!r} is no address that pings could come to: it begins with http:// "
            "or https://, and holds no ? and no #"
        )
    asked = f"id={PING_ID}" if each else f"ids={PING_IDS}"
    return f"{base.rstrip('/')}{PATH}{key}?{asked}"


def application(inbox: Inbox, key: str) -> ASGIApp:
    """Return the receiver: it takes pings under one path, and knows nothing else.

    204: they wait to be read. 400: no id in it. 404: another path. 405, 413, 414: no
    ping looks like that. 503: no room; the platform tries again (R39).
    """
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    def answer(request: Request) -> Response:
        if not hmac.compare_digest(request.path_params["key"].encode(), key.encode()):
            return Response(status_code=404)
        query = request.url.query
        if len(query) > MAX_QUERY_CHARS:
            return Response(status_code=414)
        ids = _asked(query)
        if not ids:
            return Response("no id of a message in it\n", status_code=400)
        if not inbox.put(ids):
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            return Response(status_code=503, headers=headers)
        return Response(status_code=204)

    async def ping(request: Request) -> Response:
        return answer(request)

    # POST too: to refuse a true ping for its verb would lose it.
    route = Route(f"{PATH}{{key}}", ping, methods=["GET", "POST"])
    return _small(Starlette(routes=[route]))


def _asked(query: str) -> list[str]:
    try:
        return ids_of(query)
    except ValueError:  # too many fields
        return []


def _small(app: ASGIApp) -> ASGIApp:
    """Refuse a body before it is read: no ping has one."""
    from starlette.responses import Response

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _body_bytes(scope) > MAX_BODY_BYTES:
            refusal = Response(status_code=413, headers={"Connection": "close"})
            await refusal(scope, receive, send)
            return
        await app(scope, receive, send)

    return layer


def _body_bytes(scope: Scope) -> int:
    """Return the declared length; one that is not declared is too much."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return MAX_BODY_BYTES + 1
    declared = headers.get(b"content-length", b"0").decode("latin-1")
    return int(declared[:20]) if declared.isdecimal() else MAX_BODY_BYTES + 1


def bound(host: str, port: int) -> socket.socket:
    """Bind the port first, so that one that is taken is said clearly.

    Raises
    ------
    SettingsError
    """
    if not host:  # an unset variable would have it listen to everybody
        raise SettingsError("--host names no address; 0.0.0.0 is every one of yours")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(MAX_CALLS)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise SettingsError(
            f"can't listen on {host} port {port}: {reason}; choose another with --port"
        ) from error
    return listener


def wire(app: ASGIApp) -> uvicorn.Config:
    """Return the settings of the HTTP server."""
    import uvicorn

    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it would hold the path
        server_header=False,
        limit_concurrency=MAX_CALLS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
