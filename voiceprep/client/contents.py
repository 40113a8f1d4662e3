"""The verbs of contents: the recordings that the platform stores (R27 to R31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from voiceprep import contract
from voiceprep.client.models import Content, parse_content
from voiceprep.client.resource import Resource, only_row
from voiceprep.client.wire import UPLOAD, Attachment, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from voiceprep.client.deadline import Deadline
    from voiceprep.client.resource import Filter
    from voiceprep.client.session import Session
    from voiceprep.client.wire import Answer

__all__ = ["Contents"]


class Contents:
    """Create, read, update and delete stored recordings.

    Parameters
    ----------
    session : Session
    content_url : str
        The service's base (H1), with a slash at its end.
    """

    def __init__(self, session: Session, content_url: str) -> None:
        self._session = session
        self._stored = Resource(session, content_url + contract.CONTENTS, parse_content)

    def create(
        self,
        file: Path | BinaryIO,
        *,
        name: str,
        filename: str,
        mime_type: str,
        description: str | None = None,
        tags: Sequence[str] = (),
        deadline: Deadline | None = None,
    ) -> Content:
        """Upload a recording (R27) and return what the platform made of it.

        It is tried again only where nothing can have happened: no connection, a
        dead token, 429. Each try reads the file from byte 0.

        Parameters
        ----------
        file : Path or seekable binary file
            Streamed, never held in memory.
        name, filename, mime_type, description : str
        tags : sequence of str
        deadline : Deadline or None
            When it must be over; `deadline_s` from now by default.

        Raises
        ------
        UploadUnclearError
            If it may have happened: look it up by a tag before repeating it.
        RefusedError, AuthError, ContractError, UnavailableError
        OSError
            If the file can't be read.
        """
        form = [("name", name), ("description", description)]
        form += [(f"tags[{index}]", tag) for index, tag in enumerate(tags)]  # R10
        request = Request(
            "POST",
            self._stored.url,
            form=tuple((field, value) for field, value in form if value is not None),
            file=Attachment("contentFile", file, filename, mime_type),
            policy=UPLOAD,
        )
        return self._session.result(request, _created, deadline)

    def read(
        self,
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        tags: Filter = None,
        name: Filter = None,
        mime_type: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Content]:
        """Yield the contents that match every filter, page by page.

        Parameters
        ----------
        id, tags, name : str or sequence of str, optional
            An empty one selects nothing, never everything.
        mime_type : str, optional
        limit : int, optional
            How many at most.
        """
        filters = {"id": id, "tags": tags, "name": name, "mimeType": mime_type}
        return self._stored.read(filters, limit=limit)

    def get(self, id: str) -> Content | None:  # noqa: A002 - the platform's word
        """Return one content, or None if the account has none of this id."""
        return next(self.read(id=id, limit=1), None)

    def update(
        self,
        values: Mapping[str, Any],
        *,
        id: Filter = None,  # noqa: A002 - the platform's word
        name: Filter = None,
    ) -> int | None:
        """Give contents new values (R20), in the platform's words.

        Parameters
        ----------
        values : mapping
            Such as ``{"description": "Pour mars", "tags": ["mars"]}``.
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
        return self._stored.update({"id": id, "name": name}, values)

    def delete(self, *, id: str | Sequence[str]) -> int | None:  # noqa: A002
        """Delete contents by id (R20).

        Returns
        -------
        int or None
            How many there were; None where the platform does not say (R22).

        Raises
        ------
        UnavailableError
            If no answer came; to delete again does no harm.
        """
        return self._stored.delete({"id": id})


def _created(answer: Answer) -> Content:
    return parse_content(only_row(answer, "contents"))
