"""`mailing plan`, `send`, `stop`, `resolve`: what they print, and their exit codes."""

import json
import signal
import stat
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from material import live_face

from voiceprep.sandbox import Sandbox

NUMBERS = ("+33639980011", "+33639980012", "+33639980013")
WHOLE = "0639980011"  # as it stands in the list
LATER = (datetime.now(UTC) + timedelta(days=9)).isoformat(timespec="seconds")
PAST = "2020-01-06T10:00:00+01:00"
LINK = "http://127.0.0.1/a.pcm"
CREATE = {"method": "POST", "path": "/rest/mailings"}


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", port=0) as running:
        yield running


@pytest.fixture
def shell(cli, box):
    """The command line with an account on a sandbox of this test's own."""
    return cli.having(
        VOICEPREP_BASE_URL=box.base_url,
        VOICEPREP_CLIENT_ID=box.client_id,
        VOICEPREP_CLIENT_SECRET_FILE=box.client_secret_file,
        VOICEPREP_LOOKUP_GAP_S="0.01",
    )


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(f"nom;tel\nA;{WHOLE}\nB;06 39 98 00 12\nC;0639980013\nD;15\n")
    return path


@pytest.fixture
def uploaded(shell, record):
    """Upload a talk; return the path and its two links."""

    def go(shell=shell):
        path = record()
        content = shell("upload", path, "--json").results[0]["content"]
        return path, content["url"], content["url_encoded"]

    return go


@pytest.fixture
def planned(shell, people, tmp_path, uploaded):
    """Plan calls; return the plan's path and its campaign.

    What is played is a link that the sandbox takes unseen, unless a talk is asked for.
    """

    def go(*words, shell=shell, content=LINK, when=("--at", LATER), name="Relance"):
        path = tmp_path / f"{name}.plan.json"
        done = shell(
            *("mailing", "plan", "--content", content or uploaded(shell)[0]),
            *("--contacts", people, "--name", name, "--window", "any"),
            *("-o", path, *when, *words),
        )
        assert done.code == 0, done.err
        return path, json.loads(path.read_text())["campaign"]

    return go


def called(box):
    return Counter(row["recipient"] for row in box.truth()["messages"])


# Plan


def test_a_plan_says_what_whom_when_and_who_not(shell, people, tmp_path, uploaded):
    talk, _, encoded = uploaded()
    done = shell(
        *("mailing", "plan", "--content", talk, "--contacts", people),
        *("--name", "Relance", "--at", "2031-03-28T10:00", "-o", "my.plan.json"),
    )
    said = dict(line.split(None, 1) for line in done.lines if line)
    assert done.code == 0
    assert said["media"] == "VOICEMAIL"
    assert said["plays"] == encoded
    assert said["calls"] == "3 calls in 1 mailing"
    assert said["skipped"] == "1 short"
    # R37: without an offset it is the account's clock.
    when = "Fri 2031-03-28 10:00"
    row = f"3 +33 6 •• •• •• 11 … +33 6 •• •• •• 13 metropolitan {when} {when}"
    assert " ".join(said["1"].split()) == row
    assert "nothing sent. Next: voiceprep mailing send my.plan.json" in done.last
    assert done.last.endswith("(sandbox: nothing was sent to Digitaleo)")


def test_a_plan_sends_nothing_and_its_files_are_the_persons_alone(planned, box):
    path, _ = planned(content=None)
    preview = path.with_name("Relance.preview.wav")
    assert box.truth()["counts"]["mailings"] == 0
    for file in (path, preview):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_preview_is_what_the_platform_stored(planned, fetch, uploaded, tmp_path):
    import audioop
    import wave

    _, _, encoded = uploaded()
    planned(content=encoded)
    with wave.open(str(tmp_path / "Relance.preview.wav")) as file:
        heard = file.readframes(file.getnframes())
    assert heard == audioop.alaw2lin(fetch(encoded), 2)


def test_dry_runs_write_and_send_nothing(shell, people, planned, tmp_path, box):
    before = sorted(tmp_path.iterdir())
    words = ("--contacts", people, "--name", "N", "--now", "--media", "voice")
    done = shell("mailing", "plan", "--content", "http://h/a.wav", *words, "-n")
    assert done.code == 0
    assert sorted(tmp_path.iterdir()) == before
    path, _ = planned()
    assert shell("mailing", "send", path, "-n").code == 0
    assert called(box) == Counter()


@pytest.mark.parametrize(
    ("media", "type_", "which"), [("voice", "wav", 1), ("voicemail", "", 2)]
)
def test_link_and_type_are_chosen_by_the_media(planned, uploaded, media, type_, which):
    found = uploaded()
    for content in (found[0], found[2]):
        path, _ = planned("--media", media, content=content)
        order = json.loads(path.read_text())["order"]
        assert (order["link"], order["type"]) == (found[which], type_)


def test_a_content_is_named_by_its_id_and_by_its_tag_too(shell, planned, box):
    path, _ = planned(content=None)
    wanted = json.loads(path.read_text())["order"]
    content = box.truth()["contents"][0]
    tags = shell("content", "list", "--json").results[0]["tags"]
    for given in (str(content["id"]), *tags):
        again, _ = planned(content=given)
        assert json.loads(again.read_text())["order"] == wanted


def test_numbers_are_whole_in_json_only_where_they_are_asked_for(shell, people):
    words = ("--contacts", people, "--name", "N", "--at", LATER, "--window", "any")
    plan = ("mailing", "plan", "--content", LINK, *words, "-n", "--json")
    masked, whole = shell(*plan).out, shell(*plan, "--show-numbers").out
    assert NUMBERS[0] not in masked
    assert NUMBERS[0] in whole


def test_the_same_order_planned_again_is_the_same_campaign(planned):
    assert planned()[1] == planned()[1]


def test_a_cap_leaves_out_who_was_called_often_enough(shell, planned):
    path, _ = planned(name="First")
    assert shell("mailing", "send", path).code == 0
    with pytest.raises(AssertionError, match="nobody to call"):
        planned("--cap", "1/30", name="Second")
    assert planned("--cap", "2/30", name="Second")


WRONG = {
    "no date": ((), "say when: --at DATE, or --now"),
    "two dates": (("--now", "--at", LATER), "choose one"),
    "a past date": (("--at", PAST), "is past, which would call at once: say --now"),
    "no date at all": (("--at", "soon"), "it is a date such as"),
    "a date that clocks show twice": (
        ("--at", "2031-10-26T02:30"),
        "clocks change then in Europe/Paris",
    ),
    "no such window": (("--now", "--window", "never"), "there is no window 'never'"),
    "a comma": (("--now", "--name", "a, b"), "its name holds a comma"),
    "no such content": (("--now", "--content", "99"), "content '99' is not on the pla"),
    "a cap that is none": (("--now", "--cap", "4"), "it is CALLS/DAYS, such as 4/30"),
    "a recording's link": (
        ("--now", "--content", "http://h/a.wav"),
        "VOICEMAIL plays a content's url_encoded (.pcm)",
    ),
}


@pytest.mark.parametrize(("words", "reason"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_planned_is_one_sentence(shell, people, words, reason, tmp_path):
    usual = {"--content": "http://h/a.pcm", "--contacts": people, "--name": "N"}
    given = set(words)
    rest = [w for k, v in usual.items() if k not in given for w in (k, v)]
    done = shell("mailing", "plan", *rest, *words, "-o", tmp_path / "n.plan.json")
    assert done.code == 2
    assert reason in done.err
    assert not (tmp_path / "n.plan.json").exists()


def test_own_windows_are_read_from_a_file(planned, tmp_path):
    from voiceprep.campaign.windows import DATA

    own = tmp_path / "own.toml"
    own.write_text(
        DATA.read_text() + '\n[windows.ours]\ndays = ["mon"]\nhours = ["08:00-09:00"]\n'
        'holidays = "open"\nspare_min = 0\n'
    )
    path, _ = planned(
        *("--windows", own, "--window", "ours"), when=("--at", "2031-03-25T10:00")
    )
    (part,) = json.loads(path.read_text())["parts"]
    assert part["at"] == "2031-03-31T06:00:00+00:00"  # the Monday after, summer time


# Send


def test_a_plan_is_sent_once_and_then_there_is_nothing_to_do(shell, planned, box):
    path, campaign = planned()
    done = shell("mailing", "send", path, "--json")
    assert (done.code, done.json["schema"]) == (0, "voiceprep.mailing.send/1")
    assert done.json["platform"] == "sandbox"
    assert done.results[0]["campaign"] == campaign
    assert done.results[0]["ordered"] == 3
    again = shell("mailing", "send", path)
    assert again.code == 0
    assert again.last.startswith("nothing to do: all 3 calls are ordered")
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))


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
    settled = shell("mailing", "resolve", campaign, "--part", 1, "--not-called")
    assert (settled.code, settled.lines) == (0, ["part 1\tplanned"])
    assert shell("mailing", "send", path).code == 0
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))


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


def test_a_stop_says_what_it_did_and_a_second_send_refuses(shell, planned, box):
    path, campaign = planned()
    assert shell("mailing", "send", path).code == 0
    would = shell("mailing", "stop", "Relance", "-n")
    assert "would stop 3 waiting calls" in would.last
    assert sum(called(box).values()) == 3
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


def test_resolve_wants_a_word_and_a_doubt(shell, planned):
    path, campaign = planned()
    shell("mailing", "send", path)
    assert shell("mailing", "resolve", campaign, "--part", 1).code == 2
    done = shell("mailing", "resolve", campaign, "--part", 1, "--called")
    assert (done.code, "there is nothing to resolve" in done.err) == (2, True)


# A live platform: a sandbox that does not say that it is one


@pytest.fixture
def live(cli, box):
    with live_face(box) as base_url:
        yield cli.having(
            VOICEPREP_BASE_URL=base_url,
            VOICEPREP_CLIENT_ID=box.client_id,
            VOICEPREP_CLIENT_SECRET_FILE=box.client_secret_file,
            VOICEPREP_LOOKUP_GAP_S="0.01",
        )


def test_live_a_plan_goes_out_only_with_its_number_of_recipients(live, planned, box):
    path, _ = planned(shell=live, content=None)
    for words, reason in (
        ((), "3 people will be called: nothing was sent; say --confirm 3"),
        (("--confirm", 4), "--confirm 4, and the plan calls 3 people: nothing was se"),
    ):
        done = live("mailing", "send", path, *words)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert reason in done.err
    assert called(box) == Counter()
    sent = live("mailing", "send", path, "--confirm", 3, "--json")
    assert (sent.code, sent.json["platform"]) == (0, "live")
    assert "sandbox" not in sent.err
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))


def test_live_a_plan_says_the_confirmation_that_it_will_take(live, planned, people):
    path, _ = planned(shell=live, content=None)
    content = json.loads(path.read_text())["order"]["content_id"]
    words = ("--contacts", people, "--name", "N", "--at", LATER, "--window", "any")
    done = live("mailing", "plan", "--content", content, *words, "-o", path)
    assert done.last == (
        "3 calls planned in 1 mailing, nothing sent. Next: voiceprep mailing send "
        f"{path} --confirm 3"
    )


def test_live_what_nobody_verified_is_not_sent(live, planned, box, samples):
    foreign, _ = planned(shell=live, name="A")
    sent = live("upload", samples / "clean.mp3", "--as-is", "--json")
    as_is = sent.results[0]["content"]["url_encoded"]
    unheard, _ = planned(shell=live, content=as_is, name="B")
    for path in (foreign, unheard):
        done = live("mailing", "send", path, "--confirm", 3)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert "nobody verified what these calls will play" in done.err
    assert called(box) == Counter()


def test_live_past_dates_and_recordings_links_are_refused(
    live, planned, people, box, uploaded
):
    _, url, encoded = uploaded(live)
    words = ("--contacts", people, "--name", "N", "--window", "any")
    plan = ("mailing", "plan", *words, "-o", "n.plan.json")
    past = live(*plan, "--content", encoded, "--at", PAST)
    link = live(*plan, "--content", url, "--at", LATER)
    assert (past.code, link.code) == (2, 2)
    assert "is past, which would call at once" in past.err
    assert f"take url_encoded: {encoded}" in link.err
    soon = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    path, _ = planned(shell=live, content=encoded, when=("--at", soon))
    while datetime.now(UTC).isoformat() <= soon:
        time.sleep(0.1)
    late = live("mailing", "send", path, "--confirm", 3)
    assert (late.code, len(late.err.splitlines())) == (2, 1)
    assert "which is past: it would be called at once; say --now" in late.err
    assert called(box) == Counter()


def test_no_secret_and_no_whole_number_is_ever_said(live, planned, people, box):
    """In outputs, errors, logs and ledgers' refusals; `--show-numbers` excepted."""
    secret = box.client_secret
    box.script({**CREATE, "kind": "status", "status": 417, "times": 1})
    path, campaign = planned(shell=live, content=None)
    said = []
    for words in (
        ("mailing", "send", path, "--confirm", "3", "-vv"),
        ("mailing", "send", path, "--confirm", "3", "-n"),
        ("mailing", "send", path, "--confirm", "3", "--test", "0145678901"),
        ("mailing", "send", path, "--confirm", "3", "--json"),
        ("mailing", "send", path, "--confirm", "2"),
        ("mailing", "stop", campaign, "--json", "-vv"),
        ("mailing", "resolve", campaign, "--part", "1", "--called"),
        ("contacts", "check", people, "-vv"),
    ):
        done = live(*words)
        said.append(done.out + done.err)
    every = "\n".join(said)
    assert secret not in every
    for number in (*NUMBERS, WHOLE, "145678901"):
        assert number not in every
        assert number.removeprefix("+33") not in every
    assert secret not in path.read_text()
