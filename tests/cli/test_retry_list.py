"""`voiceprep mailing retry-list`, and opt-outs that keep people from being called."""

import csv
import io

import pytest
from pings import Calls, mobile

from voiceprep.sandbox import Sandbox

CELLS = ("recipient", "message", "reason", "called")


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", clock="manual") as running:
        yield running


@pytest.fixture
def calls(box):
    return Calls(box)


@pytest.fixture
def us(at, box):
    return at(box)


def retry(us, calls, *words):
    return us("mailing", "retry-list", "--name", calls.name, *words)


def numbers(path):
    with path.open(newline="") as file:
        return [row["recipient"] for row in csv.DictReader(file)]


def test_who_was_busy_is_listed_and_nobody_else(us, box, calls, tmp_path):
    # docs/sandbox.md: 1 reached, 2 busy, 3 unknown number, 4 no answer, 5 never known,
    # 6 reached and opts out, 9 rejects the call
    calls.order([mobile(n) for n in (1, 2, 3, 4, 5, 6, 9)])
    box.advance(3_600)
    out = tmp_path / "again.csv"
    done = retry(us, calls, "-o", out)
    assert (done.code, done.lines) == (0, [str(out)])
    assert numbers(out) == ["+33639980002", "+33639980004"]
    assert out.stat().st_mode & 0o077 == 0
    assert "2 people may be called again. Next: voiceprep contacts check" in done.last
    for line in ("2 not: was reached", "1 not: may have been reached"):
        assert line in done.err
    assert "39980002" not in done.out + done.err


def test_the_list_is_one_that_contacts_check_takes(us, box, calls, tmp_path):
    calls.order([mobile(n) for n in (2, 12, 4)])
    box.advance(3_600)
    out = tmp_path / "again.csv"
    retry(us, calls, "-o", out)
    done = us("contacts", "check", out, "-o", tmp_path / "sorted", "--json")
    assert (done.code, done.results[0]["accepted"]) == (0, len(numbers(out)))
    assert done.results[0]["column"] == "recipient"


def test_without_a_file_numbers_are_masked_unless_asked_for(us, box, calls):
    calls.order([mobile(2)])
    box.advance(3_600)
    table = retry(us, calls)
    assert table.lines[0].split() == list(CELLS)
    assert "+33 6 •• •• •• 02" in table.out
    told = retry(us, calls, "--json")
    assert told.results[0]["recipient"] == "+33 6 •• •• •• 02"
    assert told.json["schema"] == "voiceprep.mailing.retry-list/1"
    assert "639980002" not in table.out + table.err + told.out + told.err
    whole = retry(us, calls, "--csv", "--show-numbers")
    rows = list(csv.DictReader(io.StringIO(whole.out)))
    assert (rows[0]["recipient"], rows[0]["reason"]) == ("+33639980002", "voice busy")


def test_nobody_is_called_more_often_than_the_cap_allows(us, box, calls):
    """Three campaigns rang the same busy line: with 3 in 30 days it is enough."""
    for number in range(1, 4):
        Calls(box, f"Relance {number}").order([mobile(2)])
        box.advance(3_600)
        us("messages", "watch", f"Relance {number}", "--timeout=0")
    last = Calls(box, "Relance 3")
    assert retry(us, last, "--json").json["left_out"] == {"too_often": 1}
    allowed = retry(us, last, "--cap", "4/30", "--json")
    assert [row["called"] for row in allowed.results] == [3]


def test_who_was_called_since_is_not_called_again(us, box, calls):
    calls.order([mobile(2), mobile(4)])
    box.advance(3_600)
    later = Calls(box, "the second try")
    later.order([mobile(2)])
    box.advance(3_600)
    us("messages", "watch", later.name, "--timeout=0")
    done = retry(us, calls, "--json")
    assert done.json["left_out"] == {"called_since": 1}
    assert [row["recipient"] for row in done.results] == ["+33 6 •• •• •• 04"]


def test_who_is_to_be_called_by_what_nobody_followed_yet_is_not_called_again(
    us, box, calls, tmp_path
):
    calls.order([mobile(2), mobile(4)])
    box.advance(3_600)
    (tmp_path / "list.csv").write_text(f"tel\n{mobile(2)}\n")
    order = ("--content", "http://127.0.0.1/a.pcm", "--contacts", tmp_path / "list.csv")
    when = ("--name", "Later", "--at", "2035-01-15T10:00", "--window", "any")
    us("mailing", "plan", *order, *when, "-o", tmp_path / "later.plan.json")
    assert us("mailing", "send", tmp_path / "later.plan.json").code == 0
    done = retry(us, calls, "--json")
    assert done.json["left_out"] == {"coming": 1}
    assert (
        "1 not: is going to be called by 'Later' on Mon 2035-01-15 10:00 (Europe/Paris)"
    ) in done.err
    assert [row["recipient"] for row in done.results] == ["+33 6 •• •• •• 04"]


def test_a_dry_run_writes_no_file(us, box, calls, tmp_path):
    calls.order([mobile(2)])
    box.advance(3_600)
    done = retry(us, calls, "-n", "-o", tmp_path / "again.csv")
    assert done.code == 0
    assert "contacts check" not in done.last  # of a file that was not written
    assert not (tmp_path / "again.csv").exists()


@pytest.mark.parametrize("words", [("retry-list",), ("stats",), ("stats", "--csv")])
def test_a_name_that_nothing_bears_is_a_refusal_and_writes_nothing(us, words, tmp_path):
    place = tmp_path / "made"
    option = "-o" if words[0] == "retry-list" else "--report"
    done = us("mailing", *words, "--name", "nope", option, place)
    assert (done.code, len(done.err.splitlines())) == (6, 1)
    assert done.last == (
        "voiceprep: nothing bears the name 'nope': `voiceprep mailing list` shows the "
        "names, with their tags"
    )
    assert not place.exists()
    assert len(done.lines) == (1 if "--csv" in words else 0)
    told = us("mailing", words[0], "--name", "nope", "--json")
    assert (told.code, told.results) == (6, [])


def test_a_campaign_that_is_only_planned_is_known(us, box, tmp_path):
    listed = tmp_path / "people.csv"
    listed.write_text("tel\n0639980011\n")
    plan = ("mailing", "plan", "--content", "http://127.0.0.1/a.pcm", "--name", "A")
    us(*plan, "--contacts", listed, "--now", "--window", "any", "-o", tmp_path / "p")
    box.script({"method": "POST", "path": "/rest/mailings", "kind": "status"})
    us("mailing", "send", tmp_path / "p")
    assert us("mailing", "stats", "--name", "A").code == 0
    assert us("mailing", "retry-list", "--name", "A").code == 0


@pytest.mark.parametrize("cap", ["3", "0/30", "x/y"])
def test_a_cap_that_is_none_is_a_usage_error(us, calls, cap):
    done = retry(us, calls, "--cap", cap)
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("out", ["", ".", "nowhere/again.csv"])
def test_a_place_that_can_hold_no_list_is_said_by_its_name(us, box, calls, out):
    calls.order([mobile(2)])
    done = retry(us, calls, "-o", out)
    assert (done.code, done.out) == (2, "")
    assert repr(out or ".") in done.last or out in done.last
    assert ".part" not in done.err


# Opt-outs


def test_an_optout_that_was_learnt_is_left_out_of_every_list(us, box, calls, tmp_path):
    calls.order([mobile(6), mobile(1)])
    box.advance(3_600)
    us("messages", "watch", calls.name)
    people = tmp_path / "people.csv"
    people.write_text(f"tel\n{mobile(6)}\n{mobile(1)}\n06 39 98 00 02\n")
    done = us("contacts", "check", people, "--media", "voice", "--json")
    assert done.code == 1
    assert done.results[0]["reasons"] == {"optout": 1}
    assert done.results[0]["accepted"] == 2
    split = us(
        *("contacts", "split", people, "--media", "voice"), "-o", tmp_path / "parts"
    )
    assert split.code == 1
    assert mobile(6) not in (tmp_path / "parts" / "part-001.csv").read_text()


def test_checking_a_list_makes_no_ledger(cli, tmp_path):
    (tmp_path / "people.csv").write_text(f"tel\n{mobile(1)}\n")
    assert cli("contacts", "check", tmp_path / "people.csv").code == 0
    assert not (cli.home / "data").exists()
