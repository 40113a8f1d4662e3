"""What the platform stores, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voiceprep import contract
from voiceprep.client.stats import Stats, parse_stats
from voiceprep.client.tolerant import flag, text, whole
from voiceprep.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = [
    "Content",
    "Mailing",
    "Message",
    "parse_content",
    "parse_mailing",
    "parse_message",
]


@dataclass(frozen=True, slots=True)
class Content:
    """Hold one stored recording of the platform (R30).

    Parameters
    ----------
    id : str
    url_encoded : str
        Where the telephone's version of it is served.
    url : str or None
        Where the uploaded file is served.
    name, description, comment, filename, mime_type : str or None
    filesize : int or None
        Bytes of the uploaded file.
    duration_s : int or None
        Whole seconds, rounded down.
    tags : tuple of str
    extra : mapping
        Fields that the contract does not know, as they came.

    >>> Content(id="7001", url_encoded="https://a.fr/relance.pcm").tags
    ()
    """

    id: str
    url_encoded: str
    url: str | None = None
    name: str | None = None
    description: str | None = None
    comment: str | None = None
    filename: str | None = None
    filesize: int | None = None
    mime_type: str | None = None
    duration_s: int | None = None
    tags: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mailing:
    """Hold one mailing: up to 1,000 calls that share a link (R32 to R37).

    Parameters
    ----------
    id : str
    name : str or None
        Mailings of one name are a campaign (R35).
    media : str or None
        ``"VOICE"`` or ``"VOICEMAIL"``.
    type : str or None
        ``"vxml"`` or ``"wav"``, of VOICE only.
    link : str or None
        What is played.
    date, created_date : str or None
        ISO 8601 as it came; ``date`` is when the calls are due.
    ping_url : str or None
    status : str or None
        A word of `voiceprep.contract.MAILING_STATES`, or one that it lacks.
    contacts_count : int or None
    stats : Stats or None
        None where the answer holds none.
    extra : mapping
        Fields that the contract does not know, as they came. Not in the
        ``repr``: they may name recipients.

    >>> Mailing(id="42", name="Relance mars").stats is None
    True
    """

    id: str
    name: str | None = None
    media: str | None = None
    type: str | None = None
    link: str | None = None
    date: str | None = None
    created_date: str | None = None
    ping_url: str | None = None
    status: str | None = None
    contacts_count: int | None = None
    stats: Stats | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message: one call to one number (R40).

    Parameters
    ----------
    id : str
    state : str or None
        ``currentStatus.shortKey``: ``wait`` (programmed), ``on`` (being sent),
        ``ok``, ``ko``, ``no`` (unknown: neither success nor failure).
    description : str or None
        The platform's words for it, such as ``"voice busy"``.
    mailing_id, mailing_name, media, type, link : str or None
        Of its mailing.
    recipient : str or None
        The number that is called; not in the ``repr``.
    date, created_date, sent_date, status_date : str or None
        ISO 8601 as they came.
    duration_s : int or None
        Whole seconds that were listened to.
    attempts : int or None
    optout : bool or None
    extra : mapping
        Fields that the contract does not know, as they came; not in the ``repr``.

    >>> Message(id="91", state="ko", description="voice busy").is_final
    True
    """

    id: str
    state: str | None = None
    description: str | None = None
    mailing_id: str | None = None
    mailing_name: str | None = None
    media: str | None = None
    type: str | None = None
    link: str | None = None
    recipient: str | None = field(default=None, repr=False)
    date: str | None = None
    created_date: str | None = None
    sent_date: str | None = None
    status_date: str | None = None
    duration_s: int | None = None
    attempts: int | None = None
    optout: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more will come of it: ``ok``, ``ko`` or ``no``."""
        return self.state in contract.FINAL_STATES


def parse_content(row: Mapping[str, Any]) -> Content:
    """Read one row of the platform's list, tolerant of numbers as strings.

    Raises
    ------
    ContractError
        If ``id`` or ``url_encoded`` is missing, or a field is of another kind.

    >>> parse_content({"id": 7001, "url_encoded": "https://a.fr/x.pcm",
    ...                "filesize": "240044", "tags": ["mars"]}).filesize
    240044
    """
    return Content(
        id=_present(row, "id", "content"),
        url_encoded=_link(_present(row, "url_encoded", "content")),
        url=text(row.get("url"), "url"),
        name=text(row.get("name"), "name"),
        description=text(row.get("description"), "description"),
        comment=text(row.get("comment"), "comment"),
        filename=text(row.get("filename"), "filename"),
        filesize=whole(row.get("filesize"), "filesize"),
        mime_type=text(row.get("mimeType"), "mimeType"),
        duration_s=whole(row.get("duration"), "duration"),
        tags=_tags(row.get("tags")),
        extra=_extra(row, contract.CONTENT_FIELDS),
    )


def parse_mailing(row: Mapping[str, Any]) -> Mailing:
    """Read one mailing, tolerant of numbers as strings and of absent fields.

    Raises
    ------
    ContractError
        If ``id`` is missing, or a field is of another kind.

    >>> parse_mailing({"id": 42, "media": "voice", "contactsCount": "3"})
    Mailing(id='42', name=None, media='VOICE', ..., contacts_count=3, stats=None)
    """
    media = text(row.get("media"), "media")
    stats = row.get("stats")
    return Mailing(
        id=_present(row, "id", "mailing"),
        name=text(row.get("name"), "name"),
        media=media and media.upper(),  # R33
        type=text(row.get("type"), "type"),
        link=text(row.get("link"), "link"),
        date=text(row.get("date"), "date"),
        created_date=text(row.get("createdDate"), "createdDate"),
        ping_url=text(row.get("pingUrl"), "pingUrl"),
        status=text(row.get("status"), "status"),
        contacts_count=whole(row.get("contactsCount"), "contactsCount"),
        stats=None if stats is None else parse_stats(stats),
        extra=_extra(row, contract.MAILING_FIELDS),
    )


def parse_message(row: Mapping[str, Any]) -> Message:
    """Read one message, tolerant of numbers as strings and of absent fields.

    Raises
    ------
    ContractError
        If ``id`` is missing, or a field is of another kind.

    >>> row = {"id": 91, "currentStatus": {"shortKey": "ok", "description": "heard"}}
    >>> parse_message(row).state
    'ok'
    """
    state, description = _status(row.get("currentStatus"))
    media = text(row.get("media"), "media")
    return Message(
        id=_present(row, "id", "message"),
        state=state,
        description=description,
        mailing_id=text(row.get("mailingId"), "mailingId"),
        mailing_name=text(row.get("mailingName"), "mailingName"),
        media=media and media.upper(),
        type=text(row.get("type"), "type"),
        link=text(row.get("link"), "link"),
        recipient=text(row.get("recipient"), "recipient"),
        date=text(row.get("date"), "date"),
        created_date=text(row.get("createdDate"), "createdDate"),
        sent_date=text(row.get("sentDate"), "sentDate"),
        status_date=text(row.get("statusDate"), "statusDate"),
        duration_s=whole(row.get("duration"), "duration"),
        attempts=whole(row.get("attempts"), "attempts"),
        optout=flag(row.get("optout"), "optout"),
        extra=_extra(row, contract.MESSAGE_FIELDS),
    )


def _present(row: Mapping[str, Any], name: str, noun: str) -> str:
    if value := text(row.get(name), name):
        return value
    raise ContractError(f"the platform's answer holds a {noun} without {name}")


def _extra(row: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in known}


def _link(url: str) -> str:
    """Pass an address on only if it is one: it is printed and downloaded."""
    if url.startswith(("http://", "https://")) and url.isprintable() and " " not in url:
        return url
    raise ContractError("the platform's url_encoded is not an http or https address")


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")  # R10: both forms
    if value is None or isinstance(value, list):
        tags = (text(tag, "tags") for tag in value or ())
        return tuple(tag.strip() for tag in tags if tag and tag.strip())
    raise ContractError("the platform's tags are neither a list nor a text")


def _status(value: object) -> tuple[str | None, str | None]:
    """Read ``currentStatus``; a bare word stands for its ``shortKey``."""
    if value is None or isinstance(value, str):
        return value or None, None
    if isinstance(value, dict):
        key = text(value.get("shortKey"), "currentStatus.shortKey")
        said = text(value.get("description"), "currentStatus.description")
        return key, said
    raise ContractError("the platform's currentStatus is neither an object nor a word")
