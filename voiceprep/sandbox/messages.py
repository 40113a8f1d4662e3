"""Messages: one call to one number each; they are only read (R40, R41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import MESSAGES
from voiceprep.sandbox.machine import (
    DATE,
    FLAG,
    ID,
    NUMBER,
    TEXT,
    Attribute,
    Resource,
)
from voiceprep.sandbox.mailings import MEDIA_KIND
from voiceprep.sandbox.schema import mailings, messages

if TYPE_CHECKING:
    from voiceprep.sandbox.machine import Row

__all__ = ["RESOURCE"]


def _status(row: Row, _: str) -> dict[str, Any]:
    return {"shortKey": row["state"], "description": row["description"]}


RESOURCE: Final = Resource(
    MESSAGES,
    "message",
    messages.join(mailings, mailings.c.id == messages.c.mailing_id),
    messages.c.id,
    messages.c.client_id,
    messages.c.created_at,
    (
        Attribute("id", ID, messages.c.id, of=messages),
        Attribute("mailingId", ID, messages.c.mailing_id, of=mailings),
        Attribute("mailingName", TEXT, mailings.c.name),
        Attribute("media", MEDIA_KIND, mailings.c.media),
        Attribute("type", column=mailings.c.type),
        Attribute("link", TEXT, mailings.c.link),
        Attribute("recipient", column=messages.c.recipient),
        Attribute("date", DATE, messages.c.due_at),
        Attribute("createdDate", DATE, messages.c.created_at),
        Attribute("sentDate", DATE, messages.c.sent_at),
        Attribute("statusDate", DATE, messages.c.status_at),
        Attribute(
            "currentStatus",
            needs=(messages.c.state, messages.c.description),
            made=_status,
            parts=("shortKey", "description"),
        ),
        Attribute("status", column=messages.c.state, hidden=True),
        Attribute("duration", NUMBER, messages.c.duration),
        Attribute("attempts", NUMBER, messages.c.attempts),
        Attribute("optout", FLAG, messages.c.optout),
    ),
    required=("id", "mailingId", "mailingName"),
)
