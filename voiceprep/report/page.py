"""What a page is made of: values, given to it whole; nothing is looked up here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from voiceprep.report.language import Language

__all__ = [
    "FINE_DBOV",
    "About",
    "Absence",
    "Change",
    "Digests",
    "Form",
    "Level",
    "Note",
    "Page",
    "Part",
    "Recording",
    "Sound",
    "Standing",
]


FINE_DBOV: Final = (-26.0, -16.0)  # facts.md, "Level"


class Standing(StrEnum):
    """Group recordings as a person decides on them."""

    FIT = "fit"
    WARNED = "warned"
    REFUSED = "refused"


class Absence(StrEnum):
    """Say why a sound can't be played from the page."""

    GONE = "gone"  # no file lies where the recording was
    CHANGED = "changed"  # another file lies there now
    STREAM = "stream"  # it came through a pipe
    UNPLAYABLE = "unplayable"  # browsers don't play its format
    TOO_LARGE = "too_large"  # to be embedded
    UNPREPARED = "unprepared"  # it was refused, so nothing was prepared


@dataclass(frozen=True, slots=True)
class Form:
    """Say what a file holds: the codec's stable word, Hz, channels, bytes."""

    codec: str = ""
    rate: int | None = None
    channels: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """Hold one of the two that are compared: the original, or the phone's.

    Parameters
    ----------
    link : str or None
        What a browser plays: a relative link or a ``data:`` one; None where it
        can't, and `absence` says why.
    absence : Absence or None
    seconds : float
    outline : str
        The waveform, as the path of an SVG (`pictures.outline`).
    picture : str
        The spectrogram, as a ``data:`` link (`pictures.ink`).
    form : Form or None
    """

    link: str | None = None
    absence: Absence | None = None
    seconds: float = 0.0
    outline: str = ""
    picture: str = ""
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Hold a finding, and where in the original it can be heard.

    Parameters
    ----------
    code : str
        A stable word (docs/design.md, "Codes").
    severity : str
        ``error``, ``warning`` or ``info``.
    message, remedy : str
        In English, as the rules say them; other languages have their own words.
    value, limit : float or str or None
    spans : tuple of (float, float)
        Seconds of the original: from, to.
    outcome : str
        ``mended`` where what is heard on the phone is free of it, ``accepted``
        where a person has overruled it, else ``""``.
    """

    code: str
    severity: str
    message: str
    remedy: str = ""
    value: float | str | None = None
    limit: float | str | None = None
    spans: tuple[tuple[float, float], ...] = ()
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """Hold how loud speech is, in dBov, and between what it should lie.

    Parameters
    ----------
    heard_dbov : float or None
        As the recipient hears it.
    source_dbov : float or None
        As it was recorded.
    fine_dbov : (float, float)
        From, to: what is fine.
    peak_dbfs : float or None
        Of the loudest sample that the recipient hears.
    """

    heard_dbov: float | None
    source_dbov: float | None = None
    fine_dbov: tuple[float, float] = FINE_DBOV
    peak_dbfs: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one thing that preparing did: a word of the catalogue and its number."""

    what: str
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Digests:
    """Hold the SHA-256 of what was heard, in hex digits.

    Parameters
    ----------
    alaw : str
        Of the ``.pcm``: what the platform should store.
    prepared : str
        Of the ``.wav``: what is uploaded and played.
    """

    alaw: str
    prepared: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold one recording of the page.

    Parameters
    ----------
    path : str
        As it was named; any bytes of a file system, in Python's spelling.
    standing : Standing
    notes : tuple of Note
        The gravest first.
    original, phone : Sound
        Both drawn over the original's time.
    cuts : tuple of (float, float)
        Silences of the original, from and to in seconds, that the phone's sound
        lacks.
    level : Level or None
    changes : tuple of Change
        What preparing did, in its order.
    digests : Digests or None
        None where nothing was prepared: there is nothing to approve then.
    """

    path: str
    standing: Standing
    notes: tuple[Note, ...]
    original: Sound
    phone: Sound
    cuts: tuple[tuple[float, float], ...] = ()
    level: Level | None = None
    changes: tuple[Change, ...] = ()
    digests: Digests | None = None

    @property
    def seconds(self) -> float:
        """Return the length of the time that both sounds share: the original's.

        It is longer than the original where silence was added at the end.
        """
        cut = sum(end - start for start, end in self.cuts)
        return max(self.original.seconds, self.phone.seconds + cut)


@dataclass(frozen=True, slots=True)
class About:
    """Say what pages are about, for whom they are, and when they were made.

    Parameters
    ----------
    place : str
        What they are about, such as the folder; shown under the title.
    made : datetime
        When, with its zone.
    version : str
        Of voiceprep.
    language : Language
        That they speak.
    """

    place: str
    made: datetime
    version: str
    language: Language


@dataclass(frozen=True, slots=True)
class Part:
    """Say which of several pages one is; many recordings are cut into pages.

    Parameters
    ----------
    number : int
        From 1.
    first : int
        The number of its first recording, from 1.
    before, after : str or None
        Relative links to its neighbours, where it has them.
    """

    number: int = 1
    first: int = 1
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page: its recordings, in the order in which they are shown."""

    about: About
    recordings: tuple[Recording, ...]
    part: Part = Part()
