"""The ledger as a file: versions, groups of writes, one run at a time."""

import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, text, update

from voiceprep.errors import LedgerError
from voiceprep.ledger import Ledger, State
from voiceprep.ledger.database import opened, writing
from voiceprep.ledger.schema import METADATA, VERSION, recordings, versions
from voiceprep.ledger.writer import Writer

HOLD = (
    "import sys; from voiceprep.ledger import Ledger\n"
    "with Ledger(sys.argv[1]) as ledger, ledger.run():\n"
    "    print('held', flush=True); sys.stdin.read()"
)


INTERRUPTED = (
    "import sys; from sqlalchemy import event\n"
    "from voiceprep.ledger.database import opened, reading\n"
    "def broken(*_): raise KeyboardInterrupt\n"
    "engine = opened(sys.argv[1])\n"
    "try:\n"
    "    with reading(engine) as db:\n"
    "        db.exec_driver_sql('SELECT 1')\n"
    "        event.listen(engine, 'reset', broken)\n"
    "except KeyboardInterrupt:\n"
    "    print('interrupted')\n"
)


def test_an_interrupt_as_a_connection_is_given_back_prints_no_traceback(file_url):
    words = [sys.executable, "-c", INTERRUPTED, file_url]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


def test_a_ledger_of_a_newer_voiceprep_is_refused_by_name(url):
    engine = opened(url)
    with writing(engine) as db:
        db.execute(update(versions).values(version=VERSION + 1))
    engine.dispose()
    with pytest.raises(LedgerError, match="written by a newer voiceprep"):
        Ledger(url)


# Version 1, as its SQLite wrote it: `.schema` of a ledger of that time.
VERSION_1 = """
CREATE TABLE ledger_versions (version INTEGER NOT NULL, PRIMARY KEY (version));
INSERT INTO ledger_versions VALUES (1);
CREATE TABLE uploads (
    account TEXT NOT NULL, tag VARCHAR(40) NOT NULL, "key" VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL, holder VARCHAR(32), tries INTEGER NOT NULL,
    began_at FLOAT, content_id TEXT, url TEXT, url_encoded TEXT, reason TEXT,
    kind TEXT, updated_at FLOAT NOT NULL, PRIMARY KEY (account, tag)
);
INSERT INTO uploads VALUES (
    'platform|me', 'vp-1', 'k', 'sending', 'dead', 1, 1000.0,
    NULL, NULL, NULL, NULL, NULL, 1000.0
);
INSERT INTO uploads VALUES (
    'platform|me', 'vp-2', 'l', 'uploaded', NULL, 1, 900.0,
    '7', 'u', 'e', NULL, NULL, 901.0
);
"""


def test_a_ledger_of_version_1_is_taken_up_with_what_it_knows(url, clock):
    engine = create_engine(url)
    with engine.begin() as db:
        for statement in filter(str.strip, VERSION_1.split(";")):
            db.execute(text(statement))
    engine.dispose()
    clock.now = 1_010.0
    with Ledger(url, clock=clock) as ledger, ledger.run():
        assert ledger.take("platform|me", "vp-2", "l").content_id == "7"
        unclear = ledger.take("platform|me", "vp-1", "k")
        assert unclear.state is State.UNKNOWN
        # A client of that time took up to 300 s; who sent into a file is dead.
        assert unclear.ends_at == (1_300.0 if ledger.is_shared else 1_010.0)
    Ledger(url).close()  # and once more: it has this version now


def test_what_belongs_to_something_else_is_left_alone(url):
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE runs (mine INTEGER)"))
    with pytest.raises(LedgerError, match="is no ledger: it holds runs of something"):
        Ledger(url)
    assert inspect(engine).get_table_names() == ["runs"]
    engine.dispose()


def test_a_server_may_hold_tables_of_others_a_file_may_not(url):
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE invoices (id INTEGER)"))
    engine.dispose()
    if url.startswith("sqlite"):
        with pytest.raises(LedgerError, match="holds invoices of something else"):
            Ledger(url)
    else:
        Ledger(url).close()


def test_a_machine_that_freezes_in_a_write_holds_nobody_up_for_long(postgresql):
    engine = opened(postgresql())
    with engine.connect() as db:
        name = "idle_in_transaction_session_timeout"
        assert db.exec_driver_sql(f"SHOW {name}").scalar() == "30s"
    engine.dispose()


def test_a_shared_ledger_goes_by_the_clock_of_its_server(postgresql, monkeypatch):
    with Ledger(postgresql()) as ledger:
        real = time.time()
        monkeypatch.setattr(time, "time", lambda: 0.0)  # a machine whose clock is off
        assert abs(ledger.now() - real) < 60


def test_what_the_killed_left_is_nobody_s_before_the_oldest_living_run(url, clock):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    clock.now = time.time() + 3_600  # its lease, on a server, is over
    with Ledger(url, clock=clock) as ledger, ledger.run():
        assert ledger.bury() == clock.now
        assert ledger.bury() is None
    with Ledger(url, clock=clock) as ledger, ledger.run():
        assert ledger.bury() is None  # the last one ended by itself


def test_every_table_and_unobvious_column_says_what_it_is():
    for table in METADATA.sorted_tables:
        assert table.comment.startswith(("A row is", "The one row"))
    silent = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if not column.comment
    }
    assert silent == {"ledger_versions.version", "recordings.id"}


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path):
    (tmp_path / "ledger.sqlite3").write_text("no database, " * 100)
    with pytest.raises(LedgerError, match=r"not a database; put a copy of it back"):
        Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")


def test_a_ledger_that_was_cut_short_is_said_in_a_sentence(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    Ledger(f"sqlite:///{path}").close()
    path.write_bytes(path.read_bytes()[:-4_096])  # its last page is gone
    with pytest.raises(LedgerError, match="malformed; put a copy of it back, or move"):
        Ledger(f"sqlite:///{path}")


def test_a_ledger_that_may_only_be_read_is_read(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    Ledger(f"sqlite:///{path}").close()
    with Ledger(f"sqlite:///file:{path}?mode=ro&uri=true") as ledger:
        assert ledger.count("out") == {}
        with pytest.raises(LedgerError, match="make the file and its folder writable"):
            ledger.plan([1])


def test_a_ledger_in_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path):
    with pytest.raises(LedgerError, match="is there such a folder"):
        Ledger(f"sqlite:///{tmp_path}/nowhere/ledger.sqlite3")


def test_on_a_full_disk_what_was_committed_stays_and_it_goes_on_later(file_url, found):
    def no_room(connection, _):
        connection.execute("PRAGMA max_page_count=1")  # no more pages than it has

    places = [f"/in/{number:04}.wav" for number in range(200)]
    listed = [found(place, names=(place,)) for place in places]
    with Ledger(file_url) as ledger:
        ledger.enter("out", "a" * 64, listed[:1])
    event.listen(Engine, "connect", no_room)
    try:
        with Ledger(file_url) as full:
            with pytest.raises(LedgerError, match="is full; make room, then run again"):
                full.enter("out", "a" * 64, listed)
            assert len(list(full.recordings("out", ""))) == 1
    finally:
        event.remove(Engine, "connect", no_room)
    with Ledger(file_url) as ledger:
        ledger.enter("out", "a" * 64, listed)
        assert [each.place for each in ledger.recordings("out", "")] == places


@pytest.mark.parametrize("url", ["mysql://a/b", "nonsense", "oracle+none://a"])
def test_other_databases_are_refused(url):
    with pytest.raises(LedgerError, match=r"ledger (can't be opened|is SQLite)"):
        Ledger(url)


def test_a_second_run_says_who_holds_a_file_and_waits_for_its_death(file_url):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, file_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with Ledger(file_url) as ledger:
            with pytest.raises(LedgerError, match=f"process {holder.pid} on "):
                ledger.run(wait=False).__enter__()
            said, entered = [], threading.Event()

            def take_part():
                with ledger.run(say=said.append):
                    entered.set()

            second = threading.Thread(target=take_part)
            second.start()
            assert not entered.wait(0.5)
            holder.kill()  # it can't tidy up: the system frees the lock
            assert entered.wait(20)
            second.join()
            assert [line for line in said if f"process {holder.pid} on" in line]


def test_who_only_looks_does_not_wait_for_who_writes(file_url):
    Ledger(file_url).close()
    engine = opened(file_url)
    with writing(engine) as db:
        db.execute(update(versions).values(version=VERSION))  # and it takes its time
        with Ledger(file_url) as ledger:
            assert ledger.count("out") == {}
    engine.dispose()


def test_two_that_make_one_file_at_once_wait_for_each_other(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # it is making the file just now
    timer = threading.Timer(0.3, other.rollback)
    timer.start()
    with Ledger(f"sqlite:///{path}") as ledger:
        assert ledger.count("out") == {}
    timer.join()
    other.close()


def test_a_write_that_fails_takes_no_other_with_it(url):
    engine = opened(url)
    writer = Writer(engine)
    row = {"out": "o", "root": "r", "size": 1, "stamp": "", "asked": ""}
    row |= {"listed_at": 0, "updated_at": 0, "state": State.PLANNED}
    gate = threading.Event()

    def wrong(db):
        db.execute(recordings.insert().values(place="half", name="half", **row))
        raise ValueError("on purpose")

    def right(db):
        db.execute(recordings.insert().values(place="whole", name="whole", **row))
        return "done"

    first = writer.put(lambda _: gate.wait(20))
    futures = [writer.put(wrong), writer.put(right)]  # one group, behind the gate
    gate.set()
    with pytest.raises(ValueError, match="on purpose"):
        futures[0].result(20)
    assert (first.result(20), futures[1].result(20)) == (True, "done")
    writer.close()
    with engine.connect() as db:
        assert [row.place for row in db.execute(recordings.select())] == ["whole"]
    engine.dispose()


def test_a_closed_ledger_takes_no_more(url):
    ledger = Ledger(url)
    ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        ledger.plan([1])
