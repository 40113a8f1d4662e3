"""The sandbox as an ASGI application: paths, and what every answer has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from voiceprep.contract import (
    API_PATH,
    CONTENT_PATH,
    FILES_PATH,
    JSON_TYPE,
    TOKEN_PATH,
)
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.formats import Answer
from voiceprep.sandbox.identity import IDENTITY_PATH
from voiceprep.sandbox.linger import lingering
from voiceprep.sandbox.views import DESCRIPTION, written

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from voiceprep.sandbox.views import Views

__all__ = ["MAX_URI_BYTES", "application"]

MAX_URI_BYTES: Final = 8 * 1024  # [ours] R22: 414 above


def application(views: Views) -> ASGIApp:
    """Return the application of a sandbox's views (H2, H3)."""
    paths = (
        (f"/{IDENTITY_PATH}", views.identify),
        (f"/{DESCRIPTION}", views.described),
        (f"/{TOKEN_PATH}", views.token),
        (f"/{TOKEN_PATH}/", views.token),
        (f"/{CONTENT_PATH}{{resource}}", views.resource),
        (f"/{CONTENT_PATH}{{resource}}/", views.resource),
        (f"/{API_PATH}{{resource}}", views.resource),
        (f"/{API_PATH}{{resource}}/", views.resource),
        (f"/{FILES_PATH}{{folder}}/{{name}}", views.stored),
        ("/{rest:path}", views.nothing),
    )
    routes = [Route(path, _Endpoint(view)) for path, view in paths]
    app = Starlette(
        routes=routes,
        exception_handlers={
            RefusalError: _refused,
            HTTPException: _failed,
            ClientDisconnect: _gone,
            OSError: _unkept,
            SQLAlchemyError: _unkept,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False
    return lingering(_limited(app))


class _Endpoint:
    """Take every method, known or not: each view says which ones it takes."""

    def __init__(self, view: Callable[[Request], Awaitable[Response]]) -> None:
        self._view = view

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._view(Request(scope, receive, send))
        await response(scope, receive, send)


def _limited(app: ASGIApp) -> ASGIApp:
    """Answer 414 to a URI over 8 KiB before anything looks at it."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        long = len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))
        if scope["type"] == "http" and long > MAX_URI_BYTES:
            refusal = RefusalError(414, f"the URI has over {MAX_URI_BYTES} bytes")
            await _in_json(refusal)(scope, receive, send)
            return
        await app(scope, receive, send)

    return limited


async def _refused(request: Request, error: Exception) -> Response:
    """Say a refusal in the platform's words, in the form that was asked for."""
    assert isinstance(error, RefusalError)  # noqa: S101 (registered for it)
    try:
        response = written(request, Answer(error.status, error.told))
    except RefusalError as other:  # no callback that could be called
        response = _in_json(other)
    if error.status == 405:
        response.headers["Allow"] = error.allow
    return response


async def _failed(_: Request, error: Exception) -> Response:
    """Say what Starlette refuses, in the platform's form."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    return _in_json(RefusalError(error.status_code, str(error.detail)))


async def _gone(_: Request, __: Exception) -> Response:
    """Answer nobody: the client left in the middle of its call."""
    return Response(status_code=400)


async def _unkept(_: Request, error: Exception) -> Response:
    """Say that the disk or the database failed; what was asked is not done."""
    reason = getattr(error, "strerror", None) or getattr(error, "orig", None)
    said = str(reason or type(error).__name__).partition("\n")[0]
    return _in_json(RefusalError(500, f"the sandbox can't keep its data: {said}"))


async def _broken(_: Request, __: Exception) -> Response:
    """Say that it is our fault, without a traceback."""
    return _in_json(RefusalError(500, "the sandbox failed"))


def _in_json(refusal: RefusalError) -> Response:
    return Response(refusal.body, refusal.status, media_type=JSON_TYPE)
