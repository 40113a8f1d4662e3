"""Find out who is called already: nobody gets the calls of one campaign twice.

A plan that is made anew (another date, a longer list) has another tag, and would be
another campaign to `send`. Its people are the same: what counts is the person's name
for it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from voiceprep.ledger import Campaign, Ledger

__all__ = ["called_already"]

RECENT: Final = timedelta(days=1)  # ours: next month's campaign may bear its name
_TAG: Final = re.compile(r" \[vp-[0-9A-Z]+\]$")
_FAILED: Final = "ko"  # R40; may be tried again. `no` may have been reached


def called_already(
    ledger: Ledger, account: str, name: str, now: datetime, *, but: str = ""
) -> set[str]:
    """Return whom campaigns of a name will call, or have called within a day.

    Who is known not to have been reached is not among them, nor whose mailing was
    removed by a stop. A stop alone says nothing: it may have been broken off. For a
    day after it, all calls of its campaign count: it is then that it is planned anew.

    Parameters
    ----------
    ledger : Ledger
    account : str
    name : str
        The person's own; a plan's tag, case and spaces do not count.
    now : datetime
        With an offset.
    but : str
        A campaign that does not count, by its whole name.

    Returns
    -------
    set of str
        E.164.
    """
    since = (now - RECENT).timestamp()
    others = (
        each
        for each in ledger.calls.campaigns(account)
        if _folded(each.own_name) == _folded(name) and each.name != but
    )
    return set[str]().union(*(_called(ledger, account, each, since) for each in others))


def _called(ledger: Ledger, account: str, campaign: Campaign, since: float) -> set[str]:
    is_fresh = campaign.stopped_at is not None and campaign.stopped_at >= since
    numbers = ledger.calls.called_by(account, campaign.name, 0.0 if is_fresh else since)
    if not numbers:  # last month's campaign: a million messages need not be read
        return numbers
    failed, others = set[str | None](), set[str | None]()
    for message in ledger.messages.of(account, campaign.name):
        of_state = failed if message.state == _FAILED else others
        of_state.add(message.recipient)
    return numbers - (failed - others)


def _folded(name: str) -> str:
    """Compare names as a person does; macOS writes é as two characters.

    Whoever copied the name from `mailing list` has a plan's tag in it.

    >>> _folded("Relance  MARS [vp-7K2Q]")
    'relance mars'
    """
    own = _TAG.sub("", name.rstrip())
    return " ".join(unicodedata.normalize("NFKC", own).split()).casefold()
