"""The sandbox's state: accounts, tokens, and what resources share. No HTTP."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.clock import RealClock
from voiceprep.sandbox.database import opened, reading, writing
from voiceprep.sandbox.machine import chunks
from voiceprep.sandbox.schema import accounts, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Engine

    from voiceprep.sandbox.calls import Call
    from voiceprep.sandbox.clock import Clock
    from voiceprep.sandbox.convert import Converter
    from voiceprep.sandbox.machine import Attribute, Resource, Row, Shown
    from voiceprep.sandbox.parameters import Parameters

__all__ = ["Store"]


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
    late_s : float
        After how many seconds of that clock a created resource can be read.
    """

    engine: Engine
    files: Path
    key: bytes
    converter: Converter
    clock: Clock = field(default_factory=RealClock)
    late_s: float = 0.0

    @classmethod
    def open(
        cls,
        url: str,
        data: Path,
        key: bytes,
        converter: Converter,
        clock: Clock | None = None,
        late_s: float = 0.0,
    ) -> Store:
        """Open the database of a URL; its tables are made where they lack."""
        files = data / "files"
        files.mkdir(exist_ok=True)
        return cls(opened(url), files, key, converter, clock or RealClock(), late_s)

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
        if not token:
            return None
        alive = tokens.c.expires_at > time.time()
        query = select(tokens.c.client_id).where(tokens.c.token_hash == _hash(token))
        with reading(self.engine) as db:
            found: str | None = db.execute(query.where(alive)).scalar()
        return found

    # Resources

    def read(
        self,
        resource: Resource,
        client_id: str,
        given: Parameters,
        shown: Sequence[Attribute],
        base_url: str,
    ) -> tuple[list[Shown], int | None]:
        """Return the rows that a call selects, and their count where due (R15)."""
        limit, offset = given.number("limit", 1), given.number("offset", 0)
        conditions = self._conditions(resource, client_id, given)
        if self.late_s > 0:
            conditions.append(resource.born <= self.clock.now() - self.late_s)
        query = resource.ordered(resource.selection(shown), given.one("sort"))
        query = query.where(*conditions).limit(limit).offset(offset)
        total: int | None = None
        with reading(self.engine) as db:
            _forbid_foreign(db, resource, client_id, given)
            rows = db.execute(query).mappings().all()
            told = _told(db, shown, rows, base_url)
            if given.flag("total") or (limit is None and offset is None):
                total = db.execute(resource.count(*conditions)).scalar_one()
        return told, total

    def create(
        self, resource: Resource, client_id: str, call: Call, base_url: str
    ) -> Shown:
        """Create a resource; return it (R19)."""
        assert resource.create is not None  # noqa: S101 (its methods say so)
        shown = resource.shown(())
        query = resource.selection(shown)

        def tell(db: Connection, number: int) -> Shown:
            rows = db.execute(query.where(resource.key == number)).mappings().all()
            return _told(db, shown, rows, base_url)[0]

        return resource.create(self, client_id, call, tell)

    def update(self, resource: Resource, client_id: str, given: Parameters) -> int:
        """Change what the filters select as metaData says; return the count (R20)."""
        changes = resource.changes(given)
        names = [attribute.name for attribute, _ in changes]
        now = self.clock.now()
        with writing(self.engine) as db:
            ids = self._matched(db, resource, client_id, given, names)
            for part in chunks(ids):
                for attribute, value in changes:
                    assert attribute.writing is not None  # noqa: S101 (`changes`)
                    attribute.writing.apply(db, part, value, now)
        return len(ids)

    def delete(self, resource: Resource, client_id: str, given: Parameters) -> int:
        """Delete what the filters select, with its files; return the count (R20)."""
        assert resource.remove is not None  # noqa: S101 (its methods say so)
        folders: list[str] = []
        with writing(self.engine) as db:
            ids = self._matched(db, resource, client_id, given, ())
            for part in chunks(ids):
                folders += resource.remove(db, part)
        for folder in folders:
            shutil.rmtree(self.files / folder, ignore_errors=True)
        return len(ids)

    def _matched(
        self,
        db: Connection,
        resource: Resource,
        client_id: str,
        given: Parameters,
        names: Sequence[str],
    ) -> list[int]:
        """Return the ids that a call's filters select, where they may change."""
        if not resource.filters(given):
            raise RefusalError(417, "a filter is required: all is never meant")
        _forbid_foreign(db, resource, client_id, given)
        conditions = self._conditions(resource, client_id, given)
        query = select(resource.key).select_from(resource.source).where(*conditions)
        ids = list(db.execute(query.order_by(resource.key)).scalars())
        if resource.guard is not None:
            for part in chunks(ids):
                resource.guard(db, part, names)
        return ids

    def _conditions(
        self, resource: Resource, client_id: str, given: Parameters
    ) -> list[ColumnElement[bool]]:
        """Return what selects: the client's own, and all filters (R20)."""
        filters = resource.filters(given)
        required = resource.required
        if required and not any(given.many(name) for name in required):
            raise RefusalError(417, f"one of {', '.join(required)} is required")
        return [
            resource.owner == client_id,
            *(attribute.condition(given) for attribute in filters),
        ]


def _forbid_foreign(
    db: Connection, resource: Resource, client_id: str, given: Parameters
) -> None:
    """Refuse ids of another client (R22: 403)."""
    for attribute in resource.filters(given):
        table = attribute.of
        if table is None:
            continue
        theirs = table.c.id.in_(attribute.values(given)), table.c.client_id != client_id
        if db.execute(select(table.c.id).where(*theirs).limit(1)).first():
            raise RefusalError(403, f"{table.name}: another client's resource")


def _told(
    db: Connection, shown: Sequence[Attribute], rows: Sequence[Row], base_url: str
) -> list[Shown]:
    """Return resources as the platform shows them."""
    loaded = {each.name: each.load(db, rows) if each.load else {} for each in shown}
    return [
        {each.name: each.show(row, base_url, loaded[each.name]) for each in shown}
        for row in rows
    ]


def _hash(token: str) -> str:
    raw = token.encode("utf-8", errors="surrogatepass")
    return hashlib.sha256(raw).hexdigest()
