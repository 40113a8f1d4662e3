"""What the ledger keeps, as a document: a row a fact, a comment each column."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from voiceprep.ledger.states import State

__all__ = ["METADATA", "STEPS", "VERSION", "recordings", "runs", "uploads", "versions"]

VERSION: Final = 2
# From each version to the next: the statements that take up what is there. Tables
# that are new need none: they are made where they lack.
STEPS: Final[dict[int, tuple[str, ...]]] = {
    1: (
        "ALTER TABLE uploads ADD COLUMN ends_at FLOAT",
        # 300 s is `deadline_s` of that time, where nobody had set another one.
        "UPDATE uploads SET ends_at = began_at + 300",
    ),
}

METADATA = MetaData()


class _States(TypeDecorator[State]):
    """Keep a state as its word; psycopg would write an enum's name."""

    impl = String(16)
    cache_ok = True

    def process_bind_param(self, value: State | None, dialect: Any) -> str | None:
        del dialect
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Any) -> State | None:
        del dialect
        return None if value is None else State(value)


class _Sentence(TypeDecorator[str]):
    """Keep a sentence, in which a path may hold what no database takes for text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        del dialect
        if value is None:
            return None
        plain = value.encode("utf-8", "backslashreplace").decode()
        return plain.replace("\0", "\\0")  # PostgreSQL refuses NUL


_BIG: Final = BigInteger().with_variant(Integer, "sqlite")  # counts up by itself there

versions = Table(
    "ledger_versions",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    comment="The one row is the version of these tables.",
)

runs = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True, comment="random, in hex"),
    Column("host", Text, nullable=False, comment="the machine's name"),
    Column("pid", Integer, nullable=False, comment="the process's number there"),
    Column("started_at", Float, nullable=False, comment="Unix time, seconds"),
    Column(
        "alive_until",
        Float,
        nullable=False,
        comment="Unix time; moved on while it lives, so what it holds is its own",
    ),
    comment="A row is a run that may hold recordings and uploads, or that died.",
)

recordings = Table(
    "recordings",
    METADATA,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("out", Text, nullable=False, comment="folder or URL of its artefacts"),
    Column("place", Text, nullable=False, comment="its path or URL"),
    Column("root", Text, nullable=False, comment="the input in which it was found"),
    Column("name", Text, nullable=False, comment="of its artefacts, below `out`"),
    Column("size", _BIG, nullable=False, comment="bytes, when it was listed"),
    Column(
        "stamp",
        Text,
        nullable=False,
        comment="with `size`: same stamp, same bytes (mtime and inode, or an etag)",
    ),
    Column("listed_at", Float, nullable=False, comment="Unix time of the last listing"),
    Column(
        "absent",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="whether the last listing of its root lacked it",
    ),
    Column("asked", String(64), nullable=False, comment="SHA-256 of what was asked"),
    Column("state", _States, nullable=False, comment="planned to prepared"),
    Column("holder", String(32), comment="the run that prepares it now"),
    Column("source_sha256", String(64), comment="of its bytes, when it was prepared"),
    Column("key", String(64), comment="SHA-256 of `source_sha256` and `asked`"),
    Column("verdict", String(24), comment="fit, fit_with_warnings, refused, …"),
    Column("seconds", Float, comment="of sound in the source"),
    Column("outgoing", Text, comment="the file to upload, as a place"),
    Column("tag", String(40), comment="of the bytes to upload; leads to `uploads`"),
    Column("alaw_sha256", String(64), comment="of NAME.pcm: what a person approves"),
    Column("prepared_sha256", String(64), comment="of NAME.wav, likewise"),
    Column("result", Text, comment="what was found, as JSON"),
    Column("reason", _Sentence, comment="why it failed, in a sentence"),
    Column("updated_at", Float, nullable=False, comment="Unix time of the last move"),
    UniqueConstraint("out", "place"),
    UniqueConstraint("out", "name"),
    Index("ix_recordings_work", "out", "state", "size"),
    comment="A row is one recording, and what was last made of it in one `out`.",
)

uploads = Table(
    "uploads",
    METADATA,
    Column("account", Text, primary_key=True, comment="platform and client"),
    Column("tag", String(40), primary_key=True, comment="of the bytes, as it is sent"),
    Column("key", String(64), nullable=False, index=True, comment="of the recording"),
    Column("state", _States, nullable=False, comment="prepared to uploaded"),
    Column("holder", String(32), comment="the run that sends it now"),
    Column("tries", Integer, nullable=False, comment="how often it began to be sent"),
    Column("began_at", Float, comment="Unix time of the last intent to send"),
    Column("ends_at", Float, comment="Unix time after which no byte of it leaves"),
    Column("content_id", Text, comment="the platform's id of it"),
    Column("url", Text, comment="what VOICE plays"),
    Column("url_encoded", Text, comment="what VOICEMAIL plays"),
    Column("reason", _Sentence, comment="why it was refused or failed, in a sentence"),
    Column("kind", Text, comment="the class of that error"),
    Column("updated_at", Float, nullable=False, comment="Unix time of the last move"),
    comment="A row is one set of bytes, sent or to be sent once to one account.",
)
