"""``voiceprep mailing stop`` and ``resolve``: the brake, and what a person knows."""

from __future__ import annotations

from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Final

import click

from voiceprep.cli.campaigns import calls_ledger_option, opened
from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.mailing_send import doubts
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.rows import counted
from voiceprep.cli.sentences import said_in
from voiceprep.cli.table import aligned
from voiceprep.cli.words import joined, number, or_as_is, word

if TYPE_CHECKING:
    from voiceprep.ledger import Mailed
    from voiceprep.pipeline.brake import Stopped

__all__ = ["RESOLVE", "STOP", "resolve", "stop"]

SCHEMA: Final = "voiceprep.mailing.stop/1"
STOP: Final = """\
voiceprep mailing stop 'Relance mars'
voiceprep mailing stop 'Relance mars [vp-7K2Q]'
"""
RESOLVE: Final = """\
voiceprep mailing resolve 'Relance mars [vp-7K2Q]' --part 2 --called
voiceprep mailing resolve 'Relance mars [vp-7K2Q]' --part 2 --not-called
"""


@click.command(cls=ExampleCommand, examples=STOP)
@click.argument("name", metavar="NAME")
@calls_ledger_option
@common_options
def stop(name: str, ledger: str | None, common: Common) -> int:
    """Stop a campaign: remove every call that still waits under its name.

    First the ledger lets nothing more of it be sent, then the platform is asked,
    twice. It says what was called already, and what could not be stopped (exit
    code 6), or may be there unseen (7). A later `mailing send` refuses.
    """
    from voiceprep.pipeline.brake import Brake
    from voiceprep.pipeline.following import full_name

    gap_s = settings_of(common).lookup_gap_s
    with opened(common, ledger) as (client, platform, calls):
        whole = full_name(calls, client.account, name)
        brake = Brake(client, calls, gap_s, say=lambda line: say(common, line))
        if common.dry_run:
            return _would(common, brake.would(whole), platform)
        stopped = brake.stop(whole)
    if common.as_json:
        rows = [stopped.as_json()]
        click.echo(document(SCHEMA, rows, platform=platform))
    else:
        click.echo("\n".join(_lines(stopped, common.language)))
    say_last(common, _said(stopped, common.language), platform)
    if stopped.doubtful:
        return Exit.UNKNOWN
    return Exit.PLATFORM_REFUSED if stopped.waiting else Exit.DONE


@click.command(cls=ExampleCommand, examples=RESOLVE)
@click.argument("name", metavar="NAME")
@click.option("--part", type=int, required=True, metavar="N", help="As `send` says.")
@click.option(
    "--called/--not-called",
    "called",
    default=None,
    help="Whether the platform has it; if not, the next send orders it.",
)
@click.option("--id", "mailing_id", metavar="ID", help="Of the mailing, if you saw it.")
@calls_ledger_option
@common_options
def resolve(
    name: str,
    part: int,
    called: bool | None,
    mailing_id: str | None,
    ledger: str | None,
    common: Common,
) -> int:
    """Settle a mailing of which nobody knows whether it was ordered.

    Look on the platform first: what you call --not-called is sent by the next
    `mailing send`. A last look is taken, and beats your word where it finds it. A
    mistaken --called is taken back by --not-called, where nothing else knows of it.
    """
    from voiceprep.pipeline import brake
    from voiceprep.pipeline.following import full_name

    if called is None:
        raise click.UsageError("say --called or --not-called")
    if mailing_id and not called:
        raise click.UsageError("--id names a mailing that is there: say --called")
    with opened(common, ledger) as (client, platform, calls):
        whole = full_name(calls, client.account, name)
        if common.dry_run:
            there = brake.unclear(calls, client.account, whole, part, called=called)
            return _would_settle(common, there, whole, platform)
        row, seen = brake.resolve(
            client, calls, whole, part, called=called, mailing_id=mailing_id
        )
    if common.as_json:
        told = {"campaign": whole, "found": seen, **row.as_json()}
        click.echo(document("voiceprep.mailing.resolve/1", [told], platform=platform))
    else:
        click.echo(f"part {row.number}\t{row.state}\t{row.mailing_id or ''}".rstrip())
    say_last(common, _settled(row, whole, common.language, seen=seen), platform)
    return Exit.DONE


def _would_settle(common: Common, row: Mailed, whole: str, platform: str) -> int:
    """Say what would be settled, as it stands."""
    if common.as_json:
        told = {"campaign": whole, "dry_run": True, **row.as_json()}
        click.echo(document("voiceprep.mailing.resolve/1", [told], platform=platform))
    said = word(common.language, "resolve.would", part=row.number, name=whole)
    say_last(common, said, platform)
    return Exit.DONE


def _settled(row: Mailed, whole: str, language: str, *, seen: bool) -> str:
    """Say what a mailing is now, by whose word, and how to take that back."""
    from voiceprep.ledger import CallState

    how = word(language, "resolve.found" if seen else "resolve.settled")
    state = or_as_is(language, "order", str(row.state))
    told = {"part": row.number, "name": whole, "state": state, "how": how}
    said = word(language, "resolve.said", **told)
    if row.state is not CallState.ORDERED or row.mailing_id:
        return said
    back = f"voiceprep mailing resolve {quote(whole)} --part {row.number} --not-called"
    return joined(language, [said, word(language, "resolve.back", command=back)])


def _would(common: Common, stopped: Stopped, platform: str) -> int:
    """Say what would be removed."""
    if common.as_json:
        told = {**stopped.as_json(), "dry_run": True}
        click.echo(document(SCHEMA, [told], platform=platform))
    total = sum(stopped.removed.values())
    calls = counted(total, "waiting call", common.language)
    say_last(common, word(common.language, "stop.would", calls=calls), platform)
    return Exit.DONE


def _lines(stopped: Stopped, language: str) -> list[str]:
    """Lay out what was stopped, what was called, what still waits."""
    say, calls = (
        partial(word, language),
        partial(counted, noun="call", language=language),
    )
    rows = [("campaign", stopped.campaign)]
    rows += [
        ("stopped", say("stop.of", calls=calls(count), id=number))
        for number, count in stopped.removed.items()
    ]
    for state, count in stopped.called.items():
        came = or_as_is(language, "state", state)
        rows.append(("called", say("stop.came", calls=calls(count), state=came)))
    rows += [
        ("waiting", say("stop.why", id=number, why=said_in(language, why)))
        for number, why in stopped.waiting.items()
    ]
    return aligned([(say(f"stop.{name}"), value) for name, value in rows])


def _said(stopped: Stopped, language: str) -> str:
    calls = counted(sum(stopped.removed.values()), "call", language)
    n = number(language, sum(stopped.called.values()), 0)
    parts = [word(language, "stop.said", calls=calls, n=n)]
    if stopped.waiting:
        mailings = counted(len(stopped.waiting), "mailing", language)
        parts.append(word(language, "stop.not", mailings=mailings))
    if stopped.doubtful:
        again = f"voiceprep mailing stop {quote(stopped.campaign)}"
        parts += doubts(stopped.doubtful, language)
        parts.append(word(language, "stop.again", command=again))
    else:
        parts.append(word(language, "stop.over"))
    return joined(language, parts)
