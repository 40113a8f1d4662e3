"""R23 to R26: JSON, XML, CSV and JSONP, by extension and by Accept."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from talk import CONTENTS, MAILINGS, MESSAGES, a_mailing, multipart, urlencoded, wav

TYPES = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".js": "application/javascript",
}
CALLBACK = "f"
NASTY = '=cmd() <script>alert("1")</script> & \u202e évêque, "quoted"\nline'


def kind_of(reply):
    return reply.headers["Content-Type"].partition(";")[0].strip()


@pytest.fixture(scope="module")
def content(caller):
    return caller.upload(fields=[("name", "formats"), ("tags", "a,b")]).rows[0]


# R23


@pytest.mark.contract("R23")
def test_r23_without_a_word_the_answer_is_json(caller, content):
    for path in (CONTENTS, MAILINGS):
        assert kind_of(caller.get(path, {"limit": 1})) == "application/json"


@pytest.mark.contract("R23")
@pytest.mark.parametrize("ending", TYPES)
@pytest.mark.parametrize("path", [CONTENTS, MAILINGS])
def test_r23_the_extension_chooses(caller, content, path, ending):
    reply = caller.get(path + ending, {"limit": 1, "callback": CALLBACK})
    assert (reply.status, kind_of(reply)) == (200, TYPES[ending])


@pytest.mark.contract("R23")
@pytest.mark.parametrize("ending", TYPES)
def test_r23_with_every_verb(caller, ending):
    tail = f"{ending}?callback={CALLBACK}"
    file = [("contentFile", "a.wav", "", wav())]
    made = caller.call("POST", CONTENTS + tail, *multipart({"name": "verbs"}, file))
    assert (made.status, kind_of(made)) == (201, TYPES[ending])
    number = caller.get(CONTENTS, {"name": "verbs"}).ids[-1]
    told = {"id": number, "metaData": '{"description":"x"}'}
    for reply in (
        caller.send("PUT", CONTENTS + tail, told),
        caller.send("POST", f"{CONTENTS}{tail}&action=read", {"id": number}),
        caller.send("DELETE", CONTENTS + tail, {"id": number}),
    ):
        assert (reply.status, kind_of(reply)) == (200, TYPES[ending])


@pytest.mark.contract("R23")
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
        ("text/xml", "application/xml"),
        ("text/csv", "text/csv"),
        ("*/*", "application/json"),
        ("image/png", "application/json"),
        ("", "application/json"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("application/json;q=0.2, application/xml;q=0.9", "application/xml"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("garbage;;q=x,,/", "application/json"),
    ],
)
def test_r23_accept_chooses_where_no_extension_does(caller, content, accept, kind):
    reply = caller.call("GET", f"{CONTENTS}?limit=1", headers={"Accept": accept})
    assert (reply.status, kind_of(reply)) == (200, kind)


@pytest.mark.contract("R23")
def test_r23_the_extension_beats_accept(caller, content):
    asked = {"Accept": "text/csv"}
    for ending in (".json", ".xml"):
        reply = caller.call("GET", f"{CONTENTS}{ending}?limit=1", headers=asked)
        assert kind_of(reply) == TYPES[ending]


@pytest.mark.contract("R23", "R22")
@pytest.mark.parametrize("ending", [".pdf", ".", ".jso", ".json.xml"])
def test_r23_an_unknown_extension_is_no_resource(caller, ending):
    assert caller.get(CONTENTS + ending).status == 404


@pytest.mark.contract("R23", "H3")
@pytest.mark.parametrize("ending", [".json", ".xml", ".csv"])
def test_r23_a_slash_may_follow_the_extension(caller, content, ending):
    reply = caller.get(f"{CONTENTS}{ending}/", {"limit": 1})
    assert (reply.status, kind_of(reply)) == (200, TYPES[ending])


@pytest.mark.contract("R23", "R22")
@pytest.mark.parametrize("ending", [".json", ".xml", ".csv"])
def test_r23_errors_keep_their_status_in_every_format(caller, ending):
    assert caller.get(CONTENTS + ending, {"limit": "x"}).status == 400
    assert caller.send("DELETE", CONTENTS + ending, {}).status == 417
    assert caller.raw("GET", CONTENTS + ending).status == 401
    gone = caller.send("DELETE", CONTENTS + ending, {"id": "999999999"})
    assert (gone.status, gone.body) == (304, b"")


# R24


@pytest.mark.contract("R24")
def test_r24_jsons_content_type_is_exact_whatever_the_outcome(caller, content):
    number = {"id": content["id"]}
    replies = [
        caller.get(CONTENTS, number),
        caller.get(f"{CONTENTS}.json", number),
        caller.upload(),
        caller.send("POST", MAILINGS, a_mailing()),
        caller.send("PUT", CONTENTS, {**number, "metaData": '{"name":"formats"}'}),
        caller.raw("GET", CONTENTS),
        caller.get(CONTENTS, {"limit": "x"}),
        caller.call("PATCH", CONTENTS),
        caller.get("/nothing"),
        caller.get(f"{CONTENTS}?x=" + "y" * 9_000),
        caller.raw("POST", "/token", *urlencoded(caller.account)),
    ]
    kinds = {reply.headers["Content-Type"] for reply in replies}
    assert kinds == {"application/json"}


@pytest.mark.contract("R24")
def test_r24_json_is_compact(caller, content):
    for reply in (
        caller.get(CONTENTS, {"id": content["id"]}),
        caller.get(CONTENTS, {"limit": "x"}),
        caller.send("POST", MAILINGS, a_mailing()),
        caller.raw("POST", "/token", *urlencoded(caller.account)),
    ):
        spare = json.dumps(reply.json, separators=(",", ":"), ensure_ascii=False)
        assert reply.body.decode() == spare


# R25


def called_with(reply, callback=CALLBACK):
    """Return what a JSONP body hands to its callback."""
    text = reply.body.decode("utf-8")
    head = f"/**/{callback}("
    assert text.startswith(head)
    inner = text.removeprefix(head).rstrip().removesuffix(";").removesuffix(")")
    return json.loads(inner)


@pytest.mark.contract("R25")
@pytest.mark.parametrize("callback", ["f", "$", "_a1", "jQuery.x_1", "a" * 64])
def test_r25_jsonp_hands_the_list_to_the_callback(caller, content, callback):
    told = {"id": content["id"], "callback": callback}
    reply = caller.get(f"{CONTENTS}.js", told)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert called_with(reply, callback)["list"] == [content]


@pytest.mark.contract("R25", "R7")
def test_r25_a_jsonp_error_is_data_in_a_200(caller):
    asked = [
        ("GET", "limit=x", 400),
        ("GET", "action=list", 404),
        ("DELETE", "", 417),
        ("PATCH", "", 405),
    ]
    for verb, told, status in asked:
        reply = caller.call(verb, f"{CONTENTS}.js?callback=f&{told}")
        assert reply.status == 200
        assert called_with(reply)["status"] == status
        assert called_with(reply)["message"]
    reply = caller.raw("GET", f"{CONTENTS}.js?callback=f")
    assert reply.status == 200
    assert called_with(reply) == {"status": 401, "message": "Authenticate failed"}


@pytest.mark.contract("R25", "R20")
def test_r25_nothing_matched_is_said_to_the_callback_too(caller):
    reply = caller.call("DELETE", f"{CONTENTS}.js?callback=f&id=999999999")
    assert reply.status == 200
    assert called_with(reply)["status"] == 304


@pytest.mark.contract("R25")
@pytest.mark.parametrize(
    "callback",
    ["alert(1)//", "1f", "a" * 65, "f;g", "f\n", "é", "<script>", "f[0]", "a b", ""],
)
def test_r25_a_callback_that_is_no_plain_name_is_never_repeated(caller, callback):
    reply = caller.get(f"{CONTENTS}.js", {"callback": callback, "limit": 1})
    assert reply.status == 400
    assert kind_of(reply) == "application/json"
    assert b"/**/" not in reply.body
    assert b"<script>" not in reply.body


@pytest.mark.contract("R25")
def test_r25_a_line_separator_ends_no_javascript(caller):
    name = "u2028 \u2028 </script> u2029 \u2029"
    number = caller.upload(fields=[("name", name)]).ids[0]
    reply = caller.get(f"{CONTENTS}.js", {"id": number, "callback": "f"})
    assert called_with(reply)["list"][0]["name"] == name
    assert "\u2028" not in reply.body.decode()
    assert "</script>" not in reply.body.decode()


# R26


@pytest.fixture(scope="module")
def nasty(caller):
    fields = [("name", NASTY), ("description", "-1+2"), ("tags", "=cmd()")]
    return caller.upload(fields=fields).rows[0]


@pytest.mark.contract("R26")
def test_r26_xml_holds_what_json_holds(caller, content):
    told = {"id": content["id"]}
    root = ET.fromstring(caller.get(f"{CONTENTS}.xml", told).body)
    texts = [element.text for element in root.iter()]
    for name in ("id", "name", "filename", "url", "url_encoded", "mimeType"):
        assert content[name] in texts
        assert root.iter(name)
    assert "a" in texts
    assert "b" in texts


@pytest.mark.contract("R26")
def test_r26_xml_is_well_formed_whatever_a_name_holds(caller, nasty):
    reply = caller.get(f"{CONTENTS}.xml", {"id": nasty["id"]})
    root = ET.fromstring(reply.body)
    assert NASTY in [element.text for element in root.iter("name")]
    assert b"<script>" not in reply.body


@pytest.mark.contract("R26")
def test_r26_a_character_that_xml_forbids_breaks_nothing(caller):
    number = caller.upload(fields=[("name", "a\x01b\x0bc\ufffed")]).ids[0]
    reply = caller.get(f"{CONTENTS}.xml", {"id": number})
    assert reply.status == 200
    ET.fromstring(reply.body)


@pytest.mark.contract("R26")
def test_r26_csv_has_a_line_of_names_and_a_line_a_row(caller, content, nasty):
    told = {"id": f"{content['id']},{nasty['id']}", "sort": "id ASC"}
    text = caller.get(f"{CONTENTS}.csv", told).body.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == list(content)
    assert [line[0] for line in lines[1:]] == [content["id"], nasty["id"]]


@pytest.mark.contract("R26")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d"])
def test_r26_a_cell_that_a_spreadsheet_would_run_is_defused(caller, start):
    formula = f"{start}cmd|'/c calc'!A1"
    fields = [("name", formula), ("description", formula), ("tags", formula)]
    number = caller.upload(fields=fields).ids[0]
    text = caller.get(f"{CONTENTS}.csv", {"id": number}).body.decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text, newline="")))[1]
    for cell in cells:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))


@pytest.mark.contract("R26")
def test_r26_the_layouts_are_the_documented_ones_and_stable(caller, words):
    name = words("layout")
    row = caller.send("POST", MAILINGS, a_mailing(name=name)).rows[0]
    told = {"name": name, "properties": "id,name"}
    xml = caller.get(f"{MAILINGS}.xml", told).body.decode()
    assert xml == XML.format(id=row["id"], name=name)
    text = caller.get(f"{MAILINGS}.csv", told).body.decode()
    assert text == CSV.format(id=row["id"], name=name)
    refused = caller.get(f"{MAILINGS}.xml", {"limit": "0"})
    assert ET.fromstring(refused.body).findtext("status") == "400"


# As docs/platform.md lays them out.
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<response><size>1</size><total>1</total><list>"
    "<mailing><id>{id}</id><name>{name}</name></mailing>"
    "</list><httpStatusCode>200</httpStatusCode></response>"
)
CSV = "id,name\r\n{id},{name}\r\n"


@pytest.mark.contract("R26", "R40")
def test_r26_messages_and_mailings_have_their_csv_too(caller, words):
    made = caller.send("POST", MAILINGS, a_mailing(name=words()))
    told = {"mailingId": made.ids[0], "properties": "id,recipient"}
    text = caller.get(f"{MESSAGES}.csv", told).body.decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert header == ["id", "recipient"]
    assert row[1].lstrip("'\t ") == "+33612345678"
