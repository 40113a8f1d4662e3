"""The raw call: where it may go, what it carries, and how careful it is."""

from __future__ import annotations

import pytest

from voiceprep.errors import (
    ContractError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)

CONTENTS, MAILINGS = "/content/rest/contents", "/rest/mailings"


def test_contents_go_to_their_own_service_and_all_else_to_the_other(
    platform, client, say
):
    for path in (CONTENTS, MAILINGS, "/rest/messages"):
        platform.says(f"GET {path}", say.rows())
    for path in ("contents", "/mailings", "messages"):
        client.api("get", path, [("limit", "1"), ("id", "1"), ("id", "2")])
    _, contents, mailings, messages = platform.seen
    assert [contents.path, mailings.path, messages.path] == [
        CONTENTS,
        MAILINGS,
        "/rest/messages",
    ]
    assert contents.query == {"limit": ["1"], "id": ["1", "2"]}
    assert contents.headers["authorization"] == f"Bearer {say.TOKEN}"


def test_the_answer_comes_as_it_is(platform, client, say):
    document = {"size": 1, "list": [{"id": 1, "odd": [None]}]}
    platform.says(f"GET {MAILINGS}", say.reply(document))
    answer = client.api("GET", "mailings?limit=1")
    assert (answer.status, answer.document) == (200, document)
    assert platform.calls(MAILINGS)[0].query == {"limit": ["1"]}


def test_r23_another_format_is_passed_on(platform, client, say):
    xml = say.Reply(200, b"<mailings/>", {"Content-Type": "application/xml"})
    platform.says(f"GET {MAILINGS}.xml", xml)
    answer = client.api("GET", "mailings.xml")
    assert (answer.document, answer.body) == (None, b"<mailings/>")
    assert platform.calls(f"{MAILINGS}.xml")[0].headers["accept"] == "*/*"


def test_post_and_put_carry_their_parameters_in_the_body(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows())
    platform.says(f"PUT {MAILINGS}", say.reply({"count": 1}))
    client.api("POST", "mailings", [("action", "read"), ("id[0]", "1"), ("id[1]", "2")])
    client.api("PUT", "mailings", [("id", "1"), ("metaData", '{"name":"x"}')])
    read, put = platform.calls(MAILINGS)
    assert (read.query, read.form) == (
        {"action": ["read"]},
        {"id[0]": ["1"], "id[1]": ["2"]},
    )
    assert put.form == {"id": ["1"], "metaData": ['{"name":"x"}']}


def test_a_filter_of_a_delete_is_in_its_address(platform, client, say):
    platform.says(f"DELETE {CONTENTS}", say.reply({"count": 1}))
    client.api("DELETE", "contents", [("id", "1")])
    (seen,) = platform.calls(CONTENTS)
    assert (seen.query, seen.body) == ({"id": ["1"]}, b"")


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.fr/contents",
        "//evil.fr/contents",
        "../token",
        "contents/../../token",
        "contents#x",
        "@evil.fr",
        "contents\n",
        "",
        ".xml",
    ],
)
def test_the_token_goes_nowhere_else(platform, client, path):
    with pytest.raises(RefusedError, match="not sent"):
        client.api("GET", path)
    assert platform.seen == []


def test_another_method_is_not_sent(platform, client):
    with pytest.raises(RefusedError, match="'PATCH' is none of GET, POST, PUT, DELETE"):
        client.api("PATCH", "contents")
    assert platform.seen == []


CREATES = {
    "POST": ("POST", []),
    "POST, action": ("POST", [("action", "create")]),
    "GET, action": ("GET", [("action", "create")]),
    "an action unknown to us": ("POST", [("action", "relaunch")]),
}
FAULTS = {
    "500": lambda s: s.Reply(500),
    "dropped": lambda s: s.Reply(drop=True),
    "web page": lambda s: s.Reply(200, b"<html>", {"Content-Type": "text/html"}),
    "truncated": lambda s: s.Reply(200, b'{"list":['),
}


@pytest.mark.parametrize("create", CREATES)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_creates_is_never_repeated_in_doubt(
    platform, client, say, create, fault
):
    method, params = CREATES[create]
    platform.says(f"{method} {MAILINGS}", FAULTS[fault](say))
    with pytest.raises(OutcomeUnknownError, match="look it up"):
        client.api(method, "mailings", params)
    assert len(platform.calls(MAILINGS)) == 1


def test_what_reads_is_repeated_and_what_changes_is_not(platform, client, say):
    for method in ("GET", "PUT", "DELETE"):
        platform.says(f"{method} {CONTENTS}", say.Reply(500))
        with pytest.raises(UnavailableError):
            client.api(method, "contents", [("id", "1")])
    methods = [seen.method for seen in platform.calls(CONTENTS)]
    assert methods == ["GET", "GET", "GET", "PUT", "DELETE"]


def test_a_login_page_is_not_the_platform_in_any_format(platform, client, say):
    page = say.Reply(200, b"<html>", {"Content-Type": "text/html"})
    for path in ("contents", "contents.xml"):
        platform.says(f"GET /content/rest/{path}", page)
        with pytest.raises(ContractError, match="web page"):
            client.api("GET", path)


@pytest.mark.parametrize("status", [204, 304])
def test_an_empty_answer_is_one(platform, client, say, status):
    platform.says(f"PUT {CONTENTS}", say.Reply(status))
    answer = client.api("PUT", "contents", [("id", "1")])
    assert (answer.status, answer.document, answer.body) == (status, None, b"")
