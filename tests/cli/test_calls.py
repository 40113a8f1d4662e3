"""`mailing send`, `stop`, `resolve`: what they print, and their exit codes."""

import json
import signal
import stat
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

from calling import CREATE, called, plan

from voiceprep.sandbox import Sandbox

NUMBERS = ("+33639980011", "+33639980012", "+33639980013")
WHOLE = "0639980011"  # as it stands in the list
PAST = "2020-01-06T10:00:00+01:00"
LINK = "http://127.0.0.1/a.pcm"


# Send


def test_a_plan_is_sent_once_and_then_there_is_nothing_to_do(shell, planned, box):
    path, campaign = planned()
    done = shell("mailing", "send", path, "--json")
    assert (done.code, done.json["schema"]) == (0, "voiceprep.mailing.send/1")
    assert done.json["platform"] == "sandbox"
    assert done.results[0]["campaign"] == campaign
    assert done.results[0]["ordered"] == 3
    again = shell("mailing", "send", path, "--test", "06 39 98 00 03")
    assert again.code == 0  # nothing is left to send, so nothing is tested either
    assert again.last.startswith("nothing to do: all 3 calls are ordered")
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))


def test_a_dry_run_says_what_a_send_would_do_and_does_nothing(shell, planned, box):
    path, campaign = planned()
    would = shell("mailing", "send", path, "-n")
    assert (would.code, campaign in would.out) == (0, True)
    assert would.last.startswith("would send 3 calls; nothing was sent (sandbox")
    told = shell("mailing", "send", path, "-n", "--json")
    assert (told.code, told.json["schema"]) == (0, "voiceprep.mailing.send/1")
    assert told.json["platform"] == "sandbox"
    assert told.results == [
        {
            "campaign": campaign,
            "ordered": 0,
            "new": [],
            "mailings": [],
            "dry_run": True,
            "would_order": 3,
        }
    ]
    assert (shell_state(shell), called(box)) == (None, Counter())
    assert shell("mailing", "send", path).code == 0
    over = shell("mailing", "send", path, "-n")
    assert over.code == 0
    assert over.last.startswith("nothing to do: all 3 calls are ordered")


def test_a_dry_run_refuses_what_a_send_refuses(shell, planned, box, tmp_path):
    """A time that is past, what was stopped, a content that is gone."""
    past = tmp_path / "past.plan.json"
    past.write_text(json.dumps(plan(NUMBERS, at=now() - timedelta(hours=1)).as_json()))
    stopped, name = planned(name="Stopped")
    assert shell("mailing", "send", stopped).code == 0
    assert shell("mailing", "stop", name).code == 0
    gone, _ = planned(content=None, name="Gone")
    content = str(box.truth()["contents"][0]["id"])
    assert shell("content", "delete", content).code == 0
    for path, code, reason in (
        (past, 2, "which is past"),
        (stopped, 2, "was stopped"),
        (gone, 6, "no longer plays what was planned"),
    ):
        would = shell("mailing", "send", path, "-n")
        real = shell("mailing", "send", path)
        assert (would.code, real.code) == (code, code)
        assert reason in would.last
        assert would.last == real.last


def test_a_dry_run_names_what_a_person_must_settle(shell, planned, box):
    box.script({**CREATE, "kind": "html", "times": 1})
    path, campaign = planned()
    assert shell("mailing", "send", path).code == 7
    would = shell("mailing", "send", path, "-n")
    assert would.code == 7
    assert would.last.startswith("would send 0 calls; nothing was sent; part 1 (3 cal")
    assert f"mailing resolve '{campaign}' --part 1 --called`" in would.last


def test_a_plan_that_was_altered_is_not_sent(shell, planned, box):
    path, _ = planned()
    path.write_text(path.read_text().replace(NUMBERS[0], "+33639980021"))
    done = shell("mailing", "send", path)
    assert (done.code, "was altered since it was made" in done.err) == (2, True)
    assert shell("mailing", "send", __file__).code == 2
    assert called(box) == Counter()


def test_what_stays_unclear_is_code_7_with_the_command_that_settles_it(
    shell, planned, box
):
    box.script({**CREATE, "kind": "html", "times": 1})
    path, campaign = planned()
    for _ in range(2):
        done = shell("mailing", "send", path)
        assert done.code == 7
        assert f"mailing resolve '{campaign}' --part 1 --called` or --not" in done.last
    assert called(box) == Counter()
    word = ("mailing", "resolve", campaign, "--part", 1, "--not-called")
    (would,) = shell(*word, "-n", "--json").results
    assert (would["campaign"], would["state"]) == (campaign, "unknown")
    assert would["dry_run"]
    settled = shell(*word)
    assert (settled.code, settled.lines) == (0, ["part 1\tplanned"])
    assert shell("mailing", "send", path).code == 0
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))


def test_a_full_disk_under_the_log_neither_ends_a_send_nor_hides_its_code(
    shell, planned, box
):
    box.script({**CREATE, "kind": "html", "times": 1})
    path, _ = planned()
    with open("/dev/full", "w") as full:  # noqa: PTH123 (a device)
        process = shell.start("mailing", "send", path, stderr=full)
        process.communicate(timeout=60)
    assert process.returncode == 7


def test_a_refusal_is_code_6_and_says_how_to_go_on(shell, planned, box):
    box.script({**CREATE, "kind": "status", "status": 417, "times": 1})
    path, _ = planned()
    assert shell("mailing", "send", path).code == 6
    assert shell("mailing", "send", path).code == 0


def test_a_changed_content_is_not_played(shell, planned, box):
    path, _ = planned(content=None)
    content = str(box.truth()["contents"][0]["id"])
    assert shell("content", "delete", content).code == 0
    done = shell("mailing", "send", path)
    assert done.code == 6
    assert "no longer plays what was planned" in done.err
    assert called(box) == Counter()


def test_interrupted_in_mid_send_it_says_so_and_the_next_one_goes_on(
    shell, planned, box, end
):
    path, _ = planned()
    box.script({**CREATE, "kind": "delay", "delay_s": 3.0, "times": 1})
    with shell.start("mailing", "send", path) as process:
        until = time.monotonic() + 20
        while shell_state(shell) != "sending" and time.monotonic() < until:
            time.sleep(0.05)
        assert end(process, signal.SIGINT) == 130
        said = process.stderr.read().decode()
    assert "interrupted" in said
    assert "--part 1 --called" in said
    box.script()
    code = shell("mailing", "send", path).code
    assert code in {0, 7}  # whether the sandbox still made it, or not
    assert max(called(box).values(), default=0) <= 1


def now():
    return datetime.now(UTC)


def shell_state(shell):
    import sqlite3

    file = shell.home / "data" / "voiceprep" / "calls" / "ledger.sqlite3"
    with closing(sqlite3.connect(file)) as db:
        found = db.execute("SELECT state FROM mailings").fetchone()
    return found and found[0]


def test_the_ledger_of_calls_is_the_persons_alone(shell, planned):
    path, _ = planned()
    shell("mailing", "send", path)
    folder = shell.home / "data" / "voiceprep" / "calls"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# Test, stop


def test_a_test_that_comes_to_ko_sends_nothing_more(cli, planned, tmp_path):
    with Sandbox(tmp_path / "fast", port=0, clock=300) as box:
        shell = cli.having(
            VOICEPREP_BASE_URL=box.base_url,
            VOICEPREP_CLIENT_ID=box.client_id,
            VOICEPREP_CLIENT_SECRET_FILE=box.client_secret_file,
        )
        path, campaign = planned(shell=shell)
        done = shell("mailing", "send", path, "--test", "06 39 98 00 03")
        assert done.code == 3
        assert done.last == (
            "the test call to +33 6 •• •• •• 03 came to ko (voicemail unknown number):"
            " nothing more was sent"
        )
        assert called(box) == Counter(["+33639980003"])
        passed = shell("mailing", "send", path, "--test", "06 39 98 00 01")
        assert passed.code == 0
        assert called(box) == Counter([*NUMBERS, "+33639980001", "+33639980003"])
        names = {row["name"] for row in box.truth()["mailings"]}
        assert names == {campaign, f"{campaign} test", f"{campaign} test 2"}


def test_a_test_number_of_the_plan_is_said_to_be_called_twice(shell, planned, box):
    path, _ = planned()
    would = shell("mailing", "send", path, "--test", WHOLE, "-n")
    assert would.code == 0
    line = "+33 6 •• •• •• 11 is in the plan too: it is called twice"
    assert line in would.err.splitlines()
    assert called(box) == Counter()
    other = shell("mailing", "send", path, "--test", "0639980009", "-n")
    assert "is in the plan too" not in other.err
    french = shell("mailing", "send", path, "--test", WHOLE, "-n", "--lang", "fr")
    assert "le +33 6 •• •• •• 11 est aussi au plan" in french.err


def test_a_stop_says_what_it_did_and_a_second_send_refuses(shell, planned, box):
    path, campaign = planned()
    assert shell("mailing", "send", path).code == 0
    would = shell("mailing", "stop", "Relance", "-n")
    assert "would stop 3 waiting calls" in would.last
    told = shell("mailing", "stop", "Relance", "-n", "--json")
    assert (told.code, told.json["schema"]) == (0, "voiceprep.mailing.stop/1")
    assert told.results[0]["dry_run"] is True
    assert list(told.results[0]["removed"].values()) == [3]
    assert sum(called(box).values()) == 3
    assert shell("mailing", "stop", "Nobody", "-n").code == 6
    done = shell("mailing", "stop", "Relance", "--json")
    assert (done.code, done.json["schema"]) == (0, "voiceprep.mailing.stop/1")
    assert done.results[0]["campaign"] == campaign
    assert list(done.results[0]["removed"].values()) == [3]
    assert done.results[0]["called"] == done.results[0]["waiting"] == {}
    assert not [m for m in box.truth()["messages"] if m["state"] == "wait"]
    again = shell("mailing", "send", path)
    assert (again.code, "was stopped: nothing more" in again.err) == (2, True)


def test_what_cannot_be_stopped_is_named_and_code_6(shell, planned, box):
    path, _ = planned()
    assert shell("mailing", "send", path).code == 0
    no = {"kind": "status", "status": 403}
    box.script({**no, "method": "PUT"}, {**no, "method": "DELETE"})
    done = shell("mailing", "stop", "Relance")
    assert done.code == 6
    assert "1 mailing could not be stopped" in done.last
    assert any(line.startswith("waiting") for line in done.lines)


def test_a_send_that_meets_a_stop_does_not_propose_to_send_on(shell, planned, box):
    box.script({**CREATE, "kind": "html", "times": 1})
    path, campaign = planned()
    assert "goes on" not in shell("mailing", "send", path).last
    assert shell("mailing", "stop", campaign).code == 7
    done = shell("mailing", "send", path)
    assert done.code == 7
    assert "was stopped: nothing more" in done.err
    assert "goes on" not in done.last
    assert f"mailing resolve '{campaign}' --part 1 --called` or --not" in done.last


def test_resolve_wants_a_word_and_a_doubt(shell, planned):
    path, campaign = planned()
    shell("mailing", "send", path)
    assert shell("mailing", "resolve", campaign, "--part", 1).code == 2
    for more in ((), ("-n",)):
        done = shell("mailing", "resolve", campaign, "--part", 1, "--called", *more)
        assert (done.code, "there is nothing to resolve" in done.err) == (2, True)


def test_a_wrong_called_is_missed_by_watch_and_stats_and_taken_back(
    shell, planned, box
):
    box.script({**CREATE, "kind": "html", "times": 1})
    path, campaign = planned()
    assert shell("mailing", "send", path).code == 7
    word = ("mailing", "resolve", campaign, "--part", 1)
    done = shell(*word, "--called")
    back = f"`voiceprep mailing resolve '{campaign}' --part 1 --not-called`"
    assert (done.code, back in done.last) == (0, True)
    for asked in (
        ("messages", "watch", campaign),
        ("mailing", "stats", "--name", campaign),
    ):
        done = shell(*asked)
        assert done.code == 7
        assert (
            "of 3 ordered calls the platform lacks 3: part 1 was settled" in done.last
        )
        assert back in done.last
        assert "la plateforme" in shell(*asked, "--lang", "fr").last
    assert shell(*word, "--not-called", "-n").code == 0
    assert shell(*word, "--not-called").lines == ["part 1\tplanned"]
    assert shell("mailing", "send", path).code == 0
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))
