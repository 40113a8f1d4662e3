"""Follow a campaign without pings: ask, wait longer where nothing moves, ask again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import FINAL_STATES
from voiceprep.errors import (
    ContractError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
    UnavailableError,
)
from voiceprep.ledger import CallState
from voiceprep.pipeline.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voiceprep.client import Client
    from voiceprep.ledger import Ledger

__all__ = [
    "Followed",
    "Gap",
    "Patience",
    "follow",
    "full_name",
    "gap",
    "ordered",
    "unfinished",
    "watch",
]

BY: Final = "watch"
_SEEN_AFTER_S: Final = 120.0  # ours: what was just ordered may be seen late


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold how many calls the ledger knows as ordered, and the platform has not.

    Parameters
    ----------
    name : str
        Of the campaign.
    ordered, missing : int
    parts : tuple of int
        Those that only a person says to have been ordered.

    >>> print(Gap("Loto", 1718, 702))
    of 1,718 ordered calls the platform lacks 702, and nobody knows why
    """

    name: str
    ordered: int
    missing: int
    parts: tuple[int, ...] = ()

    def __str__(self) -> str:
        said = f"of {self.ordered:,} ordered calls the platform lacks {self.missing:,}"
        if not self.parts:
            return f"{said}, and nobody knows why"
        command = f"voiceprep mailing resolve {quote(self.name)} --part {self.parts[0]}"
        return (
            f"{said}: part {self.parts[0]} was settled as called by your word alone; "
            f"if it was not, `{command} --not-called` takes that back"
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """Say how far a campaign has come.

    Parameters
    ----------
    name : str
    counts : mapping
        State → messages; every state is there.
    expected : int
        How many messages there must be in the end; 0 where nobody knows.
    gap : Gap or None
        What the ledger knows as ordered, and the platform has not.
    """

    name: str
    counts: Mapping[str, int]
    expected: int = 0
    gap: Gap | None = None

    @property
    def total(self) -> int:
        """Count the messages."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Count those that nothing more is expected of."""
        return sum(self.counts[state] for state in FINAL_STATES)

    @property
    def is_final(self) -> bool:
        """Tell whether all have ended, and all are there."""
        return self.ended == self.total >= max(1, self.expected)

    @property
    def is_short(self) -> bool:
        """Tell whether all that is there has ended, and some are not there."""
        return self.gap is not None and self.ended == self.total

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more is waited for, whether all are there or not."""
        return self.is_final or (self.is_short and self.total >= self.expected)

    def __str__(self) -> str:
        parts = [f"{number:,} {state}" for state, number in self.counts.items()]
        return f"{self.total:,} calls: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Patience:
    """Say how long to wait between two looks.

    Parameters
    ----------
    first_s, most_s : float
        While something moves, and at the longest.
    growth : float
        By which the pause grows with each look that found nothing new.
    share : float
        Of the time that may be spent on looking: a long reading is followed by a
        longer pause.

    >>> Patience().next_s(2.0, moved=False), Patience().next_s(40.0, moved=True)
    (3.0, 2.0)
    """

    first_s: float = 2.0  # [ours], as are all of these
    most_s: float = 60.0
    growth: float = 1.5
    share: float = 0.25

    def next_s(self, pause_s: float, *, moved: bool) -> float:
        """Return the pause after one of `pause_s`."""
        return self.first_s if moved else min(self.most_s, pause_s * self.growth)

    def after_s(self, took_s: float) -> float:
        """Return the least pause after a look that took so long."""
        return took_s * (1 / self.share - 1)


def watch(client: Client, ledger: Ledger, name: str, **asked: Any) -> Followed:
    """Follow the mailings of a name as `follow` does.

    Raises
    ------
    OutcomeUnknownError
        Where all that is there has ended, and calls that were ordered are not there.
    RefusedError, UnavailableError, AuthError, ContractError, LedgerError
        As `follow`.
    """
    done = follow(client, ledger, name, **asked)
    if done.is_short:
        raise OutcomeUnknownError(str(done.gap))
    return done


def follow(
    client: Client,
    ledger: Ledger,
    name: str,
    *,
    until_final: bool = True,
    timeout_s: float | None = None,
    expected: int = 0,
    patience: Patience | None = None,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[Followed], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Followed:
    """Follow the mailings of a name; the ledger holds what is true of each message.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    name : str
        As the mailings bear it on the platform, the plan's tag included (R35).
    until_final : bool
        End when every call has; otherwise at the timeout alone.
    timeout_s : float or None
        When to end, whatever is still open; None never.
    expected : int
        How many messages there must be, beside those that the ledger knows to have
        been ordered: fewer have not ended.
    patience : Patience, optional
    say : callable
        Told in a sentence of troubles that it outlives.
    progress : callable
        Told at the first look and whenever something moved.
    clock, sleep : callable
        Monotonic seconds, and a pause.

    Returns
    -------
    Followed
        Not `Followed.is_final` where the time was over.

    Raises
    ------
    RefusedError
        Where no mailing is of that name.
    UnavailableError
        Where the platform can't be reached at the first look.
    AuthError, ContractError, LedgerError
    """
    look = _Look(Truth(client, ledger), name, expected, say)
    patience = patience or Patience()
    end = None if timeout_s is None else clock() + timeout_s
    pause_s = patience.first_s
    seen: Followed | None = None
    while True:
        began = clock()
        now = look.once()
        if now.is_short and not now.is_over and not (seen and seen.is_short):
            say(str(now.gap))
        moved = now != seen
        if moved:
            progress(now)
        seen = now
        left_s = None if end is None else end - clock()
        if (until_final and now.is_over) or (left_s is not None and left_s <= 0):
            return now
        pause_s = patience.next_s(pause_s, moved=moved)
        wait_s = max(pause_s, patience.after_s(clock() - began))
        sleep(wait_s if left_s is None else min(wait_s, left_s))


def full_name(ledger: Ledger, account: str, said: str) -> str:
    """Return the name that mailings bear: the plan's tag may be left out.

    A name that the ledger does not know is taken as it is: whoever ordered it.

    Raises
    ------
    SettingsError
        Where several campaigns could be meant.
    """
    found = ledger.calls.named(account, said)
    if len(found) > 1:
        names = ", ".join(repr(each.name) for each in found)
        raise SettingsError(f"{said!r} may be any of {names}: name one with its tag")
    return found[0].name if found else said


def ordered(ledger: Ledger, account: str, name: str) -> int:
    """Count the calls of a campaign that the platform has taken, tests left out.

    None of one that was stopped: what waited of it was removed. Nor those of which
    only a person says so: nothing on the platform is known to come of them.
    """
    campaign = ledger.calls.campaign(account, name)
    if campaign is not None and campaign.is_stopped:
        return 0
    mailed = ledger.calls.mailings(account, name)
    return sum(
        each.calls
        for each in mailed
        if each.state is CallState.ORDERED and each.mailing_id and not each.is_test
    )


def gap(
    ledger: Ledger, account: str, name: str, there: int, now: float | None = None
) -> Gap | None:
    """Compare the calls that were ordered with how many the platform has.

    None where it has all, or may show them yet, or the campaign was stopped.
    """
    campaign = ledger.calls.campaign(account, name)
    if campaign is None or campaign.is_stopped:
        return None
    rows = [
        each
        for each in ledger.calls.mailings(account, name)
        if each.state is CallState.ORDERED and not each.is_test
    ]
    since = (time.time() if now is None else now) - _SEEN_AFTER_S
    by_word = tuple(each.number for each in rows if not each.mailing_id)
    late = [] if by_word else [each for each in rows if (each.began_at or 0) > since]
    every = sum(each.calls for each in rows)
    missing = every - there
    if missing <= sum(each.calls for each in late):
        return None
    return Gap(name, every, missing, by_word)


def unfinished(ledger: Ledger, account: str) -> list[str]:
    """Return the campaigns of which a call has not ended, as far as it is known.

    Those too that were ordered, and of which no message was ever read.
    """
    ledgers = {each.name for each in ledger.calls.campaigns(account)}
    lacking = {
        name
        for name in ledgers
        if ordered(ledger, account, name) > _ended(ledger, account, name)
    }
    return sorted(lacking.union(ledger.messages.open_campaigns(account)))


def _ended(ledger: Ledger, account: str, name: str) -> int:
    counts = ledger.messages.counts(account, name)
    return sum(counts[state] for state in FINAL_STATES)


class _Look:
    """Look once, and again: the first look may fail, later ones outlive troubles."""

    def __init__(
        self, truth: Truth, name: str, expected: int, say: Callable[[str], None]
    ) -> None:
        self._truth = truth
        self._name = name
        self._expected = expected
        self._say = say
        self._seen = False
        self._troubled = False

    def once(self) -> Followed:
        try:
            self._truth.catch_up(self._name, BY)
        except (UnavailableError, ContractError) as error:
            if not self._seen:
                raise
            if not self._troubled:
                self._say(f"{error}; going on to try")
            self._troubled = True
        else:
            self._troubled = False
        ledger, account = self._truth.ledger, self._truth.account
        expected = max(self._expected, ordered(ledger, account, self._name))
        counts = ledger.messages.counts(account, self._name)
        lacking = gap(ledger, account, self._name, sum(counts.values()))
        now = Followed(self._name, counts, expected, lacking)
        if not (now.total or now.expected or now.gap):
            raise RefusedError(
                f"no mailing on the platform is named {self._name!r}; "
                "`voiceprep mailing list` shows their names, the tag included"
            )
        self._seen = True
        return now
