"""Draw a recording in a terminal: how loud it speaks, and its outline."""

from __future__ import annotations

import math
import shutil
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from voiceprep.cli.words import number, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.audio.measurements import Measurements
    from voiceprep.pipeline.recording import Result

__all__ = ["drawn", "level_bar", "outline"]

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
PLAIN: Final = " .:-=+*#@"  # where the terminal's encoding has no blocks
BAR_DBOV: Final = (-50.0, 0.0)  # what the bar spans
BAR_CELLS: Final = (8, 26)  # at the least, at the most
LOUD_DBFS: Final = -10.0  # a full block
STEP_DB: Final = 6.0  # from one block to the next
INDENT: Final = 13  # of what is drawn, from the terminal's edge
LEAST_STEP_DB: Final = 0.05  # of less, both levels read alike


def drawn(result: Result, language: str = "en") -> Iterator[str]:
    """Yield the lines of the drawing; none where nothing was measured."""
    m = result.measurements
    room = shutil.get_terminal_size().columns - INDENT
    if m.speech_level_dbov is not None and math.isfinite(m.speech_level_dbov):
        yield f"{word(language, 'level'):7} {_level(m, room, language)}"
    if m.outline:
        drawing = outline(_fitted(m.outline, room), _signs())
        yield f"{word(language, 'outline')} {drawing}".rstrip()


def _level(m: Measurements, room: int, language: str) -> str:
    """Draw the level, with its ends in words where there is room for them."""
    level, heard = m.speech_level_dbov or 0.0, m.prepared_level_dbov
    told = number(language, level)
    if heard is not None and abs(heard - level) >= LEAST_STEP_DB:
        told += f" {word(language, 'to')} {number(language, heard)}"
    least, most = BAR_CELLS
    before, after = (word(language, end) for end in ("quiet", "loud"))
    left, right = f"{before} [", f"] {after}, {told} dBov"
    if room - len(left + right) < least:
        left, right = "[", f"] {told} dBov"
    cells = max(least, min(most, room - len(left + right)))
    return left + level_bar(level, heard, m.level_window_dbov, cells) + right


def level_bar(
    level_dbov: float,
    heard_dbov: float | None = None,
    window_dbov: tuple[float, float] | None = None,
    cells: int = BAR_CELLS[1],
) -> str:
    """Draw a level as recorded, ``o``, and as it goes out, ``*``; what is fine, ``=``.

    >>> level_bar(-39.0, -20.0, (-26.0, -16.0))
    '------o-----===*==--------'
    """
    drawing = ["-"] * cells
    if window_dbov is not None:
        low, high = (_cell(edge, cells) for edge in window_dbov)
        drawing[low : high + 1] = "=" * (high + 1 - low)
    drawing[_cell(level_dbov, cells)] = "o"
    if heard_dbov is not None:
        drawing[_cell(heard_dbov, cells)] = "*"
    return "".join(drawing)


def _cell(level_dbov: float, cells: int) -> int:
    low, high = BAR_DBOV
    share = (level_dbov - low) / (high - low)
    return round(min(1.0, max(0.0, share)) * (cells - 1))


def _fitted(levels: Sequence[float], room: int) -> list[float]:
    """Bring levels to the room there is: the loudest of each stretch.

    >>> _fitted([-60.0, -40.0, -20.0, -10.0], 2), _fitted([-60.0], 9)
    ([-40.0, -10.0], [-60.0])
    """
    signs = min(len(levels), max(room, 1))
    edges = [place * len(levels) // signs for place in range(signs + 1)]
    return [max(levels[start:end]) for start, end in pairwise(edges)]


def outline(levels: Sequence[float], signs: str = BLOCKS) -> str:
    """Draw levels (dBFS) over time, a sign each.

    >>> outline([-60.0, -40.0, -20.0, -10.0])
    ' ▃▆█'
    """
    top = len(signs) - 1
    steps = (round(top + (level - LOUD_DBFS) / STEP_DB) for level in levels)
    return "".join(signs[min(top, max(0, step))] for step in steps)


def _signs() -> str:
    """Return signs that standard output can spell."""
    try:
        BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS
