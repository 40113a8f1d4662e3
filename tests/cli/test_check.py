import json
import os
import pty
import subprocess
import sys

import pytest

FINDING = {"code", "severity", "message", "remedy", "value", "limit"}
RESULT = {"path", "verdict", "findings", "measurements", "artefacts", "content"}
# design.md, "Result of one recording"
MEASURED = {"bytes", "container", "codec", "rate", "channels", "duration_s"}
# samples/README.md
VERDICTS = {
    "24-bit.wav": "fit",
    "48k-mono.wav": "fit",
    "9.9-seconds.wav": "refused",
    "alaw-8k.wav": "fit",
    "anti-phase.mp3": "refused",
    "cd.wav": "fit",
    "clean.mp3": "fit",
    "clipped.wav": "refused",
    "float.wav": "fit",
    "one-channel.mp3": "fit_with_warnings",
    "phone-memo.opus": "refused",
    "text.mp3": "unreadable",
    "too-quiet.mp3": "fit",
    "truncated.wav": "refused",
    "vbr-no-xing.mp3": "fit",
    "vbr.mp3": "fit",
    "wav-named.mp3": "fit_with_warnings",
}


def test_each_sample_gets_the_verdict_that_its_readme_promises(cli, samples):
    done = cli("check", samples, "--json")
    got = {os.path.basename(r["path"]): r["verdict"] for r in done.results}  # noqa: PTH119
    assert got == VERDICTS
    assert done.code == 1


def test_json_has_the_fields_of_the_design_to_the_letter(cli, samples):
    done = cli("check", samples / "clean.mp3", samples / "9.9-seconds.wav", "--json")
    assert list(done.json) == ["schema", "results"]
    assert done.json["schema"] == "voiceprep.check/1"
    fit, short = done.results
    assert set(fit) == set(short) == RESULT
    assert set(fit["measurements"]) >= MEASURED
    assert (fit["findings"], fit["artefacts"], fit["content"]) == ([], None, None)
    (finding,) = short["findings"]
    assert set(finding) == FINDING
    assert (finding["code"], finding["severity"]) == ("too_short", "error")
    assert (finding["value"], finding["limit"]) == (9.9, 10.0)


@pytest.mark.parametrize("name", ["clean.mp3", "9.9-seconds.wav", "text.mp3"])
def test_exit_code_is_the_same_with_json_and_without(cli, samples, name):
    plain, as_json = (
        cli("check", samples / name),
        cli("check", samples / name, "--json"),
    )
    assert plain.code == as_json.code == (0 if name == "clean.mp3" else 1)


def test_text_is_a_line_for_a_fit_recording_and_the_next_step_on_stderr(cli, samples):
    path = samples / "clean.mp3"
    done = cli("check", path)
    assert done.lines == [f"{path}: fit, 13.3 s"]
    assert done.err == f"1 fit. Next: voiceprep upload {path}\n"


def test_next_step_is_a_command_that_a_shell_takes(cli, record):
    path = record("two words.wav", seconds=9)
    done = cli("check", path, "--fix", "duration")
    assert done.last.endswith(f"voiceprep upload '{path}' --fix duration")


def test_a_bad_recording_does_not_stop_the_others(cli, samples, tmp_path):
    names = [samples / "text.mp3", tmp_path / "absent.wav", samples / "cd.wav"]
    done = cli("check", *names, "-j", 2)
    assert [line.split(": ")[1].split(",")[0] for line in done.lines] == [
        "unreadable",
        "unreadable",
        "fit",
    ]
    assert done.code == 1
    assert done.last == "1 fit, 2 unreadable"


def test_folder_without_recordings_is_a_result_of_its_own(cli, samples, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("nothing to hear")
    done = cli("check", tmp_path / "empty", samples / "cd.wav", "--json")
    assert [r["verdict"] for r in done.results] == ["unreadable", "fit"]
    assert done.results[0]["findings"][0]["code"] == "not_found"
    assert done.code == 1


def test_dash_reads_standard_input(cli, samples):
    done = cli("check", "-", stdin=(samples / "cd.wav").read_bytes())
    assert done.lines == ["-: fit, 10.6 s"]


def test_standard_input_named_twice_is_a_usage_error(cli, samples):
    done = cli("check", "-", "-", stdin=(samples / "cd.wav").read_bytes())
    assert (done.code, done.out) == (2, "")


def test_quiet_leaves_only_data(cli, samples):
    done = cli("check", samples / "clean.mp3", "-q")
    assert (len(done.lines), done.err) == (1, "")


def test_verbose_lists_the_measurements(cli, samples):
    done = cli("check", samples / "clean.mp3", "-v")
    assert "    rate: 44100" in done.lines


def test_dry_run_and_check_write_nothing(cli, samples, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    cli("check", samples / "clean.mp3", "-n")
    cli("check", samples / "clean.mp3")
    assert sorted(tmp_path.rglob("*")) == before


def on_terminal(cli, *words, **env):
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with cli.start(*words, stdout=theirs, env={"TERM": "xterm", **env}) as process:
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 4096):
                said += chunk
        except OSError:  # Linux's end of a terminal
            pass
        process.communicate(timeout=20)
    os.close(ours)
    return said


def test_colour_is_for_terminals_and_no_color_is_obeyed(cli, samples):
    path = samples / "text.mp3"
    assert b"\x1b[31m" in on_terminal(cli, "check", path)
    for words, env in (((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})):
        assert b"\x1b" not in on_terminal(cli, "check", path, *words, **env)
    assert b"\x1b" not in on_terminal(cli, "check", path, "--no-color")
    assert "\x1b" not in cli("check", path).out


def test_unknown_repair_is_a_usage_error(cli, samples):
    done = cli("check", samples / "cd.wav", "--fix", "everything")
    assert (done.code, done.out) == (2, "")
    assert (
        "choose from size, duration, silence, dc, phase, level, format, all" in done.err
    )


def test_check_loads_no_scipy_http_database_or_server(cli, samples, tmp_path):
    code = (
        "import json, sys\nfrom voiceprep.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "from pathlib import Path\n"
        f"Path({str(tmp_path / 'loaded')!r}).write_text(json.dumps(list(sys.modules)))"
    )
    done = cli("check", *samples.glob("*.*"), code=code)
    loaded = set(json.loads((tmp_path / "loaded").read_text()))
    assert "numpy" in loaded  # the list is that of a check that worked
    assert not loaded & {
        "numpy.ma",
        "scipy",
        "httpx2",
        "sqlalchemy",
        "starlette",
        "uvicorn",
        "rich",
        "jinja2",
        "PIL",
    }
    assert "fit" in done.out


def test_names_that_stdout_cannot_spell_are_escaped(cli, samples, tmp_path):
    path = tmp_path / "日本.wav"
    path.write_bytes((samples / "cd.wav").read_bytes())
    done = cli("check", path, env={"PYTHONIOENCODING": "latin-1"})
    assert (done.code, done.out.endswith("\\u65e5\\u672c.wav: fit, 10.6 s\n")) == (
        0,
        True,
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_change_no_exit_code(cli, samples, closed):
    script = f'"$0" -c "$1" check "$2" {closed}'
    start = "from voiceprep.cli import main; main()"
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, start, str(samples / "cd.wav")],
        env=cli.environ({}),
        cwd=cli.home,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)


def test_a_pipe_that_is_too_large_is_said_as_far_as_it_was_read(cli, record):
    from material import chunk, fmt, riff

    one = record().read_bytes()[44:]
    large = riff(fmt(), chunk(b"junk", bytes(21_000_000)), chunk(b"data", one))
    said = (
        "-: refused: more than 20,000,000 bytes; the platform takes 20,000,000 at most"
    )
    assert cli("check", "-", stdin=large).lines[0].startswith(said)
    assert cli("check", "-", "--fix", "size", stdin=large).code == 0


def test_a_length_just_short_is_never_said_as_long_enough(cli, record):
    path = record(seconds=9.999_875)
    (line, _) = cli("check", path).lines
    assert line.startswith(f"{path}: refused: 9.999 s long; the platform takes 10.0 s")
    mended = cli("check", path, "--fix", "duration", "-v")
    assert mended.lines[0] == f"{path}: fit, 9.9 s"


def test_nothing_is_called_mended_of_a_recording_that_is_refused(cli, samples):
    path = samples / "clipped.wav"
    assert "info too_loud: would be mended: " in cli("check", path).out
    fit = cli("check", path, "--accept", "clipping")
    assert "info too_loud: mended: " in fit.out


def test_full_disk_under_stdout_is_said_and_exits_2(cli, samples):
    with open("/dev/full", "w") as full:  # noqa: PTH123 (a device)
        process = cli.start("check", samples / "cd.wav", stdout=full)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert err == b"voiceprep: no space left on device\n"


@pytest.mark.parametrize(("word", "code"), [("cd.wav", 0), ("gone", 1), ("--bad", 2)])
def test_full_disk_under_stderr_changes_no_exit_code(cli, samples, word, code):
    path = word if word.startswith("-") else samples / word
    with open("/dev/full", "w") as full:  # noqa: PTH123 (a device)
        process = cli.start("check", path, stderr=full)
        process.communicate(timeout=20)
    assert process.returncode == code
