"""What is true of each message, as a document: the one table that all readers feed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    false,
    func,
)

from voiceprep.contract import CANCELLED
from voiceprep.ledger.schema import METADATA

__all__ = ["NEVER_RANG", "passings", "truths"]

_STATE: Final = String(4)

truths = Table(
    "truths",
    METADATA,
    Column("account", Text, primary_key=True, comment="platform and client"),
    Column("id", Text, primary_key=True, comment="the platform's id of the message"),
    Column("mailing_id", Text, comment="the platform's id of its mailing"),
    Column("campaign", Text, comment="its mailing's name; several share it (R35)"),
    Column(
        "recipient",
        String(32),
        comment="E.164, whole, as a retry needs it; only ever shown masked",
    ),
    Column("media", String(16), comment="VOICE or VOICEMAIL (R32)"),
    Column(
        "state",
        _STATE,
        nullable=False,
        comment="wait, on, ok, ko or no (R40); it only moves forward",
    ),
    Column("description", Text, comment="the platform's words for it: 'voice busy'"),
    Column("since", Float, comment="Unix time it came to its state, by the platform"),
    Column("duration_s", Integer, comment="whole seconds that were listened to"),
    Column("attempts", Integer, comment="how often it was called"),
    Column(
        "optout",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="asked for no more calls (R42); never taken back",
    ),
    Column("learnt_at", Float, nullable=False, comment="Unix time we learnt its state"),
    Column(
        "learnt_by",
        String(8),
        nullable=False,
        comment="how: ping (a hint, then read), watch, sweep, stats, stop, plan",
    ),
    Column(
        "disputed",
        _STATE,
        comment="another final state that the platform told later; `state` stands",
    ),
    Column(
        "gone_at",
        Float,
        comment="Unix time; the platform lacks it since (it was stopped, and deleted)",
    ),
    Column("passed_on", _STATE, comment="the last state passed on to --forward-to"),
    Index("ix_truths_mailing", "account", "mailing_id", "state"),
    Index("ix_truths_campaign", "account", "campaign", "state"),
    comment="A row is what is known to be true of one message: read, never pinged.",
)

# A call that was stopped before it was made.
NEVER_RANG: Final = and_(
    truths.c.state == "ko",
    func.lower(func.coalesce(truths.c.description, "")).like(f"%{CANCELLED}"),
    func.coalesce(truths.c.attempts, 0) == 0,
)

passings = Table(
    "passings",
    METADATA,
    Column("account", Text, primary_key=True, comment="as in `truths`"),
    Column(
        "began_at",
        Float,
        nullable=False,
        comment="Unix time; what was learnt before it is not passed on",
    ),
    comment="A row is an account whose truths are passed on (listen --forward-to).",
)
