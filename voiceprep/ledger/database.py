"""Open the ledger's database, and write to it in turns.

SQLite in WAL mode with synchronous=FULL: what is committed has reached the disk.
PostgreSQL by URL. On both, whoever writes waits for its turn at the beginning, so
that it may read, judge and write what it read.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from pathlib import Path
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

from voiceprep.errors import LedgerError
from voiceprep.ledger.schema import METADATA, STEPS, VERSION, versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

__all__ = [
    "file_of",
    "now",
    "opened",
    "reading",
    "shown",
    "troubles",
    "url_of",
    "writing",
]

_BUSY_MS: Final = 30_000
_LOCK: Final = 0x6C656467  # [ours] "ledg": PostgreSQL's lock of those who write
# [ours] Of a transaction in which nothing happens: a machine that freezes within one
# would hold up every other machine until it is back.
_IDLE_S: Final = 30
_ANEW: Final = (
    "put a copy of it back, or move it away with its -wal: a new one is made, and what "
    "the platform has is found there by its tags"
)
_AWAY: Final = (  # what libpq says where no server answers, or one that starts or ends
    *("connection refused", "could not connect", "no route to host", "timeout"),
    *("resolve host", "translate host name", "is unreachable", "timed out"),
    *("starting up", "shutting down", "server closed the connection"),
)
# What to do about what SQLite says (sqlite.org/rescode.html).
_REMEDIES: Final = {
    "malformed": _ANEW,
    "not a database": _ANEW,
    "locked": "another process is writing to it; wait for it, or end it",
    "readonly": "make the file and its folder writable",
    "unable to open": "is there such a folder, and is it writable?",
    "is full": "make room, then run again: it goes on where this ended",
}


# SQLAlchemy logs what Ctrl-C breaks off, traceback and all, and where nobody set up
# logging it goes to stderr. Whoever set it up is told as before.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())


def url_of(file: Path) -> str:
    """Return the URL of a ledger that is a file, whatever its name.

    >>> url_of(Path("/out/50%?/ledger.sqlite3"))
    'sqlite:////out/50%25%3F/ledger.sqlite3'
    """
    return "sqlite:///" + str(file).replace("%", "%25").replace("?", "%3F")


def file_of(url: str) -> Path | None:
    """Return the file that a ledger is, or would be; None where it is another kind.

    >>> file_of("sqlite:////out/50%25%3F/ledger.sqlite3")
    PosixPath('/out/50%?/ledger.sqlite3')
    """
    try:
        parts = make_url(url)
    except ArgumentError:  # whoever opens it says so
        return None
    is_file = parts.get_backend_name() == "sqlite" and parts.database
    return Path(str(parts.database)) if is_file else None


def opened(url: str) -> Engine:
    """Open the ledger of a URL; tables are made, older ones are taken up.

    Raises
    ------
    LedgerError
        Where it can't be opened, is something else's, or a newer voiceprep wrote it.
    """
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, ImportError) as error:
        raise LedgerError(
            f"the ledger can't be opened: {_first_line(error)}; it is a URL such as "
            "sqlite:////folder/ledger.sqlite3 or postgresql+psycopg://host/database"
        ) from error
    if engine.dialect.name not in _TUNE:
        raise LedgerError(f"a ledger is SQLite or PostgreSQL, not {engine.name}")
    event.listen(engine, "connect", _TUNE[engine.dialect.name])
    event.listen(engine, "begin", _begin)
    try:
        with reading(engine) as db:
            current = _is_current(db)
        if not current:
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
        first = _first(error)
        reason = _first_line(getattr(first, "orig", None) or first)
        remedies = (f"; {said}" for word, said in _REMEDIES.items() if word in reason)
        is_away = engine.dialect.name != "sqlite" and any(
            said in reason.lower() for said in _AWAY
        )
        raise LedgerError(
            f"the ledger {shown(engine)} can't be {done}: {reason}{next(remedies, '')}",
            is_away=is_away,
        ) from error


def _first(error: BaseException) -> BaseException:
    """Return what went wrong first: SQLite ends a transaction itself on a full disk.

    What is told last is then only that there is nothing to roll back.
    """
    first, each = error, error.__context__
    while each is not None:
        first = each if isinstance(each, SQLAlchemyError) else first
        each = each.__context__
    return first


def now(db: Connection) -> float:
    """Return Unix time: a server's own, as machines may differ by more than a lease."""
    if db.dialect.name == "sqlite":
        return time.time()
    said = db.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())")
    return float(said.scalar_one())


def shown(engine: Engine) -> str:
    """Name a ledger as a person may see it: a file's path, or a URL without secrets."""
    url = engine.url
    return str(url.database) if url.get_backend_name() == "sqlite" else repr(url)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _tune_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin as `_begin` says
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    _use_wal(connection)
    # An intent must be on the disk before a byte leaves.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _use_wal(connection: Any) -> None:
    """Switch to WAL; where several make one file, SQLite waits for no one in this."""
    until = time.monotonic() + _BUSY_MS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except connection.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _tune_postgresql(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_S}s'")
    connection.commit()  # else it is taken back with the first transaction


_TUNE: Final = {"sqlite": _tune_sqlite, "postgresql": _tune_postgresql}


def _begin(db: Connection) -> None:
    writes = db.get_execution_options().get("writes", False)
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _is_current(db: Connection) -> bool:
    """Say whether nothing is to be made: then who only looks need not wait to write."""
    complete = METADATA.tables.keys() <= set(inspect(db).get_table_names())
    return complete and _version(db) == VERSION


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
    """Return the version of what is there; ours where there is nothing yet.

    A server may hold tables of others beside ours, a file may not.
    """
    there = set(inspect(db).get_table_names())
    if versions.name in there:
        return int(db.execute(select(versions.c.version)).scalar_one())
    strange = there if db.dialect.name == "sqlite" else there & METADATA.tables.keys()
    if strange:
        raise LedgerError(
            f"{shown(db.engine)} is no ledger: it holds {min(strange)} of something "
            "else; name another file or database"
        )
    return VERSION
