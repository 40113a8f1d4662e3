"""R8 to R13: how a call is put together, by each kind of client on the wire."""

import json

import pytest
from talk import (
    CONTENTS,
    ENCODINGS,
    MAILINGS,
    MESSAGES,
    a_mailing,
    as_json,
    multipart,
    query,
    received,
    urlencoded,
    wav,
)

# Verbs and actions, R8


@pytest.mark.contract("R8")
def test_r08_get_reads_post_creates_put_updates_delete_deletes(caller, words):
    name = words()
    created = caller.send("POST", MAILINGS, a_mailing(name=name))
    assert (created.status, created.rows[0]["name"]) == (201, name)
    number = created.ids[0]
    assert caller.get(MAILINGS, {"id": number}).ids == [number]
    told = {"id": number, "metaData": json.dumps({"name": f"{name}x"})}
    assert caller.send("PUT", MAILINGS, told).json["count"] == 1
    assert caller.get(MAILINGS, {"id": number}).rows[0]["name"] == f"{name}x"
    assert caller.send("DELETE", MAILINGS, {"id": number}).json["count"] == 1
    assert caller.get(MAILINGS, {"id": number}).rows == []


@pytest.mark.contract("R8")
def test_r08_post_with_action_read_equals_get(caller):
    caller.upload()
    read = caller.get(CONTENTS, {"limit": 2})
    posted = caller.send("POST", f"{CONTENTS}?action=read", {"limit": 2})
    assert (posted.status, posted.body) == (200, read.body)


@pytest.mark.contract("R8")
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_r08_action_overrides_get_and_post(caller, words, verb):
    name = words()
    made = caller.send(verb, f"{MAILINGS}?action=create", a_mailing(name=name))
    assert made.status == 201
    told = {"id": made.ids[0], "metaData": json.dumps({"name": words()})}
    assert caller.send(verb, f"{MAILINGS}?action=update", told).json["count"] == 1
    found = caller.send(verb, f"{MAILINGS}?action=read", {"id": made.ids[0]})
    assert found.rows[0]["name"] == json.loads(told["metaData"])["name"]
    gone = caller.send(verb, f"{MAILINGS}?action=delete", {"id": made.ids[0]})
    assert (gone.status, gone.json["count"]) == (200, 1)


@pytest.mark.contract("R8")
def test_r08_action_overrides_neither_put_nor_delete(caller):
    number = caller.upload().ids[0]
    assert caller.call("DELETE", f"{CONTENTS}?action=read&id={number}").status == 200
    assert caller.get(CONTENTS, {"id": number}).rows == []


@pytest.mark.contract("R8")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_r08_the_old_php_client_says_its_action_twice(caller, encoding):
    number = caller.upload().ids[0]
    told = {"action": "read", "id": number}
    reply = caller.send("POST", f"{CONTENTS}?action=read", told, encoding)
    assert (reply.status, reply.ids) == (200, [number])


@pytest.mark.contract("R8")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_r08_the_bodys_action_is_the_fallback_and_the_urls_wins(caller, encoding):
    number = caller.upload().ids[0]
    told = {"action": "read", "id": number}
    assert caller.send("POST", CONTENTS, told, encoding).ids == [number]
    told["action"] = "delete"
    reply = caller.send("POST", f"{CONTENTS}?action=read", told, encoding)
    assert reply.ids == [number]


@pytest.mark.contract("R8", "R22")
@pytest.mark.parametrize("action", ["list", "READ", "read,delete", "créer", "-"])
def test_r08_an_unknown_action_is_404(caller, action):
    for verb in ("GET", "POST"):
        reply = caller.call(verb, CONTENTS + query({"action": action}))
        assert (reply.status, reply.json["status"]) == (404, 404)


# Where parameters stand, R9


@pytest.mark.contract("R9")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_r09_every_verb_takes_its_parameters_from_every_kind_of_body(caller, encoding):
    kept, number = caller.upload().ids[0], caller.upload().ids[0]
    assert caller.send("GET", CONTENTS, {"id": number}, encoding).ids == [number]
    told = {"id": number, "metaData": json.dumps({"name": "put"})}
    assert caller.send("PUT", CONTENTS, told, encoding).json == {"count": 1}
    assert caller.send("DELETE", CONTENTS, {"id": number}, encoding).status == 200
    assert caller.get(CONTENTS, {"id": number}).rows == []
    assert caller.get(CONTENTS, {"id": kept}).ids == [kept]


@pytest.mark.contract("R9")
def test_r09_every_verb_takes_its_parameters_from_the_query(caller):
    number = caller.upload().ids[0]
    meta = query({"id": number, "metaData": json.dumps({"name": "by query"})})
    assert caller.call("PUT", CONTENTS + meta).json == {"count": 1}
    assert caller.get(CONTENTS, {"id": number}).rows[0]["name"] == "by query"
    made = caller.call("POST", MAILINGS + query(a_mailing()))
    assert made.status == 201
    gone = caller.call("DELETE", MAILINGS + query({"id": made.ids[0]}))
    assert gone.json == {"count": 1}


@pytest.mark.contract("R9")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_r09_query_and_body_are_merged(caller, words, encoding):
    tag = words("tag")
    numbers = [
        caller.upload(fields=[("name", "m"), ("tags", tag)]).ids[0] for _ in "ab"
    ]
    path = f"{CONTENTS}?tags={tag}&sort=id%20DESC"
    reply = caller.send("GET", path, {"limit": 1, "name": "m"}, encoding)
    assert reply.ids == [numbers[1]]


@pytest.mark.contract("R9", "R24")
def test_r09_a_json_body_may_name_its_charset(caller):
    number = caller.upload().ids[0]
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = as_json({"id": int(number)})[0]
    assert caller.call("GET", CONTENTS, body, headers).ids == [number]


@pytest.mark.contract("R9", "R22")
@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"{'id': 1}", b"\xff\xfe"])
def test_r09_a_json_body_that_is_none_is_400(caller, body):
    headers = {"Content-Type": "application/json"}
    reply = caller.call("GET", CONTENTS, body, headers)
    assert (reply.status, reply.json["status"]) == (400, 400)


# Lists and nested lists, R10 and R11

LISTS = [
    "id={0},{1}",
    "id={0},%20{1}",
    "id[0]={0}&id[1]={1}",
    "id[]={0}&id[]={1}",
    "id={0}&id={1}",
    "id%5B0%5D={0}&id%5B1%5D={1}",
    "id%5b%5d={0}&id%5b%5d={1}",
    "id[0]={0},{1}",
    "id[7]={0}&id[3]={1}",
]


@pytest.fixture(scope="module")
def two(caller):
    return [caller.upload().ids[0] for _ in range(2)]


@pytest.mark.contract("R10")
@pytest.mark.parametrize("text", LISTS)
def test_r10_a_list_in_the_query(caller, two, text):
    assert caller.call("GET", f"{CONTENTS}?{text.format(*two)}").ids == two


@pytest.mark.contract("R10")
@pytest.mark.parametrize("text", LISTS)
def test_r10_a_list_in_a_urlencoded_body(caller, two, text):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = text.format(*two).encode()
    path = f"{CONTENTS}?action=read"
    assert caller.call("POST", path, body, headers).ids == two


@pytest.mark.contract("R10")
@pytest.mark.parametrize("names", [("id[0]", "id[1]"), ("id[]", "id[]"), ("id", "id")])
def test_r10_a_list_in_a_multipart_body(caller, two, names):
    body, headers = multipart(zip(names, two, strict=True))
    path = f"{CONTENTS}?action=read"
    assert caller.call("POST", path, body, headers).ids == two


@pytest.mark.contract("R10")
def test_r10_a_list_in_a_json_body(caller, two):
    numbers = [int(each) for each in two]
    for value in (two, numbers, ",".join(two), [",".join(two)]):
        assert caller.send("GET", CONTENTS, {"id": value}, as_json).ids == two


@pytest.mark.contract("R10")
def test_r10_tags_of_a_new_content_come_in_every_form(caller):
    forms = [
        [("tags", "mars,relance")],
        [("tags[0]", "mars"), ("tags[1]", "relance")],
        [("tags[]", "mars"), ("tags[]", "relance")],
        [("tags", "mars"), ("tags", "relance")],
    ]
    for form in forms:
        row = caller.upload(fields=[("name", "t"), *form]).rows[0]
        assert row["tags"] == ["mars", "relance"]


TWO_CONTACTS = [{"recipient": "+33612345678"}, {"recipient": "+33612345679"}]


@pytest.mark.contract("R11")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_r11_contacts_are_json_text(caller, encoding):
    fields = a_mailing(contacts=json.dumps(TWO_CONTACTS))
    made = caller.send("POST", MAILINGS, fields, encoding)
    assert made.rows[0]["stats"]["total"] == 2


@pytest.mark.contract("R11")
def test_r11_contacts_are_a_json_list(caller):
    fields = a_mailing(contacts=TWO_CONTACTS)
    assert caller.send("POST", MAILINGS, fields, as_json).rows[0]["stats"]["total"] == 2


@pytest.mark.contract("R11")
@pytest.mark.parametrize("encoding", [urlencoded, multipart])
def test_r11_contacts_are_a_nested_php_array(caller, encoding):
    fields = a_mailing(contacts=None) | {
        "contacts[0][recipient]": "+33612345678",
        "contacts[1][recipient]": "+33612345679",
    }
    made = caller.send("POST", MAILINGS, fields, encoding)
    read = caller.get(MESSAGES, {"mailingId": made.ids[0], "sort": "id ASC"})
    assert [row["recipient"] for row in read.rows] == ["+33612345678", "+33612345679"]


@pytest.mark.contract("R11")
def test_r11_the_word_array_is_a_tag_like_any_other(caller):
    row = caller.upload(fields=[("name", "php"), ("tags", "Array")]).rows[0]
    assert row["tags"] == ["Array"]
    assert row["id"] in caller.get(CONTENTS, {"tags": "Array"}).ids


# The connection, R12


@pytest.mark.contract("R12")
def test_r12_expect_100_continue_is_answered_before_the_body_is_sent(caller):
    file = [("contentFile", "a.wav", "audio/wav", wav())]
    body, headers = multipart({"name": "expected"}, file)
    head = (
        f"POST {CONTENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
        f"Authorization: Bearer {caller.token}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: {headers['Content-Type']}\r\nConnection: close\r\n\r\n"
    )
    with caller.sockets() as line:
        line.sendall(head.encode())
        assert received(line).startswith(b"HTTP/1.1 100 ")
        line.sendall(body)
        answer = received(line, until=b"}]")
    assert answer.startswith(b"HTTP/1.1 201 ")


@pytest.mark.contract("R12")
def test_r12_a_connection_serves_many_calls_of_every_outcome(caller):
    asked = [
        ("GET", f"{CONTENTS}?limit=1", 200),
        ("GET", f"{CONTENTS}?limit=0", 400),
        ("DELETE", f"{CONTENTS}?id=999999999", 304),
        ("GET", "/rest/nothing", 404),
        ("PATCH", CONTENTS, 405),
        ("GET", f"{CONTENTS}.xml?limit=1", 200),
    ]
    with caller.sockets() as line:
        for verb, path, status in asked:
            head = f"{verb} {path} HTTP/1.1\r\nHost: x\r\n"
            head += f"Authorization: Bearer {caller.token}\r\n\r\n"
            line.sendall(head.encode())
            assert whole_answer(line) == status


def whole_answer(line):
    """Read one answer off a connection by its Content-Length alone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    first, *fields = head.decode().split("\r\n")
    status = int(first.split()[1])
    named = dict(field.lower().split(": ", 1) for field in fields if field)
    assert "close" not in named.get("connection", "")
    length = 0 if status == 304 else int(named["content-length"])
    body = b""
    while len(body) < length:
        body += line.recv(length - len(body))
    return status


# What is ignored and what is refused, R13


@pytest.mark.contract("R13")
def test_r13_unknown_parameters_are_ignored_on_create(caller):
    fields = [("name", "a"), ("dashboard", "1"), ("colour[0]", "red")]
    assert caller.upload(fields=fields).status == 201
    assert caller.send("POST", MAILINGS, a_mailing(dashboard="1")).status == 201


@pytest.mark.contract("R13", "R22")
@pytest.mark.parametrize("path", [CONTENTS, MAILINGS])
def test_r13_an_unknown_filter_is_400(caller, path):
    told = {"id": "1", "colour": "red"}
    meta = {"metaData": '{"name":"x"}'}
    assert caller.get(path, told).status == 400
    assert caller.send("PUT", path, {**told, **meta}).status == 400
    assert caller.send("DELETE", path, told).status == 400


@pytest.mark.contract("R13")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("action", "read"),
        ("callback", "f"),
        ("_", "1700000000000"),
        ("access_token", "x"),
        ("limit", "1"),
        ("offset", "0"),
        ("total", "true"),
        ("sort", "id ASC"),
        ("properties", "id"),
        ("metaData", "{}"),
        ("format", "json"),
        ("sources", "all"),
    ],
)
def test_r13_these_words_are_never_filters(caller, two, name, value):
    reply = caller.get(CONTENTS, {"id": two[0], name: value})
    assert (reply.status, reply.ids) == (200, two[:1])
    without_filter = caller.send("DELETE", CONTENTS, {name: value})
    assert without_filter.status == 417
