"""Say how loud each 20 ms are; find the silences, and how far the noise lies under."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio.runs import runs
from voiceprep.audio.units import FULL_SCALE_DB, Float64, Rows, quantile

if TYPE_CHECKING:
    from voiceprep.audio.runs import Edges, Span

__all__ = ["FRAME_S", "FrameMeter", "Frames", "Silences"]

FRAME_SAMPLES: Final = 160
FRAME_S: Final = 0.02
SILENT_DBFS: Final = -55.0  # facts.md, "Rules", leading_silence
UNDER_LOUD_DB: Final = 35.0  # the same, under the 95th percentile
UNDER_SPEECH_DB: Final = 35.0  # [ours] speech at −20 dBov falls silent at −55
CLICK_FRAMES: Final = 3  # [ours] a sound up to that short does not end a silence
END_S: Final = 0.05  # facts.md, "Rules", truncated: loud in the last 50 ms


@dataclass(frozen=True, slots=True)
class Silences:
    """Hold where nothing is heard, in seconds.

    Parameters
    ----------
    leading_s, trailing_s : float
        Before the first and after the last sound.
    pauses : tuple of Span
        Between sounds, those of half a second and more.
    """

    leading_s: float
    trailing_s: float
    pauses: tuple[Span, ...]

    @property
    def longest_pause_s(self) -> float:
        """Return the length of the longest pause; 0 for none."""
        return max((end - start for start, end in self.pauses), default=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Hold the level of each 20 ms of a signal.

    Parameters
    ----------
    levels : (n,) float32
        dBFS (rms); −120 at the least.
    still_dbfs : float
        What a frame of the source's own smallest step reaches: digital silence.
    """

    levels: npt.NDArray[np.float32]
    still_dbfs: float

    @property
    def is_heard(self) -> bool:
        """Say whether any frame is more than digital silence."""
        return self.sound_end > 0

    @property
    def sound_end(self) -> int:
        """Return the frame after the last one that is more than digital silence."""
        heard = np.flatnonzero(self.levels > self.still_dbfs)
        return int(heard[-1]) + 1 if len(heard) else 0

    @property
    def loudest_dbfs(self) -> float:
        """Return the level of the loudest frame."""
        return float(self.levels.max()) if len(self.levels) else -math.inf

    @property
    def loud_dbfs(self) -> float:
        """Return the level that one frame in twenty passes."""
        return self._quantile(0.95)

    @property
    def floor_dbfs(self) -> float:
        """Return the level that one frame in ten stays under."""
        return self._quantile(0.10)

    @property
    def lowest_dbfs(self) -> float:
        """Return the level that one frame in fifty stays under.

        Noise fills even that; speech without a pause, of which the tenth part is
        loud yet, does not.
        """
        return self._quantile(0.02)

    def outline(self, stretches: int) -> tuple[float, ...]:
        """Return the loudest frame of each of so many stretches, dBFS.

        >>> Frames(np.float32([-20, -40, -30]), -96.0).outline(2)
        (-20.0, -30.0)
        """
        if not len(self.levels):
            return ()
        count = min(stretches, len(self.levels))
        starts = np.arange(count) * len(self.levels) // count
        return tuple(np.maximum.reduceat(self.levels, starts).tolist())

    def _quantile(self, share: float) -> float:
        """Return a quantile over all frames but digital silence."""
        heard = self.levels[self.levels > self.still_dbfs]
        return float(quantile(heard, share)) if len(heard) else -math.inf

    def silent_below(self, level_dbov: float) -> float:
        """Return the level under which a frame is silence, dBFS.

        Parameters
        ----------
        level_dbov : float
            Active speech level. −55 dBFS is silence beside speech at −20 dBov;
            beside quieter speech, what lies as far under it.
        """
        fixed = min(SILENT_DBFS, level_dbov - UNDER_SPEECH_DB)
        return max(fixed, self.loud_dbfs - UNDER_LOUD_DB, self.still_dbfs)

    def silences(self, level_dbov: float, *, end: int | None = None) -> Silences:
        """Find the silences.

        Parameters
        ----------
        level_dbov : float
        end : int or None
            Frames from there on are left out: padding of ours.
        """
        silent = self.levels[:end] <= self.silent_below(level_dbov)
        starts, ends = _without_clicks(*runs(silent))
        if not len(starts):
            return Silences(0.0, 0.0, ())
        leads = starts[0] == 0
        trails = ends[-1] == len(silent)
        if leads and trails and len(starts) == 1:
            return Silences(len(silent) * FRAME_S, 0.0, ())
        inner = slice(int(leads), len(starts) - int(trails))
        return Silences(
            round(float(ends[0]) * FRAME_S, 3) if leads else 0.0,
            round(float(ends[-1] - starts[-1]) * FRAME_S, 3) if trails else 0.0,
            _pauses(starts[inner], ends[inner]),
        )

    @property
    def end_dbfs(self) -> float:
        """Return the level of the last 50 ms."""
        last = self.levels[-round(END_S / FRAME_S) :]
        power = float(np.mean(10 ** (last.astype(np.float64) / 10))) if len(last) else 0
        return 10 * math.log10(power) if power else -math.inf


def _without_clicks(starts: Edges, ends: Edges) -> tuple[Edges, Edges]:
    """Join silences between which there is hardly a sound."""
    if not len(starts):
        return starts, ends
    apart = starts[1:] - ends[:-1] > CLICK_FRAMES
    keep_start = np.concatenate([[True], apart])
    keep_end = np.concatenate([apart, [True]])
    return starts[keep_start], ends[keep_end]


def _pauses(starts: Edges, ends: Edges) -> tuple[Span, ...]:
    """Return the inner silences of half a second and more, the longest hundred."""
    frames = sorted(zip(starts.tolist(), ends.tolist(), strict=True), key=_shortness)
    pauses = [
        (round(a * FRAME_S, 3), round(b * FRAME_S, 3))
        for a, b in frames[:100]
        if (b - a) * FRAME_S >= 0.5
    ]
    return tuple(sorted(pauses))


def _shortness(edges: tuple[int, int]) -> int:
    return edges[0] - edges[1]


class FrameMeter:
    """Measure each 20 ms of blocks as they come: 1.4 MB for two hours.

    >>> meter = FrameMeter()
    >>> meter.feed(np.full(320, 32.768))
    >>> meter.finish(still=0.5).levels.round().tolist()
    [-60.0, -60.0]
    """

    __slots__ = ("_levels", "_rows")

    def __init__(self) -> None:
        self._rows: Rows[np.float64] = Rows(FRAME_SAMPLES)
        self._levels: list[npt.NDArray[np.float32]] = []

    def feed(self, block: Float64) -> None:
        """Take a block, (n,) float64 at 8 kHz in 16-bit steps."""
        for rows in self._rows.feed(block):
            power = np.einsum("ij,ij->i", rows, rows) / FRAME_SAMPLES
            level = 10 * np.log10(np.maximum(power, 1e-3)) - FULL_SCALE_DB
            self._levels.append(level.astype(np.float32))

    def finish(self, still: float) -> Frames:
        """Return the levels.

        Parameters
        ----------
        still : float
            The source's smallest step, in 16-bit steps: 8 for A-law.
        """
        levels = self._levels or [np.zeros(0, np.float32)]
        return Frames(np.concatenate(levels), 20 * math.log10(still) - FULL_SCALE_DB)
