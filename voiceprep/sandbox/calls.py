"""Read what a call brings: its parameters, wherever they stand, and its files (R9)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from voiceprep.contract import (
    ACTION_OF_VERB,
    ACTIONS,
    JSON_TYPE,
    MAX_BYTES_PLATFORM,
)
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.parameters import (
    MAX_PARAMETERS,
    Parameters,
    merged,
    of_json,
    of_urlencoded,
    together,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

__all__ = ["Call", "read", "too_large"]

OVERHEAD_BYTES: Final = 1 << 20  # [ours] of a multipart body beside its file
TEXT_BODY_BYTES: Final = 4 << 20  # [ours] of a body without a file
MAX_FILES: Final = 10  # [ours] of a multipart body
MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = frozenset({"", "application/x-www-form-urlencoded"})


@dataclass(frozen=True, slots=True)
class Call:
    """Hold a call's parameters: of the URL, of the body, and its files."""

    method: str
    url: Parameters
    body: Parameters
    files: dict[str, UploadFile]

    @property
    def all(self) -> Parameters:
        """Return the parameters of both, merged (R9)."""
        return together(self.url, self.body)

    @property
    def action(self) -> str:
        """Return what is asked for: the URL's action, the body's, the verb's (R8)."""
        verb = ACTION_OF_VERB.get(self.method)
        if verb is None:
            raise RefusalError(405, f"{self.method} is none of the methods taken")
        asked = self.url.one("action") or self.body.one("action") or verb
        if asked not in ACTIONS:
            raise RefusalError(404, f"unknown action {asked[:40]!r}")
        return asked if self.method in {"GET", "POST"} else verb


@asynccontextmanager
async def read(request: Request) -> AsyncIterator[Call]:
    """Read a call; its files are gone at the end."""
    url = merged(of_urlencoded(request.url.query))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MULTIPART:
        body = merged(await _text_pairs(request, kind))
        yield Call(request.method, url, body, {})
        return
    _limit_body(request, MAX_BYTES_PLATFORM + OVERHEAD_BYTES)
    try:
        form = await request.form(
            max_files=MAX_FILES,
            max_fields=MAX_PARAMETERS,
            max_part_size=TEXT_BODY_BYTES,
        )
    except HTTPException as error:  # python-multipart's word for a broken body
        raise RefusalError(
            400, f"the multipart body is broken: {error.detail}"
        ) from error
    try:
        pairs = [(n, v) for n, v in form.multi_items() if isinstance(v, str)]
        files = {n: v for n, v in form.multi_items() if isinstance(v, UploadFile)}
        yield Call(request.method, url, merged(pairs), files)
    finally:
        await form.close()


async def _text_pairs(request: Request, kind: str) -> list[tuple[str, Any]]:
    """Read a urlencoded or JSON body; any other is none (R9)."""
    _limit_body(request, TEXT_BODY_BYTES)
    body = await request.body()
    if kind == JSON_TYPE:
        return of_json(body)
    if kind in URLENCODED:
        return list(of_urlencoded(body.decode("utf-8", errors="replace")))
    return []


def too_large() -> RefusalError:
    """Return the refusal of a file that is too large (R28)."""
    return RefusalError(417, f"contentFile is over {MAX_BYTES_PLATFORM} bytes (20Mb)")


def _limit_body(request: Request, limit: int) -> None:
    """Refuse a body over the limit: by its declared length, or as it is read."""
    refusal = (
        too_large()
        if limit > MAX_BYTES_PLATFORM
        else RefusalError(417, f"the body is over {limit} bytes")
    )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise refusal
    receive, taken = request.receive, 0

    async def limited() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise refusal
        return message

    request._receive = limited  # noqa: SLF001 (Starlette's own seam for middleware)
