"""``voiceprep upload``: from a recording to ``url_encoded``."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
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
from voiceprep.cli.output import (
    document,
    exit_code,
    next_command,
    results_json,
    say,
    say_last,
    says_more,
    show,
    summary,
)
from voiceprep.cli.prepare import STREAM, folder_of, named_in, prepared
from voiceprep.cli.sentences import visible
from voiceprep.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voiceprep.client import Settings
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result
    from voiceprep.pipeline.treatment import Treatment
    from voiceprep.pipeline.uploader import Uploader

EXAMPLES = """\
voiceprep upload message.mp3                     prints url_encoded, nothing else
voiceprep upload recordings/ --fix all           prints PATH<TAB>url_encoded
voiceprep upload message.mp3 --json | jq -r '.results[0].content.url_encoded'
"""


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("-o", "--out", metavar="DIR", help="Keep the artefacts in this folder.")
@click.option("--name", help="Name of the content (default: the recording's).")
@click.option("--strict", is_flag=True, help="Hold recordings with warnings back.")
@click.option(
    "--as-is",
    is_flag=True,
    help="Send the source itself; the preview is then approximate.",
)
@treatment_options
@common_options
def command(
    paths: tuple[str, ...],
    out: str | None,
    name: str | None,
    strict: bool,
    as_is: bool,
    asked: Asked,
    common: Common,
) -> int:
    """Check, prepare and upload recordings; print url_encoded.

    Without an account this goes to the embedded sandbox, and says so. The same
    bytes are uploaded once: the content that bears their tag is found again.
    """
    from voiceprep.pipeline.inputs import STDIN, items_of

    settings = settings_of(common)
    treatment = asked.treatment(settings)
    if as_is and (treatment.fixes or asked.master):
        raise click.UsageError(
            "--as-is sends the source unchanged: --fix and --master can't mend it"
        )
    if as_is and STDIN in paths:
        raise click.UsageError("--as-is sends a file; standard input is none")
    if name == "":
        raise click.UsageError("--name is empty; leave it out for the recording's name")
    if out == STREAM:
        raise click.UsageError("upload prints the link; -o names a folder to keep")
    items = list(items_of(paths, None if out is None else folder_of(out)))
    order = _Order(paths, out, name, strict, as_is, treatment, common)
    with ExitStack() as stack:
        folder = Path(out) if out else stack.enter_context(workspace())
        make = _maker(items, folder, order)
        send = None if common.dry_run else _sender(stack, settings, order)
        outcomes = _run(items, make, send, order)
    _report(order, outcomes, settings)
    return exit_code(outcomes, order.holds_back)


@dataclass(frozen=True, slots=True)
class _Order:
    """Hold what was asked for on the command line."""

    paths: tuple[str, ...]
    out: str | None
    name: str | None
    strict: bool
    as_is: bool
    treatment: Treatment
    common: Common

    @property
    def command(self) -> list[str]:
        """Return the command with its options, without paths and repairs."""
        words = ["voiceprep", "upload", *self.treatment.words]
        words += ["-o", self.out] if self.out else []
        words += ["--name", self.name] if self.name else []
        return [*words, "--strict"] if self.strict else words

    def holds_back(self, result: Result) -> bool:
        """Say whether a recording is held back for its warnings."""
        return self.strict and result.verdict == "fit_with_warnings"

    def is_alone(self, items: Sequence[Item]) -> bool:
        """Say whether one file was named: its URL is then printed bare."""
        return [item.path for item in items] == list(self.paths) and len(items) == 1


def _maker(
    items: Sequence[Item], folder: Path, order: _Order
) -> Callable[[Item], Result]:
    """Return what makes an item ready to be sent."""
    from voiceprep.pipeline.inputs import artefacts_of
    from voiceprep.pipeline.recording import check_as_is

    if order.out:
        named = named_in(folder, items, order.common)
    else:
        named = artefacts_of(items, folder)

    def make(item: Item) -> Result:
        if order.as_is and item.trouble is None:
            return check_as_is(item.path, order.treatment)
        return prepared(
            item, named[item], order.treatment, dry_run=order.common.dry_run
        )

    return make


def _sender(stack: ExitStack, settings: Settings, order: _Order) -> Uploader:
    """Connect to the platform, or to the sandbox without an account."""
    from voiceprep.pipeline.platform import connect
    from voiceprep.pipeline.uploader import Uploader

    told = partial(say, order.common)
    client = stack.enter_context(connect(settings, say=told))
    return Uploader(client, order.strict, settings.lookup_gap_s)


def _run(
    items: Sequence[Item],
    make: Callable[[Item], Result],
    send: Uploader | None,
    order: _Order,
) -> list[Result | Failure]:
    """Make and send each item; say what becomes of each as it ends."""

    def work(item: Item) -> Result:
        result = make(item)
        if send is None or order.holds_back(result) or not result.verdict.is_fit:
            return result
        try:
            content = send.create_content(result, name=order.name)
        finally:
            if not order.out:
                _forget(result)
        artefacts = result.artefacts if order.out else None
        platform = send.client.platform
        return replace(result, content=content, artefacts=artefacts, platform=platform)

    outcomes: list[Result | Failure] = []
    workers = order.common.workers
    for _, outcome in over(items, work, lambda item: item.path, workers):
        outcomes.append(outcome)
        _show(order, outcome, alone=order.is_alone(items))
    return outcomes


def _forget(result: Result) -> None:
    """Remove temporary artefacts: of a large folder the disk could not hold all."""
    from voiceprep.pipeline.inputs import files_of

    for path in files_of(result.artefacts) if result.artefacts else ():
        path.unlink(missing_ok=True)


def _show(order: _Order, outcome: Result | Failure, *, alone: bool) -> None:
    """Print the URL; say on stderr what was found."""
    common = order.common
    if isinstance(outcome, Failure) or says_more(common, outcome):
        show(common, outcome, order.command, order.treatment.fixes, err=True)
    if isinstance(outcome, Failure) or outcome.content is None:
        return
    if order.name and outcome.content.name != order.name:
        told = {"path": outcome.path, "name": outcome.content.name}
        say(common, word(common.language, "kept_name", **told))
    if common.as_json:
        return
    url = str(outcome.content.url_encoded)
    click.echo(url if alone else f"{visible(outcome.path)}\t{url}")


def _report(
    order: _Order, outcomes: Sequence[Result | Failure], settings: Settings
) -> None:
    """Print the document, and the last line: whether it was real, and what is next."""
    told = {o.platform for o in outcomes if not isinstance(o, Failure)} - {None}
    platform = next(iter(told), None if settings.configured else "sandbox")
    if order.common.as_json:
        results = results_json(outcomes)
        click.echo(document("voiceprep.upload/1", results, platform=platform))
    done = "would be uploaded" if order.common.dry_run else "uploaded"
    line = summary(outcomes, done, order.holds_back, order.common.language)
    if any(o.content for o in outcomes if not isinstance(o, Failure)):
        line = _with_next(order, line)
    say_last(order.common, line, platform)


def _with_next(order: _Order, said: str) -> str:
    """Add what to do next; what was sent as it is can't be verified."""
    language = order.common.language
    if order.as_is:
        return word(language, "as_is", said=said)
    words = ["voiceprep", "verify", *order.treatment.words]
    verify = next_command(words, order.paths, order.treatment.fixes)
    return word(language, "next", said=said, step=verify)
