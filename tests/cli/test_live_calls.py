"""A live platform: a sandbox that does not say that it is one. Nothing goes unasked."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from calling import CREATE, called
from material import live_face

from voiceprep.campaign.plan import of_json
from voiceprep.campaign.plan import planned as planned_of
from voiceprep.campaign.windows import Calendar

NUMBERS = ("+33639980011", "+33639980012", "+33639980013")
WHOLE = "0639980011"  # as it stands in the list
PAST = "2020-01-06T10:00:00+01:00"
LINK = "http://127.0.0.1/a.pcm"


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
        would = live("mailing", "send", path, *words, "-n")
        assert (would.code, would.last) == (done.code, done.last)
    assert called(box) == Counter()
    sent = live("mailing", "send", path, "--confirm", 3, "--json")
    assert (sent.code, sent.json["platform"]) == (0, "live")
    assert "sandbox" not in sent.err
    assert called(box) == Counter(dict.fromkeys(NUMBERS, 1))


def test_live_a_plan_says_the_confirmation_that_it_will_take(
    live, planned, people, later
):
    path, _ = planned(shell=live, content=None)
    content = json.loads(path.read_text())["order"]["content_id"]
    words = ("--contacts", people, "--name", "N", "--at", later, "--window", "any")
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
    live, planned, people, box, uploaded, later
):
    _, url, encoded = uploaded(live)
    words = ("--contacts", people, "--name", "N", "--window", "any")
    plan = ("mailing", "plan", *words, "-o", "n.plan.json")
    past = live(*plan, "--content", encoded, "--at", PAST)
    link = live(*plan, "--content", url, "--at", later)
    assert (past.code, link.code) == (2, 2)
    assert "is past, which would call at once" in past.err
    assert f"take url_encoded: {encoded}" in link.err
    path, _ = planned(shell=live, content=encoded)
    made = of_json(json.loads(path.read_text()))
    at = datetime.fromisoformat(PAST)
    order = replace(made.order, at=at)  # as it was planned the day before
    plan = planned_of(order, NUMBERS, Calendar.load(), now=at - timedelta(days=1))
    path.write_text(json.dumps(plan.as_json()))
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
