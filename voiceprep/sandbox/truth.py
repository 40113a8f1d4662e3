"""What there really is, whoever asks: for tests, and for the page.

The platform's face shows an account its own resources, late ones late. Here stands
everything that the database holds, so that nobody can be called twice unseen.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sqlalchemy import func, select

from voiceprep.contract import FILES_PATH, STATES
from voiceprep.sandbox.database import reading
from voiceprep.sandbox.schema import contents, mailings, messages, pings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

__all__ = ["truth"]

_TABLES: Final = (contents, mailings, messages, pings)
_TIMES: Final = frozenset(
    {"created_at", "due_at", "next_at", "sent_at", "status_at"}
)  # of the sandbox's clock


def truth(engine: Engine, latest: int | None = None) -> dict[str, Any]:
    """Return every content, mailing, message and ping, of one moment.

    Parameters
    ----------
    engine : Engine
    latest : int or None
        How many of each, counted from the newest; None is all.

    Returns
    -------
    dict
        `contents`, `mailings` (with `stats`), `messages`, `pings`; oldest first,
        columns as the tables have them, times in ISO-8601 of UTC. `counts` counts
        all of each.
    """
    with reading(engine) as db:
        told: dict[str, Any] = {
            table.name: _rows(db, table, latest) for table in _TABLES
        }
        counts = {
            table.name: db.execute(select(func.count()).select_from(table)).scalar()
            for table in _TABLES
        }
        stats = _stats(db, [row["id"] for row in told["mailings"]], latest)
    for row in told["mailings"]:
        row["stats"] = stats.get(row["id"], _counted({}, 0))
    for row in told["contents"]:
        row["path"] = f"/{FILES_PATH}{row['folder']}/{quote(row['filename'])}"
    return {"counts": counts, **told}


def _rows(db: Connection, table: Table, latest: int | None) -> list[dict[str, Any]]:
    query = select(table).order_by(table.c.id.desc()).limit(latest)
    rows = db.execute(query).mappings().all()
    return [_told(dict(row)) for row in reversed(rows)]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    for name in _TIMES & row.keys():
        row[name] = _iso(row[name])
    return row


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _stats(
    db: Connection, ids: list[int], latest: int | None
) -> dict[int, dict[str, int]]:
    """Count the messages of mailings by state, and who opted out (R42)."""
    counted = select(
        *(messages.c.mailing_id, messages.c.state, messages.c.optout),
        func.count().label("count"),
    ).group_by(messages.c.mailing_id, messages.c.state, messages.c.optout)
    if latest is not None:
        counted = counted.where(messages.c.mailing_id.in_(ids))
    states: dict[int, dict[str, int]] = {}
    optouts: dict[int, int] = {}
    for row in db.execute(counted).mappings():
        mailing, count = row["mailing_id"], row["count"]
        of_mailing = states.setdefault(mailing, {})
        of_mailing[row["state"]] = of_mailing.get(row["state"], 0) + count
        optouts[mailing] = optouts.get(mailing, 0) + count * row["optout"]
    return {each: _counted(found, optouts[each]) for each, found in states.items()}


def _counted(found: dict[str, int], optout: int) -> dict[str, int]:
    by_state = {state: found.get(state, 0) for state in STATES}
    return {"total": sum(by_state.values()), **by_state, "optout": optout}
