"""Count what a campaign came to: the platform's sums, and what messages tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.statistics import Breakdown, Call, People, breakdown, people
from voiceprep.client import Stats
from voiceprep.errors import ContractError, RefusedError, UnavailableError
from voiceprep.pipeline.following import gap
from voiceprep.pipeline.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voiceprep.client import Client, Mailing
    from voiceprep.ledger import Known, Ledger
    from voiceprep.pipeline.following import Gap

__all__ = ["Tallied", "of_own_name", "tallied"]

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
    people : People
    """

    name: str
    mailings: tuple[Mailing, ...]
    stats: Stats
    breakdown: Breakdown
    trouble: str = ""
    is_known: bool = True
    gap: Gap | None = None
    people: People = field(default_factory=People)

    @property
    def unread(self) -> int:
        """Count the messages that the platform counts, and that it did not tell of."""
        return max(0, self.stats.total - sum(self.breakdown.states.values()))

    def as_json(self) -> dict[str, Any]:
        """Return the sums, and what they are made of."""
        return {
            "stats": self.stats.as_json(),
            "breakdown": self.breakdown.as_json(),
            "people": self.people.as_json(),
        }


def tallied(
    client: Client, ledger: Ledger, name: str, *, names: Sequence[str] = ()
) -> Tallied:
    """Count what the mailings of a name came to, or of several.

    Messages are read where the counts say that some moved; the ledger knows the rest.
    Where they can't be read, the platform's sums are told all the same.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    name : str
        As the mailings bear it, the plan's tag included.
    names : sequence of str, optional
        The campaigns that are counted together under `name`; by default that one.

    Raises
    ------
    AuthError, ContractError, RefusedError, UnavailableError, LedgerError
        Of reading the mailings.
    """
    every = [_one(client, ledger, each) for each in names or (name,)]
    calls = [
        call
        for each in names or (name,)
        for call in _calls(ledger.messages.of(client.account, each))
    ]
    return Tallied(
        name=name,
        mailings=tuple(one for each in every for one in each.mailings),
        stats=sum((each.stats for each in every), Stats()),
        breakdown=breakdown(calls),
        people=people(calls),
        trouble=next((each.trouble for each in every if each.trouble), ""),
        is_known=bool(calls) or any(each.is_known for each in every),
        gap=next((each.gap for each in every if each.gap), None),
    )


def of_own_name(ledger: Ledger, account: str, said: str) -> tuple[str, ...]:
    """Return all campaigns of a person's own name, the oldest first.

    Parameters
    ----------
    said : str
        That name, or the whole one of any of them. One that the ledger does not know
        is taken as it is.
    """
    named = ledger.calls.named(account, said)
    own = named[0].own_name if named else said
    every = ledger.calls.campaigns(account)
    return tuple(each.name for each in every if each.own_name == own) or (said,)


@dataclass(frozen=True, slots=True)
class _One:
    """Hold what the mailings of one name came to."""

    mailings: tuple[Mailing, ...]
    stats: Stats
    trouble: str
    is_known: bool
    gap: Gap | None


def _one(client: Client, ledger: Ledger, name: str) -> _One:
    mailings = tuple(client.stats.read(name=name))
    stats = sum((one.stats for one in mailings if one.stats), Stats())
    trouble = _caught_up(Truth(client, ledger), name, stats)
    ours = ledger.calls.campaign(client.account, name)
    lacking = gap(ledger, client.account, name, stats.total)
    return _One(mailings, stats, trouble, bool(mailings) or ours is not None, lacking)


def _caught_up(truth: Truth, name: str, stats: Stats) -> str:
    """Read what moved; return what was in the way."""
    try:
        truth.catch_up(name, BY, theirs=stats)
    except (ContractError, RefusedError, UnavailableError) as error:
        return str(error)
    return ""


def _calls(known: Iterable[Known]) -> Iterable[Call]:
    for each in known:
        yield Call(
            each.state,
            each.description,
            _said(each.since),
            each.optout,
            each.never_rang,
            each.recipient,
        )


def _said(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
