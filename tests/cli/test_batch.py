"""A folder on the command line: what it prints, what it leaves, how it goes on."""

import csv
import hashlib
import json
import os
import signal
import sqlite3
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
from material import talk

from voiceprep import Client, Settings
from voiceprep.sandbox import Sandbox

WORDS = "(sandbox: nothing was sent to Digitaleo)"


@pytest.fixture
def cli(cli):
    """Take one worker at a time: two would start for each of these short runs."""
    return cli.having(VOICEPREP_JOBS="1")


@pytest.fixture
def folder(record, tmp_path):
    """Lay two good recordings, one that is too short, and one that is none."""
    inside = tmp_path / "in"
    record("a.wav", seed=1, folder=inside)
    record("b.wav", seed=2, folder=inside / "below")
    record("short.wav", seconds=9.0, seed=3, folder=inside)
    (inside / "words.mp3").write_text("no sound at all, only words")
    return inside


def rows_of(out):
    with (out / "results.csv").open(newline="") as file:
        return {Path(row["source"]).name: row for row in csv.DictReader(file)}


# What a run leaves and says


def test_a_folder_becomes_artefacts_and_results_and_says_what_is_next(
    cli, folder, tmp_path
):
    done = cli("batch", folder, "-o", "out", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.last == (
        "2 prepared, 1 refused, 1 unreadable; results in out/results.csv. "
        f"Next: read why in results.csv, or voiceprep batch -o out --fix all {folder}"
    )
    assert (tmp_path / "out" / "below" / "b.pcm").stat().st_size == 88_000
    outcomes = {name: row["outcome"] for name, row in rows_of(tmp_path / "out").items()}
    assert outcomes == {
        "a.wav": "prepared",
        "b.wav": "prepared",
        "short.wav": "refused",
        "words.mp3": "unreadable",
    }


def test_each_refusal_is_one_line_and_names_the_gravest_finding(cli, folder, tmp_path):
    # Mastering mends the level, which is worth an info; the length refuses it.
    done = cli("batch", folder, "-o", tmp_path / "out")
    (line,) = [line for line in done.err.splitlines() if "/short.wav: " in line]
    assert "refused: 9.000 s long" in line


def test_a_second_run_has_nothing_to_do_and_says_so(cli, folder, tmp_path):
    first = cli("batch", folder, "-o", tmp_path / "out")
    again = cli("batch", folder, "-o", tmp_path / "out")
    assert again.code == first.code
    assert again.err.splitlines() == [again.last]
    assert "(4 unchanged)" in again.last


def test_what_a_repair_mends_is_done_again_and_the_rest_too(cli, folder, tmp_path):
    words = ["batch", folder, "-o", tmp_path / "out"]
    cli(*words)
    done = cli(*words, "--fix", "duration")
    assert done.last.startswith("3 prepared, 1 unreadable; results in ")
    assert "(4 unchanged)" in cli(*words, "--fix", "duration").last


def test_a_profile_that_says_something_else_makes_everything_anew(
    cli, folder, tmp_path
):
    profile = tmp_path / "ours.toml"
    profile.write_text("most_dbov = -30.0\ntarget_dbov = -31.0\n")
    words = ["batch", folder, "-o", tmp_path / "out", "--standard", profile]
    cli(*words)
    before = (tmp_path / "out" / "a.pcm").read_bytes()
    assert "(4 unchanged)" in cli(*words).last
    profile.write_text("most_dbov = -30.0\ntarget_dbov = -33.0\n")
    assert "unchanged" not in cli(*words).last
    assert (tmp_path / "out" / "a.pcm").read_bytes() != before


def test_a_finding_that_a_person_overrules_lets_it_through(cli, tmp_path):
    quiet = tmp_path / "in" / "pause.wav"
    talk(quiet, 11.0)
    whole = bytearray(quiet.read_bytes())
    whole[44 + 40_000 : 44 + 128_000] = bytes(88_000)  # 5.5 s of silence within
    quiet.write_bytes(whole)
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out"]
    assert cli(*words).last.startswith("1 refused")
    assert cli(*words, "--accept", "long_pause").last.startswith("1 prepared")


def test_json_is_results_json_and_the_exit_code_the_same(cli, folder, tmp_path):
    done = cli("batch", folder, "-o", tmp_path / "out", "--json")
    assert done.code == 1
    assert done.out == (tmp_path / "out" / "results.json").read_text()
    told = json.loads(done.out)
    assert told["schema"] == "voiceprep.batch/1"
    assert told["counts"] == {"prepared": 2, "refused": 1, "unreadable": 1}
    assert {Path(r["path"]).name for r in told["results"]} == set(
        rows_of(tmp_path / "out")
    )


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(cli, folder, tmp_path):
    words = ["batch", folder, "-o", tmp_path / "out", "-n"]
    done = cli(*words)
    assert (done.code, done.last) == (0, "4 would be prepared, 0 unchanged")
    assert [line.split("\t")[1] for line in done.lines] == ["new"] * 4
    assert not (tmp_path / "out").exists()
    cli(*words[:-1])
    talk(folder / "a.wav", 12.0, seed=9)
    plans = {row["path"]: row["plan"] for row in cli(*words, "--json").results}
    changed = [path for path, plan in plans.items() if plan == "changed"]
    assert [Path(path).name for path in changed] == ["a.wav"]


def test_a_folder_without_recordings_is_most_likely_the_wrong_one(cli, tmp_path):
    (tmp_path / "in").mkdir()
    done = cli("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert done.code == 1
    assert done.last.startswith("no recordings; ")
    told = cli("batch", tmp_path / "in", "-o", tmp_path / "out", "--json").out
    assert json.loads(told)["results"] == []


def test_junit_is_written_on_request(cli, folder, tmp_path):
    cli("batch", folder, "-o", tmp_path / "out", "--junit", tmp_path / "junit.xml")
    suite = ET.parse(tmp_path / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")


# Which recordings


def test_globs_choose_and_the_next_command_does_not_forget_them(cli, folder, tmp_path):
    words = ["--include", "*.wav", "--exclude", "below/*"]
    done = cli("batch", folder, "-o", tmp_path / "out", *words, "--fix", "all")
    assert done.code == 0
    assert set(rows_of(tmp_path / "out")) == {"a.wav", "short.wav"}
    assert done.last.endswith("then the same command with --upload")


@pytest.mark.parametrize("end", [b"\n", b"\0"])
def test_a_list_on_standard_input_is_taken(cli, folder, tmp_path, end):
    paths = [folder / "a.wav", folder / "below" / "b.wav"]
    stdin = b"".join(os.fsencode(path) + end for path in paths)
    done = cli("batch", "-", "-o", tmp_path / "out", stdin=stdin)
    assert done.code == 0
    assert done.last.endswith("then the same command with --upload")
    assert set(rows_of(tmp_path / "out")) == {"a.wav", "b.wav"}


def test_a_folder_named_like_a_command_is_given_with_its_place(cli, record, tmp_path):
    record("a.wav", folder=tmp_path / "status")
    done = cli("batch", "./status", "-o", "out", cwd=tmp_path)
    assert (done.code, done.last.split(";")[0]) == (0, "1 prepared")
    refused = cli("batch", "status", "-o", "out", cwd=tmp_path)
    assert refused.code == 2


# Events and progress


def test_events_are_a_line_each_as_they_happen(cli, folder, tmp_path):
    done = cli("batch", folder, "-o", tmp_path / "out", "--events", "-")
    events = [json.loads(line) for line in done.lines]
    names = [event["event"] for event in events]
    assert names[0] == "began"
    assert names[-1] == "ended"
    judged = {Path(e["path"]).name: e for e in events if e["event"] == "judged"}
    assert judged["short.wav"]["codes"][-1] == "too_short"
    assert all(datetime.fromisoformat(event["time"]) for event in events)
    assert events[-1]["counts"] == {"prepared": 2, "refused": 1, "unreadable": 1}


def test_events_of_several_runs_follow_each_other_in_a_file(cli, folder, tmp_path):
    for _ in range(2):
        cli("batch", folder, "-o", tmp_path / "out", "--events", tmp_path / "e.ndjson")
    lines = (tmp_path / "e.ndjson").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines].count("ended") == 2


def test_on_a_terminal_a_display_is_drawn_and_lines_elsewhere(cli, folder, tmp_path):
    ours, theirs = os.openpty()
    words = ["batch", folder, "-o", tmp_path / "out"]
    with cli.start(*words, stderr=theirs, env={"TERM": "xterm"}) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                more = os.read(ours, 65_536)
            except OSError:  # EIO: the other end is closed
                break
            seen += more
    os.close(ours)
    assert process.returncode == 1
    assert "━" in seen.decode()
    assert b"prepare" in seen
    plain = cli("batch", folder, "-o", tmp_path / "other", "-v")
    assert "━" not in plain.err
    assert "\x1b" not in plain.err
    assert f"{folder}/a.wav: fit" in plain.err


# Options that contradict each other


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--json", "--events", "-"], "both write to stdout"),
        (["--approved", "a.json"], "add --upload"),
        (["--engine", "dask"], "--engine dask needs --dask-address"),
        (["--fix", "everything"], "--fix 'everything' is unknown"),
        (["--upload", "--approved", "none.json"], "none.json: can't be read"),
    ],
)
def test_a_contradiction_is_a_usage_error_and_nothing_is_done(
    cli, folder, tmp_path, words, said
):
    done = cli("batch", folder, "-o", tmp_path / "out", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.last
    assert not (tmp_path / "out" / "a.wav").exists()


def test_an_out_without_a_name_is_a_usage_error(cli, folder, tmp_path):
    done = cli("batch", folder, "-o", "", cwd=tmp_path)
    assert (done.code, done.last) == (2, "Error: -o names no folder; -o . is this one")
    assert not (tmp_path / "results.csv").exists()


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("s3://no-such/in", 2, "s3://no-such/in: can't be reached: "),
        (
            "file:///no/such/folder",
            1,
            "file:///no/such/folder: unreadable: no such file",
        ),
    ],
)
def test_a_store_that_is_not_there_is_one_sentence(cli, tmp_path, url, code, said):
    env = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"}
    done = cli("batch", url, "-o", tmp_path / "out", env=env)
    assert done.code == code
    assert said in done.err


def test_a_usage_error_names_the_command_as_it_is_called(cli):
    done = cli("batch")
    assert done.code == 2
    assert "Try 'voiceprep batch -h'" in done.err.replace("--help", "-h")
    assert "batch run" not in done.err


def test_artefacts_among_the_recordings_are_refused(cli, folder):
    done = cli("batch", folder, "-o", folder)
    assert done.code == 2
    assert "choose another folder with -o" in done.last


# The report, and what is decided on it


def test_a_report_shows_every_recording_and_is_left_alone_while_nothing_changes(
    cli, folder, tmp_path
):
    words = ["batch", folder, "-o", "out", "--report", "--lang", "fr"]
    done = cli(*words, cwd=tmp_path)
    page = tmp_path / "out" / "report.html"
    text = page.read_text()
    assert '<html lang="fr"' in text
    assert all(name in text for name in ("a.wav", "b.wav", "short.wav", "words.mp3"))
    assert "below/b.wav" in text  # the link to what the phone plays
    written = page.stat().st_mtime_ns
    cli(*words, cwd=tmp_path)
    assert page.stat().st_mtime_ns == written
    talk(folder / "a.wav", 12.0, seed=9)
    cli(*words, cwd=tmp_path)
    assert page.stat().st_mtime_ns > written
    assert done.code == 1


def test_the_next_step_after_a_report_is_to_decide(cli, record, tmp_path):
    record("a.wav", folder=tmp_path / "in")
    done = cli("batch", "in", "-o", "out", "--report", cwd=tmp_path)
    assert done.last.endswith(
        "Next: open out/report.html, listen, decide, then "
        "voiceprep batch -o out --upload --approved FILE in"
    )


def test_a_page_of_others_is_not_replaced_and_nothing_begins(cli, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("<p>mine</p>")
    done = cli("batch", folder, "-o", tmp_path / "out", "--report")
    assert done.code == 2
    assert "not a page of voiceprep's" in done.last
    assert not (tmp_path / "out" / "a.wav").exists()


def decided(out, name, decision):
    """Decide as the page exports it: about the bytes, by their digests."""
    digests = {
        kind: hashlib.sha256((out / f"{name}.{ending}").read_bytes()).hexdigest()
        for kind, ending in (("alaw", "pcm"), ("prepared", "wav"))
    }
    return {
        "path": f"in/{name}.wav",
        "sha256": digests,
        "decision": decision,
        "name": "Ana",
        "time": datetime.now(UTC).isoformat(),
        "comment": "too fast" if decision == "rejected" else "",
    }


def test_only_what_was_approved_goes_out(account, record, listed, tmp_path):
    for number, name in enumerate(("yes", "no", "nobody")):
        record(f"{name}.wav", seed=810 + number, folder=tmp_path / "in")
    record("short.wav", seconds=9.0, folder=tmp_path / "in")
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out"]
    account(*words, "--report")
    file = tmp_path / "approvals.json"
    entries = [
        decided(tmp_path / "out", "yes", "approved"),
        decided(tmp_path / "out", "no", "rejected"),
    ]
    whole = {"schema": "voiceprep.approvals/1", "approvals": entries}
    file.write_text(json.dumps(whole))
    done = account(*words, "--upload", "--approved", file)
    assert done.code == 1
    assert done.last.startswith("1 uploaded, 2 held back, 1 refused (4 unchanged); ")
    rows = rows_of(tmp_path / "out")
    outcomes = sorted(row["outcome"] for row in rows.values())
    assert outcomes == ["held", "held", "refused", "uploaded"]
    assert rows["no.wav"]["message"] == "rejected by Ana: too fast"
    assert rows["nobody.wav"]["message"] == "held back: nobody approved it"
    told = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    reasons = {Path(each["path"]).name: each.get("reason") for each in told}
    assert reasons["no.wav"] == "rejected by Ana: too fast"
    assert reasons["yes.wav"] is None
    assert "9.000 s long" in rows["short.wav"]["message"]
    found = {row["name"]: bool(row["url_encoded"]) for row in rows_listed(rows, listed)}
    assert found == {"yes": True}


def rows_listed(rows, listed):
    return [
        each for row in rows.values() if row["tag"] for each in listed(tags=row["tag"])
    ]


# Uploads


def test_uploading_prints_no_secret_says_sandbox_and_fills_the_table(
    account, record, fetch, tmp_path
):
    record("a.wav", seed=820, folder=tmp_path / "in")
    done = account("batch", tmp_path / "in", "-o", tmp_path / "out", "--upload")
    assert done.code == 0
    assert done.last.endswith(
        f"Next: a mailing with the url_encoded of results.csv {WORDS}"
    )
    (row,) = rows_of(tmp_path / "out").values()
    assert fetch(row["url_encoded"]) == (tmp_path / "out" / "a.pcm").read_bytes()
    again = account("batch", tmp_path / "in", "-o", tmp_path / "out", "--upload", "-v")
    assert rows_of(tmp_path / "out")["a.wav"] == row
    assert "1 uploaded (1 unchanged)" in again.last


def test_strict_holds_warnings_back(account, record, tmp_path):
    path = record("pause.wav", seed=830, folder=tmp_path / "in")
    whole = bytearray(path.read_bytes())
    whole[44 + 40_000 : 44 + 84_000] = bytes(44_000)  # 2.75 s: a warning
    path.write_bytes(whole)
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out", "--upload"]
    held = account(*words, "--strict")
    assert (held.code, held.last.split(";")[0]) == (1, "1 held back")
    assert "(--strict)" in rows_of(tmp_path / "out")["pause.wav"]["message"]
    assert account(*words).last.startswith("1 uploaded")


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, 6, "batch retry"),
        (401, 4, "run the same command again"),
        (503, 7, "batch reconcile"),
    ],
)
def test_a_platform_that_says_no_gives_its_exit_code(
    customer, platform, record, tmp_path, status, code, said
):
    record("a.wav", folder=tmp_path / "in")
    body = json.dumps({"status": status, "message": "no"})
    platform.says["POST /content/rest/contents"] = (status, body, {})
    shop = customer(platform.base_url)
    shop = shop.having(VOICEPREP_LOOKUP_GAP_S="0.1", VOICEPREP_UPLOAD_LIMIT_S="0.2")
    done = shop("batch", tmp_path / "in", "-o", tmp_path / "out", "--upload")
    assert done.code == code, done.err
    assert said in done.last
    assert (tmp_path / "out" / "a.pcm").exists()


def test_what_is_missing_is_not_to_be_repaired(cli, record, tmp_path):
    listed = os.fsencode(tmp_path / "absent")
    for more in ((), ("--fix", "all")):
        done = cli("batch", "-", "-o", tmp_path / "out", *more, stdin=listed)
        assert done.code == 1
        assert done.last.endswith(
            "Next: check the path, or name a folder with .mp3 or .wav files"
        )


def test_what_cannot_be_read_is_to_be_replaced(cli, record, tmp_path):
    record("a.wav", seed=1, folder=tmp_path / "in")
    (tmp_path / "in" / "words.mp3").write_text("no sound at all, only words")
    done = cli("batch", tmp_path / "in", "-o", tmp_path / "out")
    assert (done.code, done.last.split("; ")[0]) == (1, "1 prepared, 1 unreadable")
    assert done.last.endswith(
        "Next: read why in results.csv, replace those, then run the same command again"
    )


# The ledger's commands


@pytest.fixture
def sent(account, record, tmp_path):
    """Have a batch of two uploaded; name its OUT."""
    for number in range(2):
        record(f"{number}.wav", seed=840 + number, folder=tmp_path / "in")
    (tmp_path / "in" / "words.mp3").write_text("no sound at all, only words")
    account("batch", tmp_path / "in", "-o", tmp_path / "out", "--upload")
    return tmp_path / "out"


def test_status_counts_and_says_what_did_not_get_through(account, sent):
    done = account("batch", "status", sent)
    assert (done.code, done.err) == (0, "")
    line, last = done.lines
    assert last == "2 uploaded, 1 unreadable; no run is at work"
    assert "words.mp3: unreadable: text, not sound" in line
    told = account("batch", "status", sent, "--json").json
    assert told["counts"] == {"uploaded": 2, "unreadable": 1}


def counts_of(account, out):
    return account("batch", "status", out).lines[-1].partition(";")[0]


def test_a_run_without_upload_keeps_the_links_in_the_results(account, sent, record):
    before = rows_of(sent)
    done = account("batch", sent.parent / "in", "-o", sent, "--report")
    assert done.last.startswith("2 uploaded, 1 unreadable (3 unchanged)")
    assert done.last.endswith(WORDS)
    assert rows_of(sent) == before
    told = json.loads((sent / "results.json").read_text())
    links = {row["url_encoded"] for row in before.values()}
    assert {
        (each["content"] or {}).get("url_encoded", "") for each in told["results"]
    } == links
    record("new.wav", seed=849, folder=sent.parent / "in")
    done = account("batch", sent.parent / "in", "-o", sent)
    assert done.last.startswith("2 uploaded, 1 prepared, 1 unreadable")
    assert done.last.startswith(counts_of(account, sent))


def test_retry_plans_what_was_unreadable_and_a_dry_run_only_says_so(account, sent):
    would = account("batch", "retry", sent, "-n")
    assert would.last.startswith("1 would be planned anew")
    assert counts_of(account, sent) == "2 uploaded, 1 unreadable"
    done = account("batch", "retry", sent)
    assert [Path(line).name for line in done.lines] == ["words.mp3"]
    assert counts_of(account, sent) == "2 uploaded, 1 planned"


def test_retry_of_what_is_uploaded_uploads_nothing_anew(account, sent, listed):
    account("batch", "retry", sent, "0.wav")
    done = account("batch", sent.parent / "in", "-o", sent, "--upload")
    assert done.last.startswith("2 uploaded, 1 unreadable")
    tag = rows_of(sent)["0.wav"]["tag"]
    assert len(listed(tags=tag)) == 1


def test_forget_takes_recordings_out_of_the_results(account, sent):
    assert account("batch", "forget", sent, "0.*", "-n").last == "1 would be forgotten"
    assert account("batch", "forget", sent, "0.*").last == "1 forgotten"
    assert counts_of(account, sent) == "1 uploaded, 1 unreadable"
    assert (sent / "0.pcm").exists()


def test_reconcile_finds_what_the_platform_lost_and_resend_sends_it(account, sent):
    assert account("batch", "reconcile", sent).code == 0
    number = rows_of(sent)["1.wav"]["content_id"]
    account("content", "delete", number, "--yes")
    done = account("batch", "reconcile", sent)
    assert done.code == 3
    (gone,) = [line for line in done.lines if line.startswith("gone\t")]
    assert gone.split("\t")[1] == rows_of(sent)["1.wav"]["tag"]
    account("batch", "reconcile", sent, "--resend")
    account("batch", sent.parent / "in", "-o", sent, "--upload")
    assert rows_of(sent)["1.wav"]["content_id"] != number
    assert account("batch", "reconcile", sent).code == 0


def test_reconcile_tells_by_its_exit_code_what_is_there_twice(at, record, tmp_path):
    record("a.wav", seed=845, folder=tmp_path / "in")
    out = tmp_path / "out"
    with Sandbox(tmp_path / "box", port=0) as box:
        account = at(box)
        account("batch", tmp_path / "in", "-o", out, "--upload")
        tag = rows_of(out)["a.wav"]["tag"]
        words = (box.base_url, box.client_id, box.client_secret)
        with Client(Settings.for_platform(*words)) as client:
            told = {"filename": "a.wav", "mime_type": "audio/wav", "tags": [tag]}
            client.contents.create(out / "a.wav", name="a", **told)
        done = account("batch", "reconcile", out)
    assert [line.split("\t")[:2] for line in done.lines] == [["doubled", tag]]
    assert done.code == 3
    assert "doubled" in done.last


@pytest.mark.parametrize("verb", ["retry", "forget"])
def test_globs_are_those_of_include_and_paths_those_of_the_results(
    verb, account, record, tmp_path
):
    paths = [
        record(f"nested/deep/{name}.wav", seed=846 + number, folder=tmp_path / "in")
        for number, name in enumerate(("a", "b [x]", "c"))
    ]
    out = tmp_path / "out"
    account("batch", tmp_path / "in", "-o", out)
    told = json.loads((out / "results.json").read_text())["results"]
    assert {each["path"] for each in told} == set(map(str, paths))

    def found(*globs):
        done = account("batch", verb, out, "-n", *globs)
        return done.code, sorted(Path(line).stem for line in done.lines)

    assert found("nested/*") == (0, ["a", "b [x]", "c"])
    assert found("nested/deep/a.wav") == (0, ["a"])
    assert found("c.*") == (0, ["c"])
    assert found(paths[1], paths[2]) == (0, ["b [x]", "c"])
    done = account("batch", verb, out, "a.wav", "nestd/*")
    assert (done.code, [Path(line).stem for line in done.lines]) == (1, ["a"])
    assert "nestd/*: no recording of the results is named so" in done.err


def test_what_is_forgotten_leaves_the_results_at_once(account, record, tmp_path):
    for number, name in enumerate(("yes", "no", "old")):
        record(f"{name}.wav", seed=850 + number, folder=tmp_path / "in")
    out, file = tmp_path / "out", tmp_path / "approvals.json"
    words = ["batch", tmp_path / "in", "-o", out]
    account(*words, "--report")
    entries = [decided(out, "yes", "approved"), decided(out, "old", "approved")]
    whole = {"schema": "voiceprep.approvals/1", "approvals": entries}
    file.write_text(json.dumps(whole))
    account(*words, "--upload", "--approved", file)
    before = rows_of(out)
    account("batch", "forget", out, "old.wav", "-n")
    assert rows_of(out) == before
    account("batch", "forget", out, "old.wav")
    del before["old.wav"]
    assert rows_of(out) == before
    told = json.loads((out / "results.json").read_text())
    assert told["counts"] == {"uploaded": 1, "held": 1}
    assert told["platform"] == "sandbox"


@pytest.mark.parametrize("verb", ["status", "retry", "forget", "reconcile"])
def test_a_folder_without_a_batch_is_named(account, tmp_path, verb):
    more = ["x.wav"] if verb == "forget" else []
    done = account("batch", verb, tmp_path, *more)
    assert done.code == 2
    assert "no batch has written there" in done.last


# Ending early


def test_ctrl_c_ends_after_what_is_under_way_and_the_next_run_goes_on(
    cli, record, tmp_path, end
):
    for number in range(30):
        record(f"{number:02}.wav", seed=number, folder=tmp_path / "in")
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out", "-j", "1"]
    events = tmp_path / "events"
    with cli.start(*words, "--events", events) as process:
        wait_for(lambda: events.exists() and '"judged"' in events.read_text())
        assert end(process, signal.SIGINT) == 130
        assert b"Ctrl-C again ends at once" in process.stderr.read()
    assert not list((tmp_path / "out").glob(".voiceprep-*"))
    done = cli(*words)
    assert (done.code, done.last.partition("(")[0]) == (0, "30 prepared ")
    assert len(list((tmp_path / "out").glob("*.pcm"))) == 30


def test_ctrl_c_ends_what_is_drawn_and_the_code_says_that_a_page_lacks(
    cli, record, tmp_path, end
):
    for number in range(40):
        record(f"{number:02}.wav", seed=number, folder=tmp_path / "in")
    out = tmp_path / "out"
    words = ["batch", tmp_path / "in", "-o", out, "-j", "1"]
    assert cli(*words).code == 0
    with cli.start(*words, "--report") as process:
        wait_for(lambda: list(out.glob(".voiceprep/drawings/*/*.json")))
        assert end(process, signal.SIGINT) == 130
        said = process.stderr.read().decode().splitlines()[-1]
    assert said.startswith("40 prepared (40 unchanged)")
    assert said.endswith("run the same command again: it goes on where this ended")
    assert not (out / "report.html").exists()


def test_after_ctrl_c_the_code_says_that_something_is_still_to_be_sent(
    shell, box, record, tmp_path, end
):
    count, events = 12, tmp_path / "events"
    for number in range(count):
        record(f"{number:02}.wav", seed=number, folder=tmp_path / "in")
    create = {"method": "POST", "path": "/content/rest/contents"}
    box.script({"kind": "delay", "delay_s": 3, **create})
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out", "--upload"]
    with shell.start(*words, "--events", events) as process:
        wait_for(
            lambda: events.exists() and events.read_text().count('"judged"') == count
        )
        assert end(process, signal.SIGINT) == 130
        said = process.stderr.read().decode().splitlines()[-1]
    assert " prepared; results in " in said
    assert "run the same command again: it goes on where this ended" in said


def test_a_second_ctrl_c_waits_for_no_upload_and_the_next_run_finds_it(
    shell, box, record, tmp_path, end
):
    create = {"method": "POST", "path": "/content/rest/contents"}
    box.script({"kind": "delay", "delay_s": 12, **create})
    words = ["batch", record("in/a.wav").parent, "-o", tmp_path / "out", "--upload"]
    with shell.start(*words) as process:
        wait_for(lambda: box.truth()["counts"].get("contents"))
        process.send_signal(signal.SIGINT)
        assert b"Ctrl-C again ends at once" in process.stderr.readline()
        began = time.monotonic()
        assert end(process, signal.SIGINT) == 130
        assert time.monotonic() - began < 8
    box.script()
    assert shell(*words).code == 0
    assert box.truth()["counts"]["contents"] == 1


def test_watching_goes_on_as_files_arrive_until_it_is_ended(cli, record, tmp_path, end):
    record("a.wav", folder=tmp_path / "in")
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out", "--watch", "0.3"]
    with cli.start(*words) as process:
        results = tmp_path / "out" / "results.csv"
        wait_for(lambda: results.exists() and "a.wav" in results.read_text())
        record("b.wav", seed=2, folder=tmp_path / "in")
        wait_for(lambda: "b.wav" in results.read_text())
        assert end(process, signal.SIGINT) == 0
        assert b"2 prepared" in process.stderr.read()


def test_a_second_run_at_once_says_who_works_and_may_leave(cli, record, tmp_path, end):
    record("a.wav", folder=tmp_path / "in")
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out"]
    with cli.start(*words, "--watch", "60") as process:
        wait_for((tmp_path / "out" / "results.csv").exists)
        done = cli(*words, "--no-wait")
        end(process, signal.SIGINT)
    assert done.code == 2
    assert f"process {process.pid} on " in done.last


def wait_for(told, patience_s=60):
    deadline = time.monotonic() + patience_s
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_ledger_that_is_none_is_one_sentence(cli, folder, tmp_path):
    (tmp_path / "out" / ".voiceprep").mkdir(parents=True)
    (tmp_path / "out" / ".voiceprep" / "ledger.sqlite3").write_bytes(b"x" * 4_096)
    done = cli("batch", folder, "-o", tmp_path / "out")
    assert done.code == 2
    assert "not a database" in done.last


def test_a_ledger_of_a_newer_voiceprep_is_left_alone(cli, folder, tmp_path):
    words = ["batch", folder, "-o", tmp_path / "out"]
    cli(*words)
    file = tmp_path / "out" / ".voiceprep" / "ledger.sqlite3"
    with sqlite3.connect(file) as ledger:
        (table,) = ledger.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE '%version%'"
        ).fetchone()
        ledger.execute(f"UPDATE {table} SET version = 99")
    ledger.close()
    done = cli(*words)
    assert done.code == 2
    assert "newer" in done.last
