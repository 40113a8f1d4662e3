"""The sandbox under judgement, and those who call it."""

import itertools

import pytest
from talk import Caller

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
    box._store.set_account("other", "their-secret")
    return Caller(box, "other", "their-secret")


@pytest.fixture(scope="session")
def words():
    """Give words that no test has used before."""
    numbers = itertools.count(1)
    return lambda stem="word": f"{stem}-{next(numbers)}"
