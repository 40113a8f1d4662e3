"""Folders of recordings, and a sandbox whose truth can be read."""

import threading

import pytest
from material import talk

from voiceprep import Client, Settings
from voiceprep.ledger import Ledger
from voiceprep.pipeline.brake import Brake
from voiceprep.pipeline.calls import Caller
from voiceprep.pipeline.folder import Order, batch
from voiceprep.pipeline.ordering import Orderer
from voiceprep.sandbox import Sandbox


@pytest.fixture
def record(tmp_path):
    """Record talks into a folder; each number is another recording."""

    def make(count, folder=tmp_path / "in", first=0):
        return [
            talk(folder / f"talk-{seed:03}.wav", 10.0, seed)
            for seed in range(first, first + count)
        ]

    return make


@pytest.fixture
def order(tmp_path):
    """Order a batch of one folder into another, short of patience."""

    def make(**asked):
        usual = {
            "sources": (str(tmp_path / "in"),),
            "out": str(tmp_path / "out"),
            "engine": "inline",
            "lookup_gap_s": 0.1,
            "upload_limit_s": 0.2,
        }
        return Order(**{**usual, **asked})

    return make


class Told:
    """Keep what a batch tells."""

    def __init__(self):
        self.events = []

    def __call__(self, event):
        assert threading.current_thread() is threading.main_thread()
        self.events.append(event)

    def of(self, name):
        return [event for event in self.events if event.name == name]

    def paths(self, name):
        return sorted(event.path.rpartition("/")[2] for event in self.of(name))


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def run(order, told):
    """Run a batch; what it told is in `told`."""

    def go(client=None, executor=None, sink=told, **asked):
        told.events.clear()
        return batch(order(**asked), client=client, executor=executor, sink=sink)

    return go


@pytest.fixture
def sandbox(tmp_path):
    with Sandbox(tmp_path / "box", port=0) as running:
        yield running


@pytest.fixture
def connected():
    """Connect to sandboxes, impatiently."""
    clients = []

    def to(box, **more):
        words = {
            "base_url": box.base_url,
            "client_id": box.client_id,
            "client_secret": box.client_secret,
            "backoff_s": "0.01",
            **more,
        }
        clients.append(Client(Settings.load(words, environ={})))
        return clients[-1]

    yield to
    for client in clients:
        client.close()


@pytest.fixture
def client(sandbox, connected):
    return connected(sandbox)


@pytest.fixture
def stored():
    """Name what a sandbox really holds, however late it shows it."""

    def names(box):
        return sorted(row["name"] for row in box.truth()["contents"])

    return names


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path}/calls.sqlite3") as opened:
        yield opened


@pytest.fixture
def caller(client, ledger):
    """Send plans, short of patience."""

    def make(made, client=client, ledger=ledger, gap_s=0.01, **asked):
        lines = []
        orderer = Orderer(
            made.campaign,
            made.order,
            client,
            ledger,
            lookup_gap_s=gap_s,
            say=lines.append,
        )
        return Caller(made, orderer, **asked)

    return make


@pytest.fixture
def send(caller):
    def go(made, **asked):
        made_ready = caller(made, **asked)
        made_ready.prepare()
        return made_ready.send()

    return go


@pytest.fixture
def brake(client, ledger):
    return Brake(client, ledger, lookup_gap_s=0.01)
