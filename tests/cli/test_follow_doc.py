"""docs/follow.md names every command that follows calls, and every option of it."""

import re
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "follow.md").read_text()
COMMON = {  # of every command: docs/design.md, "The command line"
    *("--json", "--verbose", "--quiet", "--no-color", "--profile", "--jobs", "--lang"),
    *("--dry-run", "--help", "--csv", "--show-numbers", "--ledger", "--name", "--out"),
}
COMMANDS = [
    "messages watch",
    "messages listen",
    "mailing stats",
    "mailing retry-list",
    "campaign proof",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_and_each_option_of_its_own_is_documented(cli, command):
    assert f"$ voiceprep {command} " in DOCUMENT
    told = cli(*command.split(), "-h").out.partition("Options:")[2]
    options = set(re.findall(r"--[a-z][a-z-]+", told)) - COMMON
    documented = set(re.findall(r"--[a-z][a-z-]+", DOCUMENT))
    assert options
    assert options <= documented


def test_the_document_names_no_option_that_is_not_there(cli):
    told = "".join(cli(*command.split(), "-h").out for command in COMMANDS)
    there = set(re.findall(r"--[a-z][a-z-]+", told)) | {"--ping"}  # of mailing plan
    assert set(re.findall(r"--[a-z][a-z-]+", DOCUMENT)) <= there
