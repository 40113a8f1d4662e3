"""What the sandbox keeps: a row a fact. Files lie on disk, tokens as hashes.

Times are Unix seconds of the sandbox's own clock, but for tokens, which die by the
machine's. Columns that a resource shows under their own name have the platform's
words (`mimeType`, `pingUrl`).

`VERSION` counts the shapes that these tables have had; `database` takes older ones
up. Whoever changes a table adds a step there.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

__all__ = [
    "METADATA",
    "VERSION",
    "accounts",
    "content_tags",
    "contents",
    "mailings",
    "messages",
    "pings",
    "tokens",
    "versions",
]

VERSION: Final = 2

METADATA = MetaData()

versions = Table(
    "versions",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    comment="The one row is the shape of these tables; 0.1 had none of it.",
)

accounts = Table(
    "accounts",
    METADATA,
    Column("client_id", String(255), primary_key=True, comment="as clients send it"),
    Column("secret_hash", String(64), nullable=False, comment="HMAC-SHA256, hex"),
    comment="A row is a client that may ask for tokens (R1).",
)

tokens = Table(
    "tokens",
    METADATA,
    Column("token_hash", String(64), primary_key=True, comment="SHA-256, hex"),
    Column("client_id", ForeignKey("accounts.client_id"), nullable=False),
    Column(
        "expires_at",
        Float,
        nullable=False,
        index=True,
        comment="by the machine's clock",
    ),
    comment="A row is a token that was given out and may still live (R2, R5).",
)

contents = Table(
    "contents",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", ForeignKey("accounts.client_id"), nullable=False, index=True),
    Column("name", Text, nullable=False, comment="as the client named it"),
    Column("description", Text),
    Column("comment", Text),
    Column("filename", Text, nullable=False, comment="made safe, below the folder"),
    Column("filesize", Integer, nullable=False, comment="bytes of the upload"),
    Column("mimeType", String(64), nullable=False, comment="by content (R27)"),
    Column("duration", Integer, nullable=False, comment="whole seconds (R30)"),
    Column("folder", String(64), nullable=False, comment="unguessable, of its files"),
    Column("created_at", Float, nullable=False, server_default="0"),
    comment="A row is a stored audio (R30); its files lie in files/FOLDER/.",
    sqlite_autoincrement=True,
)

content_tags = Table(
    "content_tags",
    METADATA,
    Column("content_id", ForeignKey("contents.id"), primary_key=True),
    Column("position", Integer, primary_key=True, comment="order as sent, from 0"),
    Column("tag", Text, nullable=False, index=True),
    comment="A row is one tag of one content; searchable (R27).",
)

mailings = Table(
    "mailings",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", ForeignKey("accounts.client_id"), nullable=False),
    Column("name", Text, comment="of the campaign; several mailings share it (R35)"),
    Column("media", String(16), nullable=False, comment="VOICE or VOICEMAIL (R32)"),
    Column("type", String(16), comment="vxml or wav; null with VOICEMAIL (R33)"),
    Column("link", Text, nullable=False, comment="what the calls play (R33)"),
    Column("due_at", Float, nullable=False, comment="when its calls are due (R32)"),
    Column("created_at", Float, nullable=False),
    Column("contacts", Integer, nullable=False, server_default="0"),
    Column("pingUrl", Text, comment="with #id# or #ids# as the client sent it (R38)"),
    Column(
        "cancelled",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="a client stopped what still waited",
    ),
    Index("ix_mailings_name", "client_id", "name"),
    comment="A row is up to 1,000 calls with one link (R32); its state is theirs.",
    sqlite_autoincrement=True,
)

messages = Table(
    "messages",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", ForeignKey("accounts.client_id"), nullable=False, index=True),
    Column("mailing_id", ForeignKey("mailings.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False, comment="among the contacts, from 0"),
    Column("recipient", String(32), nullable=False, comment="E.164 (R34)"),
    Column("state", String(4), nullable=False, comment="the shortKey, of STATES (R40)"),
    Column("description", String(64), nullable=False, comment="as in 'voice busy'"),
    Column("created_at", Float, nullable=False),
    Column("due_at", Float, nullable=False, comment="when the call is due"),
    Column("next_at", Float, comment="when delivery acts on it next; null: final"),
    Column("sent_at", Float, comment="when it was first called"),
    Column("status_at", Float, nullable=False, comment="when it came to its state"),
    Column("duration", Integer, comment="whole seconds that were listened to"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("optout", Boolean, nullable=False, server_default=false()),
    # Statistics are counted from the index alone.
    Index("ix_messages_mailing", "mailing_id", "state", "optout"),
    Index("ix_messages_next", "next_at"),
    comment="A row is one call to one number (R40).",
    sqlite_autoincrement=True,
)

pings = Table(
    "pings",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "message_id",
        ForeignKey("messages.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("shortKey", String(4), nullable=False, comment="the state it came to"),
    Column("due_at", Float, nullable=False, comment="when it came to be owed"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column(
        "outcome",
        String(8),
        nullable=False,
        server_default="owed",
        comment="owed, done or failed",
    ),
    Column("trouble", Text, comment="what the last try failed of"),
    Index("ix_pings_due", "outcome", "due_at"),
    comment="A row is a notice of a status change that is, or was, owed (R38).",
    sqlite_autoincrement=True,
)
