"""HTTP itself, in bytes (R4, R12, R22, R28)."""

import http.client
import json
import socket
import subprocess
import urllib.parse

import pytest
from caller import multipart
from talk import wav


@pytest.fixture
def head(call):
    """Write the head of a call, with its token."""

    def write(first, *lines):
        bearer = f"Authorization: Bearer {call.token}"
        return "\r\n".join((first, "Host: x", bearer, *lines, "", "")).encode()

    return write


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def test_r12_expect_100_continue_is_answered_before_the_body_is_sent(box, head):
    body, kind = multipart([("name", "a")], wav())
    first = head(
        "POST /content/rest/contents HTTP/1.1",
        f"Content-Type: {kind['Content-Type']}",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
        "Connection: close",
    )
    with socket.create_connection(("127.0.0.1", box.port), 10) as line:
        line.sendall(first)
        assert line.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(body)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert status_of(answer) == 201


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("multipart/form-data; boundary=x", 50 << 20),
        ("multipart/form-data; boundary=x", 10**15),
        ("application/json", 5 << 20),
        ("application/x-www-form-urlencoded", 5 << 20),
    ],
)
def test_r28_a_body_over_the_limit_is_refused_before_it_is_read(box, head, kind, size):
    for more in ((), ("Expect: 100-continue",)):
        with socket.create_connection(("127.0.0.1", box.port), 10) as line:
            line.sendall(
                head(
                    "POST /content/rest/contents HTTP/1.1",
                    f"Content-Type: {kind}",
                    f"Content-Length: {size}",
                    *more,
                )
            )
            answer = line.recv(65_536)
            if not answer.endswith(b"}"):  # the body may come apart from its head
                answer += line.recv(65_536)
        assert status_of(answer) == 417
        assert b" is over " in answer


def test_r12_who_waits_for_100_continue_in_vain_is_not_left_out_of_step(box, head):
    first = head(
        "POST /content/rest/contents HTTP/1.1",
        "Content-Type: multipart/form-data; boundary=x",
        f"Content-Length: {50 << 20}",
        "Expect: 100-continue",
    )
    with socket.create_connection(("127.0.0.1", box.port), 10) as line:
        line.sendall(first)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))  # to the end
    assert status_of(answer) == 417
    assert b"connection: close\r\n" in answer.lower()


def test_r12_curl_uploads_too_much_and_hears_why(box, call, tool, tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(30 << 20)
    sent = ("-F", "name=a", "-F", f"contentFile=@{large}")
    bearer = ("-H", f"Authorization: Bearer {call.token}")
    url = f"{box.content_url}contents"
    command = [tool("curl"), "-sS", *bearer, *sent, url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout)["status"] == 417


def test_r28_who_sends_a_body_over_the_limit_all_the_same_still_hears_why(call, head):
    size = 30 << 20
    first = head(
        "POST /content/rest/contents HTTP/1.1",
        "Content-Type: multipart/form-data; boundary=x",
        f"Content-Length: {size}",
        "Connection: close",
    )
    assert status_of(call.raw(first + b"x" * size)) == 417


def test_r28_a_chunked_body_over_the_limit_is_cut_off(call, head):
    first = head(
        "POST /rest/mailings HTTP/1.1",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        "Connection: close",
    )
    chunks = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    assert status_of(call.raw(first + chunks * 5 + b"0\r\n\r\n")) == 417


def test_r7_an_upload_without_a_token_is_refused_before_it_is_read(box):
    body, kind = multipart([("name", "a")], wav(60))
    for more in ({}, {"Connection": "close"}):
        line = http.client.HTTPConnection("127.0.0.1", box.port, timeout=10)
        line.request("POST", "/content/rest/contents", body, {**kind, **more})
        assert line.getresponse().status == 401
        line.close()


def test_r12_a_connection_is_kept_over_every_sort_of_answer(box, call):
    line = http.client.HTTPConnection("127.0.0.1", box.port, timeout=10)
    line.connect()
    port = line.sock.getsockname()[1]
    for method, path, status in [
        ("GET", "/rest/contents", 200),
        ("DELETE", "/rest/contents?id=999999", 304),
        ("GET", "/rest/contents?limit=x", 400),
        ("POST", "/rest/messages", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/rest/contents?x=" + "y" * 9_000, 414),
        ("GET", "/rest/contents.xml", 200),
    ]:
        line.request(method, path, None, call.headers)
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == status
        assert int(answer.headers.get("Content-Length", "0")) == len(body)
        assert line.sock.getsockname()[1] == port
    line.close()


def test_r22_a_uri_over_8_kib_is_414_however_long(call):
    assert call("GET", "/rest/contents?limit=1&_=" + "1" * 8_000).status == 200
    for length in (8_200, 60_000, 500_000):
        first = f"GET /rest/contents?x={'y' * length} HTTP/1.1\r\n"
        answer = call.raw(f"{first}Host: x\r\nConnection: close\r\n\r\n".encode())
        assert status_of(answer) == 414
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 414


def test_r4_headers_of_64_kib_are_taken(call):
    long = {"X-Long": "z" * 60_000}
    assert call("GET", "/rest/contents", None, long).status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",  # TLS by mistake
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"z" * 300_000 + b"\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400_in_json(call, capfd, data):
    answer = call.raw(data)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status_of(answer) == 400
    assert b"content-type: application/json\r\n" in head
    assert json.loads(body)["status"] == 400
    assert capfd.readouterr().err == ""


def test_a_body_that_breaks_off_is_nobodys_fault(box, call, head, capfd):
    first = head(
        "POST /rest/mailings HTTP/1.1",
        "Content-Type: application/json",
        "Content-Length: 100",
    )
    with socket.create_connection(("127.0.0.1", box.port), 10) as line:
        line.sendall(first + b"{")
    broken = head("POST /rest/mailings HTTP/1.1", "Transfer-Encoding: chunked")
    call.raw(broken + b"5\r\nabcde\r\nnonsense\r\n")
    assert call("GET", "/rest/mailings").status == 200
    assert capfd.readouterr().err == ""


def test_pipelined_calls_are_answered_in_order(call, head):
    calls = b"".join(
        head(f"GET /rest/contents?limit=1&offset={n} HTTP/1.1") for n in range(3)
    )
    last = head("GET /rest/contents?limit=x HTTP/1.1", "Connection: close")
    answers = call.raw(calls + last)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.index(b"HTTP/1.1 400") > answers.rindex(b"HTTP/1.1 200 OK")


def test_a_form_in_a_get_works_as_curl_sends_it(call):
    body = urllib.parse.urlencode({"limit": "x"})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call("GET", "/rest/contents", body, kind).status == 400
