"""Listings: what is found where, under which names, and what is left out."""

import os
from pathlib import Path

import fsspec
import pytest
from material import talk

from voiceprep.pipeline.listing import Filter, Settling, listed, read_list
from voiceprep.pipeline.places import path_of, place_of


@pytest.fixture
def touch(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"sound")
        return tmp_path / "in"

    return make


def places(*roots, **asked):
    every = [each for some in listed([str(r) for r in roots], **asked) for each in some]
    return {each.place: each for each in every}


def below(folder, found):
    return sorted(str(Path(place).relative_to(folder)) for place in found)


def test_folders_are_searched_and_what_is_no_recording_is_left_out(touch):
    folder = touch("a.mp3", "sub/deep/b.WAV", "notes.txt", ".hidden.wav", ".git/c.wav")
    assert below(folder, places(folder)) == ["a.mp3", "sub/deep/b.WAV"]


def test_out_within_the_input_is_never_read(touch):
    folder = touch("a.mp3", "out/a.wav", "out/sub/b.mp3")
    assert below(folder, places(folder, out=str(folder / "out"))) == ["a.mp3"]


def test_links_are_followed_inside_and_not_out(touch, tmp_path):
    folder = touch("sub/a.mp3")
    talk(tmp_path / "elsewhere" / "b.wav")
    (folder / "alias.mp3").symlink_to("sub/a.mp3")
    (folder / "out-of-it.wav").symlink_to(tmp_path / "elsewhere" / "b.wav")
    (folder / "out-of-it").symlink_to(tmp_path / "elsewhere")
    (folder / "sub" / "circle").symlink_to(folder / "sub")
    (folder / "nowhere.wav").symlink_to("no such file")
    assert below(folder, places(folder)) == ["alias.mp3", "nowhere.wav", "sub/a.mp3"]


def test_a_link_that_leads_to_itself_costs_itself_only(touch):
    folder = touch("a.mp3")
    (folder / "loop.wav").symlink_to("loop.wav")
    (folder / "loop").symlink_to("loop")
    assert below(folder, places(folder)) == ["a.mp3", "loop.wav"]


def test_a_link_to_a_folder_above_doubles_nothing(touch):
    folder = touch("a.mp3", "old/b.mp3")
    (folder / "old" / "loop").symlink_to("..")
    assert below(folder, places(folder)) == ["a.mp3", "old/b.mp3"]


@pytest.mark.parametrize(
    "roots",
    [
        ("in/a.mp3", "./in/a.mp3", "{here}/in/a.mp3", "in/../in/a.mp3", "in/old"),
        ("in/old/b.mp3", "in", "in/", "in/old"),
        ("in", "again", "again/a.mp3"),
    ],
)
def test_what_is_named_in_several_spellings_is_taken_once(
    roots, touch, tmp_path, monkeypatch
):
    folder = touch("a.mp3", "old/b.mp3")
    (tmp_path / "again").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    spelled = [root.format(here=tmp_path) for root in roots]
    found = [each.place for some in listed(spelled, entered_as="-") for each in some]
    assert below(folder, found) == ["a.mp3", "old/b.mp3"]


def test_a_glob_that_fits_below_one_root_only_finds_it_there(touch):
    folder = touch("a.mp3", "old/b.mp3")
    chosen = Filter(include=("old/*",))
    assert below(folder, places(folder / "old", folder, chosen=chosen)) == ["old/b.mp3"]


def test_globs_choose_by_path_or_by_name(touch):
    folder = touch("a.mp3", "old/b.mp3", "new/c.mp3", "new/d.wav")
    chosen = Filter(include=("*.mp3",), exclude=("old/*",))
    assert below(folder, places(folder, chosen=chosen)) == ["a.mp3", "new/c.mp3"]


def test_two_recordings_of_one_stem_are_named_by_their_endings(touch):
    folder = touch("a.mp3", "a.WAV", "sub/a.mp3")
    names = {place: each.names[0] for place, each in places(folder).items()}
    assert sorted(names.values()) == ["a-mp3", "a-wav", "sub/a"]


def test_a_name_of_any_bytes_is_text_and_leads_back(tmp_path):
    name = b"caf\xe9 100%.wav"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / os.fsdecode(name)).write_bytes(b"sound")
    (place,) = places(tmp_path / "in")
    place.encode("utf-8")  # text that any database takes
    assert os.fsencode(path_of(place)).rpartition(b"/")[2] == name
    assert place_of(path_of(place)) == place


def test_what_was_written_to_just_now_is_left_for_later(touch):
    folder = touch("old.mp3", "new.mp3")
    os.utime(folder / "old.mp3", (1_000, 1_000))
    settling = Settling(10.0, clock=lambda: 2_010.0)
    assert below(folder, places(folder, settles=settling.look())) == ["old.mp3"]


def test_what_another_clock_dated_is_whole_when_two_looks_find_the_same(touch):
    folder = touch("a.mp3", "b.mp3")
    for path in folder.iterdir():
        os.utime(path, (3_000, 3_000))
    settling = Settling(10.0, clock=lambda: 2_000.0)
    assert places(folder, settles=settling.look()) == {}
    os.utime(folder / "b.mp3", (3_001, 3_001))
    assert below(folder, places(folder, settles=settling.look())) == ["a.mp3"]
    assert len(places(folder, settles=settling.look())) == 2


def test_a_name_that_leads_nowhere_is_listed_so_that_it_is_told(tmp_path):
    (found,) = places(tmp_path / "nothing.wav").values()
    assert found.size == 0


def test_files_of_a_list_keep_their_folders_apart(touch, monkeypatch):
    folder = touch("a/talk.mp3", "b/talk.mp3")
    monkeypatch.chdir(folder)
    found = places("a/talk.mp3", folder / "b/talk.mp3", entered_as="-").values()
    assert sorted(each.names[0] for each in found) == ["a/talk", "b/talk"]
    assert {each.root for each in found} == {"-"}


def test_urls_are_listed_by_folder_without_artefacts_of_ours():
    box = fsspec.filesystem("memory")
    made = ("out/a.json", "out/a.wav", "out/a.pcm", "out/a.alaw.wav", "x.json", "x.wav")
    for name in ("a.mp3", "sub/b.wav", "sub/.c.wav", "far/d.mp3", *made):
        box.pipe_file(f"/listing/{name}", b"12345")
    found = places("memory://listing", out="memory://listing/far")
    assert sorted(found) == [
        "memory://listing/a.mp3",
        "memory://listing/sub/b.wav",
        "memory://listing/x.wav",
    ]
    assert found["memory://listing/sub/b.wav"].size == 5
    box.rm("/listing", recursive=True)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (b"a.wav\r\nb.wav", ["a.wav", "b.wav"]),
        (b"", []),
        (b"\xe9.wav\0", [os.fsdecode(b"\xe9.wav")]),
    ],
)
def test_lists_are_read_by_lines_or_by_nul(text, paths):
    assert read_list(text) == paths
