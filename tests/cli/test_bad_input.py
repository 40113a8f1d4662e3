"""Done-when 8: what is no recording gets one clear line, and the others go on."""

import os
import shutil
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from material import chunk, fmt, riff

SOUND = np.arange(-4_000, 4_000, dtype="<i2").tobytes() * 12


def claims_2_gib():
    head = b"RIFF" + struct.pack("<I", 0x7FFFFFFF) + b"WAVE" + fmt()
    return head + chunk(b"data", SOUND, size=0x7FFFFFF0)


def of_nan():
    samples = np.full(100_000, np.nan, "<f4").tobytes()
    return riff(fmt(tag=3, bits=32), chunk(b"data", samples))


FILES = {  # name → (bytes, code)
    "zero-bytes.wav": (b"", "empty"),
    "text.mp3": (b"Bonjour, ceci est le texte du message.\n" * 4, "undecodable"),
    "2-gib.wav": (claims_2_gib(), "truncated"),
    "0-channels.wav": (riff(fmt(channels=0), chunk(b"data", SOUND)), "unsupported"),
    "1-hz.wav": (riff(fmt(rate=1), chunk(b"data", SOUND)), "unsupported"),
    "2-ghz.wav": (riff(fmt(rate=2_000_000_000), chunk(b"data", SOUND)), "unsupported"),
    "nan.wav": (of_nan(), "invalid_samples"),
}


@pytest.fixture
def folder(tmp_path, samples):
    for name, (content, _) in FILES.items():
        (tmp_path / name).write_bytes(content)
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "empty").mkdir()
    shutil.copy(samples / "cd.wav", tmp_path / "good.wav")
    return tmp_path


CODES = {
    **{name: code for name, (_, code) in FILES.items()},
    "absent.wav": "not_found",
    "empty": "not_found",
    "pipe.wav": "not_a_file",
    "/dev/zero": "not_a_file",
}


@pytest.mark.parametrize("name", CODES)
def test_bad_input_gets_one_line_and_exit_1(cli, folder, name):
    path = folder / name
    done = cli("check", path)
    assert (done.code, len(done.lines), len(done.err.splitlines())) == (1, 1, 1)
    verdict = done.out.removeprefix(f"{path}: ").split(": ")[0]
    assert verdict in {"refused", "unreadable"}


def test_each_has_the_code_of_the_design(cli, folder):
    done = cli("check", *(folder / name for name in CODES), "--json", "-j", 2)
    codes = [result["findings"][0]["code"] for result in done.results]
    assert dict(zip(CODES, codes, strict=True)) == CODES


def test_among_all_of_them_the_good_one_is_prepared(cli, folder, tmp_path):
    bad = [folder / name for name in CODES]
    done = cli("prepare", *bad, folder / "good.wav", "-o", tmp_path / "out", "-j", 2)
    assert done.code == 1
    assert done.lines == [str(tmp_path / "out" / "good.wav")]
    lines = done.err.splitlines()
    assert len(lines) == len(bad) + 1  # a line each, and the last
    assert done.last.startswith("1 prepared")


def test_upload_of_bad_input_is_refused_without_a_word_to_the_platform(
    customer, platform, folder
):
    done = customer(platform.base_url)("upload", folder / "nan.wav", "/dev/zero")
    assert (done.code, platform.seen) == (1, [])


def as_nobody(cli, folder, *words):
    """Check as a user whom file modes bind."""
    # The first run loads every module; root then becomes nobody.
    code = (
        "import os, sys\nfrom voiceprep.cli import main\n"
        "try: main(['check', '-q', sys.argv[2]])\nexcept SystemExit: pass\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "main(['check', '-j', '1', *sys.argv[1:]])"
    )
    home = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    return cli(*words, code=code, cwd=folder, env=home)


def test_unreadable_folder_is_said_and_the_others_go_on(cli, samples):
    with tempfile.TemporaryDirectory(prefix="voiceprep-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for inner in ("open", "locked"):
            (folder / inner).mkdir()
            shutil.copy(samples / "cd.wav", folder / inner / "a.wav")
        (folder / "locked").chmod(0)
        done = as_nobody(cli, folder, folder, folder / "open")
    remedy = "Give yourself the right to (chmod u+rx)."
    assert done.lines[1:] == [
        f"{folder}/locked: unreadable: no right to look into this folder. {remedy}",
        *[f"{folder}/open/a.wav: fit, 10.6 s"] * 2,
    ]
    assert done.code == 1


def test_unreadable_file_is_said_and_the_others_go_on(cli, samples):
    # A folder that others may enter: tmp_path is the user's alone.
    with tempfile.TemporaryDirectory(prefix="voiceprep-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copy(samples / "cd.wav", folder / "locked.wav")
        shutil.copy(samples / "cd.wav", folder / "open.wav")
        (folder / "locked.wav").chmod(0)
        (folder / "open.wav").chmod(0o644)
        words = (folder / "locked.wav", folder / "open.wav")
        done = as_nobody(cli, folder, *words)
    assert done.lines[1].startswith(f"{words[0]}: unreadable: no right to read it")
    assert done.lines[2] == f"{words[1]}: fit, 10.6 s"
    assert done.code == 1


def test_an_empty_path_is_a_variable_that_was_not_set(cli):
    done = cli("check", "", "b.wav")
    assert (done.code, done.out) == (2, "")
    assert done.last == "voiceprep: one of the paths is empty; was a variable not set?"


def test_a_url_is_to_be_fetched_first(cli):
    assert cli("check", "http://x.fr/a.mp3").out.endswith(
        "no such file. Fetch it first.\n"
    )


def test_a_folder_that_was_removed_under_our_feet_is_no_trouble(cli, samples, tmp_path):
    # The installed program does not look for modules in the current folder, as -c does.
    code = (
        "import os; from voiceprep.cli import main;"
        "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); main()"
    )
    env = {"PYTHONSAFEPATH": "1"}
    assert cli("check", samples / "cd.wav", code=code, env=env).code == 0
    done = cli(
        "prepare", samples / "cd.wav", "-o", "out", code=code, cwd=tmp_path, env=env
    )
    assert done.code == 2
    assert "nothing was written: out: no such file or directory" in done.err


def test_a_nul_in_a_library_path_is_a_result():
    import voiceprep

    assert voiceprep.check("a\0b.wav").findings[0].code == "not_found"


def test_a_full_disk_is_no_fault_of_the_recording(cli, samples, tmp_path):
    # Past 2 MiB the signal goes to a temporary file; there is room for 1 MiB.
    long = tmp_path / "long.mp3"
    long.write_bytes((samples / "clean.mp3").read_bytes() * 7)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"
    code = f"import resource; {limit}\nfrom voiceprep.cli import main; main()"
    done = cli("check", long, samples / "clean.mp3", code=code)
    assert (done.code, "file too large" in done.err) == (3, True)
    assert "unreadable" not in done.out + done.err
