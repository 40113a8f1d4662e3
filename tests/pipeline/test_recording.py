"""The library's way to a result: what it takes, what it leaves."""

import io
import json
import os
from pathlib import Path

import pytest

from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.pipeline.recording import (
    check,
    check_as_is,
    prepare,
    preview,
    stopped_by,
)

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("fixes", ["duration", "all", ["duration"], {"size,duration"}])
def test_repairs_are_taken_as_one_word_or_as_several(fixes):
    result = check(SAMPLES / "9.9-seconds.wav", fixes=fixes)
    assert result.verdict.is_fit
    assert [finding.code for finding in result.findings] == ["too_short"]


def test_codes_to_accept_are_taken_as_one_word_too():
    refused = check(SAMPLES / "clipped.wav")
    assert [finding.code for finding in refused.errors] == ["clipping"]
    assert check(SAMPLES / "clipped.wav", accept="clipping").verdict.is_fit


@pytest.mark.parametrize("word", ["durations", "too_short"])
def test_an_unknown_word_is_a_usage_error(word):
    with pytest.raises(SettingsError, match=word):
        check(SAMPLES / "clean.mp3", fixes=word)


def test_a_stream_is_prepared_as_the_file_is(tmp_path):
    of_file = prepare(SAMPLES / "clean.mp3", tmp_path / "file").artefacts
    with (SAMPLES / "clean.mp3").open("rb") as file:
        result = prepare(file, tmp_path / "stream")
    assert (result.path, result.artefacts.prepared.name) == ("-", "stdin.wav")
    assert result.artefacts.alaw.read_bytes() == of_file.alaw.read_bytes()


def test_the_result_beside_the_artefacts_names_the_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(SAMPLES)
    result = prepare("clean.mp3", tmp_path)
    told = json.loads(result.artefacts.result.read_text())
    assert (told["path"], told["source"]) == ("clean.mp3", str(SAMPLES / "clean.mp3"))
    assert told == {
        "schema": "voiceprep.prepare/1",
        "source": told["source"],
        **result.as_json(),
    }


def test_the_recording_is_never_replaced_by_its_artefact(tmp_path):
    source = tmp_path / "talk.wav"
    source.write_bytes((SAMPLES / "cd.wav").read_bytes())
    assert prepare(source, tmp_path).artefacts.prepared.name == "talk-wav.wav"
    with pytest.raises(SettingsError, match="would replace it"):
        prepare(source, tmp_path, name="talk")


def test_a_refused_recording_leaves_no_folder(tmp_path):
    result = prepare(SAMPLES / "9.9-seconds.wav", tmp_path / "out")
    assert (result.artefacts, result.outgoing) == (None, None)
    assert not (tmp_path / "out").exists()


def test_a_preview_is_written_of_a_refused_recording_as_well():
    result = preview(SAMPLES / "9.9-seconds.wav", heard := io.BytesIO())
    assert not result.verdict.is_fit
    assert len(heard.getvalue()) == 44 + 2 * result.measurements.samples


def test_what_goes_out_as_it_is_is_the_source_itself():
    result = check_as_is(SAMPLES / "clean.mp3")
    assert result.outgoing == SAMPLES / "clean.mp3"
    assert check_as_is(SAMPLES / "9.9-seconds.wav").outgoing is None


def test_what_can_not_be_opened_is_a_result_with_the_path_as_it_was_named():
    error = UndecodableError("no right to look into it", code="not_permitted")
    result = stopped_by("in/locked", error)
    assert result.as_json()["verdict"] == "unreadable"
    assert result.as_json()["findings"][0]["code"] == "not_permitted"
    assert check(os.fspath("nowhere/at all.mp3")).findings[0].code == "not_found"
