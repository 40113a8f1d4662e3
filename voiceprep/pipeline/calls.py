"""Send a plan: exactly it or nothing, each mailing once, whatever happens on the way.

One mailing is ordered at a time, under a lock. The ledger knows of it before a byte
leaves; what there is, is read back by name before the next one. An outcome that stays
unclear is for a person to settle (`mailing resolve`): absence in a listing is no
proof, and never a reason to call people again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from voiceprep.campaign.windows import Calendar
from voiceprep.contract import ACCOUNT_ZONE
from voiceprep.errors import RefusedError, SettingsError
from voiceprep.ledger import DOUBTFUL, UNSENT, CallState, Campaign, Lot
from voiceprep.pipeline.heard import is_unchanged
from voiceprep.pipeline.optouts import ask_for_optouts, optouts
from voiceprep.pipeline.repeats import called_already

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from voiceprep.campaign.plan import Part, Plan
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger, Mailed
    from voiceprep.pipeline.ordering import Orderer

__all__ = ["Caller", "Sent"]

# Why nothing more is sent; of a plan that is half sent, in other words.
_OPTED_OUT: Final = (
    "{:,} of these people asked for no more calls since it was planned: nothing more "
    "is sent; plan again, which leaves them out"
)
_OPTED_OUT_HALFWAY: Final = (
    "{:,} of these people asked for no more calls since it was planned: nothing more "
    "is sent; end it with `voiceprep mailing stop`, then plan again, which leaves "
    "them out"
)
_CALLED: Final = (
    "another campaign {!r} calls {:,} of these people already: nothing more is sent; "
    "plan again, which leaves them out, or with --again, which calls them twice"
)
_CALLED_HALFWAY: Final = (
    "another campaign {!r} calls {:,} of these people already: nothing more is sent; "
    "end it with `voiceprep mailing stop`, then plan again, which leaves them out, or "
    "with --again, which calls them twice"
)


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold what became of a plan.

    Parameters
    ----------
    campaign : str
    mailings : tuple of Mailed
    new : tuple of int
        Numbers of the parts that were ordered, or found, now.
    """

    campaign: str
    mailings: tuple[Mailed, ...]
    new: tuple[int, ...] = ()

    @property
    def doubtful(self) -> tuple[Mailed, ...]:
        """Return those that a person must settle."""
        return tuple(each for each in self.mailings if each.state in DOUBTFUL)

    @property
    def done(self) -> tuple[Mailed, ...]:
        """Return those that the platform was given."""
        return tuple(e for e in self.mailings if e.state is CallState.ORDERED)

    @property
    def ordered(self) -> int:
        """Count the calls that the platform was given."""
        return sum(each.calls for each in self.done)

    def as_json(self) -> dict[str, Any]:
        """Return it for a program; nobody's number is in it."""
        return {
            "campaign": self.campaign,
            "ordered": self.ordered,
            "new": list(self.new),
            "mailings": [each.as_json() for each in self.mailings],
        }


@dataclass(frozen=True, slots=True)
class Caller:
    """Send the mailings of one plan to one account.

    Parameters
    ----------
    plan : Plan
    orderer : Orderer
        Of the plan's campaign.
    confirm : int or None
        How many people a person said that will be called; a live platform wants it.
    overdue_now : bool
        Whether what should have begun already begins now.
    calendar : Calendar
        The windows to keep.
    now : callable
        The time, with an offset.
    """

    plan: Plan
    orderer: Orderer
    confirm: int | None = None
    overdue_now: bool = False
    calendar: Calendar = field(default_factory=Calendar.load, repr=False)
    now: Callable[[], datetime] = _utc

    @property
    def client(self) -> Client:
        """Return the client of the account."""
        return self.orderer.client

    @property
    def ledger(self) -> Ledger:
        """Return the ledger of calls."""
        return self.orderer.ledger

    @property
    def has_unsent(self) -> bool:
        """Say whether anything is left to order."""
        return any(self._unsent())

    @property
    def unsent(self) -> int:
        """Count the calls that are left to order."""
        return sum(len(part.recipients) for part in self._unsent())

    def prepare(self) -> None:
        """Judge whether all of it may be sent, and enter it in the ledger.

        Raises
        ------
        SettingsError, RefusedError, LedgerError
            As `judge`; and where it called others under that name.
        """
        self.judge()
        self._enter()

    def judge(self) -> None:
        """Judge whether all of it may be sent; nothing of it is entered or sent.

        Who asked for no more calls meanwhile is learnt where nobody has asked.

        Raises
        ------
        SettingsError
            Where it was not confirmed, its content not verified, its time is past or
            its window closed. Nothing was sent then.
        RefusedError
            Where what is heard is no longer what was planned.
        LedgerError
            Where it was stopped.
        """
        self.check_going()
        if self.has_unsent:
            ask_for_optouts(self.client, self.ledger, but=self.plan.campaign)
        self.check_people()
        if self.has_unsent:
            self._check_confirmed()
            self._check_heard()
        self.check_times()

    def check_times(self) -> None:
        """See to it that what was not sent can be, as it was planned, from now on.

        Raises
        ------
        SettingsError
            Where a time is past, or a window closed.
        """
        for part in self._unsent():
            self._date(part)

    def check_people(self) -> None:
        """See to it that who is yet to be called still may be.

        Raises
        ------
        SettingsError
            Where somebody asked for no more calls since it was planned, or another
            campaign of that name calls the same people.
        """
        self._check(one for part in self._unsent() for one in part.recipients)

    def _check(self, recipients: Iterable[str]) -> None:
        """Refuse who asked for no more calls, and whom another plan calls."""
        people = set(recipients)
        if gone := people & optouts(self.ledger):
            words = _OPTED_OUT_HALFWAY if self._is_begun else _OPTED_OUT
            raise SettingsError(words.format(len(gone)))
        if people and not self.plan.order.again and (twice := self._called(people)):
            words = _CALLED_HALFWAY if self._is_begun else _CALLED
            raise SettingsError(words.format(self.plan.order.name, twice))

    @property
    def _is_begun(self) -> bool:
        """Say whether some of it was sent: it is ended before it is planned anew."""
        return any(row.state not in UNSENT for row in self.orderer.rows())

    def _called(self, people: set[str]) -> int:
        """Count who of them is called by other plans of that name."""
        name, own = self.plan.order.name, self.plan.campaign
        account, now = self.client.account, self.now()
        return len(people & called_already(self.ledger, account, name, now, but=own))

    def send(self) -> Sent:
        """Order what was not ordered yet, one mailing after the other.

        Raises
        ------
        AuthError, RefusedError, UnavailableError, ContractError
            At the first that is not taken; what was ordered stays, and is not
            ordered again.
        LedgerError
            Where the campaign was stopped meanwhile.
        SettingsError
            Where a window closed meanwhile.
        """
        before = _ordered(self.orderer.rows())
        while self._step():
            pass
        return self.told(before)

    def told(self, before: Iterable[int] = ()) -> Sent:
        """Say what became of the plan so far."""
        rows = self.orderer.rows()
        new = _ordered(rows) - set(before)
        return Sent(self.plan.campaign, tuple(rows), tuple(sorted(new)))

    def _step(self) -> bool:
        """Order the next mailing; False where none is left to be."""
        with self.ledger.calls.alone(self.orderer.say):
            self.orderer.settle()
            self.check_going()
            part = next(self._unsent(), None)
            if part is None:
                return False
            self._check(part.recipients)  # once more: nobody else sends now
            date = self._date(part)
            row = next(r for r in self.orderer.rows() if r.number == part.number)
            self.orderer.send(row, part.recipients, date)
            self._tell(part)
            return True

    def _unsent(self) -> Iterator[Part]:
        """Yield the parts that were never sent, or came back."""
        states = {row.number: row.state for row in self.orderer.rows()}
        for part in self.plan.parts:
            if states.get(part.number) in {None, *UNSENT}:
                yield part

    def check_going(self) -> None:
        """See to it that nobody stopped the campaign.

        Raises
        ------
        LedgerError
        """
        self.ledger.calls.check_going(self.client.account, self.plan.campaign)

    def _check_confirmed(self) -> None:
        calls, said = self.plan.calls, self.confirm
        if said is not None and said != calls:
            raise SettingsError(
                f"--confirm {said}, and the plan calls {calls:,} people: nothing was "
                "sent; read the plan again"
            )
        if said is None and self.client.platform == "live":
            raise SettingsError(
                f"this is a live platform, and {calls:,} people will be called: "
                f"nothing was sent; say --confirm {calls}"
            )

    def _check_heard(self) -> None:
        order = self.plan.order
        if order.content_sha256:
            if not is_unchanged(
                self.client, order.content_id, order.link, order.content_sha256
            ):
                raise RefusedError(
                    f"content {order.content_id} no longer plays what was planned, on "
                    "this account: nothing was sent; plan again"
                )
        elif self.client.platform == "live":
            raise SettingsError(
                "nobody verified what these calls will play: nothing was sent; upload "
                "the recording with `voiceprep upload`, and plan with its link"
            )

    def _date(self, part: Part) -> datetime | None:
        """Return when to call a part; None is at once, where its window is open now."""
        now = self.now()
        if part.at is not None and part.at > now:
            return part.at
        if part.at is not None and not self.overdue_now:
            raise SettingsError(
                f"part {part.number} was to begin at {_on_our_clock(part.at)}, which "
                "is past: it would be called at once; say --now for that"
            )
        window = self.calendar.window(self.plan.order.window)
        if window.needs_no_clock:
            return None
        place = self.calendar.territories.get(part.territory)
        if place is None:
            raise SettingsError(
                f"part {part.number} can't be called now: these windows know no "
                f"{part.territory}, and what is not known is closed"
            )
        if not place.is_open(window, now):
            opens = place.opening(window, now).astimezone(place.zones[0])
            raise SettingsError(
                f"part {part.number} can't be called now: the window {window.name} is "
                f"closed in {part.territory} until {opens:%Y-%m-%d %H:%M} there"
            )
        return None

    def _enter(self) -> None:
        """Write the plan into the ledger; what was written stays."""
        plan, order = self.plan, self.plan.order
        campaign = Campaign(
            name=plan.campaign,
            own_name=order.name,
            tag=plan.tag,
            media=order.media,
            link=order.link,
            content_sha256=order.content_sha256,
            calls=plan.calls,
        )
        lots = [
            Lot(part.number, plan.campaign, part.recipients, _unix(part.at))
            for part in plan.parts
        ]
        self.ledger.calls.enter(self.client.account, campaign, lots)

    def _tell(self, part: Part) -> None:
        row = next(r for r in self.orderer.rows() if r.number == part.number)
        of = f"part {part.number} of {len(self.plan.parts)}, {row.calls:,} calls"
        told = f"mailing {row.mailing_id}" if row.mailing_id else str(row.state)
        self.orderer.say(f"{of}: {told}")


def _ordered(rows: Iterable[Mailed]) -> set[int]:
    return {row.number for row in rows if row.state is CallState.ORDERED}


def _on_our_clock(at: datetime) -> str:
    """Write a time on the account's clock, as plans show it."""
    return f"{at.astimezone(ZoneInfo(ACCOUNT_ZONE)):%Y-%m-%d %H:%M} ({ACCOUNT_ZONE})"


def _unix(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
