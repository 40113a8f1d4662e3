"""Judge a recording: a table of rules, each with its number and its remedy.

A rule looks at `Measurements` and says a number or nothing; a new rule is a new row
in `file_rules` or `sound_rules`. What stops a recording before it can be measured
(`empty`, `undecodable` …) is raised where it is found, with the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.audio.file_rules import FILE_RULES
from voiceprep.audio.finding import (
    Finding,
    Severity,
    Verdict,
    accepted,
    finding_of,
    verdict_of,
)
from voiceprep.audio.limits import Limits
from voiceprep.audio.measurements import Measurements
from voiceprep.audio.rule import Rule
from voiceprep.audio.sound_rules import HEARING_RULES, SOUND_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "ACCEPTABLE",
    "FIXES",
    "RULES",
    "Finding",
    "Measurements",
    "Rule",
    "Severity",
    "Verdict",
    "finding_of",
    "judge",
    "verdict_of",
]

FIXES: Final = ("size", "duration", "silence", "dc", "phase", "level", "format")
RULES: Final = (*FILE_RULES, *HEARING_RULES, *SOUND_RULES)
# How it sounds is for a person to say; whether it is whole, and fits, is not.
ACCEPTABLE: Final = tuple(
    dict.fromkeys(
        rule.code for rule in (*HEARING_RULES, *SOUND_RULES) if rule.code != "truncated"
    )
)
# In their order; an error of these codes leaves the tables after it nothing to judge.
_TABLES: Final = (
    (FILE_RULES, {"truncated"}),
    (HEARING_RULES, {"silent", "phase_cancellation"}),
    (SOUND_RULES, set[str]()),
)


def judge(
    measured: Measurements,
    fixes: Iterable[str] = (),
    accept: Iterable[str] = (),
    limits: Limits | None = None,
) -> tuple[Finding, ...]:
    """Judge measurements by the table.

    Parameters
    ----------
    measured : Measurements
        Rules about what is not known stay silent.
    fixes : iterable of str
        Words of `FIXES`: what they mend is reported as info, ``mended``.
    accept : iterable of str
        Codes whose errors are overruled into warnings, and warnings into infos.
    limits : Limits or None
        None is the default profile.

    >>> [f.code for f in judge(Measurements(rate=8_000, frames=1, duration_s=1 / 8e3))]
    ['too_short']
    """
    found = _found(measured, frozenset(fixes), limits or Limits())
    codes = frozenset(accept)
    return tuple(accepted(finding, codes) for finding in found)


def _found(
    measured: Measurements, fixes: frozenset[str], limits: Limits
) -> Iterator[Finding]:
    """Yield what the tables find; of the sound only where it is there, and whole."""
    for table, telling in _TABLES:
        found = tuple(_by(table, measured, fixes, limits))
        yield from found
        if any(f.severity is Severity.ERROR and f.code in telling for f in found):
            return


def _by(
    rules: Iterable[Rule],
    measured: Measurements,
    fixes: frozenset[str],
    limits: Limits,
) -> Iterator[Finding]:
    for rule in rules:
        value = rule.found(measured, limits)
        if value is not None:
            asked = rule.fix in fixes
            yield rule.finding(value, measured, limits, asked=asked)
