"""The numbers of mailings: read, added up, and what they say together (R42)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from voiceprep.client.tolerant import whole
from voiceprep.contract import STATES, STATS_FIELDS
from voiceprep.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Stats", "parse_stats"]

SOMETIMES: Final = ("optout", "rep")  # R42: VOICE only, and undocumented


@dataclass(frozen=True, slots=True)
class Stats:
    """Count the messages of one mailing, or of several added up (R42).

    Parameters
    ----------
    total : int
    wait, on, ok, ko, no : int
        By state; ``no`` is unknown, neither success nor failure.
    optout : int
        Who asked for no more calls, of VOICE only.
    rep : int
        A number that the platform sends and does not explain.
    extra : mapping
        Fields that the contract does not know, as they came; of one mailing, not
        of a sum.

    >>> both = Stats(total=2, ok=2) + Stats(total=1, ko=1)
    >>> both.total, both.ok, both.deliverability
    (3, 2, 66.67)
    """

    total: int = 0
    wait: int = 0
    on: int = 0
    ok: int = 0
    ko: int = 0
    no: int = 0
    optout: int = 0
    rep: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __add__(self, other: Stats) -> Stats:
        theirs = other.counts()
        # Any: the counts are all of a Stats but its extra.
        both: dict[str, Any] = {n: one + theirs[n] for n, one in self.counts().items()}
        return Stats(**both)

    @property
    def deliverability(self) -> float | None:
        """Return ok × 100 / total with two decimals; None where total is 0."""
        if not self.total:
            return None
        # In whole hundredths, half upwards: floats would round 0.125 down.
        return (20_000 * self.ok + self.total) // (2 * self.total) / 100

    def counts(self) -> dict[str, int]:
        """Return the counts by the platform's words."""
        return {name: getattr(self, name) for name in STATS_FIELDS}

    def as_json(self) -> dict[str, int | float | None]:
        """Return the counts and the deliverability, as reports print them.

        >>> Stats(total=3, ok=2, ko=1).as_json()["deliverability"]
        66.67
        """
        return {**self.counts(), "deliverability": self.deliverability}


def parse_stats(value: object) -> Stats:
    """Read ``stats`` of a mailing, tolerant of numbers as strings.

    Raises
    ------
    ContractError
        If the count of a state is missing: 0 would be a guess.

    >>> parse_stats({"wait": "1", "on": 0, "ok": 2, "ko": 0, "no": 0}).total
    3
    """
    if not isinstance(value, dict):
        raise ContractError("the platform's stats are no object (R42)")
    states = {name: _count(value, name) for name in STATES}
    total = whole(value.get("total"), "stats.total")
    extra = {name: one for name, one in value.items() if name not in STATS_FIELDS}
    return Stats(
        extra=extra,
        total=sum(states.values()) if total is None else total,
        **states,
        **{name: whole(value.get(name), f"stats.{name}") or 0 for name in SOMETIMES},
    )


def _count(value: dict[str, Any], name: str) -> int:
    count = whole(value.get(name), f"stats.{name}")
    if count is None:
        raise ContractError(f"the platform's stats lack {name} (R42)")
    return count
