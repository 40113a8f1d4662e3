"""The token's flow, driven by hand: no socket, no thread, a given clock."""

from __future__ import annotations

import json

import pytest

from voiceprep import contract
from voiceprep.client.auth import ClientCredentials, parse_token
from voiceprep.client.secret import Secret
from voiceprep.client.wire import Request, read_answer
from voiceprep.errors import AuthError, ContractError

READ = Request("GET", "https://a.fr/content/rest/contents")
OK = read_answer("GET x", 200, {}, b'{"list":[]}')
DEAD = read_answer("GET x", 401, {}, contract.AUTHENTICATE_FAILED.encode())


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def auth(clock):
    return ClientCredentials("https://a.fr/token", "acme", Secret("s3"), clock=clock)


def token_answer(token="abc", expires_in=3600, status=200, **fields):
    document = {"access_token": token, "expires_in": expires_in, **fields}
    return read_answer("POST x", status, {}, json.dumps(document).encode())


def drive(flow, *answers):
    """Return the requests a flow yields for these answers, and what it returns."""
    requests = [next(flow)]
    for answer in answers:
        try:
            requests.append(flow.send(answer))
        except StopIteration as done:
            return requests, done.value
    raise AssertionError("the flow asks for more")


def held(auth, **fields):
    return drive(auth.token(), token_answer(**fields))[1]


def test_r1_the_token_is_asked_for_with_client_credentials(auth):
    requests, token = drive(auth.token(), token_answer())
    form = dict(requests[0].form)
    assert (requests[0].method, requests[0].url) == ("POST", "https://a.fr/token")
    assert form["grant_type"] == "client_credentials"
    assert form["client_id"] == "acme"
    assert form["client_secret"].reveal() == "s3"
    assert token.secret.reveal() == "abc"


def test_r7_a_call_is_signed_with_the_token_it_fetched(auth):
    requests, answer = drive(auth.signed(READ), token_answer(), OK)
    assert requests[1].token.reveal() == "abc"
    assert answer is OK


def test_a_second_call_uses_the_token_of_the_first(auth):
    held(auth)
    requests, _ = drive(auth.signed(READ), OK)
    assert [request.url for request in requests] == [READ.url]


@pytest.mark.parametrize(
    ("elapsed_s", "fetches"), [(3539.9, 0), (3540.0, 1), (9999.0, 1)]
)
def test_r5_a_token_is_renewed_60_s_before_it_dies(auth, clock, elapsed_s, fetches):
    held(auth, expires_in=3600)
    clock.now += elapsed_s
    answers = [token_answer("new")] * fetches + [OK]
    requests, _ = drive(auth.signed(READ), *answers)
    assert len(requests) == fetches + 1


def test_a_tokens_life_is_counted_from_the_asking_not_the_answer(auth, clock):
    flow = auth.token()
    next(flow)
    clock.now += 100  # the answer takes long
    with pytest.raises(StopIteration) as done:
        flow.send(token_answer(expires_in=3600))
    assert done.value.value.renew_at == 1000 + 3600 - 60


def test_a_token_of_less_than_two_minutes_serves_half_its_life(auth):
    assert held(auth, expires_in=30).renew_at == 1015.0


def test_r7_a_401_is_answered_by_one_new_token_and_one_repeat(auth):
    held(auth, token="old")
    requests, answer = drive(auth.signed(READ), DEAD, token_answer("new"), OK)
    assert [r.token and r.token.reveal() for r in requests] == ["old", None, "new"]
    assert answer is OK


def test_r7_a_second_401_is_handed_back(auth):
    held(auth)
    _, answer = drive(auth.signed(READ), DEAD, token_answer("new"), DEAD)
    assert answer is DEAD


def test_r18_a_401_inside_a_200_counts_as_one(auth):
    held(auth)
    hidden = read_answer("GET x", 200, {}, contract.AUTHENTICATE_FAILED.encode())
    requests, _ = drive(auth.signed(READ), hidden, token_answer("new"), OK)
    assert len(requests) == 3


def test_a_token_that_another_thread_replaced_is_not_fetched_again(auth):
    held(auth, token="old")
    late = auth.signed(READ)
    next(late)
    drive(auth.signed(READ), DEAD, token_answer("new"), OK)
    assert late.send(DEAD).token.reveal() == "new"


def test_a_flow_that_is_given_up_frees_the_lock(auth):
    flow = auth.token()
    next(flow)
    flow.close()
    assert held(auth).secret.reveal() == "abc"


@pytest.mark.parametrize("value", [3600, "3600", 3600.5, "3600.5"])
def test_r2_expires_in_is_read_as_number_and_as_string(value):
    assert parse_token(token_answer(expires_in=value), 0.0).renew_at >= 3540


@pytest.mark.parametrize(
    "value", [None, "", "soon", 0, -5, True, [3600], "nan", "inf", 1e999]
)
def test_r2_an_expires_in_that_is_no_number_of_seconds_breaks_the_contract(value):
    with pytest.raises(ContractError, match="expires_in"):
        parse_token(token_answer(expires_in=value), 0.0)


def test_r4_a_token_of_50000_characters_is_kept_whole():
    token = "x" * contract.MAX_TOKEN_CHARS
    assert parse_token(token_answer(token), 0.0).secret.reveal() == token


@pytest.mark.parametrize(
    "token", [None, "", 7, "planted\r\nX: y", "planted é", "planted word", "p" * 65537]
)
def test_a_token_no_header_can_carry_breaks_the_contract_and_is_not_quoted(token):
    with pytest.raises(ContractError) as caught:
        parse_token(token_answer(token), 0.0)
    assert "planted" not in str(caught.value)


def test_r2_only_a_bearer_token_will_do():
    assert parse_token(token_answer(token_type="Bearer"), 0.0)
    with pytest.raises(ContractError, match="bearer"):
        parse_token(token_answer(token_type="mac"), 0.0)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error":"invalid_client","error_description":"invalid"}'),
        (401, ""),
        (403, "<html>"),
        (200, contract.AUTHENTICATE_FAILED),
    ],
)
def test_r3_credentials_that_are_refused_say_where_credentials_come_from(
    auth, status, body
):
    refused = read_answer("POST x", status, {}, body.encode())
    with pytest.raises(AuthError, match=r"app\.digitaleo\.com, Parameters, API"):
        drive(auth.token(), refused)


def test_neither_secret_nor_token_shows_in_any_repr(auth):
    requests, _ = drive(auth.signed(READ), token_answer("abc-token"), OK)
    answer = token_answer("abc-token")
    shown = repr([requests, auth, answer, parse_token(answer, 0.0)])
    assert "s3" not in shown
    assert "abc-token" not in shown
