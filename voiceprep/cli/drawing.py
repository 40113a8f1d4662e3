"""Draw a recording in a terminal: how loud it speaks, and its outline."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.pipeline.recording import Result

__all__ = ["drawn", "level_bar", "outline"]

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
PLAIN: Final = " .:-=+*#@"  # where the terminal's encoding has no blocks
BAR_DBOV: Final = (-50.0, 0.0)  # what the bar spans
BAR_WIDTH: Final = 25
LOUD_DBFS: Final = -10.0  # a full block
STEP_DB: Final = 6.0  # from one block to the next


def drawn(result: Result) -> Iterator[str]:
    """Yield the lines of the drawing; none where nothing was measured."""
    m = result.measurements
    if m.speech_level_dbov is not None and math.isfinite(m.speech_level_dbov):
        yield f"level   {level_bar(m.speech_level_dbov, m.prepared_level_dbov)}"
    if m.outline:
        yield f"outline {outline(m.outline, _signs())}"


def level_bar(level_dbov: float, prepared_dbov: float | None = None) -> str:
    """Draw a level between quiet and loud, and the one that goes out.

    >>> level_bar(-29.0, -20.0)
    'quiet [----------o====*----------] loud, -29.0 to -20.0 dBov'
    """
    cells = ["-"] * (BAR_WIDTH + 1)
    here = _cell(level_dbov)
    there = here if prepared_dbov is None else _cell(prepared_dbov)
    for cell in range(min(here, there) + 1, max(here, there)):
        cells[cell] = "="
    cells[here] = "o"
    cells[there] = "*"
    told = f"{level_dbov:.1f}"
    if prepared_dbov is not None and abs(prepared_dbov - level_dbov) >= 0.05:
        told += f" to {prepared_dbov:.1f}"
    return f"quiet [{''.join(cells)}] loud, {told} dBov"


def _cell(level_dbov: float) -> int:
    low, high = BAR_DBOV
    share = (level_dbov - low) / (high - low)
    return round(min(1.0, max(0.0, share)) * BAR_WIDTH)


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
