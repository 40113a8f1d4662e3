"""What a killed batch leaves in OUT is swept by the next one, and nothing else is."""

import os
import subprocess
import sys
import time

import pytest

HOLD = (
    "import sys; from voiceprep.ledger import Ledger\n"
    "with Ledger(sys.argv[1]) as ledger, ledger.run():\n"
    "    print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def part(tmp_path):
    """Leave an unfinished file as `artefact` names them, written some time ago."""

    def leave(number, age_s=60.0, folder="out"):
        path = tmp_path / folder / f".voiceprep-{number:016x}.part"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        then = time.time() - age_s
        os.utime(path, (then, then))
        return path

    return leave


def test_what_a_killed_run_left_is_swept_by_the_next(record, run, part, tmp_path):
    record(1)
    run()
    ledger = f"sqlite:///{tmp_path / 'out' / '.voiceprep' / 'ledger.sqlite3'}"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, ledger],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as killed:
        assert killed.stdout.readline() == b"held\n"
        killed.kill()
    left = [part(1), part(2, folder="out/below")]
    others = [part(3, age_s=-3_600.0), part(4, folder="in")]
    others.append(left[0].with_name("mine.part"))
    others[-1].write_bytes(b"of somebody")
    run()
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)


def test_where_every_run_has_ended_out_is_not_looked_through(record, run, part):
    record(1)
    run()
    left = part(1)
    run()
    assert left.exists()
