"""Statistics of a campaign: equal to the sandbox's own count at every stage (R42)."""

import csv
import io
import json
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pings import Calls, mobile
from platform_rows import mailing, message, stats

from voiceprep.campaign.statistics import NO_REASON
from voiceprep.client import Client, Settings, Stats
from voiceprep.ledger import Ledger
from voiceprep.pipeline.tallied import tallied
from voiceprep.sandbox import Sandbox

TOLD = ("total", "wait", "on", "ok", "ko", "no", "optout")  # R42, but for `rep`


@pytest.fixture
def box(tmp_path):
    with Sandbox(tmp_path / "box", clock="manual", seed=5) as running:
        yield running


@pytest.fixture
def calls(box):
    return Calls(box)


@pytest.fixture
def us(at, box):
    return at(box)


@pytest.fixture
def counted(box, tmp_path):
    """Count by our library, as the command does."""
    settings = Settings.for_platform(box.base_url, box.client_id, box.client_secret)
    with Client(settings) as client, Ledger(f"sqlite:///{tmp_path}/c.db") as ledger:
        yield lambda name: tallied(client, ledger, name)


def true_counts(box):
    """Add the sandbox's own stats of all its mailings up, by its own truth."""
    total = Counter()
    for each in box.truth()["mailings"]:
        total.update(each["stats"])
    return {
        name: total[name]
        for name in (*["total", "wait", "on", "ok", "ko", "no", "optout"],)
    }


def true_hours(box):
    """Count final states by Paris hour, from the sandbox's truth."""
    hours = {}
    for one in box.truth()["messages"]:
        if one["state"] in {"ok", "ko", "no"}:
            at = datetime.fromisoformat(one["status_at"])
            hour = f"{at.astimezone(ZoneInfo('Europe/Paris')):%Y-%m-%d %H}:00"
            hours.setdefault(hour, Counter())[one["state"]] += 1
    return {hour: dict(hours[hour]) for hour in sorted(hours)}


def true_reasons(box):
    rows = box.truth()["messages"]
    return Counter(one["description"] for one in rows if one["state"] == "ko")


def test_the_sums_of_three_mailings_are_the_sandboxs_own_at_every_stage(
    box, calls, counted
):
    """Done-when 6: over three mailings of one name, from all waiting to all ended."""
    now = datetime.fromisoformat(box.truth()["now"])
    for first, later_s in ((100, 0), (300, 40), (500, 65)):
        due = (now + timedelta(seconds=later_s)).isoformat()
        calls.order([mobile(n) for n in range(first, first + 160)], date=due)
    stages = set()
    for seconds in (5,) * 15 + (40,) * 9:
        found = counted(calls.name)
        truth = true_counts(box)
        told = found.stats.counts()
        assert {name: told[name] for name in truth} == truth
        assert found.breakdown.states == {
            state: truth[state] for state in ("wait", "on", "ok", "ko", "no")
        }
        assert found.breakdown.reasons == true_reasons(box)
        assert found.breakdown.hours == true_hours(box)
        assert found.breakdown.optouts == truth["optout"]
        stages.add((truth["wait"] > 0, truth["on"] > 0, truth["ok"] > 0))
        box.advance(seconds)
    assert {(True, False, False), (True, True, True), (False, False, True)} <= stages
    assert len(found.mailings) == 3
    assert found.unread == 0


def test_the_two_decimals_are_those_of_the_vendors_example():
    assert Stats(total=98_973, ok=90_224).deliverability == 91.16  # R42


def test_another_campaigns_calls_are_not_counted(box, calls, counted):
    calls.order([mobile(1), mobile(2)])
    Calls(box, "Relance mars").order([mobile(3)])
    box.advance(600)
    found = counted(calls.name)
    assert (found.stats.total, found.breakdown.reasons) == (2, {"voice busy": 1})


def test_the_command_tells_sums_reasons_and_hours(us, box, calls):
    calls.order([mobile(n) for n in (1, 2, 2, 3, 4, 5, 6)][:6])
    calls.order([mobile(12), mobile(6)])
    box.advance(3_600)
    done = us("mailing", "stats", "--name", calls.name, "--json")
    assert done.code == 0
    truth = true_counts(box)
    stats = done.json["stats"]
    assert {name: stats[name] for name in truth} == truth
    assert stats["deliverability"] == round(truth["ok"] * 100 / truth["total"], 2)
    told = done.json["breakdown"]
    assert told["reasons"] == true_reasons(box)
    assert told["hours"] == true_hours(box)
    assert told["states"]["no"] == truth["no"] == 1
    assert told["optouts"] == truth["optout"]
    assert len(done.results) == 2

    table = us("mailing", "stats", "--name", calls.name)
    assert table.lines[-1].split()[:2] == ["total", str(truth["total"])]
    assert "not reached: 2 voice busy" in table.err
    assert table.last.endswith("(sandbox: nothing was sent to Digitaleo)")

    by = us("mailing", "stats", "--name", calls.name, "--by", "reason", "--csv")
    rows = list(csv.DictReader(io.StringIO(by.out)))
    assert {r["not reached because"]: int(r["calls"]) for r in rows} == true_reasons(
        box
    )
    hours = us("mailing", "stats", "--name", calls.name, "--by", "hour")
    assert hours.lines[0].split() == ["ended", "from", "ok", "ko", "no"]
    assert sum(int(line.split()[2]) for line in hours.lines[1:]) == truth["ok"]


def test_a_platform_that_hides_messages_is_counted_all_the_same(us, box, calls):
    calls.order([mobile(1), mobile(2)])
    box.advance(600)
    box.script({"kind": "status", "status": 403, "path": "/rest/messages*"})
    done = us("mailing", "stats", "--name", calls.name, "--json")
    assert (done.code, done.json["stats"]["ok"], done.json["stats"]["ko"]) == (0, 1, 1)
    assert done.json["breakdown"]["reasons"] == {}
    assert "reasons and hours as they were known: " in done.err


def test_ids_and_names_exclude_each_other_and_hours_need_a_campaign(us):
    for words in ((), ("42", "--name", "a"), ("42", "--by", "hour")):
        done = us("mailing", "stats", *words)
        assert (done.code, done.out) == (2, "")


def test_reasons_of_a_platform_run_in_no_spreadsheet(cli, platform, customer):
    """The platform's words are data: a formula among them is defused."""
    rows = [mailing(id="42", name="a", stats=stats(total=1, ko=1))]
    calls = [
        message(
            id="91",
            mailingId="42",
            mailingName="a",
            currentStatus={"shortKey": "ko", "description": "=cmd|' /C calc'!A1"},
        )
    ]
    listed = {"httpStatusCode": 200, "total": None}
    for path, found in (("mailings", rows), ("messages", calls)):
        said = json.dumps({**listed, "size": len(found), "list": found})
        platform.says[f"GET /rest/{path}"] = (200, said, {})
        platform.says[f"POST /rest/{path}"] = (200, said, {})
    live = customer(platform.base_url)
    done = live("mailing", "stats", "--name", "a", "--by", "reason", "--csv")
    assert done.lines[1] == "'=cmd|' /C calc'!A1,1"
    assert NO_REASON not in done.out


# Campaigns of one own name


@pytest.fixture
def retried(us, box, tmp_path):
    """A campaign, one more of its name for who was busy, and one that was stopped."""

    def order(numbers, *begin):
        path = tmp_path / "list.csv"
        path.write_text("tel\n" + "\n".join(map(mobile, numbers)))
        plan = tmp_path / f"{len(list(tmp_path.iterdir()))}.plan.json"
        words = ("--content", "http://127.0.0.1/a.pcm", "--contacts", path)
        when = ("--name", "Relance", *(begin or ("--now",)), "--window", "any")
        more = ("--again", "--media", "voice", "-o", plan)
        assert us("mailing", "plan", *words, *when, *more).code == 0
        assert us("mailing", "send", plan).code == 0
        return json.loads(plan.read_text())["campaign"]

    first = order([1, 2, 11])  # docs/sandbox.md: reached, busy, reached
    box.advance(3_600)
    again = order([2, 12])
    box.advance(3_600)
    stopped = order([13], "--at", "2035-01-15T10:00")
    us("mailing", "stop", stopped)
    return [first, again, stopped]


def test_campaigns_of_one_name_are_added_up_and_people_are_counted_once(
    us, retried, tmp_path
):
    done = us("mailing", "stats", "--name", "Relance")
    assert (done.code, "or --all, which adds them up" in done.last) == (2, True)
    page = tmp_path / "page.html"
    asked = ("mailing", "stats", "--name", "Relance", "--all")
    told = us(*asked, "--json", "--report", page)
    assert told.code == 0
    assert told.json["campaigns"] == retried
    assert (told.json["stats"]["total"], told.json["stats"]["ok"]) == (5, 3)
    assert told.json["people"] == {"called": 4, "reached": 3}
    assert "3 of 4 people reached, by one call or several: 75.00" in page.read_text()
    assert "3 of 4 people reached (75.00 %)" in us(*asked).last
    french = us(*asked, "--lang", "fr").last.replace("\u202f", " ")
    assert "personnes jointes : 3 sur 4 personnes (75,00 %)" in french.replace(
        "\xa0", " "
    )
    whole = us("mailing", "stats", "--name", retried[1], "--all", "--json")
    assert whole.json["campaigns"] == retried
    alone = us("mailing", "stats", "--name", retried[0], "--json")
    assert alone.json["people"] == {"called": 3, "reached": 2}


def test_all_is_of_a_name(us):
    assert us("mailing", "stats", "42", "--all").code == 2


def test_calls_that_were_stopped_before_they_rang_are_told_apart(
    us, box, calls, tmp_path
):
    calls.order([mobile(number) for number in range(1_000, 1_100)])
    box.advance(2)  # 20 calls a second begin
    us("mailing", "stop", calls.name)
    box.advance(3_600)
    rows = box.truth()["messages"]
    stopped = sum("cancelled" in row["description"] for row in rows)
    assert 0 < stopped < 100
    asked = ("mailing", "stats", "--name", calls.name)
    told = us(*asked, "--json", "--report", tmp_path / "page.html").json
    assert told["breakdown"]["stopped"] == stopped
    assert told["people"]["called"] == 100 - stopped
    assert f"{stopped} calls of these stopped before ringing" in us(*asked).last
    page = (tmp_path / "page.html").read_text()
    assert f"stopped before they rang: {stopped}." in page
