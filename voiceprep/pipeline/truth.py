"""Read messages on the platform, and take up in the ledger what is true of them.

Whatever led here, a ping, a poll or a count, the answer to a call with our own token
is what is believed, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from voiceprep.campaign.numbers import judge
from voiceprep.contract import ACCOUNT_ZONE, STATES, VOICE
from voiceprep.errors import RefusedError
from voiceprep.ledger import Change, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voiceprep.client import Client, Message, Stats
    from voiceprep.ledger import Ledger

__all__ = ["Read", "Truth", "dialled", "told_of"]

MOST_IDS: Final = 500  # facts.md, "HTTP": of one call


@dataclass(frozen=True, slots=True)
class Read:
    """Hold what a reading by ids brought.

    Parameters
    ----------
    changes : tuple of Change
    missing : tuple of str
        Ids of which the platform told nothing: not ours, or not there (yet).
    refusal : str
        Its sentence, where it refused one of them; else ``""``.
    """

    changes: tuple[Change, ...]
    missing: tuple[str, ...]
    refusal: str = ""


class Truth:
    """Read and take up the messages of one account.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self.client = client
        self.ledger = ledger
        self.account = client.account

    def by_ids(self, ids: Sequence[str], by: str) -> Read:
        """Read messages by their ids, in as few calls as there can be.

        One id that is refused (another client's: 403) does not keep the others from
        being read: the portion is halved until it stands alone.

        Raises
        ------
        AuthError, ContractError, UnavailableError, LedgerError
        """
        refusals: list[str] = []
        found = [
            message for some in _portions(ids) for message in self._ours(some, refusals)
        ]
        changes = self.take_up(found, by)
        told = {message.id for message in found}
        missing = tuple(each for each in ids if each not in told)
        return Read(tuple(changes), missing, refusals[-1] if refusals else "")

    def by_name(self, name: str, by: str) -> list[Change]:
        """Read all messages of the mailings of a name (R35).

        Raises
        ------
        AuthError, ContractError, RefusedError, UnavailableError, LedgerError
        """
        return self.take_up(self.named(name), by, campaign=name)

    def catch_up(self, name: str, by: str, theirs: Stats | None = None) -> list[Change]:
        """Read what moved of a campaign since it was last read; often that is nothing.

        States only move forward, so that equal counts mean that nothing moved: one
        short call asks for them, and messages are read only where they differ.

        Parameters
        ----------
        name, by : str
        theirs : Stats, optional
            The platform's counts, where they were just read.

        Raises
        ------
        AuthError, ContractError, RefusedError, UnavailableError, LedgerError
        """
        stats = theirs or self.client.stats.total(name=name)
        counts, ours = stats.counts(), self.ledger.messages.counts(self.account, name)
        if all(counts[state] == ours[state] for state in STATES):
            return []
        if stats.total > sum(ours.values()):  # some are new to us
            return self.by_name(name, by)
        still_open = self.ledger.messages.open_ids(self.account, name)
        read = self.by_ids(still_open, by)
        if read.changes and not read.missing:
            return list(read.changes)
        every = self.named(name)
        there = {each.id for each in every}
        if len(there) == stats.total:  # else it was no whole reading
            gone = [each for each in read.missing if each not in there]
            self.ledger.messages.lose(self.account, gone)
        return [*read.changes, *self.take_up(every, by, campaign=name)]

    def named(self, name: str) -> list[Message]:
        """Read the messages of exactly this name, whatever a filter lets through.

        Raises
        ------
        AuthError, ContractError, RefusedError, UnavailableError
        """
        found = self.client.messages.read(mailing_name=name)
        return [each for each in found if each.mailing_name in {None, name}]  # R20

    def take_up(
        self, found: Iterable[Message], by: str, campaign: str | None = None
    ) -> list[Change]:
        """Take messages up in the ledger; return those that moved on."""
        told = (told_of(each, campaign) for each in found)
        known = [each for each in told if each is not None]
        return self.ledger.messages.learn(self.account, known, by)

    def _ours(self, ids: Sequence[str], refusals: list[str]) -> Iterator[Message]:
        """Yield the messages of a portion that the platform shows us."""
        try:
            found = list(self.client.messages.read(id=ids))
        except RefusedError as error:
            if len(ids) == 1:
                refusals.append(str(error))
                return
            half = len(ids) // 2
            yield from self._ours(ids[:half], refusals)
            yield from self._ours(ids[half:], refusals)
            return
        asked = frozenset(ids)
        yield from (each for each in found if each.id in asked)


def told_of(message: Message, campaign: str | None = None) -> Told | None:
    """Return what a message tells; None where it names no state.

    Parameters
    ----------
    message : Message
    campaign : str, optional
        The name it was read by, where its answer holds none.

    >>> from voiceprep.client import Message
    >>> message = Message("91", "ko", status_date="2026-03-12T10:00:00+01:00")
    >>> told_of(message).since
    1773306000.0
    """
    if message.state is None:
        return None
    return Told(
        id=message.id,
        mailing_id=message.mailing_id,
        state=message.state,
        campaign=message.mailing_name or campaign,
        recipient=message.recipient and dialled(message.recipient),
        media=message.media,
        description=message.description,
        since=_seconds(message.status_date),
        duration_s=message.duration_s,
        attempts=message.attempts,
        optout=bool(message.optout),
    )


def dialled(recipient: str) -> str:
    """Return a number as we write it (E.164), however the platform does.

    >>> dialled("06 12 34 56 78"), dialled("+33612345678"), dialled("anonymous")
    ('+33612345678', '+33612345678', 'anonymous')
    """
    return judge(recipient, VOICE).number or recipient


def _seconds(said: str | None) -> float | None:
    """Read a date as Unix time; without an offset it is in the account's zone (R37)."""
    try:
        at = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(ACCOUNT_ZONE))).timestamp()


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]
