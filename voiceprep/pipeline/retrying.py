"""Write the list of who may be called again, from what became of a campaign."""

from __future__ import annotations

import csv
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.cells import defused
from voiceprep.campaign.columns import RECIPIENT
from voiceprep.campaign.retry import Coming, Failed, History, Sorted, sorted_out
from voiceprep.pipeline.optouts import optouts
from voiceprep.pipeline.tallied import tallied
from voiceprep.pipeline.truth import dialled
from voiceprep.pipeline.whole import whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from voiceprep.client import Client
    from voiceprep.ledger import Known, Ledger, Ordered
    from voiceprep.pipeline.plans import Cap

__all__ = ["Retry", "retry_list", "write"]

_DAY_S: Final = 86_400.0
_EVER: Final = 1e12  # Unix time, far beyond every call: it rings now
HEADER: Final = (RECIPIENT, "message", "reason", "called")


@dataclass(frozen=True, slots=True)
class Retry:
    """Hold who may be called again.

    Parameters
    ----------
    name : str
        Of the campaign.
    sorted : Sorted
    called : mapping
        Number → calls in the days of the cap.
    trouble : str
        Why messages could not be read now; ``""`` where they were.
    is_known : bool
        Whether anything bears the name, here or there.
    """

    name: str
    sorted: Sorted
    called: dict[str, int]
    trouble: str = ""
    is_known: bool = True

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each who may be called again; numbers are whole."""
        return [
            {
                RECIPIENT: each.recipient,
                "message": each.message,
                "reason": each.description,
                "called": self.called.get(each.recipient or "", 0),
            }
            for each in self.sorted.again
        ]


def retry_list(
    client: Client,
    ledger: Ledger,
    name: str,
    cap: Cap,
    *,
    admitted: Collection[str] = (),
    now: float | None = None,
) -> Retry:
    """Choose who of a campaign may be called again; nobody is called.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    name : str
        As the mailings bear it.
    cap : Cap
    admitted : collection of str
        Words in reasons that a person takes for what passes.
    now : float, optional
        Unix time.

    Raises
    ------
    AuthError, ContractError, RefusedError, UnavailableError, LedgerError
    """
    told = tallied(client, ledger, name)
    account = client.account
    now = time.time() if now is None else now
    since = now - cap.days * _DAY_S
    # Two witnesses: what we ordered, and what the platform says was called. The
    # greater counts: neither knows of every call.
    called = Counter(ledger.calls.called_since(account, since))
    called |= Counter(ledger.messages.calls_since(account, since))
    made, coming = _others(ledger, account, name, now)
    history = History(
        optouts=optouts(ledger),
        later=made,
        coming=coming,
        called=called,
        cap=cap.calls,
    )
    calls = (
        Failed(each.id, _number(each), each.state, each.description, each.since)
        for each in ledger.messages.of(account, name)
    )
    again = sorted_out(calls, history, admitted)
    return Retry(name, again, dict(called), told.trouble, told.is_known)


def _number(known: Known) -> str | None:
    """Return whom a message called; earlier versions kept it as it came."""
    return known.recipient and dialled(known.recipient)


def _others(
    ledger: Ledger, account: str, but: str, now: float
) -> tuple[dict[str, float], dict[str, Coming]]:
    """Say when others last called each number, and what is still to call it."""
    made: dict[str, float] = {}
    coming: dict[str, Coming] = {}
    for number, call in _calls(ledger, account, but, now):
        if isinstance(call, Coming):
            coming[number] = min(coming.get(number, call), call, key=_first)
        elif call is not None:
            made[number] = max(made.get(number, call), call)
    return made, coming


def _calls(
    ledger: Ledger, account: str, but: str, now: float
) -> Iterator[tuple[str, float | Coming | None]]:
    """Yield when others called whom a campaign called, or will; None is never.

    What the platform told of a call decides; else what it was ordered for.
    """
    who = {_number(each) for each in ledger.messages.of(account, but)}
    own = {each.name: each.own_name for each in ledger.calls.campaigns(account)}
    orders = {
        (each.name, each.recipient): each._replace(campaign=own[each.campaign])
        for each in ledger.calls.orders(account, but)
        if each.recipient in who
    }
    for message in ledger.messages.of_others(account, but):
        number = _number(message)
        if number and number in who:
            order = orders.pop((message.campaign or "", number), None)
            yield number, _told(message, order, now)
    for order in orders.values():
        yield order.recipient, _ordered(order, now)


def _told(message: Known, order: Ordered | None, now: float) -> float | Coming | None:
    """Return when a call was made, or what is still to make it, as was last read."""
    if message.never_rang:
        return None
    if message.is_final:
        return message.learnt_at if message.since is None else message.since
    is_gone = message.gone_at is not None
    if message.state == "on" and not is_gone:
        return _EVER
    if order is not None and order.at <= now:
        return order.at  # it waited when it was read, and may have rung since
    if is_gone:
        return None
    return _ordered(order, now) if order else Coming(message.campaign or "")


def _ordered(order: Ordered, now: float) -> float | Coming:
    return order.at if order.at <= now else Coming(order.campaign, order.at)


def _first(call: Coming) -> float:
    return _EVER if call.at is None else call.at


def write(rows: Iterable[dict[str, Any]], path: Path) -> None:
    """Write the list, whole under its name or not at all; for its owner alone.

    No cell is one that a spreadsheet runs.

    Raises
    ------
    OSError
    """
    with whole(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in rows:
            writer.writerow([defused(str(row[name] or "")) for name in HEADER])
