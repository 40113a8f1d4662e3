"""`voiceprep sandbox faults|log|advance|reset` against one that really runs."""

import json
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest


@contextmanager
def running(cli, end, *words):
    with cli.start("sandbox", "--port", "0", *words) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            end(process)


@pytest.fixture
def box(cli, end, tmp_path):
    folder = tmp_path / "box"
    words = ("--data", folder, "--control", "--clock", "manual")
    with running(cli, end, *words) as told:
        yield told, folder


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_faults_are_added_shown_and_ended(cli, box):
    told, folder = box
    contents = told["content_url"] + "contents"
    assert status_of(contents) == 401
    words = ("status", "status=503", "path=/content/*", "nth=1")
    added = cli("sandbox", "faults", *words, "--data", folder)
    assert (added.code, added.last) == (0, "1 fault in the script")
    assert [status_of(contents) for _ in range(2)] == [503, 401]
    shown = cli("sandbox", "faults", "--json", "--data", folder)
    assert shown.json["schema"] == "voiceprep.sandbox.faults/1"
    assert shown.results == [
        {"kind": "status", "path": "/content/*", "nth": [1], "matched": 2, "struck": 1}
    ]
    assert cli("sandbox", "faults", "--clear", "--data", folder).out == ""


def test_the_folder_may_stand_before_the_command_too(cli, box):
    _, folder = box
    assert cli("sandbox", "--data", folder, "log", "--json").results == []


def test_the_log_shows_calls_a_line_each(cli, box):
    told, folder = box
    status_of(told["api_url"] + "mailings?limit=1&name=%1b[31m")
    status_of(told["api_url"] + "a%0Ab")
    done = cli("sandbox", "log", "--data", folder)
    first, second = done.lines
    assert "GET /rest/mailings?limit=1&name=…  401" in first
    assert "/rest/a\\nb" in second
    (row,) = cli("sandbox", "log", "--after", 1, "--json", "--data", folder).results
    assert (row["number"], row["method"]) == (2, "GET")


def test_the_clock_is_advanced(cli, box):
    _, folder = box
    times = [
        cli("sandbox", "advance", span, "--json", "--data", folder).results[0]["now"]
        for span in ("0", "1.5h")
    ]
    assert times[0][:10] <= times[1][:10]
    assert times[0] < times[1]
    assert cli("sandbox", "advance", "0s", "--data", folder).lines == [times[1]]


def test_a_reset_forgets_the_log(cli, box):
    told, folder = box
    status_of(told["api_url"] + "mailings")
    assert cli("sandbox", "reset", "--data", folder).code == 0
    assert cli("sandbox", "log", "--json", "--data", folder).results == []


def test_dry_run_changes_nothing(cli, box):
    told, folder = box
    status_of(told["api_url"] + "mailings")
    for words in (("faults", "html"), ("advance", "1h"), ("reset",)):
        done = cli("sandbox", *words, "-n", "--data", folder)
        assert done.code == 0
        assert done.last.startswith("would ")
    assert len(cli("sandbox", "log", "--json", "--data", folder).results) == 1
    assert cli("sandbox", "faults", "--json", "--data", folder).results == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("faults", "explode"), "none of status"),
        (("faults", "status", "503"), "NAME=VALUE"),
        (("faults", "status", "colour=red"), "no 'colour'"),
        (("advance", "soon"), "no time such as"),
        (("advance",), "Missing argument"),
        (("weather",), "No such command"),
        (("--clock", "manual", "--speed", "2"), "exclude each other"),
        (("--speed", "0"), "0"),
        (("--faults", "/nowhere/at/all"), "nowhere"),
    ],
)
def test_what_is_wrong_is_a_usage_error(cli, words, said):
    done = cli("sandbox", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_one_that_does_not_run_or_takes_no_orders_is_a_usage_error(cli, end, tmp_path):
    for folder in (tmp_path / "none", None):
        words = ("--data", folder) if folder else ()
        done = cli("sandbox", "log", *words)
        assert (done.code, "no sandbox runs" in done.last) == (2, True)
    with running(cli, end, "--data", tmp_path / "b"):
        done = cli("sandbox", "log", "--data", tmp_path / "b")
        assert done.code == 2
        assert "voiceprep sandbox --control" in done.last


def test_a_script_of_faults_stands_from_the_start(cli, end, tmp_path):
    script = tmp_path / "faults.json"
    script.write_text('[{"kind": "status", "status": 418, "nth": [1]}]')
    words = ("--data", tmp_path / "b", "--faults", script)
    with running(cli, end, *words) as told:
        assert [status_of(told["token_url"]) for _ in range(2)] == [418, 405]
    script.write_text("[{")
    done = cli("sandbox", *words)
    assert (done.code, "not valid JSON" in done.err) == (2, True)


def test_the_page_is_served_at_the_base_url(cli, end, tmp_path):
    with (
        running(cli, end, "--data", tmp_path / "b") as told,
        urllib.request.urlopen(told["base_url"], timeout=20) as answer,
    ):
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"voiceprep sandbox" in answer.read()
