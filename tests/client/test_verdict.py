"""What an answer means, and who must act."""

from __future__ import annotations

import json

import pytest

from voiceprep import errors
from voiceprep.client.secret import Secret
from voiceprep.client.verdict import (
    LOCATION,
    clean,
    error_of,
    fields_of,
    retry_after_s,
    rows_of,
)
from voiceprep.client.wire import read_answer


def answer(status, document=None, body=b"", **headers):
    body = json.dumps(document).encode() if document is not None else body
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer("GET https://a.fr/x", status, headers, body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, errors.ContractError),
        (302, errors.ContractError),
        (307, errors.ContractError),
        (400, errors.RefusedError),
        (401, errors.AuthError),
        (403, errors.RefusedError),
        (404, errors.RefusedError),
        (405, errors.RefusedError),
        (408, errors.UnavailableError),
        (414, errors.RefusedError),
        (417, errors.RefusedError),
        (429, errors.UnavailableError),
        (500, errors.UnavailableError),
        (503, errors.UnavailableError),
        (101, errors.ContractError),
    ],
)
def test_r22_each_status_has_its_class(status, kind):
    error = error_of(answer(status, {"status": status, "message": "Because"}))
    assert type(error) is kind
    assert error.status == status
    assert "GET https://a.fr/x" in str(error)


@pytest.mark.parametrize("status", [200, 201, 204, 304])
def test_r22_these_are_no_errors(status):
    assert error_of(answer(status)) is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (401, errors.AuthError),
        ("417", errors.RefusedError),
        (500, errors.UnavailableError),
        ("ko", errors.ContractError),
        (None, errors.ContractError),
    ],
)
def test_r18_a_status_inside_a_200_means_error(said, kind):
    assert type(error_of(answer(200, {"status": said, "list": []}))) is kind


def test_r18_http_status_code_inside_a_200_means_nothing():
    assert error_of(answer(200, {"httpStatusCode": 200, "list": []})) is None


def test_r34_a_refusal_carries_every_detail_word_for_word():
    numbers = [f"061234567{n}" for n in range(10)]
    messages = [{"details": number} for number in (*numbers, "s3cret is no number")]
    said = {"status": 417, "message": "contacts", "messages": messages}
    error = error_of(answer(417, said), [Secret("s3cret")])
    assert error.details == (*numbers, "*** is no number")
    assert "0612345670" not in str(error)  # masked, as in every error
    assert str(error).count(";") == 5
    assert error_of(answer(404, {"status": 404})).details == ()


def test_r22_the_platforms_words_and_details_are_passed_on():
    messages = [{"details": "name is required"}, {"code": 3}, {"details": None}]
    document = {"status": 417, "message": "Missing", "messages": messages}
    assert "417: Missing; name is required" in str(error_of(answer(417, document)))


def test_the_platforms_words_become_one_short_plain_line():
    message = "a\r\nb\x1b[31m\u202e" + "c" * 5000
    said = str(error_of(answer(400, {"message": message})))
    assert said.isprintable()
    assert len(said) < 400


def test_a_secret_in_the_platforms_words_is_struck_out_before_they_are_cut():
    secret = Secret("pa55 w/ord")
    words = "x" * 295 + " pa55 w/ord pa55+w%2Ford pa55%20w/ord"
    assert "pa55" not in clean(words, [secret])


def test_a_web_page_is_named_as_one():
    page = answer(200, body=b"<!doctype html><title>Log in</title>")
    with pytest.raises(errors.ContractError, match="a web page"):
        fields_of(page)
    assert "web page" in str(error_of(answer(502, body=b"<html>", content_type="x")))


@pytest.mark.parametrize("body", [b"", b"[1]", b"hello", b"{", b"\xff\xfe"])
def test_what_is_no_json_object_breaks_the_contract(body):
    with pytest.raises(errors.ContractError, match="no JSON object"):
        fields_of(answer(200, body=body))


@pytest.mark.parametrize("document", [{}, {"list": None}, {"list": {}}, {"list": [1]}])
def test_r18_an_envelope_without_a_list_of_rows_breaks_the_contract(document):
    with pytest.raises(errors.ContractError, match="no list"):
        rows_of(answer(200, document))


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://evil.fr:8443/login?token=pa55", "evil.fr:8443"),
        ("/login?token=pa55", "to a.fr;"),
        ("http://[pa55", "unreadable"),
    ],
)
def test_a_redirect_names_its_host_and_nothing_more(location, host):
    said = str(error_of(answer(302, **{LOCATION: location})))
    assert host in said
    assert "pa55" not in said


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        (
            {
                "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT",
                "date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30.0,
        ),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(headers, seconds):
    assert retry_after_s(headers) == seconds
