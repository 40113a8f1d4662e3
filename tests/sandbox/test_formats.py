"""JSON, XML, CSV and JSONP (R23–R26), read by parsers that are not ours."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest
from caller import Caller, contacts

PATH = "/rest/mailings"
NASTY = [
    "=cmd()",
    "+SUM(1)",
    "-2+3",
    "@x",
    "＝cmd()",  # noqa: RUF001 (full-width on purpose)
    "\t=cmd()",
    "<script>alert(1)</script>",
    "a\u202eb",
    "a\x01\x0bb",
    "a\r\nb",
    "]]>&amp;\u2028",
    '"quoted", with; commas',
    "é😀",
]


@pytest.fixture(scope="module")
def nasty(call):
    """A mailing of each nasty name."""
    return [call.mailing(name=name).row["id"] for name in NASTY]


def test_r24_json_is_compact_and_its_type_exact(call):
    for path in (PATH, f"{PATH}.json", f"{PATH}?action=read"):
        told = call("GET", path)
        assert told.headers["Content-Type"] == "application/json"
        assert told.body.startswith(b'{"size":')
        assert int(told.headers["Content-Length"]) == len(told.body)
        assert told.headers["Server"] == "voiceprep-sandbox"


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        (".xml", "application/json", "application/xml"),
        (".json", "application/xml", "application/json"),
        (".csv/", "*/*", "text/csv; charset=utf-8"),
        (".js?callback=f", "", "application/javascript"),
        ("", "", "application/json"),
        ("", "*/*", "application/json"),
        ("", "text/xml", "application/xml"),
        ("", "text/csv, */*;q=0.1", "text/csv; charset=utf-8"),
        ("", "application/xml;q=0.5, application/json", "application/json"),
        ("", "image/png, application/xml;q=0", "application/json"),
        ("", "text/javascript, application/json;q=0.5", "application/json"),
        ("?callback=f", "text/javascript", "application/javascript"),
        ("", ";;,q=x,application/xml;q=banana", "application/xml"),
    ],
)
def test_r23_the_extension_then_accept_then_json(call, path, accept, kind):
    told = call("GET", f"{PATH}{path}", None, {"Accept": accept})
    assert (told.status, told.headers["Content-Type"]) == (200, kind)


def test_r23_every_verb_takes_an_extension(call):
    made = call("POST", f"{PATH}.xml", {"media": "VOICE"})
    assert made.status == 417
    assert ET.fromstring(made.body).findtext("status") == "417"
    number = call.mailing().row["id"]
    meta_data = {"id": number, "metaData": '{"name": "x"}'}
    told = call("PUT", f"{PATH}.xml", meta_data)
    assert ET.fromstring(told.body).findtext("count") == "1"
    assert call("DELETE", f"{PATH}.csv?id={number}").body == b"count\r\n1\r\n"
    assert call("DELETE", f"{PATH}.xml?id={number}").status == 304


def test_r26_xml_says_what_json_says_whatever_it_is(call, nasty):
    query = f"id={','.join(nasty)}&properties=id,name,pingUrl,stats"
    rows = call("GET", f"{PATH}?{query}").rows
    root = ET.fromstring(call("GET", f"{PATH}.xml?{query}").body)
    assert root.tag == "response"
    assert [child.tag for child in root] == ["size", "total", "list", "httpStatusCode"]
    assert [row["name"] for row in rows] == NASTY
    for row, element in zip(rows, root.find("list"), strict=True):
        assert element.tag == "mailing"
        assert element.findtext("id") == row["id"]
        assert element.find("pingUrl").text is None
        stats = {each.tag: int(each.text) for each in element.find("stats")}
        assert stats == row["stats"]
        sent = row["name"].replace("\x01", "\ufffd").replace("\x0b", "\ufffd")
        assert element.findtext("name") == sent


def test_r26_xml_tells_nested_details(call):
    wrong = call.mailing(contacts=contacts("0033612345678", "x"))
    told = call("POST", f"{PATH}.xml", {"media": "VOICE", "type": "wav"})
    assert ET.fromstring(told.body).findtext("message") == "link is required"
    details = [each["details"] for each in wrong.json["messages"]]
    body = {
        "media": "VOICE",
        "type": "wav",
        "link": "http://127.0.0.1/a",
        "contacts": contacts("0033612345678", "x"),
    }
    root = ET.fromstring(call("POST", f"{PATH}.xml", body).body)
    assert [each.text for each in root.iter("details")] == details


def test_r26_csv_has_a_line_a_row_and_no_cell_is_a_formula(call, nasty):
    query = f"id={','.join(nasty)}&properties=id,name,stats"
    text = call("GET", f"{PATH}.csv?{query}").body.decode()
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == [
        *("id", "name", "stats.total", "stats.wait", "stats.on", "stats.ok"),
        *("stats.ko", "stats.no", "stats.optout", "stats.rep"),
    ]
    assert [line[0] for line in lines[1:]] == nasty
    for line, name in zip(lines[1:], NASTY, strict=True):
        risky = name.strip()[0] in "=+-@＝"  # noqa: RUF001 (full-width on purpose)
        assert line[1] == (f"'{name}" if risky else name)
        assert line[2:] == ["1", "1", "0", "0", "0", "0", "0", "0"]


def test_r26_csv_of_messages_keeps_numbers_and_names_what_is_nested(call):
    mailing = call.mailing(contacts=contacts("0612345678")).row["id"]
    query = f"mailingId={mailing}&properties=recipient,currentStatus,sentDate,optout"
    assert call("GET", f"/rest/messages.csv?{query}").body == (
        b"recipient,sentDate,currentStatus.shortKey,currentStatus.description,optout"
        b"\r\n+33612345678,,wait,voice programmed,false\r\n"
    )


def test_r26_csv_of_nothing_has_its_head_and_errors_are_told_in_it(call):
    assert call("GET", f"{PATH}.csv?id=999999&properties=id,name").body == (
        b"id,name\r\n"
    )
    told = call("GET", f"{PATH}.csv?limit=x")
    assert told.status == 400
    assert told.body.startswith(b"status,message\r\n400,")


def test_r25_jsonp_calls_the_callback_with_the_same_data(call, nasty):
    query = f"id={','.join(nasty)}&properties=id,name"
    told = call("GET", f"{PATH}.js?callback=jQuery1_2.$f&{query}")
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    assert told.body.startswith(b"/**/jQuery1_2.$f(")
    assert told.body.endswith(b");")
    data = told.body.removeprefix(b"/**/jQuery1_2.$f(").removesuffix(b");")
    assert json.loads(data)["list"] == call("GET", f"{PATH}?{query}").rows
    assert b"</" not in told.body
    assert told.body.isascii()  # U+2028 ends a line of old scripts


def test_r25_an_error_is_data_with_http_200(call):
    for query, status in [("limit=x", 400), ("action=delete", 417), ("action=x", 404)]:
        told = call("GET", f"{PATH}.js?callback=f&{query}")
        assert told.status == 200
        data = json.loads(told.body.removeprefix(b"/**/f(").removesuffix(b");"))
        assert data["status"] == status
    nothing = call("GET", f"{PATH}.js?callback=f&action=delete&id=999999")
    assert nothing.status == 200
    assert b'{"status":304' in nothing.body


@pytest.mark.parametrize(
    "callback",
    ["", "alert(1)//", "a;b", "1a", "a" * 65, "%C3%A9", "a%0a", "a-b", "[0]"],
)
def test_r25_what_is_no_callback_is_refused_and_not_repeated(call, callback):
    told = call("GET", f"{PATH}.js?callback={callback}")
    assert (told.status, told.headers["Content-Type"]) == (400, "application/json")
    assert told.json["status"] == 400
    assert b"alert" not in told.body
    assert call("GET", f"{PATH}.js").status == 400


def test_an_unknown_resource_is_told_in_the_form_that_was_asked_for(call):
    told = call("GET", "/rest/nothing.xml")
    assert told.status == 404
    assert ET.fromstring(told.body).findtext("status") == "404"
    nobody = Caller(call.port)
    assert nobody("GET", "/rest/nothing.xml").status == 401
