"""What the platform stores, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voiceprep import contract
from voiceprep.client.tolerant import text, whole
from voiceprep.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Content", "parse_content"]


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
    known = contract.CONTENT_FIELDS
    return Content(
        id=_present(row, "id"),
        url_encoded=_link(_present(row, "url_encoded")),
        url=text(row.get("url"), "url"),
        name=text(row.get("name"), "name"),
        description=text(row.get("description"), "description"),
        comment=text(row.get("comment"), "comment"),
        filename=text(row.get("filename"), "filename"),
        filesize=whole(row.get("filesize"), "filesize"),
        mime_type=text(row.get("mimeType"), "mimeType"),
        duration_s=whole(row.get("duration"), "duration"),
        tags=_tags(row.get("tags")),
        extra={name: value for name, value in row.items() if name not in known},
    )


def _present(row: Mapping[str, Any], name: str) -> str:
    if value := text(row.get(name), name):
        return value
    raise ContractError(f"the platform's answer holds a content without {name} (R30)")


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
