"""Open the sandbox's database: SQLite by default, PostgreSQL by URL alone.

Readers see one moment from their first question to their last, and wait for nobody.
Writers take turns from their beginning on: SQLite would fail one that reads first and
writes later at once ("database is locked"), PostgreSQL would let two judge the same
row. So whoever writes may read, judge and write, and needs no lock of its own.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from voiceprep.errors import SettingsError
from voiceprep.sandbox.schema import METADATA, VERSION, versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

__all__ = ["CONNECTIONS", "opened", "reading", "writing"]

CONNECTIONS: Final = 16  # [ours] at once; more wait their turn
_BUSY_S: Final = 30
_LOCK: Final = 0x766F6963  # [ours] "voic": PostgreSQL's lock of those who write
_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    # Of both, a crash of the machine may take the last commits, but breaks none.
    "sqlite": {"connect_args": {"timeout": _BUSY_S}},
    "postgresql": {
        "connect_args": {"options": "-c synchronous_commit=off"},
        "pool_pre_ping": True,
    },
}
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
_ONE_MOMENT: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {},  # in WAL mode a reader sees one anyhow
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}

# From each version to the next one; 1 is what voiceprep 0.1 wrote.
STEPS: Final[dict[int, tuple[str, ...]]] = {
    1: (
        "ALTER TABLE contents ADD COLUMN created_at FLOAT NOT NULL DEFAULT 0",
        "CREATE INDEX ix_tokens_expires_at ON tokens (expires_at)",
    ),
}


def opened(url: str) -> Engine:
    """Open the database of a URL; tables are made, older ones are taken up.

    Parameters
    ----------
    url : str
        SQLAlchemy's, of a file of SQLite, or of PostgreSQL with psycopg.

    Raises
    ------
    SettingsError
        Where it can't be opened, or a newer voiceprep wrote it.
    """
    try:
        engine = _engine(url)
        try:
            with writing(engine) as db:
                _take_up(db)
        except BaseException:
            engine.dispose()
            raise
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise SettingsError(
            f"the sandbox's database can't be opened: {_place(url)}{reason}"
        ) from error
    return engine


def _place(url: str) -> str:
    """Name the database, where it has a name; never its password."""
    try:
        place = make_url(url)
    except ArgumentError:
        return ""
    kept = place.get_backend_name() == "sqlite" and place.database
    return f"{kept or place.render_as_string(hide_password=True)}: "


def _engine(url: str) -> Engine:
    """Make the engine of a URL, whose transactions begin as they should."""
    kind = make_url(url).get_backend_name()
    if kind not in _SETTINGS or url in {"sqlite://", "sqlite:///:memory:"}:
        raise SettingsError(
            f"the sandbox's database is a file of sqlite, or postgresql, not {kind}"
        )
    # What Ctrl-C breaks off is no trouble: SQLAlchemy's log of it goes where it is led.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=2 * _BUSY_S,
        **_SETTINGS[kind],
    )
    if kind == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that reads."""
    with engine.execution_options(**_ONE_MOMENT[engine.dialect.name]).connect() as db:
        yield db


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that writes; it commits at the end."""
    with engine.execution_options(writes=True).begin() as db:
        yield db


def _tune_sqlite(connection: Any, _: object) -> None:
    """Let readers and writers of several threads and processes get along."""
    connection.isolation_level = None  # transactions begin as `_begin_sqlite` says
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE" if _writes(db) else "BEGIN")


def _begin_postgresql(db: Connection) -> None:
    if _writes(db):
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _writes(db: Connection) -> bool:
    return bool(db.get_execution_options().get("writes", False))


def _take_up(db: Connection) -> None:
    """Make what tables lack, and bring older ones to this version."""
    found = _version(db)
    if found > VERSION:
        raise SettingsError(
            f"the sandbox's tables have version {found}, written by a newer "
            f"voiceprep; this one knows {VERSION}"
        )
    for version in range(found, VERSION):
        for step in STEPS.get(version, ()):
            db.execute(text(step))
    METADATA.create_all(db)
    if not db.execute(update(versions).values(version=VERSION)).rowcount:
        db.execute(insert(versions).values(version=VERSION))


def _version(db: Connection) -> int:
    """Return the version of what is there; ours where there is nothing yet."""
    tables = inspect(db).get_table_names()
    if versions.name in tables:
        return int(db.execute(select(versions.c.version)).scalar_one())
    return 1 if "contents" in tables else VERSION
