"""What each path does: from a request to an answer. Work goes to threads.

Threads are few and of three sorts, so that nothing starves: readers, writers (who
take turns anyhow) and uploads (of which one is converted at a time).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
from starlette.responses import FileResponse, Response

from voiceprep.contract import (
    BEARER,
    GRANT_TYPE,
    INVALID_CLIENT,
    INVALID_CLIENT_DESCRIPTION,
    JSON_TYPE,
    TOKEN_SCOPE,
    TOKEN_TYPE,
)
from voiceprep.sandbox import calls, formats, identity
from voiceprep.sandbox.answers import RefusalError, compact, envelope, no_token
from voiceprep.sandbox.formats import Answer
from voiceprep.sandbox.parameters import Parameters
from voiceprep.sandbox.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

    from voiceprep.sandbox.calls import Call
    from voiceprep.sandbox.machine import Resource
    from voiceprep.sandbox.store import Store

__all__ = ["DESCRIPTION", "Views", "written"]

DESCRIPTION: Final = "openapi.yaml"  # of this sandbox; it lies beside this file
READERS, WRITERS, UPLOADS = 4, 2, 2  # [ours] threads; fewer than CONNECTIONS
_FOLDER: Final = re.compile(r"[\w-]{16,64}")
_TYPES: Final = {".pcm": "application/octet-stream", ".mp3": "audio/mpeg"}
_NO_STORE: Final = {"Cache-Control": "no-store"}
_INVALID: Final = {  # R3
    "error": INVALID_CLIENT,
    "error_description": INVALID_CLIENT_DESCRIPTION,
}

T = TypeVar("T")
Threads = anyio.CapacityLimiter


@dataclass(frozen=True, slots=True)
class Views:
    """Answer the calls to one sandbox.

    Parameters
    ----------
    store : Store
    data : Path
        Where its identity is kept.
    base_url : str
        Stored files are linked below it (H2).
    token_lifetime_s : float
    token_chars : int
        Up to 50,000 (R4).
    """

    store: Store
    data: Path
    base_url: str
    token_lifetime_s: float
    token_chars: int
    _readers: Threads = field(default_factory=partial(Threads, READERS))
    _writers: Threads = field(default_factory=partial(Threads, WRITERS))
    _uploads: Threads = field(default_factory=partial(Threads, UPLOADS))

    async def identify(self, request: Request) -> Response:
        """Prove that this is the sandbox of its data folder."""
        nonce = request.query_params.get("nonce", "")
        if not re.fullmatch(identity.NONCE, nonce):
            raise RefusalError(400, "nonce must be 32 to 128 hex digits")
        proof = identity.proof(identity.key(self.data), nonce)
        return _json({"sandbox": "voiceprep", "proof": proof})

    async def token(self, request: Request) -> Response:
        """Give a token for credentials (R1–R4)."""
        if request.method != "POST":
            raise RefusalError(405, "POST asks for a token", allow="POST")
        given = await _given(request)
        client_id, secret = _basic(request) or (
            given.one("client_id") or "",
            given.one("client_secret") or "",
        )
        known = await _in_thread(self._readers, self.store.knows, client_id, secret)
        if not known or given.one("grant_type") != GRANT_TYPE:
            return _json(_INVALID, 400, _NO_STORE)
        lifetime_s, chars = self.token_lifetime_s, self.token_chars
        token = await _in_thread(
            self._writers, self.store.give_token, client_id, lifetime_s, chars
        )
        whole = int(lifetime_s)
        given_out = {
            "access_token": token,
            "expires_in": whole if whole == lifetime_s else lifetime_s,  # R2: a number
            "token_type": TOKEN_TYPE,
            "scope": TOKEN_SCOPE,
        }
        return _json(given_out, 200, _NO_STORE)

    async def resource(self, request: Request) -> Response:
        """Read, create, update or delete resources (R8)."""
        name, extension = formats.split(request.path_params["resource"])
        token = _token_of(request, extension)
        client_id = await _in_thread(self._readers, self.store.client_of, token)
        if client_id is None:
            return _unauthenticated(request, extension)
        resource = RESOURCES.get(name)
        if resource is None:
            raise RefusalError(404, f"unknown resource {name[:40]!r}")
        async with calls.read(request) as call:
            answer = await self._answer(resource, client_id, call)
        return written(request, answer)

    async def _answer(self, resource: Resource, client_id: str, call: Call) -> Answer:
        """Do what a call asks for, in a thread of its sort."""
        action = call.action
        able = resource.methods
        if action != "read" and action not in able.values():
            raise RefusalError(
                405, f"{resource.name} can't be asked to {action}", allow=_allow(able)
            )
        slow = action == "create" and resource.create_is_slow
        others = self._readers if action == "read" else self._writers
        ways: dict[str, Callable[[Resource, str, Call], Answer]] = {
            "read": self._read,
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }
        threads = self._uploads if slow else others
        return await _in_thread(threads, ways[action], resource, client_id, call)

    def _read(self, resource: Resource, client_id: str, call: Call) -> Answer:
        given = call.all
        shown = resource.shown(given.many("properties"))
        told = self.store.read(resource, client_id, given, shown, self.base_url)
        return Answer(
            200, envelope(*told, 200), resource.singular, resource.columns(shown)
        )

    def _create(self, resource: Resource, client_id: str, call: Call) -> Answer:
        row = self.store.create(resource, client_id, call, self.base_url)
        columns = resource.columns(resource.shown(()))
        return Answer(201, envelope([row], None, 201), resource.singular, columns)

    def _update(self, resource: Resource, client_id: str, call: Call) -> Answer:
        return _counted(self.store.update(resource, client_id, call.all))

    def _delete(self, resource: Resource, client_id: str, call: Call) -> Answer:
        return _counted(self.store.delete(resource, client_id, call.all))

    async def stored(self, request: Request) -> Response:
        """Serve a stored file, without a token (H2, R31)."""
        if request.method not in {"GET", "HEAD"}:
            raise RefusalError(405, "stored files can only be read", allow="GET, HEAD")
        folder, name = request.path_params["folder"], request.path_params["name"]
        path = self.store.files / folder / name
        if not _FOLDER.fullmatch(folder) or not _is_file(path, name):
            raise RefusalError(404, "no such file")
        kind = _TYPES.get(path.suffix.lower(), "audio/wav")
        headers = {"X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type=kind, headers=headers)

    async def described(self, request: Request) -> Response:
        """Serve the description of all this, in OpenAPI."""
        if request.method not in {"GET", "HEAD"}:
            raise RefusalError(405, "it can only be read", allow="GET, HEAD")
        text = files("voiceprep.sandbox").joinpath(DESCRIPTION).read_bytes()
        return Response(text, media_type="application/yaml")

    async def nothing(self, request: Request) -> Response:
        """Answer every path that is none."""
        raise RefusalError(404, f"unknown path {request.url.path[:200]!r}")


async def _in_thread(threads: Threads, work: Callable[..., T], *args: Any) -> T:
    return await anyio.to_thread.run_sync(work, *args, limiter=threads)


def _is_file(path: Path, name: str) -> bool:
    try:
        return name == path.name and path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds NUL
        return False


# Credentials


async def _given(request: Request) -> Parameters:
    """Read what asks for a token; what can't be read is no credentials (R3)."""
    try:
        async with calls.read(request) as call:
            return call.all
    except RefusalError:
        return Parameters()


def _basic(request: Request) -> tuple[str, str] | None:
    """Return the credentials of HTTP Basic, or None (R1)."""
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        plain = base64.b64decode(word, validate=True).decode("utf-8")
    except ValueError:
        return None
    client_id, colon, secret = plain.partition(":")
    return (client_id, secret) if colon else None


def _token_of(request: Request, extension: str) -> str:
    """Return the token of a call, or "" (R6, R7)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme == BEARER:  # R6: the scheme word is case-sensitive
        return token
    # R7: a script tag can't send headers.
    return request.query_params.get("access_token", "") if extension == "js" else ""


def _unauthenticated(request: Request, extension: str) -> Response:
    """Answer 401: the same bytes in every form but JSONP, where it is data (R7)."""
    if extension == "js":
        return written(request, Answer(401, no_token.told))
    return Response(no_token.body, no_token.status, media_type=JSON_TYPE)


# Answers


def written(request: Request, answer: Answer) -> Response:
    """Write an answer in the form that its call asks for (R23)."""
    _, extension = formats.split(request.path_params.get("resource", ""))
    callback = request.query_params.get("callback")
    accept = request.headers.get("accept", "")
    form = formats.chosen(extension, accept, callback)
    status = answer.status
    if form.is_script and status != 201:
        status = 200  # R25: a script that fails would not run
    if status == 304:
        return Response(status_code=304)
    body = form.written(answer, callback or "")
    headers = {**form.headers, "Content-Type": form.media_type}
    return Response(body, status, headers)


def _counted(count: int) -> Answer:
    """Say how many were changed; 304 where it is none (R20)."""
    if count:
        return Answer(200, {"count": count})
    return Answer(304, {"status": 304, "message": "Nothing modified"})


def _allow(able: dict[str, str]) -> str:
    return ", ".join(able)


def _json(
    value: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return Response(compact(value), status, headers, media_type=JSON_TYPE)
