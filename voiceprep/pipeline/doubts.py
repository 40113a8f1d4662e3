"""Find out what was ordered: read a name's mailings back, and tell whose they are.

A mailing bears the campaign's name, which many share; whom it calls tells which part
it is. Nothing is ordered here, and absence is never taken for proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.errors import RefusedError, UnavailableError
from voiceprep.ledger import CallState, Mailed, digest_of
from voiceprep.pipeline.truth import dialled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.client import Client, Mailing
    from voiceprep.ledger import Ledger

__all__ = ["read_back", "strangers"]

_NAMED: Final = ("DEFAULT", "name")  # R17
_WHO: Final = ("id", "recipient")  # of a message: all that is asked for


def read_back(
    client: Client, ledger: Ledger, rows: Sequence[Mailed]
) -> list[tuple[Mailed, Mailing]]:
    """Adopt what the platform has of some mailings and the ledger does not know.

    Parameters
    ----------
    rows : sequence of Mailed
        Of one campaign.

    Returns
    -------
    list of (Mailed, Mailing)
        What was adopted, as the ledger has it now.

    Raises
    ------
    RefusedError
        Where a mailing of that name calls others, or the same people once more.
    UnavailableError
        Where one does not show yet whom it calls.
    """
    adopted = []
    left = list(rows)
    for mailing, people in strangers(client, rows):
        row = _whose(mailing, people, left)
        left.remove(row)
        told = ledger.calls.end(
            client.account,
            row.campaign,
            row.number,
            CallState.ORDERED,
            mailing_id=mailing.id,
        )
        adopted.append((told, mailing))
    return adopted


def strangers(
    client: Client, rows: Sequence[Mailed]
) -> Iterator[tuple[Mailing, frozenset[str]]]:
    """Yield each mailing of these names that no row knows, with whom it calls."""
    known = {row.mailing_id for row in rows}
    for name in dict.fromkeys(row.name for row in rows):
        for mailing in client.mailings.read(name=name, properties=_NAMED):
            if mailing.name in {name, None} and mailing.id not in known:
                yield mailing, _people(client, mailing)


def _people(client: Client, mailing: Mailing) -> frozenset[str]:
    """Read whom a mailing calls; all of them, or it is too early."""
    messages = list(client.messages.read(mailing_id=mailing.id, properties=_WHO))
    people = frozenset(dialled(each.recipient) for each in messages if each.recipient)
    count = mailing.contacts_count
    if not people or (count is not None and len(messages) < count):
        of = "" if count is None else f" of {count:,}"
        raise UnavailableError(
            f"mailing {mailing.id} of {mailing.name!r} shows {len(people):,}{of} of "
            "its calls so far: whose it is can't be told yet; nothing more was sent, "
            "run it again in a minute"
        )
    return people


def _whose(mailing: Mailing, people: frozenset[str], rows: Sequence[Mailed]) -> Mailed:
    digest = digest_of(people)
    own = [
        row
        for row in rows
        if row.name == mailing.name and row.recipients_sha256 == digest
    ]
    free = next((row for row in own if row.mailing_id is None), None)
    if free is not None:
        return free
    if own:
        fact = f"calls the people of part {own[0].number} once more"
    else:
        fact = f"calls {len(people):,} people who are no part of its plan"
    raise RefusedError(
        f"mailing {mailing.id} bears the name {mailing.name!r} and {fact}: nothing "
        f"more was sent; look at it (voiceprep mailing show {mailing.id}), or end "
        "everything of that name with `voiceprep mailing stop`"
    )
