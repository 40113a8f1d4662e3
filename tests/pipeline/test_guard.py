"""A decoder that hangs is ended, also where one recording is checked in place."""

import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from material import hanging, talk

import voiceprep
from voiceprep.errors import UndecodableError
from voiceprep.pipeline import guard
from voiceprep.pipeline.recording import check_with, examined
from voiceprep.pipeline.treatment import Treatment

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def bad(tmp_path, monkeypatch):
    """Lay a recording that hangs libsndfile; be impatient with it."""
    monkeypatch.setattr(guard, "_LEAST_CPU_S", 1.5)
    path = tmp_path / "bad.wav"
    path.write_bytes(hanging())
    return path


def test_the_material_hangs_libsndfile(bad):
    """The premise: without it, the tests below would prove nothing."""
    code = f"import soundfile; soundfile.info({str(bad)!r})"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(3)
        finally:
            process.kill()


def test_it_has_148_bytes():
    assert len(hanging()) == 148


def read_naively(path):
    """Let libsndfile find its way through a file by itself."""
    import soundfile

    return soundfile.info(str(path)).frames


def test_a_decoder_that_hangs_is_ended_and_told(bad):
    with pytest.raises(
        UndecodableError, match=r"decoder ran for over 1\.\d+ s"
    ) as told:
        guard.guarded(read_naively, bad)
    assert told.value.code == "decoder_failed"


def test_it_is_a_finding_of_its_own_recording(bad):
    result = examined(read_naively, bad)
    assert (result.verdict, result.path) == ("unreadable", str(bad))
    assert [finding.code for finding in result.findings] == ["decoder_failed"]


def test_check_leaves_no_way_to_libsndfile_s_hang(bad):
    """It is given the samples behind a head of our own, and never sees the LIST."""
    codes = {finding.code for finding in check_with(bad, Treatment()).findings}
    assert codes == {"too_short", "silent"}


def test_the_next_recording_of_its_kind_is_judged(bad, tmp_path):
    flac = tmp_path / "good.flac"
    talk(tmp_path / "good.wav")
    import soundfile

    soundfile.write(flac, *soundfile.read(tmp_path / "good.wav"))
    examined(read_naively, bad)
    found = voiceprep.check(flac, fixes=["format"])
    assert found.verdict == "fit"
    assert found == check_with(flac, Treatment(fixes=frozenset({"format"})))


def pid(_recording):
    return os.getpid()


def test_what_we_walk_ourselves_is_examined_in_this_process(tmp_path):
    own = [SAMPLES / "clean.mp3", talk(tmp_path / "talk.wav"), tmp_path / "nothing.wav"]
    assert {guard.guarded(pid, path) for path in own} == {os.getpid()}
    assert guard.guarded(pid, io.BytesIO(hanging())) == os.getpid()


def test_what_others_walk_shares_a_process_while_calls_follow_each_other(bad):
    pids = {guard.guarded(pid, bad) for _ in range(3)}
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_calls_at_a_time_have_a_process_each(bad):
    with ThreadPoolExecutor(2) as pool:
        pids = {*pool.map(partial(guard.guarded, slow_pid), [bad, bad])}
    assert len(pids) == 2


def slow_pid(_recording):
    time.sleep(1)
    return os.getpid()


def test_an_error_of_the_disk_stays_an_error(bad, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="Not a directory"):
        examined(os.listdir, tmp_path / "file")
    with pytest.raises(OSError, match="Not a directory"):
        guard.guarded(os.listdir, bad)
