#!/usr/bin/env python3
"""Judge clean professional prompts: what any rule finds in them is a false alarm.

    python scripts/calibrate_rules.py [--language en] [--all]

Debian's asterisk-core-sounds are fetched into a cache folder. No `error`, and at most
1 % of warnings apart from level and duration, each printed with its reason: exit code
1 where that does not hold.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from voices import prompts

from voiceprep import check

LANGUAGES = ("en", "es", "fr", "it", "ru")
APART = {"too_short", "too_quiet", "too_loud"}  # of length and level, not of quality
MOST_WARNINGS = 0.01
MEASURES = (
    *("speech_level_dbov", "activity", "noise_under_db", "range_db", "band_loss_db"),
    *("low_share", "leading_silence_s", "trailing_silence_s", "longest_pause_s"),
    *("dc_offset", "clipping_runs", "dropouts", "hum_over_db", "end_over_speech_db"),
    "alaw_snr_db",
)


def main() -> int:
    """Judge one language, or all; print findings and the spread of each measure."""
    parser = argparse.ArgumentParser(description="Judge clean prompts.")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--all", action="store_true", help="all five languages")
    options = parser.parse_args()
    chosen = LANGUAGES if options.all else (options.language,)
    return max(judge(language, prompts(language)) for language in chosen)


def judge(language: str, files: list[Path]) -> int:
    """Check the prompts of a language; return 1 where there are too many alarms."""
    results = [(file, check(file)) for file in files]
    counts: Counter[str] = Counter()
    for file, result in results:
        for finding in result.findings:
            if finding.code in APART:
                counts[f"({finding.severity} {finding.code})"] += 1
                continue
            counts[str(finding.severity)] += 1
            told = f"{finding.severity} {finding.code}: {finding.message}"
            print(f"  {file.name}: {told}")
    print(
        f"{language}: {len(results)} prompts; " + (told_counts(counts) or "no finding")
    )
    for measure in MEASURES:
        values = [getattr(result.measurements, measure) for _, result in results]
        known = [value for value in values if value is not None]
        spread = np.percentile(known, [0, 1, 5, 50, 95, 99, 100])
        print(f"  {measure:20}" + "".join(f"{value:10.3f}" for value in spread))
    warned = counts["warning"] > MOST_WARNINGS * len(results)
    return int(bool(counts["error"]) or warned)


def told_counts(counts: Counter[str]) -> str:
    """Say how often what was found."""
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
