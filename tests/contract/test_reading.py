"""R14 to R18: which rows are shown, how many, in which order, and how much of them."""

import pytest
from talk import CONTENTS, MAILINGS, MESSAGES, a_mailing, as_json, multipart, urlencoded

DEFAULTS = {  # R30
    *("id", "name", "description", "comment", "filename", "filesize"),
    *("mimeType", "duration", "tags", "url", "url_encoded"),
}


@pytest.fixture(scope="module")
def many(caller):
    """Create 25 mailings of one name; return the name and their ids."""
    fields = a_mailing(name="many")
    return "many", [caller.send("POST", MAILINGS, fields).ids[0] for _ in range(25)]


# R14


@pytest.mark.contract("R14")
def test_r14_page_three_of_ten_is_limit_10_offset_20(caller, many):
    name, ids = many
    told = {"name": name, "sort": "id ASC", "limit": 10}
    pages = [caller.get(MAILINGS, {**told, "offset": n}).ids for n in (0, 10, 20, 30)]
    assert pages == [ids[:10], ids[10:20], ids[20:], []]


@pytest.mark.contract("R14")
def test_r14_limit_and_offset_work_alone(caller, many):
    name, ids = many
    told = {"name": name, "sort": "id ASC"}
    assert caller.get(MAILINGS, {**told, "offset": 20}).ids == ids[20:]
    assert caller.get(MAILINGS, {**told, "limit": 3}).ids == ids[:3]


@pytest.mark.contract("R14", "R22")
@pytest.mark.parametrize("word", ["0", "-1", "x", "1.5", "1e3", "+1", " 1x", "٣"])
def test_r14_a_limit_that_is_no_integer_of_1_or_more_is_400(caller, word):
    reply = caller.get(CONTENTS, {"limit": word})
    assert (reply.status, reply.json["status"]) == (400, 400)


@pytest.mark.contract("R14", "R22")
@pytest.mark.parametrize("word", ["-1", "x", "0.0", "٣"])
def test_r14_an_offset_that_is_no_integer_of_0_or_more_is_400(caller, word):
    assert caller.get(CONTENTS, {"offset": word}).status == 400


@pytest.mark.contract("R14")
def test_r14_numbers_of_a_json_body_are_numbers(caller, many):
    told = {"name": many[0], "limit": 2, "offset": 0, "sort": "id ASC"}
    assert caller.send("GET", MAILINGS, told, as_json).ids == many[1][:2]


@pytest.mark.contract("R14", "R15")
@pytest.mark.parametrize(
    "number", ["9999999999", "9223372036854775807", "1" + "0" * 30]
)
def test_r14_numbers_of_any_size_break_nothing(caller, many, number):
    told = {"name": many[0]}
    assert caller.get(MAILINGS, {**told, "offset": number}).status in {200, 400}
    assert caller.get(MAILINGS, {**told, "limit": number}).status in {200, 400}


# R15


@pytest.mark.contract("R15")
@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({}, 25),
        ({"total": "true"}, 25),
        ({"limit": 10}, None),
        ({"offset": 0}, None),
        ({"limit": 10, "offset": 20}, None),
        ({"limit": 10, "total": "true"}, 25),
        ({"offset": 20, "total": "true"}, 25),
        ({"limit": 10, "total": "false"}, None),
        ({"total": "false"}, 25),
    ],
    ids=str,
)
def test_r15_total_is_counted_when_asked_or_when_no_page_is(caller, many, asked, total):
    told = caller.get(MAILINGS, {"name": many[0], **asked}).json
    assert told["total"] == total


@pytest.mark.contract("R15")
def test_r15_total_may_be_asked_with_a_json_boolean(caller, many):
    told = {"name": many[0], "limit": 1, "total": True}
    assert caller.send("GET", MAILINGS, told, as_json).json["total"] == 25


@pytest.mark.contract("R15", "R19")
def test_r15_total_is_null_after_a_create(caller):
    assert caller.upload().json["total"] is None
    told = a_mailing(name="total", total="true")
    assert caller.send("POST", MAILINGS, told).json["total"] is None


# R16


@pytest.fixture(scope="module")
def lettered(caller):
    """Create contents named b, a, c under one tag."""
    fields = [[("name", letter), ("tags", "lettered")] for letter in "bac"]
    return [caller.upload(fields=each).ids[0] for each in fields]


@pytest.mark.contract("R16")
@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name ASC", "abc"),
        ("name DESC", "cba"),
        ("name asc", "abc"),
        ("id ASC", "bac"),
        ("id DESC", "cab"),
    ],
)
def test_r16_sort_orders_by_an_attribute(caller, lettered, sort, order):
    rows = caller.get(CONTENTS, {"tags": "lettered", "sort": sort}).rows
    assert "".join(row["name"] for row in rows) == order


@pytest.mark.contract("R16")
def test_r16_ids_are_sorted_as_numbers(caller, many):
    rows = caller.get(MAILINGS, {"name": many[0], "sort": "id DESC"}).rows
    numbers = [int(row["id"]) for row in rows]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.contract("R16", "R22")
@pytest.mark.parametrize("sort", ["colour ASC", "name UP", "name ASC extra", "-name"])
@pytest.mark.parametrize("path", [CONTENTS, MAILINGS])
def test_r16_an_unknown_attribute_or_direction_is_400(caller, path, sort):
    assert caller.get(path, {"sort": sort}).status == 400


# R17


@pytest.mark.contract("R17")
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, DEFAULTS),
        ({"properties": "id,name"}, {"id", "name"}),
        ({"properties": "id, name"}, {"id", "name"}),
        ({"properties[0]": "id", "properties[1]": "name"}, {"id", "name"}),
        ({"properties": "DEFAULT"}, DEFAULTS),
        ({"properties": "DEFAULT,name"}, DEFAULTS),
        ({"properties": "DEFAULT,-tags,-url"}, DEFAULTS - {"tags", "url"}),
        ({"properties[]": "DEFAULT,-tags"}, DEFAULTS - {"tags"}),
    ],
    ids=str,
)
def test_r17_properties_choose_the_attributes(caller, lettered, asked, shown):
    (row,) = caller.get(CONTENTS, {"id": lettered[0], **asked}).rows
    assert set(row) == shown


@pytest.mark.contract("R17", "R22")
@pytest.mark.parametrize("word", ["colour", "DEFAULT,colour", "DEFAULT,-colour"])
@pytest.mark.parametrize("path", [CONTENTS, MAILINGS])
def test_r17_an_unknown_property_is_400(caller, path, word):
    assert caller.get(path, {"properties": word}).status == 400


@pytest.mark.contract("R17", "R40")
def test_r17_messages_are_kept_small(caller, many):
    told = {"mailingId": many[1][0], "properties": "id,currentStatus"}
    (row,) = caller.get(MESSAGES, told).rows
    assert set(row) == {"id", "currentStatus"}


# R18


@pytest.mark.contract("R18")
def test_r18_the_envelope_counts_its_rows(caller, many):
    told = caller.get(MAILINGS, {"name": many[0], "limit": 4}).json
    assert list(told)[:3] == ["size", "total", "list"]
    assert (told["size"], len(told["list"])) == (4, 4)
    assert told.get("httpStatusCode", 200) == 200
    empty = caller.get(MAILINGS, {"name": "of nobody"}).json
    assert (empty["size"], empty["total"], empty["list"]) == (0, 0, [])


@pytest.mark.contract("R18")
def test_r18_no_success_says_status_at_its_top(caller):
    made = caller.send("POST", MAILINGS, a_mailing())
    told = {"id": made.ids[0]}
    meta = {**told, "metaData": '{"name":"y"}'}
    successes = [
        made,
        caller.upload(),
        caller.get(CONTENTS, {"limit": 1}),
        caller.get(MAILINGS, told),
        caller.get(MESSAGES, {"mailingId": made.ids[0]}),
        caller.send("PUT", MAILINGS, meta),
        caller.send("DELETE", MAILINGS, told),
        caller.raw("POST", "/token", *urlencoded(caller.account)),
    ]
    for reply in successes:
        assert reply.status in {200, 201}
        assert "status" not in reply.json


@pytest.mark.contract("R18", "R22")
def test_r18_every_error_says_its_status_at_its_top(caller):
    errors = [
        caller.get(CONTENTS, {"limit": "x"}),
        caller.raw("GET", CONTENTS),
        caller.get("/rest/nothing"),
        caller.call("PATCH", CONTENTS),
        caller.call("DELETE", CONTENTS),
        caller.call("POST", CONTENTS, *multipart({"name": "no file"})),
    ]
    for reply in errors:
        assert reply.status >= 400
        assert reply.json["status"] == reply.status
        assert reply.json["message"]
