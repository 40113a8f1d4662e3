"""The verbs of mailings: calls that are ordered once, and never twice (R32 to R37)."""

from __future__ import annotations

import json
from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING, Any

from voiceprep import contract
from voiceprep.client.models import Mailing, parse_mailing
from voiceprep.client.resource import Resource, only_row
from voiceprep.client.wire import MAILING, Request
from voiceprep.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voiceprep.client.resource import Filter
    from voiceprep.client.session import Session
    from voiceprep.client.wire import Answer

__all__ = ["Mailings"]


class Mailings:
    """Create, read, update and delete mailings.

    Parameters
    ----------
    session : Session
    api_url : str
        The service's base (H1), with a slash at its end.
    """

    def __init__(self, session: Session, api_url: str) -> None:
        self._session = session
        self._ordered = Resource(session, api_url + contract.MAILINGS, parse_mailing)

    def create(
        self,
        contacts: Sequence[str],
        *,
        link: str,
        media: str,
        type: str | None = None,  # noqa: A002 - the platform's word
        name: str | None = None,
        date: datetime | str | None = None,
        ping_url: str | None = None,
    ) -> Mailing:
        """Order calls (R32); return the mailing that the platform made of them.

        It is sent again only where nothing can have happened: no connection, a
        dead token (once), 429. There is no idempotency key (R37): a repeated
        create calls people twice.

        Parameters
        ----------
        contacts : sequence of str
            1 to 1,000 numbers (R35), in a form of the platform (R34).
        link : str
            A content's ``url`` for VOICE, its ``url_encoded`` for VOICEMAIL (R33).
        media : str
            ``"VOICE"`` or ``"VOICEMAIL"``.
        type : str, optional
            ``"wav"`` (for MP3 too) or ``"vxml"``; needed with VOICE.
        name : str, optional
            Of the campaign; no comma in it (R20).
        date : datetime or str, optional
            When to call, ISO 8601. Absent or past is at once (R32); without an
            offset it is in the account's zone (R37).
        ping_url : str, optional
            Called at each change, with ``#id#`` or ``#ids#`` in it (R38).

        Raises
        ------
        OutcomeUnknownError
            If it may have happened: a person must look it up on the platform
            before anything is repeated.
        RefusedError
            If the platform refuses it; or if it would, and it was not sent.
        AuthError, ContractError, UnavailableError
            If it was not sent, or refused before anything was done.
        """
        numbers = [contacts] if isinstance(contacts, str) else contacts
        order = {
            "name": name,
            "link": link,
            "media": media.upper(),
            "type": type,
            "date": date.isoformat() if isinstance(date, datetime) else date,
            "contacts": _contacts(numbers),
            "pingUrl": ping_url,
        }
        said = {field: value for field, value in order.items() if value}
        if fault := _fault(said, len(numbers)):
            raise RefusedError(f"the mailing was not sent: {fault}")
        request = Request(
            "POST",
            self._ordered.url,
            form=tuple(said.items()),
            policy=MAILING,
            doubt=_doubt(said, len(numbers)),
        )
        return self._session.result(request, _created)

    def read(
        self,
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        name: Filter = None,
        properties: Sequence[str] = (),
        limit: int | None = None,
    ) -> Iterator[Mailing]:
        """Yield the mailings that match every filter, page by page.

        Parameters
        ----------
        id, name : str or sequence of str, optional
            An empty one selects nothing, never everything.
        properties : sequence of str
            The attributes to ask for (R17); none for the default ones.
        limit : int, optional
            How many at most.
        """
        filters = {"id": id, "name": name}
        return self._ordered.read(filters, limit=limit, properties=properties)

    def get(self, id: str) -> Mailing | None:  # noqa: A002 - the platform's word
        """Return one mailing, or None if the account has none of this id."""
        return next(self.read(id=id, limit=1), None)

    def update(
        self,
        values: Mapping[str, Any],
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        name: Filter = None,
    ) -> int | None:
        """Give mailings new values while they wait (R20), in the platform's words.

        Parameters
        ----------
        values : mapping
            Such as ``{"date": "2026-12-01T09:00:00+01:00"}``.
        id, name : str or sequence of str, optional
            Which ones; at least one is needed.

        Returns
        -------
        int or None
            How many matched; None where the platform does not say (R22).

        Raises
        ------
        RefusedError, AuthError, ContractError, UnavailableError
            To update again does no harm.
        """
        return self._ordered.update({"id": id, "name": name}, values)

    def delete(
        self,
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        name: Filter = None,
    ) -> int | None:
        """Delete mailings while they wait (R20).

        Takes, returns and raises what `update` does.
        """
        return self._ordered.delete({"id": id, "name": name})


def _contacts(numbers: Sequence[str]) -> str:
    """Write contacts as JSON text (R11, R32)."""
    rows = [{"recipient": number} for number in numbers]
    return json.dumps(rows, separators=(",", ":"))


def _fault(order: Mapping[str, str], contacts: int) -> str:
    """Say what the platform would refuse, or might take for something else."""
    media, most = order.get("media", ""), contract.MAX_CONTACTS
    typed = media != contract.VOICE or order.get("type") in contract.VOICE_TYPES
    faults = {
        f"{contacts:,} contacts; a creation takes 1 to {most:,} (R35)": (
            not 1 <= contacts <= most
        ),
        "there is no link to play (R32)": not order.get("link"),
        f"media {media!r} is neither {' nor '.join(contract.MEDIA)} (R32)": (
            media not in contract.MEDIA
        ),
        f"VOICE needs a type: {' or '.join(contract.VOICE_TYPES)} (R32)": not typed,
        "its name holds a comma, and could never be looked up by it (R20)": (
            "," in order.get("name", "")
        ),
        "its date is not ISO 8601: it must not be taken for none (R32)": (
            not _is_date(order.get("date"))
        ),
    }
    return next((words for words, wrong in faults.items() if wrong), "")


def _is_date(said: str | None) -> bool:
    try:
        return said is None or bool(datetime.fromisoformat(said))
    except ValueError:
        return False


def _doubt(order: Mapping[str, str], contacts: int) -> str:
    """Say what a person must look up after an unclear outcome, and how."""
    name = order.get("name")
    called = f"named {name!r}" if name else "without a name"
    by_name = f" --name {quote(name)}" if name else ""
    return (
        "these calls may be ordered already. Don't repeat it: look on the platform for "
        f"a mailing {called}, of {contacts:,} contacts, created just now "
        f"(voiceprep mailing list{by_name})"
    )


def _created(answer: Answer) -> Mailing:
    return parse_mailing(only_row(answer, "mailings"))
