"""What was drawn of a batch is kept: one that changed is drawn, and no other."""

import errno
import json
import os
import re
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from material import talk

from voiceprep.batch import Inline, Isolated, Limits
from voiceprep.ledger import Recording, State
from voiceprep.pipeline import batch_report, drawing, guard, redrawing
from voiceprep.pipeline.drawing import completed, draw, drawing_of, seconds_of
from voiceprep.pipeline.drawings import Drawing, Drawings
from voiceprep.pipeline.exhibits import Exhibit
from voiceprep.pipeline.folder import batch
from voiceprep.pipeline.guard import limits_for
from voiceprep.pipeline.painting import Pictures, Sketch
from voiceprep.pipeline.recording import check, prepare, prepare_with
from voiceprep.pipeline.redrawing import Redrawing
from voiceprep.pipeline.treatment import Treatment, treatment_of
from voiceprep.pipeline.work import limits_of
from voiceprep.report import Language

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def report(run, tmp_path):
    """Run a batch with a report; return its page, but for the time."""

    def go(**asked):
        (tmp_path / "out" / "report.html").unlink(missing_ok=True)
        run(report=Language.EN, **asked)
        page = (tmp_path / "out" / "report.html").read_text()
        return re.sub(r"Made [^<]* by voiceprep", "", page)

    return go


@pytest.fixture
def kept(tmp_path):
    """List the files of the drawings, and when each was written."""

    def now():
        folder = tmp_path / "out" / ".voiceprep" / "drawings"
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path: path.stat().st_mtime_ns for path in files}

    return now


def deafen(path):
    """Put silence that nothing can decode in a recording's place, as if it were it."""
    before = path.stat()
    path.write_bytes(bytes(before.st_size))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_is_drawn_is_not_decoded_again(record, report, kept):
    recordings = record(3)
    page, drawings = report(), kept()
    assert len(drawings) == 3
    for path in recordings:
        deafen(path)
    assert report() == page
    assert kept() == drawings


def test_a_recording_is_drawn_as_it_is_prepared(record, report, kept, monkeypatch):
    monkeypatch.setattr(Redrawing, "draw", None)
    record(2)
    assert report().count("data:image/png") == 4
    assert len(kept()) == 2


@pytest.mark.parametrize("engine", ["inline", "process"])
def test_what_others_walk_is_drawn_too(report, kept, tmp_path, engine):
    (tmp_path / "in").mkdir()
    for name in ("phone-memo.opus", "9.9-seconds.wav"):
        (tmp_path / "in" / name).write_bytes((SAMPLES / name).read_bytes())
    page = report(treatment=treatment_of(["all"]), engine=engine)
    assert page.count("data:image/png") == 4
    assert len(kept()) == 2


def test_drawing_may_take_what_decoding_twice_may():
    sized = partial(Recording, 1, "/in/a.opus", "a", state=State.PREPARED, made=None)
    assert limits_of([sized(900_000)]) == limits_for(1_800_000)


@pytest.mark.parametrize("engine", ["inline", "process"])
def test_a_changed_recording_is_drawn_and_no_other(record, report, kept, engine):
    first, *others = record(4)
    page, before = report(engine=engine), kept()
    for path in others:
        deafen(path)
    talk(first, 12.0, seed=99)
    assert report(engine=engine) != page
    after = kept()
    assert len(after) == len(before) == 4
    assert len(after.items() & before.items()) == 3


def test_one_that_is_gone_takes_its_drawing_along(record, report, kept):
    first, *_ = record(3)
    report()
    first.unlink()
    report()
    assert len(kept()) == 2


def test_other_files_among_the_drawings_are_left(record, report, kept, tmp_path):
    record(1)
    other = tmp_path / "out" / ".voiceprep" / "drawings" / "mine.json"
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    report()
    assert other in kept()


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "",
        lambda _: "[]",
        lambda _: '{"schema": "voiceprep.check/1"}',
        lambda text: text.replace("data:image/png;base64,", "https://example.org/"),
        lambda text: text.replace('"M0', '"><script>'),
        lambda text: json.dumps({**json.loads(text), "phone": ["M0 0"]}),
        lambda text: json.dumps({**json.loads(text), "preview": "?"}),
        lambda text: json.dumps({**json.loads(text), "result": 7}),
        lambda text: json.dumps({**json.loads(text), "result": {"path": "x"}}),
    ],
)
def test_a_drawing_that_is_not_as_we_left_it_is_drawn_anew(record, report, kept, bend):
    record(1)
    page = report()
    (path,) = kept()
    whole = path.read_text()
    path.write_text(bend(whole))
    assert report() == page
    assert path.read_text() == whole


def test_a_prepared_file_that_was_changed_since_is_drawn_as_it_is(
    record, report, tmp_path
):
    record(2)
    before = report()
    prepared = tmp_path / "out" / "talk-001.wav"
    prepared.write_bytes((tmp_path / "out" / "talk-000.wav").read_bytes())
    assert report() != before


def test_a_run_without_a_report_draws_nothing_and_the_next_all(record, run, report):
    record(2)
    run()
    page = report()
    assert page.count("data:image/png") == 4


def test_refused_recordings_are_drawn_once_too(report, kept, tmp_path):
    path = tmp_path / "in" / "memo.opus"
    path.parent.mkdir()
    path.write_bytes((SAMPLES / "phone-memo.opus").read_bytes())
    page = report()
    assert page.count("data:image/png") == 2
    assert "data:audio/wav;base64," in page
    deafen(path)
    assert report() == page


def test_one_with_the_same_bytes_under_another_name_has_its_own(record, report, kept):
    first, *_ = record(1)
    (first.parent / "wrong.mp3").write_bytes(first.read_bytes())
    page = report()
    assert all(name in page for name in ("talk-000.wav", "wrong.mp3"))
    assert len(kept()) == 2


def test_a_page_that_is_gone_or_another_is_written_anew(
    record, run, tmp_path, monkeypatch
):
    by_two = partial(batch_report.write_pages, per_page=2)
    monkeypatch.setattr(batch_report, "write_pages", by_two)
    record(4)
    run(report=Language.EN)
    first, second = tmp_path / "out" / "report.html", tmp_path / "out" / "report-2.html"
    written = first.stat().st_mtime_ns
    run(report=Language.EN)
    assert first.stat().st_mtime_ns == written  # nothing on it has changed
    second.unlink()
    run(report=Language.EN)
    assert second.exists()
    first.write_text('<meta name="generator" content="voiceprep">')
    run(report=Language.EN)
    assert "talk-000.wav" in first.read_text()
    mark = tmp_path / "out" / ".voiceprep" / "report.json"
    for bent in (b"\xff", b"[]", b"{}"):
        mark.write_bytes(bent)
        run(report=Language.EN)
        assert json.loads(mark.read_bytes())["shown"]


def test_a_link_in_the_pages_place_is_replaced_and_not_followed(record, run, tmp_path):
    record(1)
    out, other = tmp_path / "out", tmp_path / "other.html"
    out.mkdir()
    other.write_text('<meta name="generator" content="voiceprep">')
    (out / "report.html").symlink_to(other)
    run(report=Language.EN)
    assert other.read_text() == '<meta name="generator" content="voiceprep">'
    assert "talk-000.wav" in (out / "report.html").read_text()


class Stopping(Inline):
    """Tell a batch to stop at the first work that it is given."""

    def __init__(self):
        self.stop = threading.Event()

    def submit(self, *given, **named):
        self.stop.set()
        return super().submit(*given, **named)


def test_told_to_stop_it_draws_no_more_and_the_former_page_stays(
    record, run, order, kept, tmp_path
):
    record(4)
    run()
    page = tmp_path / "out" / "report.html"
    page.write_text('<meta name="generator" content="voiceprep">')
    former, stopping = page.read_text(), Stopping()
    asked = order(report=Language.EN)
    summary = batch(asked, executor=stopping, stop=stopping.stop)
    assert (summary.stopped, summary.page, len(kept())) == (True, None, 1)
    assert page.read_text() == former
    assert batch(asked).page == page
    assert len(kept()) == 4


def test_a_drawing_that_fails_costs_no_recording(record, report, run, monkeypatch):
    def broken(*_):
        raise OSError(errno.EIO, "Input/output error", "talk-000.wav")

    record(1)
    monkeypatch.setattr(redrawing, "completed", broken)
    assert report().count("data:image/png") == 2
    assert run(report=Language.EN).counts == {"prepared": 1}


class Stuck(Redrawing):
    """Draw all but one, which takes for ever."""

    __slots__ = ()

    def __call__(self, recording):
        if recording.name == "talk-001":
            time.sleep(600)
        super().__call__(recording)


def test_one_that_hangs_as_it_is_drawn_costs_its_picture_only(
    record, run, report, kept, monkeypatch
):
    record(3)
    run()
    monkeypatch.setattr(batch_report, "Redrawing", Stuck)
    with Isolated(1, Limits(wall_s=15)) as pool:
        page = report(executor=pool)
        assert page.count("data:image/png") == 5  # its phone version is there
        drawings = kept()
        assert report(executor=pool) == page  # and it is not tried again
    assert kept() == drawings
    assert len(drawings) == 3


def stuck(_sound, _seconds, _cuts=()):
    while True:
        pass


def test_a_foreign_decoder_that_hangs_as_it_draws_is_ended(tmp_path, monkeypatch):
    made = prepare(SAMPLES / "phone-memo.opus", tmp_path, fixes=["format"])
    monkeypatch.setattr(guard, "_LEAST_CPU_S", 1.5)
    monkeypatch.setattr(drawing, "painted", stuck)
    exhibit = replace(Exhibit.of(made), artefacts=None)
    assert drawing_of(exhibit) == Drawing(Pictures())


def test_what_broke_its_decoder_is_not_given_to_it_again(monkeypatch):
    told = check(SAMPLES / "phone-memo.opus").as_json()
    told["findings"][0]["code"] = "decoder_failed"
    assert not Exhibit(told).with_preview(Treatment()).preview


@pytest.mark.parametrize(
    "name", ["clean.mp3", "one-channel.mp3", "anti-phase.mp3", "cd.wav", "vbr.mp3"]
)
def test_a_sketch_is_what_decoding_once_more_draws(name, tmp_path):
    """One channel that is dead, or two that cancel each other, are poured twice."""
    sketch, treatment = Sketch(), treatment_of(["phase"])
    made = prepare_with(SAMPLES / name, tmp_path, treatment, sketch=sketch)
    exhibit = Exhibit.of(made)
    original = sketch.pictures(seconds_of(exhibit))
    assert original.outline
    assert completed(exhibit, original) == drawing_of(exhibit)


def test_a_sketch_of_other_length_is_none(tmp_path):
    """Preparing adds a tenth of a second."""
    sketch, treatment = Sketch(), treatment_of(["duration"])
    path = SAMPLES / "9.9-seconds.wav"
    made = prepare_with(path, tmp_path, treatment, sketch=sketch)
    assert made.verdict.is_fit
    assert sketch.pictures(seconds_of(Exhibit.of(made))) is None


def test_a_drawing_comes_back_as_it_went(tmp_path):
    exhibit = Exhibit.of(check(SAMPLES / "clipped.wav")).with_preview(Treatment())
    whole, drawings = drawing_of(exhibit), Drawings.of(tmp_path)
    drawings.keep("ab" * 32, whole)
    assert drawings.find("ab" * 32) == whole
    assert draw(exhibit, whole) == draw(exhibit)
