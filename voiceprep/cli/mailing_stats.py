"""``voiceprep mailing stats``: what mailings came to, one by one and as a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep import contract
from voiceprep.cli import words
from voiceprep.cli.campaigns import calls_ledger_option, opened, unnamed
from voiceprep.cli.common import ExampleCommand, common_options
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import say
from voiceprep.cli.proof import about_of
from voiceprep.cli.rows import (
    Sheet,
    asked_ids,
    connected,
    counted,
    in_order,
    last_line,
    row_options,
    rows_of,
    show_rows,
    titles,
)
from voiceprep.cli.sentences import said_in
from voiceprep.cli.table import csv_text, show_table
from voiceprep.cli.words import joined, number, word
from voiceprep.client import Mailing, Stats
from voiceprep.client.words import plain
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.campaign.statistics import Breakdown, People
    from voiceprep.cli.rows import Form
    from voiceprep.ledger import Ledger

__all__ = ["STATS", "missing_line", "stats"]

STATS: Final = """\
voiceprep mailing stats --name 'Relance mars'   a campaign: all mailings of one name
voiceprep mailing stats 42 43 --json | jq .stats
voiceprep mailing stats --name 'Relance mars' --by reason --csv > reasons.csv
voiceprep mailing stats --name 'Relance mars' --report stats.html --lang fr
voiceprep mailing stats --name 'Relance mars' --all   with its retries: people too
"""
SCHEMA: Final = "voiceprep.mailing.stats/1"
COUNTS: Final = {word: word for word in contract.STATS_FIELDS}
COLUMNS: Final = {"id": "id", "name": "name", **COUNTS, "ok %": "deliverability"}
SHEET: Final = Sheet(SCHEMA, COLUMNS, Mailing(id="", stats=Stats()))
WAYS: Final = ("mailing", "reason", "hour")
REASONS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """Hold what is to be told.

    Parameters
    ----------
    found : list of Mailing
    total : Stats
    missing : list of str
        Ids that are not there.
    breakdown : Breakdown or None
        Of a campaign only.
    is_known : bool
        Whether anything bears the campaign's name.
    people : People or None
        Of a campaign only.
    names : sequence of str
        Of the campaigns that were added up by --all.
    gap : str
        What the ledger knows as ordered, and the platform has not; ``""`` is none.
    """

    found: list[Mailing]
    total: Stats
    missing: list[str]
    breakdown: Breakdown | None = None
    is_known: bool = True
    people: People | None = None
    names: Sequence[str] = ()
    gap: str = ""


@click.command(cls=ExampleCommand, examples=STATS)
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option(
    "--name", metavar="NAME", help="Of the campaign; the plan's tag may be left out."
)
@click.option(
    "--all",
    "together",
    is_flag=True,
    help="All campaigns of that own name, whatever their tags: retries too.",
)
@click.option(
    "--by",
    type=click.Choice(WAYS),
    default=WAYS[0],
    show_default=True,
    help="What to lay out: mailings, reasons not to be reached, or hours.",
)
@click.option(
    "--report",
    "page",
    metavar="FILE",
    help="Write a page with charts (HTML) as well; of a campaign.",
)
@calls_ledger_option
@common_options
@row_options
def stats(
    ids: tuple[str, ...],
    name: str | None,
    together: bool,
    by: str,
    page: str | None,
    ledger: str | None,
    form: Form,
) -> int:
    """Count what mailings came to, one by one and added up.

    By ids, or by the name that a campaign's mailings share: then the reasons of
    calls that failed and the hours in which calls ended are counted too, from the
    messages (--by, and "breakdown" in JSON). "no" is unknown: neither success nor
    failure. With --all the people are counted, called and reached, over all campaigns
    of that own name ("people" in JSON). The sum is the table's last line, and "stats"
    in JSON; CSV holds the rows alone. Exit code 6 where an id is not there, or nothing
    bears the name; 7 where the platform lacks calls that the ledger knows as ordered.
    """
    asked = asked_ids(ids)
    if bool(asked) == (name is not None):
        raise click.UsageError("name mailings by their ids, or a campaign by --name")
    if name is None and (page or together or by in _TABLES):
        asked_for = "--report" if page else "--all" if together else f"--by {by}"
        raise click.UsageError(f"{asked_for} is of a campaign: name it by --name")
    if name is None:
        told, platform = _of_ids(form, asked)
    else:
        told, platform = _of_name(form, name, ledger, page, together=together)
    if told.is_known or form.is_for_programs:
        _show(form, told, by, platform)
    if name is not None and not told.is_known:
        raise unnamed(name)
    language = form.common.language
    if reasons := _reasons_said(told.breakdown, language):
        say(form.common, reasons)
    line = missing_line(len(told.found), told.missing, language)
    line = word(language, "about", what=line, said=_said(told.total, language))
    last_line(form, joined(language, [line, *_more(told, language)]), platform)
    if told.gap:
        return Exit.UNKNOWN
    return Exit.PLATFORM_REFUSED if told.missing else Exit.DONE


def _of_ids(form: Form, asked: Sequence[str]) -> tuple[Counted, str]:
    with connected(form) as (client, platform):
        found = list(client.stats.read(id=asked))
    total = sum((one.stats for one in found if one.stats), Stats())
    return Counted(found, total, in_order(asked, found)[1]), platform


def _of_name(
    form: Form, name: str, ledger: str | None, page: str | None, *, together: bool
) -> tuple[Counted, str]:
    """Count a campaign, and write its page; what could not be read is said."""
    from voiceprep.pipeline.proving import tally_of, write_sheet
    from voiceprep.pipeline.tallied import of_own_name, tallied
    from voiceprep.report import tally_page

    with opened(form.common, ledger) as (client, platform, known):
        account = client.account
        names = of_own_name(known, account, name) if together else ()
        whole = name if together else _whole_name(known, account, name)
        found = tallied(client, known, whole, names=names)
    language = form.common.language
    if found.trouble:
        why = said_in(language, found.trouble)
        say(form.common, word(language, "stats.trouble", why=why))
    elif found.unread:
        unread = counted(found.unread, "message", language)
        say(form.common, word(language, "stats.unread", messages=unread))
    if page is not None and found.is_known and not form.common.dry_run:
        about = about_of(form.common, found.name)
        tally = tally_of(found, about, is_sandbox=platform == "sandbox")
        write_sheet(tally_page(tally), Path(page))
    mailings = list(found.mailings)
    lacking = "" if found.gap is None else str(found.gap)
    told = Counted(
        mailings,
        found.stats,
        [],
        found.breakdown,
        found.is_known,
        found.people,
        names,
        lacking,
    )
    return told, platform


def _whole_name(known: Ledger, account: str, name: str) -> str:
    """Return the name that mailings bear; of several, all can be counted together."""
    from voiceprep.pipeline.following import full_name

    if len(found := known.calls.named(account, name)) > 1:
        names = ", ".join(repr(each.name) for each in found)
        raise SettingsError(
            f"{name!r} may be any of {names}: name one with its tag; or --all, which "
            "adds them up"
        )
    return full_name(known, account, name)


def _show(form: Form, told: Counted, by: str, platform: str) -> None:
    """Print one table in the form that was asked for; JSON holds them all."""
    if by == "mailing" or form.common.as_json:
        _show_mailings(form, told, platform)
        return
    header, *body = _TABLES[by](told.breakdown)
    if form.as_csv:
        cells = (dict(zip(header, row, strict=True)) for row in body)
        click.echo(csv_text(header, cells), nl=False)
    else:
        show_table(form.common, [titles(header, form.common.language), *body])


def _show_mailings(form: Form, told: Counted, platform: str) -> None:
    sums = told.total.as_json()
    more: dict[str, Any] = {}
    if told.breakdown is not None:
        more["breakdown"] = told.breakdown.as_json()
    if told.people is not None:
        more["people"] = told.people.as_json()
    if told.names:
        more["campaigns"] = list(told.names)
    show_rows(
        form,
        SHEET,
        rows_of(form, told.found),
        platform,
        below=[{"id": "total", **sums}],
        stats=sums,
        missing=told.missing,
        **more,
    )


def _reasons(of: Breakdown) -> list[list[str]]:
    """Lay out why calls were not reached, the most frequent first."""
    rows = [[plain(said), str(count)] for said, count in of.reasons.items()]
    return [["not reached because", "calls"], *rows]


def _reasons_said(of: Breakdown | None, language: str) -> str:
    """Say the most frequent reasons in a line; or nothing."""
    if of is None or not of.reasons:
        return ""
    shown = list(of.reasons.items())[:REASONS_SHOWN]
    told = (f"{number(language, count, 0)} {plain(why)}" for why, count in shown)
    parts = [word(language, "stats.reasons", reasons=", ".join(told))]
    if len(of.reasons) > len(shown):
        parts.append(word(language, "stats.more"))
    return joined(language, parts)


def _hours(of: Breakdown) -> list[list[str]]:
    """Lay out how many calls ended in which hour, on the account's clock."""
    states = contract.FINAL_STATES
    rows = [
        [hour, *(str(ended.get(state, 0)) for state in states)]
        for hour, ended in of.hours.items()
    ]
    return [["ended from", *states], *rows]


_TABLES: Final[dict[str, Any]] = {"reason": _reasons, "hour": _hours}


def _said(total: Stats, language: str) -> str:
    """Sum up in words; without messages there is no percentage (R42)."""
    if total.deliverability is None:
        return word(language, "stats.none")
    return word(
        language,
        "stats.said",
        messages=counted(total.total, "message", language),
        ok=words.counted(language, total.ok, "ok"),
        percent=number(language, total.deliverability, 2),
    )


def _more(told: Counted, language: str) -> Iterator[str]:
    """Say what a sum of calls does not: stopped ones, people, and what is missing."""
    if told.breakdown is not None and (stopped := told.breakdown.stopped):
        calls = counted(stopped, "call", language)
        yield word(language, "stats.stopped", calls=calls)
    if told.names and told.people is not None and (called := told.people.called):
        reached = told.people.reached
        hundredths = (20_000 * reached + called) // (2 * called)
        yield word(
            language,
            "stats.people",
            reached=number(language, reached, 0),
            called=counted(called, "person", language).replace("persons", "people"),
            percent=number(language, hundredths / 100, 2),
        )
    if told.gap:
        yield said_in(language, told.gap)


def missing_line(found: int, missing: Sequence[str], language: str) -> str:
    """Count mailings, and name those that are not there."""
    line = counted(found, "mailing", language)
    if not missing:
        return line
    return word(language, "stats.missing", said=line, ids=", ".join(missing))
