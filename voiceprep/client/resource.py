"""The machine behind every noun: read page by page, update and delete by filters.

A noun (`contents.py`, `mailings.py`, …) says which filters it has and how a row of
it is read; how they travel is said here, once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar
from urllib.parse import quote

from voiceprep.client.tolerant import whole
from voiceprep.client.verdict import NOT_MODIFIED, fields_of, rows_of
from voiceprep.client.wire import ONCE, Request
from voiceprep.errors import ContractError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from voiceprep.client.session import Session
    from voiceprep.client.wire import Answer

__all__ = ["Filter", "Resource", "only_row"]

T = TypeVar("T")
Filter: TypeAlias = "str | Sequence[str] | None"
Pairs: TypeAlias = tuple[tuple[str, str], ...]
Ids: TypeAlias = "tuple[str, Sequence[str]]"  # the filter's name, and its values

PAGE: Final = 100  # ours: rows asked for at once
MAX_IDS: Final = 500  # facts.md, "HTTP": of one call
# ours: an address of 8 KiB is refused (R22: 414), and the rest needs room too.
MAX_QUERY_CHARS: Final = 6_000
NO_CONTENT: Final = 204
ID_FILTERS: Final = ("id", "mailingId")  # those that may hold thousands of values
WHOLE: Final = frozenset({"name", "mailingName"})  # R20: never split on commas


@dataclass(frozen=True, slots=True)
class Resource(Generic[T]):
    """Read, update and delete the rows of one resource.

    Parameters
    ----------
    session : Session
    url : str
        Its address, without an extension.
    parse : callable
        Makes a value of a row.
    """

    session: Session
    url: str
    parse: Callable[[Mapping[str, Any]], T]

    def read(
        self,
        filters: Mapping[str, Filter],
        *,
        limit: int | None = None,
        properties: Sequence[str] = (),
    ) -> Iterator[T]:
        """Yield the rows that match every filter, page by page.

        Parameters
        ----------
        filters : mapping
            The platform's word to a value or several; None is no filter, and an
            empty one selects nothing, never everything.
        limit : int or None
            How many at most.
        properties : sequence of str
            The attributes to ask for (R17); none for the default ones.
        """
        shown = (("properties", ",".join(properties)),) if properties else ()
        left = limit
        for ids, others in _selections(filters):
            # An id has one row: when all may be there, no further page is asked for.
            most = len(ids[1]) if ids and ids[0] == "id" else None
            at_most = min((n for n in (left, most) if n is not None), default=None)
            for row in self._rows(ids, (*others, *shown), at_most):
                yield self.parse(row)
                left = left if left is None else left - 1

    def update(
        self, filters: Mapping[str, Filter], values: Mapping[str, Any]
    ) -> int | None:
        """Give every row that matches new values (R20); return how many there were.

        Returns
        -------
        int or None
            None where the platform does not say (R22).

        Raises
        ------
        RefusedError
            Without any filter: that would be everything. Nothing is sent then.
        UnavailableError
            If no answer came; to update again does no harm.
        """
        data = (("metaData", json.dumps(dict(values))),)
        return self._changed("PUT", filters, data)

    def delete(self, filters: Mapping[str, Filter]) -> int | None:
        """Delete every row that matches (R20); return how many there were.

        Returns and raises what `update` does.
        """
        return self._changed("DELETE", filters, ())

    def _rows(
        self, ids: Ids | None, filters: Pairs, limit: int | None
    ) -> Iterator[dict[str, Any]]:
        """Yield rows until a page is short (R14), or ``limit`` is reached."""
        offset = 0
        page: list[dict[str, Any]] = []
        while limit is None or offset < limit:
            asked = PAGE if limit is None else min(PAGE, limit - offset)
            last, page = page, self._page(ids, filters, asked, offset)
            yield from page[:asked]
            offset += asked
            if len(page) < asked:
                return
            if page == last:
                raise ContractError(f"GET {self.url}: a page is repeated (R14)")

    def _page(
        self, ids: Ids | None, filters: Pairs, limit: int, offset: int
    ) -> list[dict[str, Any]]:
        window = (("limit", str(limit)), ("offset", str(offset)))
        order = ("sort", "id ASC")  # R16: so that pages do not overlap
        asked = (*filters, *window, order)
        if ids is None:
            return rows_of(self.session.call(Request("GET", self.url, query=asked)))
        # R8: the same as GET, and thousands of ids are no address then.
        form = ((ids[0], ",".join(ids[1])), *asked)
        read = Request("POST", self.url, query=(("action", "read"),), form=form)
        return rows_of(self.session.call(read))

    def _changed(
        self, method: str, filters: Mapping[str, Filter], form: Pairs
    ) -> int | None:
        """Change what the filters select, in portions; return how many rows it was."""
        if all(value is None for value in filters.values()):
            raise RefusedError(
                f"{method} {self.url}: not sent: without a filter it would change "
                "everything; name an id (R20)"
            )
        counts: list[int | None] = []
        for ids, others in _selections(filters):
            # In the address: a body that got lost on the way would leave no filter.
            for few in _that_fit(ids[1]) if ids else [()]:
                chosen = ((ids[0], ",".join(few)),) if ids else ()
                counts.append(self._count(method, (*chosen, *others), form))
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def _count(self, method: str, query: Pairs, form: Pairs) -> int | None:
        change = Request(method, self.url, query=query, form=form, policy=ONCE)
        answer = self.session.call(change)
        if answer.status == NOT_MODIFIED:
            return 0
        if answer.status == NO_CONTENT:
            return None
        return whole(fields_of(answer).get("count"), "count")


def only_row(answer: Answer, noun: str) -> dict[str, Any]:
    """Return the created row (R19).

    Raises
    ------
    ContractError
        If there is none, or more than one.
    """
    rows = rows_of(answer)
    if len(rows) == 1:
        return rows[0]
    raise ContractError(
        f"{answer.place}: {len(rows)} {noun} came back instead of one (R19)",
        status=answer.status,
    )


def _selections(
    filters: Mapping[str, Filter],
) -> Iterator[tuple[Ids | None, Pairs]]:
    """Yield what to ask for, ids in portions, the other filters in each of them.

    Nothing is yielded where a filter is empty: it selects nothing, and no platform
    should be asked what it makes of one.
    """
    values = {
        name: _values(name, value)
        for name, value in filters.items()
        if value is not None
    }
    if not all(values.values()):
        return
    portioned = next((name for name in ID_FILTERS if name in values), None)
    ids = values.pop(portioned) if portioned else []
    others = tuple(_pairs(values))
    if portioned is None:
        yield None, others
        return
    for start in range(0, len(ids), MAX_IDS):
        yield (portioned, ids[start : start + MAX_IDS]), others


def _values(name: str, value: str | Sequence[str]) -> list[str]:
    """Return a filter's values, each once; blank ones are left out."""
    given = [value] if isinstance(value, str) else value
    if name not in WHOLE:
        given = [part.strip() for one in given for part in one.split(",")]  # R10
    return [one for one in dict.fromkeys(given) if one.strip()]


def _pairs(values: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for name, several in values.items():
        if name in WHOLE and len(several) > 1:
            yield from ((f"{name}[{n}]", one) for n, one in enumerate(several))
        else:
            yield name, ",".join(several)


def _that_fit(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids in portions that an address can hold."""
    few: list[str] = []
    chars = 0
    for one in ids:
        chars += len(quote(one)) + len("%2C")
        if few and chars > MAX_QUERY_CHARS:
            yield few
            few, chars = [], len(quote(one)) + len("%2C")
        few.append(one)
    yield few
