"""The ledger as a file: versions, groups of writes, one run at a time."""

import subprocess
import sys
import threading

import pytest
from sqlalchemy import update

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


def test_a_ledger_of_a_newer_voiceprep_is_refused_by_name(url):
    engine = opened(url)
    with writing(engine) as db:
        db.execute(update(versions).values(version=VERSION + 1))
    engine.dispose()
    with pytest.raises(LedgerError, match="written by a newer voiceprep"):
        Ledger(url)


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
    with pytest.raises(LedgerError, match="not a database"):
        Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")


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
