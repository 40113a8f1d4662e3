"""H1 to H3: where the services are."""

import re
import urllib.request

import pytest
from talk import CONTENTS, MAILINGS, Caller, urlencoded

from voiceprep.client import Settings


@pytest.mark.contract("H1")
def test_h1_the_live_services_are_the_three_documented_addresses():
    account = {"client_id": "acme", "client_secret": "s3cret"}
    settings = Settings.load(account, environ={})
    assert settings.token_url == "https://oauth.messengeo.net/token"
    assert settings.content_url == "https://baseo.messengeo.net/content/rest/"
    assert settings.api_url == "https://api.messengeo.net/rest/"


@pytest.mark.contract("H1")
def test_h1_each_service_has_a_setting_of_its_own():
    given = {
        "client_id": "acme",
        "client_secret": "s3cret",
        "token_url": "https://one.example/token",
        "content_url": "https://two.example/content/rest/",
        "api_url": "https://three.example/rest/",
    }
    settings = Settings.load(given, environ={})
    assert settings.token_url == given["token_url"]
    assert settings.content_url == given["content_url"]
    assert settings.api_url == given["api_url"]


@pytest.mark.contract("H2")
def test_h2_one_base_serves_tokens_contents_and_everything_else(caller):
    assert caller.raw("POST", "/token", *urlencoded(caller.account)).status == 200
    assert caller.get(CONTENTS).status == 200
    assert caller.get(MAILINGS).status == 200


@pytest.mark.contract("H2")
def test_h2_stored_files_need_no_token_and_lie_in_unguessable_folders(box, caller):
    rows = [caller.upload().rows[0] for _ in range(2)]
    folders = set()
    for row in rows:
        inner = row["url"].removeprefix(f"http://127.0.0.1:{box.port}/datas/")
        folder, name = inner.split("/")
        folders.add(folder)
        assert re.fullmatch(r"[\w-]{16,}", folder)
        assert name == "a.wav"
        with urllib.request.urlopen(row["url"]) as answer:
            assert answer.status == 200
    assert len(folders) == 2


@pytest.mark.contract("H2")
@pytest.mark.parametrize("path", ["../client_secret", "..%2f..%2fclient_secret", "x/y"])
def test_h2_nothing_else_is_served_below_datas(caller, path):
    folder = caller.upload().rows[0]["url"].split("/")[-2]
    assert caller.raw("GET", f"/datas/{path}").status == 404
    assert caller.raw("GET", f"/datas/{folder}/{path}").status == 404


@pytest.mark.contract("H3")
@pytest.mark.parametrize("path", [CONTENTS, MAILINGS])
def test_h3_a_trailing_slash_changes_nothing(caller, path):
    plain = caller.get(path)
    slashed = caller.get(path + "/")
    assert (slashed.status, slashed.body) == (200, plain.body)


@pytest.mark.contract("H3")
def test_h3_the_token_is_given_with_a_trailing_slash_too(box):
    caller = Caller(box)
    reply = caller.raw("POST", "/token/", *urlencoded(caller.account))
    assert (reply.status, reply.json["token_type"]) == (200, "bearer")


@pytest.mark.contract("H3")
@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://127.0.0.1:9/"])
def test_h3_our_client_takes_a_base_with_and_without_its_slash(base):
    settings = Settings.for_platform(base, "acme", "s3cret")
    assert settings.token_url == "http://127.0.0.1:9/token"
    assert settings.content_url == "http://127.0.0.1:9/content/rest/"
    assert settings.api_url == "http://127.0.0.1:9/rest/"
