"""The sandbox as an ASGI application: paths, and what every answer has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
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
from voiceprep.sandbox.identity import IDENTITY_PATH

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from voiceprep.sandbox.views import Views

__all__ = ["application"]

MAX_URI_BYTES: Final = 8 * 1024  # [ours] R22: 414 above
_VERBS: Final = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
_ALLOWED: Final = {f"/{TOKEN_PATH}": "POST"}  # else what resources take


def application(views: Views) -> ASGIApp:
    """Return the application of a sandbox's views (H2, H3)."""
    paths = (
        (f"/{IDENTITY_PATH}", views.identify),
        (f"/{TOKEN_PATH}", views.token),
        (f"/{TOKEN_PATH}/", views.token),
        (f"/{CONTENT_PATH}{{resource}}", views.resource),
        (f"/{CONTENT_PATH}{{resource}}/", views.resource),
        (f"/{API_PATH}{{resource}}", views.resource),
        (f"/{API_PATH}{{resource}}/", views.resource),
        (f"/{FILES_PATH}{{folder}}/{{name}}", views.stored),
        ("/{rest:path}", views.nothing),
    )
    routes = [Route(path, view, methods=_VERBS) for path, view in paths]
    app = Starlette(
        routes=routes,
        exception_handlers={
            RefusalError: _refused,
            HTTPException: _failed,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False
    return _limited(app)


def _limited(app: ASGIApp) -> ASGIApp:
    """Answer 414 to a URI over 8 KiB before anything looks at it."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        long = len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))
        if scope["type"] == "http" and long > MAX_URI_BYTES:
            refusal = RefusalError(414, f"the URI has over {MAX_URI_BYTES} bytes")
            await _answer(refusal)(scope, receive, send)
            return
        await app(scope, receive, send)

    return limited


async def _refused(request: Request, error: Exception) -> Response:
    """Say a refusal in the platform's words."""
    assert isinstance(error, RefusalError)  # noqa: S101 (registered for it)
    response = _answer(error)
    if error.status == 405:
        path = request.url.path.rstrip("/")
        response.headers["Allow"] = _ALLOWED.get(path, "GET, POST, PUT, DELETE")
    return response


async def _failed(_: Request, error: Exception) -> Response:
    """Say what Starlette refuses, in the platform's form."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    return _answer(RefusalError(error.status_code, str(error.detail)))


async def _broken(_: Request, __: Exception) -> Response:
    """Say that it is our fault, without a traceback."""
    return _answer(RefusalError(500, "the sandbox failed"))


def _answer(refusal: RefusalError) -> Response:
    return Response(refusal.body, refusal.status, media_type=JSON_TYPE)
