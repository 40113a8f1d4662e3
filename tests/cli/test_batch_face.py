"""What a batch is given and what it says: files that are named, sources, status."""

import json
import os
import stat
import threading
import xml.etree.ElementTree as ET

import pytest


@pytest.fixture
def cli(cli):
    return cli.having(VOICEPREP_JOBS="1")


@pytest.fixture
def one(record, tmp_path):
    """Lay a good recording."""
    record("a.wav", seed=1, folder=tmp_path / "in")
    return tmp_path / "in"


# Files that a person names


def test_junit_goes_into_a_pipe_and_through_a_link(cli, one, tmp_path):
    fifo, link = tmp_path / "fifo", tmp_path / "link.xml"
    os.mkfifo(fifo)
    link.symlink_to(tmp_path / "target.xml")
    seen = []
    reader = threading.Thread(target=lambda: seen.append(fifo.read_text()), daemon=True)
    reader.start()
    words = ["batch", one, "-o", tmp_path / "out", "--junit"]
    assert cli(*words, fifo).code == 0
    reader.join(10)
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert ET.fromstring(seen[0]).get("tests") == "1"
    assert cli(*words, link).code == 0
    assert link.is_symlink()
    assert ET.parse(tmp_path / "target.xml").getroot().get("tests") == "1"


@pytest.mark.parametrize("to_file", [True, False])
def test_junit_on_stdout_is_stdout_a_file_or_a_pipe(cli, one, tmp_path, to_file):
    words = ["batch", one, "-o", tmp_path / "out", "--junit", "/dev/stdout"]
    if not to_file:
        assert ET.fromstring(cli(*words).out).get("tests") == "1"
        return
    with (tmp_path / "log").open("w+b") as log:
        log.write(b"before\n")
        log.flush()
        with cli.start(*words, stdout=log) as process:
            process.communicate(timeout=60)
        there = (tmp_path / "log").read_text()
        assert os.fstat(log.fileno()).st_ino == (tmp_path / "log").stat().st_ino
    assert there.startswith("before\n")
    assert ET.fromstring(there.removeprefix("before\n")).get("tests") == "1"


def test_junit_that_names_a_folder_is_refused_before_anything_begins(
    cli, one, tmp_path
):
    done = cli("batch", one, "-o", tmp_path / "out", "--junit", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "--junit names a folder" in done.last
    assert not (tmp_path / "out").exists()


def test_a_preview_goes_through_a_link(cli, record, tmp_path):
    link = tmp_path / "heard.wav"
    link.symlink_to(tmp_path / "target.wav")
    assert cli("preview", record("a.wav"), "-o", link).code == 0
    assert link.is_symlink()
    assert (tmp_path / "target.wav").stat().st_size > 100_000


def test_a_plan_goes_through_a_link(planned, tmp_path):
    link, target = tmp_path / "Relance.plan.json", tmp_path / "kept.json"
    link.symlink_to(target)
    planned()
    assert link.is_symlink()
    assert json.loads(target.read_text())["schema"].startswith("voiceprep.")
