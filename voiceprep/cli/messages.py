"""``voiceprep messages``: what became of each call; others follow it there."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from voiceprep import contract
from voiceprep.cli import words
from voiceprep.cli.common import ExampleCommand, ExampleGroup, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.listen import listen
from voiceprep.cli.rows import (
    Sheet,
    asked_ids,
    connected,
    counted,
    last_line,
    limit_option,
    named,
    row_options,
    rows_of,
    show_rows,
)
from voiceprep.cli.watch import watch
from voiceprep.client import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.cli.rows import Form

LIST: Final = """\
voiceprep messages list --mailing 42
voiceprep messages list --name 'Relance mars' --state ko
voiceprep messages list --mailing 42 --csv --show-numbers > calls.csv
"""
FOLLOW: Final = """\
voiceprep messages watch 'Relance mars'
voiceprep messages listen
"""
COLUMNS: Final = {
    "id": "id",
    "recipient": "recipient",
    "state": "state",
    "said": "description",
    "since": "status_date",
    "seconds": "duration_s",
    "mailing": "mailing_id",
}
SHEET: Final = Sheet("voiceprep.messages.list/1", COLUMNS, Message(id=""))


@click.group(cls=ExampleGroup, examples=LIST + FOLLOW)
def command() -> None:
    """List and follow the messages of mailings: each is one call to one number."""


command.add_command(watch)
command.add_command(listen)


@command.command("list", cls=ExampleCommand, examples=LIST)
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option(
    "--mailing", "mailings", multiple=True, metavar="ID", help="Of this mailing."
)
@click.option("--name", metavar="NAME", help="Of their mailings.")
@click.option(
    "--state",
    type=click.Choice(contract.STATES),
    help="Programmed, being sent, ok, failed or unknown.",
)
@limit_option
@common_options
@row_options
def list_(
    ids: tuple[str, ...],
    mailings: tuple[str, ...],
    name: str | None,
    state: str | None,
    limit: int | None,
    form: Form,
) -> int:
    """List messages by their ids, their mailings or the mailings' name."""
    chosen, parents = asked_ids(ids), asked_ids(mailings)
    if not (chosen or parents or name):
        raise click.UsageError(
            "name messages by their ids, by --mailing or by --name; the platform "
            "does not list them all"
        )
    with connected(form) as (client, platform):
        every = (
            message
            for each in named(form, client, name)
            for message in client.messages.read(
                id=chosen or None,
                mailing_id=parents or None,
                mailing_name=each,
                state=state,
                limit=limit,
            )
        )
        found = list(islice(every, limit))
    show_rows(form, SHEET, rows_of(form, found), platform)
    last_line(form, _last(found, form.common.language), platform)
    return Exit.DONE


def _last(found: Sequence[Message], language: str) -> str:
    """Count messages, and of each state how many there are."""
    line = counted(len(found), "message", language)
    counts = Counter(one.state or "without a state" for one in found)
    if not counts:
        return line
    parts = (words.counted(language, n, state) for state, n in counts.most_common())
    return words.word(language, "about", what=line, said=", ".join(parts))
