"""The sandbox's state and rules: accounts, tokens, contents. No HTTP."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import shutil
import time
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from sqlalchemy import delete, insert, select

from voiceprep.contract import ENCODED_SUFFIX, FILES_PATH
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.clock import RealClock
from voiceprep.sandbox.convert import ConversionError, Converter
from voiceprep.sandbox.database import opened, reading, writing
from voiceprep.sandbox.schema import accounts, content_tags, contents, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

    from voiceprep.sandbox.clock import Clock
    from voiceprep.sandbox.parameters import Parameters
    from voiceprep.sandbox.resources import Resource

__all__ = ["NewContent", "Store"]

MAX_NAME_CHARS: Final = 255  # [ours]
_MIME: Final = {"wav": "audio/wav", "mp3": "audio/mp3"}
_UNSAFE: Final = re.compile(r"[^\w.\- ]")


@dataclass(frozen=True, slots=True)
class NewContent:
    """Hold what a client sent to create a content (R27)."""

    name: str
    filename: str
    file: BinaryIO
    description: str | None = None
    comment: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """Keep the state of one sandbox.

    Parameters
    ----------
    engine : Engine
    files : Path
        Stored files lie in folders of unguessable names below it.
    key : bytes
        Salts the hashes of secrets.
    converter : Converter
    clock : Clock
        The sandbox's own time: contents, mailings, messages and pings live by it.
        Tokens live by the machine's, over restarts too (R5).
    """

    engine: Engine
    files: Path
    key: bytes
    converter: Converter
    clock: Clock = field(default_factory=RealClock)

    @classmethod
    def open(
        cls,
        url: str,
        data: Path,
        key: bytes,
        converter: Converter,
        clock: Clock | None = None,
    ) -> Store:
        """Open the database of a URL; its tables are made where they lack."""
        engine = opened(url)
        (data / "files").mkdir(exist_ok=True)
        return cls(engine, data / "files", key, converter, clock or RealClock())

    def close(self) -> None:
        """End the converter and give the connections back."""
        self.converter.close()
        self.engine.dispose()

    # Accounts and tokens

    def set_account(self, client_id: str, secret: str) -> None:
        """Make an account, or give it another secret."""
        row = {"secret_hash": self._secret_hash(secret)}
        with writing(self.engine) as db:
            here = accounts.c.client_id == client_id
            if not db.execute(accounts.update().where(here).values(row)).rowcount:
                db.execute(insert(accounts).values(client_id=client_id, **row))

    def _secret_hash(self, secret: str) -> str:
        raw = secret.encode("utf-8", errors="surrogatepass")
        return hmac.new(self.key, raw, hashlib.sha256).hexdigest()

    def knows(self, client_id: str, secret: str) -> bool:
        """Say whether the credentials are an account's, in constant time."""
        query = select(accounts.c.secret_hash).where(accounts.c.client_id == client_id)
        with reading(self.engine) as db:
            kept = db.execute(query).scalar() or ""
        return hmac.compare_digest(kept, self._secret_hash(secret))

    def give_token(self, client_id: str, lifetime_s: float, chars: int) -> str:
        """Make a token that lives `lifetime_s` seconds; dead ones are forgotten."""
        token = secrets.token_hex((chars + 1) // 2)[:chars]
        now = time.time()
        with writing(self.engine) as db:
            db.execute(delete(tokens).where(tokens.c.expires_at <= now))
            row = {"token_hash": _hash(token), "client_id": client_id}
            db.execute(insert(tokens).values(expires_at=now + lifetime_s, **row))
        return token

    def client_of(self, token: str) -> str | None:
        """Return the account of a living token, or None (R7)."""
        alive = tokens.c.expires_at > time.time()
        query = select(tokens.c.client_id).where(tokens.c.token_hash == _hash(token))
        with reading(self.engine) as db:
            found: str | None = db.execute(query.where(alive)).scalar()
        return found

    # Resources

    def read(
        self, resource: Resource, client_id: str, given: Parameters, base_url: str
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Return the rows that a call selects, and their count where due (R15)."""
        shown = resource.properties(given.many("properties"))
        limit, offset = given.number("limit", 1), given.number("offset", 0)
        conditions = resource.conditions(given)
        own = resource.table.c.client_id == client_id
        query = resource.ordered(select(resource.table), given.one("sort"))
        query = query.where(own, *conditions).limit(limit).offset(offset)
        total: int | None = None
        counted = given.flag("total") or (limit is None and offset is None)
        with reading(self.engine) as db:
            self._forbid_foreign(db, resource, client_id, given)
            rows = _rows(db, db.execute(query).mappings().all(), base_url)
            if counted:
                total = db.execute(resource.count(own, *conditions)).scalar_one()
        return [{name: row[name] for name in shown} for row in rows], total

    def _forbid_foreign(
        self, db: Connection, resource: Resource, client_id: str, given: Parameters
    ) -> None:
        """Refuse ids of another account (R22: 403)."""
        if "id" not in given:
            return
        ids = [int(word) for word in given.many("id")]
        others = resource.table.c.client_id != client_id
        if db.execute(resource.count(resource.table.c.id.in_(ids), others)).scalar():
            raise RefusalError(403, f"{resource.name}: another client's resource")

    def delete(self, resource: Resource, client_id: str, given: Parameters) -> int:
        """Delete what the filters select, with its files; return the count (R20)."""
        conditions = resource.conditions(given)
        if not conditions:
            raise RefusalError(417, "a filter is required: all is never meant")
        own = resource.table.c.client_id == client_id
        doomed = select(contents.c.id, contents.c.folder).where(own, *conditions)
        with writing(self.engine) as db:
            self._forbid_foreign(db, resource, client_id, given)
            rows = db.execute(doomed).all()
            ids = [row.id for row in rows]
            db.execute(delete(content_tags).where(content_tags.c.content_id.in_(ids)))
            db.execute(delete(contents).where(contents.c.id.in_(ids)))
        for row in rows:
            shutil.rmtree(self.files / row.folder, ignore_errors=True)
        return len(rows)

    def create_content(
        self, client_id: str, new: NewContent, base_url: str
    ) -> dict[str, Any]:
        """Store and convert an upload; return its resource (R27–R30).

        Raises
        ------
        RefusalError
            417 where the file is not taken.
        """
        folder = secrets.token_urlsafe(24)
        place = self.files / folder
        place.mkdir(parents=True)
        try:
            stored = place / _safe_name(new.filename)
            with stored.open("xb") as file:
                shutil.copyfileobj(new.file, file)
            converted = self.converter.convert(stored, _encoded(stored))
            row = {
                "client_id": client_id,
                "name": new.name,
                "description": new.description,
                "comment": new.comment,
                "filename": stored.name,
                "filesize": stored.stat().st_size,
                "mimeType": _MIME[converted.kind],
                "duration": converted.duration_s,
                "folder": folder,
                "created_at": self.clock.now(),
            }
            return self._insert(row, new.tags, base_url)
        except ConversionError as error:
            shutil.rmtree(place, ignore_errors=True)
            raise RefusalError(417, str(error)) from error
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise

    def _insert(
        self, row: dict[str, Any], tags: tuple[str, ...], base_url: str
    ) -> dict[str, Any]:
        with writing(self.engine) as db:
            made = db.execute(insert(contents).values(row)).inserted_primary_key
            number = made[0] if made else None
            if tags:
                each = [
                    {"content_id": number, "position": position, "tag": tag}
                    for position, tag in enumerate(tags)
                ]
                db.execute(insert(content_tags), each)
            query = select(contents).where(contents.c.id == number)
            return _rows(db, db.execute(query).mappings().all(), base_url)[0]


def _hash(token: str) -> str:
    raw = token.encode("utf-8", errors="surrogatepass")
    return hashlib.sha256(raw).hexdigest()


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
        return safe[:100] or "audio"
    # The encoded file stands beside it under the suffix .pcm (R30).
    ending = "audio" if f".{suffix.lower()}" == ENCODED_SUFFIX else suffix[:10]
    return f"{stem[:100]}.{ending}"


def _encoded(stored: Path) -> Path:
    """Name the encoded file: the same folder, suffix .pcm (R30)."""
    return stored.with_suffix(ENCODED_SUFFIX)


def _rows(db: Connection, found: Sequence[Any], base_url: str) -> list[dict[str, Any]]:
    """Return the resources of content rows, their tags and links with them (R30)."""
    tags: dict[int, list[str]] = {row["id"]: [] for row in found}
    query = select(content_tags).where(content_tags.c.content_id.in_(list(tags)))
    for row in db.execute(query.order_by(content_tags.c.position)):
        tags[row.content_id].append(row.tag)
    return [_content(dict(row), tags[row["id"]], base_url) for row in found]


def _content(row: dict[str, Any], tags: list[str], base_url: str) -> dict[str, Any]:
    """Return one content as the platform shows it: ids and sizes are strings."""
    from urllib.parse import quote

    folder = f"{base_url}{FILES_PATH}{row['folder']}/"
    encoded = _encoded(Path(row["filename"])).name
    return {
        **row,
        "id": str(row["id"]),
        "filesize": str(row["filesize"]),
        "tags": tags,
        "url": folder + quote(row["filename"]),
        "url_encoded": folder + quote(encoded),
    }
