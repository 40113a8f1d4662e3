"""``voiceprep contacts``: who can be called, before anyone is."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

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
from voiceprep.cli.sentences import visible
from voiceprep.cli.table import aligned
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
        from voiceprep.pipeline.contacts import Asked

        names = ("column", "delimiter", "encoding", "repair", "require_consent")
        asked = Asked(
            source=sys.stdin.buffer if file == STDIN else file,
            media=arguments.pop("media").upper(),
            suppress=arguments.pop("suppress"),
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
            "--column", default="", metavar="TITLE", help="Of the numbers; or 1, 2 …"
        ),
        click.option("--delimiter", default="", metavar="C", help="Between cells."),
        click.option("--encoding", default="", metavar="NAME", help="Such as cp1252."),
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
        click.echo("\n".join(_lines(found)))
    for line in _told(common, found, show_numbers=show_numbers):
        say(common, line)
    say(common, _last_line(found))
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
    number = -(-found.tally.accepted // size)
    paths = [folder / f"part-{n:03}.csv" for n in range(1, number + 1)]
    if not common.dry_run:
        paths = list(parts(folder / "accepted.csv", folder, size))
    names = [str(path) for path in paths]
    if common.as_json:
        result = {**found.as_json(), "parts": names}
        click.echo(document("voiceprep.contacts.split/1", [result]))
    else:
        click.echo("\n".join(map(visible, names)))
    would = "would be " if common.dry_run else ""
    accepted = counted(found.tally.accepted, "contact")
    say(common, f"{accepted} {would}in {counted(number, 'part')}, {_refused(found)}")
    return Exit.REFUSED if found.tally.refused else Exit.DONE


def _sparing(asked: Asked, common: Common) -> Asked:
    """Leave out who asked for no more calls, in any campaign that we followed."""
    from voiceprep.pipeline.call_ledger import learned_optouts

    optouts = learned_optouts(settings_of(common))
    return replace(asked, held=(*asked.held, ("optout", optouts.__contains__)))


def _lines(found: Checked) -> list[str]:
    """Lay the counts out, a line each."""
    tally = found.tally
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in tally.kinds.most_common())
    rows = [("accepted", f"{tally.accepted:,}", kinds)]
    rows += [("mended", f"{n:,}", mend) for mend, n in tally.mends.most_common()]
    rows += [_reason(reason, n) for reason, n in tally.reasons.most_common()]
    return aligned([("", "rows", found.name), *rows])


def _reason(reason: str, number: int) -> tuple[str, str, str]:
    from voiceprep.campaign.contacts import HELD
    from voiceprep.campaign.numbers import REASONS

    label = reason if reason == "duplicate" else "refused"
    return label, f"{number:,}", f"{reason}: {({**REASONS, **HELD})[reason]}"


def _told(common: Common, found: Checked, *, show_numbers: bool) -> Iterator[str]:
    """Say how the list was read, and with -v which rows are not called."""
    written = {"\t": "tabs", "": "one column"}.get(found.delimiter, found.delimiter)
    column = found.columns.title
    yield f"{found.name}: column {column!r}, {found.encoding}, cells by {written!r}"
    for path, rows in found.unread.items():
        yield f"{path}: {counted(rows, 'row')} without a number or hash in it"
    if common.verbose:
        yield from _shown(found, show_numbers=show_numbers)


def _shown(found: Checked, *, show_numbers: bool) -> Iterator[str]:
    from voiceprep.campaign.contacts import explained
    from voiceprep.client.words import mask, plain

    for contact in found.shown:
        value, proposal = contact.value, contact.verdict.proposal
        if not show_numbers:
            value, proposal = mask(value), proposal and mask(proposal)
        proposed = f"; probably {proposal} (--repair)" if proposal else ""
        why = f"{explained(contact)}{proposed}"
        yield f"    row {contact.row}: {plain(value)}: {why}"


def _last_line(found: Checked) -> str:
    """Say what happened and what to do next."""
    accepted = counted(found.tally.accepted, "contact")
    said = f"{accepted} can be called, {_refused(found)}"
    if found.tally.proposals:
        said += f"; {found.tally.proposals:,} could be mended with --repair"
    if found.folder is None:
        return f"{said}. Next: add -o DIR to write the lists"
    return f"{said}: see {found.folder}/accepted.csv and {found.folder}/rejected.csv"


def _refused(found: Checked) -> str:
    merged = found.tally.duplicates
    also = f", {counted(merged, 'duplicate')} merged" if merged else ""
    return f"{found.tally.refused:,} can't{also}"
