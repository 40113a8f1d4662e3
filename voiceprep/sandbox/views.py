"""What each path does: from a request to an answer. Work goes to threads."""

from __future__ import annotations

import base64
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from voiceprep.contract import (
    ACTION_OF_VERB,
    ACTIONS,
    BEARER,
    CONTENTS,
    GRANT_TYPE,
    INVALID_CLIENT,
    INVALID_CLIENT_DESCRIPTION,
    JSON_TYPE,
    MAX_BYTES_PLATFORM,
    TOKEN_SCOPE,
    TOKEN_TYPE,
)
from voiceprep.sandbox import identity
from voiceprep.sandbox.answers import RefusalError, compact, envelope, no_token
from voiceprep.sandbox.parameters import Parameters, merged, of_json
from voiceprep.sandbox.resources import RESOURCES, Resource
from voiceprep.sandbox.store import MAX_NAME_CHARS, NewContent, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.requests import Request

__all__ = ["Views"]

OVERHEAD_BYTES: Final = 1 << 20  # [ours] of a multipart body beside its file
TEXT_BODY_BYTES: Final = 4 << 20  # [ours] of a body without a file
_VERBS: Final = "GET, POST, PUT, DELETE"
_FOLDER: Final = re.compile(r"[\w-]{16,64}")
_TYPES: Final = {".pcm": "application/octet-stream", ".mp3": "audio/mpeg"}


@dataclass(frozen=True, slots=True)
class _Call:
    """Hold a call's parameters: of the URL, of the body, and its files."""

    url: Parameters
    body: Parameters
    files: dict[str, UploadFile]

    @property
    def all(self) -> Parameters:
        """Return the parameters of both, merged (R9)."""
        pairs = (_pairs(self.url), _pairs(self.body))
        return merged(*pairs)


def _pairs(given: Parameters) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, row in given.values.items() for value in row)


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
            raise RefusalError(405, "POST asks for a token")
        async with _called(request) as call:
            given = call.all
        client_id, secret = _basic(request) or (
            given.one("client_id") or "",
            given.one("client_secret") or "",
        )
        known = await run_in_threadpool(self.store.knows, client_id, secret)
        if not known or given.one("grant_type") != GRANT_TYPE:
            told = {
                "error": INVALID_CLIENT,
                "error_description": INVALID_CLIENT_DESCRIPTION,
            }
            return _json(told, 400, {"Cache-Control": "no-store"})
        token = await run_in_threadpool(
            self.store.give_token, client_id, self.token_lifetime_s, self.token_chars
        )
        whole = self.token_lifetime_s == int(self.token_lifetime_s)
        lifetime = int(self.token_lifetime_s) if whole else self.token_lifetime_s
        given_out = {
            "access_token": token,
            "expires_in": lifetime,  # R2: a number
            "token_type": TOKEN_TYPE,
            "scope": TOKEN_SCOPE,
        }
        return _json(given_out, 200, {"Cache-Control": "no-store"})

    async def resource(self, request: Request) -> Response:
        """Read, create, update or delete resources (R8)."""
        client_id = await run_in_threadpool(self._client_of, request)
        if client_id is None:
            return Response(no_token.body, no_token.status, media_type=JSON_TYPE)
        resource = RESOURCES.get(request.path_params["resource"])
        if resource is None:
            raise RefusalError(
                404, f"unknown resource {request.path_params['resource']!r}"
            )
        async with _called(request) as call:
            action = _action(request, call)
            if action not in resource.actions:
                raise RefusalError(405, f"{resource.name} can't be asked to {action}")
            answer = {
                "read": self._read,
                "create": self._create,
                "delete": self._delete,
            }[action]
            return await run_in_threadpool(answer, resource, client_id, call)

    def _client_of(self, request: Request) -> str | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # R6: the scheme word is case-sensitive.
        return self.store.client_of(token) if scheme == BEARER and token else None

    def _read(self, resource: Resource, client_id: str, call: _Call) -> Response:
        rows, total = self.store.read(resource, client_id, call.all, self.base_url)
        return Response(envelope(rows, total, 200), 200, media_type=JSON_TYPE)

    def _delete(self, resource: Resource, client_id: str, call: _Call) -> Response:
        count = self.store.delete(resource, client_id, call.all)
        return _json({"count": count}) if count else Response(status_code=304)

    def _create(self, resource: Resource, client_id: str, call: _Call) -> Response:
        assert resource.name == CONTENTS  # noqa: S101 (the one that can be created)
        new = _new_content(call)
        row = self.store.create_content(client_id, new, self.base_url)
        return Response(envelope([row], None, 201), 201, media_type=JSON_TYPE)  # R19

    async def stored(self, request: Request) -> Response:
        """Serve a stored file, without a token (H2, R31)."""
        if request.method not in {"GET", "HEAD"}:
            raise RefusalError(405, "stored files can only be read")
        folder, name = request.path_params["folder"], request.path_params["name"]
        path = self.store.files / folder / name
        if not _FOLDER.fullmatch(folder) or name != path.name or not path.is_file():
            raise RefusalError(404, "no such file")
        kind = _TYPES.get(path.suffix.lower(), "audio/wav")
        headers = {"X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type=kind, headers=headers)

    async def nothing(self, request: Request) -> Response:
        """Answer every path that is none."""
        raise RefusalError(404, f"unknown path {request.url.path[:200]!r}")


def _json(
    value: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return Response(compact(value), status, headers, media_type=JSON_TYPE)


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


def _action(request: Request, call: _Call) -> str:
    """Return what is asked for: the URL's action, the body's, the verb's (R8)."""
    verb = ACTION_OF_VERB.get(request.method)
    if verb is None:
        raise RefusalError(405, f"{request.method} is none of {_VERBS}")
    if request.method not in {"GET", "POST"}:
        return verb
    action = call.url.one("action") or call.body.one("action") or verb
    if action not in ACTIONS:
        raise RefusalError(404, f"unknown action {action[:40]!r}")
    return action


def _new_content(call: _Call) -> NewContent:
    """Read what a client sent to create a content (R27)."""
    given = call.all
    name, file = given.one("name"), call.files.get("contentFile")
    if not name:
        raise RefusalError(417, "name is required")
    if len(name) > MAX_NAME_CHARS:
        raise RefusalError(417, f"name has over {MAX_NAME_CHARS} characters")
    if file is None:
        raise RefusalError(
            417, "contentFile is required, as a file of multipart/form-data"
        )
    if (file.size or 0) > MAX_BYTES_PLATFORM:
        raise _too_large()
    return NewContent(
        name=name,
        filename=file.filename or "audio",
        file=file.file,
        description=given.one("description"),
        comment=given.one("comment"),
        tags=given.many("tags"),
    )


def _too_large() -> RefusalError:
    return RefusalError(417, f"contentFile is over {MAX_BYTES_PLATFORM} bytes (20Mb)")


@asynccontextmanager
async def _called(request: Request) -> AsyncIterator[_Call]:
    """Read a call's parameters and files; the files are gone at the end."""
    url = merged(parse_qsl(request.url.query, keep_blank_values=True))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        yield _Call(url, merged(await _text_pairs(request, kind)), {})
        return
    _limit_body(request, MAX_BYTES_PLATFORM + OVERHEAD_BYTES)
    try:
        form = await request.form(max_files=10, max_part_size=TEXT_BODY_BYTES)
    except HTTPException as error:  # python-multipart's word for a broken body
        raise RefusalError(
            400, f"the multipart body is broken: {error.detail}"
        ) from error
    try:
        pairs = [(n, v) for n, v in form.multi_items() if isinstance(v, str)]
        files = {n: v for n, v in form.multi_items() if isinstance(v, UploadFile)}
        yield _Call(url, merged(pairs), files)
    finally:
        await form.close()


async def _text_pairs(request: Request, kind: str) -> list[tuple[str, str]]:
    """Read a urlencoded or JSON body; any other is none (R9)."""
    _limit_body(request, TEXT_BODY_BYTES)
    body = await request.body()
    if kind == JSON_TYPE:
        return of_json(body)
    if kind in {"", "application/x-www-form-urlencoded"}:
        text = body.decode("utf-8", errors="replace")
        return parse_qsl(text, keep_blank_values=True)
    return []


def _limit_body(request: Request, limit: int) -> None:
    """Refuse a body over the limit: by its declared length, or as it is read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large()
    receive, read = request.receive, 0

    async def limited() -> Any:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise _too_large()
        return message

    request._receive = limited  # noqa: SLF001 (Starlette's own seam for middleware)
