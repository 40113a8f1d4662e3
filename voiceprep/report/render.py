"""Write a page: values in, one HTML text out, which needs nothing beside its audio.

Style and script stand in the page and are named in its Content-Security-Policy by
their hashes; nothing else runs, and nothing is fetched but the audio beside it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from voiceprep.report.diagnoses import DIAGNOSES
from voiceprep.report.language import Language, clock, moment, number, typeset
from voiceprep.report.names import shown
from voiceprep.report.page import Standing
from voiceprep.report.pictures import REACH, TOP_HZ, WIDTH
from voiceprep.report.words import WORDS, counted, words

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

    from voiceprep.report.page import Change, Form, Level, Note, Page, Recording

__all__ = ["GENERATOR", "render"]

GENERATOR: Final = '<meta name="generator" content="voiceprep">'  # marks our pages
PLACES_SHOWN: Final = 8  # of one finding, as buttons
MARKS_SHOWN: Final = 60  # of one finding, in the waveform
NARROWEST: Final = 3.0  # of a mark, in the drawing's units: it can still be hit
BAND_HZ: Final = (300, 3_400)  # ITU-T G.712
_PCM: Final = re.compile(r"pcm_[suf](\d+)(?:le|be)?")
_CODECS: Final = {"alaw", "mulaw"}
_SCRIPTS: Final = ("player.js", "decisions.js", "start.js")


def render(page: Page, language: Language) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    page : Page
    language : Language

    Returns
    -------
    str
        Names and sentences stand in it as text, whatever they hold.

    >>> from datetime import datetime, UTC
    >>> from voiceprep.report.page import Page
    >>> made = datetime(2026, 11, 25, tzinfo=UTC)
    >>> "<b>" in render(Page("<b>out</b>", made, "1.0", ()), Language.EN)
    False
    """
    style, script = _asset("page.css"), _script()
    template = _environment().get_template("page.html")
    return template.render(
        page=page,
        speak=Speaker(language),
        generator=_markup(GENERATOR),
        policy=_policy(style, script),
        style=_markup(style),
        script=_markup(script),
        script_words=_script_words(language),
        standings=list(Standing),
        width=WIDTH,
        reach=REACH,
        top_hz=TOP_HZ,
        band_hz=BAND_HZ,
    )


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _asset(name: str) -> str:
    return files("voiceprep.report").joinpath("assets", name).read_text("utf-8")


def _script() -> str:
    """Return the page's script: its parts see each other, nobody else does."""
    return '"use strict";\n{\n' + "\n".join(map(_asset, _SCRIPTS)) + "}\n"


def _markup(text: str) -> Markup:
    """Mark a text of our own as HTML."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 (assets of this package, nobody's input)


def _policy(style: str, script: str) -> str:
    """Allow what stands in the page, and audio beside it; all else is closed."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data:",
            "media-src 'self' file: data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _script_words(language: Language) -> dict[str, str]:
    """Return the words that the script needs, with their placeholders."""
    needed = (
        *("play", "pause", "of_time", "progress", "by", "approved", "rejected"),
        *("name.needed", "not_kept", "absence.failed", "sheet.undecided"),
    )
    column = list(Language).index(language)
    return {key: typeset(WORDS[key][column], language) for key in needed}


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a finding is heard: on the clock, in seconds, in the drawing."""

    at: str
    start_s: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Speaker:
    """Say a page's values in its language; the template calls it."""

    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """Say a word of the catalogue."""
        return words(key, self.language, **values)

    def shown(self, name: str) -> str:
        """Show a name as text."""
        return shown(name)

    def base(self, path: str) -> str:
        """Show the last part of a path."""
        return shown(path.rstrip("/").rpartition("/")[2] or path)

    def clock(self, seconds: float) -> str:
        """Say a position."""
        return clock(seconds, self.language)

    def made(self, page: Page) -> str:
        """Say when a page was made, and by what."""
        when = moment(page.made, self.language)
        return self("made", when=when, version=page.version)

    def recordings(self, count: int) -> str:
        """Count recordings."""
        return counted("recordings", count, self.language)

    def form(self, form: Form) -> str:
        """Say what a file holds: codec, rate, channels, size."""
        parts = [self._codec(form.codec)] if form.codec else []
        if form.rate:
            kilohertz = f"{form.rate / 1_000:.2f}".rstrip("0").rstrip(".")
            decimals = len(kilohertz.partition(".")[2])
            parts.append(self.number(form.rate / 1_000, decimals) + "\u00a0kHz")
        if form.channels:
            parts.append(self._channels(form.channels))
        if form.bytes:
            unit = "ko" if self.language is Language.FR else "kB"
            parts.append(f"{self.number(form.bytes / 1_000)}\u00a0{unit}")
        return " · ".join(parts)

    def _codec(self, codec: str) -> str:
        """Say a codec's stable word as people do."""
        if bits := _PCM.fullmatch(codec):
            return self("pcm", n=bits[1])
        return self(codec) if codec in _CODECS else shown(codec).upper()

    def _channels(self, count: int) -> str:
        known = {1: "mono", 2: "stereo"}
        return self(known.get(count, "channels"), n=count)

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number."""
        return number(value, self.language, decimals)

    def level(self, level: Level) -> str:
        """Say how loud speech is for a phone, in plain words."""
        low, high = level.fine_dbov
        heard = level.heard_dbov
        if heard is None:
            return ""
        if heard < low:
            return self("level.low", n=self.number(low - heard, 0))
        if heard > high:
            return self("level.high", n=self.number(heard - high, 0))
        return self("level.fine")

    def decibels(self, level: Level) -> str:
        """Say a level exactly."""
        told = {
            "level.heard": level.heard_dbov,
            "level.source": level.source_dbov,
            "level.peak": level.peak_dbfs,
        }
        return ", ".join(
            self(key, n=self.number(value, 1))
            for key, value in told.items()
            if value is not None
        )

    def title(self, note: Note) -> str:
        """Name a finding."""
        known = DIAGNOSES.get(note.code)
        column = list(Language).index(self.language)
        title = known.title[column] if known else shown(note.code.replace("_", " "))
        return typeset(title, self.language)

    def severity(self, note: Note) -> str:
        """Say how grave a finding is, or what became of it."""
        return self(f"severity.{note.outcome or note.severity}")

    def fact(self, note: Note) -> str:
        """Say a finding in a sentence."""
        known = DIAGNOSES.get(note.code)
        if self.language is Language.FR and known:
            return typeset(known.fact, self.language)
        return _sentence(note.message)

    def speaks(self, note: Note) -> str:
        """Name the language of a finding's sentences; unknown codes keep theirs."""
        return str(self.language if note.code in DIAGNOSES else Language.EN)

    def remedy(self, note: Note) -> list[tuple[bool, str]]:
        """Say what to do, in parts: whether each is a command, and its words."""
        known = DIAGNOSES.get(note.code)
        text = note.remedy
        if text and self.language is Language.FR and known:
            french = known.kept if note.outcome == "mended" else known.remedy
            text = typeset(french, self.language)
        parts = enumerate(shown(text).split("`"))
        return [(bool(place % 2), part) for place, part in parts if part]

    def numbers(self, note: Note) -> str:
        """Say a finding's numbers, where its sentence does not."""
        known = DIAGNOSES.get(note.code)
        if self.language is Language.EN or not known or not known.unit:
            return ""
        named = (("measured", note.value), ("limit", note.limit))
        return " · ".join(
            self(key, n=self._amount(value, known.unit))
            for key, value in named
            if isinstance(value, (int, float))
        )

    def _amount(self, value: float, unit: str) -> str:
        told = value * 100 if unit == "%" else value
        decimals = f"{told:.2f}".rstrip("0").partition(".")[2]
        return f"{self.number(told, len(decimals))}\u00a0{unit}"

    def change(self, change: Change) -> str:
        """Say one thing that preparing did."""
        amount = change.amount
        said = "" if amount is None else self.number(amount, _decimals(amount))
        return self(f"change.{change.what}", n=said)

    def marks(self, recording: Recording, side: str) -> list[tuple[Note, Place]]:
        """List what is marked in a waveform, the gravest on top.

        What preparing mended stands in the original only.
        """
        return [
            (note, place)
            for note in reversed(recording.notes)
            if side == "original" or note.outcome != "mended"
            for place in self._places(note, recording.seconds)[:MARKS_SHOWN]
        ]

    def places(self, note: Note, recording: Recording) -> list[Place]:
        """List where a finding is heard, as many as there is room for."""
        return self._places(note, recording.seconds)[:PLACES_SHOWN]

    def more(self, note: Note) -> str:
        """Say how many more places there are."""
        left = len(note.spans) - PLACES_SHOWN
        return self("more_places", n=left) if left > 0 else ""

    def _places(self, note: Note, seconds: float) -> list[Place]:
        scale = WIDTH / seconds if seconds else 0.0
        return [
            Place(
                self.clock(start),
                round(start, 3),
                round(min(start * scale, WIDTH - NARROWEST), 1),
                round(max((end - start) * scale, NARROWEST), 1),
            )
            for start, end in note.spans
        ]


def _sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    clean = shown(text).strip()
    ended = clean if clean[-1:] in {".", "!", "?", ""} else f"{clean}."
    return ended[:1].upper() + ended[1:]


def _decimals(amount: float) -> int:
    return 0 if float(amount).is_integer() else 1
