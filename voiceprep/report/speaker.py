"""Say a page's values in its language; the templates call it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voiceprep.report.diagnoses import DIAGNOSES
from voiceprep.report.language import Language, clock, moment, number, typeset
from voiceprep.report.names import shown
from voiceprep.report.pictures import REACH, WIDTH
from voiceprep.report.sentences import exact_fact, fact_in, remedy_in
from voiceprep.report.words import counted, words

if TYPE_CHECKING:
    from voiceprep.report.page import About, Change, Form, Level, Note, Recording

__all__ = ["Mark", "Speaker", "folders_of"]

PLACES_SHOWN: Final = 8  # of one finding, as buttons
MARKS_SHOWN: Final = 100  # of one finding, in the waveform
NARROWEST: Final = 3.0  # of a mark, in the drawing's units: it can still be hit
STDIN: Final = "-"
TICKS: Final = 8  # of the axis of time: they stay apart on a phone's screen
STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 3_600, 1 << 40)
LAST_TICK: Final = 0.96  # of the width: its words stay within
_PCM: Final = re.compile(r"pcm_[suf](\d+)(?:le|be)?")
_CODECS: Final = {"alaw", "mulaw"}


def folders_of(path: str) -> tuple[str, ...]:
    """Return the folders of a path, the outermost first.

    >>> folders_of("in/sub/a.wav"), folders_of("/a.wav"), folders_of("a.wav")
    (('in', 'sub'), ('',), ())
    """
    return tuple(path.rstrip("/").split("/")[:-1])


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold what is marked of one finding: an SVG path, and where each part begins."""

    note: Note
    path: str
    starts: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Say a page's values in its language; the template calls it.

    Parameters
    ----------
    language : Language
    root : tuple of str
        The folders that all recordings of the page lie in: said once, in its head.
    """

    language: Language
    root: tuple[str, ...] = ()

    def __call__(self, key: str, **values: Any) -> str:
        """Say a word of the catalogue."""
        return words(key, self.language, **values)

    def shown(self, name: str) -> str:
        """Show a name as text."""
        return shown(name)

    def base(self, path: str) -> str:
        """Show the last part of a path."""
        if path == STDIN:
            return self("stdin")
        return shown(path.rstrip("/").rpartition("/")[2] or path)

    def folder(self, path: str) -> str:
        """Show the folders of a path below those that all recordings lie in."""
        return shown("/".join(folders_of(path)[len(self.root) :]))

    def ticks(self, seconds: float) -> list[tuple[float, str]]:
        """List the marks of the axis of time: percent of its width, on the clock."""
        step = next(step for step in STEPS_S if seconds / step <= TICKS)
        marks = range(0, int(seconds * LAST_TICK) + 1, step)
        return [
            (round(100 * at / seconds, 2), f"{at // 60}:{at % 60:02d}") for at in marks
        ]

    def clock(self, seconds: float) -> str:
        """Say a position."""
        return clock(seconds, self.language)

    def made(self, about: About) -> str:
        """Say when a page was made, and by what."""
        when = moment(about.made, self.language)
        return self("made", when=when, version=about.version)

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
            return self("level.low", n=self.number(math.ceil(low - heard)))
        if heard > high:
            return self("level.high", n=self.number(math.ceil(heard - high)))
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

    def severity(self, note: Note, recording: Recording) -> str:
        """Say how grave a finding is, or what became of it."""
        if note.outcome == "mended" and recording.digests is None:
            return self("severity.would_be")  # nothing was prepared
        return self(f"severity.{note.outcome or note.severity}")

    def fact(self, note: Note) -> str:
        """Say a finding in a sentence."""
        return _sentence(fact_in(self.language, note.code, note.message))

    def speaks(self, note: Note) -> str:
        """Name the language of a finding's sentences; unknown codes keep theirs."""
        return str(self.language if note.code in DIAGNOSES else Language.EN)

    def remedy(self, note: Note) -> list[tuple[bool, str]]:
        """Say what to do, in parts: whether each is a command, and its words."""
        mended = note.outcome == "mended"
        text = remedy_in(self.language, note.code, note.remedy, mended=mended)
        parts = enumerate(shown(text).split("`"))
        return [(bool(place % 2), part) for place, part in parts if part]

    def numbers(self, note: Note) -> str:
        """Say a finding's numbers, where its sentence does not."""
        known = DIAGNOSES.get(note.code)
        if self.language is Language.EN or not known or not known.unit:
            return ""
        if exact_fact(note.message):
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

    def marks(self, recording: Recording, side: str) -> list[Mark]:
        """List what is marked in a waveform, the gravest on top.

        What preparing mended stands in the original only.
        """
        shown_here = (
            note
            for note in reversed(recording.notes)
            if side == "original" or note.outcome != "mended"
        )
        scale = WIDTH / (recording.seconds or 1.0)
        return [_mark(note, scale) for note in shown_here if note.spans]

    def cuts(self, recording: Recording) -> str:
        """Return what was cut out, as the path of an SVG."""
        scale = WIDTH / (recording.seconds or 1.0)
        return "".join(
            _box(start * scale, end * scale) for start, end in recording.cuts
        )

    def places(self, note: Note) -> list[tuple[str, float]]:
        """List where a finding is heard: on the clock, in seconds."""
        starts = [round(start, 3) for start, _ in note.spans[:PLACES_SHOWN]]
        return [(self.clock(start), start) for start in starts]

    def more(self, note: Note) -> str:
        """Say how many more places there are."""
        left = len(note.spans) - PLACES_SHOWN
        return self("more_places", n=left) if left > 0 else ""


def _mark(note: Note, scale: float) -> Mark:
    """Mark the places of a finding."""
    shown_here = note.spans[:MARKS_SHOWN]
    boxes = (_box(start * scale, end * scale) for start, end in shown_here)
    starts = (f"{start:.6g}" for start, _ in shown_here)
    return Mark(note, "".join(boxes), " ".join(starts))


def _box(start: float, end: float) -> str:
    """Draw a box over the whole height, wide enough to be hit."""
    x, width = min(start, WIDTH - NARROWEST), max(end - start, NARROWEST)
    return f"M{x:.4g} {-REACH}h{width:.4g}v{2 * REACH}h-{width:.4g}z"


def _sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    clean = shown(text).strip()
    ended = clean if clean[-1:] in {".", "!", "?", ""} else f"{clean}."
    return ended[:1].upper() + ended[1:]


def _decimals(amount: float) -> int:
    return 0 if float(amount).is_integer() else 1
