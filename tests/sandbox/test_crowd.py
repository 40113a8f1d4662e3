"""Many clients at once: nothing fails, and every answer is of one moment."""

import itertools
import threading

from caller import Caller, contacts

from voiceprep.sandbox import database, schema
from voiceprep.sandbox.changes import come_to

CLIENTS, ROUNDS = 40, 6


def at_once(work, count):
    """Run work in threads, each with its number; return what went wrong."""
    wrong = []

    def guarded(number):
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 (a thread's failure is the claim)
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_readers_and_writers_of_one_account_all_get_their_answers(box, call):
    made = itertools.count()

    def work(number):
        own = Caller(box.port, box.client_id, box.client_secret)
        for turn in range(ROUNDS):
            mailing = own.mailing(name=f"{number}-{turn}").row["id"]
            next(made)
            assert own("GET", f"/rest/mailings?id={mailing}").row["id"] == mailing
            told = {"id": mailing, "metaData": '{"date": "2097-01-01"}'}
            assert own("PUT", "/rest/mailings", told).json == {"count": 1}
            assert own("GET", "/rest/mailings?limit=5").json["size"] == 5
            if turn % 2:
                gone = own("DELETE", f"/rest/mailings?id={mailing}")
                assert gone.json == {"count": 1}

    for _ in range(5):  # so that five can be read from the start
        call.mailing()
    assert at_once(work, CLIENTS) == []
    left = call("GET", "/rest/mailings?limit=1&total=true").json["total"]
    assert left == 5 + next(made) // 2


def test_what_another_deletes_at_once_was_created_all_the_same(box, call):
    statuses = []

    def work(number):
        own = Caller(box.port, box.client_id, box.client_secret)
        for _ in range(ROUNDS):
            if number % 2:
                statuses.append(own.mailing(name="short-lived").status)
            else:
                statuses.append(own("DELETE", "/rest/mailings?name=short-lived").status)

    assert at_once(work, 16) == []
    assert set(statuses) <= {200, 201, 304}
    assert statuses.count(201) == 8 * ROUNDS


def test_uploads_queue_and_reads_pass_them(box, call):
    sizes = []

    def work(number):
        own = Caller(box.port, box.client_id, box.client_secret)
        if number % 4 == 0:
            assert own.upload(fields=[("name", f"u{number}")]).status == 201
        else:
            told = [own("GET", "/rest/contents?limit=3").json for _ in range(ROUNDS)]
            sizes.extend(each["size"] for each in told)

    assert at_once(work, CLIENTS) == []
    assert call("GET", "/rest/contents").json["total"] == CLIENTS // 4
    assert max(sizes) <= 3


def test_r42_a_total_is_the_sum_of_its_parts_at_every_moment(box, call):
    made = call.mailing(name="moving", contacts=contacts(*["0612345678"] * 300))
    mailing = int(made.row["id"])
    over = threading.Event()

    def deliver():
        of_mailing = schema.messages.c.mailing_id == mailing
        for position in range(0, 300, 10):
            few = schema.messages.c.position.between(position, position + 9)
            for state in ("on", ("ok", "ko", "no")[position // 10 % 3]):
                with database.writing(box._store.engine) as db:
                    more = {"next_at": 4e9} if state == "on" else {}
                    come_to(db, of_mailing & few, state, "voice x", 2e9, **more)
        over.set()

    def work(number):
        if number == 0:
            deliver()
            return
        own = Caller(box.port, box.client_id, box.client_secret)
        while not over.is_set():
            row = own("GET", f"/rest/mailings?id={mailing}").row
            stats = row["stats"]
            parts = [stats[state] for state in ("wait", "on", "ok", "ko", "no")]
            assert stats["total"] == sum(parts) == row["contactsCount"] == 300
            under_way = "on" if stats["wait"] + stats["on"] else "done"
            assert row["status"] == ("wait" if stats["wait"] == 300 else under_way)

    assert at_once(work, 8) == []
