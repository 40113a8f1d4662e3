"""The verbs of contents over a real socket."""

from __future__ import annotations

import io
import json
from email.parser import BytesParser
from email.policy import HTTP

import pytest

from voiceprep.client import Client
from voiceprep.errors import (
    AuthError,
    ContractError,
    RefusedError,
    UnavailableError,
)

CONTENTS = "/content/rest/contents"
RECORDING = bytes(range(256)) * 1000


def create(client, file=None, **fields):
    fields = {"name": "Relance", "filename": "relance.wav", **fields}
    file = io.BytesIO(RECORDING) if file is None else file
    return client.contents.create(file, mime_type="audio/wav", **fields)


def parts(seen):
    """Return the parts of a multipart body, read by the standard library."""
    head = f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + seen.body)
    return {
        part.get_param("name", header="content-disposition"): part
        for part in message.iter_parts()
    }


def test_r27_an_upload_is_one_multipart_form_of_known_length(platform, client, say):
    platform.says(f"POST {CONTENTS}", say.rows(say.content(), status=201))
    content = create(client, tags=["vp-1", "mars"], description="Pour mars")
    (seen,) = platform.calls(CONTENTS)
    form = parts(seen)
    texts = {k: v.get_payload() for k, v in form.items() if k != "contentFile"}
    assert texts == {
        "name": "Relance",
        "description": "Pour mars",
        "tags[0]": "vp-1",
        "tags[1]": "mars",
    }
    assert form["contentFile"].get_filename() == "relance.wav"
    assert form["contentFile"].get_content_type() == "audio/wav"
    assert RECORDING in seen.body
    assert "transfer-encoding" not in seen.headers
    assert seen.headers["authorization"] == f"Bearer {say.TOKEN}"  # R6
    assert content.id == "7001"


def test_r1_the_token_is_fetched_by_a_urlencoded_post(platform, client, say):
    platform.says(f"GET {CONTENTS}", say.rows())
    list(client.contents.read())
    (seen,) = platform.calls("/token")
    assert seen.body == (
        b"grant_type=client_credentials&client_id=acme&client_secret="
        + say.SECRET.encode()
    )
    assert seen.query == {}
    assert "authorization" not in seen.headers


def test_a_path_is_uploaded_as_well_as_a_file(platform, client, say, tmp_path):
    platform.says(f"POST {CONTENTS}", say.rows(say.content(), status=201))
    (tmp_path / "a.wav").write_bytes(RECORDING)
    create(client, tmp_path / "a.wav")
    assert RECORDING in platform.calls(CONTENTS)[0].body


def test_a_file_that_is_missing_is_the_systems_own_error(client, tmp_path):
    with pytest.raises(FileNotFoundError):
        create(client, tmp_path / "missing.wav")


def test_a_name_that_is_no_unicode_is_sent_with_a_question_mark(platform, client, say):
    platform.says(f"POST {CONTENTS}", say.rows(say.content(), status=201))
    create(client, name="caf\udce9", filename="caf\udce9.wav")  # Latin-1 on disk
    assert b'filename="caf?.wav"' in platform.calls(CONTENTS)[0].body


def test_an_upload_is_read_from_byte_0_again_after_a_401(platform, client, say):
    dead = say.reply({"status": 401, "message": "Authenticate failed"}, 401)
    platform.says("POST /token", say.token("old"), say.token("new"))
    platform.says(f"POST {CONTENTS}", dead, say.rows(say.content(), status=201))
    file = io.BytesIO(RECORDING)
    file.seek(1000)  # wherever the caller left it
    create(client, file)
    tries = platform.calls(CONTENTS)
    assert [one.headers["authorization"] for one in tries] == [
        "Bearer old",
        "Bearer new",
    ]
    assert [parts(one)["contentFile"].get_payload(decode=True) for one in tries] == [
        RECORDING,
        RECORDING,
    ]


class Watched(io.BytesIO):
    largest = 0

    def read(self, size=-1):
        self.largest = max(self.largest, size if size >= 0 else 2**62)
        return super().read(size)


def test_an_upload_is_never_held_in_memory(platform, client, say):
    platform.says(f"POST {CONTENTS}", say.rows(say.content(), status=201))
    file = Watched(bytes(8 * 2**20))
    create(client, file)
    assert file.largest <= 64 * 1024
    assert len(platform.calls(CONTENTS)[0].body) > 8 * 2**20


def test_r4_a_token_of_50000_characters_goes_through_a_real_socket(
    platforms, clock, say
):
    platform = platforms()
    token = "x" * 50_000
    platform.says("POST /token", say.token(token))
    platform.says(f"GET {CONTENTS}", say.rows())
    with Client(platform.settings(), clock=clock, sleep=clock.sleep) as client:
        list(client.contents.read())
    assert platform.calls(CONTENTS)[0].headers["authorization"] == f"Bearer {token}"


def test_r14_reading_pages_by_itself_until_a_page_is_short(platform, client, say):
    pages = [
        say.rows(*(say.content(id=str(n)) for n in range(start, min(start + 100, 250))))
        for start in (0, 100, 200)
    ]
    platform.says(f"GET {CONTENTS}", *pages)
    ids = [one.id for one in client.contents.read(tags=["mars", "vp-1"])]
    assert ids == [str(n) for n in range(250)]
    queries = [seen.query for seen in platform.calls(CONTENTS)]
    assert [query["offset"] for query in queries] == [["0"], ["100"], ["200"]]
    assert all(query["limit"] == ["100"] for query in queries)
    assert all(query["tags"] == ["mars,vp-1"] for query in queries)


def test_a_limit_is_asked_for_and_never_exceeded(platform, client, say):
    three = [say.content(id=str(n)) for n in range(3)]
    platform.says(f"GET {CONTENTS}", say.rows(*three))  # one more than asked for
    assert len(list(client.contents.read(limit=2))) == 2
    assert platform.calls(CONTENTS)[0].query["limit"] == ["2"]


def test_a_platform_that_repeats_a_page_is_not_followed_for_ever(platform, client, say):
    page = say.rows(*(say.content(id=str(n)) for n in range(100)))
    platform.says(f"GET {CONTENTS}", page)
    with pytest.raises(ContractError, match="repeated"):
        list(client.contents.read())


def test_r8_ids_are_asked_for_in_bodies_and_never_more_than_500(platform, client, say):
    platform.says(f"POST {CONTENTS}", say.rows())
    list(client.contents.read(id=[f"{n:020}" for n in range(1_200)], tags="mars"))
    calls = platform.calls(CONTENTS)
    sizes = [len(seen.form["id"][0].split(",")) for seen in calls]
    assert sizes == [500, 500, 200]
    assert all(seen.query == {"action": ["read"]} for seen in calls)
    assert all(seen.form["tags"] == ["mars"] for seen in calls)


def test_500_ids_are_read_to_the_last_page_and_no_further(platform, client, say):
    pages = [
        say.rows(*(say.content(id=str(n)) for n in range(start, start + 100)))
        for start in range(0, 500, 100)
    ]
    platform.says(f"POST {CONTENTS}", *pages)
    ids = [str(n) for n in range(500)]
    assert [one.id for one in client.contents.read(id=ids)] == ids
    assert len(platform.calls(CONTENTS)) == 5


def test_a_limit_counts_across_portions(platform, client, say):
    hundred = say.rows(*(say.content(id=str(n)) for n in range(100)))
    few = say.rows(*(say.content(id=str(n)) for n in range(100, 130)))
    platform.says(f"POST {CONTENTS}", hundred, few, few)
    found = client.contents.read(id=[str(n) for n in range(600)], limit=140)
    assert len(list(found)) == 140
    limits = [seen.form["limit"][0] for seen in platform.calls(CONTENTS)]
    assert limits == ["100", "40", "10"]


@pytest.mark.parametrize("filters", [{"id": []}, {"id": ""}, {"tags": []}])
def test_an_empty_filter_selects_nothing_and_asks_nothing(platform, client, filters):
    assert list(client.contents.read(**filters)) == []
    assert platform.seen == []


def test_get_returns_the_content_or_none(platform, client, say):
    platform.says(f"POST {CONTENTS}", say.rows(say.content()), say.rows())
    assert client.contents.get("7001").name == "Relance mars"
    assert client.contents.get("7002") is None
    assert platform.calls(CONTENTS)[0].form["id"] == ["7001"]


def test_r20_delete_returns_the_count(platform, client, say):
    gone = say.reply({"count": 2})
    platform.says(f"DELETE {CONTENTS}", gone, say.Reply(304), say.Reply(204))
    assert client.contents.delete(id=["1", "2"]) == 2
    assert client.contents.delete(id="1") == 0  # R22: nothing modified
    assert client.contents.delete(id="1") is None  # R22: count unknown
    assert client.contents.delete(id=[]) == 0
    assert platform.calls(CONTENTS)[0].query == {"id": ["1,2"]}
    assert len(platform.calls(CONTENTS)) == 3


def test_r20_update_sends_filters_in_the_address_and_metadata_as_json(
    platform, client, say
):
    platform.says(f"PUT {CONTENTS}", say.reply({"count": 2}))
    values = {"description": "Été", "tags": ["mars"]}
    assert client.contents.update(values, id=["1", "2"], name="Relance") == 2
    (seen,) = platform.calls(CONTENTS)
    assert seen.query == {"id": ["1,2"], "name": ["Relance"]}
    assert json.loads(seen.form["metaData"][0]) == values


def test_a_change_without_any_filter_is_not_sent(platform, client):
    with pytest.raises(RefusedError, match=r"not sent: without a filter.*R20"):
        client.contents.update({"name": "x"})
    assert platform.seen == []


@pytest.mark.parametrize("filters", [{"id": ""}, {"id": [" ", ","]}, {"name": " "}])
def test_a_change_with_an_empty_filter_changes_nothing(platform, client, filters):
    assert client.contents.update({"name": "x"}, **filters) == 0
    assert platform.seen == []


def test_r22_a_delete_of_many_ids_keeps_its_address_below_8_kib(platform, client, say):
    platform.says(f"DELETE {CONTENTS}", say.reply({"count": 100}))
    ids = [f"{n:036}" for n in range(700)]
    count = client.contents.delete(id=ids)
    sent = [seen.query["id"][0] for seen in platform.calls(CONTENTS)]
    assert ",".join(sent).split(",") == ids
    assert max(len(text) for text in sent) < 6_100  # with commas as %2C, below 8 KiB
    assert count == 100 * len(sent)


def test_r20_a_name_is_sent_whole_and_several_as_an_array(platform, client, say):
    platform.says(f"GET {CONTENTS}", say.rows())
    list(client.contents.read(name="Mars, avril"))
    list(client.contents.read(name=["a", "b, c"]))
    one, several = platform.calls(CONTENTS)
    assert one.query["name"] == ["Mars, avril"]
    assert (several.query["name[0]"], several.query["name[1]"]) == (["a"], ["b, c"])


def test_a_wrong_secret_is_the_accounts_business(platform, client, say):
    wrong = {
        "error": "invalid_client",
        "error_description": "The client credentials are invalid",
    }
    platform.says("POST /token", say.reply(wrong, 400))
    with pytest.raises(AuthError, match=r"app\.digitaleo\.com") as caught:
        create(client)
    assert caught.value.status == 400
    assert len(platform.seen) == 1


def test_a_token_that_is_refused_twice_is_the_accounts_business(platform, client, say):
    dead = say.reply({"status": 401, "message": "Authenticate failed"}, 401)
    platform.says(f"POST {CONTENTS}", dead)
    with pytest.raises(AuthError):
        create(client)
    assert len(platform.calls("/token")) == 2
    assert len(platform.calls(CONTENTS)) == 2


def test_a_login_page_with_200_is_not_the_platform(platform, client, say):
    page = say.Reply(200, b"<html>Log in", {"Content-Type": "text/html"})
    platform.says(f"POST {CONTENTS}", page)
    with pytest.raises(ContractError, match="web page"):
        create(client)
    platform.says("POST /token", page)
    with (
        pytest.raises(ContractError, match="web page"),
        Client(platform.settings()) as other,
    ):
        create(other)


def test_an_answer_without_url_encoded_is_not_the_platform(platform, client, say):
    row = say.content()
    del row["url_encoded"]
    platform.says(f"POST {CONTENTS}", say.rows(row, status=201))
    with pytest.raises(ContractError, match="url_encoded"):
        create(client)


def test_r19_an_answer_without_the_created_row_is_not_the_platform(
    platform, client, say
):
    platform.says(f"POST {CONTENTS}", say.rows(status=201))
    with pytest.raises(ContractError, match="0 contents"):
        create(client)


def test_an_answer_of_more_than_16_mib_is_not_read_whole(platform, client, say):
    huge = say.Reply(200, b" " * (16 * 2**20 + 1))
    platform.says(f"GET {CONTENTS}", huge)
    with pytest.raises(ContractError, match="larger than"):
        list(client.contents.read())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/token", CONTENTS])
def test_a_redirect_is_never_followed(
    platforms, platform, *, client, say, status, path
):
    elsewhere = platforms()
    target = f"{elsewhere.base_url}{path}?ticket=1"
    platform.says(f"POST {path}", say.Reply(status, headers={"Location": target}))
    with pytest.raises(ContractError, match="redirects are never followed") as caught:
        create(client)
    assert elsewhere.base_url.removeprefix("http://") in str(caught.value)
    assert "ticket" not in str(caught.value)
    assert elsewhere.seen == []


def test_r34_a_refusal_carries_the_platforms_words(platform, client, say):
    document = {"status": 417, "message": "Bad file", "messages": [{"details": "9 s"}]}
    platform.says(f"POST {CONTENTS}", say.reply(document, 417))
    with pytest.raises(RefusedError, match="417: Bad file; 9 s"):
        create(client)


def test_a_trailing_comma_is_read_over(platform, client, say):
    platform.says(f"GET {CONTENTS}", say.Reply(200, b'{"size":0,"list":[],}'))
    assert list(client.contents.read()) == []


def test_platform_is_sandbox_only_by_the_tokens_server_header(platforms, say):
    for server, word in {"voiceprep-sandbox": "sandbox", "nginx": "live"}.items():
        platform = platforms()
        platform.says("POST /token", say.token(Server=server))
        with Client(platform.settings()) as client:
            assert client.platform == word
            assert client.platform == word
        assert len(platform.seen) == 1


def test_this_machine_is_never_reached_through_a_proxy(platforms, say, monkeypatch):
    proxy, platform = platforms(), platforms()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.base_url)
    platform.says(f"GET {CONTENTS}", say.rows())
    with Client(platform.settings()) as client:
        list(client.contents.read())
    assert proxy.seen == []
    assert len(platform.seen) == 2


def test_no_cookie_is_kept(platform, client, say):
    cookie = say.rows()
    cookie.headers["Set-Cookie"] = "session=1; Path=/"
    platform.says(f"GET {CONTENTS}", cookie)
    list(client.contents.read())
    list(client.contents.read())
    assert "cookie" not in platform.seen[-1].headers


def test_a_5xx_is_temporary(platform, client, say):
    platform.says(f"GET {CONTENTS}", say.Reply(502, b"<html>Bad gateway"))
    with pytest.raises(UnavailableError, match=r"502.*try again later"):
        list(client.contents.read())
