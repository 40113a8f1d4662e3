"""Order one mailing: the intent before, the outcome after, looks where it is open.

Whoever calls this holds the ledger's lock of calls: one mailing is under way at a time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voiceprep.errors import OutcomeUnknownError, PlatformError, RefusedError
from voiceprep.ledger import CallState
from voiceprep.pipeline.doubts import read_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from voiceprep.campaign.plan import Order
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger, Mailed

__all__ = ["LOOKUP_GAP_S", "Orderer"]

LOOKUP_GAP_S: Final = 5.0  # between two looks for a mailing whose outcome is unclear
LOOKS: Final = 2
_DIED: Final = "the process that sent it ended before it could tell what came of it"


@dataclass(frozen=True, slots=True)
class Orderer:
    """Order the mailings of one campaign, and find what may have been ordered.

    Parameters
    ----------
    campaign : str
    order : Order
        What is played, and how.
    client : Client
    ledger : Ledger
    lookup_gap_s : float
    sleep : callable
        Pauses, in seconds.
    say : callable
        Takes a line for people.
    """

    campaign: str
    order: Order
    client: Client
    ledger: Ledger
    lookup_gap_s: float = LOOKUP_GAP_S
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    say: Callable[[str], None] = field(default=lambda _: None, repr=False)

    def rows(self, *, tests: bool = False) -> list[Mailed]:
        """Return the campaign's mailings as the ledger has them, or its tests."""
        every = self.ledger.calls.mailings(self.client.account, self.campaign)
        return [row for row in every if row.is_test is tests]

    def settle(self, *, tests: bool = False) -> None:
        """Find out what the platform has, before anything more is ordered.

        Raises
        ------
        PlatformError
            Where that can't be told.
        """
        fresh = [r for r in self.rows(tests=tests) if r.state is CallState.SENDING]
        for row in fresh:  # we hold the lock: nobody is sending it
            self._end(row, CallState.UNKNOWN, reason=_DIED)
        self._look({row.number for row in fresh}, tests=tests)

    def send(
        self, row: Mailed, recipients: Sequence[str], date: datetime | None
    ) -> None:
        """Order a mailing once; what stays unclear after two looks is `unknown`.

        Raises
        ------
        AuthError, RefusedError, UnavailableError, ContractError
            Where it was not ordered. An unclear outcome is none of them.
        LedgerError
            Where the campaign was stopped. Nothing was sent then.
        """
        order, account = self.order, self.client.account
        due_at = None if date is None else date.timestamp()
        self.ledger.calls.begin(account, row.campaign, row.number, due_at=due_at)
        try:
            made = self.client.mailings.create(
                recipients,
                link=order.link,
                media=order.media,
                type=order.type or None,
                name=row.name,
                date=date,
                ping_url=order.ping_url or None,
            )
        except OutcomeUnknownError as error:
            self._end(row, CallState.UNKNOWN, reason=str(error))
            self._look({row.number}, tests=row.is_test)
        except PlatformError as error:
            refused = isinstance(error, RefusedError)
            to = CallState.REFUSED if refused else CallState.FAILED
            self._end(row, to, reason=str(error))
            raise
        else:
            self._end(row, CallState.ORDERED, mailing_id=made.id)

    def _look(self, doubtful: set[int], *, tests: bool) -> None:
        """Read back what there is; twice, a set time apart, where a doubt is fresh."""
        for look in range(LOOKS):
            if look:
                self.say(
                    f"an outcome is unclear: looking again in {self.lookup_gap_s:g} s"
                )
                self.sleep(self.lookup_gap_s)
            for row, mailing in read_back(
                self.client, self.ledger, self.rows(tests=tests)
            ):
                doubtful.discard(row.number)
                self.say(f"mailing {mailing.id} was there already: part {row.number}")
            if not doubtful:
                return

    def _end(
        self,
        row: Mailed,
        to: CallState,
        *,
        mailing_id: str | None = None,
        reason: str | None = None,
    ) -> None:
        self.ledger.calls.end(
            self.client.account,
            row.campaign,
            row.number,
            to,
            mailing_id=mailing_id,
            reason=reason,
        )
