"""Tokens (R1–R7), and whose things they open."""

import json
import urllib.parse

import pytest
from caller import Caller, multipart

from voiceprep.sandbox import Sandbox

WRONG = {
    "error": "invalid_client",
    "error_description": "The client credentials are invalid",
}


def credentials(box, **changed):
    secret = box.client_secret
    told = {"grant_type": "client_credentials", "client_id": box.client_id}
    return {**told, "client_secret": secret, **changed}


def test_r1_credentials_come_in_all_four_ways(box):
    plain, nobody = credentials(box), Caller(box.port)
    as_basic = {"Authorization": "Basic " + _basic(box.client_id, box.client_secret)}
    only = {"grant_type": "client_credentials"}
    assert nobody("POST", "/token", plain).status == 200
    assert nobody.in_json("POST", "/token", plain).status == 200
    assert nobody("POST", "/token", *multipart(plain.items())).status == 200
    assert nobody("POST", "/token", only, as_basic).status == 200


def _basic(client_id, secret):
    import base64

    return base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_r2_the_token_answer(box):
    told = Caller(box.port)("POST", "/token/", credentials(box))
    assert (told.status, told.headers["Content-Type"]) == (200, "application/json")
    assert told.headers["Cache-Control"] == "no-store"
    assert told.json["expires_in"] == 3_600
    assert isinstance(told.json["expires_in"], int)
    assert (told.json["token_type"], told.json["scope"]) == ("bearer", "basic")


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "x"},
        {"client_id": "x"},
        {"grant_type": "password"},
        {"client_secret": ""},
        {"client_id": "\x00\ud800"},
    ],
)
def test_r3_any_wrong_parameter_is_the_same_400(box, wrong):
    told = Caller(box.port).in_json("POST", "/token", credentials(box, **wrong))
    assert (told.status, told.json) == (400, WRONG)
    assert told.headers["Cache-Control"] == "no-store"


def test_r3_a_missing_grant_type_too_and_get_is_405(box):
    told = {"client_id": box.client_id, "client_secret": box.client_secret}
    assert Caller(box.port)("POST", "/token", told).json == WRONG
    for method in ("GET", "PUT", "WHATEVER"):
        refused = Caller(box.port)(method, "/token")
        assert (refused.status, refused.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b""])
def test_r3_a_body_that_can_not_be_read_is_no_credentials(box, body):
    for kind in ("application/json", "multipart/form-data", "a/b"):
        told = Caller(box.port)("POST", "/token", body, {"Content-Type": kind})
        assert (told.status, told.json) == (400, WRONG)


def test_r4_a_token_of_50000_characters_works(tmp_path):
    with Sandbox(tmp_path, token_chars=50_000) as box:
        call = Caller(box.port, box.client_id, box.client_secret)
        assert len(call.token) == 50_000
        assert call("GET", "/content/rest/contents").status == 200


def test_r5_a_token_dies_and_r6_the_scheme_has_its_case(box, call, tmp_path):
    lower = {"Authorization": f"bearer {call.token}"}
    assert call("GET", "/rest/contents", None, lower).status == 401
    shouted = {"AUTHORIZATION": f"Bearer {call.token}"}
    assert Caller(box.port)("GET", "/rest/contents", None, shouted).status == 200
    with Sandbox(tmp_path, token_lifetime_s=0) as short:
        dead = Caller(short.port, short.client_id, short.client_secret)
        assert dead("GET", "/rest/contents").status == 401


@pytest.mark.parametrize("path", ["contents", "contents.xml", "nothing", "mailings"])
def test_r7_without_a_token_46_bytes(box, path):
    told = Caller(box.port)("GET", f"/content/rest/{path}")
    assert (told.status, told.headers["Content-Type"]) == (401, "application/json")
    assert told.body == b'{"status":401,"message":"Authenticate failed"}'
    assert len(told.body) == 46


def test_r7_a_script_tag_may_name_its_token_in_the_query_and_only_a_script(box, call):
    query = f"callback=f&access_token={call.token}"
    nobody = Caller(box.port)
    assert nobody("GET", f"/rest/contents.js?{query}").body.startswith(b'/**/f({"size"')
    for path in ("contents", "contents.json", "contents.xml"):
        assert nobody("GET", f"/rest/{path}?{query}").status == 401
    without = nobody("GET", "/rest/contents.js?callback=f")
    assert without.status == 200  # R25
    assert without.body == b'/**/f({"status":401,"message":"Authenticate failed"});'


def test_r22_one_client_never_sees_anothers_things(call, other):
    content = call.upload().row["id"]
    mailing = call.mailing(name="ours").row["id"]
    message = call("GET", f"/rest/messages?mailingId={mailing}").row["id"]
    mine = other.mailing(name="ours").row["id"]
    assert other("GET", "/rest/contents").rows == []
    assert [row["id"] for row in other("GET", "/rest/mailings").rows] == [mine]
    found = other("GET", "/rest/messages?mailingName=ours").rows
    assert {row["mailingId"] for row in found} == {mine}
    changed = urllib.parse.urlencode({"metaData": json.dumps({"name": "x"})})
    for method, query in [
        ("GET", f"contents?id={content}"),
        ("PUT", f"contents?id={content}&{changed}"),
        ("DELETE", f"contents?id={content}"),
        ("GET", f"mailings?id={mine},{mailing}"),
        ("PUT", f"mailings?id={mailing}&{changed}"),
        ("DELETE", f"mailings?id={mailing}"),
        ("GET", f"messages?id={message}"),
        ("GET", f"messages?mailingId={mailing}"),
    ]:
        told = other(method, f"/rest/{query}")
        assert (told.status, told.json["status"]) == (403, 403), (method, query)
    assert other("PUT", f"/rest/mailings?name=ours&{changed}").json == {"count": 1}
    assert call("GET", f"/rest/mailings?id={mailing}").row["name"] == "ours"


def test_an_account_outlives_a_restart_and_takes_a_new_secret(tmp_path):
    with Sandbox(tmp_path) as first:
        first.add_account("acme", "one")
        before = Caller(first.port, "acme", "one")
    second = Sandbox(tmp_path, port=first.port)
    second.add_account("acme", "two")
    with second:
        assert before("GET", "/rest/contents").status == 200
        assert Caller(second.port, "acme", "two").token
        assert not second._store.knows("acme", "one")
