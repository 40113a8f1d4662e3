"""Open the ledger's database, and write to it in turns.

SQLite in WAL mode with synchronous=FULL: what is committed has reached the disk.
PostgreSQL by URL. On both, whoever writes waits for its turn at the beginning, so
that it may read, judge and write what it read.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, insert, inspect, select, text, update
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from voiceprep.errors import LedgerError
from voiceprep.ledger.schema import METADATA, STEPS, VERSION, versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

__all__ = ["opened", "reading", "shown", "troubles", "writing"]

_BUSY_MS: Final = 30_000
_LOCK: Final = 0x6C656467  # [ours] "ledg": PostgreSQL's lock of those who write
_DIALECTS: Final = ("sqlite", "postgresql")


def opened(url: str) -> Engine:
    """Open the ledger of a URL; tables are made, older ones are taken up.

    Raises
    ------
    LedgerError
        Where it can't be opened, or a newer voiceprep wrote it.
    """
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, ImportError) as error:
        raise LedgerError(
            f"the ledger can't be opened: {_first_line(error)}; it is a URL such as "
            "sqlite:////folder/ledger.sqlite3 or postgresql+psycopg://host/database"
        ) from error
    if engine.dialect.name not in _DIALECTS:
        raise LedgerError(f"a ledger is SQLite or PostgreSQL, not {engine.name}")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin)
    try:
        with writing(engine) as db:
            _take_up(db)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that reads one moment."""
    with troubles(engine, "read"), engine.connect() as db:
        yield db


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that writes; it commits at the end."""
    turns = engine.execution_options(writes=True)
    with troubles(engine, "written"), turns.begin() as db:
        yield db


@contextmanager
def troubles(engine: Engine, done: str) -> Iterator[None]:
    """Turn the database's errors into ours."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = _first_line(getattr(error, "orig", None) or error)
        raise LedgerError(
            f"the ledger {shown(engine)} can't be {done}: {reason}"
        ) from error


def shown(engine: Engine) -> str:
    """Name a ledger as a person may see it: a file's path, or a URL without secrets."""
    url = engine.url
    return str(url.database) if url.get_backend_name() == "sqlite" else repr(url)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _tune_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin as `_begin` says
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # an intent must be on the disk before a byte leaves
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(db: Connection) -> None:
    writes = db.get_execution_options().get("writes", False)
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _take_up(db: Connection) -> None:
    """Make what tables lack, and bring older ones to this version."""
    found = _version(db)
    if found > VERSION:
        raise LedgerError(
            f"the ledger {shown(db.engine)} has version {found}, written by a newer "
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
    if versions.name not in inspect(db).get_table_names():
        return VERSION
    return int(db.execute(select(versions.c.version)).scalar_one())
