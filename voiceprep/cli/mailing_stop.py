"""``voiceprep mailing stop`` and ``resolve``: the brake, and what a person knows."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Final

import click

from voiceprep.cli.campaigns import calls_ledger_option, opened
from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.mailing_send import doubts
from voiceprep.cli.output import SANDBOX_WORDS, document, say
from voiceprep.cli.rows import counted
from voiceprep.cli.table import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.pipeline.brake import Stopped

__all__ = ["RESOLVE", "STOP", "resolve", "stop"]

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
            return _would(common, brake.waits(whole))
        stopped = brake.stop(whole)
    if common.as_json:
        rows = [stopped.as_json()]
        click.echo(document("voiceprep.mailing.stop/1", rows, platform=platform))
    else:
        click.echo("\n".join(_lines(stopped)))
    real = "" if platform == "live" else f" {SANDBOX_WORDS}"
    say(common, f"{_said(stopped)}{real}")
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
    `mailing send`. A last look is taken, and beats your word where it finds it.
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
            say(common, f"would settle part {part} of {whole!r}")
            return Exit.DONE
        row, seen = brake.resolve(
            client, calls, whole, part, called=called, mailing_id=mailing_id
        )
    if common.as_json:
        told = {"campaign": whole, "found": seen, **row.as_json()}
        click.echo(document("voiceprep.mailing.resolve/1", [told], platform=platform))
    else:
        click.echo(f"part {row.number}\t{row.state}\t{row.mailing_id or ''}".rstrip())
    how = "it is on the platform after all" if seen else "settled by your word"
    real = "" if platform == "live" else f" {SANDBOX_WORDS}"
    say(common, f"part {row.number} of {whole!r} is {row.state}: {how}{real}")
    return Exit.DONE


def _would(common: Common, waits: Iterator[tuple[object, int]]) -> int:
    total = sum(count for _, count in waits)
    say(common, f"would stop {counted(total, 'waiting call')}; nothing was stopped")
    return Exit.DONE


def _lines(stopped: Stopped) -> list[str]:
    """Lay out what was stopped, what was called, what still waits."""
    rows = [("campaign", stopped.campaign)]
    rows += [
        ("stopped", f"{counted(count, 'call')} of mailing {number}")
        for number, count in stopped.removed.items()
    ]
    rows += [
        ("called", f"{counted(count, 'call')} {state}")
        for state, count in stopped.called.items()
    ]
    rows += [
        ("waiting", f"mailing {number}: {why}")
        for number, why in stopped.waiting.items()
    ]
    return aligned(rows)


def _said(stopped: Stopped) -> str:
    said = (
        f"{counted(sum(stopped.removed.values()), 'call')} stopped, "
        f"{sum(stopped.called.values()):,} had been called"
    )
    if stopped.waiting:
        said += f"; {counted(len(stopped.waiting), 'mailing')} could not be stopped"
    if stopped.doubtful:
        name = quote(stopped.campaign)
        again = f"run `voiceprep mailing stop {name}` again in a minute"
        return "; ".join((said, *doubts(stopped.doubtful), again))
    return f"{said}; nothing more of it can be sent"
