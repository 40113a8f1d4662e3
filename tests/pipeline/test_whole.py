"""A file that a person names: whole or not there, and what its name leads to stays."""

import errno
import os
import stat
import threading

import pytest

from voiceprep.pipeline.whole import whole, whole_bytes


def names_in(folder):
    return [each.name for each in folder.iterdir()]


def read_through(fifo):
    """Read a pipe to its end in a thread."""
    seen = []
    reader = threading.Thread(target=lambda: seen.append(fifo.read_bytes()))
    reader.start()
    return reader, seen


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader, seen = read_through(fifo)
    with whole(fifo) as file:
        file.write("é,b\r\n")
    reader.join(10)
    assert seen == ["é,b\r\n".encode()]
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert names_in(tmp_path) == ["fifo"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path, there):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "a.xml", tmp_path / "a.xml"
    if there:
        target.write_text("old")
    link.symlink_to(target)
    with whole_bytes(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names_in(tmp_path / "far") == ["a.xml"]


def test_what_goes_wrong_half_way_leaves_what_was_there(tmp_path):
    place = tmp_path / "a.csv"
    place.write_text("old")

    def write():
        with whole(place) as file:
            file.write("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="space") as told:
        write()
    assert told.value.filename == str(place)
    assert (place.read_text(), names_in(tmp_path)) == ("old", ["a.csv"])


def test_an_error_that_names_another_file_keeps_its_name(tmp_path):
    other = OSError(errno.EIO, "Input/output error", "other.csv")
    with pytest.raises(OSError, match="other") as told, whole(tmp_path / "a.csv"):
        raise other
    assert told.value.filename == "other.csv"
