"""``voiceprep mailing retry-list``: who may be called again, and why others not."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.campaigns import calls_ledger_option, opened, unnamed
from voiceprep.cli.common import ExampleCommand, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say
from voiceprep.cli.rows import counted, last_line, row_options, titles
from voiceprep.cli.sentences import said_in, visible
from voiceprep.cli.table import csv_text, flat, show_table
from voiceprep.cli.words import number, on_account_clock, word

if TYPE_CHECKING:
    from voiceprep.campaign.retry import Coming
    from voiceprep.cli.rows import Form
    from voiceprep.pipeline.retrying import Retry

__all__ = ["RETRY", "retry_list"]

SCHEMA: Final = "voiceprep.mailing.retry-list/1"
CAP: Final = "3/30"  # [ours]
RETRY: Final = """\
voiceprep mailing retry-list --name 'Relance mars' -o again.csv
voiceprep mailing retry-list --name 'Relance mars' --cap 2/7 --reason 'code 17'
"""


@click.command("retry-list", cls=ExampleCommand, examples=RETRY)
@click.option(
    "--name",
    required=True,
    metavar="NAME",
    help="Of the campaign; the plan's tag may be left out.",
)
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    help="Write the list there, numbers whole: for `contacts check`.",
)
@click.option(
    "--cap",
    default=CAP,
    show_default=True,
    metavar="CALLS/DAYS",
    help="Nobody is called more often; every campaign counts.",
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    metavar="WORDS",
    help="Try calls again whose reason holds these words; repeatable.",
)
@calls_ledger_option
@common_options
@row_options
def retry_list(
    name: str,
    out: str | None,
    cap: str,
    reasons: tuple[str, ...],
    ledger: str | None,
    form: Form,
) -> int:
    """List who was not reached and may be called again. Nobody is called.

    Those whose line was busy, who did not answer, whose mailbox was full: not who
    was reached or may have been, who asked for no more calls, whose number is none,
    who was called since or is going to be, and not beyond the cap. Without -o numbers
    are masked. Exit code 6 where nothing bears the name.
    """
    from voiceprep.pipeline.following import full_name
    from voiceprep.pipeline.plans import Cap
    from voiceprep.pipeline.retrying import retry_list as listed
    from voiceprep.pipeline.retrying import write

    limit = Cap.read(cap)
    with opened(form.common, ledger) as (client, platform, known):
        whole = full_name(known, client.account, name)
        found = listed(client, known, whole, limit, admitted=reasons)
    language = form.common.language
    if found.trouble:
        why = said_in(language, found.trouble)
        say(form.common, word(language, "retry.trouble", why=why))
    if not found.is_known:
        if form.is_for_programs:
            _show(form, found, platform, None)
        raise unnamed(name)
    if out is not None and not form.common.dry_run:
        write(found.rows(), Path(out))
    _show(form, found, platform, out)
    for line in _left_out(found, language):
        say(form.common, line)
    written = None if form.common.dry_run else out
    last_line(form, _last(found, written, language), platform)
    return Exit.DONE


def _show(form: Form, found: Retry, platform: str, out: str | None) -> None:
    """Print the list in the form that was asked for; the file is named in its place."""
    from voiceprep.client.words import masked_json

    rows = found.rows() if form.show_numbers else masked_json(found.rows())
    if form.common.as_json:
        more: dict[str, Any] = {"campaign": found.name, "output": out}
        more["left_out"] = dict(found.sorted.left_out)
        click.echo(document(SCHEMA, rows, platform=platform, **more))
        return
    if out is not None:
        click.echo(out)
        return
    header = ["recipient", "message", "reason", "called"]
    cells = [flat(row) for row in rows]
    if form.as_csv:
        click.echo(csv_text(header, cells), nl=False)
    else:
        head = titles(header, form.common.language)
        show_table(form.common, [head, *([c[n] for n in header] for c in cells)])


def _left_out(found: Retry, language: str) -> list[str]:
    from voiceprep.campaign.retry import REASONS

    lines = [
        (count, said_in(language, REASONS[reason]))
        for reason, count in found.sorted.left_out.items()
        if reason != "coming"
    ]
    coming = found.sorted.coming.items()
    lines += [(count, _coming(call, language)) for call, count in coming]
    return [
        word(language, "retry.not", n=number(language, count, 0), why=why)
        for count, why in sorted(lines, key=lambda each: -each[0])
    ]


def _coming(call: Coming, language: str) -> str:
    """Say what is still to call somebody, and when."""
    name = visible(call.name)
    if call.at is None:
        return word(language, "retry.coming", name=name)
    when = on_account_clock(language, call.at)
    return word(language, "retry.coming_at", name=name, when=when)


def _last(found: Retry, out: str | None, language: str) -> str:
    """Say what happened and what to do next."""
    again = counted(len(found.sorted.again), "person", language)
    said = word(language, "retry.again", people=again.replace("persons", "people"))
    if not found.sorted.again:
        return said
    after = f"contacts check {quote(out)}" if out else "mailing retry-list … -o FILE"
    return word(language, "next", said=said, step=f"voiceprep {after}")
