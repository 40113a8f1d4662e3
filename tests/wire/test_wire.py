"""The hand-written exchanges of this folder, in both directions.

Each request is sent to the sandbox, and its answer compared with the written one; each
answer is served to our client, whose request must mean the written one. How texts are
filled in and compared stands in tests/wire_format.py.
"""

import base64
import http.client
import io
import itertools
import re

import pytest
from canned import Canned
from talk import (
    CONTENTS,
    MAILINGS,
    MESSAGES,
    Caller,
    Reply,
    a_mailing,
    multipart,
    wav,
)
from wire_format import differences, fixtures, meaning

from voiceprep import errors
from voiceprep.client import Client, Settings, Stats
from voiceprep.sandbox import Sandbox

NUMBERS = itertools.count(1)
SANDBOX = fixtures("sandbox")
CLIENT = fixtures("client")


def param(fixture):
    """Return a parameter that bears its fixture's name and items."""
    items = re.findall(r"[HR]\d+", fixture.claim.partition(": ")[0])
    marks = pytest.mark.contract(*items)
    return pytest.param(fixture, id=fixture.name, marks=marks)


def test_every_fixture_cites_an_item_and_says_whom_it_holds():
    for one in {*SANDBOX, *CLIENT}:
        assert re.match(r"[HR]\d+(, [HR]\d+)*: ", one.claim), one.name
        assert one.sides in {"sandbox", "client", "both"}


# To the sandbox


@pytest.fixture(scope="module")
def box(new_database, tmp_path_factory):
    data = tmp_path_factory.mktemp("box")
    with Sandbox(data, database=new_database()) as sandbox:
        sandbox.add_account("stranger", "their-secret")
        yield sandbox


@pytest.fixture(scope="module")
def caller(box):
    return Caller(box)


def content_of(caller):
    """Create what a fixture needs; return what its placeholders stand for."""
    fields = [("name", "Relance mars"), ("tags", "mars")]
    (row,) = caller.upload(fields=fields, filename="relance.wav").rows
    return {"id": row["id"], "folder": row["url"].split("/")[-2]}


def mailing_of(caller):
    name = f"relance-{next(NUMBERS)}"
    numbers = '[{"recipient":"+33612345678"},{"recipient":"+33612345679"}]'
    made = caller.send("POST", MAILINGS, a_mailing(name=name, contacts=numbers))
    told = {"mailingId": made.ids[0], "properties": "id", "sort": "id ASC"}
    message = caller.get(MESSAGES, told).ids[0]
    return {"id": made.ids[0], "name": name, "message_id": message}


def stranger_of(caller):
    other = Caller(caller, "stranger", "their-secret")
    file = [("contentFile", "a.wav", "", wav())]
    made = other.call("POST", CONTENTS, *multipart({"name": "theirs"}, file))
    return {"foreign_id": made.ids[0]}


GIVEN = {"content": content_of, "mailing": mailing_of, "stranger": stranger_of}


def values_for(caller, given):
    account = caller.account
    pair = f"{account['client_id']}:{account['client_secret']}"
    values = {
        "base": caller.base,
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
        "basic": base64.b64encode(pair.encode()).decode(),
        "token": caller.token,
        "wav": wav(),
        "wav_bytes": str(len(wav())),
        "nines": "9," * 4_200,
    }
    for word in given:
        values |= GIVEN[word](caller)
    return values


def exchanged(caller, raw):
    """Send a request's bytes and return the answer."""
    with caller.sockets() as line:
        line.sendall(raw.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nHost: x\r\n", 1))
        answer = http.client.HTTPResponse(line, method=raw.split()[0].decode())
        answer.begin()
        return Reply(answer.status, answer.headers, answer.read())


@pytest.mark.parametrize("fixture", [param(one) for one in SANDBOX])
def test_the_sandbox_gives_the_written_answer(caller, fixture):
    values = values_for(caller, fixture.given)
    reply = exchanged(caller, fixture.request.on_the_wire(values))
    if fixture.request.start.startswith("POST /token"):
        del values["token"]  # a new one is given
    told = (fixture.answer, reply.status, reply.headers, reply.body, values)
    assert differences(*told) == []


def test_a_differing_answer_is_noticed(caller):
    fixture = next(one for one in SANDBOX if one.name == "contents-read")
    values = values_for(caller, fixture.given)
    reply = exchanged(caller, fixture.request.on_the_wire(values))
    wrong = [
        (200, reply.headers, reply.body.replace(b'"size":1', b'"size":"1"')),
        (200, reply.headers, reply.body.replace(b'"size":1', b'"size":1,"status":200')),
        (200, reply.headers, reply.body.replace(b'"mars"', b'"avril"')),
        (200, {"Content-Type": "application/json; charset=utf-8"}, reply.body),
        (201, reply.headers, reply.body),
    ]
    for told in wrong:
        assert differences(fixture.answer, *told, values) != []


# To our client

FILLED = {  # what placeholders stand for in answers that are served to our client
    "base": "https://files.example/",
    "client_id": "acme",
    "client_secret": "s3cret",
    "token": "t0ken-of-the-platform",
    "id": "7001",
    "message_id": "9001",
    "folder": "9f8e7d6c5b4a39281",
    "wav": wav(),
    "wav_bytes": str(len(wav())),
    "when1": "2090-01-01T10:00:00+00:00",
    "when2": "2026-03-01T09:00:00+01:00",
    "text": "wait",
}
TOKEN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 77\r\n\r\n"
    b'{"access_token":"t0ken-of-the-platform","expires_in":9,"token_type":"bearer"}'
)
LINK = "https://files.example/9f/relance.wav"
NUMBERS_OF_TWO = ("+33612345678", "06 12 34 56 79")


def upload(client):
    return client.contents.create(
        io.BytesIO(wav()),
        name="Relance mars",
        filename="relance.wav",
        mime_type="audio/wav",
        tags=["mars"],
    )


def order(client, *numbers, **changed):
    told = {"link": LINK, "media": "VOICE", "type": "wav", **changed}
    return client.mailings.create(numbers, **told)


def order_for_later(client):
    return order(
        client,
        *NUMBERS_OF_TWO,
        name="Relance mars",
        date="2090-01-01T10:00:00+00:00",
        ping_url="http://127.0.0.1:9/ping?id=#id#",
    )


def parts(*names):
    """Return a function that reads these attributes off a value."""
    return lambda value: tuple(getattr(value, name) for name in names)


STORED = ("id", "name", "filesize", "mime_type", "duration_s", "tags", "url_encoded")
A_CONTENT = (
    *("7001", "Relance mars", len(wav()), "audio/wav", 10, ("mars",)),
    "https://files.example/datas/9f8e7d6c5b4a39281/relance.pcm",
)
THE_SAMPLE = (
    *("320442", "essai, [1]", 131_821, "audio/mp3", 15, ()),
    "https://files.example/1b9d/essai.pcm",
)
CALLS = {  # fixture → (what a program writes, what it gets)
    "token-urlencoded": (lambda c: c.platform, "live"),
    "token-expires-in-text": (lambda c: c.platform, "live"),
    "contents-create": (lambda c: parts(*STORED)(upload(c)), A_CONTENT),
    "contents-read": (
        lambda c: [
            parts(*STORED)(one)
            for one in c.contents.read(id="7001", name="Relance mars")
        ],
        [A_CONTENT],
    ),
    "contents-read-trailing-comma": (
        lambda c: parts(*STORED)(c.contents.get("7001")),
        THE_SAMPLE,
    ),
    "contents-update": (
        lambda c: c.contents.update(
            {"name": "Relance avril", "tags": ["avril"]}, id="7001"
        ),
        1,
    ),
    "contents-delete": (lambda c: c.contents.delete(id="7001"), 1),
    "contents-delete-nothing": (lambda c: c.contents.delete(id="999999999"), 0),
    "contents-delete-no-content": (lambda c: c.contents.delete(id="7001"), None),
    "mailings-create": (
        lambda c: parts("id", "media", "status", "contacts_count", "stats")(
            order_for_later(c)
        ),
        ("7001", "VOICE", "wait", 2, Stats(total=2, wait=2)),
    ),
    "mailings-update": (
        lambda c: c.mailings.update({"date": "2090-02-01T10:00:00+00:00"}, id="7001"),
        1,
    ),
    "mailings-read-stats-to-us": (
        lambda c: c.stats.total(name="spring"),
        Stats(total=8, on=1, ok=5, ko=1, no=1, optout=1, rep=2),
    ),
    "messages-read": (
        lambda c: [
            parts("id", "recipient", "state", "description")(one)
            for one in c.messages.read(
                id="9001", properties=("recipient", "currentStatus")
            )
        ],
        [("9001", "+33612345678", "wait", "wait")],
    ),
}
REFUSALS = {  # fixture → (what a program writes, its error, words in its sentence)
    "token-refused-to-us": (
        lambda c: c.platform,
        errors.AuthError,
        ("The client credentials are invalid", "app.digitaleo.com"),
    ),
    "refused-400": (
        lambda c: list(c.contents.read(name="a")),
        errors.RefusedError,
        ("400", "Incorrect parameter: name"),
    ),
    "error-in-a-success": (
        lambda c: list(c.contents.read(name="a")),
        errors.RefusedError,
        ("403", "Forbidden"),
    ),
    "forbidden-to-us": (
        lambda c: c.mailings.delete(id="42"),
        errors.RefusedError,
        ("403", "another client's resource"),
    ),
    "dead-token-to-us": (
        lambda c: list(c.mailings.read(name="a")),
        errors.AuthError,
        ("401", "app.digitaleo.com"),
    ),
    "mailings-create-refused-to-us": (
        lambda c: order(c, "+33612345678", "0033612345678", name="Relance"),
        errors.RefusedError,
        ("417", "is no number", "write +33"),  # numbers themselves are masked
    ),
}


def test_each_fixture_of_the_client_is_called_for():
    assert {one.name for one in CLIENT} == CALLS.keys() | REFUSALS.keys()


@pytest.fixture
def serve():
    """Serve a fixture to a client; return it and the server."""
    opened = []

    def start(fixture):
        is_token = fixture.request.start.startswith("POST /token")

        def answer(raw):
            wants_token = raw.startswith(b"POST /token")
            if wants_token and not is_token:
                return TOKEN
            return fixture.answer.on_the_wire(FILLED)

        server = Canned(answer)
        server.__enter__()
        flags = {"base_url": server.base, "client_id": "acme", "tries": "1"}
        settings = Settings.load({**flags, "client_secret": "s3cret"}, environ={})
        client = Client(settings)
        opened.extend([server, client])
        return server, client

    yield start
    for one in reversed(opened):  # the client hangs up first
        one.__exit__(None, None, None)


def asked_for(server, fixture):
    """Return what the fixture's request means, and what the client's last one did."""
    written = meaning(fixture.request.on_the_wire(FILLED))
    return written, meaning(server.asked[-1])


def of_the_client(calls):
    return [param(one) for one in CLIENT if one.name in calls]


@pytest.mark.parametrize("fixture", of_the_client(CALLS))
def test_our_client_sends_what_is_written_and_reads_the_answer(serve, fixture):
    server, client = serve(fixture)
    call, expected = CALLS[fixture.name]
    assert call(client) == expected
    written, sent = asked_for(server, fixture)
    assert sent == written


@pytest.mark.parametrize("fixture", of_the_client(REFUSALS))
def test_our_client_says_who_must_act(serve, fixture):
    server, client = serve(fixture)
    call, kind, words = REFUSALS[fixture.name]
    with pytest.raises(kind) as refused:
        call(client)
    for word in words:
        assert word in str(refused.value)
    assert type(refused.value) is kind
    written, sent = asked_for(server, fixture)
    assert sent == written


def test_the_trailing_comma_is_said_in_the_log(serve, caplog):
    fixture = next(one for one in CLIENT if one.name == "contents-read-trailing-comma")
    _, client = serve(fixture)
    client.contents.get("7001")
    warnings = [one for one in caplog.records if "comma" in one.message]
    assert len(warnings) == 1
