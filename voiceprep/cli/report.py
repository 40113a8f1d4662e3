"""``voiceprep report``: the page to listen and decide on."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceprep.audio.unfinished import workspace
from voiceprep.cli.common import (
    Asked,
    Common,
    ExampleCommand,
    Failure,
    common_options,
    settings_of,
    treatment_options,
)
from voiceprep.cli.exits import Exit, exit_of, most_urgent
from voiceprep.cli.output import (
    document,
    failure_json,
    failure_line,
    say,
    sentence,
)
from voiceprep.cli.prepare import STREAM, prepared
from voiceprep.cli.sentences import visible
from voiceprep.cli.words import counted, word
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.pipeline.drawing import Drawn, Work
    from voiceprep.pipeline.exhibits import Exhibit
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.treatment import Treatment
    from voiceprep.report import About, Language

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
    help=f"The page, or its folder (default: {PAGE} by the artefacts, or here).",
)
@click.option("--embed", is_flag=True, help="Put the audio into the page: one file.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@treatment_options
@common_options
def command(
    paths: tuple[str, ...],
    out: str | None,
    embed: bool,
    opens: bool,
    asked: Asked,
    common: Common,
) -> int:
    """Make a page on which a person listens, compares and decides.

    PATH is a folder that `prepare` wrote to, or recordings, or both; recordings
    without a result are prepared first, into a folder beside the page. Original and
    telephone play as one, with what was found at its seconds; decisions are exported
    as JSON or printed. Where nothing is there to show, no page is written, and the
    exit code is 1.
    """
    from voiceprep.pipeline.exhibits import shown_of
    from voiceprep.pipeline.inputs import is_missing
    from voiceprep.report import Language

    treatment = asked.treatment(settings_of(common))
    page = _page(out, paths)
    if out == STREAM and (common.as_json or opens or not embed):
        raise SettingsError(
            "-o - writes the page to stdout: with --embed, without --json or --open"
        )
    order = _Order(page, embed, Language(common.language), treatment, common)
    with ExitStack() as stack:
        audio = page.parent / f"{page.stem}-audio"
        if embed:
            audio = stack.enter_context(workspace())
        results, items = shown_of(paths, audio)
        if not results and all(map(is_missing, items)):
            return _nothing(items, order)
        said = _Said(order)
        _run(_works(results, items, audio, order), paths, said)
    code = said.tell()
    if opens and said.pages:
        _open(order)
    return code


def _open(order: _Order) -> None:
    """Show the first page in the person's browser."""
    import webbrowser

    if not webbrowser.open(order.page.absolute().as_uri()):
        say(order.common, word(order.common.language, "no_browser", page=order.page))


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


@dataclass(slots=True)
class _Said:
    """Keep what became of each recording, for the last line and the JSON."""

    order: _Order
    outcomes: list[Mapping[str, Any] | Failure] = field(default_factory=list)
    pages: list[Path] = field(default_factory=list)

    def failed(self, path: str, error: Exception) -> None:
        """Keep a recording that can't be shown, and say why at once."""
        failure = Failure(path, error)
        self.outcomes.append(failure)
        click.echo(failure_line(failure, self.order.common.language), err=True)

    def noted(self, drawn: Iterable[Drawn]) -> Iterator[Drawn]:
        """Pass recordings on, and keep their results."""
        for each in drawn:
            self.outcomes.append(each.exhibit.result)
            yield each

    def tell(self) -> Exit:
        """Print the pages' paths; say what is on them and what to do next."""
        order, common = self.order, self.order.common
        if common.as_json:
            results = [_json(outcome) for outcome in self.outcomes]
            pages = [str(page) for page in self.pages]
            told = {"page": str(order.page), "pages": pages}
            click.echo(document("voiceprep.report/1", results, **told))
        else:
            for page in self.pages:
                click.echo(visible(str(page)))
        shown = "would be shown" if common.dry_run else "shown"
        line = _summary(self.outcomes, shown, common.language)
        if self.pages:
            step = word(common.language, "next.page", page=order.page)
            line = word(common.language, "next", said=line, step=step)
        say(common, line)
        return most_urgent(map(_exit, self.outcomes))


def _page(out: str | None, paths: Sequence[str]) -> Path:
    """Name the page: as asked; else beside the artefacts that were named, or here."""
    from voiceprep.pipeline.exhibits import results_in

    if out is not None:
        return Path(out, PAGE) if Path(out).is_dir() else Path(out)
    alone = len(paths) == 1 and os.path.isdir(paths[0])  # noqa: PTH112 (any bytes)
    return Path(paths[0], PAGE) if alone and results_in(paths[0]) else Path(PAGE)


def _nothing(items: Iterable[Item], order: _Order) -> Exit:
    """Say what is missing of each path; no page is written, and a former one stays."""
    from voiceprep.pipeline.recording import check_with, stopped_by

    language = order.common.language
    found = [
        stopped_by(item.path, item.trouble)
        if item.trouble is not None
        else check_with(item.path, order.treatment)
        for item in items
    ]
    if order.common.as_json:
        results, page = [result.as_json() for result in found], str(order.page)
        click.echo(document("voiceprep.report/1", results, page=page, pages=[]))
    for result in found:
        why = sentence(result.errors[0], result, language)
        told = word(language, "about", what=visible(result.path), said=why)
        click.echo(word(language, "no_page", said=told), err=True)
    return Exit.REFUSED


def _works(
    results: Iterable[Path], items: Sequence[Item], audio: Path, order: _Order
) -> Iterator[Work]:
    """List what is shown: results, then recordings of which there is none."""
    from voiceprep.pipeline.drawing import Work
    from voiceprep.pipeline.exhibits import Exhibit
    from voiceprep.pipeline.inputs import artefacts_of

    for path in results:
        yield Work(str(path), partial(Exhibit.read, path))
    named = artefacts_of(items, audio)
    for item in items:
        yield Work(item.path, partial(_prepared, item, named[item], order))


def _prepared(item: Item, artefacts: Artefacts, order: _Order) -> Exhibit:
    """Prepare a recording, so that it can be heard as the phone plays it."""
    from voiceprep.pipeline.exhibits import Exhibit

    dry_run, treatment = order.common.dry_run, order.treatment
    exhibit = Exhibit.of(prepared(item, artefacts, treatment, dry_run=dry_run))
    return exhibit if dry_run else exhibit.with_preview(treatment)


def _run(works: Iterable[Work], paths: Sequence[str], said: _Said) -> None:
    """Read or prepare, draw, write; a failure costs its own recording only."""
    from voiceprep.pipeline.drawing import drawn, exhibits
    from voiceprep.pipeline.pages import compose, write_pages
    from voiceprep.report import render

    order, jobs = said.order, said.order.common.workers
    if order.common.dry_run:
        found = exhibits(works, jobs, said.failed)
        said.outcomes.extend(exhibit.result for exhibit in found)
        return
    shown = said.noted(drawn(works, jobs, said.failed))
    about = _about(order, paths)
    if order.to_stdout:
        page = compose(list(shown), about, order.page.parent, embed=True)
        sys.stdout.buffer.write(render(page).encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        said.pages += write_pages(shown, order.page, about, embed=order.embed)


def _about(order: _Order, paths: Sequence[str]) -> About:
    from importlib.metadata import version

    from voiceprep.report import About

    made = datetime.now().astimezone()
    return About(", ".join(paths), made, version("voiceprep"), order.language)


def _json(outcome: Mapping[str, Any] | Failure) -> dict[str, object]:
    if isinstance(outcome, Failure):
        return failure_json(outcome)
    return {k: v for k, v in outcome.items() if k != "schema"}


def _summary(
    outcomes: Sequence[Mapping[str, Any] | Failure], shown: str, language: str
) -> str:
    """Count the recordings on the page, those that were refused, those that failed."""
    failed = sum(isinstance(outcome, Failure) for outcome in outcomes)
    refused = sum(_exit(outcome) is Exit.REFUSED for outcome in outcomes)
    counts = {
        shown: len(outcomes) - failed,
        "of them refused": refused,
        "failed": failed,
    }
    parts = [counted(language, count, what) for what, count in counts.items() if count]
    return ", ".join(parts) or word(language, "nothing")


def _exit(outcome: Mapping[str, Any] | Failure) -> Exit:
    if isinstance(outcome, Failure):
        return exit_of(outcome.error)
    fit = outcome["verdict"] in {"fit", "fit_with_warnings"}
    return Exit.DONE if fit else Exit.REFUSED
