"""What the machine refuses: a full disk, a locked folder, no descriptor left.

The exit code says so, nothing half is left, and a second run finishes the work.
"""

import json
import subprocess
import sys

import pytest
from material import talk

RECORDINGS = 12
START = "from voiceprep.cli import main; main()"
# In a name space of mounts that ends with it: OUT is full at 1 MB, and then is not.
FULL = f"""
import json, os, subprocess, sys
out, *words = sys.argv[1:]
batch = [sys.executable, "-c", {START!r}, "batch", *words, "-o", out]
def run():
    done = subprocess.run(batch, capture_output=True, text=True)
    files = {{}}
    for folder, _, names in os.walk(out):
        for name in names:
            if ".voiceprep" not in folder:
                files[name] = open(os.path.join(folder, name), "rb").read().hex()
    return done.returncode, done.stderr, files
os.mkdir(out)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", out], check=True)
full = run()
subprocess.run(["mount", "-o", "remount,size=64m", out], check=True)
print(json.dumps([full, run()]))
"""
# As `FULL`, for a folder that may not be written to, and for few descriptors.
LOCKED = f"""
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, "-c", {START!r}, *sys.argv[1:]])
"""
FEW = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
os.execv(sys.executable, [sys.executable, "-c", {START!r}, *sys.argv[1:]])
"""
ALONE = ["unshare", "--map-root-user", "--mount"]


@pytest.fixture
def folder(tmp_path):
    for number in range(RECORDINGS):
        talk(tmp_path / "in" / f"{number:02}.wav", 11.0, number)
    return tmp_path / "in"


@pytest.fixture
def whole(cli, folder, tmp_path):
    """Return the artefacts as they ought to be, by name."""
    out = tmp_path / "reference"
    assert cli("batch", folder, "-o", out).code == 0
    return artefacts_in(out)


def artefacts_in(out):
    """Read what is there, the leftovers of unfinished work too."""
    return {
        path.name: path.read_bytes().hex()
        for path in out.iterdir()
        if path.is_file() and not path.name.startswith("results.")
    }


def nothing_half(there, whole):
    """Say whether all that is there is whole: results name their own OUT."""
    audio = {name: data for name, data in there.items() if not name.endswith(".json")}
    return audio.items() <= whole.items() and all(
        json.loads(bytes.fromhex(data))["schema"]
        for name, data in there.items()
        if name.endswith(".json")
    )


def has_mounts():
    return not subprocess.run(
        [*ALONE, "true"], capture_output=True, check=False
    ).returncode


@pytest.mark.skipif(not has_mounts(), reason="no right to a name space of mounts")
def test_a_full_disk_leaves_nothing_half_and_a_second_run_finishes(
    cli, folder, whole, tmp_path
):
    command = [*ALONE, sys.executable, "-c", FULL, tmp_path / "out", folder]
    told = subprocess.run(command, env=cli.environ({}), capture_output=True, check=True)
    full, then = json.loads(told.stdout)
    code, said, files = full
    # 3: some are done; 2: the ledger itself could not be written in that moment.
    assert code in {2, 3}
    assert "Traceback" not in said
    assert {2: "disk is full", 3: "run the same command again"}[
        code
    ] in said.splitlines()[-1]
    assert "out: no space left on device" in said
    kept = {name: data for name, data in files.items() if "results." not in name}
    assert nothing_half(kept, whole)
    assert 0 < len(kept) < len(whole)
    code, said, files = then
    assert code == 0
    assert said.splitlines()[-1].startswith(f"{RECORDINGS} prepared (")
    assert nothing_half(files, {**whole, "results.csv": files["results.csv"]})
    assert len(files) == len(whole) + 2


def test_a_locked_folder_is_one_sentence_and_a_second_run_finishes(
    cli, folder, whole, tmp_path
):
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o500)
    done = cli("batch", folder, "-o", out, code=LOCKED)
    out.chmod(0o700)
    assert done.code == 2
    assert done.err.splitlines() == [done.last]
    assert "permission denied" in done.last
    assert list(out.iterdir()) == []
    assert cli("batch", folder, "-o", out).code == 0
    assert artefacts_in(out).keys() == whole.keys()


def test_a_folder_that_is_locked_after_a_first_run_is_one_sentence_too(
    cli, folder, tmp_path
):
    out = tmp_path / "out"
    assert cli("batch", folder, "-o", out).code == 0
    before = artefacts_in(out)
    talk(folder / "00.wav", 12.0, 99)
    for path in (out, out / ".voiceprep"):
        path.chmod(0o500)
    done = cli("batch", folder, "-o", out, code=LOCKED)
    for path in (out, out / ".voiceprep"):
        path.chmod(0o700)
    assert done.code == 2
    assert "ledger" in done.last
    assert artefacts_in(out) == before
    assert cli("batch", folder, "-o", out).last.startswith("12 prepared (11 unchanged)")


def test_without_a_descriptor_left_nothing_is_half_and_a_second_run_finishes(
    cli, folder, whole, tmp_path
):
    out = tmp_path / "out"
    done = cli("batch", folder, "-o", out, "-j", "2", code=FEW)
    assert done.code in {2, 3}
    assert "too many open files" in done.err
    assert nothing_half(artefacts_in(out), whole)
    assert cli("batch", folder, "-o", out).code == 0
    assert artefacts_in(out).keys() == whole.keys()
