"""Every fault against every call: its class of error, and how often it arrived."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import random
import socket

import pytest

from voiceprep import errors
from voiceprep.client import Client, UploadUnclearError
from voiceprep.errors import (
    AuthError,
    ContractError,
    OutcomeUnknownError,
    PlatformError,
    RefusedError,
    UnavailableError,
)

CONTENTS, MAILINGS, MESSAGES = (
    "/content/rest/contents",
    "/rest/mailings",
    "/rest/messages",
)


def upload(client):
    file = io.BytesIO(b"RIFF" * 1000)
    client.contents.create(file, name="a", filename="a.wav", mime_type="audio/wav")


def order(client):
    contacts = ["+33612345678", "06 23 45 67 89"]
    link = "https://a.fr/x.wav"
    client.mailings.create(
        contacts, link=link, media="VOICE", type="wav", name="Relance mars"
    )


READ, CHANGE, UPLOAD, MAILING = "READ", "CHANGE", "UPLOAD", "MAILING"  # retry rows
CALLS = {  # call → (its row of the retry table, its path, what makes it)
    "contents.read": (READ, CONTENTS, lambda c: list(c.contents.read(tags="a"))),
    "contents.read by id": (READ, CONTENTS, lambda c: list(c.contents.read(id="1"))),
    "contents.get": (READ, CONTENTS, lambda c: c.contents.get("1")),
    "contents.update": (CHANGE, CONTENTS, lambda c: c.contents.update({}, id="1")),
    "contents.delete": (CHANGE, CONTENTS, lambda c: c.contents.delete(id="1")),
    "contents.create": (UPLOAD, CONTENTS, upload),
    "mailings.read": (READ, MAILINGS, lambda c: list(c.mailings.read(name="a"))),
    "mailings.get": (READ, MAILINGS, lambda c: c.mailings.get("1")),
    "mailings.update": (CHANGE, MAILINGS, lambda c: c.mailings.update({}, id="1")),
    "mailings.delete": (CHANGE, MAILINGS, lambda c: c.mailings.delete(name="a")),
    "mailings.create": (MAILING, MAILINGS, order),
    "messages.read": (READ, MESSAGES, lambda c: list(c.messages.read(mailing_id="4"))),
    "stats.read": (READ, MAILINGS, lambda c: list(c.stats.read(id="1"))),
    "stats.total": (READ, MAILINGS, lambda c: c.stats.total(name="a")),
}
METHODS = ("GET", "POST", "PUT", "DELETE")
HTML = {"Content-Type": "text/html"}
HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"list": ['
DETAILS = [{"details": "contacts: bad number"}]

TEMPORARY, REFUSED, STRANGE = UnavailableError, RefusedError, ContractError
ACCOUNT, UNCLEAR, UNKNOWN = AuthError, UploadUnclearError, OutcomeUnknownError


def everywhere(kind, arrivals):
    return dict.fromkeys((READ, CHANGE, UPLOAD, MAILING), (kind, arrivals))


def outcomes(read, change, uploaded, mailing):
    return {READ: read, CHANGE: change, UPLOAD: uploaded, MAILING: mailing}


LOST = outcomes((TEMPORARY, 3), (TEMPORARY, 1), (UNCLEAR, 1), (UNKNOWN, 1))
FOREIGN = outcomes((STRANGE, 1), (STRANGE, 1), (STRANGE, 1), (UNKNOWN, 1))
EMPTY = outcomes((STRANGE, 1), (None, 1), (STRANGE, 1), (UNKNOWN, 1))
FAULTS = {  # fault → (the answer, for each row: the class of error, arrivals)
    "reset before any byte": (lambda s: s.Reply(raw=b"", reset=True), LOST),
    "closed before any byte": (lambda s: s.Reply(drop=True), LOST),
    "reset in mid-body": (lambda s: s.Reply(raw=HALF, reset=True), LOST),
    "closed in mid-body": (lambda s: s.Reply(raw=HALF), LOST),
    "no HTTP": (lambda s: s.Reply(raw=b"SSH-2.0-hello\r\n"), LOST),
    "truncated JSON": (lambda s: s.Reply(200, b'{"size":1,"list":[{"id"'), FOREIGN),
    "HTML with 200": (lambda s: s.Reply(200, b"<html>Log in", HTML), FOREIGN),
    "wrong encoding": (
        lambda s: s.Reply(200, b"{}", {"Content-Encoding": "gzip"}),
        FOREIGN,
    ),
    "redirect": (lambda s: s.Reply(302, headers={"Location": "/login"}), FOREIGN),
    "500": (lambda s: s.reply({"status": 500, "message": "oh"}, 500), LOST),
    "502": (lambda s: s.Reply(502, b"<html>Bad gateway", HTML), LOST),
    "503 with Retry-After": (lambda s: s.Reply(503, b"", {"Retry-After": "2"}), LOST),
    "504": (lambda s: s.Reply(504), LOST),
    "500 inside a 200": (lambda s: s.reply({"status": 500, "message": "oh"}), LOST),
    "429 with Retry-After": (
        lambda s: s.reply({"status": 429}, 429, Retry_After="2"),
        everywhere(TEMPORARY, 3),
    ),
    "429": (lambda s: s.reply({"status": 429}, 429), everywhere(TEMPORARY, 1)),
    "408": (
        lambda s: s.Reply(408),
        {**everywhere(TEMPORARY, 1), MAILING: (UNKNOWN, 1)},
    ),
    "401 twice": (lambda s: s.reply({"status": 401}, 401), everywhere(ACCOUNT, 2)),
    "401 twice inside a 200": (
        lambda s: s.reply({"status": 401}),
        everywhere(ACCOUNT, 2),
    ),
    "403": (lambda s: s.reply({"status": 403}, 403), everywhere(REFUSED, 1)),
    "404": (lambda s: s.reply({"status": 404}, 404), everywhere(REFUSED, 1)),
    "417 with details": (
        lambda s: s.reply({"status": 417, "messages": DETAILS}, 417),
        everywhere(REFUSED, 1),
    ),
    "strange status inside a 200": (lambda s: s.reply({"status": "ko"}), FOREIGN),
    "204": (lambda s: s.Reply(204), EMPTY),
    "304": (lambda s: s.Reply(304), EMPTY),
    "no list": (lambda s: s.reply({"size": 1, "total": None}), EMPTY),
    "a row without id": (lambda s: s.rows({"name": "a"}), EMPTY),
    "a list of words": (lambda s: s.reply({"list": ["a"]}), EMPTY),
}


def public(error):
    """Return an error's class as callers know it, not as our room refines it."""
    known = {UploadUnclearError, *(getattr(errors, name) for name in errors.__all__)}
    return next(kind for kind in type(error).__mro__ if kind in known)


def arrivals(platform, path):
    return len(platform.calls(path))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_class_and_arrives_so_often(
    platform, client, say, fault, call
):
    row, path, make = CALLS[call]
    answer, expected = FAULTS[fault]
    kind, times = expected[row]
    for method in METHODS:
        platform.says(f"{method} {path}", answer(say))
    raises = pytest.raises(PlatformError) if kind else contextlib.nullcontext()
    with raises as caught:
        make(client)
    assert arrivals(platform, path) == times
    if kind:
        assert public(caught.value) is kind


@pytest.mark.parametrize("call", CALLS)
def test_json_that_names_another_type_is_read_all_the_same(platform, client, say, call):
    _, path, make = CALLS[call]
    rows = [say.content(), say.mailing(), say.message()]
    row = rows[(CONTENTS, MAILINGS, MESSAGES).index(path)]
    answer = say.rows(row)
    answer.headers["Content-Type"] = "text/plain; charset=latin-1"
    for method in METHODS:
        platform.says(f"{method} {path}", answer)
    make(client)
    assert arrivals(platform, path) == 1


@pytest.fixture
def nobody():
    """Give an address where connections are refused."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound, never listening
        yield f"http://127.0.0.1:{holder.getsockname()[1]}/"


@pytest.fixture
def deaf():
    """Give an address where connections are never completed: its queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture
def unknown_name():
    return "https://platform.invalid/"  # RFC 2606


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", ["nobody", "deaf", "unknown_name"])
def test_what_was_provably_not_sent_is_tried_again_and_is_temporary(
    request, platform, clock, place, call
):
    settings = dataclasses.replace(
        platform.settings(connect_timeout_s=0.02),
        content_url=request.getfixturevalue(place),
        api_url=request.getfixturevalue(place),
    )
    with (
        Client(settings, clock=clock, sleep=clock.sleep, jitter=lambda: 0.5) as client,
        pytest.raises(PlatformError, match="no connection") as caught,
    ):
        CALLS[call][2](client)
    assert public(caught.value) is UnavailableError
    assert clock.pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda s: s.Reply(drop=True), UnavailableError),
        (lambda s: s.Reply(500), UnavailableError),
        (lambda s: s.Reply(200, b"<html>Log in", HTML), ContractError),
        (lambda s: s.Reply(302, headers={"Location": "/login"}), ContractError),
        (lambda s: s.reply({"error": "invalid_client"}, 400), AuthError),
    ],
)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_at_the_token_leaves_no_doubt(
    platform, client, *, say, answer, kind, call
):
    platform.says("POST /token", answer(say))
    with pytest.raises(PlatformError) as caught:
        CALLS[call][2](client)
    assert public(caught.value) is kind
    assert arrivals(platform, CALLS[call][1]) == 0


def mangled(answer, rng):
    """Return an answer with some of its bytes changed, lost or added."""
    raw = bytearray(answer)
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        at = rng.randrange(rng.choice([100, len(raw)]))
        raw[at : at + rng.randrange(12)] = rng.randbytes(rng.randrange(12))
    return bytes(raw)


def test_whatever_bytes_come_back_no_foreign_error_comes_out(platform, client, say):
    rng = random.Random(20_261_125)
    body = json.dumps({"size": 1, "total": 1, "list": [say.mailing()]}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    whole = head + str(len(body)).encode() + b"\r\n\r\n" + body
    for _ in range(150):
        answer = say.Reply(raw=mangled(whole, rng))
        for method in METHODS:
            platform.says(f"{method} {MAILINGS}", answer)
        with contextlib.suppress(PlatformError):
            client.stats.total(name="Relance mars")
        with contextlib.suppress(OutcomeUnknownError, RefusedError, AuthError):
            order(client)


def test_a_mailing_refused_by_a_dead_token_is_sent_once_more_and_is_made(
    platform, client, say
):
    dead = say.reply({"status": 401, "message": "Authenticate failed"}, 401)
    platform.says("POST /token", say.token("old"), say.token("new"))
    platform.says(f"POST {MAILINGS}", dead, say.rows(say.mailing(), status=201))
    order(client)
    assert [seen.headers["authorization"] for seen in platform.calls(MAILINGS)] == [
        "Bearer old",
        "Bearer new",
    ]


def test_a_mailing_lost_after_a_dead_token_is_unknown(platform, client, say):
    dead = say.reply({"status": 401, "message": "Authenticate failed"}, 401)
    platform.says(f"POST {MAILINGS}", dead, say.Reply(drop=True))
    with pytest.raises(OutcomeUnknownError):
        order(client)
    assert arrivals(platform, MAILINGS) == 2


def test_an_unknown_outcome_says_what_to_look_up_and_never_to_try_again(
    platform, client, say
):
    for fault in (say.Reply(502), say.Reply(drop=True), say.reply({"list": []})):
        platform.says(f"POST {MAILINGS}", fault)
        with pytest.raises(OutcomeUnknownError) as caught:
            order(client)
        said = str(caught.value)
        assert "Don't repeat it" in said
        assert "named 'Relance mars', of 2 contacts" in said
        assert "voiceprep mailing list --name 'Relance mars'" in said
        assert "try again" not in said
        assert "612345678" not in said


def test_a_mailing_never_travels_on_a_connection_that_was_kept(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing(), status=201))
    platform.says(f"GET {MAILINGS}", say.rows())
    for _ in range(3):
        list(client.mailings.read(name="a"))
        order(client)
    ports = {"GET": [], "POST": []}
    for seen in platform.calls(MAILINGS):
        ports[seen.method].append(seen.port)
    assert len(set(ports["GET"])) == 1  # kept alive
    assert len(set(ports["POST"])) == 3
    assert not set(ports["GET"]) & set(ports["POST"])


def test_a_mailing_that_timed_out_is_unknown(platform, clock, say):
    import threading

    release = threading.Event()
    platform.says(f"POST {MAILINGS}", say.Reply(hang=release))
    settings = platform.settings(read_timeout_s=0.1)
    with (
        Client(settings, clock=clock, sleep=clock.sleep) as client,
        pytest.raises(OutcomeUnknownError, match="no answer in time"),
    ):
        order(client)
    release.set()
    assert arrivals(platform, MAILINGS) == 1
