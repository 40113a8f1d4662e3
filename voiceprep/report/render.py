"""Write a page: values in, one HTML text out, which needs nothing beside its audio.

Style and script stand in the page and are named in its Content-Security-Policy by
their hashes; nothing else runs, and nothing is fetched but the audio beside it.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from voiceprep.report.language import Language, typeset
from voiceprep.report.page import Standing
from voiceprep.report.paper import asset, environment, hash_of, markup, style_of
from voiceprep.report.pictures import REACH, TOP_HZ, WIDTH
from voiceprep.report.speaker import Speaker, folders_of
from voiceprep.report.words import WORDS

if TYPE_CHECKING:
    from voiceprep.report.page import Page

__all__ = ["FOLLOWS", "GENERATOR", "render"]

GENERATOR: Final = '<meta name="generator" content="voiceprep">'  # marks our pages
FOLLOWS: Final = '<link rel="prev" '  # marks those that are not the first
BAND_HZ: Final = (300, 3_400)  # ITU-T G.712
SEARCH_FROM: Final = 12  # recordings, above which names can be searched for
_SCRIPTS: Final = ("player.js", "decisions.js", "start.js")


def render(page: Page) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    page : Page

    Returns
    -------
    str
        Names and sentences stand in it as text, whatever they hold.

    >>> from datetime import datetime, UTC
    >>> from voiceprep.report.page import About, Page
    >>> made = datetime(2026, 11, 25, tzinfo=UTC)
    >>> about = About("<b>out</b>", made, "1.0", Language.EN)
    >>> "<b>" in render(Page(about, ()))
    False
    """
    style, script, language = style_of("page.css"), _script(), page.about.language
    template = environment().get_template("page.html")
    return template.render(
        page=page,
        speak=Speaker(language, _root(page)),
        generator=markup(GENERATOR),
        policy=_policy(style, script),
        style=markup(style),
        script=markup(script),
        script_words=_script_words(language),
        standings=list(Standing),
        decidable=sum(each.digests is not None for each in page.recordings),
        search_from=SEARCH_FROM,
        width=WIDTH,
        reach=REACH,
        top_hz=TOP_HZ,
        band_hz=BAND_HZ,
    )


def _root(page: Page) -> tuple[str, ...]:
    """Return the folders that all recordings of a page lie in."""
    folders = [folders_of(recording.path) for recording in page.recordings]
    shared = takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False))
    return tuple(level[0] for level in shared)


def _script() -> str:
    """Return the page's script: its parts see each other, nobody else does."""
    return '"use strict";\n{\n' + "\n".join(map(asset, _SCRIPTS)) + "}\n"


def _policy(style: str, script: str) -> str:
    """Allow what stands in the page, and audio beside it; all else is closed."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {hash_of(style)}",
            f"script-src {hash_of(script)}",
            "img-src data:",
            "media-src 'self' file: data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _script_words(language: Language) -> dict[str, str]:
    """Return the words that the script needs, with their placeholders."""
    needed = (
        *("play", "pause", "of_time", "progress", "by", "approved", "rejected"),
        *("name.needed", "not_kept", "absence.failed", "sheet.undecided"),
    )
    column = list(Language).index(language)
    return {key: typeset(WORDS[key][column], language) for key in needed}
