"""Every command of the command line is documented."""

import re
import sys
from importlib import import_module
from pathlib import Path

import click

from voiceprep.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]


def commands(words, command):
    """Yield every command that can be called, by its words."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield words
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from commands(f"{words} {name}", each)


def every():
    for name, (module, _) in COMMANDS.items():
        yield from commands(f"voiceprep {name}", import_module(module).command)


def test_every_command_has_its_place_in_the_reference_and_no_other_has():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (voiceprep .+)$", page, re.MULTILINE) == list(every())


def test_every_command_is_said_what_it_does():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for words, said in re.findall(r"^## (.+)\n\n`.+`\n\n(.+)", page, re.MULTILINE):
        assert len(said) > 10, words
        assert said[0].isupper(), words


def test_whoever_writes_the_reference_writes_this_one(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    reference = import_module("command_reference")
    assert [words for words, _ in reference.commands()] == list(every())
    sys.modules.pop("command_reference")
