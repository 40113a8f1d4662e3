"""`voiceprep campaign proof`, and the page of `mailing stats`, by the whole way."""

import hashlib
import json
import wave

import pytest
from pages import Reader
from pings import Calls, mobile

from voiceprep.sandbox import Sandbox


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("box"), clock="manual") as running:
        yield running


@pytest.fixture
def us(at, box):
    return at(box)


@pytest.fixture
def plan(us, record, tmp_path):
    """Plan a campaign of a recording that is uploaded; return the plan's path."""
    talk = record(seed=5)
    people = tmp_path / "people.csv"
    people.write_text("tel\n" + "".join(f"{mobile(n)}\n" for n in range(1, 6)) + "15\n")
    assert us("upload", talk).code == 0
    path = tmp_path / "relance.plan.json"
    done = us(
        *("mailing", "plan", "--content", talk, "--contacts", people),
        *("--name", "Relance", "--at", "2090-03-09T10:00", "-o", path),
    )
    assert done.code in {0, 1}, done.err
    return path


def decisions(path, alaw, decision="approved"):
    """Write what a page of `report` exports (docs: approvals)."""
    entry = {
        "path": "talk.wav",
        "sha256": {"alaw": alaw, "prepared": "c" * 64},
        "decision": decision,
        "name": "Ana",
        "time": "2026-11-25T10:00:00+01:00",
        "comment": "",
    }
    told = {"schema": "voiceprep.approvals/1", "approvals": [entry]}
    path.write_text(json.dumps(told))
    return path


def test_a_proof_tells_what_will_be_heard_by_its_hash(us, plan, box):
    done = us("campaign", "proof", plan, "--lang", "en")
    assert done.code == 0
    stored = box.truth()["contents"][-1]
    # What the platform really stores is what the person signs for.
    folder = box.data / "files" / stored["folder"]
    (pcm,) = folder.glob("*.pcm")
    digest = hashlib.sha256(pcm.read_bytes()).hexdigest()
    assert f"SHA-256 of the telephone’s version: {digest}" in done.out
    assert "5 calls to 5 people, in 1 mailing" in done.out
    assert "9 Mar 2090, 10:00" in done.out
    assert "Not called: 1 (a number that can’t be called)" in done.out
    assert "No decision about these very bytes was given." in done.out
    assert "63998" not in done.out + done.err
    assert f"voiceprep mailing send {plan}" in done.last


def test_a_proof_speaks_french_and_is_a_page(us, plan, tmp_path):
    out = tmp_path / "proof.html"
    done = us("campaign", "proof", plan, "-o", out, "--lang", "fr")
    assert (done.code, done.lines) == (0, [str(out)])
    page = Reader(out.read_text())
    assert page.open == []
    assert page.one("html")["lang"] == "fr"
    assert "Ce qui sera entendu" in out.read_text()
    assert page.one("audio")["src"].startswith("data:audio/wav;base64,")
    assert us("campaign", "proof", plan, "-o", out).code == 0  # ours: replaced
    out.write_text("somebody's")
    refused = us("campaign", "proof", plan, "-o", out)
    assert (refused.code, out.read_text()) == (2, "somebody's")


def test_only_decisions_about_these_very_bytes_count(us, plan, tmp_path):
    told = us("campaign", "proof", plan, "--json").results[0]
    digest = told["content_sha256"]
    others = decisions(tmp_path / "others.json", "d" * 64)
    done = us("campaign", "proof", plan, "--approved", others, "--json")
    assert (done.code, done.results[0]["decisions"]) == (0, [])
    ours = decisions(tmp_path / "ours.json", digest)
    done = us("campaign", "proof", plan, "--approved", ours)
    assert done.code == 0
    assert "Ana, approved, 25 Nov 2026, 10:00" in done.out
    assert done.last.startswith("approved by 1. Next: voiceprep mailing send")
    no = decisions(tmp_path / "no.json", digest, "rejected")
    done = us("campaign", "proof", plan, "--approved", ours, "--approved", no)
    assert done.code == 1
    assert "Ana, REJECTED" in done.out
    assert "was rejected" in done.last


def test_a_preview_that_was_changed_is_no_proof(us, plan):
    told = us("campaign", "proof", plan, "--json").results[0]
    with wave.open(told["preview"], "rb") as file:
        params, frames = file.getparams(), bytearray(file.readframes(1 << 24))
    assert told["duration_s"] == len(frames) / 2 / 8_000
    frames[8_000:8_400] = b"\x00\x40" * 200  # a click
    with wave.open(told["preview"], "wb") as file:
        file.setparams(params)
        file.writeframes(bytes(frames))
    done = us("campaign", "proof", plan)
    assert (done.code, done.out) == (2, "")
    assert "is not what the plan was made of" in done.last


def test_an_altered_plan_is_no_proof(us, plan):
    told = json.loads(plan.read_text())
    told["order"]["name"] = "Another"
    plan.write_text(json.dumps(told))
    done = us("campaign", "proof", plan)
    assert (done.code, done.out) == (2, "")
    assert "altered" in done.last


def test_a_path_that_is_no_plan_is_said(us, tmp_path):
    assert us("campaign", "proof", tmp_path / "nothing").code == 2
    (tmp_path / "x.json").write_text("[]")
    done = us("campaign", "proof", tmp_path / "x.json")
    assert (done.code, "is no plan of voiceprep" in done.last) == (2, True)


def test_the_page_of_a_campaign_shows_the_sandboxs_own_figures(us, box, tmp_path):
    calls = Calls(box, "for the page")
    calls.order([mobile(n) for n in (1, 2, 3, 4, 5, 6, 9, 12)])
    box.advance(3_600)
    out = tmp_path / "stats.html"
    done = us("mailing", "stats", "--name", calls.name, "--report", out, "--json")
    stats = done.json["stats"]
    html = out.read_text()
    page = Reader(html)
    assert page.open == []
    assert f"{stats['deliverability']:.2f}\xa0%" in html
    for words, count in done.json["breakdown"]["reasons"].items():
        assert words in html
        assert f'<td class="n">{count}</td>' in html
    assert "Sandbox: nobody was really called." in html
    assert "63998" not in html
    assert us("mailing", "stats", "42", "--report", out).code == 2
