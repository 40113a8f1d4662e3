"""Lay rows out: aligned for a person, as CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from voiceprep.campaign.cells import defused
from voiceprep.client.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voiceprep.cli.common import Common

__all__ = ["aligned", "csv_text", "flat", "in_words", "show_table"]

NUMBER: Final = re.compile(r"-?\d+([.,]\d+)?")


def flat(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row of cells: lists joined, an object's fields in its place.

    >>> flat({"id": "7", "tags": ("a", "b"), "stats": {"ok": 2}, "extra": {}})
    {'id': '7', 'tags': 'a,b', 'ok': '2'}
    """
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells.update(flat(value) if name != "extra" else {})
        elif isinstance(value, (list, tuple)):
            cells[name] = ",".join(map(plain, value))
        elif isinstance(value, float):
            cells[name] = f"{value:.2f}"  # R42: two decimals
        elif isinstance(value, bool):
            cells[name] = str(value).lower()  # as JSON has it
        else:
            cells[name] = "" if value is None else plain(value)
    return cells


def in_words(cell: str, language: str) -> str:
    """Write a cell for people: a number with the language's decimal sign.

    >>> in_words("97.50", "fr"), in_words("97.50", "en"), in_words("v1.2", "fr")
    ('97,50', '97.50', 'v1.2')
    """
    return (
        cell.replace(".", ",") if language == "fr" and NUMBER.fullmatch(cell) else cell
    )


def csv_text(header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    r"""Return rows as CSV in which no cell is a formula.

    >>> csv_text(["a", "b"], [{"a": "=cmd()", "b": "+33612345678"}])
    "a,b\n'=cmd(),+33612345678\n"
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([defused(row.get(name, "")) for name in header] for row in rows)
    return text.getvalue()


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines in which columns stand below their titles, numbers to the right.

    >>> aligned([("id", "calls"), ("7001", "12"), ("8", "3")])
    ['id    calls', '7001     12', '8         3']
    """
    columns = list(zip(*rows, strict=True))
    shapes = [
        (max(map(len, cells)), position > 0 and _is_numeric(cells[1:]))
        for position, cells in enumerate(columns)
    ]
    return ["  ".join(_padded(row, shapes)).rstrip() for row in rows]


def show_table(common: Common, rows: Sequence[Sequence[str]]) -> None:
    """Print a table, the first row its titles: by rich where a person looks."""
    if sys.stdout.isatty():
        _rich_table(common, rows)
    else:
        click.echo("\n".join(aligned(rows)))


def _is_numeric(cells: Sequence[str]) -> bool:
    numbers = [cell for cell in cells if cell]
    return bool(numbers) and all(NUMBER.fullmatch(cell) for cell in numbers)


def _padded(row: Sequence[str], shapes: Sequence[tuple[int, bool]]) -> list[str]:
    return [
        cell.rjust(width) if to_the_right else cell.ljust(width)
        for cell, (width, to_the_right) in zip(row, shapes, strict=True)
    ]


def _rich_table(common: Common, rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    titles, *body = rows
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, title in enumerate(titles):
        numeric = position > 0 and _is_numeric([row[position] for row in body])
        table.add_column(title, justify="right" if numeric else "left", overflow="fold")
    for row in body:
        table.add_row(*map(Text, row))  # Text: a name in brackets is no markup
    Console(file=sys.stdout, no_color=not common.color, highlight=False).print(table)
