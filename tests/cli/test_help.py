import re
import resource
import subprocess
import sys

import pytest

COMMANDS = [
    "check",
    "prepare",
    "preview",
    "upload",
    "verify",
    "batch",
    "report",
    "content",
    "contacts",
    "mailing",
    "campaign",
    "messages",
    "api",
    "sandbox",
    "demo",
    "doctor",
    "config",
]


INNER = [
    "batch status",
    "batch retry",
    "batch forget",
    "batch reconcile",
    "config show",
    "content list",
    "content show",
    "content delete",
    "contacts check",
    "contacts split",
    "mailing list",
    "mailing show",
    "mailing stats",
    "mailing retry-list",
    "campaign proof",
    "messages list",
    "messages watch",
    "messages listen",
]


@pytest.mark.parametrize("command", [*COMMANDS, *INNER, ""])
def test_help_opens_with_examples_and_exits_0(cli, command):
    done = cli(*command.split(), "-h")
    assert (done.code, done.err) == (0, "")
    first, example, *_ = done.lines
    assert first == "Examples:"
    assert example.startswith(f"  voiceprep {command}")


def test_long_and_short_help_are_the_same(cli):
    assert cli("--help").out == cli("-h").out


def test_help_lists_every_command(cli):
    listed = re.findall(
        r"^  ([a-z]+)  ", cli("--help").out.split("Commands:")[1], re.MULTILINE
    )
    assert listed == COMMANDS


def test_an_unknown_command_suggests_the_nearest(cli):
    done = cli("chek", "x.wav")
    assert (done.code, done.out) == (2, "")
    assert done.last == "Error: no command 'chek'. Did you mean 'check'?"


@pytest.mark.parametrize(
    "words", [["check"], ["prepare", "x.wav"], ["check", "--nope"]]
)
def test_usage_errors_exit_2_and_leave_stdout_empty(cli, words):
    done = cli(*words)
    assert (done.code, done.out) == (2, "")
    assert done.last.startswith("Error: ")


def test_version_is_the_package_s(cli):
    from importlib.metadata import version

    assert cli("--version").out == f"voiceprep {version('voiceprep')}\n"


def test_help_starts_without_numpy_or_any_heavy_library(cli):
    code = (
        "import sys\nfrom voiceprep.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'httpx2', 'sqlalchemy', 'starlette', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert cli("--help", code=code).lines[-1] == "[]"


def cpu_s(cli, code):
    """Return the least CPU of five runs, in seconds: the least is disturbed least."""

    def once():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = [sys.executable, "-c", code, "--help"]
        subprocess.run(words, env=cli.environ({}), capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(5))


def test_help_costs_less_than_100_ms_of_cpu_over_bare_python(cli):
    ours = cpu_s(cli, "from voiceprep.cli import main; main()")
    assert ours - cpu_s(cli, "pass") < 0.1
