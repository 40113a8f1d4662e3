"""``voiceprep check``: say whether a recording is fit for the telephone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

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
from voiceprep.cli.forms import FORMS
from voiceprep.cli.output import (
    document,
    exit_code,
    next_command,
    results_json,
    say,
    show,
    summary,
)
from voiceprep.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result
    from voiceprep.pipeline.treatment import Treatment

EXAMPLES = """\
voiceprep check message.mp3
voiceprep check recordings/ --json
voiceprep check recordings/ --format github
sox talk.flac -t wav - | voiceprep check -
"""


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "junit", "github"]),
    default="text",
    help="For programs that watch a repository of recordings.",
)
@treatment_options
@common_options
def command(paths: tuple[str, ...], form: str, asked: Asked, common: Common) -> int:
    """Check recordings; say what is wrong and what to do. Writes nothing.

    Exit code 1 where any recording is refused.
    """
    from voiceprep.pipeline.inputs import items_of

    treatment = asked.treatment(settings_of(common))
    if common.as_json and form != "text":
        raise click.UsageError(f"--json and --format {form} are two forms; choose one")
    command = ["voiceprep", "check", *treatment.words]
    outcomes: list[Result | Failure] = []
    items = list(items_of(paths))
    for _, outcome in over(
        items,
        lambda item: checked(item, treatment),
        lambda item: item.path,
        common.workers,
    ):
        outcomes.append(outcome)
        if form == "text":
            show(common, outcome, command, treatment.fixes)
    if common.as_json:
        click.echo(document("voiceprep.check/1", results_json(outcomes)))
    elif form != "text":
        click.echo(FORMS[form](outcomes))
    say(common, _last_line(paths, outcomes, treatment, common.language))
    return exit_code(outcomes)


def checked(item: Item, treatment: Treatment) -> Result:
    """Check one item."""
    from voiceprep.pipeline.inputs import STDIN
    from voiceprep.pipeline.recording import check_with, examined, stopped_by

    if item.trouble is not None:
        return stopped_by(item.path, item.trouble)
    source = sys.stdin.buffer if item.path == STDIN else item.path
    return examined(check_with, source, treatment)


def _last_line(
    paths: Sequence[str],
    outcomes: Sequence[Result | Failure],
    treatment: Treatment,
    language: str,
) -> str:
    """Say what happened and what to do next."""
    said = summary(outcomes, "fit", language=language)
    if exit_code(outcomes):
        return said
    upload = ["voiceprep", "upload", *treatment.words]
    step = next_command(upload, paths, treatment.fixes)
    return word(language, "next", said=said, step=step)
