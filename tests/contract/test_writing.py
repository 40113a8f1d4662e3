"""R19 to R22: creating, updating, deleting, and what the return codes say."""

import json
import urllib.error
import urllib.request

import pytest
from talk import (
    CONTENTS,
    MAILINGS,
    MESSAGES,
    a_mailing,
    as_json,
    multipart,
    query,
    urlencoded,
    wav,
)

PATHS = [CONTENTS, MAILINGS]


@pytest.fixture
def one(caller, words):
    """Create a content; return its row."""
    return caller.upload(fields=[("name", words("name"))]).rows[0]


def change(caller, path, filters, encoding=urlencoded, **meta):
    """Update what the filters select."""
    told = {**filters, "metaData": json.dumps(meta)}
    return caller.send("PUT", path, told, encoding)


# R19


@pytest.mark.contract("R19")
def test_r19_create_answers_the_list_with_what_was_created(caller, words):
    name = words()
    for reply in (
        caller.upload(fields=[("name", name)]),
        caller.send("POST", MAILINGS, a_mailing(name=name)),
    ):
        told = reply.json
        assert (reply.status, told["size"], told["total"]) == (201, 1, None)
        assert told.get("httpStatusCode", 201) == 201
        assert told["list"][0]["name"] == name
        assert told["list"][0]["id"].isdecimal()


# Updates, R20


@pytest.mark.contract("R20")
def test_r20_an_update_writes_the_new_values_and_answers_a_count(caller, one):
    meta = {"name": "new", "description": "d", "tags": ["x", "y"]}
    reply = change(caller, CONTENTS, {"id": one["id"]}, **meta)
    assert (reply.status, reply.body) == (200, b'{"count":1}')
    (row,) = caller.get(CONTENTS, {"id": one["id"]}).rows
    assert row == {**one, **meta}


@pytest.mark.contract("R20")
def test_r20_the_count_is_that_of_what_the_filter_matched(caller, words):
    tag = words("tag")
    ids = [caller.upload(fields=[("name", "c"), ("tags", tag)]).ids[0] for _ in "abc"]
    reply = change(caller, CONTENTS, {"tags": tag}, name="c")  # the very same name
    assert reply.json == {"count": 3}
    reply = change(caller, CONTENTS, {"id": ",".join(ids[:2])}, name="d")
    assert reply.json == {"count": 2}
    assert caller.get(CONTENTS, {"tags": tag, "name": "d"}).ids == ids[:2]


@pytest.mark.contract("R20")
def test_r20_filters_are_anded(caller, words):
    tag, name = words("tag"), words("name")
    fields = [[("name", name), ("tags", tag)], [("name", name)], [("name", "z")]]
    ids = [caller.upload(fields=each).ids[0] for each in fields]
    assert caller.get(CONTENTS, {"name": name, "tags": tag}).ids == ids[:1]
    told = {"id": ",".join(ids), "name": name}
    assert change(caller, CONTENTS, told, description="both").json == {"count": 2}
    gone = caller.send("DELETE", CONTENTS, {"id": ",".join(ids), "tags": tag})
    assert gone.json == {"count": 1}
    assert caller.get(CONTENTS, {"id": ",".join(ids)}).ids == ids[1:]


@pytest.mark.contract("R20")
def test_r20_a_name_is_matched_whole_and_never_split_on_commas(caller):
    for name in ("a,b", "a", "b"):
        caller.send("POST", MAILINGS, a_mailing(name=f"r20 {name}"))
    found = caller.get(MAILINGS, {"name": "r20 a,b"}).rows
    assert {row["name"] for row in found} == {"r20 a,b"}
    several = [("name[0]", "r20 a"), ("name[1]", "r20 b")]
    found = caller.get(MAILINGS, several).rows
    assert {row["name"] for row in found} == {"r20 a", "r20 b"}


@pytest.mark.contract("R20")
@pytest.mark.parametrize("encoding", [urlencoded, multipart])
def test_r20_a_pair_of_single_quotes_around_metadata_is_stripped(caller, one, encoding):
    told = {"id": one["id"], "metaData": "'" + '{"name":"l\'été"}' + "'"}
    assert caller.send("PUT", CONTENTS, told, encoding).json == {"count": 1}
    assert caller.get(CONTENTS, {"id": one["id"]}).rows[0]["name"] == "l'été"


@pytest.mark.contract("R20", "R22")
@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_r20_no_filter_is_417_and_never_means_all(caller, path, verb):
    caller.upload()
    before = caller.get(path).json["total"]
    for fields in ({}, {"_": "1"}, {"limit": "1"}):
        told = {**fields, "metaData": '{"name":"all"}'}
        assert caller.send(verb, path, told).status == 417
    assert caller.get(path).json["total"] == before
    assert caller.get(path, {"name": "all"}).rows == []


@pytest.mark.contract("R20")
@pytest.mark.parametrize("path", PATHS)
def test_r20_an_empty_filter_never_selects_all(caller, path):
    caller.upload()
    before = caller.get(path).json["total"]
    for empty in ({"id": ""}, {"id[]": ""}, {"name": ""}, {"id": ","}):
        assert caller.send("DELETE", path, empty).status in {304, 400, 417}
        assert change(caller, path, empty, name="all").status in {304, 400, 417}
    assert caller.get(path).json["total"] == before


@pytest.mark.contract("R20", "R22")
@pytest.mark.parametrize("path", PATHS)
def test_r20_nothing_matched_is_304_with_an_empty_body(caller, path):
    for reply in (
        change(caller, path, {"id": "999999999"}, name="x"),
        caller.send("DELETE", path, {"id": "999999999"}),
        caller.send("DELETE", path, {"name": "of nobody"}),
    ):
        assert (reply.status, reply.body) == (304, b"")


@pytest.mark.contract("R20", "R22")
@pytest.mark.parametrize(
    "meta",
    [
        {"colour": "red"},
        {"id": "1"},
        {"url": "http://x/"},
        {"duration": 3},
        {"name": "ok", "filesize": 1},
    ],
    ids=str,
)
def test_r20_an_unknown_or_read_only_attribute_is_400(caller, one, meta):
    assert change(caller, CONTENTS, {"id": one["id"]}, **meta).status == 400
    assert caller.get(CONTENTS, {"id": one["id"]}).rows == [one]


@pytest.mark.contract("R20", "R22")
@pytest.mark.parametrize(
    "name", ["stats", "createdDate", "id", "colour", "contactsCount"]
)
def test_r20_a_mailings_own_facts_are_read_only(caller, name):
    number = caller.send("POST", MAILINGS, a_mailing()).ids[0]
    assert change(caller, MAILINGS, {"id": number}, **{name: "1"}).status == 400


@pytest.mark.contract("R20", "R22")
@pytest.mark.parametrize("text", ["{", "[]", "3", '"name"', "{'name':'x'}", "\u201cx"])
def test_r20_metadata_that_is_no_json_object_is_400(caller, one, text):
    told = {"id": one["id"], "metaData": text}
    assert caller.send("PUT", CONTENTS, told).status == 400


@pytest.mark.contract("R20", "R22")
def test_r20_an_update_without_metadata_is_refused(caller, one):
    reply = caller.send("PUT", CONTENTS, {"id": one["id"]})
    assert reply.status in {400, 417}  # R22 gives a missing parameter either


# Deletions, R20


@pytest.mark.contract("R20")
def test_r20_delete_takes_the_stored_files_with_it(caller, one):
    assert caller.send("DELETE", CONTENTS, {"id": one["id"]}).body == b'{"count":1}'
    for link in (one["url"], one["url_encoded"]):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(link)


# R21


@pytest.mark.contract("R21")
def test_r21_metadata_is_json_text_inside_a_json_body_too(caller, one):
    reply = change(caller, CONTENTS, {"id": one["id"]}, as_json, name="as text")
    assert reply.json == {"count": 1}
    assert caller.get(CONTENTS, {"id": one["id"]}).rows[0]["name"] == "as text"


# R22


@pytest.mark.contract("R22")
def test_r22_another_clients_resource_is_403_and_never_listed(caller, other, one):
    number = caller.send("POST", MAILINGS, a_mailing(name="mine")).ids[0]
    for path, mine in ((CONTENTS, one["id"]), (MAILINGS, number)):
        for reply in (
            other.get(path, {"id": mine}),
            change(other, path, {"id": mine}, name="theirs"),
            other.send("DELETE", path, {"id": mine}),
        ):
            assert (reply.status, reply.json["status"]) == (403, 403)
        assert mine not in other.get(path).ids
        assert caller.get(path, {"id": mine}).ids == [mine]


@pytest.mark.contract("R22")
def test_r22_another_clients_messages_and_names_are_not_ours(caller, other):
    mailing = caller.send("POST", MAILINGS, a_mailing(name="r22")).ids[0]
    message = caller.get(MESSAGES, {"mailingId": mailing}).ids[0]
    assert other.get(MESSAGES, {"id": message}).status == 403
    assert other.get(MAILINGS, {"name": "r22"}).rows == []
    assert other.get(MESSAGES, {"mailingName": "r22"}).rows == []


@pytest.mark.contract("R22")
@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/rest/nothing", 404),
        ("GET", "/content/rest/nothing", 404),
        ("GET", "/rest/", 404),
        ("GET", "/nothing/at/all", 404),
        ("GET", f"{CONTENTS}/7001", 404),
        ("PATCH", CONTENTS, 405),
        ("TRACE", MAILINGS, 405),
        ("GET", f"{CONTENTS}?properties=colour", 400),
        ("GET", f"{CONTENTS}?id=seven", 400),
        ("POST", CONTENTS, 417),
        ("POST", MAILINGS, 417),
        ("DELETE", MAILINGS, 417),
    ],
)
def test_r22_an_error_says_its_code_in_json(caller, verb, path, status):
    reply = caller.call(verb, path)
    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/json"
    assert list(reply.json)[:2] == ["status", "message"]
    assert reply.json["status"] == status
    assert isinstance(reply.json["message"], str)


@pytest.mark.contract("R22")
def test_r22_405_says_what_is_allowed(caller):
    assert "GET" in caller.call("PATCH", CONTENTS).headers["Allow"]


@pytest.mark.contract("R22")
def test_r22_a_uri_over_8_kib_is_414(caller):
    fits = caller.call("GET", f"{CONTENTS}?_=" + "y" * 8_000)
    long = caller.call("GET", f"{CONTENTS}?_=" + "y" * 8_200)
    assert (fits.status, long.status) == (200, 414)
    assert long.json["status"] == 414


@pytest.mark.contract("R22")
def test_r22_a_refusal_of_several_values_names_each_in_details(caller):
    contacts = [{"recipient": word} for word in ("+33612345678", "0033612345678", "x")]
    told = a_mailing(contacts=json.dumps(contacts))
    reply = caller.send("POST", MAILINGS, told)
    assert reply.status == 417
    details = [each["details"] for each in reply.json["messages"]]
    assert len(details) == 2
    assert "0033612345678" in str(details[0])
    assert "x" in str(details[1])


@pytest.mark.contract("R22")
@pytest.mark.parametrize("resource", [CONTENTS, MAILINGS])
def test_r22_creating_with_get_needs_the_action(caller, resource):
    before = caller.get(resource).json["total"]
    told = query(a_mailing())
    caller.call("GET", resource + told)
    file = [("contentFile", "a.wav", "", wav())]
    caller.call("GET", resource, *multipart({"name": "a"}, file))
    assert caller.get(resource).json["total"] == before
