"""Contents over real sockets (R20, R27–R31); answers written by hand."""

import audioop
import json
import os
import shutil
import stat
import struct
import urllib.parse
import urllib.request

import numpy as np
import pytest
from caller import Caller, multipart
from material import chunk, fmt, riff
from talk import wav

from voiceprep.errors import SettingsError
from voiceprep.sandbox import Sandbox, identity

PATH = "/content/rest/contents"


def fetch(url):
    with urllib.request.urlopen(url) as answer:  # no token (H2, R31)
        return answer.read()


def changed(values):
    return {"metaData": json.dumps(values)}


def test_r19_and_r30_a_created_content(call):
    fields = [("name", "Relance"), ("tags[0]", "mars"), ("tags[1]", "vp-1")]
    told = call.upload(wav(10.9), fields)
    assert (told.status, told.json["httpStatusCode"]) == (201, 201)
    assert (told.json["size"], told.json["total"]) == (1, None)
    assert "status" not in told.json
    assert list(told.row) == [
        *("id", "name", "description", "comment", "filename", "filesize"),
        *("mimeType", "duration", "tags", "url", "url_encoded"),
    ]
    assert told.row["id"].isdecimal()
    assert told.row["filesize"] == str(len(wav(10.9)))
    assert (told.row["duration"], told.row["mimeType"]) == (10, "audio/wav")
    assert (told.row["name"], told.row["tags"]) == ("Relance", ["mars", "vp-1"])
    assert told.row["description"] is None
    assert told.row["url_encoded"] == told.row["url"].removesuffix(".wav") + ".pcm"


def test_r27_tags_and_mime_type_are_searchable(call):
    fields = [("name", "a"), ("tags", "avril,vp-2"), ("description", "a, b")]
    number = call.upload(fields=fields).row["id"]
    for query in ("tags=vp-2", "tags=avril,none", "tags[]=vp-2&mimeType=audio/wav"):
        assert [row["id"] for row in call("GET", f"{PATH}?{query}").rows] == [number]
    assert call("GET", f"{PATH}?tags=vp-2&mimeType=audio/mp3").rows == []
    assert call("GET", f"{PATH}?description=a,%20b").row["id"] == number


def test_r11_tags_array_is_a_keyword_and_not_an_error(call):
    assert call.upload(fields=[("name", "a"), ("tags", "Array")]).row["tags"] == [
        "Array"
    ]


def test_r27_the_declared_type_and_name_of_the_file_count_for_nothing(call):
    raw, kind = multipart([("name", "a")], wav(), "a.mp3", "text/plain")
    told = call("POST", PATH, raw, kind).row
    assert (told["mimeType"], told["filename"]) == ("audio/wav", "a.mp3")


def test_r29_what_is_stored_is_what_audioop_encodes(call):
    raw = wav(10)
    told = call.upload(raw).row
    assert fetch(told["url"]) == raw
    assert fetch(told["url_encoded"]) == audioop.lin2alaw(raw[44:], 2)


def test_r29_the_sandbox_resamples_in_its_own_way_and_well(call):
    stored = fetch(call.upload(wav(10, 44_100, 1_000)).row["url_encoded"])
    pcm = audioop.alaw2lin(stored, 2)
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
def test_r28_what_is_not_taken_is_417(call, file, said):
    told = call.upload(file)
    assert (told.status, told.json["status"]) == (417, 417)
    assert said in told.json["message"]


def test_r28_exactly_ten_seconds_are_taken_and_r27_name_and_file_are_required(call):
    assert call.upload(wav(10.0)).status == 201
    assert call.upload(fields=[]).json["message"].startswith("name")
    without = call("POST", PATH, {"name": "a"})
    assert without.status == 417
    assert "contentFile is required" in without.json["message"]


def test_a_refused_upload_leaves_no_file_behind(box, call):
    before = sorted((box.data / "files").iterdir())
    assert call.upload(b"this is text").status == 417
    assert call.upload(fields=[("name", "a" * 256)]).status == 417
    assert sorted((box.data / "files").iterdir()) == before


def test_a_file_that_hangs_the_decoder_costs_itself_only(tmp_path):
    inner = b"INFO" + b"INAM" + b"\x00\xff\xff\xff"
    bad = riff(fmt(), b"LIST" + b"\x00\xff\xff\xff" + inner)
    with Sandbox(tmp_path, conversion_limit_s=3) as box:
        call = Caller(box.port, box.client_id, box.client_secret)
        assert call.upload(bad).status == 417
        assert call.upload().status == 201


# Updates and deletes


def test_r20_metadata_changes_what_the_filters_select(call):
    numbers = [call.upload(fields=[("name", "before")]).row["id"] for _ in range(2)]
    values = {"name": "après", "description": "d", "tags": ["x", "y"]}
    told = call("PUT", PATH, {"id": ",".join(numbers), **changed(values)})
    assert (told.status, told.json) == (200, {"count": 2})
    for row in call("GET", f"{PATH}?id={','.join(numbers)}").rows:
        assert {name: row[name] for name in values} == values
    cleared = changed({"description": None, "tags": []})
    assert call("PUT", PATH, {"id": numbers[0], **cleared}).json == {"count": 1}
    row = call("GET", f"{PATH}?id={numbers[0]}").row
    assert (row["description"], row["tags"], row["name"]) == (None, [], "après")


def test_r20_the_documents_quotes_are_stripped_and_r21_json_stays_in_json(call):
    number = call.upload().row["id"]
    quoted = {"id": number, "metaData": """'{"name": "it's"}'"""}
    assert call("PUT", PATH, quoted).json == {"count": 1}
    assert call("GET", f"{PATH}?id={number}").row["name"] == "it's"
    inside = {"id": [int(number)], **changed({"name": "inside"})}
    assert call.in_json("POST", f"{PATH}?action=update", inside).json == {"count": 1}
    assert call("GET", f"{PATH}?id={number}").row["name"] == "inside"


def test_r20_filters_are_anded_and_names_are_never_split(call):
    for name in ("p,q", "p", "q"):
        call.upload(fields=[("name", name)])
    assert [row["name"] for row in call("GET", f"{PATH}?name=p,q").rows] == ["p,q"]
    two = call("GET", f"{PATH}?name[]=p&name[]=q").rows
    assert {row["name"] for row in two} == {"p", "q"}
    number = two[0]["id"]
    assert call("GET", f"{PATH}?id={number}&name=neither").rows == []


@pytest.mark.parametrize(
    ("meta_data", "status"),
    [
        ('{"id": "9"}', 400),
        ('{"filesize": "9"}', 400),
        ('{"colour": "red"}', 400),
        ("{'name': 1}", 400),
        ('{"name": "x",}', 400),
        ("[]", 400),
        ("{}", 417),
        ("", 417),
        ('{"name": ""}', 417),
        ('{"name": 5}', 417),
        ('{"tags": 5}', 417),
    ],
)
def test_r20_metadata_that_is_none_changes_nothing(call, meta_data, status):
    number = call.upload(fields=[("name", "as it was")]).row["id"]
    told = call("PUT", PATH, {"id": number, "metaData": meta_data})
    assert (told.status, told.json["status"]) == (status, status)
    assert call("GET", f"{PATH}?id={number}").row["name"] == "as it was"


def test_r20_no_filter_is_never_all_and_nothing_is_304(call):
    number = call.upload().row["id"]
    assert call("PUT", PATH, changed({"name": "x"})).status == 417
    assert call("DELETE", PATH).status == 417
    assert call("DELETE", f"{PATH}?limit=5&_=1").status == 417
    assert call("DELETE", f"{PATH}?colour=red").status == 400  # R13
    for method, path, body in [
        ("PUT", f"{PATH}?id=999999999", changed({"name": "x"})),
        ("DELETE", f"{PATH}?id=999999999", None),
        ("DELETE", f"{PATH}?id=", None),
    ]:
        told = call(method, path, body)
        assert (told.status, told.body) == (304, b"")
    assert call("GET", f"{PATH}?id={number}").row["name"] == "a"


def test_r20_a_deleted_content_is_gone_with_its_files(box, call):
    told = call.upload(fields=[("name", "a"), ("tags", "doomed")]).row
    query = urllib.parse.urlencode({"id": told["id"]})
    gone = call("DELETE", f"{PATH}?{query}")
    assert (gone.status, gone.json) == (200, {"count": 1})
    assert call("DELETE", f"{PATH}?{query}").status == 304
    assert call("GET", f"{PATH}?tags=doomed").rows == []
    path = urllib.parse.urlsplit(told["url_encoded"]).path
    assert call("GET", path).status == 404
    assert not (box.data / "files" / path.split("/")[2]).exists()


# Files


@pytest.mark.parametrize(
    "name",
    ["../../x.wav", "..", "a\tb.pcm", "é\u202e.wav", "", "\U0001f600" * 90, "a.b" * 90],
)
def test_file_names_do_no_harm(box, call, name):
    told = call.upload(name=name)
    assert told.status == 201
    assert fetch(told.row["url"]) == wav()
    assert len(fetch(told.row["url_encoded"])) == 80_000
    outside = {path.name for path in box.data.parent.iterdir()}
    assert "x.wav" not in outside


@pytest.mark.parametrize(
    "path",
    ["x/a.wav", f"{'a' * 32}/..", f"{'a' * 32}/%00", f"{'a' * 32}/{'n' * 3_000}"],
)
def test_a_stored_file_that_is_none_is_404(call, path):
    assert call("GET", f"/datas/{path}").status == 404
    told = call("POST", f"/datas/{path}")
    assert (told.status, told.headers["Allow"]) == (405, "GET, HEAD")


# The data folder


def test_a_restart_keeps_tokens_contents_and_links(tmp_path):
    with Sandbox(tmp_path) as first:
        call = Caller(first.port, first.client_id, first.client_secret)
        url = call.upload().row["url_encoded"]
    with Sandbox(tmp_path, port=first.port):
        assert call("GET", PATH).json["size"] == 1
        assert len(fetch(url)) == 80_000


def test_it_proves_who_it_is_and_keeps_its_secrets(box):
    nonce = "ab" * 16
    path = f"/.well-known/voiceprep-sandbox?nonce={nonce}"
    told = Caller(box.port)("GET", path).json
    assert told["proof"] == identity.proof(identity.key(box.data), nonce)
    for name in ("client_secret", "identity.key"):
        assert stat.S_IMODE(os.stat(box.data / name).st_mode) == 0o600  # noqa: PTH116
    assert box.client_secret not in repr(box)
    with pytest.raises(SettingsError, match="can't listen"):
        Sandbox(box.data, port=box.port).start()


def test_what_voiceprep_0_1_stored_is_still_there(tmp_path):
    with Sandbox(tmp_path / "new") as made:
        call = Caller(made.port, made.client_id, made.client_secret)
        told = call.upload(fields=[("name", "old"), ("tags", "kept")]).row
    import sqlite3

    old = tmp_path / "old"
    shutil.copytree(tmp_path / "new", old)
    with sqlite3.connect(old / "sandbox.sqlite3") as db:
        for table in ("pings", "messages", "mailings", "versions"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DROP INDEX ix_tokens_expires_at")
        db.execute("ALTER TABLE contents DROP COLUMN created_at")
    db.close()
    with Sandbox(old, port=made.port):
        assert call("GET", PATH).row == told
        assert call.mailing().status == 201
