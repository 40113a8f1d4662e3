"""``voiceprep prepare``: check recordings and write what goes out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceprep.audio.unfinished import workspace
from voiceprep.cli.check import checked
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
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import (
    document,
    exit_code,
    next_command,
    results_json,
    say,
    says_more,
    show,
    summary,
)
from voiceprep.cli.sentences import visible
from voiceprep.cli.words import word
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result
    from voiceprep.pipeline.treatment import Treatment

EXAMPLES = """\
voiceprep prepare message.mp3 -o out
voiceprep prepare recordings/ -o out --fix all
voiceprep prepare message.mp3 -o out --master clarity
voiceprep prepare - -o - < talk.wav | aplay
"""
STREAM = "-"


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    required=True,
    help="Folder for the artefacts; - writes the prepared WAV to stdout.",
)
@treatment_options
@common_options
def command(paths: tuple[str, ...], out: str, asked: Asked, common: Common) -> int:
    """Check recordings and write the fit ones, ready for the telephone.

    NAME.wav is the prepared recording and what the recipient hears, NAME.pcm the
    bytes that the platform should store, NAME.alaw.wav the same as a WAV file,
    NAME.json what was found.
    """
    from voiceprep.pipeline.inputs import items_of

    treatment = asked.treatment(settings_of(common))
    if out == STREAM:
        return _stream(paths, treatment, common)
    items = list(items_of(paths, folder_of(out)))
    named = named_in(Path(out), items, common)
    outcomes: list[Result | Failure] = []

    def work(item: Item) -> Result:
        return prepared(item, named[item], treatment, dry_run=common.dry_run)

    for item, outcome in over(items, work, lambda item: item.path, common.workers):
        outcomes.append(outcome)
        _show(common, outcome, named[item], out, treatment)
    if common.as_json:
        click.echo(document("voiceprep.prepare/1", results_json(outcomes)))
    done = "would be prepared" if common.dry_run else "prepared"
    said = summary(outcomes, done, language=common.language)
    if done == "prepared" and not exit_code(outcomes):
        words = ["voiceprep", "upload", *treatment.words]
        upload = next_command(words, paths, treatment.fixes)
        step = word(common.language, "next.prepared", out=out, command=upload)
        said = word(common.language, "next", said=said, step=step)
    say(common, said)
    return exit_code(outcomes)


def folder_of(out: str) -> Path:
    """Return the folder of -o.

    Raises
    ------
    SettingsError
        Where none is named.
    """
    if not out:
        raise SettingsError("-o names no folder; -o . is this one")
    return Path(out)


def named_in(
    folder: Path, items: Sequence[Item], common: Common
) -> dict[Item, Artefacts]:
    """Name the artefacts of each item; say which can't have its whole name."""
    from voiceprep.pipeline.inputs import artefacts_of, is_shortened

    named = artefacts_of(items, folder)
    for item, paths in named.items():
        if is_shortened(item, paths):
            told = {"path": item.path, "name": paths.result.stem}
            say(common, word(common.language, "shortened", **told))
    return named


def prepared(
    item: Item, paths: Artefacts, treatment: Treatment, *, dry_run: bool = False
) -> Result:
    """Prepare one item, or only check it."""
    from voiceprep.pipeline.inputs import STDIN
    from voiceprep.pipeline.recording import examined, prepare_with

    if dry_run or item.trouble is not None:
        return checked(item, treatment)
    source = sys.stdin.buffer if item.path == STDIN else item.path
    folder, name = paths.prepared.parent, paths.prepared.name.removesuffix(".wav")
    return examined(prepare_with, source, folder, treatment, name=name)


def _show(
    common: Common,
    outcome: Result | Failure,
    paths: Artefacts,
    out: str,
    treatment: Treatment,
) -> None:
    """Print the prepared file's path; say what was found on stderr."""
    fit = not isinstance(outcome, Failure) and outcome.verdict.is_fit
    if fit and not common.as_json:
        click.echo(visible(str(paths.prepared)))
    if isinstance(outcome, Failure) or says_more(common, outcome):
        command = ["voiceprep", "prepare", "-o", out, *treatment.words]
        show(common, outcome, command, treatment.fixes, err=True)


def _stream(paths: tuple[str, ...], treatment: Treatment, common: Common) -> int:
    """Write the one prepared WAV to stdout; say everything else on stderr."""
    import shutil

    from voiceprep.pipeline.inputs import artefacts_of, items_of

    items = list(items_of(paths))
    if common.as_json:
        raise SettingsError("-o - writes a WAV to stdout; it goes without --json")
    if len(items) != 1:
        raise SettingsError(
            f"-o - writes one WAV to stdout, and {len(items):,} recordings were named; "
            "-o DIR takes them all"
        )
    if sys.stdout.isatty() and not common.dry_run:
        raise SettingsError("-o - writes a WAV, no text: send it to a file or a pipe")
    with workspace() as folder:
        named = artefacts_of(items, folder)
        result = prepared(items[0], named[items[0]], treatment)
        if says_more(common, result):
            command = ["voiceprep", "prepare", "-o", "-", *treatment.words]
            show(common, result, command, treatment.fixes, err=True)
        if result.outgoing is None:
            return Exit.REFUSED
        if not common.dry_run:
            with result.outgoing.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    return Exit.DONE
