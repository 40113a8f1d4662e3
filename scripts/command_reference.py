"""Write docs/commands.md from the commands themselves.

    scripts/command_reference.py          write it
    scripts/command_reference.py --check  say whether it is as it would be written

tests/cli/test_documented.py proves that no command lacks there.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceprep.cli.common import common_options
from voiceprep.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """\
# Commands

Written by `scripts/command_reference.py` from the commands themselves; `-h` says the
same, and opens with examples. These options stand on every command, and are left out
below:

"""


@click.command()
@common_options
def bare(**_: object) -> None:
    """Bear the options that stand on every command, and no others."""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command that can be called, by its words."""
    for name, (module, _) in COMMANDS.items():
        yield from below(f"voiceprep {name}", import_module(module).command)


def below(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield a command, or those of a group."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield words, command
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from below(f"{words} {name}", each)


def section(words: str, command: click.Command) -> str:
    """Describe one command: its usage, what it does, its own options."""
    context = click.Context(command, info_name=words)
    usage = command.get_usage(context).removeprefix("Usage: ")
    told = inspect.cleandoc(command.help or "")
    return f"## {words}\n\n`{' '.join(usage.split())}`\n\n{told}\n{table(command)}"


def table(command: click.Command, *, left_out: bool = True) -> str:
    """Lay the options of a command out."""
    common = {name for each in bare.params for name in each.opts} if left_out else set()
    rows = [
        f"| `{', '.join(each.opts + each.secondary_opts)}` | {each.help or ''} |"
        for each in command.params
        if isinstance(each, click.Option) and not common & set(each.opts)
    ]
    return "\n".join(("", "| | |", "|---|---|", *rows, "")) if rows else ""


def page() -> str:
    """Return the whole page."""
    head = HEAD + table(bare, left_out=False).strip()
    sections = [section(words, command) for words, command in commands()]
    return "\n\n".join((head, *(each.strip() for each in sections))) + "\n"


def main() -> int:
    """Write the page, or compare it."""
    if sys.argv[1:] == ["--check"]:
        same = PAGE.read_text(encoding="utf-8") == page()
        print("docs/commands.md is as it would be written" if same else "it differs")
        return 0 if same else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
