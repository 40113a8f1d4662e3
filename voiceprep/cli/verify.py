"""``voiceprep verify``: prove that what is stored is what was previewed."""

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
from voiceprep.cli.exits import Exit, exit_of, most_urgent
from voiceprep.cli.output import (
    document,
    failure_json,
    failure_line,
    say,
    say_last,
)
from voiceprep.cli.sentences import said_in, visible
from voiceprep.cli.words import counted, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.verify import Verification

EXAMPLES = """\
voiceprep verify message.mp3
voiceprep verify recordings/ --fix all       the repairs that it was uploaded with
"""


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@treatment_options
@common_options
def command(paths: tuple[str, ...], asked: Asked, common: Common) -> int:
    """Download url_encoded and compare it with the preview, byte for byte.

    The recording is prepared again and looked up by the tag of its bytes. Exit
    code 1 where any differs or is not there.
    """
    from voiceprep.pipeline.inputs import STDIN, items_of
    from voiceprep.pipeline.platform import connect
    from voiceprep.pipeline.recording import stopped_by
    from voiceprep.pipeline.verify import Verification, verify_with

    settings = settings_of(common)
    treatment = asked.treatment(settings)
    items = list(items_of(paths))
    outcomes: list[Verification | Failure] = []
    with connect(settings, say=lambda line: say(common, line)) as client:

        def work(item: Item) -> Verification:
            if item.trouble is not None:
                return Verification(stopped_by(item.path, item.trouble))
            source = sys.stdin.buffer if item.path == STDIN else item.path
            return verify_with(source, client, treatment)

        for item, outcome in over(items, work, lambda item: item.path, common.workers):
            outcomes.append(outcome)
            _show(common, item, outcome)
    _report(common, outcomes, None if settings.configured else "sandbox")
    return _exit(outcomes)


def _show(common: Common, item: Item, outcome: Verification | Failure) -> None:
    if isinstance(outcome, Failure):
        click.echo(failure_line(outcome, common.language), err=True)
    elif not common.as_json:
        said = visible(said_in(common.language, outcome.sentence))
        click.echo(word(common.language, "about", what=visible(item.path), said=said))


def _report(
    common: Common, outcomes: Sequence[Verification | Failure], platform: str | None
) -> None:
    """Print the document and the last line."""
    done = [outcome for outcome in outcomes if not isinstance(outcome, Failure)]
    platform = next((o.result.platform for o in done if o.result.platform), platform)
    if common.as_json:
        results = [
            failure_json(o) if isinstance(o, Failure) else o.as_json() for o in outcomes
        ]
        click.echo(document("voiceprep.verify/1", results, platform=platform))
    same = sum(outcome.identical for outcome in done)
    counts = [(same, "identical"), (len(done) - same, "not")]
    if failed := len(outcomes) - len(done):
        counts.append((failed, "failed"))
    line = ", ".join(counted(common.language, *each) for each in counts)
    say_last(common, line, platform)


def _exit(outcomes: Iterable[Verification | Failure]) -> Exit:
    return most_urgent(
        exit_of(outcome.error)
        if isinstance(outcome, Failure)
        else Exit.DONE
        if outcome.identical
        else Exit.REFUSED
        for outcome in outcomes
    )
