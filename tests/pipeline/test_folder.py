"""A folder without a platform: done once, done again when something changed."""

import csv
import json
import os
import shutil
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from material import talk

from voiceprep.audio.rules import Verdict
from voiceprep.batch import Inline, WorkerLostError
from voiceprep.errors import LedgerError, SettingsError
from voiceprep.ledger import Ledger
from voiceprep.pipeline import work
from voiceprep.pipeline.bookkeeping import forget
from voiceprep.pipeline.folder import Order, batch, ledger_of
from voiceprep.pipeline.listing import Filter
from voiceprep.pipeline.recording import prepare
from voiceprep.pipeline.treatment import treatment_of

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("engine", ["inline", "thread", "process"])
def test_every_engine_makes_the_same_files_and_tells_the_same(
    engine, run, told, tmp_path
):
    summary = run(sources=(str(SAMPLES),), engine=engine, jobs=2)
    reference = tmp_path / "one by one"
    for path in SAMPLES.iterdir():
        if path.suffix != ".md":
            result = prepare(path, reference, name=path.stem)
            verdicts = {event.path: event.verdict for event in told.of("judged")}
            assert verdicts[f"samples/{path.name}"] == str(result.verdict)
    made = {
        path.name: path.read_bytes()
        for path in (tmp_path / "out").iterdir()
        if path.suffix in {".wav", ".pcm"}
    }
    assert made
    for name, whole in made.items():
        assert (reference / name).read_bytes() == whole
    assert sum(summary.counts.values()) == len(told.of("judged"))


def test_what_is_unchanged_is_skipped_and_said_so(record, run, told):
    record(5)
    assert run().unchanged == 0
    again = run()
    assert (again.unchanged, again.counts) == (5, {"prepared": 5})
    assert told.of("judged") == []


def test_a_changed_recording_is_done_again_and_only_that(record, run, told, tmp_path):
    first, *_ = record(3)
    run()
    before = (tmp_path / "out" / "talk-000.pcm").read_bytes()
    talk(first, 12.0, seed=99)
    assert run().unchanged == 2
    assert told.paths("judged") == ["talk-000.wav"]
    assert (tmp_path / "out" / "talk-000.pcm").read_bytes() != before


def test_a_copy_with_the_same_bytes_is_not_prepared_again(record, run, tmp_path):
    (path,) = record(1)
    run()
    artefact = tmp_path / "out" / "talk-000.wav"
    written = artefact.stat().st_mtime_ns
    os.utime(path, (1, 1))  # another stamp, the same bytes
    assert run().unchanged == 0
    assert artefact.stat().st_mtime_ns == written


def test_other_wishes_make_everything_again(record, run):
    record(2)
    run()
    mended = treatment_of(["duration"])
    assert run(treatment=mended).unchanged == 0
    assert run(treatment=mended).unchanged == 2


def test_an_artefact_that_is_gone_is_made_again(record, run, told, tmp_path):
    record(3)
    run()
    (tmp_path / "out" / "talk-001.alaw.wav").unlink()
    assert run().unchanged == 2
    assert (tmp_path / "out" / "talk-001.alaw.wav").exists()


def test_a_recording_that_is_gone_leaves_the_results(record, run, tmp_path):
    record(3)[1].unlink()
    run()
    record(3)[0].unlink()
    assert run().counts == {"prepared": 2}


def test_one_that_was_named_first_leaves_with_its_folder(record, run):
    first, _ = record(2)
    run(sources=(str(first),))
    assert run().counts == {"prepared": 2}
    first.unlink()
    assert run().counts == {"prepared": 1}


def test_what_is_put_where_results_go_is_replaced_and_not_followed(
    record, run, tmp_path
):
    record(1)
    out, mine = tmp_path / "out", tmp_path / "mine.txt"
    out.mkdir()
    mine.write_text("mine")
    (out / "results.csv").symlink_to(mine)
    os.mkfifo(out / "results.json")
    assert run().counts == {"prepared": 1}
    assert mine.read_text() == "mine"
    assert json.loads((out / "results.json").read_bytes())["counts"] == {"prepared": 1}


def test_a_link_in_the_place_of_the_ledgers_lock_is_not_written_through(
    record, run, tmp_path
):
    record(1)
    mine, own = tmp_path / "mine.txt", tmp_path / "out" / ".voiceprep"
    mine.write_text("mine")
    own.mkdir(parents=True)
    (own / "ledger.sqlite3.lock").symlink_to(mine)
    with pytest.raises(LedgerError, match="lock"):
        run()
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("name", ["o?t", "50%41", "%", "a=b&c#d", os.fsdecode(b"\xe9")])
def test_out_may_have_any_name(record, run, tmp_path, name):
    record(1)
    out = tmp_path / "below" / name
    assert run(out=str(out)).counts == {"prepared": 1}
    assert run(out=str(out)).unchanged == 1
    assert (out / ".voiceprep" / "ledger.sqlite3").exists()
    assert [path.name for path in out.parent.iterdir()] == [name]


@pytest.mark.parametrize("bend", ["é".encode("latin-1"), b'"', b"tag,"])
def test_results_that_a_spreadsheet_wrote_keep_nothing_from_being_forgotten(
    record, run, order, tmp_path, bend
):
    record(2)
    run()
    out, results = str(tmp_path / "out"), tmp_path / "out" / "results.csv"
    results.write_bytes(bend + b"\n" + results.read_bytes())
    with Ledger(ledger_of(order())) as ledger, ledger.run():
        first, *_ = ledger.recordings(out, "")
        forget(ledger, out, "", [first])
    told = json.loads((tmp_path / "out" / "results.json").read_bytes())
    assert told["counts"] == {"prepared": 1}


def test_same_names_in_different_folders_keep_apart(record, run, tmp_path):
    record(1, tmp_path / "in" / "a")
    record(1, tmp_path / "in" / "b", first=0)
    talk(tmp_path / "in" / "b" / "talk-000.wav", 12.0, seed=9)
    run()
    first, second = (tmp_path / "out" / f / "talk-000.pcm" for f in "ab")
    assert first.read_bytes() != second.read_bytes()


def test_a_second_input_never_replaces_what_the_first_became(record, run, tmp_path):
    record(1)
    record(1, tmp_path / "other", first=0)
    talk(tmp_path / "other" / "talk-000.wav", 12.0, seed=9)
    run()
    before = (tmp_path / "out" / "talk-000.pcm").read_bytes()
    run(sources=(str(tmp_path / "other"),))
    assert (tmp_path / "out" / "talk-000.pcm").read_bytes() == before
    assert (tmp_path / "out" / "talk-000-wav.pcm").exists()


def test_a_file_and_its_folder_in_several_spellings_are_taken_once(
    record, run, tmp_path
):
    first, *_ = record(2)
    crooked = str(tmp_path / "in" / ".." / "in")
    sources = (str(first), crooked, f"{crooked}/{first.name}")
    assert run(sources=sources, entered_as="-").counts == {"prepared": 2}
    assert run(sources=sources, entered_as="-").unchanged == 2


def test_the_largest_comes_first(run, told, tmp_path):
    for seconds in (11, 14, 12, 13):
        talk(tmp_path / "in" / f"{seconds}.wav", seconds, seconds)
    run()
    judged = [event.path.rpartition("/")[2] for event in told.of("judged")]
    assert judged == ["14.wav", "13.wav", "12.wav", "11.wav"]


def test_globs_choose(record, run):
    record(12)
    chosen = Filter(include=("talk-00*",), exclude=("*-003*",))
    assert run(chosen=chosen).counts == {"prepared": 9}


def test_artefacts_among_the_recordings_are_refused(record, run, tmp_path):
    record(1)
    with pytest.raises(SettingsError, match="choose another folder"):
        run(out=str(tmp_path / "in"))


def test_a_file_of_others_is_never_replaced(record, run, tmp_path):
    record(2)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "talk-000.wav").write_bytes(b"mine")
    summary = run()
    assert summary.counts == {"failed": 1, "prepared": 1}
    assert (tmp_path / "out" / "talk-000.wav").read_bytes() == b"mine"


def test_what_was_made_of_another_recording_is_never_replaced(record, run, tmp_path):
    record(1)
    other = talk(tmp_path / "other" / "talk-000.wav", 12.0, seed=9)
    kept = prepare(other, tmp_path / "out").artefacts.alaw.read_bytes()
    assert run().counts == {"failed": 1}
    assert (tmp_path / "out" / "talk-000.pcm").read_bytes() == kept


def test_a_name_too_long_for_four_files_is_shortened(run, tmp_path):
    for last in "ab":  # both are cut before they differ
        talk(tmp_path / "in" / f"{'n' * 249}{last}.wav", 10.0, ord(last))
    assert run().counts == {"prepared": 2}
    assert run().unchanged == 2
    assert len(list((tmp_path / "out").glob("nnn*.pcm"))) == 2


def test_what_is_fetched_is_told_by_its_url_whole_at_every_moment(
    record, run, tmp_path
):
    (path,) = record(1)
    url = path.as_uri()
    assert run(sources=(url,)).counts == {"prepared": 1}
    (result,) = [
        json.loads(p.read_text()) for p in (tmp_path / "out").rglob("talk*.json")
    ]
    assert (result["path"], result["source"]) == (url, url)
    path.touch()
    assert run(sources=(url,)).counts == {"prepared": 1}
    assert not list((tmp_path / "out").rglob(".voiceprep-*.part"))


class Killed(Inline):
    """Lose each worker while it writes, as one that is killed leaves OUT."""

    def __init__(self, out):
        self.out = out

    def submit(self, fn, /, *arguments, **named):
        self.out.mkdir(exist_ok=True)
        (self.out / ".voiceprep-0123456789abcdef.part").write_bytes(b"half")
        lost = Future()
        lost.set_exception(WorkerLostError("crashed (SIGKILL)"))
        return lost


def test_what_a_killed_worker_left_is_removed_and_told(record, run, told, tmp_path):
    record(2)
    assert run(executor=Killed(tmp_path / "out")).counts == {"unreadable": 2}
    assert {event.codes for event in told.of("judged")} == {("decoder_failed",)}
    assert not list((tmp_path / "out").glob(".voiceprep-*.part"))


class Meddler(ThreadPoolExecutor):
    """Do something to a recording while it is being prepared."""

    def __init__(self, monkeypatch, deed):
        super().__init__(1)
        original = work.prepare_with

        def meddled(path, *arguments, **options):
            result = original(path, *arguments, **options)
            deed(Path(path))
            return result

        monkeypatch.setattr(work, "prepare_with", meddled)


def test_a_recording_that_grows_is_told_and_leaves_nothing(
    record, run, told, tmp_path, monkeypatch
):
    record(1)

    def grow(path):
        with path.open("ab") as file:
            file.write(bytes(1_000))

    with Meddler(monkeypatch, grow) as pool:
        run(executor=pool)
    (event,) = told.of("judged")
    assert (event.verdict, event.codes) == ("refused", ("truncated",))
    assert "from 160,044 to 161,044 bytes" in event.message
    assert not list((tmp_path / "out").glob("*.pcm"))


def test_a_recording_that_vanishes_is_told_and_leaves_nothing(
    record, run, told, tmp_path, monkeypatch
):
    record(1)
    with Meddler(monkeypatch, Path.unlink) as pool:
        run(executor=pool)
    (event,) = told.of("judged")
    assert (event.verdict, event.codes) == ("unreadable", ("not_found",))
    assert not list((tmp_path / "out").glob("*.pcm"))


def test_it_ends_after_what_is_under_way_and_goes_on_later(record, order, told):
    record(6)
    stop = threading.Event()

    def sink(event):
        told(event)
        if event.name == "judged":
            stop.set()

    summary = batch(order(), sink=sink, stop=stop)
    assert summary.stopped
    assert summary.counts == {"prepared": 1, "planned": 5}
    assert batch(order()).counts == {"prepared": 6}


def test_watching_takes_what_arrives_and_settles(record, order, told, tmp_path):
    record(1)
    stop = threading.Event()

    def sink(event):
        told(event)
        if event.name == "judged":
            if len(told.of("judged")) == 2:
                stop.set()
            else:
                talk(tmp_path / "in" / "later.wav", 10.0, 50)

    summary = batch(order(watch_s=0.2), sink=sink, stop=stop)
    assert summary.counts == {"prepared": 2}


def test_watching_tells_what_is_gone_and_what_comes_back(record, order, tmp_path):
    """A folder that is unmounted, and mounted again."""
    first, other = record(2)
    for path in (first, other):
        os.utime(path, (1_000, 1_000))
    counts, stop, aside = [], threading.Event(), first.with_suffix(".aside")
    moves = [lambda: first.rename(aside), lambda: aside.rename(first), stop.set]

    def sink(event):
        if event.name != "found":
            return
        told = tmp_path / "out" / "results.json"
        now = json.loads(told.read_bytes())["counts"] if told.exists() else None
        if now is not None and counts[-1:] != [now]:
            counts.append(now)
            moves.pop(0)()

    threading.Timer(30, stop.set).start()
    batch(order(watch_s=0.1), sink=sink, stop=stop)
    assert counts == [{"prepared": 2}, {"prepared": 1}, {"prepared": 2}]


def test_watching_keeps_what_is_written_to_in_the_results(record, order, tmp_path):
    first, other = record(2)
    for path in (first, other):
        os.utime(path, (1_000, 1_000))
    counts, stop = [], threading.Event()

    def sink(event):
        told = tmp_path / "out" / "results.json"
        if event.name == "found" and told.exists():
            counts.append(json.loads(told.read_bytes())["counts"])
            later = time.time() + len(counts)  # whoever copies it again is at work
            os.utime(first, (later, later))
            if len(counts) == 5:
                stop.set()

    threading.Timer(30, stop.set).start()
    assert batch(order(watch_s=0.2), sink=sink, stop=stop).counts == {"prepared": 2}
    assert counts == [{"prepared": 2}] * 5


def test_results_say_everything_in_three_forms(record, run, tmp_path):
    record(2)
    (tmp_path / "in" / "=cmd().wav").write_text("no sound at all, only words")
    junit = tmp_path / "out" / "junit.xml"
    run(junit=junit)
    results = json.loads((tmp_path / "out" / "results.json").read_bytes())
    assert results["schema"] == "voiceprep.batch/1"
    assert results["counts"] == {"prepared": 2, "unreadable": 1}
    outcomes = {Path(r["path"]).name: r["outcome"] for r in results["results"]}
    assert outcomes["=cmd().wav"] == "unreadable"
    assert {r["verdict"] for r in results["results"]} <= set(map(str, Verdict))
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    (wrong,) = [row for row in rows if row["outcome"] == "unreadable"]
    assert wrong["findings"] == "undecodable"
    cases = ET.parse(junit).getroot()
    assert (cases.get("tests"), cases.get("failures")) == ("3", "1")


def test_no_cell_of_a_spreadsheet_is_a_formula(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    talk(tmp_path / "=1+2.wav", 10.0)
    run(sources=("=1+2.wav",))
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["source"] == "'=1+2.wav"


def latin_1(tmp_path):
    """Make a recording whose name, and its folder's, are no UTF-8."""
    return talk(tmp_path / "in" / os.fsdecode(b"d\xe9") / os.fsdecode(b"caf\xe9.wav"))


@pytest.mark.parametrize("engine", ["inline", "process"])
def test_a_name_of_any_bytes_is_prepared_and_told(engine, record, run, tmp_path):
    record(1)
    path = latin_1(tmp_path)
    assert run(engine=engine).counts == {"prepared": 2}
    assert run(engine=engine).unchanged == 2
    out = tmp_path / "out"
    assert (out / path.parent.name / f"{path.stem}.pcm").exists()
    told = json.loads((out / "results.json").read_text())["results"]
    assert str(path) in {each["path"] for each in told}
    with (out / "results.csv").open(newline="", encoding="utf-8") as file:
        sources = [row["source"] for row in csv.DictReader(file)]
    assert str(path).encode("utf-8", "backslashreplace").decode() in sources


def test_why_a_name_of_any_bytes_failed_is_told(record, run, tmp_path):
    record(1)
    path = latin_1(tmp_path)
    strange = tmp_path / "out" / path.parent.name / f"{path.stem}.wav"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"of others")
    assert run().counts == {"failed": 1, "prepared": 1}


def test_a_folder_that_is_half_there_can_be_moved_and_done_again(record, run, tmp_path):
    record(3)
    run()
    shutil.rmtree(tmp_path / "out" / ".voiceprep")  # the ledger is lost
    assert run().unchanged == 0
    assert len(list((tmp_path / "out").glob("*.pcm"))) == 3


def test_the_documented_example_runs_a_list_with_an_own_executor(
    record, tmp_path, monkeypatch, capsys
):
    """docs/batch.md prints this example; it is run as it stands there."""
    record(2)
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "docs" / "batch.md").read_text()
    example = text.split("```python\n")[1].split("```")[0]
    assert len(example.splitlines()) == 15
    exec(compile(example, "docs/batch.md", "exec"), {"__name__": "__main__"})
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "{'prepared': 2}"
    assert sorted(line for line in said if line.startswith("judged")) == [
        "judged in/talk-000.wav",
        "judged in/talk-001.wav",
    ]


def test_an_order_needs_only_sources_and_an_output(record, tmp_path):
    record(1)
    summary = batch(Order(sources=(str(tmp_path / "in"),), out=str(tmp_path / "o")))
    assert summary.counts == {"prepared": 1}
