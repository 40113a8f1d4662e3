"""R1 to R7: tokens, and what happens without one."""

import base64
import json

import pytest
from talk import (
    CONTENTS,
    ENCODINGS,
    MAILINGS,
    MESSAGES,
    Caller,
    multipart,
    received,
    urlencoded,
)

INVALID = {
    "error": "invalid_client",
    "error_description": "The client credentials are invalid",
}
NO_TOKEN = b'{"status":401,"message":"Authenticate failed"}'


@pytest.mark.contract("R1")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_r01_credentials_are_taken_from_every_kind_of_body(caller, encoding):
    reply = caller.raw("POST", "/token", *encoding(caller.account))
    assert reply.status == 200
    assert reply.json["access_token"]


@pytest.mark.contract("R1")
@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_r01_credentials_are_taken_as_http_basic(caller, scheme):
    pair = f"{caller.account['client_id']}:{caller.account['client_secret']}"
    word = base64.b64encode(pair.encode()).decode()
    body, headers = urlencoded({"grant_type": "client_credentials"})
    headers["Authorization"] = f"{scheme} {word}"
    assert caller.raw("POST", "/token", body, headers).status == 200


@pytest.mark.contract("R2")
def test_r02_the_token_answer_has_four_members_and_expires_in_is_a_number(caller):
    told = caller.raw("POST", "/token", *urlencoded(caller.account)).json
    assert sorted(told) == ["access_token", "expires_in", "scope", "token_type"]
    assert type(told["expires_in"]) is int
    assert told["expires_in"] == 3_600
    assert (told["token_type"], told["scope"]) == ("bearer", "basic")


@pytest.mark.contract("R3")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize(
    "changed",
    [
        {"client_secret": "x"},
        {"client_id": "x"},
        {"client_id": ""},
        {"grant_type": "password"},
        {"grant_type": None},
        {"client_id": None},
        {"client_secret": None},
    ],
    ids=str,
)
def test_r03_any_wrong_parameter_is_the_same_400(caller, changed, encoding):
    told = {**caller.account, **changed}
    fields = {name: value for name, value in told.items() if value is not None}
    reply = caller.raw("POST", "/token", *encoding(fields))
    assert (reply.status, reply.json) == (400, INVALID)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.contract("R3")
def test_r03_an_empty_or_broken_body_is_the_same_400(caller):
    for body, kind in [(b"", ""), (b"{", "application/json"), (b"\xff", "a/b")]:
        reply = caller.raw("POST", "/token", body, {"Content-Type": kind})
        assert (reply.status, reply.json) == (400, INVALID)


@pytest.mark.contract("R3")
def test_r03_get_is_405_and_says_what_is_allowed(caller):
    reply = caller.raw("GET", "/token?grant_type=client_credentials")
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    assert reply.json["status"] == 405


@pytest.mark.contract("R3")
def test_r03_a_token_is_never_kept_by_caches(caller):
    reply = caller.raw("POST", "/token", *urlencoded(caller.account))
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.contract("R4")
def test_r04_a_token_of_50000_characters_works(open_box):
    with open_box(token_chars=50_000) as box:
        caller = Caller(box)
        assert len(caller.token) == 50_000
        assert caller.get(CONTENTS).status == 200


@pytest.mark.contract("R4")
def test_r04_headers_of_64_kib_are_read(caller):
    padding = {f"X-Padding-{n}": "p" * 8_000 for n in range(8)}
    assert caller.call("GET", CONTENTS, headers=padding).status == 200


@pytest.mark.contract("R5")
def test_r05_a_token_dies_after_expires_in_seconds(open_box):
    with open_box(token_lifetime_s=0) as box:
        caller = Caller(box)
        told = caller.raw("POST", "/token", *urlencoded(caller.account)).json
        assert told["expires_in"] == 0
        assert caller.get(CONTENTS).body == NO_TOKEN


@pytest.mark.contract("R5")
def test_r05_tokens_survive_a_restart(open_box, new_database, tmp_path):
    database = new_database()
    with open_box(tmp_path, database=database) as first:
        bearer = Caller(first).bearer
    with open_box(tmp_path, database=database) as second:
        assert Caller(second).raw("GET", CONTENTS, None, bearer).status == 200


@pytest.mark.contract("R6")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Token", "Bearer:", ""])
def test_r06_the_scheme_word_has_its_case(caller, scheme):
    headers = {"Authorization": f"{scheme} {caller.token}"}
    reply = caller.raw("GET", CONTENTS, None, headers)
    assert (reply.status, reply.body) == (401, NO_TOKEN)


@pytest.mark.contract("R6")
@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"])
def test_r06_the_headers_name_has_none(caller, name):
    headers = {name: caller.bearer["Authorization"]}
    assert caller.raw("GET", CONTENTS, None, headers).status == 200


@pytest.mark.contract("R7")
@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [CONTENTS, MAILINGS, MESSAGES, f"{CONTENTS}.json"])
def test_r07_every_call_without_a_token_gets_the_46_bytes(caller, verb, path):
    reply = caller.raw(verb, path)
    assert (reply.status, reply.body, len(NO_TOKEN)) == (401, NO_TOKEN, 46)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Content-Length"] == "46"


@pytest.mark.contract("R7")
def test_r07_a_token_that_was_never_given_is_no_token(caller):
    for word in ("x" * 64, caller.token[:-1], caller.token + "x", "é", ""):
        headers = {"Authorization": f"Bearer {word}".encode("latin-1")}
        assert caller.raw("GET", CONTENTS, None, headers).body == NO_TOKEN


@pytest.mark.contract("R7")
def test_r07_a_script_tag_sends_its_token_in_the_query(caller):
    asked = f"callback=f&access_token={caller.token}"
    reply = caller.raw("GET", f"{CONTENTS}.js?{asked}")
    assert reply.status == 200
    assert b'"list":' in reply.body


@pytest.mark.contract("R7")
@pytest.mark.parametrize("ending", ["", ".json", ".xml", ".csv"])
def test_r07_in_no_other_format_is_a_token_of_the_query_taken(caller, ending):
    reply = caller.raw("GET", f"{CONTENTS}{ending}?access_token={caller.token}")
    assert reply.status == 401


@pytest.mark.contract("R7")
def test_r07_a_large_body_is_not_waited_for_without_a_token(caller):
    head = (
        f"POST {CONTENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with caller.sockets() as line:
        line.sendall(head.encode() + b"--x\r\n")
        assert received(line).startswith(b"HTTP/1.1 401 ")


@pytest.mark.contract("R7", "R1")
def test_r07_a_php_client_signs_in_and_calls_with_multipart_bodies(caller):
    told = caller.raw("POST", "/token", *multipart(caller.account))
    bearer = {"Authorization": f"Bearer {json.loads(told.body)['access_token']}"}
    body, kind = multipart({"action": "read", "limit": "1"})
    path = f"{CONTENTS}?action=read"
    assert caller.raw("POST", path, body, {**kind, **bearer}).status == 200
