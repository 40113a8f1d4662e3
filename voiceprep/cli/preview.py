"""``voiceprep preview``: hear what the recipient will hear, before any call."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from voiceprep.cli.common import (
    Asked,
    Common,
    ExampleCommand,
    common_options,
    settings_of,
    treatment_options,
)
from voiceprep.cli.exits import Exit
from voiceprep.cli.output import (
    document,
    next_command,
    results_json,
    say,
    says_more,
    show,
)
from voiceprep.cli.sentences import visible
from voiceprep.cli.words import word
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.pipeline.recording import Result
    from voiceprep.pipeline.treatment import Treatment

EXAMPLES = """\
voiceprep preview message.mp3 --play
voiceprep preview message.mp3 -o heard.wav
voiceprep preview message.mp3 --master clarity -o - | aplay
"""
STREAM: Final = "-"
PLAYERS: Final = (  # what plays a WAV file, the quietest in words first
    ("aplay", "-q"),
    ("paplay",),
    ("afplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("play", "-q"),
)


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@click.argument("path")
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    help="The WAV to write (default: NAME.preview.wav here); - is stdout.",
)
@click.option("--play", is_flag=True, help="Play it, where the system can.")
@treatment_options
@common_options
def command(
    path: str, out: str | None, play: bool, asked: Asked, common: Common
) -> int:
    """Write or play the preview of one recording, whether it is fit or not.

    It is 16-bit WAV at 8 kHz, every sample as the telephone network carries it.
    """
    treatment = asked.treatment(settings_of(common))
    if out == STREAM and common.as_json:
        raise SettingsError("-o - writes the WAV to stdout; it goes without --json")
    player = _player() if play else None
    target = None if out == STREAM or (play and out is None) else _target(path, out)
    with tempfile.TemporaryFile(prefix="voiceprep-") as heard:
        result = _heard(path, heard, asked=treatment)
        there = heard.tell() > 0
        if there and not common.dry_run:
            _deliver(heard, out, target, player)
    written = target if there and not common.dry_run else None
    _show(common, result, treatment, written)
    language = common.language
    if there and common.dry_run:
        say(common, _plan(target, player, language))
    else:
        say(common, _last_line(result, treatment, language, there=there))
    return Exit.DONE if there else Exit.REFUSED


def _show(
    common: Common, result: Result, treatment: Treatment, written: Path | None
) -> None:
    """Print the file that was written; say what was found."""
    if common.as_json:
        place = None if written is None else str(written)
        told = document("voiceprep.preview/1", results_json([result]), preview=place)
        click.echo(told)
        return
    if written is not None:
        click.echo(visible(str(written)))
    if says_more(common, result):
        words = ["voiceprep", "preview", *treatment.words]
        show(common, result, words, treatment.fixes, err=True)


def _heard(path: str, into: BinaryIO, asked: Treatment) -> Result:
    from voiceprep.pipeline.recording import preview

    return preview(sys.stdin.buffer if path == STREAM else path, into, asked)


def _deliver(
    heard: BinaryIO,
    out: str | None,
    target: Path | None,
    player: Sequence[str] | None,
) -> None:
    """Bring the preview where it was asked for."""
    if player is not None:
        _play(heard, player)
    heard.seek(0)
    if target is not None:
        _write(heard, target)
    elif out == STREAM:
        shutil.copyfileobj(heard, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _play(heard: BinaryIO, player: Sequence[str]) -> None:
    """Let a player of the system play it to its end."""
    heard.seek(0)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        shutil.copyfileobj(heard, file)
        file.flush()
        # Its stdout is not ours: with -o - the WAV goes there.
        done = subprocess.run([*player, file.name], check=False, stdout=sys.stderr)
    if done.returncode:
        raise SettingsError(
            f"{player[0]} could not play it (it ended with {done.returncode}); "
            "-o FILE writes it instead"
        )


def _target(path: str, out: str | None) -> Path:
    """Name the file to write, in a folder that was named; never the recording."""
    stem = "stdin" if path == STREAM else Path(path).stem
    own = f"{stem}.preview.wav"
    if out == "":
        raise SettingsError("-o names no file; leave it out for one here")
    target = Path(own if out is None else out)
    if target.is_dir():
        target /= own
    if path != STREAM and target.exists() and target.samefile(path):
        raise SettingsError(f"{target}: the preview would replace the recording")
    return target


def _write(heard: BinaryIO, target: Path) -> None:
    """Write under a temporary name, then rename: never half a file."""
    from voiceprep.pipeline.whole import whole_bytes

    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_bytes(target, private=False) as file:
        shutil.copyfileobj(heard, file)


def _player() -> tuple[str, ...]:
    """Find a player of the system."""
    for words in PLAYERS:
        if shutil.which(words[0]):
            return words
    names = ", ".join(words[0] for words in PLAYERS)
    raise SettingsError(f"no player was found ({names}); -o FILE writes it instead")


def _plan(target: Path | None, player: Sequence[str] | None, language: str) -> str:
    """Say what a run without ``--dry-run`` would do."""
    if player is not None and target is None:
        return word(language, "would_play", player=player[0])
    return word(language, "would_write", path=target or "stdout")


def _last_line(
    result: Result, treatment: Treatment, language: str, *, there: bool
) -> str:
    """Say what was heard and what to do next."""
    if not there:
        return word(language, "unheard")
    said = word(language, "heard")
    if not result.verdict.is_fit or result.path == STREAM:
        return said
    words = ["voiceprep", "upload", *treatment.words]
    step = next_command(words, [result.path], treatment.fixes)
    return word(language, "next", said=said, step=step)
