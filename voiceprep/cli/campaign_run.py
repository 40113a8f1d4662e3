"""``voiceprep campaign run``: from a recording and a list to statistics."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli.campaigns import Seconds, opened
from voiceprep.cli.common import (
    Common,
    ExampleCommand,
    common_options,
    settings_of,
    treatment_options,
)
from voiceprep.cli.contacts import with_list
from voiceprep.cli.exits import Exit, exit_of
from voiceprep.cli.mailing_plan import plan_lines, plan_options, wish_of
from voiceprep.cli.mailing_send import caller_of, doubts, passes, reason_of
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.sentences import said_in
from voiceprep.cli.table import aligned, in_words
from voiceprep.cli.words import joined, number, on_account_clock, word
from voiceprep.errors import (
    AuthError,
    OutcomeUnknownError,
    PlatformError,
    RecordingError,
    UnavailableError,
    VoiceprepError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceprep.campaign.plan import Plan
    from voiceprep.cli.common import Asked as Sound
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger
    from voiceprep.pipeline.calls import Caller, Sent
    from voiceprep.pipeline.campaign_run import Course, Errand
    from voiceprep.pipeline.contacts import Asked
    from voiceprep.pipeline.following import Followed, Patience
    from voiceprep.pipeline.tallied import Tallied
    from voiceprep.pipeline.treatment import Treatment

__all__ = ["RUN", "Journey", "run", "travel"]

RUN: Final = """\
voiceprep campaign run message.mp3 clients.csv --name 'Relance mars'
voiceprep campaign run message.mp3 clients.csv --name 'Relance mars' \\
    --at 2026-12-01T10:00 --test '+33 6 12 34 56 78' --confirm 2500
"""
SCHEMA: Final = "voiceprep.campaign.run/1"
_STEP_WIDTHS: Final = {"en": 8, "fr": 12}


@dataclass(frozen=True, slots=True)
class Journey:
    """Hold how a person wants to travel: what they confirm, how long they wait.

    Parameters
    ----------
    common : Common
    confirm : int or None
    test : str or None
        A number to call first.
    overdue_now : bool
    timeout_s : float or None
        Of following the calls.
    patience : Patience or None
    """

    common: Common
    confirm: int | None = None
    test: str | None = None
    overdue_now: bool = False
    timeout_s: float | None = None
    patience: Patience | None = None


def _listed(function: Callable[..., Any]) -> Callable[..., Any]:
    argument = click.argument("file", metavar="CONTACTS")
    return with_list(function, argument, "contacts")


@click.command(cls=ExampleCommand, examples=RUN)
@click.argument("recording", type=click.Path(exists=True, dir_okay=False))
@_listed
@plan_options
@treatment_options
@click.option("-o", "--out", metavar="DIR", help="For what is made (default: NAME…).")
@click.option("--confirm", type=int, metavar="N", help="The number of recipients.")
@click.option("--test", metavar="NUMBER", help="Call it first; the rest after its ok.")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(0),
    metavar="SECONDS",
    help="Follow the calls no longer than that; run it again to go on.",
)
@common_options
def run(
    recording: str,
    contacts: Asked,
    asked: Sound,
    out: str | None,
    confirm: int | None,
    test: str | None,
    timeout_s: float | None,
    common: Common,
    **words: Any,
) -> int:
    """Go the whole way: check, prepare, upload, verify, plan, send, watch, count.

    Each step is printed. Stop it anywhere and run it again: it goes on where it
    was, and calls nobody twice. Without --at it begins as soon as the window is
    open. Your account wants --confirm with the number of recipients, after you
    have read the plan; the sandbox does not.
    """
    from voiceprep.pipeline.plans import slug

    settings = settings_of(common)
    overdue_now = words["now"]
    words["now"] = not words["at"]
    folder = Path(out or f"{slug(words['name'])}.campaign")
    errand = _errand(recording, contacts, folder, words, asked.treatment(settings))
    if common.dry_run:
        from voiceprep.pipeline.campaign_run import STEPS

        steps = ", ".join(word(common.language, f"step.{step}") for step in STEPS)
        say(common, word(common.language, "run.would", steps=steps, folder=folder))
        return Exit.DONE
    journey = Journey(common, confirm, test, overdue_now, timeout_s)
    with opened(common, words["ledger"]) as (client, _, ledger):
        return travel(errand, client, ledger, journey)


def _errand(
    recording: str,
    contacts: Asked,
    folder: Path,
    words: dict[str, Any],
    treatment: Treatment,
) -> Errand:
    """Read the words; others than these are another campaign."""
    from voiceprep.pipeline.campaign_run import Errand

    if not isinstance(contacts.source, str):
        raise click.UsageError("the list must be a file: it is read again to go on")
    marks = ("at", "ping", "window", "cap", "again")
    form, named = contacts.form, contacts.form.worksheet
    said = [f"{name}={words[name]}" for name in marks]
    said += [f"media={contacts.media}", f"column={','.join(contacts.columns)}"]
    said += [f"delimiter={form.delimiter}", f"encoding={form.encoding}"]
    said += [f"sheet={named}"] if named else []
    said += [
        f"{name}={getattr(contacts, name)}" for name in ("repair", "require_consent")
    ]
    return Errand(
        recording=Path(recording),
        wish=wish_of("", contacts, words),
        treatment=treatment,
        folder=folder,
        words=tuple(said),
    )


def travel(errand: Errand, client: Client, ledger: Ledger, journey: Journey) -> int:
    """Go all steps, print each; whatever ends them, say how to go on."""
    from voiceprep.pipeline.campaign_run import STEPS, Course

    common, platform = journey.common, client.platform
    told_last: list[str] = []

    def tell(step: str, came: str) -> None:
        language = common.language
        width = _STEP_WIDTHS[language]
        named = f"{STEPS.index(step) + 1}/{len(STEPS)} "
        head = f"{named}{word(language, f'step.{step}'):<{width}}"
        if told_last[-1:] == [step]:  # more of the same step
            head = " " * len(head)
        told_last[:] = [step]
        say(common, f"{head} {said_in(language, came)}")

    def caller(plan: Plan) -> Caller:
        return caller_of(
            plan,
            client,
            ledger,
            common,
            journey.confirm,
            now=journey.overdue_now,
            windows=errand.wish.windows,
        )

    course = Course(errand, client, ledger, caller, tell)
    before: Sent | None = None
    try:
        before = course.standing()
        plan = course.plan()
        return _Legs(course, journey, plan, caller(plan), platform).go()
    except (VoiceprepError, KeyboardInterrupt, OSError) as error:
        now = course.standing()
        code = _broken_off(error, now, errand.recording, common, platform)
        more = (now.ordered if now else 0) > (before.ordered if before else 0)
        return Exit.PARTLY if code is Exit.USAGE and more else code


@dataclass(frozen=True, slots=True)
class _Legs:
    """Go from a plan to statistics."""

    course: Course
    journey: Journey
    plan: Plan
    caller: Caller
    platform: str

    def go(self) -> int:
        self.caller.check_going()
        new = not self.course.is_sent(self.plan)
        if new and not self._sent():
            return Exit.PARTLY
        sent = self.caller.told()
        followed = self._followed()
        told = self.course.stats(self.plan)
        self._show(sent, told)
        self._last_line(sent, followed, new=new)
        if sent.doubtful:
            return Exit.UNKNOWN
        if followed is not None and not followed.is_final:
            return Exit.TEMPORARY
        return Exit.REFUSED if self.course.refused else Exit.DONE

    def _sent(self) -> bool:
        """Confirm, test, send; False where the test did not pass."""
        common = self.journey.common
        for line in plan_lines(self.plan, common.language):
            say(common, f"    {line}".rstrip())
        caller = replace(self.caller, confirm=self._confirmed())
        self.course.confirm(caller)
        if self.journey.test is not None and not passes(
            caller, self.journey.test, common
        ):
            return False
        self.course.send(caller)
        return True

    def _confirmed(self) -> int | None:
        """Ask whoever sits there for the number; a program says --confirm."""
        said = self.journey.confirm
        asks = self.platform == "live" and said is None and sys.stdin.isatty()
        if not asks:
            return said
        language = self.journey.common.language
        calls = number(language, self.plan.calls, 0)
        question = word(language, "run.confirm", n=calls)
        answer: int = click.prompt(question, type=int, err=True)
        return answer

    def _followed(self) -> Followed | None:
        """Follow the calls, unless they begin much later."""
        late = self.course.begins_late(self.plan)
        if late is not None:
            language = self.journey.common.language
            later = word(language, "run.later", when=on_account_clock(language, late))
            self.course.tell("watch", later)
            return None
        return self.course.follow(
            self.plan,
            timeout_s=self.journey.timeout_s,
            patience=self.journey.patience,
            say=lambda line: say(self.journey.common, line),
        )

    def _show(self, sent: Sent, told: Tallied) -> None:
        common = self.journey.common
        if common.as_json:
            result = self._json(sent, told)
            click.echo(document(SCHEMA, [result], platform=self.platform))
            return
        sums = told.stats.as_json()
        rows = [
            (name, "" if value is None else in_words(f"{value}", common.language))
            for name, value in sums.items()
        ]
        click.echo("\n".join(aligned(rows)))

    def _json(self, sent: Sent, told: Tallied) -> dict[str, Any]:
        """Return the campaign, its mailings with their counts, and the sums."""
        counts = {one.id: one.stats for one in told.mailings}
        mailings = []
        for row in sent.mailings:
            stats = counts.get(row.mailing_id or "")
            mailings.append({**row.as_json(), "counts": stats and stats.counts()})
        return {"campaign": sent.campaign, "mailings": mailings, **told.as_json()}

    def _last_line(self, sent: Sent, followed: Followed | None, *, new: bool) -> None:
        language, name = self.journey.common.language, quote(sent.campaign)
        n = number(language, sent.ordered, 0)
        is_over = followed is not None and followed.is_final
        if not new and not sent.doubtful and is_over:
            parts = [word(language, "run.over", n=n, name=name)]
        else:
            calls = number(language, self.plan.calls, 0)
            parts = [word(language, "run.ordered", n=n, calls=calls, name=name)]
        if not is_over:
            parts.append(word(language, "run.again"))
        line = joined(language, (*parts, *doubts(sent.doubtful, language)))
        step = f"voiceprep mailing stats --name {name}"
        line = word(language, "next", said=line, step=step)
        say_last(self.journey.common, line, self.platform)


_REMEDIES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (KeyboardInterrupt, "goes_on"),
    (UnavailableError, "goes_on"),
    (OutcomeUnknownError, "settle"),
    (RecordingError, "mend"),
    (FileNotFoundError, "no_file"),
    (AuthError, "account"),
    (PlatformError, "once"),
    (OSError, "once"),
    (VoiceprepError, "stops"),  # asked for what can't be: it would be again
)


def _remedy(error: BaseException) -> str:
    """Name what helps: running it again does where what was met may pass."""
    return next(key for kind, key in _REMEDIES if isinstance(error, kind))


def _broken_off(
    error: BaseException,
    told: Sent | None,
    recording: Path,
    common: Common,
    platform: str,
) -> Exit:
    """Say what was done, what is in doubt, what helps; a doubt outweighs the error."""
    code, language = exit_of(error), common.language
    doubtful = told.doubtful if told else ()
    reasons = (reason_of(error, language), *doubts(doubtful, language))
    click.echo(joined(language, reasons), err=True)
    ordered = number(language, told.ordered if told else 0, 0)
    said = word(language, "run.stopped", n=ordered)
    is_interrupted = code is Exit.INTERRUPTED
    if doubtful:
        maybe = number(language, sum(each.calls for each in doubtful), 0)
        said = word(language, "run.maybe", said=said, n=maybe)
    key = "settle" if doubtful and not is_interrupted else _remedy(error)
    command = f"voiceprep check {quote(str(recording))}"
    helps = word(language, f"run.{key}", command=command)
    say_last(common, word(language, "about", what=said, said=helps), platform)
    return Exit.UNKNOWN if doubtful and not is_interrupted else code
