"""`campaign run` and `demo --campaign`: the whole way, stopped anywhere, gone on."""

import json
import re
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from material import live_face

from voiceprep.sandbox import Sandbox

STEPS = ("check", "prepare", "upload", "verify", "plan", "confirm", "send")
ENDS = ("watch", "stats")
CREATE = {"method": "POST", "path": "/rest/mailings"}


@pytest.fixture(scope="module")
def fast(tmp_path_factory):
    """Half an hour of calls in a few seconds."""
    with Sandbox(tmp_path_factory.mktemp("fast"), port=0, clock=300) as running:
        yield running


@pytest.fixture
def shell(cli, fast):
    fast.reset()
    fast.script()
    return cli.having(
        VOICEPREP_BASE_URL=fast.base_url,
        VOICEPREP_CLIENT_ID=fast.client_id,
        VOICEPREP_CLIENT_SECRET_FILE=fast.client_secret_file,
        VOICEPREP_LOOKUP_GAP_S="0.01",
    )


@pytest.fixture
def people(tmp_path):
    """Write a list of so many mobiles (ARCEP's, for works of fiction)."""

    def write(count, path=tmp_path / "people.csv", first=10):
        rows = (
            f"06 39 98 {n // 100:02} {n % 100:02}\n"
            for n in range(first, first + count)
        )
        path.write_text("tel\n" + "".join(rows))
        return path

    return write


@pytest.fixture
def run(shell, samples, people):
    """Run a campaign of a sample and a list of three."""

    def go(*words, shell=shell, listed=None, recording=samples / "clean.mp3"):
        named = ("--name", "Relance", "--window", "any")
        where = listed or people(3)
        return shell("campaign", "run", recording, where, *named, *words, timeout=120)

    return go


def steps(done):
    """Name the steps that were told, in their order."""
    told = (line.split() for line in done.err.splitlines())
    return [words[1] for words in told if words and words[0].endswith("/9")]


def called(box):
    return Counter(row["recipient"] for row in box.truth()["messages"])


def test_one_command_goes_the_whole_way_and_then_there_is_nothing_to_do(
    run, fast, people
):
    listed = people(2_500)
    done = run("--json", listed=listed)
    assert done.code == 0, done.err
    assert steps(done) == [*STEPS, *ENDS]
    (result,) = done.results
    sums = result["stats"]
    assert (sums["total"], sums["wait"], sums["on"]) == (2_500, 0, 0)
    assert [row["calls"] for row in result["mailings"]] == [1_000, 1_000, 500]
    assert sum(row["counts"]["total"] for row in result["mailings"]) == 2_500
    truth = fast.truth()
    own = Counter(row["state"] for row in truth["messages"])
    assert {state: sums[state] for state in own} == own
    assert set(called(fast).values()) == {1}
    again = run("--json", listed=listed)
    assert again.code == 0
    assert steps(again) == ["plan", *ENDS]
    assert again.last.startswith("nothing to do: all 2,500 calls of 'Relance [vp-")
    assert again.results == done.results
    assert fast.truth()["counts"] == truth["counts"]


def test_contacts_that_cannot_be_called_are_left_out_and_code_1(run, people, fast):
    listed = people(3)
    listed.write_text(listed.read_text() + "15\n")
    done = run(listed=listed)
    assert done.code == 1
    assert "3 of 4 contacts can be called" in done.err
    assert len(called(fast)) == 3


def test_numbers_that_are_only_probable_are_said_before_anybody_is_called(
    run, people, fast
):
    listed = people(3)
    listed.write_text(f"{listed.read_text()}639980099\n")  # a spreadsheet's
    done = run(listed=listed)
    assert "1 more could be called with --repair" in done.err.partition("upload")[0]
    assert len(called(fast)) == 3


STOPS = {  # what goes wrong → the step at which it stops, and the code
    # It is not sent again by itself.
    "no upload": (
        {"path": "/content/rest/contents", "method": "POST", "times": 1},
        "prepare",
        5,
    ),
    "no stored file": ({"path": "/datas/*", "method": "GET"}, "upload", 5),
    "no reading back": ({"path": "/rest/mailings", "method": "GET"}, "confirm", 5),
}


@pytest.mark.parametrize(("fault", "last", "code"), STOPS.values(), ids=STOPS)
def test_stopped_at_a_step_it_goes_on_from_there(run, fast, fault, last, code, shell):
    fast.script({"kind": "status", "status": 503, "times": 3, **fault})
    done = run(shell=shell.having(VOICEPREP_BACKOFF_S="0.01"))
    assert (done.code, steps(done)[-1]) == (code, last)
    assert "run it again to go on" in done.last
    assert run().code == 0
    assert set(called(fast).values()) == {1}
    assert len(fast.truth()["contents"]) == 1


def test_a_refusal_in_mid_send_goes_on_with_what_is_left(run, fast, people):
    fast.script({**CREATE, "kind": "status", "status": 417, "nth": 2})
    listed = people(1_010)
    first = run(listed=listed)
    assert first.code == 6
    assert "stopped with 1,000 calls ordered" in first.last
    assert run(listed=listed).code == 0
    assert Counter(called(fast).values()) == {1: 1_010}


def test_a_doubt_is_code_7_and_is_never_called_again(run, fast):
    fast.script({**CREATE, "kind": "html", "times": 1})
    for _ in range(2):
        done = run("--timeout", 0)
        assert done.code == 7
        assert "--part 1 --called` or --not-called" in done.err
    assert called(fast) == Counter()


def test_calls_that_only_a_person_says_were_ordered_are_no_good_end(run, shell, fast):
    fast.script({**CREATE, "kind": "html", "times": 1})
    done = run("--timeout", 0)
    campaign = re.search(r"'(Relance \[vp-\w+\])' --part 1", done.err)[1]
    word = ("mailing", "resolve", campaign, "--part", 1)
    assert shell(*word, "--called").code == 0
    done = run()
    assert done.code == 7
    assert "of 3 ordered calls the platform lacks 3: part 1 was settled" in done.err
    assert shell(*word, "--not-called").code == 0
    assert run().code == 0
    assert Counter(called(fast).values()) == {1: 3}


def test_what_may_have_been_ordered_is_counted_where_a_run_breaks_off(
    run, fast, people
):
    no = {**CREATE, "kind": "status", "status": 417, "nth": 2}
    fast.script({**CREATE, "kind": "html", "times": 1}, no)
    done = run(listed=people(1_010))
    assert done.code == 7
    assert done.last.startswith(
        "stopped with 0 calls ordered, and 1,000 that may have been: settle that as "
        "said above, then run it again to go on"
    )
    assert called(fast) == Counter()


def test_a_list_that_is_not_there_is_said_as_elsewhere(run, tmp_path):
    missing = tmp_path / "none.csv"
    done = run(listed=missing)
    assert done.code == 2
    reason = f"{missing}: no such file or directory; check the path"
    assert reason in done.err.splitlines()
    said = "stopped with 0 calls ordered: name a file that is there"
    assert done.last.startswith(said)
    french = run("--lang", "fr", listed=missing)
    assert "arrêt\u202f; appels transmis\u00a0: 0" in french.last
    assert "indiquez un fichier qui existe" in french.last


def test_interrupted_while_following_it_goes_on_following(
    shell, samples, people, tmp_path, cli, end
):
    with Sandbox(tmp_path / "slow", port=0, clock="manual") as box:
        slow = cli.having(
            VOICEPREP_BASE_URL=box.base_url,
            VOICEPREP_CLIENT_ID=box.client_id,
            VOICEPREP_CLIENT_SECRET_FILE=box.client_secret_file,
        )
        words = ("campaign", "run", samples / "clean.mp3", people(3), "--name", "N")
        with slow.start(*words, "--window", "any") as process:
            until = time.monotonic() + 20
            while not box.truth()["mailings"] and time.monotonic() < until:
                time.sleep(0.05)
            assert end(process, signal.SIGINT) == 130
            said = process.stderr.read().decode()
        assert "run it again to go on" in said.splitlines()[-1]
        box.advance(7_200)
        done = slow(*words, "--window", "any")
        assert done.code == 0
        assert Counter(called(box).values()) == {1: 3}


def test_a_recording_that_is_refused_calls_nobody(run, fast, samples):
    done = run(recording=samples / "9.9-seconds.wav")
    assert done.code == 1
    assert "9.900 s long" in done.err
    assert "Here: `voiceprep campaign run … --fix duration`." in done.err
    said = "stopped with 0 calls ordered: mend the recording first; voiceprep check "
    assert done.last.startswith(said)
    assert run("--fix", "duration", recording=samples / "9.9-seconds.wav").code == 0
    assert len(called(fast)) == 3


def test_what_was_sent_is_not_planned_anew_for_others(run, fast, people, tmp_path):
    assert run().code == 0
    before = called(fast)
    other = run(listed=people(4, tmp_path / "other.csv"))
    assert other.code == 2
    assert "was sent of another recording, list or options" in other.err
    assert other.last.startswith("stopped with 3 calls ordered: it stops there again")
    assert called(fast) == before


def test_what_was_not_sent_is_planned_anew(run, fast, shell, people):
    with live_face(fast) as base_url:
        live = shell.having(VOICEPREP_BASE_URL=base_url)
        assert run(shell=live).code == 2
        assert run(shell=live, listed=people(4)).code == 2
        done = run("--confirm", 4, shell=live, listed=people(4))
    assert done.code == 0
    assert len(called(fast)) == 4


def test_live_the_plan_is_shown_and_kept_until_it_is_confirmed(run, fast, shell):
    with live_face(fast) as base_url:
        live = shell.having(VOICEPREP_BASE_URL=base_url)
        first = run(shell=live)
        assert first.code == 2
        assert steps(first) == ["check", "prepare", "upload", "verify", "plan"]
        assert "say --confirm 3" in first.err
        assert "+33 6 •• •• •• 10 … +33 6 •• •• •• 12" in first.err
        assert called(fast) == Counter()
        plan = shell.home / "relance.campaign" / "plan.json"
        campaign = json.loads(plan.read_text())["campaign"]
        done = run("--confirm", 3, "--json", shell=live)
    assert (done.code, done.json["platform"]) == (0, "live")
    assert steps(done) == ["plan", "confirm", "send", *ENDS]
    assert done.results[0]["campaign"] == campaign
    assert "sandbox" not in done.last


def test_a_test_call_that_fails_ends_it(run, fast):
    done = run("--test", "06 39 98 00 03")
    assert done.code == 3
    assert called(fast) == Counter(["+33639980003"])
    passed = run("--test", "06 39 98 00 01")
    assert passed.code == 0
    assert len(called(fast)) == 5


def test_calls_of_another_day_are_not_waited_for(run, fast):
    at = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    done = run("--at", at)
    assert done.code == 0
    assert "not waiting: the last begin at" in done.err
    assert {row["state"] for row in fast.truth()["messages"]} == {"wait"}


def test_what_was_stopped_is_not_gone_on_with(run, fast, shell):
    at = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    assert run("--at", at).code == 0
    assert shell("mailing", "stop", "Relance").code == 0
    done = run("--at", at, "-q")
    assert done.code == 2
    assert "was stopped: nothing more of it is sent" in done.err


def test_what_is_no_number_of_seconds_is_refused_before_anybody_is_called(run, fast):
    for word in ("nan", "inf"):
        done = run("--timeout", word)
        assert (done.code, "is no number of seconds" in done.err) == (2, True)
    assert called(fast) == Counter()


def test_a_dry_run_does_nothing(run, fast, shell):
    assert run("-n").code == 0
    assert fast.truth()["counts"]["contents"] == 0
    assert not (shell.home / "relance.campaign").exists()


def test_the_demo_shows_a_campaign_and_keeps_nothing(cli, tmp_path):
    before = sorted(tmp_path.rglob("*.sqlite3"))
    done = cli("demo", "--campaign", "--json", timeout=60)
    assert done.code == 0, done.err
    assert steps(done) == [*STEPS, *ENDS]
    assert done.results[0]["stats"]["total"] == 1_201
    assert done.last.endswith("(sandbox: nothing was sent to Digitaleo)")
    assert sorted(tmp_path.rglob("*.sqlite3")) == before
