"""The values of calls that go into the ledger and come out of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from voiceprep.ledger.call_states import CallState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Campaign", "Lot", "Mailed", "Ordered", "digest_of"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Hold what is known of a campaign at one account.

    Parameters
    ----------
    name, own_name, tag : str
        As its mailings are named; the person's part of it; its plan's.
    media, link, content_sha256 : str
        What is played, and the SHA-256 of what is heard where that was verified.
    calls : int
        How many people its plan calls.
    entered_at : float
        Unix time.
    stopped_at : float or None
        Unix time of `mailing stop`.
    """

    name: str
    own_name: str
    tag: str = ""
    media: str = ""
    link: str = ""
    content_sha256: str = ""
    calls: int = 0
    entered_at: float = 0.0
    stopped_at: float | None = None

    @property
    def is_stopped(self) -> bool:
        """Say whether nothing more of it may be sent."""
        return self.stopped_at is not None


@dataclass(frozen=True, slots=True)
class Lot:
    """Hold a mailing that is to be: what the ledger is told before anything is sent.

    Parameters
    ----------
    number : int
        Of the plan's part, from 1; tests count down from 0.
    name : str
        Of the mailing on the platform.
    recipients : tuple of str
        E.164. Not in the ``repr``.
    due_at : float or None
        Unix time of its first call; None is at once.
    """

    number: int
    name: str
    recipients: tuple[str, ...] = field(repr=False)
    due_at: float | None = None


@dataclass(frozen=True, slots=True)
class Mailed:
    """Hold what is known of one mailing.

    Parameters
    ----------
    campaign, number, name
        As of `Campaign` and `Lot`.
    state : CallState
    calls : int
    recipients_sha256 : str
        Of the set of its numbers.
    due_at, began_at : float or None
        Unix time: of its first call; of the last intent to send it.
    tries : int
    mailing_id : str or None
        The platform's.
    reason : str or None
        Why it is not ordered.
    """

    campaign: str
    number: int
    name: str
    state: CallState
    calls: int
    recipients_sha256: str
    due_at: float | None = None
    tries: int = 0
    began_at: float | None = None
    mailing_id: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Mailed:
        """Read a row."""
        names = cls.__dataclass_fields__.keys() - {"state"}
        return cls(state=CallState(row["state"]), **{name: row[name] for name in names})

    @property
    def is_test(self) -> bool:
        """Say whether it is the call before the others."""
        return self.number < 1

    def as_json(self) -> dict[str, Any]:
        """Return it for a program; nobody's number is in it."""
        return {
            "part": self.number,
            "id": self.mailing_id,
            "name": self.name,
            "state": str(self.state),
            "calls": self.calls,
            "reason": self.reason,
        }


class Ordered(NamedTuple):
    """Hold a call that was ordered, or may have been: to whom, by what, for when.

    There may be a million: a tuple. ``name`` is its mailing's, which a test has of its
    own; ``at`` is Unix time.
    """

    recipient: str
    name: str
    campaign: str
    at: float

    def __repr__(self) -> str:
        """Show nobody's number."""
        return f"Ordered({self.name!r}, {self.at})"


def digest_of(recipients: Iterable[str]) -> str:
    """Return the SHA-256 of a set of numbers, in whatever order they stand.

    >>> digest_of(["+331", "+332"]) == digest_of(["+332", "+331", "+331"])
    True
    """
    return hashlib.sha256("\n".join(sorted(set(recipients))).encode()).hexdigest()
