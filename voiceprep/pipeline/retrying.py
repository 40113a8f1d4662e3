"""Write the list of who may be called again, from what became of a campaign."""

from __future__ import annotations

import csv
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.cells import defused
from voiceprep.campaign.columns import RECIPIENT
from voiceprep.campaign.retry import Failed, History, Sorted, sorted_out
from voiceprep.pipeline.optouts import optouts
from voiceprep.pipeline.tallied import tallied
from voiceprep.pipeline.truth import dialled
from voiceprep.pipeline.whole import whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from voiceprep.client import Client
    from voiceprep.ledger import Known, Ledger
    from voiceprep.pipeline.plans import Cap

__all__ = ["Retry", "retry_list", "write"]

_DAY_S: Final = 86_400.0
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
    since = (time.time() if now is None else now) - cap.days * _DAY_S
    # Two witnesses: what we ordered, and what the platform says was called. The
    # greater counts: neither knows of every call.
    called = Counter(ledger.calls.called_since(account, since))
    called |= Counter(ledger.messages.calls_since(account, since))
    history = History(
        optouts=optouts(ledger),
        later=_last_calls(ledger, account, name),
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


def _last_calls(ledger: Ledger, account: str, but: str) -> dict[str, float]:
    """Say when others last called each number: as it is known, or as it was ordered."""
    ordered = ledger.calls.last_ordered(account, but)
    known = ledger.messages.last_calls(account, but)
    return {
        each: max(known.get(each, 0.0), ordered.get(each, 0.0))
        for each in known.keys() | ordered.keys()
    }


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
