"""What campaigns' sheets hold: values, given to them whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voiceprep.report.approvals import Approval
    from voiceprep.report.page import About

__all__ = ["Group", "Lot", "Proof", "Tally"]


@dataclass(frozen=True, slots=True)
class Lot:
    """Hold a mailing's line: its id, and its calls by state."""

    id: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """Hold what became of a campaign's calls.

    Parameters
    ----------
    about : About
        Its place is the campaign's name.
    is_sandbox : bool
        Whether nobody was really called.
    counts : mapping
        State → calls, in the order in which they are shown.
    deliverability : float or None
        With two decimals; None without calls (R42).
    optouts : int
    reasons : mapping
        The platform's words → calls that failed, the most frequent first.
    hours : mapping
        ``"2026-03-12 10:00"`` → state → calls that ended in it.
    zone : str
        Of the hours' clock.
    mailings : tuple of Lot
    stopped : int
        Calls of ``ko`` that were stopped before they rang.
    people : (int, int) or None
        How many people were called, and reached; None where that is not told.
    """

    about: About
    is_sandbox: bool
    counts: Mapping[str, int]
    deliverability: float | None
    optouts: int
    reasons: Mapping[str, int]
    hours: Mapping[str, Mapping[str, int]]
    zone: str
    mailings: tuple[Lot, ...] = ()
    stopped: int = 0
    people: tuple[int, int] | None = None

    @property
    def total(self) -> int:
        """Count the calls."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Group:
    """Hold the people of one place who are called from one moment on.

    Parameters
    ----------
    place : str
        The territory's name.
    at : datetime or None
        On the account's clock; None is at once.
    there : datetime or None
        The same on theirs.
    mailings, calls : int
    """

    place: str
    at: datetime | None
    there: datetime | None
    mailings: int
    calls: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Hold what a person signs before a campaign is sent.

    Parameters
    ----------
    about : About
        Its place is the campaign's name.
    media, link : str
    content_sha256 : str
        Of the telephone's version; ``""`` where nobody verified it.
    seconds : float or None
        Of what will be heard; None where the preview is not there.
    preview : str
        Path of the preview; ``""`` without one.
    sound : str or None
        What a browser plays: a link, relative or ``data:``.
    window : str
        Of calling hours, by its name.
    groups : tuple of Group
    skipped : mapping
        Reason → how many are not called.
    decisions : tuple of Approval
        About these very bytes.
    zone : str
        Of the account's clock.
    seal : str
        Of the plan: it is altered where this differs.
    """

    about: About
    media: str
    link: str
    content_sha256: str
    seconds: float | None
    preview: str
    sound: str | None
    window: str
    groups: tuple[Group, ...]
    skipped: Mapping[str, int]
    decisions: tuple[Approval, ...]
    zone: str
    seal: str

    @property
    def calls(self) -> int:
        """Count the calls."""
        return sum(group.calls for group in self.groups)

    @property
    def mailings(self) -> int:
        """Count the mailings."""
        return sum(group.mailings for group in self.groups)
