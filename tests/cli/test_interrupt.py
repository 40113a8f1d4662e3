import signal
import subprocess
import sys

CREATE = "POST /content/rest/contents"


def test_ctrl_c_ends_with_130_and_one_word(customer, platform, record, end):
    platform.says[CREATE] = (200, None, {})  # it never answers
    run = customer(platform.base_url)
    with run.start("upload", record()) as process:
        assert platform.asked.wait(20)
        assert end(process, signal.SIGINT) == 130
        assert process.stdout.read() == b""
        # The terminal shows ^C: click ends that line first.
        assert process.stderr.read().strip() == b"interrupted"
    assert list((run.home / "tmp").iterdir()) == []  # no artefact is left


def test_ctrl_c_in_the_middle_of_a_creation_says_what_to_look_up(
    customer, platform, end
):
    platform.says["POST /rest/mailings"] = (200, None, {})  # it never answers
    run = customer(platform.base_url)
    with run.start("api", "POST", "mailings", "name=x") as process:
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
