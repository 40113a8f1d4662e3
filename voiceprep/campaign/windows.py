"""Say when people may be called, on their own clocks.

Windows, holidays and time zones are data (data/windows.toml), to be edited and named
with ``--windows``. They are no legal advice. What is not known is closed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Calendar", "Holidays", "Territory", "Window", "easter"]

DATA: Final = Path(__file__).with_name("data") / "windows.toml"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT: Final = "24:00"
_HORIZON_DAYS: Final = 60  # ours: a window that stays closed for longer is a mistake
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """Say on which days and between which hours.

    Parameters
    ----------
    name, about : str
    days : frozenset of int
        0 is Monday.
    hours : tuple of (timedelta, timedelta)
        Since midnight, on the recipient's clock.
    on_holidays : bool
        Whether it is open then.
    spare : timedelta
        A mailing begins only where so much of a span is left.
    """

    name: str
    about: str
    days: frozenset[int]
    hours: tuple[tuple[timedelta, timedelta], ...]
    on_holidays: bool
    spare: timedelta

    @property
    def needs_no_clock(self) -> bool:
        """Say whether it is always open, wherever somebody is."""
        whole_day = (timedelta(), timedelta(days=1))
        every = len(self.days) == len(_DAYS) and whole_day in self.hours
        return every and self.on_holidays and not self.spare


@dataclass(frozen=True, slots=True)
class Holidays:
    """Hold public holidays: month and day, and days after Easter Sunday.

    >>> Holidays(frozenset({(7, 14)}), frozenset({1})).hold(date(2026, 4, 6))
    True
    """

    days: frozenset[tuple[int, int]]
    easter: frozenset[int]

    def hold(self, day: date) -> bool:
        """Say whether a day is one of them."""
        after = (day - easter(day.year)).days
        return (day.month, day.day) in self.days or after in self.easter


@dataclass(frozen=True, slots=True)
class Territory:
    """Say where numbers are: their clocks, and their holidays.

    Parameters
    ----------
    name : str
    zones : tuple of ZoneInfo
        Several where a number does not tell which.
    holidays : tuple of Holidays
    """

    name: str
    zones: tuple[ZoneInfo, ...]
    holidays: tuple[Holidays, ...]

    def spans(self, window: Window, zone: ZoneInfo, day: date) -> Iterator[Span]:
        """Yield when a window is open on a day of one of its clocks, in UTC."""
        closed = not window.on_holidays and any(h.hold(day) for h in self.holidays)
        if closed or day.weekday() not in window.days:
            return
        midnight = datetime.combine(day, time())
        for start, end in window.hours:
            # Added on the wall clock, then placed in the zone: DST comes out right.
            local = ((midnight + at).replace(tzinfo=zone) for at in (start, end))
            opens, closes = (at.astimezone(UTC) for at in local)
            yield opens, closes

    def is_open(self, window: Window, at: datetime) -> bool:
        """Say whether a mailing may begin, on all of its clocks."""
        return all(self._is_open(window, zone, at) for zone in self.zones)

    def opening(self, window: Window, after: datetime) -> datetime:
        """Return the first instant from `after` at which a mailing may begin (UTC).

        Raises
        ------
        SettingsError
            If there is none in the next 60 days.
        """
        start = after.astimezone(UTC)
        days = [start.date() + timedelta(n) for n in range(-1, _HORIZON_DAYS)]
        opens = (
            span[0]
            for zone in self.zones
            for day in days
            for span in self.spans(window, zone, day)
        )
        for at in sorted({start, *(one for one in opens if one > start)}):
            if self.is_open(window, at):
                return at
        raise SettingsError(
            f"window {window.name!r} does not open in {self.name} within "
            f"{_HORIZON_DAYS} days of {start:%Y-%m-%d}"
        )

    def _is_open(self, window: Window, zone: ZoneInfo, at: datetime) -> bool:
        day = at.astimezone(zone).date()
        return any(
            opens <= at and at + window.spare <= closes
            for opens, closes in self.spans(window, zone, day)
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """Hold windows, and the territories of numbers.

    >>> calendar = Calendar.load()
    >>> calendar.territory("+262692123456").name
    'reunion'
    >>> calendar.territory("+12125552368") is None
    True
    """

    windows: Mapping[str, Window]
    territories: Mapping[str, Territory]
    prefixes: Mapping[str, str]

    @classmethod
    def load(cls, path: str | Path | None = None) -> Calendar:
        """Read windows, holidays and territories from a TOML file.

        Parameters
        ----------
        path : path, optional
            None for the one that comes with voiceprep.

        Raises
        ------
        SettingsError
            If it is not TOML, or a value in it is not of its kind.
        OSError
        """
        place = Path(path) if path is not None else DATA
        try:
            said = tomllib.loads(place.read_text(encoding="utf-8"))
            return cls._of(said)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{place} is not TOML: {error}") from error
        except KeyError as error:
            raise SettingsError(
                f"{place}: {error.args[0]!r} is missing, or misspelt; compare it with "
                f"{DATA}"
            ) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise SettingsError(f"{place}: {error!r} is not as it should be") from error
        except ZoneInfoNotFoundError as error:
            raise SettingsError(f"{place}: no time zone {error}") from error

    @classmethod
    def _of(cls, said: Mapping[str, Any]) -> Calendar:
        holidays = {name: _holidays(row) for name, row in said["holidays"].items()}
        rows = said["territories"].items()
        return cls(
            {name: _window(name, row) for name, row in said["windows"].items()},
            {name: _territory(name, row, holidays) for name, row in rows},
            {prefix: name for name, row in rows for prefix in row["prefixes"]},
        )

    def window(self, name: str) -> Window:
        """Return a window by its name.

        Raises
        ------
        SettingsError
        """
        if name in self.windows:
            return self.windows[name]
        listed = ", ".join(self.windows)
        raise SettingsError(f"there is no window {name!r}; there are: {listed}")

    def tells(self, window: Window, number: str) -> bool:
        """Say whether it is known when a window is open where a number (E.164) is."""
        return window.needs_no_clock or self.territory(number) is not None

    def territory(self, number: str) -> Territory | None:
        """Return where a number (E.164) is; None where that is not known."""
        for length in range(len(number) - 1, 0, -1):
            if name := self.prefixes.get(number[1 : length + 1]):
                return self.territories[name]
        return None


def easter(year: int) -> date:
    """Return Easter Sunday (Meeus, Jones and Butcher), Gregorian.

    >>> easter(2026), easter(2027)
    (datetime.date(2026, 4, 5), datetime.date(2027, 3, 28))
    """
    a, (b, c) = year % 19, divmod(year, 100)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - b // 4 - g + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _window(name: str, row: Mapping[str, Any]) -> Window:
    hours = tuple(_hours(span) for span in row["hours"])
    return Window(
        name,
        str(row.get("about", "")),
        frozenset(_DAYS.index(day) for day in row["days"]),
        hours,
        {"open": True, "closed": False}[row["holidays"]],
        timedelta(minutes=row["spare_min"]),
    )


def _hours(span: str) -> tuple[timedelta, timedelta]:
    start, _, end = span.partition("-")
    opens, closes = _since_midnight(start), _since_midnight(end)
    if opens >= closes:
        raise ValueError(f"hours {span}")
    return opens, closes


def _since_midnight(text: str) -> timedelta:
    if text == _MIDNIGHT:
        return timedelta(days=1)
    at = time.fromisoformat(text)
    return timedelta(hours=at.hour, minutes=at.minute)


def _holidays(row: Mapping[str, Any]) -> Holidays:
    days = (date.fromisoformat(f"2000-{day}") for day in row.get("days", ()))
    return Holidays(
        frozenset((day.month, day.day) for day in days),
        frozenset(int(after) for after in row.get("easter", ())),
    )


def _territory(
    name: str, row: Mapping[str, Any], holidays: Mapping[str, Holidays]
) -> Territory:
    zones = tuple(ZoneInfo(zone) for zone in row["zones"])
    if not zones:
        raise ValueError(f"territory {name} without zones")
    return Territory(name, zones, tuple(holidays[one] for one in row["holidays"]))
