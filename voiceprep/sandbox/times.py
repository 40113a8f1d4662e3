"""Read and show dates: ISO-8601, in the account's zone where none is named (R37)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from voiceprep.contract import ACCOUNT_ZONE

__all__ = ["iso", "seconds"]

_FIRST_YEAR, _LAST_YEAR = 1970, 2099  # [ours]
_EXAMPLE: Final = "2026-12-01T10:30:00+01:00"


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo(ACCOUNT_ZONE)


def iso(moment: float | None) -> str | None:
    """Show Unix seconds as a date of the account's zone.

    >>> iso(1_772_355_600)
    '2026-03-01T10:00:00+01:00'
    """
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, _zone()).isoformat(timespec="seconds")


def seconds(date: str) -> float:
    """Return the Unix seconds of a date.

    Raises
    ------
    ValueError
        Where it is none, with a sentence.

    >>> seconds("2026-03-01T10:00:00"), seconds("2026-03-01T09:00:00Z")
    (1772355600.0, 1772355600.0)
    """
    try:
        moment = datetime.fromisoformat(date)
    except ValueError as error:
        hint = " (a form sends + as %2B)" if " " in date[11:] else ""
        raise ValueError(
            f"{date[:40]!r} is no date of ISO-8601, such as {_EXAMPLE}{hint}"
        ) from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{date[:40]!r} is not within {_FIRST_YEAR} to {_LAST_YEAR}")
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=_zone())
    return zoned.timestamp()
