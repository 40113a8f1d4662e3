"""The platform's words for answers and refusals, without HTTP machinery."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from voiceprep.contract import AUTHENTICATE_FAILED

__all__ = ["RefusalError", "compact", "envelope", "no_token"]


class RefusalError(Exception):
    """Refuse a call with a status and a sentence (R22).

    Parameters
    ----------
    status : int
        Of HTTP.
    message : str
    details : tuple of str
        What each of several values is refused for.
    allow : str
        With 405: the methods that are taken.
    """

    def __init__(
        self,
        status: int,
        message: str,
        details: tuple[str, ...] = (),
        *,
        allow: str = "GET, POST, PUT, DELETE",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.allow = allow

    @property
    def told(self) -> dict[str, Any]:
        """Return what the platform says it with."""
        told: dict[str, Any] = {"status": self.status, "message": self.message}
        if self.details:
            told["messages"] = [{"details": detail} for detail in self.details]
        return told

    @property
    def body(self) -> bytes:
        """Return the same as JSON."""
        return compact(self.told)


@dataclass(frozen=True, slots=True)
class _NoToken:
    status: int = 401
    body: bytes = AUTHENTICATE_FAILED.encode("ascii")  # R7: 46 bytes to the letter
    told: dict[str, Any] = field(
        default_factory=lambda: dict(json.loads(AUTHENTICATE_FAILED))
    )


no_token = _NoToken()


def compact(value: Any) -> bytes:
    """Return compact JSON in UTF-8 (R24).

    >>> compact({"size": 0, "list": []})
    b'{"size":0,"list":[]}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate can't be sent in UTF-8; a client may still have named it.
    return text.encode("utf-8", errors="replace")


def envelope(
    rows: list[dict[str, Any]], total: int | None, status: int
) -> dict[str, Any]:
    """Return the list envelope (R18); never with a top-level `status`.

    >>> envelope([], 0, 200)
    {'size': 0, 'total': 0, 'list': [], 'httpStatusCode': 200}
    """
    return {"size": len(rows), "total": total, "list": rows, "httpStatusCode": status}
