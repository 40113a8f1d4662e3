"""``voiceprep mailing``: what was ordered, and what it came to."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from voiceprep import contract
from voiceprep.cli.common import ExampleCommand, ExampleGroup, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.mailing_plan import PLAN, plan
from voiceprep.cli.mailing_send import SEND, send
from voiceprep.cli.mailing_stop import STOP, resolve, stop
from voiceprep.cli.rows import (
    Sheet,
    asked_ids,
    connected,
    counted,
    in_order,
    last_line,
    limit_option,
    row_options,
    rows_of,
    show_details,
    show_rows,
)
from voiceprep.client import Mailing, Stats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.cli.rows import Form

LIST: Final = """\
voiceprep mailing list
voiceprep mailing list --name 'Relance mars' --state on
"""
SHOW: Final = """\
voiceprep mailing show 42
"""
STATS: Final = """\
voiceprep mailing stats --name 'Relance mars'   a campaign: all mailings of one name
voiceprep mailing stats 42 43 --json | jq .stats
"""
COLUMNS: Final = {
    "id": "id",
    "name": "name",
    "media": "media",
    "state": "status",
    "date": "date",
    "contacts": "contacts_count",
}
COUNTS: Final = {word: word for word in contract.STATS_FIELDS}
STATS_COLUMNS: Final = {"id": "id", "name": "name", **COUNTS, "ok %": "deliverability"}
BLANK: Final = Mailing(id="", stats=Stats())


def _sheet(verb: str) -> Sheet:
    columns = STATS_COLUMNS if verb == "stats" else COLUMNS
    return Sheet(f"voiceprep.mailing.{verb}/1", columns, BLANK)


@click.group(cls=ExampleGroup, examples=PLAN + SEND + STOP + LIST + SHOW + STATS)
def command() -> None:
    """Plan calls, send them once, stop them; list mailings, add them up."""


for each in (plan, send, stop, resolve):
    command.add_command(each)


@command.command("list", cls=ExampleCommand, examples=LIST)
@click.option("--name", metavar="NAME", help="Of exactly this name.")
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
        every = client.mailings.read(name=name, properties=("DEFAULT", "stats"))
        # Chosen here: that the platform filters by state is nowhere promised.
        chosen = (one for one in every if state in {None, one.status})
        found = list(islice(chosen, limit))
    show_rows(form, _sheet("list"), rows_of(form, found), platform)
    after = f". Next: voiceprep mailing stats {found[-1].id}" if found else ""
    last_line(form, counted(len(found), "mailing") + after, platform)
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
    last_line(form, _count(len(found), missing), platform)
    return Exit.PLATFORM_REFUSED if missing else Exit.DONE


@command.command(cls=ExampleCommand, examples=STATS)
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--name", metavar="NAME", help="Of the campaign, exactly.")
@common_options
@row_options
def stats(ids: tuple[str, ...], name: str | None, form: Form) -> int:
    """Count what mailings came to, one by one and added up.

    By ids, or by the name that a campaign's mailings share. "no" is unknown:
    neither success nor failure. The sum is the table's last line, and "stats" in
    JSON; CSV holds the mailings alone. Exit code 6 where an id is not there.
    """
    asked = asked_ids(ids)
    if bool(asked) == (name is not None):
        raise click.UsageError("name mailings by their ids, or a campaign by --name")
    with connected(form) as (client, platform):
        found = list(client.stats.read(id=asked or None, name=name))
    missing = in_order(asked, found)[1]
    total = _added_up(found)
    sums = total.as_json()
    show_rows(
        form,
        _sheet("stats"),
        rows_of(form, found),
        platform,
        below=[{"id": "total", **sums}],
        stats=sums,
        missing=missing,
    )
    last_line(form, f"{_count(len(found), missing)}: {_said(total)}", platform)
    return Exit.PLATFORM_REFUSED if missing else Exit.DONE


def _added_up(found: Iterable[Mailing]) -> Stats:
    return sum((one.stats for one in found if one.stats), Stats())


def _said(total: Stats) -> str:
    """Sum up in words; without messages there is no percentage (R42)."""
    if total.deliverability is None:
        return "no messages"
    messages = counted(total.total, "message")
    return f"{messages}, {total.ok:,} ok ({total.deliverability:.2f} %)"


def _count(number: int, missing: list[str]) -> str:
    line = counted(number, "mailing")
    return f"{line}; not there: {', '.join(missing)}" if missing else line
