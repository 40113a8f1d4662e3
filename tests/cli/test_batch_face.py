"""What a batch is given and what it says: files that are named, sources, status."""

import csv
import json
import os
import signal
import socket
import sqlite3
import stat
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from material import talk

# As root, without the right to write where no right is given.
BOUND = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, "-c",
    "from voiceprep.cli import main; main()", *sys.argv[1:]])
"""


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("place", ["events", "stdout"])
def test_a_full_disk_is_told_with_the_name_of_what_could_not_be_written(
    cli, one, tmp_path, place
):
    full = tmp_path / "log"
    full.symlink_to("/dev/full")  # `--events` opens it and appends, nothing more
    words = ["batch", one, "-o", tmp_path / "out"]
    if place == "events":
        done = cli(*words, "--events", full)
        said = f"voiceprep: {full}: no space left on device; make room there"
        assert (done.code, done.last) == (2, said)
        return
    with full.open("wb") as stdout, cli.start(*words, "--json", stdout=stdout) as run:
        _, err = run.communicate(timeout=60)
    assert run.returncode == 2
    assert b"voiceprep: stdout: no space left on device" in err


# Sources


def test_several_files_and_folders_are_taken(cli, one, record, tmp_path):
    record("b.wav", seed=2, folder=tmp_path / "more")
    record("c.wav", seed=3, folder=tmp_path / "other")
    words = ["batch", "in/a.wav", "more/b.wav", "other", "-o", "out"]
    done = cli(*words, cwd=tmp_path)
    assert (done.code, done.last.split(";")[0]) == (0, "3 prepared")
    assert "(3 unchanged)" in cli(*words, cwd=tmp_path).last
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        sources = sorted(row["source"] for row in csv.DictReader(file))
    assert sources == ["in/a.wav", "more/b.wav", "other/c.wav"]


@pytest.mark.parametrize("more", [[], ["--watch", "1"], ["-n"]])
def test_a_source_that_is_not_there_is_a_usage_error_and_nothing_begins(
    cli, one, tmp_path, more
):
    gone = tmp_path / "not mounted"
    done = cli("batch", one, gone, "-o", tmp_path / "out", *more)
    assert (done.code, done.out) == (2, "")
    assert done.last == f"Error: '{gone}': no such file or folder"
    assert not (tmp_path / "out").exists()
    french = cli("batch", gone, "-o", tmp_path / "out", "--lang", "fr").last
    assert french.endswith("ce fichier ou ce dossier n’existe pas")


@pytest.fixture
def nobody():
    """Name a port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_a_url_that_nobody_answers_is_told_in_the_networks_words(
    cli, one, tmp_path, nobody, scheme
):
    url = f"http://127.0.0.1:{nobody}/a.wav" if scheme == "http" else "s3://in/a.wav"
    env = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{nobody}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_MAX_ATTEMPTS": "1",
    }
    done = cli("batch", url, one, "-o", tmp_path / "out", env=env)
    assert done.code == 5, done.err
    assert f"{url}: can't be reached: " in done.err
    assert "onnect" in done.err
    assert "no such file" not in done.err


def test_a_ledgers_server_that_is_away_is_for_later(cli, one, tmp_path, nobody):
    pytest.importorskip("psycopg")
    ledger = f"postgresql+psycopg://u:p@127.0.0.1:{nobody}/ledger"
    done = cli("batch", one, "-o", tmp_path / "out", "--ledger", ledger)
    assert done.code == 5, done.err
    assert "refused" in done.last


def test_a_list_on_standard_input_stands_alone(cli, one, tmp_path):
    done = cli("batch", "-", one, "-o", tmp_path / "out", stdin=b"")
    assert (done.code, done.last.partition(": ")[2]) == (
        2,
        "- is a list on standard input; it stands alone",
    )


def test_globs_that_choose_nothing_are_what_to_look_at(cli, one, tmp_path):
    done = cli("batch", one, "-o", tmp_path / "out", "--include", "*.xyz")
    assert done.code == 1
    assert "look at --include and --exclude" in done.last


def test_after_an_interrupt_nothing_is_to_mend(cli, tmp_path):
    for number in range(40):
        talk(tmp_path / "in" / f"{number:02}.wav", 12.0, number)
    words = ["batch", tmp_path / "in", "-o", tmp_path / "out", "-v"]
    with cli.start(*words) as process:
        for line in process.stderr:
            if b": fit" in line:
                process.send_signal(signal.SIGINT)
                break
        err = process.stderr.read().decode()
        process.wait(60)
    assert process.returncode == 130, err
    assert err.splitlines()[-1].endswith(
        "Next: run the same command again: it goes on where this ended"
    )


# Status


def test_status_says_on_stdout_which_run_is_at_work(cli, one, tmp_path):
    out = tmp_path / "out"
    with cli.start("batch", one, "-o", out, "--watch", "0.2") as process:
        until = time.monotonic() + 40
        while not (out / "results.csv").exists() and time.monotonic() < until:
            time.sleep(0.1)
        done = cli("batch", "status", out)
        running = cli("batch", "status", out, "--json").json["running"]
        process.kill()
        process.communicate()
    assert done.err == ""
    assert (
        f"1 prepared; at work: process {process.pid} on {socket.gethostname()}, "
        in (done.out)
    )
    assert running is True
    after = cli("batch", "status", out, "-q")
    assert after.out == "1 prepared; no run is at work\n"
    assert cli("batch", "status", out, "--json").json["running"] is False


def test_status_says_why_an_upload_is_unknown_and_nothing_of_the_sound(
    account, one, tmp_path
):
    out = tmp_path / "out"
    account("batch", one, "-o", out, "--upload")
    with sqlite3.connect(out / ".voiceprep" / "ledger.sqlite3") as db:
        db.execute("UPDATE uploads SET state='sending', reason=NULL")
    db.close()
    line = account("batch", "status", out).lines[0]
    assert line.endswith(
        "a.wav: unknown: it was being sent, and no answer is known; a run looks for it "
        "first"
    )


def test_status_and_a_dry_run_need_not_write(cli, one, tmp_path):
    out = tmp_path / "out"
    cli("batch", one, "-o", out)
    for path in (out, out / ".voiceprep", *(out / ".voiceprep").iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        status = cli("batch", "status", out, code=BOUND)
        plan = cli("batch", one, "-o", out, "-n", code=BOUND)
    finally:
        for path in (out, out / ".voiceprep"):
            path.chmod(0o755)
    assert (status.code, status.out) == (0, "1 prepared; no run is at work\n")
    assert (plan.code, plan.lines[0].split("\t")[1]) == (0, "unchanged")


def test_a_batch_that_uploads_nothing_loads_neither_http_nor_numpy(cli, one, tmp_path):
    code = (
        "import sys\nfrom voiceprep.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'httpx2', 'http.client', 'numpy', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = cli("batch", one, "-o", tmp_path / "out", code=code)
    assert done.lines[-1] == "['sqlalchemy']"
