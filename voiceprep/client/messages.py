"""Reading messages: what became of each call (R40). They can't be written (R41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep import contract
from voiceprep.client.models import Message, parse_message
from voiceprep.client.resource import Resource
from voiceprep.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.client.resource import Filter
    from voiceprep.client.session import Session

__all__ = ["Messages"]

# R17: the platform's own choice, and the one attribute that the document promises.
# Our names for the others (contract.MESSAGE_FIELDS) may be unknown to it: 400.
PROPERTIES: Final = (contract.DEFAULT_PROPERTIES, "currentStatus")


class Messages:
    """Read messages, by their own ids or by their mailings.

    Parameters
    ----------
    session : Session
    api_url : str
        The service's base (H1), with a slash at its end.
    """

    def __init__(self, session: Session, api_url: str) -> None:
        self._sent = Resource(session, api_url + contract.MESSAGES, parse_message)

    def read(
        self,
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        mailing_id: Filter = None,
        mailing_name: Filter = None,
        state: str | None = None,
        properties: Sequence[str] = PROPERTIES,
        limit: int | None = None,
    ) -> Iterator[Message]:
        """Yield the messages that match every filter, page by page.

        Parameters
        ----------
        id, mailing_id, mailing_name : str or sequence of str, optional
            At least one is needed (R40); an empty one selects nothing.
        state : str, optional
            ``wait``, ``on``, ``ok``, ``ko`` or ``no``.
        properties : sequence of str
            The attributes to ask for (R17), always sent (R40); fewer are faster.
        limit : int, optional
            How many at most.

        Raises
        ------
        RefusedError
            Without any of the three filters. Nothing is sent then.
        AuthError, ContractError, UnavailableError
        """
        if id is None and mailing_id is None and mailing_name is None:
            raise RefusedError(
                "messages are read by id, mailing_id or mailing_name; the platform "
                "refuses to list them all (R40)"
            )
        filters = {
            "id": id,
            "mailingId": mailing_id,
            "mailingName": mailing_name,
            "status": state,
        }
        shown = tuple(dict.fromkeys(("id", *properties)))
        return self._sent.read(filters, limit=limit, properties=shown)
