"""``voiceprep mailing plan``: what would be called, readable before it happens."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import click

from voiceprep.cli.campaigns import calls_ledger_option, opened
from voiceprep.cli.common import Common, ExampleCommand, common_options
from voiceprep.cli.contacts import list_remarks, numbers_option, with_list
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.rows import counted
from voiceprep.cli.sentences import said_in
from voiceprep.cli.table import aligned
from voiceprep.cli.words import moment, number, word
from voiceprep.contract import ACCOUNT_ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voiceprep.campaign.plan import Part, Plan
    from voiceprep.pipeline.contacts import Asked
    from voiceprep.pipeline.plans import Made

__all__ = ["PLAN", "plan", "plan_lines", "plan_options", "wish_of"]

PLAN: Final = """\
voiceprep mailing plan --content message.mp3 --contacts out/accepted.csv \\
    --name 'Relance mars' --at 2026-12-01T10:00
voiceprep mailing plan --content URL --contacts list.csv --name Alert --now
"""
_TITLES: Final = ("part", "calls", "to", "where", "their clock")


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a campaign is to be; a command is given the words as they stand."""
    options = (
        click.option("--name", required=True, help="Of the campaign; no comma in it."),
        click.option("--at", metavar="DATE", help="When to begin, ISO 8601."),
        click.option("--now", is_flag=True, help="Begin at once, in the window."),
        click.option(
            "--ping", default="", metavar="URL", help="Told of changes: #id# or #ids#."
        ),
        click.option(
            "--window",
            default="fr-weekdays",
            metavar="NAME",
            help="Of calling hours: fr-weekdays (default), fr-daytime, any …",
        ),
        click.option(
            "--windows",
            default="",
            metavar="FILE",
            help="Windows, holidays, zones of your own (TOML).",
        ),
        click.option("--cap", metavar="CALLS/DAYS", help="For one person, as 4/30."),
        click.option(
            "--again",
            is_flag=True,
            help="Also whom a campaign of this name calls already.",
        ),
        calls_ledger_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


def _listed(function: Callable[..., Any]) -> Callable[..., Any]:
    option = click.option(
        "--contacts", "file", required=True, metavar="FILE", help="Who is to be called."
    )
    return with_list(function, option)


@click.command(cls=ExampleCommand, examples=PLAN)
@click.option(
    "--content",
    required=True,
    metavar="WHAT",
    help="A link, an id, a tag, or a recording that was uploaded.",
)
@_listed
@plan_options
@click.option("-o", "--out", metavar="FILE", help="Of the plan (default: NAME…).")
@numbers_option
@common_options
def plan(
    content: str,
    asked: Asked,
    out: str | None,
    show_numbers: bool,
    common: Common,
    **words: Any,
) -> int:
    """Plan a campaign; nothing is sent.

    Its calls are split into mailings of 1,000 under one name, each in the
    recipients' own calling hours. The plan says how many, to whom, when by their
    clock and by yours, what they will hear, and who is left out and why. The
    windows are no legal advice.
    """
    from voiceprep.pipeline.plans import make_plan

    wish = wish_of(content, asked, words)
    path = Path(out) if out else None
    with opened(common, words["ledger"]) as (client, platform, ledger):
        made = make_plan(
            client,
            ledger,
            wish,
            now=datetime.now(UTC),
            path=path,
            write=not common.dry_run,
        )
    if common.as_json:
        told = plan_json(made, show_numbers=show_numbers)
        click.echo(document("voiceprep.mailing.plan/1", [told], platform=platform))
    else:
        lines = plan_lines(made.plan, common.language, show_numbers=show_numbers)
        click.echo("\n".join(lines))
    if not made.heard.is_verified:
        doubt = said_in(common.language, made.heard.doubt)
        say(common, word(common.language, "plan.doubt", why=doubt))
    for remark in _remarks(made, common.language):
        say(common, remark)
    say_last(common, _last_line(made, platform, common.language), platform)
    return Exit.DONE


def wish_of(content: str, asked: Asked, words: dict[str, Any]) -> Any:
    """Read the words of `plan_options`.

    Raises
    ------
    click.UsageError
        Without a date, or with two.
    """
    from voiceprep.pipeline.plans import Cap, Wish, instant

    if words["now"] == bool(words["at"]):
        raise click.UsageError(
            "say when: --at DATE, or --now to begin at once"
            if not words["now"]
            else "--now and --at say two things: choose one"
        )
    return Wish(
        content=content,
        contacts=asked,
        name=words["name"],
        at=instant(words["at"]) if words["at"] else None,
        ping_url=words["ping"],
        window=words["window"],
        windows=words["windows"],
        cap=Cap.read(words["cap"]) if words["cap"] else None,
        again=words["again"],
    )


def plan_lines(
    plan: Plan, language: str = "en", *, show_numbers: bool = False
) -> list[str]:
    """Lay a plan out: what, how many, to whom, when by both clocks, who not."""
    order, calls = plan.order, counted(plan.calls, "call", language)
    heard = order.content_sha256[:16] or word(language, "plan.unverified")
    is_any = order.window == "any"
    whole = word(language, "plan.in", calls=calls, mailings=_mailings(plan, language))
    facts = [
        ("campaign", plan.campaign),
        ("media", f"{order.media} {order.type}".strip()),
        ("plays", order.link),
        ("heard", f"{heard}  {order.preview}".strip()),
        ("calls", whole),
        ("window", word(language, "plan.any") if is_any else order.window),
        *(("skipped", each) for each in _skipped(plan, language)),
    ]
    told = [(word(language, f"plan.{name}"), value) for name, value in facts]
    titles = (word(language, f"title.{name}") for name in _TITLES)
    head = (*titles, word(language, "title.in", zone=ACCOUNT_ZONE))
    rows = [_row(part, language, show_numbers=show_numbers) for part in plan.parts]
    return [*aligned(told), "", *aligned([head, *rows])]


def _skipped(plan: Plan, language: str) -> Iterator[str]:
    """Say how many are left out, and why; English has the words of JSON."""
    from voiceprep.campaign.contacts import HELD
    from voiceprep.campaign.numbers import REASONS

    for code, count in plan.skipped.items():
        told = {**REASONS, **HELD}.get(code, code)
        why = code if language == "en" else said_in(language, told)
        yield f"{number(language, count, 0)} {why}"


def plan_json(made: Made, *, show_numbers: bool) -> dict[str, Any]:
    """Return a plan for a program; numbers masked unless they are asked for."""
    from voiceprep.client.words import mask

    told = made.plan.as_json()
    if not show_numbers:
        for part in told["parts"]:
            part["recipients"] = [mask(number) for number in part["recipients"]]
    return {
        **told,
        "path": made.path and str(made.path),
        "left_out": made.left_out and str(made.left_out),
        "near": dict(made.near),
        "verified": made.heard.is_verified,
        "doubt": made.heard.doubt,
    }


def _row(part: Part, language: str, *, show_numbers: bool) -> tuple[str, ...]:
    theirs, ours = _clocks(part, language)
    people = _shown(part.recipients, show_numbers=show_numbers)
    place = part.territory if language == "en" else _place(part.territory)
    return str(part.number), f"{len(part.recipients)}", people, place, theirs, ours


def _place(territory: str) -> str:
    """Name a territory in French, as the sign-off does."""
    from voiceprep.report.sheet_words import SHEET_WORDS

    return SHEET_WORDS.get(f"place.{territory}", ("", territory))[1]


def _clocks(part: Part, language: str) -> tuple[str, str]:
    """Say when a part begins by its recipients' clock, and by the account's."""
    if part.at is None:
        at_once = word(language, "plan.at_once")
        return at_once, at_once
    theirs, ours = (
        moment(language, part.at.astimezone(ZoneInfo(zone)))
        for zone in (part.zone or "UTC", ACCOUNT_ZONE)
    )
    return theirs, ours


def _shown(numbers: Sequence[str], *, show_numbers: bool) -> str:
    """Name the first number and the last one; masked unless they are asked for."""
    from voiceprep.client.words import mask

    ends = dict.fromkeys((numbers[0], numbers[-1]))
    return " … ".join(one if show_numbers else mask(one) for one in ends)


def _mailings(plan: Plan, language: str) -> str:
    return counted(len(plan.parts), "mailing", language)


def _remarks(made: Made, language: str) -> Iterator[str]:
    """Say what of a plan, and of its list, a person may not have meant."""
    yield from list_remarks(made.checked, language)
    if made.left_out is not None:
        yield word(language, "plan.left_out", path=made.left_out)
    if later := _later(made.plan, language):
        names = ", ".join(made.windows)
        window = made.plan.order.window
        yield word(language, "plan.later", at=later, window=window, names=names)
    for campaign, count in made.near.items():
        people = counted(count, "person", language)
        yield word(language, "plan.near", people=people, name=campaign)


def _later(plan: Plan, language: str) -> str:
    """Say when the first calls begin, where that is another day than was asked for."""
    first, asked = plan.parts[0], plan.order.at
    if first.at is None or asked is None:
        return ""
    zone = ZoneInfo(ACCOUNT_ZONE)
    begins, wanted = first.at.astimezone(zone), asked.astimezone(zone)
    return "" if begins.date() == wanted.date() else moment(language, begins)


def _last_line(made: Made, platform: str, language: str) -> str:
    """Say what was made, and what comes next."""
    from shlex import quote

    calls = counted(made.plan.calls, "call", language)
    mailings = _mailings(made.plan, language)
    said = word(language, "planned", calls=calls, mailings=mailings)
    if made.path is None:
        return said
    confirm = f" --confirm {made.plan.calls}" if platform == "live" else ""
    step = f"voiceprep mailing send {quote(str(made.path))}{confirm}"
    return word(language, "next", said=said, step=step)
