"""The sandbox under judgement, and those who call it."""

import itertools
import time

import pytest
from talk import MAILINGS, Caller, a_mailing

from voiceprep.sandbox import Sandbox


@pytest.fixture(scope="session")
def open_box(new_database, tmp_path_factory):
    """Start a sandbox with settings of the test's own; the test stops it."""

    def start(data=None, **settings):
        data = tmp_path_factory.mktemp("box") if data is None else data
        settings.setdefault("database", new_database())
        return Sandbox(data, **settings)

    return start


@pytest.fixture(scope="module")
def box(open_box):
    with open_box() as one:
        yield one


@pytest.fixture(scope="module")
def caller(box):
    return Caller(box)


@pytest.fixture(scope="module")
def other(box):
    """Call for another account of the same sandbox."""
    box.add_account("other", "their-secret")
    return Caller(box, "other", "their-secret")


@pytest.fixture(scope="session")
def words():
    """Give words that no test has used before."""
    numbers = itertools.count(1)
    return lambda stem="word": f"{stem}-{next(numbers)}"


class Player(Caller):
    """Call a sandbox whose clock runs fast, and see mailings to their end."""

    def play(self, **changed):
        """Create a mailing that is due at once; return its last statistics."""
        return self.ended(self.made(**changed))

    def made(self, **changed):
        """Create a mailing that is due at once; return its id."""
        fields = a_mailing(**{"date": None, **changed})
        reply = self.send("POST", MAILINGS, fields)
        assert reply.status == 201, reply
        return reply.ids[0]

    def readings(self, mailing, patience_s=25):
        """Yield the statistics of a mailing until all its messages have ended."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            (row,) = self.get(MAILINGS, {"id": mailing, "properties": "id,stats"}).rows
            yield row["stats"]
            if row["stats"]["wait"] == row["stats"]["on"] == 0:
                return
            time.sleep(0.01)
        pytest.fail(f"mailing {mailing} has not ended: {row}")

    def ended(self, mailing):
        *_, last = self.readings(mailing)
        return last


@pytest.fixture(scope="module")
def player(open_box):
    with open_box(clock=3_600.0) as fast:  # an hour a second
        yield Player(fast)
