"""Write campaigns' sheets: one HTML text each, whole by itself, without a script."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import FINAL_STATES
from voiceprep.report import charts
from voiceprep.report.language import Language, moment, number
from voiceprep.report.names import shown
from voiceprep.report.paper import environment, hash_of, markup, style_of
from voiceprep.report.render import GENERATOR
from voiceprep.report.sheet_words import SHEET_WORDS, sheet_counted, sheet_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voiceprep.report.page import About
    from voiceprep.report.sheets import Proof, Tally

__all__ = ["SheetSpeaker", "proof_page", "tally_page"]

_MARGIN: Final = 18  # below a chart, for its labels


@dataclass(frozen=True, slots=True)
class SheetSpeaker:
    """Say a sheet's values in its language; the templates and the text call it."""

    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """Say a word of the catalogue."""
        return sheet_words(key, self.language, **values)

    def labelled(self, key: str, value: object) -> str:
        """Write a word of the catalogue, and what it names."""
        return self("labelled", label=self(key), value=value)

    def shown(self, name: str) -> str:
        """Show a name, or the platform's words, as text."""
        return shown(name)

    def meaning(self, reason: str) -> str:
        """Say in plain words what the platform's mean; nothing where nobody knows.

        >>> SheetSpeaker(Language.FR).meaning("voicemail full")
        'le répondeur était plein'
        """
        media, _, what = reason.lower().partition(" ")
        key = f"reason.{what}"
        known = media in {"voice", "voicemail"} and key in SHEET_WORDS
        return self(key) if known else ""

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number."""
        return number(value, self.language, decimals)

    def counted(self, key: str, count: int) -> str:
        """Write a count with its noun."""
        return sheet_counted(key, count, self.language, self.number(count))

    def percent(self, value: float) -> str:
        """Write a percentage with two decimals (R42).

        >>> SheetSpeaker(Language.FR).percent(91.16).split()
        ['91,16', '%']
        """
        return f"{self.number(value, 2)}\N{NO-BREAK SPACE}%"

    def share(self, part: int, whole: int) -> str:
        """Write a part of a whole as a percentage; a dash where there is no whole."""
        # In whole hundredths, half upwards, as the platform's own share (R42).
        hundredths = (20_000 * part + whole) // (2 * whole) if whole else 0
        return self.percent(hundredths / 100) if whole else "–"

    def moment(self, at: datetime | None) -> str:
        """Write a date and a time; or that it is at once."""
        return moment(at, self.language) if at else self("proof.at_once")

    def made(self, about: About) -> str:
        """Say when a sheet was made, on whose clock, and by what."""
        zone = getattr(about.made.tzinfo, "key", None)
        when = moment(about.made, self.language) + (f" ({zone})" if zone else "")
        return self("made", when=when, version=about.version)

    def hour(self, said: str) -> str:
        """Write the key of an hour or a day; others have no time."""
        return said if said[:2] == "20" else self("hours.none")

    def place(self, name: str) -> str:
        """Name a territory; one of a person's own windows has its own name."""
        key = f"place.{name}"
        return self(key) if key in SHEET_WORDS else shown(name)

    def hours(self, window: str) -> str:
        """Name calling hours; that there are none is said in words."""
        key = f"window.{window}"
        return self(key) if key in SHEET_WORDS else shown(window)

    def skipped(self, reasons: Mapping[str, int]) -> list[tuple[str, int]]:
        """Say why people are not called, the most frequent first."""
        counts: Counter[str] = Counter()
        for reason, count in reasons.items():
            key = f"skip.{reason}"
            counts[self(key if key in SHEET_WORDS else "skip.number")] += count
        return counts.most_common()


def tally_page(tally: Tally) -> str:
    """Return what became of a campaign's calls, as HTML.

    Parameters
    ----------
    tally : Tally

    Returns
    -------
    str
        Names and the platform's words stand in it as text, whatever they hold.
    """
    told = charts.by_time(tally.hours)
    return _page(
        "tally",
        tally.about,
        tally=tally,
        bar=charts.row(tally.counts),
        chart=charts.columns(told, FINAL_STATES),
        height=charts.HEIGHT + _MARGIN,
        most_reason=max(tally.reasons.values(), default=0),
        states=list(FINAL_STATES),
    )


def proof_page(proof: Proof) -> str:
    """Return the sign-off of a campaign, as HTML that prints on one sheet."""
    return _page("proof", proof.about, proof=proof)


def _page(kind: str, about: About, **values: Any) -> str:
    """Fill the template of a kind of sheet; its name is its title's word too."""
    style = style_of("sheet.css")
    template = environment().get_template(f"{kind}.html")
    return template.render(
        kind=kind,
        about=about,
        speak=SheetSpeaker(about.language),
        generator=markup(GENERATOR),
        policy=_policy(style),
        style=markup(style),
        width=charts.WIDTH,
        **values,
    )


def _policy(style: str) -> str:
    """Allow the style that stands in the page, and its sound; all else is closed."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {hash_of(style)}",
            "media-src 'self' file: data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
