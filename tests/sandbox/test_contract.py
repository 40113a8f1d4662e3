"""The sandbox over real sockets; answers written by hand from the contract."""

import audioop
import http.client
import io
import json
import os
import stat
import struct
import urllib.parse
import urllib.request
import uuid

import numpy as np
import pytest
from material import chunk, fmt, riff, tone

from voiceprep.errors import SettingsError
from voiceprep.sandbox import Sandbox, identity


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("box"), conversion_limit_s=20) as sandbox:
        yield sandbox


def call(box, method, path, body=None, headers=None):
    """Call the sandbox; return status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def form(fields, file=None, name="a.wav", kind="application/octet-stream"):
    """Write a multipart body by hand."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields
    ]
    raw = "".join(parts).encode()
    if file is not None:
        head = f'name="contentFile"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        raw += f"--{mark}\r\nContent-Disposition: form-data; {head}".encode() + file
        raw += b"\r\n"
    raw += f"--{mark}--\r\n".encode()
    return raw, {"Content-Type": f"multipart/form-data; boundary={mark}"}


def credentials(box, **changed):
    secret = box.client_secret
    told = {"grant_type": "client_credentials", "client_id": box.client_id}
    return {**told, "client_secret": secret, **changed}


def token(box):
    body = urllib.parse.urlencode(credentials(box))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return json.loads(call(box, "POST", "/token", body, kind)[2])["access_token"]


@pytest.fixture(scope="module")
def bearer(box):
    return {"Authorization": f"Bearer {token(box)}"}


def wav(seconds=10.0, rate=8_000, hz=440):
    steps = (tone(rate, hz, seconds, 0.4) * 32_767).astype("<i2")
    return riff(fmt(rate=rate), chunk(b"data", steps.tobytes()))


def create(box, bearer, file=None, fields=(("name", "a"),), name="a.wav"):
    raw, kind = form(fields, wav() if file is None else file, name)
    status, _, body = call(
        box, "POST", "/content/rest/contents", raw, {**kind, **bearer}
    )
    return status, json.loads(body)


def read(box, bearer, query=""):
    path = f"/content/rest/contents?{query}"
    status, _, body = call(box, "GET", path, None, bearer)
    return status, json.loads(body)


# Tokens


def test_r1_credentials_come_in_all_four_ways(box):
    plain = credentials(box)
    ways = [
        (urllib.parse.urlencode(plain), "application/x-www-form-urlencoded"),
        (json.dumps(plain), "application/json"),
    ]
    for body, kind in ways:
        assert call(box, "POST", "/token", body, {"Content-Type": kind})[0] == 200
    raw, kind = form(plain.items())
    assert call(box, "POST", "/token", raw, kind)[0] == 200


def test_r2_the_token_answer(box):
    raw, kind = form(credentials(box).items())
    status, headers, body = call(box, "POST", "/token/", raw, kind)
    told = json.loads(body)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert headers["Cache-Control"] == "no-store"
    assert told["expires_in"] == 3_600
    assert isinstance(told["expires_in"], int)
    assert (told["token_type"], told["scope"]) == ("bearer", "basic")


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "x"}, {"client_id": "x"}, {"grant_type": "password"}]
)
def test_r3_any_wrong_parameter_is_the_same_400(box, wrong):
    raw, kind = form(credentials(box, **wrong).items())
    status, _, body = call(box, "POST", "/token", raw, kind)
    assert status == 400
    assert json.loads(body) == {
        "error": "invalid_client",
        "error_description": "The client credentials are invalid",
    }


def test_r3_get_is_405(box):
    status, headers, _ = call(box, "GET", "/token")
    assert (status, headers["Allow"]) == (405, "POST")


def test_r4_a_token_of_50000_characters_works(tmp_path):
    with Sandbox(tmp_path, token_chars=50_000) as box:
        long = token(box)
        assert len(long) == 50_000
        status, _ = read(box, {"Authorization": f"Bearer {long}"})
        assert status == 200


def test_r5_a_token_dies_and_r6_the_scheme_has_its_case(box, bearer, tmp_path):
    word = bearer["Authorization"].replace("Bearer", "bearer")
    assert call(box, "GET", "/rest/contents", None, {"Authorization": word})[0] == 401
    with Sandbox(tmp_path, token_lifetime_s=0.0) as short:
        dead = {"Authorization": f"Bearer {token(short)}"}
        assert call(short, "GET", "/rest/contents", None, dead)[0] == 401


def test_r7_without_a_token_46_bytes(box):
    status, headers, body = call(box, "GET", "/content/rest/contents")
    assert (status, headers["Content-Type"]) == (401, "application/json")
    assert body == b'{"status":401,"message":"Authenticate failed"}'
    assert len(body) == 46


# Calls


def test_r19_and_r30_a_created_content(box, bearer):
    fields = [("name", "Relance"), ("tags[0]", "mars"), ("tags[1]", "vp-1")]
    status, told = create(box, bearer, wav(10.9), fields)
    (row,) = told["list"]
    assert (status, told["httpStatusCode"], told["total"]) == (201, 201, None)
    assert "status" not in told
    assert row["id"].isdecimal()
    assert row["filesize"] == str(len(wav(10.9)))
    assert (row["duration"], row["mimeType"]) == (10, "audio/wav")
    assert (row["name"], row["tags"]) == ("Relance", ["mars", "vp-1"])
    assert row["url_encoded"] == row["url"].removesuffix(".wav") + ".pcm"
    found = read(box, bearer, "tags=vp-1")[1]["list"]
    assert [each["id"] for each in found] == [row["id"]]


def test_r29_what_is_stored_is_what_audioop_encodes(box, bearer):
    raw = wav(10)
    url = create(box, bearer, raw)[1]["list"][0]["url_encoded"]
    with urllib.request.urlopen(url) as answer:  # no token (H2, R31)
        stored = answer.read()
    assert stored == audioop.lin2alaw(raw[44:], 2)


def test_r29_the_sandbox_resamples_in_its_own_way_and_well(box, bearer):
    url = create(box, bearer, wav(10, 44_100, 1_000))[1]["list"][0]["url_encoded"]
    with urllib.request.urlopen(url) as answer:
        pcm = audioop.alaw2lin(answer.read(), 2)
    heard = np.frombuffer(pcm, "<i2")[4_000:-4_000] / 32_768
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert spectrum.argmax() * 8_000 / len(heard) == pytest.approx(1_000, abs=1)
    assert np.sqrt((heard**2).mean()) == pytest.approx(0.4 / np.sqrt(2), rel=0.01)
    assert len(pcm) == 2 * 80_000


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"this is text", "neither a valid mp3 nor a valid wav"),
        (wav(9.99), "at least 10 s"),
        (
            riff(
                fmt(tag=3, bits=32), chunk(b"data", struct.pack("<f", np.nan) * 90_000)
            ),
            "finite",
        ),
        (b"", "contentFile"),
    ],
)
def test_r28_what_is_not_taken_is_417(box, bearer, file, said):
    status, told = create(box, bearer, file)
    assert (status, told["status"]) == (417, 417)
    assert said in told["message"]


def test_r28_exactly_ten_seconds_are_taken_and_r27_the_name_is_required(box, bearer):
    assert create(box, bearer, wav(10.0))[0] == 201
    assert create(box, bearer, wav(), fields=[])[0] == 417


def test_r28_more_than_20_mib_is_refused_before_it_is_read(box, bearer):
    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=10)
    connection.putrequest("POST", "/content/rest/contents")
    connection.putheader("Authorization", bearer["Authorization"])
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(50 << 20))
    connection.endheaders(b"--x\r\n")
    assert connection.getresponse().status == 417
    connection.close()


def test_a_file_that_hangs_the_decoder_costs_itself_only(tmp_path):
    inner = b"INFO" + b"INAM" + b"\x00\xff\xff\xff"
    bad = riff(fmt(), b"LIST" + b"\x00\xff\xff\xff" + inner)
    with Sandbox(tmp_path, conversion_limit_s=3) as box:
        bearer = {"Authorization": f"Bearer {token(box)}"}
        assert create(box, bearer, bad)[0] == 417
        assert create(box, bearer)[0] == 201


@pytest.mark.parametrize(
    "query",
    [
        "id={0},{1}",
        "id[0]={0}&id[1]={1}",
        "id[]={0}&id[]={1}",
        "id={0}&id={1}",
        "id%5B0%5D={0}&id%5B1%5D={1}",
        "id[0]={0},{1}",
    ],
)
def test_r10_lists_come_in_every_form(box, bearer, query):
    ids = [create(box, bearer)[1]["list"][0]["id"] for _ in range(2)]
    told = read(box, bearer, query.format(*ids))[1]
    assert [row["id"] for row in told["list"]] == ids


def test_r8_and_r9_actions_and_bodies_with_every_verb(box, bearer):
    number = create(box, bearer)[1]["list"][0]["id"]
    kind = {"Content-Type": "application/x-www-form-urlencoded", **bearer}
    asked = [
        ("POST", "?action=read", f"id={number}"),
        ("POST", "", f"action=read&id={number}"),
        ("POST", "?action=read", f"action=delete&id={number}"),
        ("GET", "", f"id={number}"),
    ]
    for method, query, body in asked:
        path = f"/content/rest/contents{query}"
        assert json.loads(call(box, method, path, body, kind)[2])["size"] == 1
    as_json = {"Content-Type": "application/json", **bearer}
    body = json.dumps({"id": [int(number)]})
    path = "/content/rest/contents/?action=read"
    assert json.loads(call(box, "POST", path, body, as_json)[2])["size"] == 1
    assert call(box, "POST", "/rest/contents?action=x", "", kind)[0] == 404


def test_r13_to_r17_reading(box, bearer):
    for _ in range(3):
        create(box, bearer)
    assert read(box, bearer, "colour=red")[0] == 400
    assert read(box, bearer, "_=1&callback=f")[0] == 200
    one = read(box, bearer, "limit=1&offset=1")[1]
    assert (one["size"], one["total"]) == (1, None)
    assert read(box, bearer, "limit=1&total=true")[1]["total"] >= 3
    assert read(box, bearer)[1]["total"] >= 3
    for bad in ("limit=0", "limit=x", "offset=-1", "sort=colour", "properties=colour"):
        assert read(box, bearer, bad)[0] == 400
    rows = read(box, bearer, "sort=id%20DESC&properties=id,name")[1]["list"]
    ids = [int(row["id"]) for row in rows]
    assert ids == sorted(ids, reverse=True)
    assert all(set(row) == {"id", "name"} for row in rows)
    row = read(box, bearer, "limit=1&properties=DEFAULT,-tags")[1]["list"][0]
    assert "tags" not in row
    assert "url" in row


def test_r20_delete(box, bearer):
    number = create(box, bearer)[1]["list"][0]["id"]
    path = "/content/rest/contents"
    assert call(box, "DELETE", path, None, bearer)[0] == 417
    status, _, body = call(box, "DELETE", f"{path}?id={number}", None, bearer)
    assert (status, json.loads(body)) == (200, {"count": 1})
    status, _, body = call(box, "DELETE", f"{path}?id={number}", None, bearer)
    assert (status, body) == (304, b"")


def test_r22_other_accounts_and_long_uris(box, bearer):
    number = create(box, bearer)[1]["list"][0]["id"]
    box._store.set_account("other", "secret")
    other = credentials(box, client_id="other", client_secret="secret")
    raw, kind = form(other.items())
    given = json.loads(call(box, "POST", "/token", raw, kind)[2])["access_token"]
    theirs = {"Authorization": f"Bearer {given}"}
    assert read(box, theirs, f"id={number}")[0] == 403
    assert read(box, theirs)[1]["list"] == []
    assert call(box, "GET", "/rest/contents?x=" + "y" * 8_200, None, bearer)[0] == 414
    assert call(box, "GET", "/rest/nothing", None, bearer)[0] == 404
    assert call(box, "PATCH", "/rest/contents", None, bearer)[0] == 405


def test_r24_json_is_compact_and_its_type_exact(box, bearer):
    _, headers, body = call(box, "GET", "/content/rest/contents?limit=1", None, bearer)
    assert headers["Content-Type"] == "application/json"
    assert body.startswith(b'{"size":1,"total":null,"list":[{"id":"')
    assert headers["Server"] == "voiceprep-sandbox"


@pytest.mark.parametrize("name", ["../../x.wav", "..", "a\tb.pcm", "é\u202e.wav", ""])
def test_file_names_do_no_harm(box, bearer, name):
    status, told = create(box, bearer, name=name)
    assert status == 201 or "contentFile" in told["message"]
    outside = {path.name for path in box.data.parent.iterdir()}
    assert "x.wav" not in outside


def test_a_restart_keeps_tokens_contents_and_links(tmp_path):
    with Sandbox(tmp_path) as first:
        bearer = {"Authorization": f"Bearer {token(first)}"}
        url = create(first, bearer)[1]["list"][0]["url_encoded"]
    with Sandbox(tmp_path, port=first.port) as second:
        assert read(second, bearer)[1]["size"] == 1
        with urllib.request.urlopen(url) as answer:
            assert len(answer.read()) == 80_000


def test_it_proves_who_it_is_and_keeps_its_secrets(box):
    nonce = "ab" * 16
    path = f"/.well-known/voiceprep-sandbox?nonce={nonce}"
    told = json.loads(call(box, "GET", path)[2])
    assert told["proof"] == identity.proof(identity.key(box.data), nonce)
    for name in ("client_secret", "identity.key"):
        assert stat.S_IMODE(os.stat(box.data / name).st_mode) == 0o600  # noqa: PTH116
    assert box.client_secret not in repr(box)
    with pytest.raises(SettingsError, match="can't listen"):
        Sandbox(box.data, port=box.port).start()


def test_malformed_calls_break_nothing(box, bearer):
    rng = np.random.default_rng(11)
    kinds = ["multipart/form-data", "multipart/form-data; boundary=x", "a/b", ""]
    kinds += ["application/json", "application/x-www-form-urlencoded"]
    for _ in range(120):
        body = rng.integers(0, 256, int(rng.integers(0, 300)), dtype=np.uint8).tobytes()
        noise = urllib.parse.quote_from_bytes(body[:40])
        method = ["GET", "POST", "PUT", "DELETE"][int(rng.integers(4))]
        path = ["/token", "/rest/contents", f"/rest/contents?id={noise}&limit=%00"]
        where = path[int(rng.integers(3))]
        kind = kinds[int(rng.integers(len(kinds)))]
        headers = {"Content-Type": kind, **bearer}
        assert call(box, method, where, io.BytesIO(body), headers)[0] < 500
    assert read(box, bearer)[0] == 200
