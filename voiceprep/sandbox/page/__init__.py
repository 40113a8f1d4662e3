"""The page at `/`: what the sandbox holds and does, for people of this machine.

Static files of the package, fed by one JSON document; no library, no other host.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
from starlette.requests import Request
from starlette.responses import Response

from voiceprep.contract import JSON_TYPE
from voiceprep.sandbox.answers import compact
from voiceprep.sandbox.guard import is_local, is_same_origin

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from voiceprep.sandbox.live import Live

__all__ = ["PAGE_PATH", "language", "paged"]

PAGE_PATH: Final = "/_page/"
PAGE_HEADER: Final = "X-Voiceprep-Page"  # a script of another site can't send it
LATEST: Final = 100  # of each: contents, mailings, messages, pings, calls
_HERE: Final = Path(__file__).parent
_LANGUAGES: Final = ("en", "fr")  # the first is the default
_FILES: Final = {  # path → file, type
    "/": ("page.html", "text/html; charset=utf-8"),
    f"{PAGE_PATH}labels.json": ("labels.{}.json", JSON_TYPE),
    f"{PAGE_PATH}page.js": ("page.js", "text/javascript; charset=utf-8"),
    f"{PAGE_PATH}page.css": ("page.css", "text/css; charset=utf-8"),
}
_SAFE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def paged(app: ASGIApp, live: Live) -> ASGIApp:
    """Answer the page in front of an application; to this machine only."""
    one_at_a_time = anyio.CapacityLimiter(1)  # of the database's few connections

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _answer(scope, live, one_at_a_time)
        await (app if response is None else response)(scope, receive, send)

    return layer


async def _answer(
    scope: Scope, live: Live, threads: anyio.CapacityLimiter
) -> Response | None:
    """Return what a path of the page shows, or None: it is none, or not for them."""
    path = scope["path"]
    if scope["method"] not in {"GET", "HEAD"} or not is_local(scope):
        return None
    if path == f"{PAGE_PATH}feed" and is_same_origin(scope, PAGE_HEADER):
        told = await anyio.to_thread.run_sync(_feed, live, limiter=threads)
        return Response(told, 200, _SAFE, media_type=JSON_TYPE)
    if path not in _FILES:
        return None
    name, kind = _FILES[path]
    chosen = language(Request(scope).headers.get("accept-language", ""))
    body = (_HERE / name.format(chosen)).read_bytes()
    headers = {**_SAFE, "Content-Type": kind, "Vary": "Accept-Language"}
    return Response(body, 200, headers)


def _feed(live: Live) -> bytes:
    told = live.truth(latest=LATEST)
    told["calls"] = live.log.listed(limit=LATEST)
    told["counts"] |= {"calls": live.log.count, "attempts": live.pings.tried}
    return compact(told)


def language(accepted: str) -> str:
    """Choose the page's language by an Accept-Language header.

    >>> language("fr-FR,fr;q=0.9,en;q=0.8"), language("de"), language("en;q=0.1,fr")
    ('fr', 'en', 'fr')
    """
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        tag, _, weight = part.partition(";")
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
        if weight and not found:
            continue
        name = tag.strip().partition("-")[0]
        given = float(found[1]) if found else 1.0
        weights[name] = max(given, weights.get(name, 0.0))
    return max(_LANGUAGES, key=lambda name: weights.get(name, 0.0))
