"""Draw counts as plain SVG: numbers in, the places of rectangles out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["HEIGHT", "WIDTH", "Block", "Chart", "by_time", "columns", "row"]

WIDTH: Final = 600  # of a drawing, in its own units
HEIGHT: Final = 160
MOST_COLUMNS: Final = 72  # three days of hours; beyond, a column is a day
_GAP: Final = 0.2  # of a column's room
_HOUR: Final = "%Y-%m-%d %H:00"
_DAY: Final = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class Block:
    """Hold one rectangle: of what, and where. Its colour is the style's."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Hold a chart of columns over time.

    Parameters
    ----------
    blocks : tuple of Block
    labels : tuple of (float, str)
        Below columns: x of the middle, and the text.
    most : int
        What the highest column counts.
    is_by_day : bool
    """

    blocks: tuple[Block, ...]
    labels: tuple[tuple[float, str], ...]
    most: int
    is_by_day: bool


def row(counts: Mapping[str, int]) -> tuple[Block, ...]:
    """Divide a bar of `WIDTH` by counts; what is 0 has no part in it.

    >>> [(each.kind, each.x, each.width) for each in row({"ok": 3, "ko": 1, "no": 0})]
    [('ok', 0.0, 450.0), ('ko', 450.0, 150.0)]
    """
    total = sum(counts.values())
    blocks, x = [], 0.0
    for kind, count in counts.items():
        width = round(WIDTH * count / total, 2) if total else 0.0
        if count:
            blocks.append(Block(kind, round(x, 2), 0, width, 24))
        x += width
    return tuple(blocks)


def by_time(hours: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return counts of every hour from the first to the last, or of every day.

    Parameters
    ----------
    hours : mapping
        ``"2026-03-12 10:00"`` → state → calls; other keys have no place in time.

    >>> told = by_time({"2026-03-12 10:00": {"ok": 1}, "2026-03-12 12:00": {"ko": 2}})
    >>> list(told), told["2026-03-12 11:00"]
    (['2026-03-12 10:00', '2026-03-12 11:00', '2026-03-12 12:00'], {})
    """
    at = {when: counts for said, counts in hours.items() if (when := _read(said))}
    if not at:
        return {}
    span = (max(at) - min(at)) // timedelta(hours=1) + 1
    form, step = (
        (_HOUR, timedelta(hours=1))
        if span <= MOST_COLUMNS
        else (_DAY, timedelta(days=1))
    )
    told: dict[str, dict[str, int]] = {}
    when = min(at)
    while when.strftime(form) <= max(at).strftime(form):
        told[when.strftime(form)] = {}
        when += step
    for when, counts in at.items():
        column = told[when.strftime(form)]
        for state, count in counts.items():
            column[state] = column.get(state, 0) + count
    return told


def columns(told: Mapping[str, Mapping[str, int]], states: Sequence[str]) -> Chart:
    """Stack counts in columns, the first state at the foot.

    >>> chart = columns({"2026-03-12 10:00": {"ok": 3, "ko": 1}}, ("ok", "ko"))
    >>> [(each.kind, each.y, each.height) for each in chart.blocks], chart.most
    ([('ok', 40.0, 120.0), ('ko', 0.0, 40.0)], 4)
    """
    most = max((sum(counts.values()) for counts in told.values()), default=0)
    room = WIDTH / max(1, len(told))
    blocks: list[Block] = []
    for place, counts in enumerate(told.values()):
        x = round(room * (place + _GAP / 2), 2)
        blocks += _stack(counts, states, x, round(room * (1 - _GAP), 2), most)
    names = list(told)
    is_by_day = bool(names) and len(names[0]) == len("2026-03-12")
    return Chart(tuple(blocks), tuple(_labels(names, room)), most, is_by_day)


def _stack(
    counts: Mapping[str, int], states: Sequence[str], x: float, width: float, most: int
) -> Iterable[Block]:
    foot = float(HEIGHT)
    for state in states:
        if count := counts.get(state, 0):
            height = HEIGHT * count / most
            foot -= height
            yield Block(state, x, round(foot, 2), width, round(height, 2))


def _labels(names: Sequence[str], room: float) -> Iterable[tuple[float, str]]:
    """Name some columns: as many as can be read beside each other."""
    every = max(1, -(-len(names) // 8))
    for place in range(0, len(names), every):
        name = names[place]
        text = name[8:10] + "/" + name[5:7] if len(name) == 10 else name[11:16]
        yield round(room * (place + 0.5), 2), text


def _read(said: str) -> datetime | None:
    try:
        return datetime.strptime(said, _HOUR)  # noqa: DTZ007 (an hour of a clock)
    except ValueError:
        return None
