"""The control API, and what it steers; who may see it and the page."""

import json
import stat

import pytest

from voiceprep.errors import SettingsError
from voiceprep.sandbox.remote import reach

HEADER = "X-Voiceprep-Control"


def key(box):
    return {HEADER: (box.data / "control.key").read_text()}


def test_it_is_off_unless_it_is_asked_for(sandbox):
    box, api = sandbox()
    assert not (box.data / "control.key").exists()
    for headers in ({}, {HEADER: ""}, {HEADER: "x"}):
        assert api.raw("GET", "/_sandbox/truth", None, headers)[0] == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {HEADER: "x"}, {"Authorization": "Bearer x"}, {HEADER: "\xe9"}],
)
def test_it_needs_the_key_of_the_data_folder(sandbox, headers):
    box, api = sandbox(control=True)
    assert api.raw("POST", "/_sandbox/reset", None, headers)[0] == 403
    place = box.data / "control.key"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "alien",
    [
        {"Host": "rebinds.example"},
        {"Host": "rebinds.example:80"},
        {"X-Forwarded-For": "192.0.2.1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=192.0.2.1"},
    ],
)
def test_who_is_not_this_machine_sees_neither_it_nor_the_page(sandbox, alien):
    box, api = sandbox(control=True)
    page = {"X-Voiceprep-Page": "1"}
    for path in ("/_sandbox/truth", "/", "/_page/page.js", "/_page/feed"):
        assert api.raw("GET", path, None, {**key(box), **page, **alien})[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Voiceprep-Page": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Voiceprep-Page": "1", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_another_site_cannot_read_what_the_page_reads(sandbox, headers):
    _, api = sandbox()
    assert api.raw("GET", "/_page/feed", None, headers)[0] == 404
    status, said, _ = api.raw("OPTIONS", "/_page/feed", None, {"Origin": "http://x"})
    assert status in {404, 405}
    assert "Access-Control-Allow-Origin" not in said


def test_the_truth_tells_all_whoever_owns_it(sandbox, receiver, until):
    box, api = sandbox(control=True, clock="manual", late_visibility_s=1e6)
    api.upload()
    api.mailing(["+33639980001", "+33639980002"], pingUrl=f"{receiver.url}?m=#ids#")
    box.advance(600)
    until(lambda: receiver.seen, "a ping")
    status, _, body = api.raw("GET", "/_sandbox/truth", None, key(box))
    told = json.loads(body)
    assert status == 200
    assert [row["name"] for row in told["contents"]] == ["Relance"]
    assert told["mailings"][0]["stats"]["ok"] == 1
    assert [row["state"] for row in told["messages"]] == ["ok", "ko"]
    assert len(told["pings"]) == 4
    assert told["attempts"][0]["status"] == 204
    assert told["counts"]["messages"] == 2


def test_reset_forgets_everything_but_accounts(sandbox):
    box, api = sandbox(control=True, clock="manual", faults=[{"kind": "html"}])
    remote = reach(box.data)
    remote.ask("DELETE", "faults")
    first = api.mailing()
    api.upload()
    now = box.advance(60) or box.truth()["now"]
    remote.ask("POST", "faults", {"kind": "delay", "delay_s": 1, "path": "/none"})
    remote.ask("POST", "reset")
    told = box.truth()
    rows = ("contents", "mailings", "messages", "pings", "attempts")
    assert not any(told[name] for name in rows)
    assert (box.log(), list((box.data / "files").iterdir())) == ([], [])
    assert remote.ask("GET", "faults") == {"faults": []}
    assert told["now"] == now  # the clock never goes back
    assert api.ask("GET", "/rest/mailings")[0] == 401  # tokens are gone too
    api.token = ""
    assert int(api.mailing()) > int(first)  # ids are not given twice


def test_the_clock_is_advanced_by_it(sandbox):
    box, api = sandbox(control=True, clock="manual")
    mailing = api.mailing()
    assert "now" in reach(box.data).ask("POST", "advance", {"seconds": 600})
    assert api.stats(mailing)["ok"] == 1


@pytest.mark.parametrize(
    ("method", "action", "told", "said"),
    [
        ("POST", "advance", {"seconds": -1}, "can't be advanced"),
        ("POST", "advance", {"seconds": "1"}, "seconds"),
        ("POST", "advance", {"seconds": True}, "seconds"),
        ("POST", "advance", None, "seconds"),
        ("POST", "faults", {"kind": "explode"}, "none of status"),
        ("POST", "faults", ["html"], "JSON object"),
        ("GET", "log?after=x", None, "invalid literal"),
        ("GET", "weather", None, "takes no orders|none of"),
    ],
)
def test_what_it_can_not_do_it_refuses_in_a_sentence(
    sandbox, method, action, told, said
):
    box, _ = sandbox(control=True)
    with pytest.raises(SettingsError, match=said):
        reach(box.data).ask(method, action, told)


def test_a_script_is_replaced_or_added_to(sandbox):
    box, _ = sandbox(control=True)
    remote = reach(box.data)
    far = {"kind": "html", "path": "/far"}
    remote.ask("POST", "faults", [far, far])
    assert len(remote.ask("PUT", "faults", far)["faults"]) == 1
    assert len(remote.ask("POST", "faults", far)["faults"]) == 2


def test_none_runs_none_is_reached(sandbox, tmp_path):
    with pytest.raises(SettingsError, match="no sandbox runs"):
        reach(tmp_path)
    box, _ = sandbox(control=True)
    word = (box.data / "running.json").read_text()
    box.stop()
    (box.data / "running.json").write_text(word)  # as a kill leaves it
    with pytest.raises(SettingsError, match="no sandbox runs"):
        reach(box.data)


def test_without_control_it_takes_no_orders(sandbox):
    box, _ = sandbox()
    with pytest.raises(SettingsError, match="--control"):
        reach(box.data).ask("GET", "log")


def test_before_its_start_there_is_nothing_to_steer(tmp_path):
    from voiceprep.sandbox import Sandbox

    for act in ("truth", "log", "reset"):
        with pytest.raises(SettingsError, match="does not run"):
            getattr(Sandbox(tmp_path), act)()
