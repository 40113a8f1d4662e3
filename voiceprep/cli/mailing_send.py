"""``voiceprep mailing send``: exactly the plan, each call once, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.campaigns import calls_ledger_option, opened
from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit, exit_of
from voiceprep.cli.mailing_plan import plan_lines
from voiceprep.cli.output import SANDBOX_WORDS, document, say
from voiceprep.cli.rows import counted
from voiceprep.cli.table import aligned
from voiceprep.errors import VoiceprepError

if TYPE_CHECKING:
    from voiceprep.campaign.plan import Plan
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger, Mailed
    from voiceprep.pipeline.calls import Caller, Sent

__all__ = ["SEND", "caller_of", "doubts", "passes", "send"]

SEND: Final = """\
voiceprep mailing send relance-mars.plan.json --test '+33 6 12 34 56 78'
voiceprep mailing send relance-mars.plan.json --confirm 2500
"""


@click.command(cls=ExampleCommand, examples=SEND)
@click.argument("file", metavar="PLAN")
@click.option("--confirm", type=int, metavar="N", help="The number of recipients.")
@click.option("--test", metavar="NUMBER", help="Call it first; the rest after its ok.")
@click.option("--now", is_flag=True, help="Begin now what should have begun already.")
@click.option("--windows", default="", metavar="FILE", help="As of `mailing plan`.")
@calls_ledger_option
@common_options
def send(
    file: str,
    confirm: int | None,
    test: str | None,
    now: bool,
    windows: str,
    ledger: str | None,
    common: Common,
) -> int:
    """Send a plan: exactly it or nothing, and no call twice.

    Run it again to go on where it was: what is ordered is not ordered again. What
    may have been ordered is looked up twice and adopted; what stays unclear is
    never called again by itself (exit code 7): `mailing resolve` settles it. Your
    account wants --confirm with the number of recipients; the sandbox does not.
    """
    from voiceprep.pipeline.plans import read_plan

    plan = read_plan(file)
    if common.dry_run:
        click.echo("\n".join(plan_lines(plan)))
        say(common, f"would send {counted(plan.calls, 'call')}; nothing was sent")
        return Exit.DONE
    with opened(common, ledger) as (client, _, calls):
        caller = caller_of(
            plan, client, calls, common, confirm, now=now, windows=windows
        )
        return _Sending(caller, file, test, common).run()


def caller_of(
    plan: Plan,
    client: Client,
    ledger: Ledger,
    common: Common,
    confirm: int | None,
    *,
    now: bool = False,
    windows: str = "",
) -> Caller:
    """Make what sends a plan."""
    from voiceprep.campaign.windows import Calendar
    from voiceprep.pipeline.calls import Caller
    from voiceprep.pipeline.ordering import Orderer

    orderer = Orderer(
        plan.campaign,
        plan.order,
        client,
        ledger,
        lookup_gap_s=settings_of(common).lookup_gap_s,
        say=lambda line: say(common, line),
    )
    calendar = Calendar.load(windows or None)
    return Caller(plan, orderer, confirm, overdue_now=now, calendar=calendar)


def passes(caller: Caller, number: str, common: Common) -> bool:
    """Call a number first, where anything is left to send; say what came of it."""
    if not caller.has_unsent:
        return True
    from voiceprep.client.words import mask
    from voiceprep.pipeline.trial import Trial

    trial = Trial(caller, number)
    message = trial.run()
    what = f"the test call to {mask(trial.number)} came to {message.state}"
    why = f" ({message.description})" if message.description else ""
    passed = message.state == "ok"
    say(common, f"{what}{why}{'' if passed else ': nothing more was sent'}")
    return passed


@dataclass(frozen=True, slots=True)
class _Sending:
    """Send, and say what became of it whatever happens."""

    caller: Caller
    file: str
    test: str | None
    common: Common

    def run(self) -> int:
        platform = self.caller.client.platform
        before = [row.number for row in self.caller.told().done]
        try:
            self.caller.prepare()
            if self.test is not None and not passes(
                self.caller, self.test, self.common
            ):
                return Exit.PARTLY
            self.caller.send()
        except (VoiceprepError, KeyboardInterrupt) as error:
            return self._broken_off(error, platform, before)
        told = self.caller.told(before)
        self._show(told, platform)
        self._last_line(told, platform, self._said(told))
        return Exit.UNKNOWN if told.doubtful else Exit.DONE

    def _broken_off(
        self, error: BaseException, platform: str, before: list[int]
    ) -> int:
        """Say what was done and what is in doubt; both outweigh the error itself."""
        told = self.caller.told(before)
        if not told.new and not told.doubtful:
            raise error
        self._show(told, platform)
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
        click.echo(reason, err=True)
        again = f"Next: voiceprep mailing send {quote(self.file)} goes on"
        self._last_line(told, platform, f"{self._said(told)}. {again}")
        code = exit_of(error)
        if told.doubtful and code is not Exit.INTERRUPTED:
            return Exit.UNKNOWN
        return Exit.PARTLY if code is Exit.USAGE else code

    def _show(self, told: Sent, platform: str) -> None:
        if self.common.as_json:
            rows = [told.as_json()]
            click.echo(document("voiceprep.mailing.send/1", rows, platform=platform))
            return
        click.echo("\n".join(aligned([_HEAD, *map(_row, told.mailings)])))

    def _said(self, told: Sent) -> str:
        if not told.new and not told.doubtful:
            if told.mailings and told.done == told.mailings:
                return f"nothing to do: all {told.ordered:,} calls are ordered"
            return "nothing was sent"
        total = sum(each.calls for each in told.mailings)
        said = f"{told.ordered:,} of {counted(total, 'call')} ordered"
        return "; ".join((said, *doubts(told.doubtful)))

    def _last_line(self, told: Sent, platform: str, said: str) -> None:
        if not told.doubtful and "Next" not in said:
            name = quote(told.campaign)
            said += f". Next: voiceprep messages watch {name}"
        real = "" if platform == "live" else f" {SANDBOX_WORDS}"
        say(self.common, said + real)


_HEAD: Final = ("part", "calls", "state", "mailing")


def doubts(rows: tuple[Mailed, ...]) -> list[str]:
    """Say, of each unclear mailing, the command that settles it."""
    return [
        f"part {row.number} ({row.calls:,} calls) may have been ordered, and is not "
        "called again: look on the platform, then `voiceprep mailing resolve "
        f"{quote(row.campaign)} --part {row.number} --called` or --not-called"
        for row in rows
    ]


def _row(row: Mailed) -> tuple[Any, ...]:
    return str(row.number), str(row.calls), str(row.state), row.mailing_id or ""
