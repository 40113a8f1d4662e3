"""``voiceprep config``: what is set, and by what."""

from __future__ import annotations

import json

import click

from voiceprep.cli.common import (
    Common,
    ExampleCommand,
    ExampleGroup,
    common_options,
    settings_of,
)
from voiceprep.cli.exits import Exit
from voiceprep.cli.sentences import visible

EXAMPLES = """\
voiceprep config show
voiceprep config show --origin --json
voiceprep config show -v                     what each is for, and its variable
"""


@click.group(cls=ExampleGroup, examples=EXAMPLES)
def command() -> None:
    """Show settings: flag, VOICEPREP_*, voiceprep.toml, user file, default."""


@command.command(cls=ExampleCommand, examples=EXAMPLES)
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@common_options
def show(origin: bool, common: Common) -> int:
    """Print the settings in force; the secret is never shown.

    With -v also the variable of each, and what it is for.
    """
    from voiceprep.client.known import BY_NAME

    settings = settings_of(common)
    values = settings.shown()
    rows = [
        {"name": name, "value": value, "origin": settings.origins.get(name, "default")}
        for name, value in values.items()
    ]
    if common.as_json:
        click.echo(json.dumps({"schema": "voiceprep.config/1", "results": rows}))
        return Exit.DONE
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        shown = "(not set)" if row["value"] is None else str(row["value"])
        line = f"{str(row['name']).ljust(width)}  {shown}"
        click.echo(visible(f"{line}  [{row['origin']}]" if origin else line))
        if common.verbose:
            known = BY_NAME[str(row["name"])]
            words = f" ({', '.join(known.words)})" if known.words else ""
            click.echo(f"    {known.env}: {known.help}{words}")
    return Exit.DONE
