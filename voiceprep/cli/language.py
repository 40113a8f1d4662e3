"""Choose the language of words for people."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["language_asked", "language_despite", "language_of_words"]


@cache
def language_of_words(asked: str | None, profile: str | None) -> str:
    """Return the language that was asked for or set, else the locale's.

    English is found without loading what knows of others.
    """
    from voiceprep.client import Settings

    return _chosen(asked or Settings.load({"profile": profile}).lang)


def _chosen(asked: str | None) -> str:
    locales = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    if asked is None and not any(place.lower().startswith("fr") for place in locales):
        return "en"
    from voiceprep.report import language_of

    return str(language_of(asked, os.environ))


def language_asked(arguments: Sequence[str]) -> str:
    """Return the language of a command line that could not be read whole.

    Settings that can't be read either don't keep it from being told.

    >>> language_asked(["check", "--lang=fr", "--nope"])
    'fr'
    """
    asked = _value(arguments, "--lang")
    return language_despite(asked, _value(arguments, "--profile") or None)


def language_despite(asked: str | None, profile: str | None) -> str:
    """Return the language as `language_of_words`, whatever is wrong with settings."""
    try:
        return language_of_words(_known(asked), profile)
    except SettingsError:
        return _chosen(_known(os.environ.get("VOICEPREP_LANG")))


def _known(asked: str | None) -> str | None:
    return asked if asked and asked.lower() in {"en", "fr"} else None


def _value(arguments: Sequence[str], option: str) -> str:
    """Return the last value of an option; "" where there is none.

    >>> _value(["check", "--lang", "en", "--lang", "fr"], "--lang")
    'fr'
    """
    found = ""
    for here, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if here == "--":
            break
        if here == option:
            found = after
        elif here.startswith(f"{option}="):
            found = here.partition("=")[2]
    return found
