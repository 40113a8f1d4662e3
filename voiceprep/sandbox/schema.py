"""What the sandbox keeps: a row a fact. Files lie on disk, tokens as hashes."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = ["METADATA", "accounts", "content_tags", "contents", "tokens"]

METADATA = MetaData()

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
    Column("expires_at", Float, nullable=False, comment="Unix time, seconds"),
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
