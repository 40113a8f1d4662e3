"""Count what a campaign came to: the platform's sums, and what messages tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.statistics import Breakdown, Call, breakdown
from voiceprep.client import Stats
from voiceprep.errors import ContractError, RefusedError, UnavailableError
from voiceprep.pipeline.following import gap
from voiceprep.pipeline.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.client import Client, Mailing
    from voiceprep.ledger import Known, Ledger
    from voiceprep.pipeline.following import Gap

__all__ = ["Tallied", "tallied"]

BY: Final = "stats"


@dataclass(frozen=True, slots=True)
class Tallied:
    """Hold the statistics of a campaign.

    Parameters
    ----------
    name : str
    mailings : tuple of Mailing
        Each with its stats.
    stats : Stats
        Of all of them, added up (R35, R42).
    breakdown : Breakdown
        Of their messages as they are known, by state, reason and hour.
    trouble : str
        Why messages could not be read now; ``""`` where they were.
    is_known : bool
        Whether anything bears the name, here or there.
    gap : Gap or None
        What the ledger knows as ordered, and the platform has not.
    """

    name: str
    mailings: tuple[Mailing, ...]
    stats: Stats
    breakdown: Breakdown
    trouble: str = ""
    is_known: bool = True
    gap: Gap | None = None

    @property
    def unread(self) -> int:
        """Count the messages that the platform counts, and that it did not tell of."""
        return max(0, self.stats.total - sum(self.breakdown.states.values()))

    def as_json(self) -> dict[str, Any]:
        """Return the sums, and what they are made of."""
        return {"stats": self.stats.as_json(), "breakdown": self.breakdown.as_json()}


def tallied(client: Client, ledger: Ledger, name: str) -> Tallied:
    """Count what the mailings of a name came to.

    Messages are read where the counts say that some moved; the ledger knows the rest.
    Where they can't be read, the platform's sums are told all the same.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    name : str
        As the mailings bear it, the plan's tag included.

    Raises
    ------
    AuthError, ContractError, RefusedError, UnavailableError, LedgerError
        Of reading the mailings.
    """
    mailings = tuple(client.stats.read(name=name))
    stats = sum((one.stats for one in mailings if one.stats), Stats())
    trouble = _caught_up(Truth(client, ledger), name, stats)
    told = breakdown(_calls(ledger.messages.of(client.account, name)))
    ours = ledger.calls.campaign(client.account, name)
    is_known = bool(mailings or ours is not None or sum(told.states.values()))
    lacking = gap(ledger, client.account, name, stats.total)
    return Tallied(name, mailings, stats, told, trouble, is_known, lacking)


def _caught_up(truth: Truth, name: str, stats: Stats) -> str:
    """Read what moved; return what was in the way."""
    try:
        truth.catch_up(name, BY, theirs=stats)
    except (ContractError, RefusedError, UnavailableError) as error:
        return str(error)
    return ""


def _calls(known: Iterable[Known]) -> Iterable[Call]:
    for each in known:
        yield Call(each.state, each.description, _said(each.since), each.optout)


def _said(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
