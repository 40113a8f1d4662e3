"""What may come to the receiver, and what it makes of it (R38, R39)."""

import http.client
import socket
import threading

import pytest
from pings import ping

from voiceprep.errors import SettingsError
from voiceprep.pipeline.inbox import Inbox
from voiceprep.pipeline.receiver import application, bound, ids_of, ping_url, wire

KEY = "k" * 43


class Running:
    """The receiver alone: nobody reads what waits."""

    def __init__(self, room=1_000):
        self.inbox = Inbox(room)
        self.socket = bound("127.0.0.1", 0)
        self.port = self.socket.getsockname()[1]
        self.url = ping_url(f"http://127.0.0.1:{self.port}", KEY)

    def __enter__(self):
        import uvicorn

        self.server = uvicorn.Server(wire(application(self.inbox, KEY)))
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()

    def taken(self):
        return self.inbox.take(10_000)

    def call(self, target, method="GET", body=None, headers=None):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, target, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()


@pytest.fixture(scope="module")
def receiver():
    with Running() as running:
        yield running


def path(query, key=KEY):
    return f"/ping/{key}?{query}"


# R38: commas are sent, the vendor's example splits on dashes: both are received.
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("id=91", ["91"]),
        ("ids=91", ["91"]),
        ("ids=91,92,93", ["91", "92", "93"]),
        ("ids=91-92-93", ["91", "92", "93"]),
        ("ids=91%2C92", ["91", "92"]),
        ("ids=91,,92,", ["91", "92"]),
        ("ids[]=91&ids[]=92", ["91", "92"]),
        ("ids=91, 92", ["91", "92"]),
        ("ids=91,91,91", ["91"]),
        ("campaign=mars&ids=91&x=5", ["91"]),
        ("ids=91,'%20OR%201=1,92", ["91", "OR", "92"]),
        ("ids=%00,91", ["91"]),
        ("ids=é,91", ["91"]),
        (f"ids={'9' * 41},91", ["91"]),
        ("ids=#ids#", []),
        ("ids=%23ids%23", []),
        ("ids=", []),
        ("", []),
        ("m=91", []),
    ],
)
def test_the_ids_of_a_ping(query, ids):
    assert ids_of(query) == ids


def test_a_ping_waits_to_be_read_and_is_answered_204(receiver):
    assert ping(receiver.url, ["91", "92"]) == 204
    assert receiver.taken() == ["91", "92"]


def test_a_duplicate_waits_once(receiver):
    for _ in range(3):
        assert ping(receiver.url, ["91"]) == 204
    assert receiver.taken() == ["91"]


def test_a_ping_whose_message_is_being_read_waits_again(receiver):
    ping(receiver.url, ["91"])
    assert receiver.taken() == ["91"]  # the reader has it in hand
    ping(receiver.url, ["91"])
    assert receiver.taken() == ["91"]


@pytest.mark.parametrize("key", ["", "k" * 42, "K" * 43, "k" * 44, "k%00", "%c3%a9"])
def test_another_path_is_told_nothing(receiver, key):
    status, _, body = receiver.call(path("ids=91", key))
    assert (status, receiver.taken()) == (404, [])
    assert b"ping" not in body


def test_no_answer_names_the_program(receiver):
    _, headers, _ = receiver.call(path("ids=91"))
    assert headers["Server"] is None
    assert receiver.taken() == ["91"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_verbs_are_405(receiver, method):
    status, headers, _ = receiver.call(path("ids=91"), method)
    assert (status, receiver.taken()) == (405, [])
    assert "GET" in headers["Allow"]


def test_without_an_id_it_is_400(receiver):
    assert receiver.call(path("ids=#ids#".replace("#", "%23")))[0] == 400
    assert receiver.call(f"/ping/{KEY}")[0] == 400
    assert receiver.taken() == []


def test_a_query_that_is_too_long_is_414(receiver):
    assert receiver.call(path("ids=" + "91," * 3_000))[0] == 414
    assert receiver.taken() == []


def test_too_many_fields_are_no_ping(receiver):
    assert receiver.call(path("&".join(["id=1"] * 1_200)))[0] == 400


def test_a_body_is_refused_before_it_is_sent(receiver):
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as line:
        head = f"POST {path('ids=91')} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999"
        line.sendall(f"{head}\r\n\r\n".encode())
        assert line.recv(1_000).startswith(b"HTTP/1.1 413")
    chunked = {"Transfer-Encoding": "chunked"}
    assert receiver.call(path("ids=91"), "POST", b"0\r\n\r\n", chunked)[0] == 413
    assert receiver.taken() == []


def test_a_post_is_a_ping_too(receiver):
    status, _, _ = receiver.call(path("ids=91"), "POST", b"x=1")
    assert (status, receiver.taken()) == (204, ["91"])


def test_a_head_that_never_ends_is_cut_off(receiver):
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as line:
        try:
            line.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 500_000)
            said = line.recv(1_000)
        except ConnectionError:
            said = b""
    assert said == b"" or said.startswith(b"HTTP/1.1 400")
    assert ping(receiver.url, ["91"]) == 204  # and others are served
    assert receiver.taken() == ["91"]


def test_where_there_is_no_room_the_platform_is_asked_to_come_again():
    with Running(room=3) as small:
        assert ping(small.url, ["1", "2"]) == 204
        status, headers, _ = small.call(path("ids=3,4"))
        assert (status, headers["Retry-After"]) == (503, "5")
        assert ping(small.url, ["2", "1"]) == 204  # they wait already
        assert ping(small.url, ["3"]) == 204
        assert small.taken() == ["1", "2", "3"]  # no half of a refused ping


def test_a_public_address_is_checked():
    assert ping_url("https://me.example/calls/", "k", each=True) == (
        "https://me.example/calls/ping/k?id=#id#"
    )
    for wrong in ("me.example", "ftp://me.example", "https://", "http://a/?x=1"):
        with pytest.raises(SettingsError, match="no address that pings could come to"):
            ping_url(wrong, "k")


def test_a_port_that_is_taken_is_said_clearly(receiver):
    with pytest.raises(SettingsError, match=f"port {receiver.port}: .*--port"):
        bound("127.0.0.1", receiver.port)
