"""Every fault of the sandbox against every call of our client (issue 3, Done when 9).

The faults are real: the sandbox makes them on its own connections, before or after it
has acted. What was done is asked of the sandbox's truth, never of the client.
"""

import io
import itertools

import pytest
from talk import MAILINGS, MESSAGES, Caller, a_mailing, wav

from voiceprep import errors
from voiceprep.client import Client, Settings, UploadUnclearError
from voiceprep.errors import (
    AuthError,
    ContractError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)
from voiceprep.sandbox import Sandbox

TRIES = 2
NAMES = itertools.count(1)
READ, CHANGE, UPLOAD, ORDER = "read", "change", "upload", "order"  # retry table


def upload(client, given):
    file = io.BytesIO(given["wav"])
    told = {"filename": "a.wav", "mime_type": "audio/wav", "tags": [given["new"]]}
    return client.contents.create(file, name=given["new"], **told)


def order(client, given):
    told = {"link": "https://files.example/a.wav", "media": "VOICE", "type": "wav"}
    date = "2090-01-01T10:00:00+00:00"
    return client.mailings.create(["0612345678"], name=given["new"], date=date, **told)


def download(client, given):
    with client.download(given["url"]) as chunks:
        return b"".join(chunks)


CALLS = {  # call → (its row of the retry table, its path, how it is made)
    "contents.create": (UPLOAD, "contents", upload),
    "contents.read": (
        READ,
        "contents",
        lambda c, g: list(c.contents.read(name=g["name"])),
    ),
    "contents.get": (READ, "contents", lambda c, g: c.contents.get(g["content"])),
    "contents.update": (
        CHANGE,
        "contents",
        lambda c, g: c.contents.update({"description": "x"}, id=g["content"]),
    ),
    "contents.delete": (
        CHANGE,
        "contents",
        lambda c, g: c.contents.delete(id=g["content"]),
    ),
    "mailings.create": (ORDER, "mailings", order),
    "mailings.read": (
        READ,
        "mailings",
        lambda c, g: list(c.mailings.read(name=g["name"])),
    ),
    "mailings.get": (READ, "mailings", lambda c, g: c.mailings.get(g["mailing"])),
    "mailings.update": (
        CHANGE,
        "mailings",
        lambda c, g: c.mailings.update({"name": g["name"]}, id=g["mailing"]),
    ),
    "mailings.delete": (
        CHANGE,
        "mailings",
        lambda c, g: c.mailings.delete(id=g["mailing"]),
    ),
    "messages.read": (
        READ,
        "messages",
        lambda c, g: list(c.messages.read(mailing_id=g["mailing"])),
    ),
    "stats.read": (READ, "mailings", lambda c, g: list(c.stats.read(id=g["mailing"]))),
    "stats.total": (READ, "mailings", lambda c, g: c.stats.total(name=g["name"])),
    "api, reading": (
        READ,
        "mailings",
        lambda c, g: c.api("GET", "mailings", [("name", g["name"])]),
    ),
    "download": (READ, "datas", download),
}
PATHS = {
    "contents": "/content/rest/contents",
    "mailings": MAILINGS,
    "messages": MESSAGES,
    "datas": "/datas/*",
}


def status(code, **more):
    return {"kind": "status", "status": code, **more}


LATE_S = 1.5  # of which our client waits for a third
# Everywhere else a busy machine must not make it give up before the sandbox has acted.
PATIENCE_S = 60.0
LOST = {
    READ: (UnavailableError, TRIES),
    CHANGE: (UnavailableError, 1),
    UPLOAD: (UploadUnclearError, 1),
    ORDER: (OutcomeUnknownError, 1),
}
STRANGE = {**dict.fromkeys((READ, CHANGE, UPLOAD), (ContractError, 1))}
STRANGE[ORDER] = (OutcomeUnknownError, 1)


def all_alike(kind, calls=1):
    return dict.fromkeys((READ, CHANGE, UPLOAD, ORDER), (kind, calls))


FAULTS = {  # fault → (the sandbox's script, by row: the class, how often it is called)
    "reset before": ({"kind": "reset-before"}, LOST),
    "reset after": ({"kind": "reset-after"}, LOST),
    "cut in the middle": ({"kind": "truncate"}, LOST),
    "too late": ({"kind": "delay", "delay_s": LATE_S}, LOST),
    "500": (status(500), LOST),
    "502 with a page": (status(502, body="<html>Bad gateway"), LOST),
    "503": (status(503), LOST),
    "503, come again": (status(503, retry_after="0"), LOST),
    "429": (status(429), all_alike(UnavailableError)),
    "429, come again": (
        status(429, retry_after="0"),
        all_alike(UnavailableError, TRIES),
    ),
    "401": (status(401), all_alike(AuthError, 2)),
    "400": (status(400), all_alike(RefusedError)),
    "403": (status(403), all_alike(RefusedError)),
    "404": (status(404), all_alike(RefusedError)),
    "405": (status(405), all_alike(RefusedError)),
    "414": (status(414), all_alike(RefusedError)),
    "417": (status(417), all_alike(RefusedError)),
    "a login page": ({"kind": "html"}, STRANGE),
}
EXCEPTIONS = {
    # A stored file is asked for without a token: there is none to get anew.
    ("401", "download"): (AuthError, 1),
    # Its beginning has been handed on: that can't be taken back and begun again.
    ("cut in the middle", "download"): (UnavailableError, 1),
}
# What the sandbox does all the same: how often.
DONE = {"reset after": {1}, "cut in the middle": {1}, "too late": {0, 1}}


@pytest.fixture(scope="module")
def box(new_database, tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("box"), database=new_database()) as one:
        yield one


@pytest.fixture(scope="module")
def stock(box):
    """Create, before anything goes wrong, what calls ask for."""
    caller = Caller(box)
    (content,) = caller.upload(fields=[("name", "stock")]).rows
    mailing = caller.send("POST", MAILINGS, a_mailing(name="stock")).ids[0]
    told = {"content": content["id"], "url": content["url_encoded"], "wav": wav()}
    return {"name": "stock", "mailing": mailing, **told}


@pytest.fixture
def given(box, stock, request):
    """Return what a call asks for; what it deletes is its own."""
    told = {**stock, "new": f"new-{next(NAMES)}"}
    call = request.node.name.partition("[")[2]
    if "contents.delete" in call:
        told["content"] = Caller(box).upload().ids[0]
    elif "mailings.delete" in call:
        told["mailing"] = Caller(box).send("POST", MAILINGS, a_mailing()).ids[0]
    yield told
    box.script()


def calling(box, fault):
    """Return a client that gives up soon only where the fault is a late answer."""
    patience_s = LATE_S / 3 if fault == "too late" else PATIENCE_S
    flags = {
        "base_url": box.base_url,
        "client_id": box.client_id,
        "client_secret": box.client_secret,
        "tries": str(TRIES),
        "backoff_s": "0.001",
        "read_timeout_s": str(patience_s),
    }
    return Client(Settings.load(flags, environ={}))


@pytest.fixture(scope="module")
def clients(box):
    with calling(box, "any other") as patient, calling(box, "too late") as hasty:
        yield patient, hasty


@pytest.fixture
def client(clients, request):
    return clients["too late" in request.node.name]


def struck(box):
    """Count the calls that a script's first line was for."""
    return box._live.faults.listed()[0]["matched"]


def created(box, name):
    """Count what there is of a name, by the sandbox's own books."""
    truth = box.truth()
    rows = [*truth["contents"], *truth["mailings"]]
    return sum(row["name"] == name for row in rows)


def public(error):
    """Return an error's class as callers know it."""
    known = {UploadUnclearError, *(getattr(errors, name) for name in errors.__all__)}
    return next((kind for kind in type(error).__mro__ if kind in known), type(error))


@pytest.mark.contract("R22", "R37")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_each_call_is_the_error_of_who_must_act(
    box, client, given, fault, call
):
    script, expected = FAULTS[fault]
    row, resource, make = CALLS[call]
    kind, times = EXCEPTIONS.get((fault, call), expected[row])
    client.platform  # noqa: B018 (the token is got before anything goes wrong)
    box.script({**script, "path": PATHS[resource]})
    with pytest.raises(errors.PlatformError) as caught:
        make(client, given)
    assert public(caught.value) is kind
    assert struck(box) == times
    box.script()
    if row in {UPLOAD, ORDER}:
        assert created(box, given["new"]) in DONE.get(fault, {0})


@pytest.mark.contract("R1", "R37")
@pytest.mark.parametrize("call", [call for call in CALLS if call != "download"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("reset before", UnavailableError),
        ("reset after", UnavailableError),
        ("cut in the middle", UnavailableError),
        ("too late", UnavailableError),
        ("503", UnavailableError),
        ("429", UnavailableError),
        ("401", AuthError),
        ("a login page", ContractError),
    ],
)
def test_without_a_token_nothing_was_sent_and_nothing_is_unclear(
    box, given, fault, kind, call
):
    _, resource, make = CALLS[call]
    counted = {"kind": "delay", "path": PATHS[resource], "delay_s": 0.001}
    box.script(counted, {**FAULTS[fault][0], "path": "/token"})
    with calling(box, fault) as client, pytest.raises(errors.PlatformError) as caught:
        make(client, given)
    assert public(caught.value) is kind
    assert struck(box) == 0
    assert created(box, given["new"]) == 0


@pytest.mark.contract("R37")
@pytest.mark.parametrize(
    "fault", ["reset before", "reset after", "cut in the middle", "503", "too late"]
)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_that_passes_is_overcome_by_reading_again_and_by_nothing_else(
    box, client, given, fault, call
):
    row, resource, make = CALLS[call]
    client.platform  # noqa: B018
    box.script({**FAULTS[fault][0], "path": PATHS[resource], "times": 1})
    if row == READ and (fault, call) not in EXCEPTIONS:
        make(client, given)
    else:
        with pytest.raises(FAULTS[fault][1][row][0]):
            make(client, given)
    box.script()
    assert created(box, given["new"]) <= 1


@pytest.mark.contract("R37")
def test_what_was_never_sent_is_sent_again(box, client, given):
    client.platform  # noqa: B018
    box.script({**status(429, retry_after="0"), "path": MAILINGS, "times": 1})
    assert order(client, given).status == "wait"
    assert created(box, given["new"]) == 1


@pytest.mark.contract("R37", "R7")
def test_a_token_that_dies_under_a_create_orders_it_once(box, client, given):
    client.platform  # noqa: B018
    box.script({**status(401), "path": MAILINGS, "times": 1})
    order(client, given)
    assert created(box, given["new"]) == 1
