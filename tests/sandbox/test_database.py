"""The sandbox's tables: older ones taken up, newer ones refused, calls in order."""

import sqlite3
import threading

import pytest
from sqlalchemy import insert, select

from voiceprep.errors import SettingsError
from voiceprep.sandbox import database, schema
from voiceprep.sandbox.changes import come_to

# What voiceprep 0.1 made, as `sqlite3 sandbox.sqlite3 .schema` prints it.
OF_0_1 = """
CREATE TABLE accounts (client_id VARCHAR(255) NOT NULL, secret_hash VARCHAR(64)
  NOT NULL, PRIMARY KEY (client_id));
CREATE TABLE tokens (token_hash VARCHAR(64) NOT NULL, client_id VARCHAR(255) NOT NULL,
  expires_at FLOAT NOT NULL, PRIMARY KEY (token_hash),
  FOREIGN KEY(client_id) REFERENCES accounts (client_id));
CREATE TABLE contents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  client_id VARCHAR(255) NOT NULL, name TEXT NOT NULL, description TEXT, comment TEXT,
  filename TEXT NOT NULL, filesize INTEGER NOT NULL, "mimeType" VARCHAR(64) NOT NULL,
  duration INTEGER NOT NULL, folder VARCHAR(64) NOT NULL,
  FOREIGN KEY(client_id) REFERENCES accounts (client_id));
CREATE INDEX ix_contents_client_id ON contents (client_id);
CREATE TABLE content_tags (content_id INTEGER NOT NULL, position INTEGER NOT NULL,
  tag TEXT NOT NULL, PRIMARY KEY (content_id, position),
  FOREIGN KEY(content_id) REFERENCES contents (id));
CREATE INDEX ix_content_tags_tag ON content_tags (tag);
INSERT INTO accounts VALUES ('sandbox', 'x');
INSERT INTO contents VALUES (7, 'sandbox', 'old', NULL, NULL, 'a.wav', 160044,
  'audio/wav', 10, 'folder');
"""


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'sandbox.sqlite3'}"


@pytest.fixture
def engine(url):
    engine = database.opened(url)
    yield engine
    engine.dispose()


def fill(engine, ping_url=None, calls=3):
    """Put in one mailing of calls that wait."""
    with database.writing(engine) as db:
        db.execute(insert(schema.accounts).values(client_id="a", secret_hash="x"))
        mailing = {"id": 1, "client_id": "a", "media": "VOICE", "link": "http://a/a"}
        times = {"due_at": 10.0, "created_at": 5.0}
        db.execute(insert(schema.mailings).values(pingUrl=ping_url, **mailing, **times))
        for position in range(calls):
            call = {"client_id": "a", "mailing_id": 1, "recipient": "+33612345678"}
            call |= {"state": "wait", "description": "voice programmed", **times}
            call |= {"position": position, "next_at": 10.0, "status_at": 5.0}
            db.execute(insert(schema.messages).values(call))


def test_tables_of_0_1_are_taken_up_with_what_they_hold(tmp_path, url):
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as old:
        old.executescript(OF_0_1)
    old.close()
    for _ in range(2):  # and what was taken up opens again
        engine = database.opened(url)
        with database.reading(engine) as db:
            (row,) = db.execute(select(schema.contents)).mappings()
            assert (row["id"], row["name"], row["created_at"]) == (7, "old", 0)
            assert db.execute(select(schema.messages)).all() == []
        engine.dispose()


def test_tables_of_a_newer_voiceprep_are_refused_and_left_alone(url, engine):
    with database.writing(engine) as db:
        db.execute(schema.versions.update().values(version=schema.VERSION + 1))
    with pytest.raises(SettingsError, match="written by a newer"):
        database.opened(url)
    with database.reading(engine) as db:
        assert db.execute(select(schema.versions.c.version)).scalar() > schema.VERSION


def test_a_database_that_is_none_is_a_settings_error(tmp_path):
    (tmp_path / "text").write_text("this is text, not a database " * 100)
    with pytest.raises(SettingsError, match="can't be opened"):
        database.opened(f"sqlite:///{tmp_path / 'text'}")
    with pytest.raises(SettingsError, match="can't be opened"):
        database.opened("nonsense")


def test_writers_wait_for_each_other_even_when_they_read_first(engine):
    fill(engine)
    failures = []

    def add_one():
        try:
            for _ in range(20):
                with database.writing(engine) as db:
                    query = select(schema.messages.c.attempts).limit(1)
                    attempts = db.execute(query).scalar_one()
                    db.execute(schema.messages.update().values(attempts=attempts + 1))
        except Exception as error:  # noqa: BLE001 (a thread's failure is the claim)
            failures.append(error)

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading(engine) as db:
        counts = db.execute(select(schema.messages.c.attempts)).scalars().all()
    assert counts == [8 * 20] * 3


def test_a_read_sees_one_moment(engine):
    fill(engine)
    query = select(schema.messages.c.state)
    with database.reading(engine) as db:
        before = db.execute(query).scalars().all()
        with database.writing(engine) as other:
            other.execute(schema.messages.update().values(state="ok"))
        assert db.execute(query).scalars().all() == before
    with database.reading(engine) as db:
        assert db.execute(query).scalars().all() == ["ok"] * 3


def test_r38_a_change_owes_a_ping_for_each_message_of_a_mailing_that_asks(engine):
    fill(engine, "http://127.0.0.1/?id=#id#")
    which = schema.messages.c.position < 2
    with database.writing(engine) as db:
        assert come_to(db, which, "on", "voice calling", 11.0, next_at=12.0) == 2
    with database.writing(engine) as db:
        assert come_to(db, which, "ok", "voice delivered", 12.0, duration=9) == 2
    with database.reading(engine) as db:
        owed = db.execute(
            select(schema.pings.c.message_id, schema.pings.c.shortKey)
        ).all()
        assert sorted(owed) == [(1, "ok"), (1, "on"), (2, "ok"), (2, "on")]
        ends = db.execute(select(schema.messages.c.next_at)).scalars().all()
        assert ends == [None, None, 10.0]


def test_without_a_ping_url_nothing_is_owed(engine):
    fill(engine)
    with database.writing(engine) as db:
        come_to(db, schema.messages.c.id > 0, "no", "voice unknown", 11.0)
        assert db.execute(select(schema.pings)).all() == []


def test_what_goes_with_a_mailing_goes_with_it(engine):
    fill(engine, "http://127.0.0.1/?id=#id#")
    with database.writing(engine) as db:
        come_to(db, schema.messages.c.id > 0, "on", "voice calling", 11.0)
        db.execute(schema.mailings.delete())
        for table in (schema.messages, schema.pings):
            assert db.execute(select(table)).all() == []
