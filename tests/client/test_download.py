"""Stored files: no token, no redirect, no more than a given size."""

from __future__ import annotations

import gzip

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceprep.client import Client, Settings
from voiceprep.errors import (
    ContractError,
    PlatformError,
    RefusedError,
    UnavailableError,
)

FILE = "/datas/9f/relance.pcm"
STORED = bytes(range(256)) * 2000


def fetched(client, url, **options):
    with client.download(url, **options) as chunks:
        return b"".join(chunks)


@pytest.fixture
def url(platform, say):
    platform.says(f"GET {FILE}", say.Reply(200, STORED))
    return platform.base_url + FILE


def test_r31_a_stored_file_comes_byte_for_byte_and_without_the_token(
    platform, client, say, url
):
    assert client.platform == "live"  # there is a token that could leak
    assert fetched(client, url) == STORED
    seen = platform.seen[-1]
    assert "authorization" not in seen.headers
    assert say.TOKEN not in str(seen)


def test_a_file_needs_no_token_at_all(platform, client, url):
    fetched(client, url)
    assert platform.calls("/token") == []


def test_a_query_of_the_files_address_is_kept(platform, client, url):
    fetched(client, url + "?sig=1")
    assert platform.seen[-1].query == {"sig": ["1"]}


def test_a_file_comes_in_chunks(client, url):
    with client.download(url) as chunks:
        assert len(next(iter(chunks))) < len(STORED)


def test_a_download_can_be_left_early_and_the_client_goes_on(client, url):
    with client.download(url) as chunks:
        next(iter(chunks))
    assert fetched(client, url) == STORED


def test_a_packed_file_is_unpacked_within_its_limit(platform, client, say, url):
    bomb = gzip.compress(bytes(4 * 2**20))
    packed = say.Reply(200, bomb, {"Content-Encoding": "gzip"})
    platform.says(f"GET {FILE}", packed)
    assert len(fetched(client, url)) == 4 * 2**20
    with pytest.raises(ContractError, match="larger than 1048576 bytes"):
        fetched(client, url, max_bytes=2**20)


def test_a_file_of_exactly_the_limit_is_fine(client, url):
    assert fetched(client, url, max_bytes=len(STORED)) == STORED
    with pytest.raises(ContractError, match="larger than"):
        fetched(client, url, max_bytes=len(STORED) - 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(platforms, platform, *, client, say, url, status):
    elsewhere = platforms()
    target = {"Location": elsewhere.base_url + FILE}
    platform.says(f"GET {FILE}", say.Reply(status, headers=target))
    with pytest.raises(ContractError, match="redirects are never followed"):
        fetched(client, url)
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://a.fr/x", "/etc/passwd", "", "http://u:p@a.fr/x"],
)
def test_only_http_and_https_are_fetched(client, address):
    with pytest.raises(ContractError, match="plain http or https"):
        fetched(client, address)


@pytest.mark.parametrize("address", ["http://", "http://[::1", "http://a\n.fr/x"])
def test_an_address_that_is_none_breaks_the_contract(client, address):
    with pytest.raises(ContractError):
        fetched(client, address)


WORDS = ("http", "https", "..", "xn--", "a.fr", "-1", "99999")
PIECES = (*WORDS, *":/[]@?#%\\é \t", "//")
ADDRESSES = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
SETTINGS = Settings.for_platform("http://localhost:1", "acme", "s3cret")


@given(ADDRESSES, ADDRESSES)
def test_no_address_brings_out_a_foreign_exception(address, location):
    headers = [(b"Location", location.encode())]
    with Client(
        SETTINGS,
        sleep=lambda _: None,
        transport=httpx2.MockTransport(lambda _: httpx2.Response(302, headers=headers)),
    ) as client:
        for url in (address, f"http://localhost/{address}"):
            with pytest.raises(PlatformError):
                fetched(client, url)


def test_a_web_page_is_not_a_stored_file(platform, client, say, url):
    page = say.Reply(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"})
    platform.says(f"GET {FILE}", page)
    with pytest.raises(ContractError, match="web page"):
        fetched(client, url)


def test_what_is_neither_a_file_nor_an_error_breaks_the_contract(
    platform, client, say, url
):
    platform.says(f"GET {FILE}", say.Reply(204))
    with pytest.raises(ContractError, match="204"):
        fetched(client, url)


def test_a_missing_file_is_refused(platform, client, say, url):
    platform.says(f"GET {FILE}", say.Reply(404))
    with pytest.raises(RefusedError, match="404"):
        fetched(client, url)


def test_opening_is_tried_again(platform, client, say, url):
    busy, broken = say.Reply(503), say.Reply(drop=True)
    platform.says(f"GET {FILE}", busy, broken, say.Reply(200, STORED))
    assert fetched(client, url) == STORED


def test_a_file_that_breaks_off_is_temporary(platform, client, say, url):
    short = say.Reply(200, STORED, {"Content-Length": str(9 * len(STORED))})
    platform.says(f"GET {FILE}", short)
    with pytest.raises(UnavailableError, match="ended too early"):
        fetched(client, url)


def test_a_download_ends_at_its_deadline(client, clock, url):
    with client.download(url) as chunks:
        next(iter(chunks))
        clock.now += 301
        with pytest.raises(UnavailableError, match="not done within 300 s"):
            b"".join(chunks)
