"""docs/campaign.md: every command in it is run, in its order, and ends as it says."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from voiceprep.cli.main import COMMANDS

TUTORIAL = Path(__file__).parents[2] / "docs" / "campaign.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
CLIENTS = """\
nom;téléphone
Martin;06.39.98.00.11
Durand;0033639980018
Petit;06 39 98 00 01
Leroy;06 39 98 00 02
Moreau;+33 (0)6 39 98 00 11
Simon;demander au standard
"""


def commands(text):
    """Yield each command of a text's blocks, and the exit code that it says."""
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            if line.startswith("$ "):
                command, _, remark = line[2:].partition("  #")
                code = re.search(r"exit (\d+)", remark)
                yield command.strip(), int(code[1]) if code else 0


def test_no_command_stands_outside_the_blocks_that_are_run():
    told = [command.split()[1] for command, _ in commands(TUTORIAL.read_text())]
    prose = BLOCK.sub("", TUTORIAL.read_text())
    mentioned = re.findall(r"`voiceprep ([a-z]+)", prose)
    assert set(told) <= COMMANDS.keys()
    assert set(mentioned) <= {*told, "demo"}  # tests/cli/test_campaign_run.py runs it


@pytest.fixture
def here(tmp_path, tool, samples):
    """Lay out what the tutorial begins with: a phone's recording, a list."""
    source = str(samples / "clean.mp3")
    phone = ["-c:a", "aac", "-b:a", "64k", str(tmp_path / "message.m4a")]
    subprocess.run([tool("ffmpeg"), "-v", "error", "-i", source, *phone], check=True)
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    return tmp_path


def test_the_tutorial_goes_from_a_phone_recording_to_delivered_calls(
    cli, here, free_port
):
    shell = cli.having(VOICEPREP_SANDBOX_PORT=free_port, VOICEPREP_LOOKUP_GAP_S="0.1")
    said, box = {}, None
    try:
        for line, code in commands(TUTORIAL.read_text()):
            program, *words = shlex.split(line)
            assert program == "voiceprep"
            if words[-1] == "&":
                box = shell.start(*words[:-1], cwd=here)
                assert box.stdout.readline().startswith(b'{"base_url"')
                continue
            done = shell(*words, cwd=here, timeout=120)
            assert done.code == code, (line, done.code, done.err)
            said.setdefault(line, []).append(done)
    finally:
        if box is not None:
            box.terminate()
            box.communicate(timeout=20)
    again = said["voiceprep mailing send relance.plan.json"][0]
    assert again.last.startswith("nothing to do")
    _, second = said[next(line for line in said if "campaign run" in line)]
    assert second.last.startswith("nothing to do")
    assert (here / "relance.preview.wav").read_bytes()[:4] == b"RIFF"
    stop = next(done[0] for line, done in said.items() if "mailing stop" in line)
    assert "4 calls stopped, 0 had been called" in stop.last
