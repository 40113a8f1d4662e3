"""``voiceprep mailing``: what was ordered, and what it came to."""

from __future__ import annotations

from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import click

from voiceprep import contract
from voiceprep.cli.common import ExampleCommand, ExampleGroup, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.mailing_plan import PLAN, plan
from voiceprep.cli.mailing_send import SEND, send
from voiceprep.cli.mailing_stats import STATS, missing_line, stats
from voiceprep.cli.mailing_stop import STOP, resolve, stop
from voiceprep.cli.retry_list import RETRY, retry_list
from voiceprep.cli.rows import (
    Sheet,
    asked_ids,
    connected,
    counted,
    in_order,
    last_line,
    limit_option,
    named,
    row_options,
    rows_of,
    show_details,
    show_rows,
)
from voiceprep.cli.words import word
from voiceprep.client import Mailing, Stats

if TYPE_CHECKING:
    from voiceprep.cli.rows import Form

LIST: Final = """\
voiceprep mailing list
voiceprep mailing list --name 'Relance mars' --state on
"""
SHOW: Final = """\
voiceprep mailing show 42
"""
COLUMNS: Final = {
    "id": "id",
    "name": "name",
    "media": "media",
    "state": "status",
    "date": "date",
    "contacts": "contacts_count",
}
BLANK: Final = Mailing(id="", stats=Stats())


def _sheet(verb: str) -> Sheet:
    return Sheet(f"voiceprep.mailing.{verb}/1", COLUMNS, BLANK)


@click.group(
    cls=ExampleGroup, examples=PLAN + SEND + STOP + LIST + SHOW + STATS + RETRY
)
def command() -> None:
    """Plan calls, send them once, stop them; list mailings, add them up."""


for each in (plan, send, stop, resolve, stats, retry_list):
    command.add_command(each)


@command.command("list", cls=ExampleCommand, examples=LIST)
@click.option(
    "--name", metavar="NAME", help="Of this name; the plan's tag may be left out."
)
@click.option(
    "--state",
    type=click.Choice(contract.MAILING_STATES),
    help="Waiting, under way, done or stopped.",
)
@limit_option
@common_options
@row_options
def list_(name: str | None, state: str | None, limit: int | None, form: Form) -> int:
    """List mailings, oldest first."""
    with connected(form) as (client, platform):
        names = named(form, client, name)
        read = partial(client.mailings.read, properties=("DEFAULT", "stats"))
        every = chain.from_iterable(read(name=each) for each in names)
        # Chosen here: that the platform filters by state is nowhere promised.
        chosen = (one for one in every if state in {None, one.status})
        found = list(islice(chosen, limit))
    show_rows(form, _sheet("list"), rows_of(form, found), platform)
    language = form.common.language
    line = counted(len(found), "mailing", language)
    if found:
        step = f"voiceprep mailing stats {found[-1].id}"
        line = word(language, "next", said=line, step=step)
    last_line(form, line, platform)
    return Exit.DONE


@command.command(cls=ExampleCommand, examples=SHOW)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@common_options
@row_options
def show(ids: tuple[str, ...], form: Form) -> int:
    """Show mailings with all their fields. Exit code 6 where one is not there."""
    asked = asked_ids(ids)
    with connected(form) as (client, platform):
        read = client.mailings.read(id=asked, properties=("DEFAULT", "stats"))
        found, missing = in_order(asked, read)
    rows = rows_of(form, found)
    show_details(form, _sheet("show"), rows, platform, missing=missing)
    last_line(form, missing_line(len(found), missing, form.common.language), platform)
    return Exit.PLATFORM_REFUSED if missing else Exit.DONE
