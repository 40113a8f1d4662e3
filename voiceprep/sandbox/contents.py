"""Contents: the stored audio (R27–R31)."""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sqlalchemy import delete, insert, select

from voiceprep.contract import (
    CONTENTS,
    ENCODED_SUFFIX,
    FILES_PATH,
    MAX_BYTES_PLATFORM,
)
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.calls import too_large
from voiceprep.sandbox.convert import ConversionError
from voiceprep.sandbox.database import writing
from voiceprep.sandbox.machine import (
    ID,
    NUMBER,
    TEXT,
    Attribute,
    Resource,
    Row,
    chunks,
)
from voiceprep.sandbox.schema import content_tags, contents
from voiceprep.sandbox.writings import Writing, column_set, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection
    from starlette.datastructures import UploadFile

    from voiceprep.sandbox.calls import Call
    from voiceprep.sandbox.machine import Shown, Tell
    from voiceprep.sandbox.store import Store

__all__ = ["RESOURCE"]

_MIME: Final = {"wav": "audio/wav", "mp3": "audio/mp3"}
_UNSAFE: Final = re.compile(r"[^\w.\- ]")
_MAX_TEXT: Final = 10_000  # [ours] characters of a description, or a comment


def create(store: Store, client_id: str, call: Call, tell: Tell) -> Shown:
    """Store and convert an upload; return its resource (R27–R30).

    Raises
    ------
    RefusalError
        417 where something required lacks, or the file is not taken.
    """
    given = call.all
    row: dict[str, Any] = {
        "client_id": client_id,
        "name": text_of("name", given.one("name")),
        "description": _noted("description", given.one("description")),
        "comment": _noted("comment", given.one("comment")),
    }
    tags = _tags(list(given.many("tags")))
    folder = secrets.token_urlsafe(24)
    place = store.files / folder
    try:
        row |= _stored(store, _file(call), place)
        row |= {"folder": folder, "created_at": store.clock.now()}
        with writing(store.engine) as db:
            made = db.execute(insert(contents).values(row)).inserted_primary_key
            number = int(made[0]) if made else 0
            _tag(db, [number], tags)
            return tell(db, number)
    except ConversionError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise RefusalError(417, str(error)) from error
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _file(call: Call) -> UploadFile:
    file = call.files.get("contentFile")
    if file is None:
        raise RefusalError(
            417, "contentFile is required, as a file of multipart/form-data"
        )
    if (file.size or 0) > MAX_BYTES_PLATFORM:
        raise too_large()
    return file


def _stored(store: Store, file: UploadFile, place: Path) -> dict[str, Any]:
    """Keep a file and its A-law in a folder; return what is known of it then."""
    place.mkdir(parents=True)
    stored = place / _safe_name(file.filename or "audio")
    with stored.open("xb") as kept:
        shutil.copyfileobj(file.file, kept)
    converted = store.converter.convert(stored, _encoded(stored))
    return {
        "filename": stored.name,
        "filesize": stored.stat().st_size,
        "mimeType": _MIME[converted.kind],
        "duration": converted.duration_s,
    }


def _safe_name(filename: str) -> str:
    """Return a file's own name without path, control characters or tricks.

    >>> _safe_name("../../x y.wav"), _safe_name("..")
    ('x y.wav', 'audio')
    """
    last = PurePosixPath(filename.replace("\\", "/")).name
    plain = unicodedata.normalize("NFKC", last)
    safe = _UNSAFE.sub("_", plain).strip(". ")
    stem, dot, suffix = safe.rpartition(".")
    if not dot:
        return safe[:60] or "audio"
    # The encoded file stands beside it under the suffix .pcm (R30).
    ending = "audio" if f".{suffix.lower()}" == ENCODED_SUFFIX else suffix[:10]
    return f"{stem[:50]}.{ending}"  # a name has 255 bytes, a character up to four


def _encoded(stored: Path) -> Path:
    """Name the encoded file: the same folder, suffix .pcm (R30)."""
    return stored.with_suffix(ENCODED_SUFFIX)


# What attributes show, how they are searched, and how they change


def _link(encoded: bool) -> Callable[[Row, str], str]:
    """Make the link to a stored file, or to its encoded one (R30)."""

    def made(row: Row, base_url: str) -> str:
        stored = Path(row["filename"])
        name = (_encoded(stored) if encoded else stored).name
        return f"{base_url}{FILES_PATH}{row['folder']}/{quote(name)}"

    return made


def _tags_of(db: Connection, rows: Sequence[Row]) -> Mapping[int, list[str]]:
    tags: dict[int, list[str]] = {row["id"]: [] for row in rows}
    for part in chunks(list(tags)):
        query = select(content_tags).where(content_tags.c.content_id.in_(part))
        for row in db.execute(query.order_by(content_tags.c.position)):
            tags[row.content_id].append(row.tag)
    return tags


def _tagged(words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that one of some tags is there (R27)."""
    tagged = select(content_tags.c.content_id).where(content_tags.c.tag.in_(words))
    return contents.c.id.in_(tagged)


def _noted(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    return text_of(name, value, most=_MAX_TEXT)


def _tags(value: Any) -> list[str]:
    """Judge tags: a list, or a text with commas (R10)."""
    if value is None:
        return []
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list):
        raise RefusalError(417, "tags must be a list, or a text with commas")
    words = (word.strip() if isinstance(word, str) else word for word in listed)
    return [text_of("tags", word) for word in words if word != ""]


def _tag(db: Connection, ids: Sequence[int], tags: Sequence[str]) -> None:
    rows = [
        {"content_id": number, "position": position, "tag": tag}
        for number in ids
        for position, tag in enumerate(tags)
    ]
    if rows:
        db.execute(insert(content_tags), rows)


def _retag(db: Connection, ids: Sequence[int], tags: list[str], _: float) -> None:
    db.execute(delete(content_tags).where(content_tags.c.content_id.in_(ids)))
    _tag(db, ids, tags)


def _remove(db: Connection, ids: Sequence[int]) -> list[str]:
    """Remove contents; return the folders of their files."""
    here = contents.c.id.in_(ids)
    folders = list(db.execute(select(contents.c.folder).where(here)).scalars())
    db.execute(delete(content_tags).where(content_tags.c.content_id.in_(ids)))
    db.execute(delete(contents).where(here))
    return folders


_LINKED: Final = (contents.c.folder, contents.c.filename)

RESOURCE: Final = Resource(
    CONTENTS,
    "content",
    contents,
    contents.c.id,
    contents.c.client_id,
    contents.c.created_at,
    (
        Attribute("id", ID, contents.c.id, of=contents),
        Attribute(
            "name",
            TEXT,
            contents.c.name,
            writing=Writing(partial(text_of, "name"), column_set(contents.c.name)),
        ),
        Attribute(
            "description",
            TEXT,
            contents.c.description,
            writing=Writing(
                partial(_noted, "description"), column_set(contents.c.description)
            ),
        ),
        Attribute("comment", TEXT, contents.c.comment),
        Attribute("filename", TEXT, contents.c.filename),
        Attribute("filesize", ID, contents.c.filesize),
        Attribute("mimeType", column=contents.c.mimeType),
        Attribute("duration", NUMBER, contents.c.duration),
        Attribute("tags", load=_tags_of, among=_tagged, writing=Writing(_tags, _retag)),
        Attribute("url", needs=_LINKED, made=_link(encoded=False)),
        Attribute("url_encoded", needs=_LINKED, made=_link(encoded=True)),
    ),
    create=create,
    create_is_slow=True,
    remove=_remove,
)
