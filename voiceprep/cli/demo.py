"""``voiceprep demo``: the main job over samples, against an embedded sandbox."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceprep.cli.common import Common, ExampleCommand, Failure, common_options, over
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import (
    PROGRAM,
    document,
    exit_code,
    next_command,
    results_json,
    rounded_down,
    say_last,
    summary,
)
from voiceprep.cli.sentences import said_in, sentence_of, visible
from voiceprep.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.client import Client
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result

_TITLES = ("recording", "verdict", "seconds", "link")
EXAMPLES = """\
voiceprep demo
voiceprep demo my-recordings/
voiceprep demo --campaign
"""


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("folder", required=False)
@click.option(
    "--campaign", is_flag=True, help="Go on to calls: a list, a plan, statistics."
)
@common_options
def command(folder: str | None, campaign: bool, common: Common) -> int:
    """Check, prepare, upload and verify sample recordings on a sandbox.

    Some samples are damaged on purpose: what is refused, and why, is part of the
    show. Nothing leaves this machine, and nothing is kept. With a FOLDER of your
    own, exit code 1 where any recording is refused. With --campaign one recording
    goes on to 1,200 simulated calls, in under a minute.
    """
    if campaign:
        return _campaign(folder, common)
    from voiceprep.pipeline.inputs import items_of

    items = list(items_of([folder or str(samples_folder())]))
    outcomes: list[Result | Failure] = []
    with _sandbox() as client:
        for _, outcome in over(
            items, lambda item: _whole_way(item, client), _path, common.workers
        ):
            outcomes.append(outcome)
    if common.as_json:
        results = results_json(outcomes)
        click.echo(document("voiceprep.demo/1", results, platform="sandbox"))
    else:
        click.echo("\n".join(_table(outcomes, common.language)))
    language, done = common.language, "uploaded and verified byte for byte"
    said = summary(outcomes, done, language=language)
    check = next_command([PROGRAM, "check"], ["YOUR-RECORDING"])
    say_last(common, word(language, "next", said=said, step=check), "sandbox")
    if folder is None:  # that samples are refused is part of the show
        outcomes = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    return exit_code(outcomes)


def _campaign(recording: str | None, common: Common) -> int:
    """Show a campaign; who asked for it only wants to see it end well."""
    from voiceprep.cli.demo_campaign import campaign

    chosen = Path(recording) if recording else samples_folder() / "clean.mp3"
    code = campaign(chosen, common)
    yours = "voiceprep campaign run YOUR-RECORDING YOUR-LIST --name NAME"
    say_last(common, word(common.language, "demo.over", command=yours), "sandbox")
    return Exit.DONE if code == Exit.REFUSED else code  # the list has bad rows


def samples_folder() -> Path:
    """Find the samples: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "samples", package.parent / "samples")
    return next((place for place in places if place.is_dir()), places[0])


def _path(item: Item) -> str:
    return item.path


@contextmanager
def _sandbox() -> Iterator[Client]:
    """Run a sandbox on a free port, its data in a temporary folder."""
    from voiceprep.client import Client, Settings
    from voiceprep.sandbox import Sandbox

    with (
        tempfile.TemporaryDirectory(prefix="voiceprep-demo-") as data,
        Sandbox(data, port=0) as sandbox,
    ):
        settings = Settings.for_platform(
            sandbox.base_url, sandbox.client_id, sandbox.client_secret
        )
        with Client(settings) as client:
            yield client


def _whole_way(item: Item, client: Client) -> Result:
    """Check, prepare, upload and verify one sample."""
    from voiceprep.errors import ContractError
    from voiceprep.pipeline.recording import stopped_by
    from voiceprep.pipeline.uploader import upload
    from voiceprep.pipeline.verify import verify

    if item.trouble is not None:
        return stopped_by(item.path, item.trouble)
    result = upload(item.path, client)
    if result.content is None:
        return result
    verified = verify(item.path, client)
    if not verified.identical:
        raise ContractError(f"stored otherwise than previewed: {verified.sentence}")
    return replace(result, platform=client.platform)


def _table(outcomes: Sequence[Result | Failure], language: str) -> list[str]:
    """Lay the outcomes out: verdict, seconds, url_encoded or the reason."""
    rows = [_row(outcome, language) for outcome in outcomes]
    first, second, third, last = (word(language, f"demo.{key}") for key in _TITLES)
    rows.insert(0, (first, second, third, last))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + "  "
        + row[3]
        for row in rows
    ]


def _row(outcome: Result | Failure, language: str) -> tuple[str, str, str, str]:
    name = visible(Path(outcome.path).name)
    if isinstance(outcome, Failure):
        failed = word(language, "demo.failed")
        return name, failed, "", sentence_of(outcome.error, language)
    seconds = outcome.measurements.duration_s
    length = "" if seconds is None else rounded_down(seconds, language)
    reason = outcome.errors[0].message if outcome.errors else ""
    told = outcome.content.url_encoded if outcome.content else said_in(language, reason)
    return name, word(language, f"demo.{outcome.verdict}"), length, visible(str(told))
