"""Faults by script, seen from the wire; and the log of calls."""

import http.client
import json
import socket
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from voiceprep.errors import SettingsError
from voiceprep.sandbox.faults import KINDS, Fault, Faults, fault_of, read_script
from voiceprep.sandbox.request_log import RequestLog, shown_query

READ = "/content/rest/contents"


def strikes(faults, count, method="GET", path="/rest/mailings", action="read"):
    return [faults.strike(method, path, action) is not None for _ in range(count)]


# The script, without HTTP


def test_the_nth_call_is_counted_among_those_that_match():
    faults = Faults([Fault("html", path="/rest/*", nth=(2, 4))])
    faults.strike("GET", "/content/rest/contents", "read")
    assert strikes(faults, 5) == [False, True, False, True, False]
    assert faults.listed() == [
        {"kind": "html", "path": "/rest/*", "nth": [2, 4], "matched": 5, "struck": 2}
    ]


def test_a_share_is_drawn_by_the_seed():
    draws = [strikes(Faults([Fault("html", share=0.3)], seed), 400) for seed in (1, 1)]
    assert draws[0] == draws[1]
    # 4 standard deviations of 30 % among 400 are 37.
    assert sum(draws[0]) == pytest.approx(120, abs=37)
    assert draws[0] != strikes(Faults([Fault("html", share=0.3)], 2), 400)


def test_times_ends_a_fault_and_the_next_one_takes_over():
    faults = Faults([Fault("html", times=1), Fault("status", times=1)])
    met = [faults.strike("GET", "/x", "read") for _ in range(3)]
    assert [fault and fault.kind for fault in met] == ["html", "status", None]


@pytest.mark.parametrize(
    ("fault", "call", "meets"),
    [
        ({"method": "post"}, ("POST", "/x", "create"), True),
        ({"method": "POST"}, ("GET", "/x", "read"), False),
        ({"path": "/rest/mailings"}, ("GET", "/rest/mailings/", "read"), True),
        ({"path": "/rest/mailings"}, ("GET", "/rest/mailing", "read"), False),
        ({"path": "*/contents"}, ("GET", READ, "read"), True),
        ({"action": "delete"}, ("GET", "/x", "delete"), True),
        ({"action": "delete"}, ("GET", "/x", "read"), False),
    ],
)
def test_which_calls_a_fault_is_for(fault, call, meets):
    assert fault_of({"kind": "html", **fault}).matches(*call) is meets


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "explode"},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": "x"},
        {"kind": "delay"},
        {"kind": "delay", "delay_s": float("nan")},
        {"kind": "html", "share": 2},
        {"kind": "html", "nth": [0]},
        {"kind": "html", "nth": [1.5]},
        {"kind": "html", "times": 0},
        {"kind": "html", "action": "explode"},
        {"kind": "html", "colour": "red"},
        {"kind": "status", "retry_after": "1\r\nX: y"},
        {"kind": "status", "after": "perhaps"},
        {"kind": "truncate", "after": True},
    ],
)
def test_a_fault_that_is_none_is_refused_in_a_sentence(wrong):
    with pytest.raises(SettingsError, match="fault"):
        fault_of(wrong)


def test_a_script_is_a_list_or_one_fault():
    assert len(read_script([{"kind": "html"}, {"kind": "delay", "delay_s": 1}])) == 2
    assert read_script({"kind": "html"}) == [Fault("html")]
    with pytest.raises(SettingsError, match="JSON object"):
        read_script(["html"])


# On the wire


def contents(api):
    return api.ask("GET", READ)[1]["total"]


def test_a_status_with_body_and_retry_after(sandbox):
    told = {"kind": "status", "status": 429, "retry_after": 7, "nth": 2, "path": READ}
    _, api = sandbox(faults=[told])
    assert api.ask("GET", READ)[0] == 200
    status, headers, body = api.raw("GET", READ, None, api.bearer())
    assert (status, headers["Retry-After"]) == (429, "7")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["status"] == 429
    assert api.ask("GET", READ)[0] == 200


def test_a_body_of_the_scripts_own(sandbox):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": "status", "status": 500, "body": "Traceback (most recent"})
    status, headers, body = api.raw("GET", READ, None, api.bearer())
    assert (status, body) == (500, b"Traceback (most recent")
    assert headers["Content-Type"].startswith("text/plain")


def test_an_upload_that_meets_a_status_is_read_to_its_end_and_not_stored(sandbox):
    box, api = sandbox()
    assert contents(api) == 0
    box.script({"kind": "status", "method": "POST"})
    assert api.upload(file=bytes(8 << 20))[0] == 503
    assert contents(api) == 0


def test_a_web_page_comes_instead_of_the_answer(sandbox):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": "html", "method": "GET"})
    status, headers, body = api.raw("GET", READ, None, api.bearer())
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!DOCTYPE html>")


def peer_of(box, request):
    """Send bytes; return what comes back, and how the connection ended."""
    came = b""
    with socket.create_connection(("127.0.0.1", box.port), timeout=30) as wire:
        wire.sendall(request)
        try:
            while part := wire.recv(65_536):
                came += part
        except ConnectionResetError:
            return came, "reset"
    return came, "end"


def creation(api, name):
    told = {
        "name": name,
        "link": "http://h/x",
        "media": "VOICE",
        "type": "wav",
        "contacts": [{"recipient": "+33639980001"}],
    }
    body = json.dumps(told).encode()
    head = {
        "Host": "x",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **api.bearer(),
    }
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    return f"POST /rest/mailings HTTP/1.1\r\n{lines}\r\n".encode() + body


@pytest.mark.parametrize(
    ("kind", "happened"), [("reset-before", 0), ("reset-after", 1)]
)
def test_a_reset_is_a_true_one_and_the_effect_is_as_its_name_says(
    sandbox, kind, happened
):
    box, api = sandbox(clock="manual")
    request = creation(api, "Unclear")
    box.script({"kind": kind, "path": "/rest/mailings", "method": "POST"})
    assert peer_of(box, request) == (b"", "reset")
    found = api.ask("GET", "/rest/mailings?name=Unclear")[1]
    assert found["total"] == happened
    assert len(box.truth()["mailings"]) == happened


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 502}, {"kind": "html"}])
def test_another_answer_may_come_after_everything_has_happened(sandbox, fault):
    box, api = sandbox(clock="manual")
    request = creation(api, "Unclear")
    box.script({**fault, "after": "true", "path": "/rest/mailings", "method": "POST"})
    said, _ = peer_of(box, request)
    assert b'"list"' not in said
    assert said.split(b" ")[1] == str(fault.get("status", 200)).encode()
    assert [row["name"] for row in box.truth()["mailings"]] == ["Unclear"]


def test_a_truncated_answer_has_its_whole_length_declared(sandbox):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": "truncate", "path": READ})
    wire = http.client.HTTPConnection("127.0.0.1", box.port, timeout=30)
    wire.request("GET", READ, headers=api.bearer())
    answer = wire.getresponse()
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    wire.close()
    whole = b'{"size":0,"total":0,"list":[],"httpStatusCode":200}'
    assert answer.status == 200
    assert cut.value.partial == whole[: len(whole) // 2]


def test_a_delay_is_the_answer_late(sandbox):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": "delay", "delay_s": 0.2})
    began = time.monotonic()
    assert contents(api) == 0
    assert time.monotonic() - began >= 0.2


def test_nobody_waits_for_a_sandbox_that_ends(sandbox, capfd):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": "delay", "delay_s": 600})
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(api.ask, "GET", READ)
        time.sleep(0.2)
        box.stop()
        assert late.result()[0] == 200  # it may end, at once
    assert capfd.readouterr().err == ""


def test_latency_is_for_every_call(sandbox):
    _, api = sandbox(latency_s=0.1)
    began = time.monotonic()
    assert contents(api) == 0  # a token, then a read
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_others_go_on_beside_a_fault_and_nothing_is_said_on_stderr(
    sandbox, capfd, kind
):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": kind, "nth": 1, "delay_s": 0.01})
    peer_of(box, f"GET {READ} HTTP/1.0\r\n\r\n".encode())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: contents(api), range(8))) == [0] * 8
    box.stop()
    assert capfd.readouterr().err == ""


def test_no_fault_breaks_the_proof_of_identity(sandbox):
    box, _ = sandbox(faults=[{"kind": "reset-before"}])
    url = f"{box.base_url}.well-known/voiceprep-sandbox?nonce={'0' * 64}"
    with urllib.request.urlopen(url) as answer:
        assert json.loads(answer.read())["sandbox"] == "voiceprep"


# Late visibility


def test_what_is_created_can_be_read_only_later_by_its_id_too(sandbox):
    box, api = sandbox(clock="manual", late_visibility_s=30)
    mailing = api.mailing()
    content = api.upload()[1]["list"][0]["id"]
    unseen = [
        ("GET", f"{READ}?id={content}"),
        ("GET", f"/rest/mailings?id={mailing}"),
        ("GET", "/rest/mailings?name=Relance"),
        ("GET", f"/rest/messages?mailingId={mailing}"),
    ]
    for call in unseen:
        assert api.ask(*call)[1]["list"] == []
    assert len(box.truth()["mailings"]) == 1
    box.advance(29)
    assert api.ask(*unseen[1])[1]["total"] == 0
    box.advance(1)
    for call in unseen:
        assert api.ask(*call)[1]["total"] == 1


def test_late_visibility_counts_real_seconds_on_a_fast_clock(sandbox, until):
    _, api = sandbox(clock=1_000, late_visibility_s=0.5)
    began = time.monotonic()
    api.mailing()
    until(lambda: api.ask("GET", "/rest/mailings")[1]["total"], "the mailing")
    assert time.monotonic() - began >= 0.5


# The log


def test_the_log_tells_each_call_and_its_fault(sandbox, until):
    box, api = sandbox()
    api.bearer()
    box.script({"kind": "reset-before", "method": "DELETE"})
    api.ask("GET", f"{READ}?limit=1&name=secret")
    peer_of(box, f"DELETE {READ} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    token, read, cut = until(lambda: len(box.log()) == 3 and box.log(), "the log")
    assert (token["method"], token["path"], token["status"]) == ("POST", "/token", 200)
    assert (read["query"], read["status"]) == ("limit=1&name=…", 200)
    assert (cut["status"], cut["fault"]) == (None, "reset-before")
    assert read["number"] == token["number"] + 1


def test_no_secret_and_no_token_is_in_the_log(sandbox, until):
    box, api = sandbox()
    token = api.bearer()["Authorization"].split()[1]
    secret = box.client_secret
    for query in (
        f"access_token={token}",
        f"client_secret={secret}",
        f"access%5Ftoken={token}",
        f"x[access_token]={token}&{secret}={secret}",
        f"pingUrl=http://h/?key={secret}",
    ):
        api.raw("GET", f"{READ}.js?callback=f&{query}")
    api.raw("GET", f"/token/{secret}")
    until(lambda: len(box.log()) == 7, "the log")
    told = json.dumps(box.log())
    assert token not in told
    assert secret not in told


def test_the_log_is_bounded():
    log = RequestLog()
    call = {"method": "GET", "path": "/", "query": "", "status": 200, "size": 0}
    for _ in range(1_500):
        log.add(at=0.0, took_ms=1.0, **call)
    rows = log.listed()
    assert (len(rows), rows[-1]["number"]) == (1_000, 1_500)
    assert [row["number"] for row in log.listed(after=1_498)] == [1_499, 1_500]


def test_a_query_is_cut_to_a_length():
    assert len(shown_query(b"&".join(b"id=12345678" for _ in range(500)))) == 200
