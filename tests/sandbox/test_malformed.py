"""Malformed requests, and names that want to do harm (issue 3, Done when 7).

scripts/fuzz_sandbox.py sends as many as it is told; here are a few hundred of them.
"""

import csv
import io
import json
import runpy
import socket
import struct
import threading
import urllib.parse
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from talk import CONTENTS, MAILINGS, Caller, a_mailing, received, wav

from voiceprep.sandbox import Sandbox

SCRIPT = Path(__file__).parents[2] / "scripts" / "fuzz_sandbox.py"
HOSTILE = {
    "path": "../../x",
    "script": "alert(1)//",
    "formula": "=cmd()",
    "markup": "<script>alert(1)</script>",
    "override": "\u202egpj.exe",
    "null": "a\x00b",
    "surrogate": "\ud800",
    "sql": "'); DROP TABLE contents; --",
    "closing": "]]></name></content>",
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
}


@pytest.fixture(scope="module")
def box(new_database, tmp_path_factory):
    data = tmp_path_factory.mktemp("outer") / "box"
    with Sandbox(data, database=new_database()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def caller(box):
    return Caller(box)


def test_malformed_requests_get_no_5xx_and_no_traceback(box):
    seen = runpy.run_path(str(SCRIPT))["fuzz"](box, count=300)
    assert sum(seen.values()) >= 300
    assert not [status for status in seen if status.startswith("5")]
    assert {"400", "401", "404"} <= seen.keys()  # and they reach every layer


def test_a_small_header_that_never_ends_costs_nobody_else_anything(caller):
    with caller.sockets() as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert caller.get(CONTENTS).status == 200


@pytest.mark.parametrize("path", [CONTENTS, MAILINGS, "/token"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_its_limit_is_refused_before_it_is_read(caller, path, chunked):
    length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 90000000000"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\n"
        f"Content-Type: application/json\r\n{length}\r\n\r\n"
    )
    block = b"x" * 65_536
    with caller.sockets() as line:
        line.sendall(head.encode())
        answer = []
        reader = threading.Thread(target=lambda: answer.append(received(line)))
        reader.start()
        sent = 0
        try:
            while chunked and reader.is_alive() and sent < 64 << 20:
                line.sendall(b"%x\r\n%s\r\n" % (len(block), block))
                sent += len(block)
        except OSError:
            pass  # it has hung up on us
        reader.join(20)
    assert sent < 16 << 20
    assert answer[0].split()[1] in {b"400", b"417"} or not answer[0]


@pytest.fixture(scope="module", params=HOSTILE.values(), ids=HOSTILE.keys())
def hostile(request, caller):
    """Store a recording whose every word wants to do harm; return word and row."""
    word = request.param
    sent = word.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    fields = [("name", sent), ("description", sent), ("tags", sent)]
    name = sent.replace("\r\n", "%0D%0A")
    reply = caller.upload(wav(), fields, filename=name)
    if reply.status == 417:
        pytest.skip(f"refused outright: {reply.json['message']}")
    return sent, reply.rows[0]


def test_a_hostile_name_stays_in_its_folder(box, hostile):
    _, row = hostile
    folder = row["url"].split("/")[-2]
    stored = {path.name for path in (box.data / "files" / folder).iterdir()}
    assert row["filename"] in stored
    assert {path.name for path in box.data.parent.iterdir()} == {"box"}


def test_a_hostile_name_is_text_in_json(caller, hostile):
    sent, row = hostile
    (read,) = caller.get(CONTENTS, {"id": row["id"]}).rows
    assert read["name"] in {sent, sent.replace("\x00", "\ufffd")}


def test_a_hostile_name_is_text_in_xml(caller, hostile):
    _, row = hostile
    reply = caller.get(f"{CONTENTS}.xml", {"id": row["id"]})
    root = ET.fromstring(reply.body)
    assert [element.text for element in root.iter("id")] == [row["id"]]
    assert b"<script>" not in reply.body
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_hostile_name_is_no_formula_in_csv(caller, hostile):
    _, row = hostile
    text = caller.get(f"{CONTENTS}.csv", {"id": row["id"]}).body.decode()
    _, cells = csv.reader(io.StringIO(text, newline=""))
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_a_hostile_name_ends_no_script(caller, hostile):
    _, row = hostile
    reply = caller.get(f"{CONTENTS}.js", {"id": row["id"], "callback": "f"})
    text = reply.body.decode("ascii")  # nothing else is in it
    assert "</script>" not in text
    assert json.loads(text.removeprefix("/**/f(").removesuffix(");"))["size"] == 1


def test_a_hostile_callback_is_never_called(caller):
    for word in HOSTILE.values():
        told = word.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        reply = caller.get(f"{CONTENTS}.js", {"callback": told})
        assert reply.status == 400
        assert reply.headers["Content-Type"] == "application/json"


def test_a_hostile_word_in_an_error_is_json_and_never_a_page(caller):
    for word in ("<script>alert(1)</script>", "\u202e"):
        for reply in (
            caller.get("/rest/" + urllib.parse.quote(word)),
            caller.get(CONTENTS, {word: "1"}),
            caller.get(CONTENTS, {"sort": word}),
            caller.send("POST", MAILINGS, a_mailing(media=word)),
        ):
            assert reply.status in {400, 404, 417}
            assert reply.headers["Content-Type"] == "application/json"
            assert reply.json["status"] == reply.status


@pytest.mark.parametrize(
    "broken",
    [
        b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"Content-Length: 2\r\n\r\n{}\x00\x01 trailing nonsense\r\n\r\n",
        b"\r\n-x\r\n\r\n",
    ],
    ids=["expected", "behind", "pipelined"],
)
def test_http_that_breaks_in_the_middle_leaves_no_traceback(caller, caplog, broken):
    start = f"POST {CONTENTS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
    kind = b"\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    told = start.encode() + caller.token.encode() + kind + broken
    with caller.sockets() as stays, caller.sockets() as goes:
        stays.sendall(told)
        assert received(stays).startswith(b"HTTP/1.1 4")
        reset = struct.pack("ii", 1, 0)  # no farewell: the answer meets nobody
        goes.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        goes.sendall(told)
        goes.close()
        assert caller.get(CONTENTS).status == 200
    assert [one.message for one in caplog.records if one.exc_info] == []


def test_a_refused_head_has_no_body_nor_traceback(caller, caplog):
    # RFC 9110, 9.3.2: whatever is said to HEAD, only its head is sent.
    told = f"HEAD {CONTENTS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with caller.sockets() as line:
        line.sendall(told.encode() + b"--x\r\n")
        whole = b"".join(iter(lambda: line.recv(65_536), b""))  # to its very end
    head, _, body = whole.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert body == b""
    assert [one.message for one in caplog.records if one.exc_info] == []
