"""``voiceprep messages watch``: follow a campaign without pings."""

from __future__ import annotations

from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.campaigns import Seconds, calls_ledger_option, opened
from voiceprep.cli.common import ExampleCommand, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say
from voiceprep.cli.rows import counted, last_line, row_options, titles
from voiceprep.cli.sentences import said_in
from voiceprep.cli.table import csv_text, flat, show_table
from voiceprep.cli.words import joined, number, word

if TYPE_CHECKING:
    from voiceprep.cli.rows import Form
    from voiceprep.pipeline.following import Followed

__all__ = ["EXAMPLES", "watch"]

SCHEMA: Final = "voiceprep.messages.watch/1"
EXAMPLES: Final = """\
voiceprep messages watch 'Relance mars'                 until every call has ended
voiceprep messages watch 'Relance mars' --timeout 600   or ten minutes are over
voiceprep messages watch 'Relance mars' --timeout 0 --json    one look
"""
COLUMNS: Final = (
    *("id", "mailing_id", "campaign", "recipient", "state", "description", "since"),
    *("duration_s", "attempts", "optout", "learnt_at", "learnt_by", "disputed"),
)


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("name")
@click.option(
    "--until-final/--no-until-final",
    default=True,
    help="End when every call has (default); or look until it is interrupted.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(0),
    metavar="SECONDS",
    help="End then, whatever is open; 0 looks once.",
)
@calls_ledger_option
@common_options
@row_options
def watch(
    name: str,
    until_final: bool,
    timeout_s: float | None,
    ledger: str | None,
    form: Form,
) -> int:
    """Follow the mailings of a name (the plan's tag may be left out).

    The platform is asked how many calls are in which state, and what moved is read;
    the pauses grow while nothing does. What is true of each call stays in the ledger
    of calls, where states only move forward. Exit code 5 where the time was over
    before the calls were; 6 where no mailing is of that name; 7 where all have ended,
    and the platform lacks calls that the ledger knows as ordered.
    """
    from voiceprep.pipeline.following import follow, full_name

    common = form.common
    with opened(common, ledger) as (client, platform, known):
        whole = full_name(known, client.account, name)
        done = follow(
            client,
            known,
            whole,
            until_final=until_final,
            timeout_s=0 if common.dry_run else timeout_s,
            say=lambda line: say(common, line),
            progress=lambda now: say(common, _line(now, common.language)),
        )
        _show(form, done, platform, list(known.messages.of(client.account, whole)))
    last_line(form, _last(done, common.language), platform)
    if done.is_short:
        return Exit.UNKNOWN
    return Exit.DONE if done.is_final or not until_final else Exit.TEMPORARY


def _line(now: Followed, language: str) -> str:
    clock = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 (the person's own)
    return f"{clock}  {said_in(language, str(now))}"


def _show(form: Form, done: Followed, platform: str, known: list[Any]) -> None:
    """Print the counts for a person, each message for a program."""
    from voiceprep.pipeline.passing import told_json

    common = form.common
    if not (common.as_json or form.as_csv):
        language = common.language
        rows = [
            [state, word(language, f"watch.{state}"), str(count)]
            for state, count in done.counts.items()
        ]
        total = ["total", "", str(done.total)]
        head = titles(["state", "", "calls"], language)
        show_table(common, [head, *rows, total])
        return
    results = [told_json(each, show_numbers=form.show_numbers) for each in known]
    if form.as_csv:
        click.echo(csv_text(COLUMNS, map(flat, results)), nl=False)
        return
    said = {"campaign": done.name, "final": done.is_final, "counts": dict(done.counts)}
    click.echo(document(SCHEMA, results, platform=platform, **said))


def _last(done: Followed, language: str) -> str:
    """Say what happened and what to do next."""
    counts = {s: number(language, done.counts[s], 0) for s in ("ok", "ko", "no")}
    told = word(language, "watch.told", **counts)
    if done.is_short:
        calls = counted(done.total, "call", language)
        said = word(language, "watch.over", calls=calls, told=told)
        return joined(language, [said, said_in(language, str(done.gap))])
    if done.is_final:
        calls = counted(done.total, "call", language)
        said = word(language, "watch.over", calls=calls, told=told)
        step = f"voiceprep mailing stats --name {quote(done.name)}"
        return word(language, "next", said=said, step=step)
    every = max(done.total, done.expected)
    calls = counted(every - done.ended, "call", language)
    total = number(language, every, 0)
    said = word(language, "watch.open", calls=calls, total=total, told=told)
    step = f"voiceprep messages watch {quote(done.name)}"
    return word(language, "next", said=said, step=step)
