"""Find out who is called already: nobody gets the calls of one campaign twice.

A plan that is made anew (another date, a longer list) has another tag, and would be
another campaign to `send`. Its people are the same: what counts is the person's name
for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from voiceprep.campaign.plan import Plan
    from voiceprep.ledger import Campaign, Ledger

__all__ = ["called_already", "called_near"]

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
        The person's own; a plan's tag, case, accents and spaces do not
        count.
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


def called_near(
    ledger: Ledger, account: str, plan: Plan, now: datetime
) -> Counter[str]:
    """Count whom of a plan other campaigns call within a day of it.

    Parameters
    ----------
    ledger : Ledger
    account : str
    plan : Plan
    now : datetime
        With an offset.

    Returns
    -------
    Counter
        Campaign → how many of the plan's people; those that were stopped left out.
    """
    begins = [part.at or now for part in plan.parts]
    since, until = min(begins) - RECENT, max(begins) + RECENT
    people = {number for part in plan.parts for number in part.recipients}
    span = (since.timestamp(), until.timestamp())
    near = Counter(
        campaign
        for number, campaign in ledger.calls.called_between(account, *span)
        if number in people
    )
    stopped = {each.name for each in ledger.calls.campaigns(account) if each.is_stopped}
    for name in (*stopped, plan.campaign):
        del near[name]
    return near


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
    """Compare names as a person does, who may leave accents out.

    Whoever copied the name from `mailing list` has a plan's tag in it.

    >>> _folded("Fête  de MARS [vp-7K2Q]")
    'fete de mars'
    """
    own = unicodedata.normalize("NFKD", _TAG.sub("", name.rstrip()))
    plain = "".join(sign for sign in own if not unicodedata.combining(sign))
    return " ".join(plain.split()).casefold()
