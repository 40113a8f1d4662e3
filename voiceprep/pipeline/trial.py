"""Call one number first, with the very content, and wait for what comes of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from shlex import quote
from typing import TYPE_CHECKING, Final

from voiceprep.campaign.numbers import REASONS, judge
from voiceprep.client.words import mask
from voiceprep.errors import OutcomeUnknownError, SettingsError, UnavailableError
from voiceprep.ledger import DOUBTFUL, UNSENT, Campaign, Lot
from voiceprep.pipeline.optouts import optouts

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceprep.client import Message
    from voiceprep.ledger import Mailed
    from voiceprep.pipeline.calls import Caller

__all__ = ["Trial"]

PATIENCE_S: Final = 900.0  # ours: three attempts at a call take minutes
SIGN_OF_LIFE_S: Final = 10.0  # ours
_PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Trial:
    """Call a number with what a plan plays, once, and say what came of it.

    Parameters
    ----------
    caller : Caller
        Prepared.
    raw : str
        The number, as a person writes it.
    patience_s : float
        How long the call may take to come to an end.
    clock : callable
        Monotonic seconds.
    """

    caller: Caller
    raw: str
    patience_s: float = PATIENCE_S
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    @property
    def number(self) -> str:
        """Return the number as it is dialled.

        Raises
        ------
        SettingsError
            Where it is none that the plan's media calls.
        """
        verdict = judge(self.raw, self.caller.plan.order.media)
        if not verdict.is_accepted:
            raise SettingsError(f"--test: {mask(self.raw)}: {REASONS[verdict.reason]}")
        return verdict.number

    def judge(self) -> None:
        """Judge whether the number may be called, where a call is yet to be made.

        That the plan calls it too is said: it is called twice then.

        Raises
        ------
        SettingsError
            Where it is none that the media calls, or asked for no more calls.
        """
        self._vet(self._standing())

    def run(self) -> Message:
        """Call, and wait for the end; a call that came to `ok` is not repeated.

        Raises
        ------
        OutcomeUnknownError
            Where it is not known whether it was ordered.
        SettingsError
            As `judge`; nobody was called then.
        UnavailableError
            Where it has not ended in time; it is waited for the next time.
        PlatformError
        """
        row = self._ordered()
        if row.mailing_id is None:
            raise OutcomeUnknownError(
                f"the test call {row.name!r} may have been ordered, and is not called "
                f"again: {row.reason or 'its id is not known'}; then `voiceprep "
                f"mailing resolve {quote(row.campaign)} --part {row.number} --called` "
                "or --not-called"
            )
        return self._ended(row.mailing_id)

    def _ordered(self) -> Mailed:
        orderer = self.caller.orderer
        with orderer.ledger.calls.alone(orderer.say):
            orderer.settle(tests=True)
            standing = self._standing()
            self._vet(standing)
            row = standing or self._entered()
            if row.state in UNSENT:
                orderer.say(f"calling {mask(self.number)} first")
                orderer.send(row, (self.number,), None)
            return next(r for r in orderer.rows(tests=True) if r.number == row.number)

    def _vet(self, standing: Mailed | None) -> None:
        """Keep who asked for no more calls from being called, as the plan does."""
        if standing is not None and standing.state not in UNSENT:
            return
        number, shown = self.number, mask(self.number)
        if number in optouts(self.caller.ledger):
            raise SettingsError(
                f"--test: {shown} asked for no more calls, and is not called: test "
                "with another number"
            )
        if any(number in part.recipients for part in self.caller.plan.parts):
            self.caller.orderer.say(f"{shown} is in the plan too: it is called twice")

    def _standing(self) -> Mailed | None:
        """Return the test to go on with; None where a new one is to be made."""
        rows = self.caller.orderer.rows(tests=True)
        if rows and self._goes_on(rows[0]):  # the latest has the lowest number
            return rows[0]
        return None

    def _entered(self) -> Mailed:
        """Enter a new test in the ledger."""
        number = -len(self.caller.orderer.rows(tests=True))
        name = f"{self.caller.plan.campaign} test{f' {1 - number}' if number else ''}"
        orderer = self.caller.orderer
        campaign = Campaign(orderer.campaign, self.caller.plan.order.name)
        lot = Lot(number, name, (self.number,))
        orderer.ledger.calls.enter(orderer.client.account, campaign, [lot])
        return orderer.rows(tests=True)[0]

    def _goes_on(self, row: Mailed) -> bool:
        orderer = self.caller.orderer
        whom = orderer.ledger.calls.recipients(
            orderer.client.account, row.campaign, row.number
        )
        if whom != [self.number]:
            return False
        if row.state in {*UNSENT, *DOUBTFUL} or row.mailing_id is None:
            return True
        message = self._message(row.mailing_id)
        return message is None or not message.is_final or message.state == "ok"

    def _ended(self, mailing_id: str) -> Message:
        """Wait until the call has ended; say now and then what is waited for."""
        orderer, began = self.caller.orderer, self.clock()
        orderer.say(
            "waiting for the test call to end, "
            f"{self.patience_s / 60:g} minutes at most; nothing else is ordered before"
        )
        looks, told_s = 0, 0.0
        while (so_far_s := self.clock() - began) < self.patience_s:
            message = self._message(mailing_id)
            if message is not None and message.is_final:
                return message
            if so_far_s >= told_s + SIGN_OF_LIFE_S:
                orderer.say(f"{_standing_of(message)}, {so_far_s:.0f} s so far")
                told_s = so_far_s
            orderer.sleep(_PAUSES_S[min(looks, len(_PAUSES_S) - 1)])
            looks += 1
        raise UnavailableError(
            f"the test call has not ended after {self.patience_s:g} s; run it again to "
            "go on waiting: nobody is called twice"
        )

    def _message(self, mailing_id: str) -> Message | None:
        return next(self.caller.client.messages.read(mailing_id=mailing_id), None)


def _standing_of(message: Message | None) -> str:
    """Say how far a call that is waited for has come."""
    if message is None:
        return "the platform does not show the test call yet"
    if message.state == "on":
        return "the test call is being made"
    return "the test call waits for the platform to make it"
