"""Which recordings paths name, and what their artefacts are called."""

import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from voiceprep.audio.artefact import Artefacts
from voiceprep.errors import SettingsError
from voiceprep.pipeline.inputs import (
    Item,
    artefacts_of,
    covers_others,
    files_of,
    fitting,
    is_recording,
    is_result,
    items_of,
)
from voiceprep.pipeline.recording import prepare

SAMPLES = Path(__file__).parents[2] / "samples"
ENDINGS = (".wav", ".pcm", ".alaw.wav", ".json")


@contextmanager
def nobody():
    """Be a user whom file modes bind: root is bound by none."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def names(items):
    return [Path(item.path).name for item in items]


def test_a_folder_is_searched_in_order_hidden_ones_and_out_left_aside(tmp_path):
    for name in ("b.mp3", "a.WAV", ".h.wav", "notes.txt", "sub/c.opus", "out/d.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "e.wav").touch()
    found = list(items_of([str(tmp_path)], tmp_path / "out"))
    assert names(found) == ["a.WAV", "b.mp3", "c.opus"]
    assert [str(item.inner) for item in found] == [".", ".", "sub"]


def test_a_folder_without_recordings_is_listed_with_its_trouble(tmp_path):
    (item,) = items_of([str(tmp_path)])
    assert (item.path, item.trouble.code) == (str(tmp_path), "not_found")


def test_a_locked_folder_is_listed_with_its_trouble_and_the_others_go_on(tmp_path):
    for name in ("a", "locked", "z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "talk.wav").touch()
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "locked").chmod(0)
    with nobody():
        found = list(items_of([str(tmp_path)]))
    told = {item.path: item.trouble and item.trouble.code for item in found}
    assert told == {
        str(tmp_path / "a" / "talk.wav"): None,
        str(tmp_path / "locked"): "not_permitted",
        str(tmp_path / "z" / "talk.wav"): None,
    }


def test_standard_input_can_be_named_once():
    with pytest.raises(SettingsError, match="read once"):
        list(items_of(["-", "-"]))


def test_sources_of_one_stem_keep_apart_whatever_their_case():
    items = [Item("in/a.mp3"), Item("in/A.wav"), Item("in/b.wav")]
    named = [paths.prepared.name for paths in artefacts_of(items, Path("o")).values()]
    assert named == ["a-mp3.wav", "A-wav.wav", "b.wav"]


def test_artefacts_of_another_recording_are_not_covered(tmp_path):
    one, other, out = (tmp_path / name for name in ("one", "other", "out"))
    for folder in (one, other):
        folder.mkdir()
        (folder / "talk.mp3").write_bytes((SAMPLES / "clean.mp3").read_bytes())
    first = prepare(one / "talk.mp3", out).artefacts
    second = prepare(other / "talk.mp3", out).artefacts
    again = prepare(one / "talk.mp3", out).artefacts
    assert (first.prepared.name, second.prepared.name) == ("talk.wav", "talk-mp3.wav")
    assert again == first
    assert json.loads(first.result.read_text())["path"] == str(one / "talk.mp3")


def test_a_relative_name_elsewhere_is_another_recording(tmp_path, monkeypatch):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        Path("talk.mp3").write_bytes((SAMPLES / "clean.mp3").read_bytes())
        prepare("talk.mp3", "../out")
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {f"{stem}{end}" for stem in ("talk", "talk-mp3") for end in ENDINGS}


def test_what_was_moved_together_stays_together(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    Path("talk.mp3").write_bytes((SAMPLES / "clean.mp3").read_bytes())
    prepare("talk.mp3", "out")
    (tmp_path / "project").rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    assert prepare("talk.mp3", "out").artefacts.prepared.name == "talk.wav"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        '{"schema": "voiceprep.prepare/1"',
        '["voiceprep.prepare/1"]',
        '{"schema": "voiceprep.prepare/1", "path": 7}',
    ],
)
def test_a_result_that_is_none_of_ours_is_not_covered(tmp_path, told):
    (tmp_path / "talk.json").write_text(told)
    assert not is_result(tmp_path / "talk.json", "talk.mp3")
    assert covers_others(Artefacts.named(tmp_path, "talk"), "talk.mp3")


def test_a_link_that_leads_nowhere_is_not_covered_either(tmp_path):
    (tmp_path / "talk.pcm").symlink_to("nowhere")
    (item,) = items = [Item("talk.mp3")]
    assert artefacts_of(items, tmp_path)[item].prepared.name == "talk-mp3.wav"


@pytest.mark.parametrize("stem", ["a" * 250, "é" * 125, "\udce9" * 250, "🎙" * 62])
def test_a_long_name_is_shortened_at_a_letter_and_always_alike(tmp_path, stem):
    short = fitting(stem, tmp_path)
    mark = hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]
    assert short.endswith(f"-{mark}")
    assert stem.startswith(short.removesuffix(f"-{mark}"))
    assert len(os.fsencode(f"{short}.alaw.wav")) <= 255
    assert fitting(short, tmp_path) == short


def test_two_long_names_with_one_beginning_keep_apart(tmp_path):
    items = [Item("a" * 245 + end + ".mp3") for end in "xy"]
    named = {paths.result.name for paths in artefacts_of(items, tmp_path).values()}
    assert len(named) == 2


def test_a_long_name_is_prepared_whole(tmp_path):
    path = tmp_path / ("a" * 250 + ".mp3")
    path.write_bytes((SAMPLES / "clean.mp3").read_bytes())
    for _ in range(2):  # the second run finds its own
        made = prepare(path, tmp_path / "out").artefacts
        assert set((tmp_path / "out").iterdir()) == files_of(made)


def test_an_artefact_of_ours_is_no_recording(tmp_path):
    prepare(SAMPLES / "clean.mp3", tmp_path)
    (tmp_path / "talk.mp3").touch()
    found = {p.name for p in tmp_path.iterdir() if is_recording(tmp_path, p.name)}
    assert found == {"talk.mp3"}
