"""Mailings: up to 1,000 calls with one link, and their statistics (R32–R37, R42)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sqlalchemy import case, delete, exists, func, insert, select, update

from voiceprep.contract import (
    ENCODED_SUFFIX,
    MAILINGS,
    MEDIA,
    STATES,
    STATS_FIELDS,
    VOICE,
    VOICE_TYPES,
    VOICEMAIL,
)
from voiceprep.sandbox import times
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.changes import come_to
from voiceprep.sandbox.contacts import recipients
from voiceprep.sandbox.database import writing
from voiceprep.sandbox.machine import (
    DATE,
    ID,
    NUMBER,
    TEXT,
    Attribute,
    Kind,
    Resource,
    Row,
    chunks,
)
from voiceprep.sandbox.schema import mailings, messages
from voiceprep.sandbox.writings import Writing, column_set, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from voiceprep.sandbox.calls import Call
    from voiceprep.sandbox.machine import Shown, Tell
    from voiceprep.sandbox.parameters import Parameters
    from voiceprep.sandbox.store import Store

__all__ = ["MEDIA_KIND", "RESOURCE"]

MAX_LINK_CHARS: Final = 2_000  # [ours]
CANCELLED: Final = "cancelled"  # the one state that clients set
MEDIA_KIND: Final = Kind(str.upper)


def create(store: Store, client_id: str, call: Call, tell: Tell) -> Shown:
    """Create a mailing and its messages; return its resource (R32–R37).

    Raises
    ------
    RefusalError
        417 where something required lacks or is not taken.
    """
    given, now = call.all, store.clock.now()
    row = {"client_id": client_id, "created_at": now, **_described(given, now)}
    numbers = recipients(given, row["media"])
    row["contacts"] = len(numbers)
    with writing(store.engine) as db:
        made = db.execute(insert(mailings).values(row)).inserted_primary_key
        mailing = int(made[0]) if made else 0
        call_row = {
            "client_id": client_id,
            "mailing_id": mailing,
            "state": "wait",
            "description": f"{row['media'].lower()} programmed",
            "created_at": now,
            "due_at": row["due_at"],
            "next_at": row["due_at"],
            "status_at": now,
        }
        each = [
            {**call_row, "position": position, "recipient": number}
            for position, number in enumerate(numbers)
        ]
        db.execute(insert(messages), each)
        return tell(db, mailing)


def _described(given: Parameters, now: float) -> dict[str, Any]:
    """Judge all but the contacts."""
    media = _media(given.one("media"))
    name, ping_url = given.one("name"), given.one("pingUrl")
    link = _link(_required(given, "link"))
    _match(link, media)
    return {
        "media": media,
        "link": link,
        "type": _type(_required(given, "type")) if media == VOICE else None,
        "name": text_of("name", name) if name else None,
        "due_at": max(_date(given.one("date")) or now, now),  # R32: past is at once
        "pingUrl": _url("pingUrl", ping_url) if ping_url else None,
    }


def _required(given: Parameters, name: str) -> str:
    value = given.one(name)
    if not value:
        raise RefusalError(417, f"{name} is required")
    return value


def _media(raw: str | None) -> str:
    media = (raw or "").upper()  # R33: any case is taken
    if media not in MEDIA:
        raise RefusalError(417, f"media is required: {' or '.join(MEDIA)}")
    return media


def _type(value: Any) -> str:
    word = value.lower() if isinstance(value, str) else value
    if word not in VOICE_TYPES:
        raise RefusalError(
            417, f"type must be {' or '.join(VOICE_TYPES)} ('wav' for mp3 too)"
        )
    return str(word)


def _url(name: str, value: Any) -> str:
    """Judge a link that the platform is to call."""
    url = text_of(name, value, most=MAX_LINK_CHARS)
    try:
        # R39: the patterns of a pingUrl are text, their # begins no fragment.
        parts = urlsplit(url.replace("#", "x"))
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
        good = good and parts.port != 0
    except ValueError:
        good = False
    if not good or any(char.isspace() or not char.isprintable() for char in url):
        raise RefusalError(417, f"{name} must be a link of http or https")
    return url


def _link(value: Any) -> str:
    return _url("link", value)


def _match(link: str, media: str) -> None:
    """See to it that a mailing's link is of the kind that its media plays (R33)."""
    if media == VOICEMAIL and not urlsplit(link).path.endswith(ENCODED_SUFFIX):
        raise RefusalError(
            417,
            f"link of a {VOICEMAIL} must end in {ENCODED_SUFFIX}: "
            "the content's url_encoded, not its url",
        )


def _date(value: Any) -> float | None:
    """Return Unix seconds; None is at once."""
    if value is None or value == "":
        return None
    try:
        return times.seconds(text_of("date", value))
    except ValueError as error:
        raise RefusalError(417, f"date: {error}") from error


# What attributes show


def _stats_of(db: Connection, rows: Sequence[Row]) -> Mapping[int, dict[str, int]]:
    """Count the messages of mailings, in one statement each part (R42)."""
    media = {row["id"]: row["media"] for row in rows}
    counted: dict[int, dict[str, int]] = {
        number: dict.fromkeys(STATS_FIELDS, 0) for number in media
    }
    for part in chunks(list(media)):
        query = (
            select(
                messages.c.mailing_id,
                messages.c.state,
                func.count(),
                func.sum(case((messages.c.optout, 1), else_=0)),
            )
            .where(messages.c.mailing_id.in_(part))
            .group_by(messages.c.mailing_id, messages.c.state)
        )
        for mailing, state, count, optouts in db.execute(query):
            stats = counted[mailing]
            stats[state] = count
            stats["total"] += count
            stats["optout"] += int(optouts)
    for number, stats in counted.items():
        if media[number] != VOICE:  # nobody opts out on an answering machine
            del stats["optout"]
    return counted


def _has(*states: str) -> Any:
    here = messages.c.mailing_id == mailings.c.id
    return exists().where(here, messages.c.state.in_(states)).correlate(mailings)


_STATUS: Final = case(
    (mailings.c.cancelled, CANCELLED),
    (~_has(*(state for state in STATES if state != "wait")), "wait"),
    (_has("wait", "on"), "on"),
    else_="done",
)


# How they change


def _guard(db: Connection, ids: Sequence[int], names: Sequence[str]) -> None:
    """Refuse to change or remove what is being called, or was; but not to stop it."""
    if list(names) == ["status"]:
        return
    begun = select(mailings.c.id).where(mailings.c.id.in_(ids), _STATUS != "wait")
    found = db.execute(begun.order_by(mailings.c.id)).scalars().all()
    if found:
        details = tuple(f"mailing {number} no longer waits" for number in found)
        raise RefusalError(
            417, f"{details[0]}: it can neither be changed nor deleted", details
        )


_set_link: Final = column_set(mailings.c.link)


def _relink(db: Connection, ids: Sequence[int], link: str, now: float) -> None:
    query = select(mailings.c.media).where(mailings.c.id.in_(ids)).distinct()
    for media in db.execute(query).scalars():
        _match(link, media)
    _set_link(db, ids, link, now)


def _retype(db: Connection, ids: Sequence[int], word: str, _: float) -> None:
    here = mailings.c.id.in_(ids)
    query = update(mailings).where(here, mailings.c.media == VOICE)  # R33
    db.execute(query.values(type=word))


def _postpone(
    db: Connection, ids: Sequence[int], due_at: float | None, now: float
) -> None:
    due = max(due_at or now, now)
    db.execute(update(mailings).where(mailings.c.id.in_(ids)).values(due_at=due))
    calls = update(messages).where(messages.c.mailing_id.in_(ids))
    db.execute(calls.values(due_at=due, next_at=due))


def _status(value: Any) -> str:
    if value != CANCELLED:
        raise RefusalError(417, f"status can only be set to {CANCELLED!r}")
    return CANCELLED


def _cancel(db: Connection, ids: Sequence[int], _: str, now: float) -> None:
    """Stop what still waits; what was called, or is being called, stays."""
    waiting = (messages.c.mailing_id == mailings.c.id) & (messages.c.state == "wait")
    stopped = mailings.c.id.in_(ids) & exists().where(waiting).correlate(mailings)
    db.execute(update(mailings).where(stopped).values(cancelled=True))
    for media in MEDIA:
        of_media = select(mailings.c.id).where(
            mailings.c.id.in_(ids), mailings.c.media == media
        )
        which = messages.c.mailing_id.in_(of_media) & (messages.c.state == "wait")
        come_to(db, which, "ko", f"{media.lower()} {CANCELLED}", now)


def _remove(db: Connection, ids: Sequence[int]) -> list[str]:
    db.execute(delete(mailings).where(mailings.c.id.in_(ids)))  # messages go with them
    return []


RESOURCE: Final = Resource(
    MAILINGS,
    "mailing",
    mailings,
    mailings.c.id,
    mailings.c.client_id,
    mailings.c.created_at,
    (
        Attribute("id", ID, mailings.c.id, of=mailings),
        Attribute(
            "name",
            TEXT,
            mailings.c.name,
            writing=Writing(partial(text_of, "name"), column_set(mailings.c.name)),
        ),
        Attribute("media", MEDIA_KIND, mailings.c.media),
        Attribute("type", column=mailings.c.type, writing=Writing(_type, _retype)),
        Attribute("link", TEXT, mailings.c.link, writing=Writing(_link, _relink)),
        Attribute("date", DATE, mailings.c.due_at, writing=Writing(_date, _postpone)),
        Attribute("createdDate", DATE, mailings.c.created_at),
        Attribute(
            "pingUrl",
            TEXT,
            mailings.c.pingUrl,
            writing=Writing(
                lambda value: _url("pingUrl", value) if value else None,
                column_set(mailings.c.pingUrl),
            ),
        ),
        Attribute("status", column=_STATUS, writing=Writing(_status, _cancel)),
        Attribute("contactsCount", NUMBER, mailings.c.contacts),
        Attribute(
            "stats", needs=(mailings.c.media,), load=_stats_of, parts=STATS_FIELDS
        ),
    ),
    create=create,
    guard=_guard,
    remove=_remove,
)
