"""What is set, whether all is here, and the demonstration."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def test_config_shows_each_value_with_its_origin(cli):
    (cli.home / "voiceprep.toml").write_text("jobs = 3\nread_timeout_s = 7.5\n")
    env = {"VOICEPREP_TRIES": "5", "VOICEPREP_READ_TIMEOUT_S": "9"}
    done = cli("config", "show", "--origin", "--json", env=env)
    assert done.json["schema"] == "voiceprep.config/1"
    rows = {row["name"]: row for row in done.results}
    assert (rows["tries"]["value"], rows["tries"]["origin"]) == (5, "VOICEPREP_TRIES")
    assert rows["read_timeout_s"]["value"] == 9.0  # the variable is nearer
    assert rows["jobs"]["value"] == 3
    assert rows["jobs"]["origin"].endswith("voiceprep.toml")
    assert rows["deadline_s"]["origin"] == "default"


def test_config_text_says_the_origin_only_when_asked(cli):
    origin, plain = cli("config", "show", "--origin"), cli("config", "show")
    assert all(line.endswith("]") for line in origin.lines)
    assert not any(line.endswith("]") for line in plain.lines)
    assert (origin.code, plain.code) == (0, 0)


def test_config_says_what_each_is_for_where_more_is_asked(cli):
    lines = cli("config", "show", "-v").lines
    at = lines.index("    VOICEPREP_TRIES: how often a call is tried")
    assert lines[at - 1].split() == ["tries", "3"]


@pytest.mark.parametrize("command", [("config", "show"), ("doctor",)])
def test_the_secret_is_never_shown(customer, planted, command):
    run = customer("http://127.0.0.1:9/")
    for words in (command, (*command, "--json"), (*command, "-vv")):
        done = run(*words)
        assert done.code == 0
        assert planted[0] not in done.out + done.err


def test_doctor_finds_everything_that_ci_installs(cli):
    done = cli("doctor")
    assert done.code == 0, done.out
    assert all(line.startswith("fine ") for line in done.lines)
    assert done.last == "all is here. Next: voiceprep demo"


def test_doctor_says_what_lacks_and_exits_2(cli):
    done = cli("doctor", "--json", env={"VOICEPREP_CLIENT_ID": "acme"})
    assert done.code == 2
    assert done.json["schema"] == "voiceprep.doctor/1"
    assert [look["name"] for look in done.results if not look["fine"]] == ["settings"]


def test_doctor_looks_on_where_the_settings_file_is_broken(cli):
    (cli.home / "voiceprep.toml").write_text("jobs = [\n")
    done = cli("doctor")
    assert (done.code, done.last) == (2, "to mend: settings")
    assert len(done.lines) > 5


def test_what_is_to_be_typed_next_is_found_by_a_shell_without_it_on_path(cli, record):
    # After the README's two commands it lies in .venv/bin, and nothing is on PATH.
    program = Path(sys.executable).parent / "voiceprep"
    path = record(seconds=9)

    def call(command, **env):
        return subprocess.run(
            ["sh", "-c", command],
            env=cli.environ({"PATH": "/usr/bin:/bin", **env}),
            capture_output=True,
            text=True,
            check=False,
        )

    done = call(f"{program} check {path}")
    mend = done.stdout.splitlines()[1].strip().removeprefix("mend it: ")
    assert mend == f"{program} check {path} --fix duration"
    assert call(mend).returncode == 0
    found = call(f"voiceprep check {path}", PATH=f"{program.parent}:/usr/bin:/bin")
    assert "mend it: voiceprep check " in found.stdout


def test_demo_takes_every_sample_the_whole_way(cli, samples):
    done = cli("demo")
    assert done.code == 0
    head, *rows = done.lines
    assert head.split()[:3] == ["recording", "verdict", "seconds"]
    names = sorted(p.name for p in samples.iterdir() if p.suffix != ".md")
    assert [row.split()[0] for row in rows] == names
    for row in rows:
        fit = row.split()[1].startswith("fit")
        assert ("http://127.0.0.1:" in row) is fit
        assert len(row.split()) > 3  # a link, or the reason
    assert done.last.startswith("11 uploaded and verified byte for byte, 5 refused")
    assert done.last.endswith("(sandbox: nothing was sent to Digitaleo)")


def test_demo_of_a_folder_that_is_not_there_fails(cli):
    done = cli("demo", "nope")
    assert done.code == 1
    assert done.lines[1].split()[:2] == ["nope", "unreadable"]


def test_demo_keeps_nothing_and_speaks_json(cli, record, tmp_path):
    record(folder=tmp_path / "mine")
    done = cli("demo", tmp_path / "mine", "--json")
    assert json.loads(done.out)["schema"] == "voiceprep.demo/1"
    assert done.json["platform"] == "sandbox"
    assert [result["verdict"] for result in done.results] == ["fit"]
    assert [p for p in cli.home.rglob("*") if p.is_file()] == []


def test_it_runs_as_a_module_too_with_workers_of_its_own(cli, record, tmp_path):
    record(folder=tmp_path / "in")
    words = ["batch", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    module = [sys.executable, "-m", "voiceprep", *words]
    done = subprocess.run(module, env=cli.environ({}), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith(b"1 prepared; results in ")
