"""Whole sets of artefacts or none, whatever the disk says."""

import resource
import signal
import subprocess
import sys

import numpy as np
import pytest

from voiceprep.audio.artefact import Artefacts, Draft, wav_head
from voiceprep.audio.g711 import alaw_decode
from voiceprep.audio.unfinished import workspace


def publish(folder, code=0xD5, name="talk"):
    codes = np.full(80_000, code, np.uint8)
    with Draft.open(Artefacts.named(folder, name)) as draft:
        draft.write([(codes, alaw_decode(codes))], len(codes))
        return draft.publish(f"{code}\n")


def bytes_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_what_is_published_replaces_all_four(tmp_path):
    publish(tmp_path)
    publish(tmp_path, 0x2A)
    made = bytes_of(tmp_path)
    ends = (".wav", ".pcm", ".alaw.wav", ".json")
    assert sorted(made) == sorted(f"talk{end}" for end in ends)
    assert made["talk.pcm"] == b"\x2a" * 80_000
    assert made["talk.json"] == b"42\n"


@pytest.mark.parametrize("lacking", [".pcm", ".alaw.wav"])
def test_where_one_name_cannot_be_had_all_former_files_come_back(tmp_path, lacking):
    publish(tmp_path)
    (tmp_path / f"talk{lacking}").unlink()
    before = bytes_of(tmp_path)
    (tmp_path / f"talk{lacking}").mkdir()  # a file can't get its name
    with pytest.raises(OSError, match="Is a directory") as caught:
        publish(tmp_path, 0x2A)
    assert caught.value.filename == str(tmp_path)  # not a temporary name
    assert bytes_of(tmp_path) == before


def test_where_nothing_stood_before_nothing_is_left(tmp_path):
    (tmp_path / "talk.alaw.wav").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        publish(tmp_path)
    assert bytes_of(tmp_path) == {}


def test_a_name_of_250_characters_leaves_nothing_half(tmp_path):
    # .json and .wav would fit the 255 bytes of a name, .alaw.wav does not
    with pytest.raises(OSError, match="File name too long"):
        publish(tmp_path, name="a" * 250)
    assert bytes_of(tmp_path) == {}


def test_a_full_disk_leaves_nothing_and_names_the_folder(tmp_path):
    def small_disk():  # no file over 100 kB: as a full disk, at a known place
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    code = (
        "import sys, voiceprep\n"
        "try: voiceprep.prepare('samples/clean.mp3', sys.argv[1])\n"
        "except OSError as error: print(error.filename)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        preexec_fn=small_disk,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_goes_with_what_is_in_it():
    with workspace() as folder:
        publish(folder)
        assert len(bytes_of(folder)) == 4
    assert not folder.exists()


ENDS = """
import sys, threading
from pathlib import Path
from voiceprep.audio.artefact import Artefacts, Draft
from voiceprep.audio.unfinished import drop_all, workspace

out, held = Path(sys.argv[1]), threading.Event()
ended = []

def begin(name):
    with workspace() as folder, Draft.open(Artefacts.named(out, name)) as draft:
        (folder / "inner").mkdir()
        print(folder, flush=True)
        held.set()
        wait.wait()
        draft.publish("{}")

def work():
    try: begin("a")
    except SystemExit as error: ended.append(str(error))

wait = threading.Event()
thread = threading.Thread(target=work)
thread.start()
held.wait()
drop_all()
print(sorted(p.name for p in out.iterdir()), flush=True)
wait.set()
thread.join()
print(ended)
"""


def test_a_process_that_ends_takes_what_its_threads_have_begun_with_it(tmp_path):
    command = [sys.executable, "-c", ENDS, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    folder, left, ended = done.stdout.splitlines()
    assert (left, ended) == ("[]", "['this process is ending']")
    assert not (tmp_path / folder).exists()
    assert list(tmp_path.iterdir()) == []


def test_the_head_says_the_length_before_the_first_sample():
    assert wav_head(80_000)[40:44] == (160_000).to_bytes(4, "little")
