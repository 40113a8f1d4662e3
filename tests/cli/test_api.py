"""The raw call on the command line, from hand-written answers."""

import json

import pytest

CONTENTS = "/content/rest/contents"
MAILINGS = "/rest/mailings"
ROW = {"id": 91, "recipient": "+33612345678", "odd": [None]}
LISTED = {"size": 1, "list": [ROW]}


@pytest.fixture
def live(customer, platform):
    platform.says[f"GET {MAILINGS}"] = (200, json.dumps(LISTED), {})
    return customer(platform.base_url)


def test_the_answer_is_printed_as_json_with_numbers_masked(live):
    done = live("api", "GET", "mailings")
    masked = {**ROW, "recipient": "+33 6 •• •• •• 78"}
    assert json.loads(done.out) == {"size": 1, "list": [masked]}
    whole = live("api", "GET", "mailings", "--show-numbers")
    assert json.loads(whole.out) == LISTED


def test_the_last_line_says_where_it_went(live, platform):
    done = live("api", "get", "mailings")
    place = f"GET {platform.base_url}rest/mailings"
    assert done.last == f"{place}: 200, below api_url"
    assert live("api", "GET", "contents").last.endswith("200, below content_url")


def test_json_wraps_the_answer_in_the_one_document(live):
    done = live("api", "GET", "mailings", "--json")
    assert done.json["schema"] == "voiceprep.api/1"
    assert (done.json["platform"], done.json["status"]) == ("live", 200)
    assert done.results[0]["list"][0]["id"] == 91


def test_parameters_go_as_they_are_and_may_repeat(live, platform):
    live("api", "GET", "mailings", "id=1", "id=2", "name=a=b")
    assert platform.seen[-1][1].endswith("?id=1&id=2&name=a%3Db")
    platform.says[f"PUT {CONTENTS}"] = (200, '{"count":1}', {})
    done = live("api", "PUT", "contents", "id=7", 'metaData={"name":"x"}')
    assert json.loads(done.out) == {"count": 1}
    assert platform.seen[-1][3] == b"id=7&metaData=%7B%22name%22%3A%22x%22%7D"


def test_r23_another_format_is_printed_as_text(live, platform):
    xml = "<list>\n  <recipient>+33612345678</recipient>\x1b[2J\n</list>"
    kind = {"Content-Type": "application/xml"}
    platform.says[f"GET {MAILINGS}.xml"] = (200, xml, kind)
    done = live("api", "GET", "mailings.xml")
    assert done.lines == [
        "<list>",
        "  <recipient>+33 6 •• •• •• 78</recipient>[2J",
        "</list>",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("PATCH", "contents"),
        ("GET", "contents", "limit"),
        ("GET", "contents", "=1"),
        ("GET",),
    ],
)
def test_what_is_no_call_is_a_usage_error(live, platform, words):
    done = live("api", *words)
    assert (done.code, done.out, platform.seen) == (2, "", [])


def test_a_whole_address_is_refused_and_the_token_stays_here(live, platforms):
    there = platforms()
    done = live("api", "GET", f"{there.base_url}contents")
    assert (done.code, there.seen) == (2, [])
    assert "the token goes nowhere else" in done.last


@pytest.mark.parametrize(
    "words",
    [
        ("DELETE", "contents", "id=7"),
        ("POST", "contents", "action=delete", "id=7"),
        ("GET", "contents?action=delete&id=7"),
    ],
)
def test_a_delete_on_the_live_platform_needs_a_yes(live, platform, words):
    done = live("api", *words)
    assert (done.code, done.out) == (2, "")
    assert [seen[1] for seen in platform.seen] == ["/token"]
    platform.says[f"{words[0]} {CONTENTS}"] = (200, '{"count":1}', {})
    assert live("api", *words, "--yes").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("POST", "mailings", "name=x"),
        ("POST", "/mailings/", "name=x"),
        ("POST", "mailings.xml", "name=x"),
        ("PUT", "mailings", "id=7", 'metaData={"date":"2026-12-01T10:00:00+01:00"}'),
        ("GET", "mailings?action=create&name=x"),
        ("GET", "mailings", "action=update", "id=7"),
    ],
)
def test_what_may_call_people_from_an_account_needs_a_yes(live, platform, words):
    done = live("api", *words)
    assert (done.code, done.out) == (2, "")
    assert "this may call people from your account; add --yes" in done.last
    assert [seen[1] for seen in platform.seen] == ["/token"]


def test_what_only_reads_mailings_needs_none(live, platform):
    platform.says[f"POST {MAILINGS}"] = (200, json.dumps(LISTED), {})
    assert live("api", "POST", "mailings", "action=read", "id=7").code == 0


def test_a_dry_run_calls_nobody(live, platform):
    done = live("api", "POST", "mailings", "name=x", "to=06 12 34 56 78", "-n")
    assert (done.code, done.out, platform.seen) == (0, "", [])
    assert done.last == "would call POST mailings name=x to=06 •• •• •• 78"


def test_a_creation_whose_outcome_is_unclear_exits_7_and_is_sent_once(live, platform):
    platform.says[f"POST {MAILINGS}"] = (502, "<html>", {})
    done = live("api", "POST", "mailings", "name=x", "--yes")
    assert (done.code, done.out) == (7, "")
    assert "look it up before it is repeated" in done.last
    assert [seen[0] for seen in platform.seen if "mailings" in seen[1]] == ["POST"]


def test_an_empty_answer_prints_nothing(live, platform):
    platform.says[f"PUT {CONTENTS}"] = (304, "", {})
    done = live("api", "PUT", "contents", "id=7", "metaData={}")
    assert (done.code, done.out) == (0, "")


def test_the_sandbox_is_asked_as_well(account):
    done = account("api", "GET", "contents", "limit=1")
    assert done.code == 0
    assert done.last.endswith("(sandbox: nothing was sent to Digitaleo)")
