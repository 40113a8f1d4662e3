"""``voiceprep upload``: from a recording to ``url_encoded``."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceprep.cli.common import (
    Common,
    ExampleCommand,
    Failure,
    common_options,
    fix_option,
    over,
    settings_of,
)
from voiceprep.cli.output import (
    SANDBOX_WORDS,
    document,
    exit_code,
    results_json,
    say,
    says_more,
    show,
    summary,
)
from voiceprep.cli.prepare import prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voiceprep.client import Settings
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result
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
@fix_option
@common_options
def command(
    paths: tuple[str, ...],
    out: str | None,
    name: str | None,
    strict: bool,
    as_is: bool,
    fixes: tuple[str, ...],
    common: Common,
) -> int:
    """Check, prepare and upload recordings; print url_encoded.

    Without an account this goes to the embedded sandbox, and says so. The same
    bytes are uploaded once: the content that bears their tag is found again.
    """
    from voiceprep.pipeline.inputs import items_of
    from voiceprep.pipeline.recording import wanted_fixes

    settings = settings_of(common)
    wanted = wanted_fixes(fixes)
    items = list(items_of(paths, Path(out) if out else None))
    if as_is and wanted:
        raise click.UsageError(
            "--as-is sends the source unchanged: --fix can't mend it"
        )
    with ExitStack() as stack:
        folder = Path(out or stack.enter_context(tempfile.TemporaryDirectory()))
        make = _maker(items, folder, wanted, as_is=as_is, dry_run=common.dry_run)
        send = None if common.dry_run else _sender(stack, settings, strict, common)
        outcomes = _run(items, make, send, name, common, keep=bool(out))
    _report(paths, outcomes, common, settings)
    return exit_code(outcomes)


def _maker(
    items: Sequence[Item],
    folder: Path,
    fixes: frozenset[str],
    *,
    as_is: bool,
    dry_run: bool,
) -> Callable[[Item], Result]:
    """Return what makes an item ready to be sent."""
    from voiceprep.pipeline.inputs import STDIN, artefacts_of
    from voiceprep.pipeline.recording import check_as_is

    named = artefacts_of(items, folder)

    def make(item: Item) -> Result:
        if as_is and not item.empty_folder and item.path != STDIN:
            return check_as_is(item.path)
        return prepared(item, named[item], fixes, dry_run=dry_run)

    return make


def _sender(
    stack: ExitStack, settings: Settings, strict: bool, common: Common
) -> Uploader:
    """Connect to the platform, or to the sandbox without an account."""
    from voiceprep.pipeline.platform import connect
    from voiceprep.pipeline.uploader import Uploader

    client = stack.enter_context(connect(settings, say=lambda line: say(common, line)))
    return Uploader(client, strict)


def _run(
    items: Sequence[Item],
    make: Callable[[Item], Result],
    send: Uploader | None,
    name: str | None,
    common: Common,
    *,
    keep: bool,
) -> list[Result | Failure]:
    """Make and send each item; say what becomes of each as it ends."""

    def work(item: Item) -> Result:
        result = make(item)
        held = send is not None and send.holds_back(result)
        if send is None or held or not result.verdict.is_fit:
            return result
        content = send.create_content(result, name=name)
        artefacts = result.artefacts if keep else None
        platform = send.client.platform
        return replace(result, content=content, artefacts=artefacts, platform=platform)

    outcomes: list[Result | Failure] = []
    for _, outcome in over(items, work, lambda item: item.path, common.workers):
        outcomes.append(outcome)
        _show(common, outcome, alone=_is_alone(items))
    return outcomes


def _is_alone(items: Sequence[Item]) -> bool:
    """Say whether one file was named: its URL is then printed bare."""
    return len(items) == 1 and items[0].inner == Path()


def _show(common: Common, outcome: Result | Failure, *, alone: bool) -> None:
    """Print the URL; say on stderr what was found."""
    if isinstance(outcome, Failure) or says_more(common, outcome):
        show(common, outcome, ["voiceprep", "upload"], err=True)
    if isinstance(outcome, Failure) or outcome.content is None or common.as_json:
        return
    url = str(outcome.content.url_encoded)
    click.echo(url if alone else f"{outcome.path}\t{url}")


def _report(
    paths: Sequence[str],
    outcomes: Sequence[Result | Failure],
    common: Common,
    settings: Settings,
) -> None:
    """Print the document, and the last line: whether it was real, and what is next."""
    told = {o.platform for o in outcomes if not isinstance(o, Failure)} - {None}
    platform = next(iter(told), None if settings.configured else "sandbox")
    if common.as_json:
        results = results_json(outcomes)
        click.echo(document("voiceprep.upload/1", results, platform=platform))
    done = "would be uploaded" if common.dry_run else "uploaded"
    line = summary(outcomes, done)
    sent = [o for o in outcomes if not isinstance(o, Failure) and o.content]
    if sent:
        if any(o.source for o in sent):
            line += "; sent as it is, so the preview is approximate"
        line += f". Next: voiceprep verify {' '.join(paths)}"
    if platform == "sandbox":
        line += f" {SANDBOX_WORDS}"
    say(common, line)
