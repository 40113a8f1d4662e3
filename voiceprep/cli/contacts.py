"""``voiceprep contacts``: who can be called, before anyone is."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.cli import words
from voiceprep.cli.common import (
    Common,
    ExampleCommand,
    ExampleGroup,
    common_options,
    settings_of,
)
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import document, say
from voiceprep.cli.rows import counted
from voiceprep.cli.sentences import said_in, visible
from voiceprep.cli.table import aligned
from voiceprep.cli.words import number, word
from voiceprep.contract import MAX_CONTACTS, VOICE, VOICEMAIL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.pipeline.contacts import Asked, Checked

CHECK: Final = """\
voiceprep contacts check clients.csv
voiceprep contacts check clients.xlsx -o out      out/accepted.csv, out/rejected.csv
voiceprep contacts check clients.csv -o out --repair --suppress stop.csv
cat clients.csv | voiceprep contacts check - --media voice --json
"""
SPLIT: Final = """\
voiceprep contacts split clients.csv -o parts     parts/part-001.csv, …
voiceprep contacts split clients.csv -o parts --size 500
"""
STDIN: Final = "-"


def list_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add a list and the options that say what it is; a command gets an `Asked`."""
    return with_list(function, click.argument("file", metavar="FILE"))


def with_list(
    function: Callable[..., Any], source: Callable[[Any], Any], name: str = "asked"
) -> Callable[..., Any]:
    """Add the options that say what a list is; a command gets an `Asked` as `name`.

    The list itself is what `source` adds, an option or an argument `file`.
    """

    @wraps(function)
    def with_asked(file: str, **arguments: Any) -> Any:
        from voiceprep.campaign.sheets import Form
        from voiceprep.pipeline.contacts import Asked

        forms = ("delimiter", "encoding", "worksheet")
        names = ("columns", "repair", "require_consent", "suppress")
        asked = Asked(
            source=sys.stdin.buffer if file == STDIN else file,
            media=arguments.pop("media").upper(),
            form=Form(**{name: arguments.pop(name) for name in forms}),
            **{name: arguments.pop(name) for name in names},
        )
        return function(**{name: asked}, **arguments)

    options = (
        source,
        click.option(
            "--media",
            type=click.Choice([VOICEMAIL.lower(), VOICE.lower()], case_sensitive=False),
            default=VOICEMAIL.lower(),
            help="Answering machines, mobiles only (default); or push calls.",
        ),
        click.option(
            *("--column", "columns"),
            multiple=True,
            metavar="TITLE",
            help="Of the numbers; or 1, 2 … Said again: where the first has none.",
        ),
        click.option("--delimiter", default="", metavar="C", help="Between cells."),
        click.option("--encoding", default="", metavar="NAME", help="Such as cp1252."),
        click.option(
            "--sheet", "worksheet", default="", metavar="TITLE", help="Of an .xlsx."
        ),
        click.option("--repair", is_flag=True, help="Use what is only probable."),
        click.option(
            "--suppress",
            multiple=True,
            metavar="FILE",
            help="Who must not be called: numbers or hashes.",
        ),
        click.option(
            "--require-consent",
            is_flag=True,
            help="Only rows with consent_at and consent_source.",
        ),
    )
    for option in reversed(options):
        option(with_asked)
    return with_asked


numbers_option = click.option(
    "--show-numbers", is_flag=True, help="Show telephone numbers whole."
)


@click.group(cls=ExampleGroup, examples=CHECK + SPLIT)
def command() -> None:
    """Check lists of contacts: CSV, or xlsx with the extra of that name."""


@command.command(cls=ExampleCommand, examples=CHECK)
@list_options
@click.option("-o", "--out", metavar="DIR", help="Write the sorted lists there.")
@numbers_option
@common_options
def check(asked: Asked, out: str | None, show_numbers: bool, common: Common) -> int:
    """Check a list: who can be called, what was mended, who can't be and why.

    A number is taken as the platform takes it, mended where its meaning is
    certain, proposed where it is only probable, and refused otherwise. Who asked
    for no more calls in a campaign that was followed is left out. Without -o nothing
    is written. Exit code 1 where any contact is refused; a duplicate is
    no one else.
    """
    from voiceprep.pipeline.contacts import check_contacts

    asked = _sparing(asked, common)
    found = check_contacts(asked, None if common.dry_run else out)
    if common.as_json:
        click.echo(document("voiceprep.contacts.check/1", [found.as_json()]))
    else:
        click.echo("\n".join(_lines(found, common.language)))
    for line in _told(common, found, show_numbers=show_numbers):
        say(common, line)
    say(common, _last_line(found, common.language))
    return Exit.REFUSED if found.tally.refused else Exit.DONE


@command.command(cls=ExampleCommand, examples=SPLIT)
@list_options
@click.option("-o", "--out", metavar="DIR", required=True, help="Of the parts.")
@click.option(
    "--size",
    type=click.IntRange(1, MAX_CONTACTS),
    default=MAX_CONTACTS,
    help="Contacts of a part: 1,000 at most, as of a mailing.",
)
@common_options
def split(asked: Asked, out: str, size: int, common: Common) -> int:
    """Check a list, and write who can be called in parts of 1,000 contacts.

    A mailing takes no more. Exit code 1 where any contact is refused:
    rejected.csv says why.
    """
    from voiceprep.campaign.contacts import parts
    from voiceprep.pipeline.contacts import check_contacts

    asked = _sparing(asked, common)
    folder = Path(out)
    found = check_contacts(asked, None if common.dry_run else folder)
    count = -(-found.tally.accepted // size)
    paths = [folder / f"part-{n:03}.csv" for n in range(1, count + 1)]
    if not common.dry_run:
        paths = list(parts(folder / "accepted.csv", folder, size))
    names = [str(path) for path in paths]
    if common.as_json:
        result = {**found.as_json(), "parts": names}
        click.echo(document("voiceprep.contacts.split/1", [result]))
    else:
        click.echo("\n".join(map(visible, names)))
    language = common.language
    said = {
        "contacts": counted(found.tally.accepted, "contact", language),
        "parts": counted(count, "part", language),
        "refused": _refused(found, language),
    }
    key = "contacts.parts_would" if common.dry_run else "contacts.parts"
    say(common, word(language, key, **said))
    return Exit.REFUSED if found.tally.refused else Exit.DONE


def _sparing(asked: Asked, common: Common) -> Asked:
    """Leave out who asked for no more calls, in any campaign that we followed."""
    from voiceprep.pipeline.call_ledger import learned_optouts

    optouts = learned_optouts(settings_of(common))
    return replace(asked, held=(*asked.held, ("optout", optouts.__contains__)))


def _lines(found: Checked, language: str) -> list[str]:
    """Lay the counts out, a line each."""
    tally = found.tally
    by_kind = tally.kinds.most_common()
    kinds = ", ".join(words.counted(language, n, kind) for kind, n in by_kind)
    rows = [("accepted", tally.accepted, kinds)]
    rows += [
        ("mended", n, words.or_as_is(language, "mend", mend))
        for mend, n in tally.mends.most_common()
    ]
    rows += [_reason(reason, n, language) for reason, n in tally.reasons.most_common()]
    lines = [
        (word(language, f"contacts.{label}"), number(language, n, 0), said)
        for label, n, said in rows
    ]
    return aligned([("", word(language, "contacts.rows"), found.name), *lines])


def _reason(reason: str, count: int, language: str) -> tuple[str, int, str]:
    from voiceprep.campaign.contacts import HELD
    from voiceprep.campaign.numbers import REASONS

    label = reason if reason == "duplicate" else "refused"
    why = said_in(language, {**REASONS, **HELD}[reason])
    return label, count, word(language, "about", what=reason, said=why)


def _told(common: Common, found: Checked, *, show_numbers: bool) -> Iterator[str]:
    """Say how the list was read, and with -v which rows are not called."""
    language = common.language
    yield _read(found, language)
    if found.columns.above:
        above = counted(found.columns.above, "row", language)
        at = found.columns.header_row
        yield word(language, "contacts.above", row=at, rows=above)
    yield from list_remarks(found, language)
    for path, rows in found.unread.items():
        lines = counted(rows, "row", language)
        yield word(language, "contacts.unread", path=path, rows=lines)
    if common.verbose:
        yield from _shown(found, language, show_numbers=show_numbers)


def list_remarks(found: Checked, language: str) -> Iterator[str]:
    """Say what of a list a person may have meant otherwise."""
    from voiceprep.campaign.columns import RECIPIENT

    columns = found.columns
    if columns.optouts:
        named = ", ".join(columns.named(columns.optouts))
        yield word(language, "contacts.optouts", columns=named)
    if columns.permissions:
        named = ", ".join(columns.named(columns.permissions))
        yield word(language, "contacts.permissions", columns=named)
    is_sorted = columns.title == RECIPIENT  # accepted.csv
    is_told = columns.optouts or columns.permissions or is_sorted
    if not is_told and len(columns.titles) > len(columns.numbers):
        yield word(language, "contacts.no_optouts")
    if columns.others:
        named = ", ".join(columns.named(columns.others))
        yield word(language, "contacts.others", columns=named)
    if found.hidden:
        rows = counted(found.hidden, "row", language)
        yield word(language, "contacts.hidden", rows=rows)


def _read(found: Checked, language: str) -> str:
    """Say what a list is written in, and where its numbers stand."""
    told = {"name": found.name, "column": found.columns.title}
    if found.worksheet:
        return word(language, "contacts.sheet", **told, sheet=found.worksheet)
    sign, named = found.delimiter, {"\t": "contacts.tabs", "": "contacts.alone"}
    sign = word(language, named[sign]) if sign in named else sign
    return word(language, "contacts.read", **told, encoding=found.encoding, sign=sign)


def _shown(found: Checked, language: str, *, show_numbers: bool) -> Iterator[str]:
    from voiceprep.campaign.contacts import explained
    from voiceprep.client.words import mask, plain

    for contact in found.shown:
        value, proposal = contact.value, contact.verdict.proposal
        if not show_numbers:
            value, proposal = mask(value), proposal and mask(proposal)
        why = said_in(language, explained(contact))
        if proposal:
            why = word(language, "contacts.probably", why=why, number=proposal)
        told = {"n": contact.row, "value": plain(value), "why": why}
        yield f"    {word(language, 'contacts.row', **told)}"


def _last_line(found: Checked, language: str) -> str:
    """Say what happened and what to do next."""
    accepted = counted(found.tally.accepted, "contact", language)
    refused = _refused(found, language)
    said = word(language, "contacts.said", contacts=accepted, refused=refused)
    if found.tally.proposals:
        n = number(language, found.tally.proposals, 0)
        said = word(language, "contacts.repair", said=said, n=n)
    if found.folder is None:
        step = word(language, "contacts.write")
        return word(language, "next", said=said, step=step)
    return word(language, "contacts.where", said=said, folder=found.folder)


def _refused(found: Checked, language: str) -> str:
    said = words.counted(language, found.tally.refused, "can't")
    if not found.tally.duplicates:
        return said
    doubles = counted(found.tally.duplicates, "duplicate", language)
    return word(language, "contacts.merged", said=said, doubles=doubles)
