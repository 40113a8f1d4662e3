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
from voiceprep.cli.sentences import sentence_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.client import Client
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result

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
        click.echo("\n".join(_table(outcomes)))
    said = summary(outcomes, "uploaded and verified byte for byte")
    check = next_command([PROGRAM, "check"], ["YOUR-RECORDING"])
    say_last(common, f"{said}. Next: {check}", "sandbox")
    if folder is None:  # that samples are refused is part of the show
        outcomes = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    return exit_code(outcomes)


def _campaign(recording: str | None, common: Common) -> int:
    """Show a campaign; who asked for it only wants to see it end well."""
    from voiceprep.cli.demo_campaign import campaign

    chosen = Path(recording) if recording else samples_folder() / "clean.mp3"
    code = campaign(chosen, common)
    yours = "voiceprep campaign run YOUR-RECORDING YOUR-LIST --name NAME"
    say_last(common, f"Nothing of it is kept. Next: {yours}", "sandbox")
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


def _table(outcomes: Sequence[Result | Failure]) -> list[str]:
    """Lay the outcomes out: verdict, seconds, url_encoded or the reason."""
    rows = [_row(outcome) for outcome in outcomes]
    rows.insert(0, ("recording", "verdict", "seconds", "url_encoded, or why not"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + "  "
        + row[3]
        for row in rows
    ]


def _row(outcome: Result | Failure) -> tuple[str, str, str, str]:
    name = visible(Path(outcome.path).name)
    if isinstance(outcome, Failure):
        return name, "failed", "", sentence_of(outcome.error)
    seconds = outcome.measurements.duration_s
    length = "" if seconds is None else rounded_down(seconds)
    reason = outcome.errors[0].message if outcome.errors else ""
    told = outcome.content.url_encoded if outcome.content else reason
    return name, str(outcome.verdict), length, visible(str(told))
