import os
import signal
import subprocess
import sys

import pytest

SAID = b"interrupted; what was done stays, nothing half done is left"
CREATE = "POST /content/rest/contents"


def test_ctrl_c_ends_with_130_and_one_word(customer, platform, record, end):
    platform.says[CREATE] = (200, None, {})  # it never answers
    run = customer(platform.base_url)
    with run.start("upload", record()) as process:
        assert platform.asked.wait(20)
        assert end(process, signal.SIGINT) == 130
        assert process.stdout.read() == b""
        # The terminal shows ^C: click ends that line first.
        assert process.stderr.read().strip() == SAID
    assert list((run.home / "tmp").iterdir()) == []  # no artefact is left


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_else_asks_for_an_end_leaves_nothing_either(
    customer, platform, record, end, number
):
    platform.says[CREATE] = (200, None, {})  # it never answers
    run = customer(platform.base_url)
    with run.start("upload", record()) as process:
        assert platform.asked.wait(20)
        assert end(process, number) == 130
        assert process.stderr.read().strip() == SAID
    assert list((run.home / "tmp").iterdir()) == []


def test_ctrl_c_waits_for_no_thread_that_waits_for_the_platform(
    customer, platform, record, end
):
    platform.says[CREATE] = (200, None, {})  # read_timeout_s is a minute
    run = customer(platform.base_url)
    paths = [record(f"{n}.wav", seed=n) for n in range(3)]
    with run.start("upload", *paths, "-j", "2") as process:
        assert platform.asked.wait(20)
        assert end(process, signal.SIGINT) == 130
        assert process.stderr.read().strip() == SAID
    assert list((run.home / "tmp").iterdir()) == []


def test_ctrl_c_waits_for_no_thread_that_waits_for_a_pipe(cli, record, end, tmp_path):
    out, reader = tmp_path / "out", os.pipe()  # whose writer never says a word
    paths = [record(f"{n}.wav", seed=n) for n in range(4)]
    words = ("prepare", "-j", "2", "-o", out, *paths, "-")
    with cli.start(*words, stdin=reader[0]) as process:
        for path in paths:
            assert process.stdout.readline() == os.fsencode(out / path.name) + b"\n"
        assert end(process, signal.SIGINT) == 130
        said = process.stderr.read()
    for handle in reader:
        os.close(handle)
    assert said.strip() == SAID
    assert len(list(out.iterdir())) == 4 * len(paths)


def test_ctrl_c_leaves_whole_sets_of_artefacts_only(cli, record, end, tmp_path):
    out = tmp_path / "out"
    record("0.wav", folder=tmp_path / "in")
    for n in range(1, 200):
        (tmp_path / "in" / f"{n}.wav").hardlink_to(tmp_path / "in" / "0.wav")
    with cli.start("prepare", tmp_path / "in", "-o", out, "-j", 4) as process:
        process.stdout.readline()
        assert end(process, signal.SIGINT) == 130
    names = {path.name for path in out.iterdir()}
    stems = {name.partition(".")[0] for name in names}
    assert 0 < len(stems) < 200
    ends = (".wav", ".pcm", ".alaw.wav", ".json")
    assert names == {stem + each for stem in stems for each in ends}


def test_ctrl_c_ends_a_foreign_decoder_with_all_that_is_its_own(
    cli, end, samples, tmp_path
):
    # What a library walks by itself is decoded in a process with a folder of its own.
    paths = [tmp_path / f"{n}.opus" for n in range(4)]
    for path in paths:
        path.write_bytes((samples / "phone-memo.opus").read_bytes())
    words = ("check", "--fix", "format", "-j", "2", *paths, "-")
    reader = os.pipe()
    with cli.start(*words, stdin=reader[0]) as process:
        for _ in paths:
            process.stdout.readline()
        assert any((cli.home / "tmp").iterdir())
        assert end(process, signal.SIGINT) == 130
        assert process.stderr.read().strip() == SAID
    for handle in reader:
        os.close(handle)
    assert list((cli.home / "tmp").iterdir()) == []


def test_ctrl_c_does_not_wait_for_the_embedded_sandbox(cli, record, end, free_port):
    own = cli.having(VOICEPREP_SANDBOX_PORT=free_port)
    paths = [record(f"{n}.wav", seed=n) for n in range(40)]
    with own.start("upload", *paths, "-j", "2") as process:
        process.stdout.readline()
        assert end(process, signal.SIGINT) == 130
        said = process.stderr.read()
    assert b"Traceback" not in said
    assert said.splitlines()[-1] == SAID
    assert list((own.home / "tmp").iterdir()) == []


def test_ctrl_c_in_the_middle_of_a_creation_says_what_to_look_up(
    customer, platform, end
):
    platform.says["POST /rest/mailings"] = (200, None, {})  # it never answers
    run = customer(platform.base_url)
    with run.start("api", "POST", "mailings", "name=x", "--yes") as process:
        assert platform.asked.wait(20)
        assert end(process, signal.SIGINT) == 130
        said = process.stderr.read().decode()
    assert "interrupted; it may have happened: look it up before" in said


def test_a_reader_that_has_seen_enough_is_no_error(cli, samples):
    script = f'"$0" -c "$1" check {samples} -j 1 | head -1'
    start = "from voiceprep.cli import main; main()"
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, start],
        env=cli.environ({}),
        cwd=cli.home,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.stdout.count(b"\n") == 1
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
    assert b"Errno" not in done.stderr
