"""What the commands of contents, mailings and messages share: rows in three forms."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from voiceprep.cli import words
from voiceprep.cli.common import settings_of
from voiceprep.cli.output import document, say, say_last
from voiceprep.cli.table import aligned, csv_text, flat, in_words, show_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from voiceprep.cli.common import Common
    from voiceprep.client import Client, Content, Mailing, Message

    Noun = Content | Mailing | Message

__all__ = [
    "Form",
    "Sheet",
    "asked_ids",
    "connected",
    "counted",
    "in_order",
    "last_line",
    "limit_option",
    "named",
    "row_options",
    "rows_of",
    "show_details",
    "show_rows",
    "titles",
]


@dataclass(frozen=True, slots=True)
class Form:
    """Hold how rows are to be shown."""

    common: Common
    as_csv: bool
    show_numbers: bool

    @property
    def is_for_programs(self) -> bool:
        """Say whether a program reads the rows."""
        return self.as_csv or self.common.as_json


@dataclass(frozen=True, slots=True)
class Sheet:
    """Describe one command's rows.

    Parameters
    ----------
    schema : str
        Of the JSON document.
    columns : mapping
        The table's titles, and the fields below them.
    blank : Content, Mailing or Message
        One without values: its fields are the columns of the CSV.
    """

    schema: str
    columns: Mapping[str, str]
    blank: Noun


def row_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--csv`` and ``--show-numbers``; the command is given a `Form`.

    It stands below ``common_options``.
    """

    @wraps(function)
    def with_form(*, common: Common, **arguments: Any) -> Any:
        as_csv = arguments.pop("as_csv")
        if as_csv and common.as_json:
            raise click.UsageError("--csv and --json are two forms; choose one")
        form = Form(common, as_csv, arguments.pop("show_numbers"))
        return function(form=form, **arguments)

    numbers = "Show telephone numbers whole."
    with_form = click.option("--show-numbers", is_flag=True, help=numbers)(with_form)
    return click.option(
        "--csv", "as_csv", is_flag=True, help="For a spreadsheet, all fields."
    )(with_form)


def limit_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--limit``."""
    return click.option(
        "--limit", type=click.IntRange(1), metavar="N", help="At most so many."
    )(function)


@contextmanager
def connected(form: Form) -> Iterator[tuple[Client, str]]:
    """Connect by the settings; yield the client and the platform's word."""
    from voiceprep.pipeline.platform import connect

    common = form.common
    with connect(settings_of(common), say=lambda line: say(common, line)) as client:
        yield client, client.platform


def named(form: Form, client: Client, name: str | None) -> Sequence[str | None]:
    """Return the names to ask the platform for; plans' tags may be left out."""
    from voiceprep.pipeline.call_ledger import names_of

    if name is None:
        return (None,)
    return names_of(settings_of(form.common), client.account, name)


def asked_ids(words: Sequence[str]) -> list[str]:
    """Return the ids that were named, each once; commas may stand between them.

    Raises
    ------
    click.UsageError
        Where words were given, and no id is in them.

    >>> asked_ids(["7", "8,7"])
    ['7', '8']
    """
    parts = (part.strip() for word in words for part in word.split(","))
    ids = [part for part in dict.fromkeys(parts) if part]
    if words and not ids:
        raise click.UsageError("no id was named; was a variable not set?")
    return ids


def in_order(ids: Sequence[str], found: Iterable[Noun]) -> tuple[list[Noun], list[str]]:
    """Return what was found in the order in which it was asked, and what was not."""
    by_id = {one.id: one for one in found}
    missing = [each for each in ids if each not in by_id]
    return [by_id[each] for each in ids if each in by_id], missing


def rows_of(form: Form, found: Iterable[Noun]) -> list[dict[str, Any]]:
    """Return rows for JSON; telephone numbers masked unless they are asked for."""
    from voiceprep.client.words import masked_json

    rows = [_row(one) for one in found]
    return rows if form.show_numbers else masked_json(rows)


def show_rows(
    form: Form,
    sheet: Sheet,
    rows: Sequence[Mapping[str, Any]],
    platform: str,
    *,
    below: Sequence[Mapping[str, Any]] = (),
    **said: Any,
) -> None:
    """Print rows in the form that was asked for.

    Parameters
    ----------
    below : sequence of mapping
        Rows that stand at a table's end only: a sum.
    said : any
        Further fields of the JSON document.
    """
    if _is_for_programs(form, sheet, rows, platform, said):
        return
    language = form.common.language
    cells = [flat(row) for row in (*rows, *below)]
    body = [
        [in_words(row.get(name, ""), language) for name in sheet.columns.values()]
        for row in cells
    ]
    show_table(form.common, [titles(sheet.columns, language), *body])


def titles(header: Iterable[str], language: str) -> list[str]:
    """Return a table's titles; what is a code is the same in every language."""
    return [words.or_as_is(language, "title", each) for each in header]


def show_details(
    form: Form,
    sheet: Sheet,
    rows: Sequence[Mapping[str, Any]],
    platform: str,
    **said: Any,
) -> None:
    """Print rows field by field, a line each, in the forms for people."""
    if _is_for_programs(form, sheet, rows, platform, said):
        return
    pages = ["\n".join(aligned(list(flat(row).items()))) for row in rows]
    if pages:
        click.echo("\n\n".join(pages))


def _is_for_programs(
    form: Form,
    sheet: Sheet,
    rows: Sequence[Mapping[str, Any]],
    platform: str,
    said: Mapping[str, Any],
) -> bool:
    """Print JSON or CSV, if that was asked for, and say so."""
    if form.common.as_json:
        click.echo(document(sheet.schema, rows, platform=platform, **said))
    elif form.as_csv:
        header = list(flat(_row(sheet.blank)))
        click.echo(csv_text(header, map(flat, rows)), nl=False)
    return form.is_for_programs


def last_line(form: Form, line: str, platform: str) -> None:
    """Say what happened, and whether it was real."""
    say_last(form.common, line, platform)


def counted(number: int, noun: str, language: str = "en") -> str:
    """Return a number with its noun.

    >>> counted(1, "content"), counted(1200, "content"), counted(3, "call", "fr")
    ('1 content', '1,200 contents', '3 appels')
    """
    if language != "en":
        return words.counted(language, number, noun)
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _row(one: Noun) -> dict[str, Any]:
    from voiceprep.client import Stats

    row = {field.name: getattr(one, field.name) for field in fields(one)}
    stats = row.get("stats")
    return {**row, "stats": stats.as_json()} if isinstance(stats, Stats) else row
