"""``voiceprep doctor``: say whether everything is here that is needed."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceprep.cli.common import Common, ExampleCommand, common_options, settings_of
from voiceprep.cli.exits import Exit
from voiceprep.cli.language import language_despite
from voiceprep.cli.output import PROGRAM, document, next_command, say
from voiceprep.cli.sentences import said_in
from voiceprep.cli.words import or_as_is, word
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = """\
voiceprep doctor
"""
_MARK_WIDTH = {"en": 5, "fr": 6}
PACKAGES = (
    *("numpy", "soundfile", "soxr", "miniaudio", "httpx2", "starlette", "scipy"),
    *("jinja2", "pillow"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """Hold one thing that was looked at."""

    name: str
    fine: bool
    said: str


@click.command(cls=ExampleCommand, examples=EXAMPLES)
@common_options
def command(common: Common) -> int:
    """Look at Python, packages, decoders, settings and folders; say what lacks.

    Exit code 2 where anything that is needed is missing. No secret is shown and
    no platform is called.
    """
    looks = list(_looks(common))
    # Said also where the settings can't be read.
    common = replace(common, lang=language_despite(common.lang, common.profile))
    if common.as_json:
        click.echo(document("voiceprep.doctor/1", (asdict(look) for look in looks)))
    else:
        for look in looks:
            click.echo(_line(look, common.language))
    language = common.language
    lacking = [
        or_as_is(language, "doctor", look.name) for look in looks if not look.fine
    ]
    if lacking:
        say(common, word(language, "doctor.mend", names=", ".join(lacking)))
        return Exit.USAGE
    said, step = word(language, "doctor.all"), next_command([PROGRAM, "demo"], [])
    say(common, word(language, "next", said=said, step=step))
    return Exit.DONE


def _line(look: Look, language: str) -> str:
    mark = word(language, "doctor.fine" if look.fine else "doctor.lacks")
    name = or_as_is(language, "doctor", look.name)
    said = word(language, "about", what=name, said=said_in(language, look.said))
    return f"{mark:{_MARK_WIDTH[language]}}  {said}"


def _looks(common: Common) -> Iterator[Look]:
    yield Look("python", sys.version_info >= (3, 11), platform.python_version())
    for package in PACKAGES:
        yield _package(package, needed=True)
    yield _package("av", needed=False, purpose="reads m4a (voiceprep[m4a])")
    yield _mp3()
    yield _settings(common)
    yield _temporary_folder()
    yield _data_folder(common)


def _package(name: str, *, needed: bool, purpose: str = "") -> Look:
    try:
        return Look(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        said = "not installed" + (f"; {purpose}" if purpose else "")
        return Look(name, not needed, said)


def _mp3() -> Look:
    import soundfile

    fine = "MP3" in soundfile.available_formats()
    version = soundfile.__libsndfile_version__
    said = f"libsndfile {version}" + (
        "" if fine else " reads no MP3; 1.1 or later does"
    )
    return Look("mp3", fine, said)


def _settings(common: Common) -> Look:
    try:
        settings = settings_of(common)
    except SettingsError as error:
        return Look("settings", False, str(error))
    account = f"profile {settings.profile}, account {settings.client_id}"
    return Look(
        "settings", True, account if settings.configured else "none: the sandbox"
    )


def _temporary_folder() -> Look:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"voiceprep")
    except OSError as error:
        return Look("temporary folder", False, str(error))
    return Look("temporary folder", True, tempfile.gettempdir())


def _data_folder(common: Common) -> Look:
    from voiceprep.client import Settings
    from voiceprep.pipeline.platform import sandbox_data

    try:
        place = sandbox_data(settings_of(common))
    except SettingsError:  # said by its own look
        place = sandbox_data(Settings.load(environ={}, folder=Path(os.devnull)))
    nearest = next(folder for folder in (place, *place.parents) if folder.exists())
    fine = os.access(nearest, os.W_OK)
    return Look(
        "sandbox data", fine, str(place) if fine else f"{nearest}: not writable"
    )
