"""How a call is put together (R8–R13), and what it asks to read (R14–R18)."""

import io
import json
import urllib.parse

import numpy as np
import pytest
from caller import JSON, URLENCODED, Caller, contacts, multipart

PATH = "/rest/mailings"


@pytest.fixture(scope="module")
def five(call):
    """Five mailings, of which two share a name."""
    return [call.mailing(name=name).row["id"] for name in ("a", "b", "b", "c", "d")]


def ids(told):
    assert told.status == 200, told.body
    return [row["id"] for row in told.rows]


@pytest.mark.parametrize(
    "query",
    [
        "id={0},{1}",
        "id={0},%20{1},",
        "id[0]={0}&id[1]={1}",
        "id[]={0}&id[]={1}",
        "id={0}&id={1}",
        "id%5B0%5D={0}&id%5B1%5D={1}",
        "id[0]={0},{1}",
        "id[7]={1}&id[x]={0}",
    ],
)
def test_r10_lists_come_in_every_form(call, five, query):
    assert ids(call("GET", f"{PATH}?{query.format(*five)}")) == five[:2]


@pytest.mark.parametrize("value", ["{0},{1}", ["{0}", "{1}"], [["{0}", "{1}"]]])
def test_r10_lists_come_in_json_too(call, five, value):
    text = json.dumps({"id": value}).replace("{0}", five[0]).replace("{1}", five[1])
    assert ids(call("POST", f"{PATH}?action=read", text, JSON)) == five[:2]
    numbers = json.dumps({"id": [int(each) for each in five[:2]]})
    assert ids(call("GET", PATH, numbers, JSON)) == five[:2]


def test_r9_a_body_counts_with_every_verb_and_merges_with_the_query(call, five):
    body = urllib.parse.urlencode({"id": five[1]})
    assert ids(call("GET", PATH, body, URLENCODED)) == [five[1]]
    assert ids(call("GET", f"{PATH}?id={five[0]}", body, URLENCODED)) == five[:2]
    assert ids(call("GET", PATH, *multipart([("id", five[1])]))) == [five[1]]
    gone = call.mailing(name="gone").row["id"]
    assert call("DELETE", PATH, {"id": gone}).json == {"count": 1}
    gone = call.mailing(name="gone").row["id"]
    assert call.in_json("DELETE", PATH, {"id": gone}).json == {"count": 1}


def test_r8_the_action_overrides_get_and_post_and_the_urls_one_wins(call, five):
    number = five[0]
    for method, query, body in [
        ("POST", "?action=read", {"id": number}),
        ("POST", "", {"action": "read", "id": number}),
        ("POST", "?action=read", {"action": "delete", "id": number}),
        ("POST", "?action=read&id=" + number, None),
    ]:
        assert ids(call(method, f"{PATH}{query}", body)) == [number]
    told = call("GET", f"{PATH}?action=create", {"media": "VOICE"})
    assert told.status == 417  # it was a creation, and lacks a link
    gone = call.mailing(name="gone").row["id"]
    assert call("POST", f"{PATH}?action=delete&id={gone}").json == {"count": 1}
    gone = call.mailing(name="gone").row["id"]
    assert call("GET", f"{PATH}?action=delete&id={gone}").json == {"count": 1}


def test_r22_an_unknown_action_is_404(call):
    for method in ("GET", "POST", "PUT", "DELETE"):
        told = call(method, f"{PATH}?action=fly&id=1")
        assert (told.status, told.json["status"]) == (404, 404)
    assert call("POST", PATH, {"action": "fly"}).status == 404


VOICE = "media=VOICE&type=wav&link=http://127.0.0.1/a&date=2098-01-01"


@pytest.mark.parametrize(
    "written",
    [
        "contacts[0][recipient]=%2B33612345678&contacts[1][recipient]=0612345679",
        "contacts%5B0%5D%5Brecipient%5D=0612345678&contacts[1][recipient]=0612345679",
        "contacts[][recipient]=0612345678&contacts[][recipient]=0612345679",
        "contacts[]={%22recipient%22:%220612345678%22}&contacts[5][recipient]=0612345679",
        "contacts=" + urllib.parse.quote(contacts("+33612345678", "0612345679")),
    ],
)
def test_r11_contacts_come_nested_or_as_json_text(call, written):
    mailing = call("POST", PATH, f"{VOICE}&{written}", URLENCODED).row["id"]
    rows = call("GET", f"/rest/messages?mailingId={mailing}").rows
    assert [row["recipient"] for row in rows] == ["+33612345678", "+33612345679"]


def test_r11_contacts_come_as_a_json_array_or_as_text_in_json(call):
    told = {"media": "VOICE", "type": "wav", "link": "http://127.0.0.1/a"}
    listed = [{"recipient": "+33612345678", "firstname": "Ada"}]
    for value in (listed, json.dumps(listed), [json.dumps(listed[0])]):
        made = call.in_json(
            "POST", PATH, {**told, "date": "2098-01-01", "contacts": value}
        )
        assert made.row["contactsCount"] == 1


def test_r13_unknown_parameters_are_ignored_on_create_only(call, five):
    assert call.mailing(foldersId="12", sources="x", colour="red").status == 201
    for method in ("GET", "PUT", "DELETE"):
        told = call(
            method, f"{PATH}?colour=red&id={five[0]}&metaData=%7B%22name%22:1%7D"
        )
        assert told.status in {400, 417}
        assert call("GET", f"{PATH}?id={five[0]}").row["name"] == "a"
    named = "_=1&callback=f&access_token=x&format=y&sources=z&metaData=&action=read"
    assert ids(call("GET", f"{PATH}?{named}&id={five[0]}")) == [five[0]]


def test_r14_pages(call, five):
    every = ids(call("GET", PATH))
    assert ids(call("GET", f"{PATH}?limit=2&offset=2")) == every[2:4]
    assert ids(call("GET", f"{PATH}?limit=2&offset=0")) == every[:2]
    assert ids(call("GET", f"{PATH}?offset=3")) == every[3:]
    assert ids(call("GET", f"{PATH}?limit=9&offset=999999999999")) == []


@pytest.mark.parametrize(
    "bad",
    [
        *("limit=0", "limit=x", "limit=-1", "limit=1.5", "limit=%D9%A1"),
        *("offset=-1", "offset=x", "limit=" + "9" * 30, "id=x", "id=1x"),
        *("sort=colour", "sort=stats", "sort=name+UP", "sort=name+ASC+x"),
        *("properties=colour", "properties=DEFAULT,-colour", "id=" + "9" * 5_000),
        "stats=1",
    ],
)
def test_r14_to_r17_what_is_malformed_is_400(call, bad):
    told = call("GET", f"{PATH}?{bad}")
    assert (told.status, told.json["status"]) == (400, 400)


def test_r15_total_is_told_when_asked_or_without_a_page(call, five):
    count = call("GET", PATH).json["total"]
    assert count == len(ids(call("GET", PATH))) >= 5
    assert call("GET", f"{PATH}?limit=1").json["total"] is None
    assert call("GET", f"{PATH}?offset=0").json["total"] is None
    for true in ("true", "1"):
        told = call("GET", f"{PATH}?limit=1&total={true}").json
        assert (told["size"], told["total"]) == (1, count)
    assert call("GET", f"{PATH}?limit=1&total=false").json["total"] is None
    assert call.mailing().json["total"] is None


def test_r16_sort(call, five):
    named = f"{PATH}?id={','.join(five)}"
    assert ids(call("GET", f"{named}&sort=id+DESC")) == five[::-1]
    by_name = ids(call("GET", f"{named}&sort=name%20desc"))
    assert by_name == [five[4], five[3], five[1], five[2], five[0]]  # then by id
    assert ids(call("GET", f"{named}&sort=name")) == five


def test_r17_properties_default_and_removals(call, five):
    def shown(words):
        return list(call("GET", f"{PATH}?id={five[0]}&{words}").row)

    everything = shown("properties=DEFAULT")
    assert shown("properties=stats,id") == ["id", "stats"]
    assert shown("properties[]=id&properties[]=name") == ["id", "name"]
    assert shown("properties=DEFAULT,stats") == everything == shown("limit=1")
    without = [name for name in everything if name not in {"stats", "link"}]
    assert shown("properties=DEFAULT,-stats,-link") == without
    assert shown("properties=-stats,-link") == without


def test_r18_the_envelope(call, five):
    told = call("GET", f"{PATH}?id={five[0]}&properties=id")
    assert told.body == (
        b'{"size":1,"total":1,"list":[{"id":"%s"}],"httpStatusCode":200}'
        % five[0].encode()
    )


def test_h3_and_h2_slashes_and_both_bases(call, five):
    for path in ("/rest/mailings/", "/content/rest/mailings", "/rest/mailings.json/"):
        assert ids(call("GET", f"{path}?id={five[0]}")) == [five[0]]


def test_r22_malformed_bodies_are_400_and_unknown_resources_404(call):
    for body in (b"{", b"[1]", b'"x"', b"\xff", b"[" * 100_000, b'{"a":' * 500):
        assert call("POST", PATH, body, JSON).status == 400
    deep = b'{"id":' + b"[" * 30 + b"1" + b"]" * 30 + b"}"
    assert call("POST", f"{PATH}?action=read", deep, JSON).status == 400
    many = "&".join(f"a{n}=1" for n in range(10_001))
    assert call("POST", PATH, many, URLENCODED).status == 400
    for path in ("/rest/nothing", "/rest/mailings.pdf", "/rest/", "/x/y", "/rest/a/b"):
        assert call("GET", path).status == 404


def test_r10_filters_of_many_values_are_taken_and_too_many_refused(call, five):
    ids_of_all = ",".join([five[0], *(str(10**9 + n) for n in range(4_999))])
    told = {"id": ids_of_all, "contactsCount": ",".join(["1"] * 5_000)}
    assert ids(call.in_json("POST", f"{PATH}?action=read", told)) == [five[0]]
    more = {**told, "name": "a"}
    assert call.in_json("POST", f"{PATH}?action=read", more).status == 400


def test_r22_methods_that_are_not_taken_are_405_and_say_which_are(call):
    for method in ("PATCH", "OPTIONS", "HEAD", "FLY"):
        told = call(method, PATH)
        assert told.status == 405
        assert told.headers["Allow"] == "GET, POST, PUT, DELETE"


def test_text_that_no_database_takes_is_replaced(call):
    odd = call.in_json(
        "POST",
        PATH,
        {
            "name": "a\x00b\ud800",
            "media": "VOICE",
            "type": "wav",
            "link": "http://127.0.0.1/a",
            "date": "2098-01-01",
            "contacts": [{"recipient": "+33612345678"}],
        },
    )
    assert odd.row["name"] == "a\ufffdb\ufffd"
    inside = {"id": odd.row["id"], "metaData": r'{"name": "\u0000x\udfff"}'}
    assert call("PUT", PATH, inside).json == {"count": 1}
    assert call("GET", f"{PATH}?id={odd.row['id']}").row["name"] == "\ufffdx\ufffd"


def test_malformed_calls_break_nothing(box, call):
    rng = np.random.default_rng(11)
    kinds = ["multipart/form-data", "multipart/form-data; boundary=x", "a/b", ""]
    kinds += ["application/json", "application/x-www-form-urlencoded"]
    for _ in range(200):
        body = rng.integers(0, 256, int(rng.integers(0, 300)), dtype=np.uint8).tobytes()
        noise = urllib.parse.quote_from_bytes(body[:40])
        method = ["GET", "POST", "PUT", "DELETE"][int(rng.integers(4))]
        paths = ["/token", "/rest/contents", f"/rest/contents?id={noise}&limit=%00"]
        paths += [f"{PATH}.xml?metaData={noise}&id=1", f"{PATH}.js?callback={noise}"]
        paths += [f"/rest/messages.csv?mailingName={noise}&properties={noise[:5]}"]
        path = paths[int(rng.integers(len(paths)))]
        headers = {"Content-Type": kinds[int(rng.integers(len(kinds)))]}
        assert call(method, path, io.BytesIO(body), headers).status < 500
    assert Caller(box.port, box.client_id, box.client_secret)("GET", PATH).status == 200
