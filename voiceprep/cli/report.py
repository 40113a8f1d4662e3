"""``voiceprep report``: the page to listen and decide on."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceprep.audio.unfinished import workspace
from voiceprep.cli.common import (
    Asked,
    Common,
    ExampleCommand,
    Failure,
    common_options,
    over,
    settings_of,
    treatment_options,
)
from voiceprep.cli.exits import Exit, exit_of, most_urgent
from voiceprep.cli.output import document, failure_json, failure_line, say
from voiceprep.cli.prepare import STREAM, prepared
from voiceprep.cli.sentences import visible
from voiceprep.errors import LedgerError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.pipeline.drawing import Drawn
    from voiceprep.pipeline.exhibits import Exhibit
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.treatment import Treatment
    from voiceprep.report import Language

EXAMPLES = """\
voiceprep report out                        what prepare wrote there: out/report.html
voiceprep report recordings/ -o review.html --lang fr
voiceprep report message.mp3 --embed        one file, to send to whoever decides
"""
PAGE = "report.html"


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    help=f"The page (default: {PAGE} in the folder of artefacts, or here).",
)
@click.option("--embed", is_flag=True, help="Put the audio into the page: one file.")
@click.option("--lang", metavar="fr|en", help="Language (default: the locale's).")
@treatment_options
@common_options
def command(
    paths: tuple[str, ...],
    out: str | None,
    embed: bool,
    lang: str | None,
    asked: Asked,
    common: Common,
) -> int:
    """Make a page on which a person listens, compares and decides.

    PATH is a folder that `prepare` wrote to, or recordings; those are prepared
    first, into a folder beside the page. Original and telephone play as one, with
    what was found at its seconds; decisions are exported as JSON or printed.
    """
    from voiceprep.report import language_of

    treatment = asked.treatment(settings_of(common))
    page = Path(out or _default_page(paths))
    if out == STREAM and (common.as_json or not embed):
        raise SettingsError("-o - writes the page to stdout: --embed, without --json")
    order = _Order(page, embed, language_of(lang, os.environ), treatment, common)
    with ExitStack() as stack:
        audio = page.parent / f"{page.stem}-audio"
        if embed:
            audio = stack.enter_context(workspace())
        outcomes = _run(list(_works(paths, audio, order)), order)
        if common.dry_run:
            return _tell(order, outcomes)
        _write(order, outcomes, paths)
    return _tell(order, outcomes)


@dataclass(frozen=True, slots=True)
class _Order:
    """Hold what was asked for on the command line."""

    page: Path
    embed: bool
    language: Language
    treatment: Treatment
    common: Common

    @property
    def to_stdout(self) -> bool:
        """Say whether the page itself is this command's output."""
        return str(self.page) == STREAM


@dataclass(frozen=True, slots=True)
class _Work:
    """Name one recording, and how what is shown of it is had."""

    path: str
    exhibit: Callable[[], Exhibit]


@dataclass(frozen=True, slots=True)
class _Done:
    """Hold one recording with what is shown of it."""

    exhibit: Exhibit
    drawn: Drawn | None  # None on a dry run


def _default_page(paths: Sequence[str]) -> Path:
    """Lay the page beside the artefacts that were named, or here."""
    from voiceprep.pipeline.exhibits import results_in

    alone = len(paths) == 1 and os.path.isdir(paths[0])  # noqa: PTH112 (any bytes)
    return Path(paths[0], PAGE) if alone and results_in(paths[0]) else Path(PAGE)


def _works(paths: Sequence[str], audio: Path, order: _Order) -> Iterator[_Work]:
    """List what is shown: results where there are any, else recordings."""
    from voiceprep.pipeline.exhibits import Exhibit, results_in
    from voiceprep.pipeline.inputs import artefacts_of, items_of

    results = {path: results_in(path) for path in dict.fromkeys(paths)}
    for path in [path for found in results.values() for path in found]:
        yield _Work(str(path), partial(Exhibit.read, path))
    recordings = [path for path, found in results.items() if not found]
    items = list(items_of(recordings, audio))
    named = artefacts_of(items, audio)
    for item in items:
        yield _Work(item.path, partial(_prepared, item, named[item], order))


def _prepared(item: Item, artefacts: Artefacts, order: _Order) -> Exhibit:
    """Prepare a recording, so that it can be heard as the phone plays it."""
    from voiceprep.pipeline.exhibits import Exhibit

    dry_run, treatment = order.common.dry_run, order.treatment
    exhibit = Exhibit.of(prepared(item, artefacts, treatment, dry_run=dry_run))
    return exhibit if dry_run else exhibit.with_preview(treatment)


def _run(works: Sequence[_Work], order: _Order) -> list[_Done | Failure]:
    """Read or prepare, then draw; a failure costs its own recording only."""
    from voiceprep.pipeline.drawing import draw

    def one(work: _Work) -> _Done | Failure:
        try:
            exhibit = work.exhibit()
        except LedgerError as error:
            return Failure(work.path, error)
        return _Done(exhibit, None if order.common.dry_run else draw(exhibit))

    outcomes: list[_Done | Failure] = []
    workers = order.common.workers
    for _, outcome in over(works, one, lambda work: work.path, workers):
        outcomes.append(outcome)
        if isinstance(outcome, Failure):
            click.echo(failure_line(outcome), err=True)
    return outcomes


def _write(
    order: _Order, outcomes: Sequence[_Done | Failure], paths: Sequence[str]
) -> None:
    """Compose the page and write it."""
    from importlib.metadata import version

    from voiceprep.pipeline.pages import compose, write_page
    from voiceprep.report import render

    done = [outcome for outcome in outcomes if isinstance(outcome, _Done)]
    page = compose(
        [outcome.drawn for outcome in done if outcome.drawn is not None],
        place=", ".join(paths),
        made=datetime.now().astimezone(),
        version=version("voiceprep"),
        folder=order.page.parent,
        embed=order.embed,
    )
    if order.to_stdout:
        sys.stdout.buffer.write(render(page, order.language).encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        write_page(page, order.language, order.page)


def _tell(order: _Order, outcomes: Sequence[_Done | Failure]) -> Exit:
    """Print the page's path; say what is on it and what to do next."""
    common = order.common
    if common.as_json:
        results = [_json(outcome) for outcome in outcomes]
        page = str(order.page)
        click.echo(document("voiceprep.report/1", results, page=page))
    elif not common.dry_run and not order.to_stdout:
        click.echo(visible(str(order.page)))
    line = _summary(outcomes, "would be shown" if common.dry_run else "shown")
    if not common.dry_run and not order.to_stdout:
        line += f". Next: open {visible(str(order.page))}, listen, decide"
    say(common, line)
    return most_urgent(map(_exit, outcomes))


def _json(outcome: _Done | Failure) -> dict[str, object]:
    if isinstance(outcome, Failure):
        return failure_json(outcome)
    return {k: v for k, v in outcome.exhibit.result.items() if k != "schema"}


def _summary(outcomes: Sequence[_Done | Failure], shown: str) -> str:
    """Count the recordings on the page, those that were refused, those that failed."""
    failed = sum(isinstance(outcome, Failure) for outcome in outcomes)
    refused = sum(_exit(outcome) is Exit.REFUSED for outcome in outcomes)
    counts = ((len(outcomes) - failed, shown), (refused, "of them refused"))
    parts = [f"{count:,} {word}" for count, word in counts if count]
    return ", ".join([*parts, *([f"{failed:,} failed"] if failed else [])])


def _exit(outcome: _Done | Failure) -> Exit:
    if isinstance(outcome, Failure):
        return exit_of(outcome.error)
    fit = outcome.exhibit.result["verdict"] in {"fit", "fit_with_warnings"}
    return Exit.DONE if fit else Exit.REFUSED
