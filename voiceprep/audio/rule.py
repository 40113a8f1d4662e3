"""Say what a rule is: a row with its number, its sentence and its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voiceprep.audio.finding import Finding, Severity, finite

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceprep.audio.limits import Limits
    from voiceprep.audio.measurements import Measurements

__all__ = ["Above", "Rule", "Under"]

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Above:
    """Find a measure above a limit, and not above the next one.

    Parameters
    ----------
    measure : str
        A field of `Measurements`; what is not known is not above anything.
    limit : str
        A field of `Limits`.
    next_limit : str or None
        Past it another row speaks.
    """

    measure: str
    limit: str
    next_limit: str | None = None

    def __call__(self, m: Measurements, limits: Limits) -> float | None:
        """Return the measure where it breaks the rule."""
        value: float | None = getattr(m, self.measure)
        if value is None or not value > getattr(limits, self.limit):
            return None
        past = self.next_limit is not None and value > getattr(limits, self.next_limit)
        return None if past else value


@dataclass(frozen=True, slots=True)
class Under:
    """Find a measure under a limit, and not under the next one; as `Above`."""

    measure: str
    limit: str
    next_limit: str | None = None

    def __call__(self, m: Measurements, limits: Limits) -> float | None:
        """Return the measure where it breaks the rule."""
        value: float | None = getattr(m, self.measure)
        if value is None or not value < getattr(limits, self.limit):
            return None
        past = self.next_limit is not None and value < getattr(limits, self.next_limit)
        return None if past else value


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one row of the table.

    Parameters
    ----------
    code, severity
        Of the finding.
    found : callable
        Takes measurements and limits; returns the number that breaks the rule, or
        None.
    message, remedy, mended : str
        Templates; ``{value}``, ``{limit}``, ``{away}`` (from the target level),
        ``{places}`` and ``{m}``, the measurements, stand in them. `mended` is said
        instead where `fix` was asked for.
    limit : float or str or None
        Where `found` has none: a field of `Limits`, or the limit itself.
    fix : str or None
        The word after ``--fix`` that mends it.
    """

    code: str
    severity: Severity
    found: Callable[[Measurements, Limits], Value]
    message: str
    remedy: str
    limit: Value = None
    fix: str | None = None
    mended: str = ""

    def finding(
        self, value: float | str, m: Measurements, limits: Limits, *, asked: bool
    ) -> Finding:
        """Put the finding into words.

        Parameters
        ----------
        asked : bool
            Whether the repair that `fix` names was asked for.
        """
        mended = asked and bool(self.mended)
        words: dict[str, Any] = {"value": value, "m": m}
        words["limit"] = limit = self._limit(limits)
        if isinstance(value, (int, float)):
            words["away"] = abs(value - limits.target_dbov)
            words["places"] = "one place" if value == 1 else f"{value:,} places"
        template = self.mended if mended else self.message
        return Finding(
            code=self.code,
            severity=Severity.INFO if mended else self.severity,
            message=template.format(**words),
            remedy="" if mended else self.remedy.format(**words),
            value=finite(value),
            limit=limit,
            fix=None if asked else self.fix,
        )

    def _limit(self, limits: Limits) -> Value:
        """Return the limit: of the test, or of the row, there perhaps by its name."""
        if isinstance(self.found, (Above, Under)):
            return float(getattr(limits, self.found.limit))
        if isinstance(self.limit, str) and hasattr(limits, self.limit):
            return float(getattr(limits, self.limit))
        return self.limit
