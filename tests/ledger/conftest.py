"""Ledgers on both databases, and a clock that tests move."""

import itertools

import pytest

from voiceprep.ledger import Ledger, Listed


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql")()
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


@pytest.fixture
def file_url(tmp_path):
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(url, clock):
    with Ledger(url, clock=clock) as opened, opened.run():
        yield opened


_NUMBERS = itertools.count(1)


@pytest.fixture
def found():
    """Describe a recording as a listing finds it."""

    def make(place, size=100, stamp="1", names=None, root="/in"):
        stem = place.rpartition("/")[2].rpartition(".")[0]
        spare = tuple(f"{stem}-{n}" for n in range(2, 5))
        return Listed(place, root, size, stamp, names or (stem, *spare))

    return make
