"""Know who asked for no more calls: what was learnt, and what nobody has asked yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voiceprep.errors import ContractError, RefusedError
from voiceprep.pipeline.following import unfinished
from voiceprep.pipeline.truth import Truth, dialled

if TYPE_CHECKING:
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger

__all__ = ["ask_for_optouts", "optouts"]

BY: Final = "plan"
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def optouts(ledger: Ledger) -> set[str]:
    """Return the numbers (E.164) that asked for no more calls, at whatever account."""
    told = ledger.messages.optouts()
    # Ledgers of earlier versions hold them as the platform wrote them.
    spelled = {each if _E164.fullmatch(each) else dialled(each) for each in told}
    return {each for each in spelled if _E164.fullmatch(each)}


def ask_for_optouts(client: Client, ledger: Ledger, *, but: str = "") -> None:
    """Learn who asked for no more calls in campaigns that nobody followed to their end.

    A short call for each: messages are read only where the platform counts more such
    people than the ledger knows. What the platform does not tell stays unknown.

    Parameters
    ----------
    client : Client
    ledger : Ledger
    but : str
        A campaign whose own people do not matter, by its whole name.

    Raises
    ------
    AuthError, UnavailableError, LedgerError
    """
    truth = Truth(client, ledger)
    for name in unfinished(ledger, client.account):
        if name != but:
            _ask(truth, name)


def _ask(truth: Truth, name: str) -> None:
    try:
        counted = truth.client.stats.total(name=name).optout
        if counted > len(truth.ledger.messages.optouts(truth.account, name)):
            truth.by_name(name, BY)
    except (ContractError, RefusedError):
        return  # one campaign that can't be read must not keep all others from going
