#!/usr/bin/env python3
"""Judge recordings that are in order: what a rule finds in them is a false alarm.

    python scripts/calibrate_rules.py [--voice en | --all]

By default Debian's English prompts of 2 s and more; with ``--all`` those of all
languages, amateurs' prompts, and synthetic voices. For each voice: what was found, and
for each rule the recording that comes nearest to its limit. Exit code 1 where a
professional voice has an error, or over 1 % of warnings, level and duration apart.

Amateurs are there to show true findings: hum at 50 Hz in France, at 60 Hz in Colombia,
DC of 5 % in Italy.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voices import (
    AMATEUR,
    PROFESSIONAL,
    SAID,
    SAID_ELSEWHERE,
    concatenative,
    prompts,
    spoken,
)

from voiceprep import check
from voiceprep.audio.limits import Limits
from voiceprep.audio.measurements import Measurements

APART = {"too_short", "too_quiet", "too_loud"}  # of length and level, not of quality
MOST_WARNINGS = 0.01
LIMITS = Limits()
SYNTHETIC = {
    "espeak-ng": lambda: list(spoken(SAID | SAID_ELSEWHERE)),
    "flite": lambda: list(concatenative()),
}


@dataclass(frozen=True, slots=True)
class Margin:
    """Say how far a rule's number lies from the limit at which it begins to warn.

    Parameters
    ----------
    code : str
    number : callable
        Of the measurements; None where the rule has nothing to look at.
    limit : float
    under : bool
        Whether the rule finds what lies under its limit.
    """

    code: str
    number: Callable[[Measurements], float | None]
    limit: float
    under: bool = False

    def of(self, measured: Measurements) -> float | None:
        """Return the distance to the limit; negative past it."""
        number = self.number(measured)
        if number is None:
            return None
        return number - self.limit if self.under else self.limit - number


def audible_hum(m: Measurements) -> float | None:
    """Return how far hum stands out, where it is loud enough to matter."""
    loud = m.hum_dbfs is not None and m.hum_dbfs > LIMITS.hum_dbfs
    return m.hum_over_db if loud else None


MARGINS = (
    Margin("clipping", lambda m: m.clipping_runs, LIMITS.clipping_runs),
    Margin("dc_offset", lambda m: m.dc_offset, LIMITS.dc_warn),
    Margin("leading_silence", lambda m: m.leading_silence_s, LIMITS.leading_s),
    Margin("trailing_silence", lambda m: m.trailing_silence_s, LIMITS.trailing_s),
    Margin("long_pause", lambda m: m.longest_pause_s, LIMITS.pause_warn_s),
    Margin("noisy", lambda m: m.noise_under_db, LIMITS.noise_warn_db, under=True),
    Margin("band_loss", lambda m: m.band_loss_db, LIMITS.band_warn_db),
    Margin("dropout", lambda m: m.dropouts, 1),
    Margin("hum", audible_hum, LIMITS.hum_over_db),
    Margin("wrong_rate", lambda m: m.speed, LIMITS.speed_warn),
    Margin("wrong_rate, %", lambda m: 100 * (m.low_share or 0), 8, under=True),
    Margin("truncated", lambda m: m.end_over_speech_db, LIMITS.cut_db),
)


def main() -> int:
    """Judge one voice, or all; return 1 where a professional one has false alarms."""
    voices = (*PROFESSIONAL, *AMATEUR, *SYNTHETIC)
    parser = argparse.ArgumentParser(description="Judge recordings that are in order.")
    parser.add_argument("--voice", choices=voices, default="en")
    parser.add_argument("--all", action="store_true", help="all of them")
    options = parser.parse_args()
    alarms = 0
    for voice in voices if options.all else (options.voice,):
        too_many = judge(voice, SYNTHETIC.get(voice, lambda v=voice: prompts(v))())
        alarms += too_many and voice in PROFESSIONAL
    return int(alarms > 0)


def judge(voice: str, files: Sequence[Path]) -> bool:
    """Check a voice's recordings, print; say whether there are too many alarms."""
    if not files:
        print(f"{voice}: nothing to judge; is flite installed?")
        return False
    measured = {}
    counts: Counter[str] = Counter()
    for file in files:
        result = check(file)
        measured[file.name] = result.measurements
        for finding in result.findings:
            apart = finding.code in APART
            counts[f"({finding.code})" if apart else str(finding.severity)] += 1
            if not apart:
                told = f"{finding.severity} {finding.code}: {finding.message}"
                print(f"  {file.name}: {told}")
    counted = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{voice}: {len(files)} recordings; {counted or 'no finding'}")
    for margin in MARGINS:
        print_margin(margin, measured.items())
    return counts["error"] > 0 or counts["warning"] > MOST_WARNINGS * len(files)


def print_margin(margin: Margin, measured: Iterable[tuple[str, Measurements]]) -> None:
    """Print the recording that comes nearest to a rule's limit."""
    distances = [(margin.of(m), name) for name, m in measured]
    known = [(distance, name) for distance, name in distances if distance is not None]
    head = f"    {margin.code:17} limit {margin.limit:7g}"
    if not known:
        print(f"{head}   nothing to look at")
        return
    nearest, name = min(known)
    limit, sign = margin.limit, 1 if margin.under else -1
    print(f"{head}   nearest {limit + sign * nearest:8.3f}   {name}")


if __name__ == "__main__":
    sys.exit(main())
