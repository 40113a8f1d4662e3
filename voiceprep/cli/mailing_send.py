"""``voiceprep mailing send``: exactly the plan, each call once, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Final

import click

from voiceprep.cli.campaigns import calls_ledger_option, opened
from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit, exit_of
from voiceprep.cli.mailing_plan import plan_lines
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.rows import counted
from voiceprep.cli.sentences import sentence_of
from voiceprep.cli.table import aligned
from voiceprep.cli.words import joined, number, or_as_is, word
from voiceprep.errors import VoiceprepError

if TYPE_CHECKING:
    from voiceprep.campaign.plan import Plan
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger, Mailed
    from voiceprep.pipeline.calls import Caller, Sent

__all__ = ["SEND", "caller_of", "can_go_on", "doubts", "passes", "reason_of", "send"]

SCHEMA: Final = "voiceprep.mailing.send/1"
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
    with opened(common, ledger) as (client, _, calls):
        caller = caller_of(
            plan, client, calls, common, confirm, now=now, windows=windows
        )
        sending = _Sending(caller, file, test, common)
        return sending.would() if common.dry_run else sending.run()


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
    said = word(
        common.language,
        "test",
        number=mask(trial.number),
        state=or_as_is(common.language, "state", str(message.state)),
        why=f" ({message.description})" if message.description else "",
    )
    passed = message.state == "ok"
    say(common, said if passed else word(common.language, "test.stopped", said=said))
    return passed


@dataclass(frozen=True, slots=True)
class _Sending:
    """Send, and say what became of it whatever happens."""

    caller: Caller
    file: str
    test: str | None
    common: Common

    def would(self) -> int:
        """Judge as `run` does, and say what it would do; nothing is written or sent."""
        caller, language = self.caller, self.common.language
        caller.judge()
        told, left = caller.told(self._before()), caller.unsent
        if self.test is not None and left:
            from voiceprep.pipeline.trial import Trial

            Trial(caller, self.test).judge()
        if self.common.as_json:
            result = {**told.as_json(), "dry_run": True, "would_order": left}
            click.echo(document(SCHEMA, [result], platform=caller.client.platform))
        else:
            click.echo("\n".join(plan_lines(caller.plan, language)))
        said = self._word("send.would", calls=counted(left, "call", language))
        if not left and not told.doubtful:
            said = self._said(told)
        line = joined(language, (said, *doubts(told.doubtful, language)))
        say_last(self.common, line, caller.client.platform)
        return Exit.UNKNOWN if told.doubtful else Exit.DONE

    def run(self) -> int:
        platform = self.caller.client.platform
        before = self._before()
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
        self._last_line(told, platform)
        return Exit.UNKNOWN if told.doubtful else Exit.DONE

    def _before(self) -> list[int]:
        return [row.number for row in self.caller.told().done]

    def _broken_off(
        self, error: BaseException, platform: str, before: list[int]
    ) -> int:
        """Say what was done and what is in doubt; both outweigh the error itself."""
        told = self.caller.told(before)
        if not told.new and not told.doubtful:
            raise error
        self._show(told, platform)
        click.echo(reason_of(error, self.common.language), err=True)
        if can_go_on(self.caller):
            again = f"voiceprep mailing send {quote(self.file)}"
            said = {"said": self._said(told), "command": again}
            say_last(self.common, self._word("send.goes_on", **said), platform)
        else:
            self._last_line(told, platform)
        code = exit_of(error)
        if told.doubtful and code is not Exit.INTERRUPTED:
            return Exit.UNKNOWN
        return Exit.PARTLY if code is Exit.USAGE else code

    def _show(self, told: Sent, platform: str) -> None:
        if self.common.as_json:
            click.echo(document(SCHEMA, [told.as_json()], platform=platform))
            return
        head = [self._word(f"title.{name}") for name in _HEAD]
        rows = [_row(row, self.common.language) for row in told.mailings]
        click.echo("\n".join(aligned([head, *rows])))

    def _said(self, told: Sent) -> str:
        language = self.common.language
        if not told.new and not told.doubtful:
            if told.mailings and told.done == told.mailings:
                return self._word("send.all", n=number(language, told.ordered, 0))
            return self._word("send.none")
        total = sum(each.calls for each in told.mailings)
        calls, ordered = counted(total, "call", language), told.ordered
        said = self._word("send.some", n=number(language, ordered, 0), calls=calls)
        return joined(language, (said, *doubts(told.doubtful, language)))

    def _last_line(self, told: Sent, platform: str) -> None:
        said = self._said(told)
        if not told.doubtful:
            step = f"voiceprep messages watch {quote(told.campaign)}"
            said = self._word("next", said=said, step=step)
        say_last(self.common, said, platform)

    def _word(self, key: str, **values: object) -> str:
        return word(self.common.language, key, **values)


def can_go_on(caller: Caller) -> bool:
    """Say whether a plan may be sent further: not where it, or someone, was stopped."""
    try:
        caller.check_going()
        caller.check_people()
    except VoiceprepError:
        return False
    return True


def reason_of(error: BaseException, language: str) -> str:
    """Say why it was broken off."""
    if isinstance(error, KeyboardInterrupt):
        return word(language, "send.interrupted")
    return sentence_of(error, language)


_HEAD: Final = ("part", "calls", "state", "mailing")


def doubts(rows: tuple[Mailed, ...], language: str = "en") -> list[str]:
    """Say, of each unclear mailing, the command that settles it."""
    return [
        word(
            language,
            "doubt",
            part=row.number,
            calls=number(language, row.calls, 0),
            command=f"voiceprep mailing resolve {quote(row.campaign)} "
            f"--part {row.number}",
        )
        for row in rows
    ]


def _row(row: Mailed, language: str) -> tuple[str, ...]:
    state = or_as_is(language, "order", str(row.state))
    return str(row.number), str(row.calls), state, row.mailing_id or ""
