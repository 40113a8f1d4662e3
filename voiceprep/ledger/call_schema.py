"""What the ledger keeps of calls, as a document: campaigns, their mailings, whom."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from voiceprep.ledger.schema import METADATA

__all__ = ["calls", "campaigns", "mailings"]

campaigns = Table(
    "campaigns",
    METADATA,
    Column("account", Text, primary_key=True, comment="platform and client"),
    Column("name", Text, primary_key=True, comment="as all its mailings are named"),
    Column("own_name", Text, nullable=False, comment="the person's, without the tag"),
    Column("tag", String(16), nullable=False, comment="of its plan; empty if unknown"),
    Column("media", String(16), nullable=False, comment="VOICE or VOICEMAIL"),
    Column("link", Text, nullable=False, comment="what is played"),
    Column(
        "content_sha256",
        String(64),
        nullable=False,
        comment="of what is heard; empty where nobody verified it",
    ),
    Column("calls", Integer, nullable=False, comment="how many people its plan calls"),
    Column("entered_at", Float, nullable=False, comment="Unix time, seconds"),
    Column("stopped_at", Float, comment="Unix time of `mailing stop`: send no more"),
    comment="A row is one plan that was to be sent, at one account.",
)

mailings = Table(
    "mailings",
    METADATA,
    Column("account", Text, primary_key=True, comment="as in `campaigns`"),
    Column("campaign", Text, primary_key=True, comment="name in `campaigns`"),
    Column(
        "number",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="of the plan's part, from 1; tests count down from 0",
    ),
    Column("name", Text, nullable=False, comment="on the platform; a test has its own"),
    Column("state", String(16), nullable=False, comment="planned to ordered"),
    Column("calls", Integer, nullable=False, comment="how many people it calls"),
    Column("recipients_sha256", String(64), nullable=False, comment="of its numbers"),
    Column("due_at", Float, comment="Unix time of its first call; NULL is at once"),
    Column("tries", Integer, nullable=False, comment="how often it began to be sent"),
    Column("began_at", Float, comment="Unix time of the last intent to send"),
    Column("mailing_id", Text, index=True, comment="the platform's id of it"),
    Column("reason", Text, comment="why it is not ordered, in a sentence"),
    Column("updated_at", Float, nullable=False, comment="Unix time of the last move"),
    comment="A row is one part of a plan: one mailing, ordered once or never.",
)

calls = Table(
    "calls",
    METADATA,
    Column("account", Text, primary_key=True, comment="as in `mailings`"),
    Column("campaign", Text, primary_key=True, comment="as in `mailings`"),
    Column(
        "number",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="as in `mailings`",
    ),
    Column("place", Integer, primary_key=True, autoincrement=False, comment="from 0"),
    Column("recipient", String(16), nullable=False, comment="E.164"),
    Index("ix_calls_recipient", "account", "recipient"),
    comment="A row is one person whom a mailing calls.",
)
