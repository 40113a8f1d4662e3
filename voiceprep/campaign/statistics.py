"""Add up what calls came to: by reason, and by hour. The sums are the client's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from voiceprep.contract import ACCOUNT_ZONE, FINAL_STATES, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Breakdown", "Call", "People", "breakdown", "people"]

NO_REASON: Final = "no reason given"
NO_HOUR: Final = "no time given"


@dataclass(frozen=True, slots=True)
class Call:
    """Hold what a call came to.

    Parameters
    ----------
    state : str or None
        ``shortKey`` of R40.
    description : str or None
        The platform's words.
    at : str or None
        When it reached that state, ISO 8601.
    optout, stopped : bool
        The latter before it rang.
    recipient : str or None
        E.164. Not in the ``repr``.
    """

    state: str | None
    description: str | None = None
    at: str | None = None
    optout: bool = False
    stopped: bool = False
    recipient: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Count calls in several ways.

    Parameters
    ----------
    states : mapping
        State → calls; ``no`` is its own, neither success nor failure (R40).
    reasons : mapping
        The platform's words for ``ko`` → calls, the most frequent first.
    hours : mapping
        Hour of a day (``"2026-03-12 10:00"``) → state → calls that ended in it.
    optouts : int
    stopped : int
        Calls of ``ko`` that were stopped before they rang.
    """

    states: dict[str, int]
    reasons: dict[str, int]
    hours: dict[str, dict[str, int]] = field(default_factory=dict)
    optouts: int = 0
    stopped: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "states": self.states,
            "reasons": self.reasons,
            "hours": self.hours,
            "optouts": self.optouts,
            "stopped": self.stopped,
        }


@dataclass(frozen=True, slots=True)
class People:
    """Count people, however often each was called.

    Parameters
    ----------
    called, reached : int
        Whom a call was made to, or is being made to; who picked up one of them.
    """

    called: int = 0
    reached: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the counts."""
        return {"called": self.called, "reached": self.reached}


def people(calls: Iterable[Call]) -> People:
    """Count whom calls were made to, and who was reached by one of them.

    >>> told = people([Call("ko", recipient="+331"), Call("ok", recipient="+331")])
    >>> told.called, told.reached
    (1, 1)
    """
    called, reached = set[str](), set[str]()
    for call in calls:
        if call.recipient and call.state != "wait" and not call.stopped:
            called.add(call.recipient)
            if call.state == "ok":
                reached.add(call.recipient)
    return People(len(called), len(reached))


def breakdown(calls: Iterable[Call], zone: str = ACCOUNT_ZONE) -> Breakdown:
    """Count calls by state, failures by reason, final states by hour.

    Parameters
    ----------
    calls : iterable of Call
    zone : str
        Of the hours' clock.

    >>> calls = [Call("ok", at="2026-03-12T09:59:59Z"), Call("ko", "voice busy")]
    >>> told = breakdown(calls)
    >>> told.reasons, told.hours["2026-03-12 10:00"]
    ({'voice busy': 1}, {'ok': 1})
    """
    states: Counter[str] = Counter(dict.fromkeys(STATES, 0))
    reasons: Counter[str] = Counter()
    hours: dict[str, Counter[str]] = {}
    optouts, stopped, clock = 0, 0, ZoneInfo(zone)
    for call in calls:
        state = call.state or "unread"
        states[state] += 1
        optouts += call.optout
        stopped += call.stopped
        if state == "ko":
            reasons[call.description or NO_REASON] += 1
        if state in FINAL_STATES:
            hours.setdefault(_hour(call.at, clock), Counter())[state] += 1
    return Breakdown(
        dict(states),
        dict(reasons.most_common()),
        {hour: dict(hours[hour]) for hour in sorted(hours)},
        optouts,
        stopped,
    )


def _hour(said: str | None, clock: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(said or "")
    except ValueError:
        return NO_HOUR
    local = at.astimezone(clock) if at.tzinfo else at
    return f"{local:%Y-%m-%d %H}:00"
