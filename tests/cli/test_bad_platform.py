"""Done-when 9: what the platform does wrong has a class, a sentence and a code."""

import json
import socket
from urllib.parse import urlsplit

import pytest

PAGE = ("<!DOCTYPE html><html><body>Please log in</body></html>", {})
HTML = {"Content-Type": "text/html"}
CREATE = "POST /content/rest/contents"


def row(**fields):
    known = {"id": "7", "name": "talk", "tags": [], "url": "http://127.0.0.1/x.wav"}
    document = {"size": 1, "total": None, "list": [{**known, **fields}]}
    return json.dumps({**document, "httpStatusCode": 201})


SCRIPTS = {
    "wrong secret": (
        "POST /token",
        (400, '{"error":"invalid_client","error_description":"no"}', {}),
        ("AuthError", 4),
    ),
    "500 at the token": ("POST /token", (500, "", {}), ("UnavailableError", 5)),
    "500 at the look-up": (
        "GET /content/rest/contents",
        (500, "", {}),
        ("UnavailableError", 5),
    ),
    "503 at create": (CREATE, (503, "", {}), ("UnavailableError", 5)),
    "login page for a token": (
        "POST /token",
        (200, PAGE[0], HTML),
        ("ContractError", 6),
    ),
    "login page at the look-up": (
        "GET /content/rest/contents",
        (200, PAGE[0], HTML),
        ("ContractError", 6),
    ),
    "login page at create": (CREATE, (200, PAGE[0], HTML), ("ContractError", 6)),
    "no url_encoded": (CREATE, (201, row(), {}), ("ContractError", 6)),
    "empty url_encoded": (
        CREATE,
        (201, row(url_encoded=None), {}),
        ("ContractError", 6),
    ),
    "refusal": (
        CREATE,
        (417, '{"status":417,"message":"too short"}', {}),
        ("RefusedError", 6),
    ),
}


def assert_secret(done, cli, planted):
    """Nothing that was said or written holds the secret or the token."""
    files = [path.read_bytes() for path in cli.home.parent.rglob("*") if path.is_file()]
    for word in planted:
        assert word not in done.out + done.err
        assert not any(word.encode() in content for content in files)


@pytest.mark.parametrize("case", SCRIPTS)
def test_each_failure_has_its_class_sentence_and_exit_code(
    customer, platform, record, planted, case, tmp_path
):
    call, answer, (kind, code) = SCRIPTS[case]
    platform.says[call] = answer
    run = customer(platform.base_url)
    path = record()
    done = run("upload", path, "-o", tmp_path / "out", "-vv", "--json")
    assert done.code == code
    (result,) = done.results
    assert result["path"] == str(path)
    assert result["error"]["class"] == kind
    (sentence, last) = done.err.splitlines()
    assert sentence == f"{path}: {result['error']['message']}"
    assert last == "1 failed"
    assert_secret(done, run, planted)


def test_the_secret_that_a_platform_repeats_is_struck_out(
    customer, platform, record, planted
):
    said = {"error": "invalid_client", "error_description": f"no: {planted[0]}"}
    platform.says["POST /token"] = (400, json.dumps(said), {})
    run = customer(platform.base_url)
    done = run("upload", record())
    assert done.code == 4
    assert_secret(done, run, planted)


def test_a_dead_server_is_temporary(customer, record, free_port, planted):
    run = customer(f"http://127.0.0.1:{free_port}/")
    done = run("upload", record())
    assert (done.code, len(done.err.splitlines())) == (5, 2)
    assert_secret(done, run, planted)


@pytest.mark.parametrize("call", ["POST /token", "GET /content/rest/contents", CREATE])
def test_a_redirect_is_never_followed(customer, platforms, record, planted, call):
    here, there = platforms(), platforms()
    target = there.base_url + call.partition("/")[2]
    here.says[call] = (307, "", {"Location": f"{target}?t={planted[1]}"})
    run = customer(here.base_url)
    done = run("upload", record(), "--json")
    assert done.code == 6
    assert done.results[0]["error"]["class"] == "ContractError"
    assert urlsplit(there.base_url).netloc in done.err
    assert there.seen == []
    assert_secret(done, run, planted)


def test_an_unreachable_platform_costs_each_recording_its_own_line(
    customer, record, free_port
):
    paths = [record("a.wav"), record("b.wav", seed=2)]
    done = customer(f"http://127.0.0.1:{free_port}/")("upload", *paths)
    assert done.code == 5
    assert [line.split(": ")[0] for line in done.err.splitlines()[:2]] == [
        str(path) for path in paths
    ]
    assert done.last == "2 failed"


def test_a_successful_run_shows_the_secret_nowhere_either(
    account, sandbox, record, tmp_path
):
    done = account("upload", record(seed=60), "-o", tmp_path / "out", "-vv", "--json")
    assert done.code == 0
    assert_secret(done, account, (sandbox.client_secret,))


def test_no_answer_within_the_deadline_is_temporary(customer, record):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = customer(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        patience = {"VOICEPREP_DEADLINE_S": "0.3", "VOICEPREP_READ_TIMEOUT_S": "0.2"}
        done = run("upload", record(), env=patience)
    assert done.code == 5
