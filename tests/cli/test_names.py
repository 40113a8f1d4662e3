"""Names of any length and any sign: said on one line, written where they fit."""

import subprocess

import pytest

HOSTILE = "a\x1b[31m\n\u202egpj\x9b\u2028.wav"
SHOWN = r"a\x1b[31m\n\u202egpj\x9b\u2028.wav"
ENDINGS = (".wav", ".pcm", ".alaw.wav", ".json")


def test_a_long_name_is_shortened_and_said(cli, record, tmp_path):
    path = record("a" * 250 + ".wav")
    done = cli("prepare", path, record(seed=2), "-o", tmp_path / "out")
    assert done.code == 0
    made, other = done.lines
    assert other == str(tmp_path / "out" / "talk.wav")
    stem = made.removeprefix(f"{tmp_path}/out/").removesuffix(".wav")
    assert done.err.startswith(f"{path}: too long a name; its artefacts are {stem}.*\n")
    there = {p.name for p in (tmp_path / "out").iterdir()}
    assert there == {name + end for name in (stem, "talk") for end in ENDINGS}


def test_a_long_name_is_uploaded(account, record):
    path = record("b" * 250 + ".wav", seed=71)
    done = account("upload", path)
    assert (done.code, len(done.lines)) == (0, 1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (9, ("check",)),
        (11, ("check", "-v")),
        (11, ("prepare", "-o", "out")),
        (11, ("prepare", "-o", "file")),
        (9, ("upload",)),
        (11, ("verify",)),
        (11, ("report", "-o", HOSTILE)),
        (11, ("preview", "-o", HOSTILE)),
    ],
)
def test_no_name_reaches_the_terminal_as_it_is(account, record, words, seconds):
    (account.home / "file").write_text("no folder")
    command, *options = words
    done = account(command, record(HOSTILE, seconds, seed=72), *options)
    lines = done.out + done.err
    assert all(sign.isprintable() or sign in "\n\t" for sign in lines)
    assert SHOWN in lines


def test_a_usage_error_shows_no_name_as_it_is_either(cli):
    done = cli("check", f"--{HOSTILE}")
    assert done.code == 2
    assert all(sign.isprintable() or sign == "\n" for sign in done.err)


def test_json_keeps_the_name(cli, record):
    path = record(HOSTILE)
    assert cli("check", path, "--json").results[0]["path"] == str(path)


def test_the_command_that_mends_it_can_be_pasted(cli, record):
    path = record(HOSTILE.replace("\x9b", "'\\"), seconds=9)
    done = cli("check", path)
    command = done.lines[-1].removeprefix("    mend it: voiceprep check ")
    script = f"printf %s {command}"
    said = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert said.stdout.decode() == f"{path}--fixduration"


def test_a_name_with_ordinary_marks_is_left_alone(cli, record):
    path = record("Capture d’écran à 10.42 👨‍👩‍👧.wav")
    assert cli("check", path).lines == [f"{path}: fit, 11.0 s"]
