"""The control API `/_sandbox/`: faults, log, clock, reset and the truth, for tests.

Off unless it is asked for; on this machine only; every call carries a key that lies
in the data folder, readable by its owner alone.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from voiceprep.contract import JSON_TYPE
from voiceprep.errors import SettingsError
from voiceprep.sandbox.answers import RefusalError, compact
from voiceprep.sandbox.faults import read_script
from voiceprep.sandbox.guard import is_local
from voiceprep.sandbox.identity import CONTROL_HEADER, CONTROL_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from voiceprep.sandbox.live import Live

__all__ = ["controlled"]


_MAX_BODY: Final = 1 << 20


def controlled(app: ASGIApp, live: Live, key: str) -> ASGIApp:
    """Answer the control API in front of an application."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(CONTROL_PATH) or not is_local(scope):
            await app(scope, receive, send)
            return
        try:
            response = await _answer(Request(scope, receive), live, key)
        except RefusalError as refusal:
            response = Response(refusal.body, refusal.status, media_type=JSON_TYPE)
        await response(scope, receive, send)

    return layer


async def _answer(request: Request, live: Live, key: str) -> Response:
    given = request.headers.get(CONTROL_HEADER, "")
    if not hmac.compare_digest(given.encode(), key.encode()):
        raise RefusalError(403, f"{CONTROL_HEADER} holds no key of this sandbox")
    called = f"{request.method} {request.url.path.removeprefix(CONTROL_PATH)}"
    action = _ACTIONS.get(called)
    if action is None:
        raise RefusalError(404, f"{called!r} is none of {', '.join(_ACTIONS)}")
    told = await _body(request)
    try:
        value = await run_in_threadpool(action, live, request.query_params, told)
    except (SettingsError, TypeError, ValueError) as error:
        raise RefusalError(400, str(error)) from error
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(compact(value), 200, headers, media_type=JSON_TYPE)


async def _body(request: Request) -> Any:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY:
            raise RefusalError(417, f"the body has over {_MAX_BODY} bytes")
    try:
        return json.loads(body or b"null")
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "the body is not valid JSON") from error


def _faults(live: Live, _: Any, __: Any) -> Any:
    return {"faults": live.faults.listed()}


def _add_faults(live: Live, _: Any, told: Any) -> Any:
    live.faults.add(read_script(told))
    return _faults(live, None, None)


def _set_faults(live: Live, _: Any, told: Any) -> Any:
    live.faults.replace(read_script(told))
    return _faults(live, None, None)


def _no_faults(live: Live, _: Any, __: Any) -> Any:
    live.faults.replace(())
    return _faults(live, None, None)


def _log(live: Live, query: Mapping[str, str], _: Any) -> Any:
    return {"calls": live.log.listed(after=int(query.get("after", "0")))}


def _advance(live: Live, _: Any, told: Any) -> Any:
    seconds = told.get("seconds") if isinstance(told, dict) else None
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise SettingsError('the body is {"seconds": NUMBER}')
    return live.advance(float(seconds))


def _reset(live: Live, _: Any, __: Any) -> Any:
    live.reset()
    return {"reset": True}


def _truth(live: Live, _: Any, __: Any) -> Any:
    return live.truth()


_ACTIONS: Final[Mapping[str, Callable[[Live, Mapping[str, str], Any], Any]]] = {
    "GET faults": _faults,
    "POST faults": _add_faults,
    "PUT faults": _set_faults,
    "DELETE faults": _no_faults,
    "GET log": _log,
    "POST advance": _advance,
    "POST reset": _reset,
    "GET truth": _truth,
}
