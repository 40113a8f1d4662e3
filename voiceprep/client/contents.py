"""The verbs of contents: the recordings that the platform stores (R27 to R31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from voiceprep import contract
from voiceprep.client.models import Content, parse_content
from voiceprep.client.tolerant import whole
from voiceprep.client.verdict import NOT_MODIFIED, fields_of, rows_of
from voiceprep.client.wire import ONCE, UPLOAD, Attachment, Request
from voiceprep.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voiceprep.client.session import Session

__all__ = ["Contents"]

PAGE: Final = 100  # ours: rows asked for at once
# facts.md, "HTTP": at most 500; so many ids of 20 digits stay below the 8 KiB
# of an address (R22: 414).
MAX_IDS: Final = 250
NO_CONTENT: Final = 204


class Contents:
    """Create, read and delete stored recordings.

    Parameters
    ----------
    session : Session
    content_url : str
        The service's base (H1), with a slash at its end.
    """

    def __init__(self, session: Session, content_url: str) -> None:
        self._session = session
        self._url = content_url + contract.CONTENTS

    def create(
        self,
        file: Path | BinaryIO,
        *,
        name: str,
        filename: str,
        mime_type: str,
        description: str | None = None,
        tags: Sequence[str] = (),
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
            self._url,
            form=tuple((field, value) for field, value in form if value is not None),
            file=Attachment("contentFile", file, filename, mime_type),
            policy=UPLOAD,
        )
        answer = self._session.call(request)
        rows = rows_of(answer)
        if len(rows) != 1:
            raise ContractError(
                f"{answer.place}: {len(rows)} contents came back instead of one (R19)"
            )
        return parse_content(rows[0])

    def read(
        self,
        *,
        id: str | Sequence[str] | None = None,  # noqa: A002 - the platform's word
        tags: str | Sequence[str] | None = None,
        name: str | None = None,
        mime_type: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Content]:
        """Yield the contents that match every filter, page by page.

        Parameters
        ----------
        id, tags : str or sequence of str, optional
            An empty sequence selects nothing, never everything.
        name, mime_type : str, optional
        limit : int, optional
            How many at most.
        """
        filters = {"tags": _joined(tags), "name": name, "mimeType": mime_type}
        fixed = tuple((key, one) for key, one in filters.items() if one is not None)
        if tags is not None and not tags:
            return
        for chunk in _chunks(id):
            ids = () if chunk is None else (("id", ",".join(chunk)),)
            for row in self._rows((*ids, *fixed), limit):
                yield parse_content(row)
                limit = limit if limit is None else limit - 1

    def get(self, id: str) -> Content | None:  # noqa: A002 - the platform's word
        """Return one content, or None if the account has none of this id."""
        return next(self.read(id=id, limit=1), None)

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
        counts = [self._deleted(chunk) for chunk in _chunks(id) if chunk is not None]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def _rows(
        self, filters: tuple[tuple[str, str], ...], limit: int | None
    ) -> Iterator[dict[str, Any]]:
        """Yield rows until a page is short (R14), or ``limit`` is reached."""
        offset = 0
        page: list[dict[str, Any]] = []
        while limit is None or offset < limit:
            asked = PAGE if limit is None else min(PAGE, limit - offset)
            last, page = page, self._page(filters, asked, offset)
            yield from page[:asked]
            offset += asked
            if len(page) < asked:
                return
            if page == last:
                raise ContractError(f"GET {self._url}: a page is repeated (R14)")

    def _page(
        self, filters: tuple[tuple[str, str], ...], limit: int, offset: int
    ) -> list[dict[str, Any]]:
        window = (("limit", str(limit)), ("offset", str(offset)))
        order = ("sort", "id ASC")  # R16: so that pages do not overlap
        query = (*filters, *window, order)
        return rows_of(self._session.call(Request("GET", self._url, query=query)))

    def _deleted(self, ids: Sequence[str]) -> int | None:
        query = (("id", ",".join(ids)),)
        answer = self._session.call(
            Request("DELETE", self._url, query=query, policy=ONCE)
        )
        if answer.status == NOT_MODIFIED:
            return 0
        if answer.status == NO_CONTENT:
            return None
        return whole(fields_of(answer).get("count"), "count")


def _chunks(ids: str | Sequence[str] | None) -> Iterator[Sequence[str] | None]:
    """Yield ids in portions that an address can hold; None for no filter at all.

    An empty id is left out: no platform should be asked what it would select.
    """
    if ids is None:
        yield None
        return
    ids = [one for one in ([ids] if isinstance(ids, str) else ids) if one]
    for start in range(0, len(ids), MAX_IDS):
        yield ids[start : start + MAX_IDS]


def _joined(tags: str | Sequence[str] | None) -> str | None:
    return tags if tags is None or isinstance(tags, str) else ",".join(tags)
