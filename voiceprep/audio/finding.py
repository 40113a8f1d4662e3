"""Say what a rule found, and sum findings up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.errors import UndecodableError

__all__ = [
    "Finding",
    "Severity",
    "Verdict",
    "accepted",
    "finding_of",
    "finite",
    "verdict_of",
]


class Severity(StrEnum):
    """Rank findings: an error refuses, a warning tells, an info reports."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """Sum up the findings of one recording."""

    FIT = "fit"
    FIT_WITH_WARNINGS = "fit_with_warnings"
    REFUSED = "refused"
    UNREADABLE = "unreadable"

    @property
    def is_fit(self) -> bool:
        """Say whether the recording may be uploaded."""
        return self in {Verdict.FIT, Verdict.FIT_WITH_WARNINGS}


# What leaves nothing to judge; other errors refuse a sound that is there.
_UNREADABLE: Final = {
    "not_found",
    "not_a_file",
    "not_permitted",
    "decoder_failed",
    "empty",
    "undecodable",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what a rule found.

    Parameters
    ----------
    code : str
        A stable word (docs/design.md, "Codes").
    severity : Severity
    message : str
        The fact with its number, in plain words.
    remedy : str
        What to do, or ``""``.
    value, limit : float or str or None
        What was found, and what is allowed.
    fix : str or None
        The word after ``--fix`` that would mend it; not part of the JSON.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    value: float | str | None = None
    limit: float | str | None = None
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the six fields that other programs build on."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "remedy": self.remedy,
            "value": self.value,
            "limit": self.limit,
        }


def accepted(finding: Finding, codes: Iterable[str]) -> Finding:
    """Lower a finding that a person has overruled: it was heard, and may go out.

    >>> accepted(Finding("noisy", Severity.ERROR, "a hiss"), ["noisy"]).message
    'accepted: a hiss'
    """
    lower = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.INFO}
    if finding.severity not in lower or finding.code not in set(codes):
        return finding
    return replace(
        finding,
        severity=lower[finding.severity],
        message=f"accepted: {finding.message}",
        remedy="",
        fix=None,
    )


def finding_of(error: UndecodableError) -> Finding:
    """Turn what stopped a recording into a finding."""
    return Finding(
        error.code, Severity.ERROR, str(error), error.remedy, error.value, error.limit
    )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Sum findings up.

    >>> str(verdict_of(()))
    'fit'
    """
    found = tuple(findings)
    errors = {finding.code for finding in found if finding.severity == "error"}
    if errors & _UNREADABLE:
        return Verdict.UNREADABLE
    if errors:
        return Verdict.REFUSED
    if any(finding.severity == "warning" for finding in found):
        return Verdict.FIT_WITH_WARNINGS
    return Verdict.FIT


def finite(value: Any) -> Any:
    """Round floats for reading; JSON knows no infinity."""
    if not isinstance(value, float):
        return value
    return round(value, 6) if abs(value) < float("inf") else None
