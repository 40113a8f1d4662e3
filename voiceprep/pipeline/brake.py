"""Stop a campaign, and settle what only a person can know."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import CANCELLED
from voiceprep.errors import RefusedError, SettingsError, UnavailableError
from voiceprep.ledger import DOUBTFUL, CallState
from voiceprep.pipeline.doubts import read_back
from voiceprep.pipeline.ordering import LOOKUP_GAP_S
from voiceprep.pipeline.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.client import Client, Mailing, Message
    from voiceprep.ledger import Ledger, Mailed

__all__ = ["Brake", "Stopped", "resolve", "unclear"]

_NAMED: Final = ("DEFAULT", "name")  # R17
_WITH_STATS: Final = (*_NAMED, "stats")
BY: Final = "stop"
STILL: Final = "it still waits, though the platform took its end: look at it there"
LOOKS: Final = 2


@dataclass(frozen=True, slots=True)
class Stopped:
    """Say what a stop came to.

    Parameters
    ----------
    campaign : str
    removed : mapping
        Mailing → how many of its calls are not made.
    called : mapping
        State → calls that were made, or are being made.
    waiting : mapping
        Mailing → why it could not be stopped.
    doubtful : tuple of Mailed
        Of which it is not known whether they were ordered.
    """

    campaign: str
    removed: dict[str, int]
    called: dict[str, int]
    waiting: dict[str, str]
    doubtful: tuple[Mailed, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "campaign": self.campaign,
            "removed": self.removed,
            "called": self.called,
            "waiting": self.waiting,
            "doubtful": [each.as_json() for each in self.doubtful],
        }


@dataclass(frozen=True, slots=True)
class _Swept:
    """Hold what a look for waiting calls came to.

    Parameters
    ----------
    removed : dict
        Mailing that went as a whole → its calls.
    begun : set of str
        Mailings of which the rest was stopped.
    refused : dict
        Mailing → why it could not be stopped.
    """

    removed: dict[str, int] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def tried(self) -> set[str]:
        """Return the mailings that the platform said were stopped."""
        return self.begun | self.removed.keys()


@dataclass(frozen=True, slots=True)
class Brake:
    """Stop campaigns of one account: first in the ledger, then on the platform.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    lookup_gap_s : float
        Between two looks for what is still waiting.
    sleep : callable
    say : callable
    """

    client: Client
    ledger: Ledger
    lookup_gap_s: float = LOOKUP_GAP_S
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    say: Callable[[str], None] = field(default=lambda _: None, repr=False)

    def stop(self, name: str) -> Stopped:
        """Remove everything that waits under a name, and see to it that it is gone.

        Parameters
        ----------
        name : str
            The whole one, with the tag.

        Raises
        ------
        RefusedError
            Where nothing bears that name, here or there.
        PlatformError
            Where the platform can't be asked; the ledger lets nothing more be sent.
        """
        self._check_known(name)
        self.ledger.calls.stop(self.client.account, name)
        # At once what is known to be ours: whoever sends may take a minute to end.
        known = {row.mailing_id for row in self._rows(name)}
        sweeps = [self._sweep(name, lambda one: one.id in known)]
        with self.ledger.calls.alone(self.say):
            self._read_back(name)
            for look in range(LOOKS):
                if look:
                    self.sleep(self.lookup_gap_s)
                sweeps.append(self._sweep(name))
            waiting = self._left(name, sweeps)
        gone = {key: n for each in sweeps for key, n in each.removed.items()}
        removed = {key: n for key, n in gone.items() if key not in waiting}
        self._forget(name, set(removed))
        begun = sorted(set[str]().union(*(each.begun for each in sweeps)))
        removed |= {each: self._cancelled(each) for each in begun}
        doubtful = self._doubtful(name)
        return Stopped(name, removed, self._called(name), waiting, doubtful)

    def would(self, name: str) -> Stopped:
        """Say what a stop would remove; nothing is.

        Raises
        ------
        RefusedError
            Where nothing bears that name, here or there.
        PlatformError
        """
        self._check_known(name)
        waits: Counter[str] = Counter()
        for mailing, count in self.waits(name):
            waits[mailing.id] += count
        return Stopped(name, dict(waits), {}, {}, self._doubtful(name))

    def waits(self, name: str) -> Iterator[tuple[Mailing, int]]:
        """Yield the mailings of a name of which calls wait, and how many."""
        names = {name, *(row.name for row in self._rows(name))}
        for each in sorted(names):
            for mailing in self.client.mailings.read(name=each, properties=_WITH_STATS):
                count = mailing.contacts_count or 1
                wait = mailing.stats.wait if mailing.stats else count
                if mailing.name == each and wait:
                    yield mailing, wait

    def _check_known(self, name: str) -> None:
        """Tell a mistyped name from a campaign that has nothing left to stop."""
        if self.ledger.calls.campaign(self.client.account, name) is not None:
            return
        there = self.client.mailings.read(name=name, properties=_NAMED)
        if not any(mailing.name in {name, None} for mailing in there):
            raise RefusedError(
                f"nothing bears the name {name!r}: nothing was stopped; `voiceprep "
                "mailing list` shows the names, with their tags"
            )

    def _sweep(
        self, name: str, chosen: Callable[[Mailing], bool] = lambda _: True
    ) -> _Swept:
        """Remove what waits, as far as the platform lets it."""
        swept = _Swept()
        rows = self._rows(name)
        ordered = {
            row.mailing_id: row for row in rows if row.state is CallState.ORDERED
        }
        for mailing, count in list(self.waits(name)):
            if not chosen(mailing):
                continue
            try:
                if self._remove(mailing):
                    swept.removed[mailing.id] = count
                    self._note(ordered.get(mailing.id), CallState.STOPPED)
                else:
                    swept.begun.add(mailing.id)
            except RefusedError as error:
                swept.refused[mailing.id] = str(error)
        return swept

    def _remove(self, mailing: Mailing) -> bool:
        """Delete what waits as a whole, and say so; of what was begun, stop the rest.

        How many calls that stops is not known before: others begin meanwhile.
        """
        stats = mailing.stats
        if stats is not None and stats.wait == stats.total:
            try:
                matched = self.client.mailings.delete(id=mailing.id)
            except RefusedError:
                matched = 0
            if matched != 0:  # else a call of it has begun meanwhile (R20)
                return True
        self.client.mailings.update({"status": CANCELLED}, id=mailing.id)
        return False

    def _left(self, name: str, sweeps: list[_Swept]) -> dict[str, str]:
        """Say what the last look met though it was removed or cancelled before."""
        *earlier, last = sweeps
        tried = set[str]().union(*(each.tried for each in earlier))
        left = last.tried & tried
        for row in self._rows(name):
            if row.mailing_id in left and row.state is CallState.STOPPED:
                self._note(row, CallState.ORDERED)
        return last.refused | dict.fromkeys(sorted(left), STILL)

    def _note(self, row: Mailed | None, to: CallState) -> None:
        """Let the ledger know whether a mailing calls its people, if it knows it."""
        if row is not None:
            account, number = self.client.account, row.number
            self.ledger.calls.end(account, row.campaign, number, to)

    def _forget(self, name: str, mailing_ids: set[str]) -> None:
        """Let the ledger know that what was read of removed mailings is no more."""
        account, messages = self.client.account, self.ledger.messages
        read = messages.of(account, name)
        messages.lose(account, [m.id for m in read if m.mailing_id in mailing_ids])

    def _cancelled(self, mailing_id: str) -> int:
        """Count the calls of a mailing that came out stopped."""
        messages = self.client.messages.read(mailing_id=mailing_id)
        return sum(map(_is_stopped, messages))

    def _called(self, name: str) -> dict[str, int]:
        """Count the calls that were made; those that were stopped came to nothing.

        The ledger learns of them: whoever was called is not planned anew.
        """
        states: Counter[str] = Counter()
        truth = Truth(self.client, self.ledger)
        messages = truth.named(name)
        truth.take_up(messages, BY, campaign=name)
        for message in messages:
            if message.state != "wait" and not _is_stopped(message):
                states[message.state or "unread"] += 1
        return dict(states)

    def _read_back(self, name: str) -> None:
        """Learn what was ordered before it is removed; we hold the lock."""
        for row in self._rows(name):  # nobody is sending it
            if row.state is CallState.SENDING:
                self.ledger.calls.end(
                    self.client.account,
                    name,
                    row.number,
                    CallState.UNKNOWN,
                    reason="it was being sent when the campaign was stopped",
                )
        try:
            read_back(self.client, self.ledger, self._rows(name))
        except (RefusedError, UnavailableError) as error:
            self.say(str(error))  # it is removed all the same

    def _doubtful(self, name: str) -> tuple[Mailed, ...]:
        return tuple(row for row in self._rows(name) if row.state in DOUBTFUL)

    def _rows(self, name: str) -> list[Mailed]:
        return self.ledger.calls.mailings(self.client.account, name)


def _is_stopped(message: Message) -> bool:
    return (message.description or "").lower().endswith(CANCELLED)


def resolve(
    client: Client,
    ledger: Ledger,
    name: str,
    number: int,
    *,
    called: bool,
    mailing_id: str | None = None,
) -> tuple[Mailed, bool]:
    """Settle an unclear mailing by what a person knows, after a last look.

    That it was ordered can be taken back while nothing but their word says so.

    Parameters
    ----------
    number : int
        Of the plan's part; of a test, 0 or less.
    called : bool
        Whether the platform has it. If not, the next `send` orders it.
    mailing_id : str or None
        The platform's, where the person saw it.

    Returns
    -------
    (Mailed, bool)
        As the ledger has it now, and whether the look settled it.

    Raises
    ------
    SettingsError
        Where there is nothing to settle, or no such mailing.
    PlatformError
    """
    account = client.account
    with ledger.calls.alone():
        row = _unsettled(ledger, account, name, number, called=called)
        same = [
            each
            for each in ledger.calls.mailings(account, name)
            if each.is_test == row.is_test
        ]
        found = {told.number: told for told, _ in read_back(client, ledger, same)}
        if number in found:
            return found[number], True
        if mailing_id is not None:
            _check_unclaimed(ledger.calls.mailings(account, name), mailing_id, row)
            _check_named(client, mailing_id, row.name)
        to = CallState.ORDERED if called else CallState.PLANNED
        told = ledger.calls.end(account, name, number, to, mailing_id=mailing_id)
        return told, False


def unclear(
    ledger: Ledger, account: str, name: str, number: int, *, called: bool
) -> Mailed:
    """Return a mailing whose outcome is unclear; nothing is looked up or written.

    Or one of which a person said that it was ordered, where they now say it was not.

    Raises
    ------
    SettingsError
        Where there is nothing to settle.
    """
    rows = ledger.calls.mailings(account, name)
    row = next((each for each in rows if each.number == number), None)
    if row is None:
        raise SettingsError(f"the ledger knows no part {number} of {name!r}")
    by_word = row.state is CallState.ORDERED and row.mailing_id is None
    if row.state not in DOUBTFUL and (called or not by_word):
        raise SettingsError(
            f"part {number} of {name!r} is {row.state}: there is nothing to resolve"
        )
    return row


def _unsettled(
    ledger: Ledger, account: str, name: str, number: int, *, called: bool
) -> Mailed:
    """Return a mailing whose outcome is unclear; nobody is sending it."""
    row = unclear(ledger, account, name, number, called=called)
    if row.state is CallState.SENDING:
        reason = "the process that sent it ended before it could tell"
        return ledger.calls.end(account, name, number, CallState.UNKNOWN, reason=reason)
    return row


def _check_unclaimed(rows: list[Mailed], mailing_id: str, row: Mailed) -> None:
    """Refuse a mailing that is known: this one's people would never be called."""
    for each in rows:
        if each.mailing_id == mailing_id:
            raise SettingsError(
                f"mailing {mailing_id} is part {each.number} of {each.campaign!r}, and "
                f"calls others than part {row.number}: look for another"
            )


def _check_named(client: Client, mailing_id: str, name: str) -> None:
    mailing = client.mailings.get(mailing_id)
    if mailing is None or mailing.name != name:
        raise SettingsError(f"mailing {mailing_id} is not there, or not named {name!r}")
