"""``voiceprep check``: say whether a recording is fit for the telephone."""

from __future__ import annotations

import sys
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
    document,
    exit_code,
    next_command,
    results_json,
    say,
    show,
    summary,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result

EXAMPLES = """\
voiceprep check message.mp3
voiceprep check recordings/ --json
sox talk.flac -t wav - | voiceprep check -
"""


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@fix_option
@common_options
def command(paths: tuple[str, ...], fixes: tuple[str, ...], common: Common) -> int:
    """Check recordings; say what is wrong and what to do. Writes nothing.

    Exit code 1 where any recording is refused.
    """
    from voiceprep.pipeline.inputs import items_of
    from voiceprep.pipeline.recording import wanted_fixes

    settings_of(common)
    wanted = wanted_fixes(fixes)
    outcomes: list[Result | Failure] = []
    items = list(items_of(paths))
    for _, outcome in over(
        items,
        lambda item: checked(item, wanted),
        lambda item: item.path,
        common.workers,
    ):
        outcomes.append(outcome)
        show(common, outcome, ["voiceprep", "check"], wanted)
    if common.as_json:
        click.echo(document("voiceprep.check/1", results_json(outcomes)))
    say(common, _last_line(paths, outcomes, wanted))
    return exit_code(outcomes)


def checked(item: Item, fixes: Iterable[str]) -> Result:
    """Check one item."""
    from voiceprep.pipeline.inputs import STDIN
    from voiceprep.pipeline.recording import check, no_recordings

    if item.empty_folder:
        return no_recordings(item.path)
    source = sys.stdin.buffer if item.path == STDIN else item.path
    return check(source, fixes=fixes)


def _last_line(
    paths: Sequence[str], outcomes: Sequence[Result | Failure], fixes: Collection[str]
) -> str:
    """Say what happened and what to do next."""
    said = summary(outcomes, "fit")
    if exit_code(outcomes):
        return said
    return f"{said}. Next: {next_command(['voiceprep', 'upload'], paths, fixes)}"
