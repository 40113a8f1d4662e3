"""From artefacts to a page: what is drawn, what is linked, what is written."""

import base64
import hashlib
import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pages import with_silences

from voiceprep.errors import LedgerError, SettingsError
from voiceprep.pipeline.drawing import Work, draw, drawn
from voiceprep.pipeline.exhibits import Exhibit, results_in
from voiceprep.pipeline.pages import compose, write_pages
from voiceprep.pipeline.recording import check, prepare
from voiceprep.pipeline.treatment import Treatment
from voiceprep.report import About, Absence, Digests, Language, Standing

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def folder(tmp_path):
    """Prepare two recordings, named from the folder above."""
    (tmp_path / "in").mkdir()
    shutil.copy(SAMPLES / "clean.mp3", tmp_path / "in")
    shutil.copy(SAMPLES / "cd.wav", tmp_path / "in")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        prepare("in/clean.mp3", "out")
        prepare("in/cd.wav", "out/sub")
    finally:
        os.chdir(before)
    return tmp_path / "out"


def page_of(*drawn, folder, **options):
    return compose(drawn, about(), folder, **options)


def about(language=Language.EN):
    return About("out", datetime.now(UTC), "9.9", language)


def points(path):
    """Read an outline's tops, in hundredths of full scale, left to right."""
    head, steps = re.match(r"M0(-?\d+| \d+)l([^V]+)V", path).groups()
    numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
    return np.cumsum([int(head), *numbers[1::2]]) * -1


def test_results_are_found_in_a_folder_and_below_and_nothing_else(folder):
    (folder / "other.json").write_text('{"schema": "something/1"}')
    (folder / ".hidden").mkdir()
    shutil.copy(folder / "clean.json", folder / ".hidden" / "clean.json")
    found = [path.relative_to(folder).as_posix() for path in results_in(folder)]
    assert found == ["clean.json", "sub/cd.json"]


def test_the_recording_is_found_from_wherever_the_page_is_made(folder, tmp_path):
    for result, name in (("clean.json", "clean.mp3"), ("sub/cd.json", "cd.wav")):
        source = Exhibit.read(folder / result).find_source()
        assert source.samefile(tmp_path / "in" / name)


def test_another_file_at_its_place_is_not_the_recording(folder, tmp_path):
    (tmp_path / "in" / "clean.mp3").write_bytes(b"another")
    assert Exhibit.read(folder / "clean.json").find_source() is Absence.CHANGED
    (tmp_path / "in" / "clean.mp3").unlink()
    assert Exhibit.read(folder / "clean.json").find_source() is Absence.GONE


def test_a_recording_from_a_pipe_was_not_kept(tmp_path):
    with (SAMPLES / "cd.wav").open("rb") as file:
        exhibit = Exhibit.of(prepare(file, tmp_path))
    drawn = draw(exhibit)
    assert drawn.recording.original.absence is Absence.STREAM
    assert (drawn.original, drawn.phone.path.name) == (None, "stdin.wav")


@pytest.mark.parametrize(
    "bend",
    [
        lambda d: d.pop("path"),
        lambda d: d.update(path=None),
        lambda d: d.update(verdict="splendid"),
        lambda d: d.pop("measurements"),
        lambda d: d.update(measurements=[]),
        lambda d: d.update(findings=[{"code": "clipping"}]),
        lambda d: d.update(findings=7),
        lambda d: d.update(
            findings=[{"code": "hum", "severity": "dire", "message": "it hums"}]
        ),
        lambda d: d["measurements"].update(mastering={"cuts": [[1]]}),
    ],
)
def test_a_bent_result_is_the_operators_matter(folder, bend):
    path = folder / "clean.json"
    document = json.loads(path.read_text())
    bend(document)
    path.write_text(json.dumps(document))
    with pytest.raises(LedgerError, match=r"clean\.json: not as"):
        Exhibit.read(path)


def test_half_a_result_is_the_operators_matter(folder):
    path = folder / "clean.json"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(LedgerError):
        Exhibit.read(path)


@pytest.mark.parametrize("name", ["clean.wav", "clean.pcm"])
def test_an_artefact_that_is_gone_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(LedgerError, match=re.escape(name)):
        Exhibit.read(folder / "clean.json")


def test_digests_are_those_of_what_is_heard(folder):
    drawn = draw(Exhibit.read(folder / "clean.json"))
    assert drawn.recording.digests == Digests(
        hashlib.sha256((folder / "clean.pcm").read_bytes()).hexdigest(),
        hashlib.sha256((folder / "clean.wav").read_bytes()).hexdigest(),
    )


def test_a_result_read_is_drawn_as_the_result_made(tmp_path):
    made = Exhibit.of(prepare(SAMPLES / "one-channel.mp3", tmp_path))
    read = Exhibit.read(tmp_path / "one-channel.json")
    one, other = draw(made), draw(read)
    assert one.recording == other.recording
    assert (one.original, one.phone) == (other.original, other.phone)


def test_both_waveforms_are_drawn_over_the_same_time(tmp_path):
    drawn = draw(Exhibit.of(prepare(SAMPLES / "cd.wav", tmp_path))).recording
    original, phone = points(drawn.original.outline), points(drawn.phone.outline)
    assert len(original) == len(phone) == 600
    # The telephone's band takes some of the voice away, and nothing of its time.
    assert np.corrcoef(original, phone)[0, 1] > 0.9


def test_what_was_cut_is_a_gap_and_the_words_stay_where_they_are(tmp_path):
    with_silences(tmp_path / "a.wav")
    exhibit = Exhibit.of(prepare(tmp_path / "a.wav", tmp_path, fixes=["silence"]))
    drawn = draw(exhibit).recording
    lead, pause = drawn.cuts
    assert lead[0] == 0.0
    assert 2 < lead[1] < 4
    assert 3.5 < pause[1] - pause[0] < 5
    assert drawn.seconds == pytest.approx(drawn.original.seconds, abs=0.001)
    original, phone = points(drawn.original.outline), points(drawn.phone.outline)
    for start, end in drawn.cuts:
        scale = 600 / drawn.seconds
        assert phone[round(start * scale) + 2 : round(end * scale) - 2].max() == 0
    assert np.corrcoef(original, phone)[0, 1] > 0.9


def test_a_refused_recording_is_heard_and_nothing_is_prepared():
    exhibit = Exhibit.of(check(SAMPLES / "truncated.wav")).with_preview(Treatment())
    drawn = draw(exhibit)
    recording = drawn.recording
    assert (recording.standing, recording.digests) == (Standing.REFUSED, None)
    assert recording.phone.link.startswith("data:audio/wav;base64,")
    assert recording.phone.absence is None
    original, phone = (
        points(recording.original.outline),
        points(recording.phone.outline),
    )
    assert np.corrcoef(original, phone)[0, 1] > 0.9
    assert (drawn.original.path, drawn.phone) == (SAMPLES / "truncated.wav", None)
    (shown,) = page_of(drawn, folder=Path.cwd(), embed=True).recordings
    assert shown.phone == recording.phone


def test_a_refused_recording_without_a_preview_says_so():
    recording = draw(Exhibit.of(check(SAMPLES / "truncated.wav"))).recording
    assert recording.phone.absence is Absence.UNPREPARED
    assert recording.original.outline


def test_a_recording_refused_for_its_kind_is_heard_and_drawn_too():
    exhibit = Exhibit.of(check(SAMPLES / "phone-memo.opus")).with_preview(Treatment())
    recording = draw(exhibit).recording
    assert recording.standing is Standing.REFUSED
    assert [note.code for note in recording.notes] == ["unsupported"]
    assert recording.phone.link.startswith("data:audio/wav;base64,")
    assert recording.original.outline
    assert recording.original.form.channels == 1


def test_a_long_refused_recording_is_not_put_into_the_page(monkeypatch):
    monkeypatch.setattr("voiceprep.pipeline.exhibits.PREVIEW_BYTES", 100_000)
    exhibit = Exhibit.of(check(SAMPLES / "phone-memo.opus")).with_preview(Treatment())
    assert exhibit.preview == b""


@pytest.mark.parametrize("name", ["text.mp3", "absent.wav", "."])
def test_what_is_no_recording_is_shown_with_its_reason(name):
    exhibit = Exhibit.of(check(SAMPLES / name)).with_preview(Treatment())
    recording = draw(exhibit).recording
    assert recording.standing is Standing.REFUSED
    assert (recording.seconds, len(recording.notes)) == (0.0, 1)


def test_what_browsers_do_not_play_is_drawn_and_not_linked(tmp_path, tool):
    import subprocess

    path = tmp_path / "a.aiff"
    subprocess.run([tool("sox"), SAMPLES / "cd.wav", path], check=True)
    drawn = draw(Exhibit.of(prepare(path, tmp_path / "out", fixes=["format"])))
    assert drawn.recording.original.absence is Absence.UNPLAYABLE
    assert drawn.recording.original.outline
    assert drawn.original is None


def test_audio_is_linked_from_where_the_page_lies(folder):
    drawn = draw(Exhibit.read(folder / "sub" / "cd.json"))
    (recording,) = page_of(drawn, folder=folder).recordings
    assert recording.phone.link == "./sub/cd.wav"
    assert recording.original.link == "../in/cd.wav"


def test_embedded_audio_is_the_files_bytes(folder):
    drawn = draw(Exhibit.read(folder / "clean.json"))
    (recording,) = page_of(drawn, folder=folder, embed=True).recordings
    kind, text = recording.original.link.split(",")
    assert kind == "data:audio/mpeg;base64"
    assert base64.b64decode(text) == (SAMPLES / "clean.mp3").read_bytes()
    kind, text = recording.phone.link.split(",")
    assert kind == "data:audio/wav;base64"
    assert base64.b64decode(text) == (folder / "clean.wav").read_bytes()


def test_originals_that_there_is_no_room_for_stay_out_and_say_so(folder):
    drawn = [draw(Exhibit.read(path)) for path in results_in(folder)]
    phones = sum(each.phone.path.stat().st_size for each in drawn)
    room = phones + drawn[0].original.path.stat().st_size
    page = page_of(*drawn, folder=folder, embed=True, most_bytes=room)
    one, other = page.recordings
    assert one.original.link.startswith("data:")
    assert (other.original.link, other.original.absence) == (None, Absence.TOO_LARGE)
    with pytest.raises(SettingsError, match=f"{phones:,} bytes of audio"):
        page_of(*drawn, folder=folder, embed=True, most_bytes=phones - 1)


def test_a_page_replaces_a_page_and_no_strangers_file(folder):
    path = folder / "report.html"
    write_pages([], path, about(Language.EN))
    write_pages([], path, about(Language.FR))
    assert 'lang="fr"' in path.read_text("utf-8")
    path.write_text("<p>mine</p>")
    with pytest.raises(SettingsError, match="-o names another"):
        write_pages([], path, about())
    assert path.read_text() == "<p>mine</p>"
    assert not [name for name in os.listdir(folder) if name.endswith(".part")]  # noqa: PTH208


def read_links(path):
    """Return the numbers of recordings on a page, and its neighbours."""
    text = path.read_text("utf-8")
    return (
        re.findall(r'<article class="card" id="r(\d+)"', text),
        dict(re.findall(r'<link rel="(\w+)" href="([^"]+)">', text)),
    )


def test_many_recordings_are_cut_into_pages_that_lead_to_each_other(folder):
    one = draw(Exhibit.read(folder / "clean.json"))
    pages = write_pages([one] * 5, folder / "report.html", about(), per_page=2)
    assert [page.name for page in pages] == [
        *("report.html", "report-2.html", "report-3.html"),
    ]
    assert [read_links(page) for page in pages] == [
        (["1", "2"], {"next": "./report-2.html"}),
        (["3", "4"], {"prev": "./report.html", "next": "./report-3.html"}),
        (["5"], {"prev": "./report-2.html"}),
    ]


def test_pages_of_a_longer_run_go_and_what_is_no_page_of_it_stays(folder):
    one, path = draw(Exhibit.read(folder / "clean.json")), folder / "report.html"
    write_pages([one] * 4, path, about(), per_page=1)
    (folder / "report-4.html").write_text("mine")
    write_pages([one], path, about(), per_page=1)
    left = sorted(each.name for each in folder.glob("*.html"))
    assert left == ["report-4.html", "report.html"]
    write_pages([one], folder / "report-2.html", about())  # asked for by this name
    write_pages([one], path, about())
    assert (folder / "report-2.html").exists()


def test_a_strangers_file_is_met_before_anything_is_drawn(folder):
    path = folder / "report.html"
    path.mkdir()
    taken = iter(range(9))
    with pytest.raises(SettingsError, match="not a page"):
        write_pages(taken, path, about())
    assert next(taken) == 0


def test_recordings_are_drawn_in_their_order_few_ahead_of_the_page(folder):
    begun, failures = [], []

    def work(number):
        def exhibit():
            if number == 1:
                raise LedgerError("broken")
            return Exhibit.read(folder / "clean.json")

        begun.append(number)
        return Work(str(number), exhibit)

    shown = drawn(map(work, range(50)), 2, lambda *told: failures.append(told))
    next(shown)
    next(shown)
    assert len(begun) < 10
    shown.close()
    assert [(path, str(error)) for path, error in failures] == [("1", "broken")]


def test_a_result_kept_as_json_is_shown_like_the_one_beside_its_artefacts(folder):
    result = json.loads((folder / "clean.json").read_text())
    lies = {
        name: str(folder.parent / path) for name, path in result["artefacts"].items()
    }
    kept = Exhibit.of_json({**result, "artefacts": lies})
    assert draw(kept).recording == draw(Exhibit.read(folder / "clean.json")).recording
    refused = check(SAMPLES / "truncated.wav").as_json()
    assert Exhibit.of_json(refused).artefacts is None


@pytest.mark.parametrize("artefacts", [[], {"prepared": "a.wav"}, {"prepared": None}])
def test_kept_artefacts_that_are_not_ours_are_the_operators_matter(folder, artefacts):
    result = json.loads((folder / "clean.json").read_text())
    with pytest.raises(LedgerError, match="not as"):
        Exhibit.of_json({**result, "artefacts": artefacts})
