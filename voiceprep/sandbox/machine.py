"""The machine that all resources run on: attributes, filters, order, changes.

A resource is a table of `Attribute` rows (contents.py, mailings.py, messages.py); what
R13 to R20 say of reading and writing is done here and in `store`, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    Table,
    func,
    select,
)

from voiceprep.contract import DEFAULT_PROPERTIES, NEVER_FILTERS
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.times import iso
from voiceprep.sandbox.writings import meta_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voiceprep.sandbox.calls import Call
    from voiceprep.sandbox.parameters import Parameters
    from voiceprep.sandbox.store import Store
    from voiceprep.sandbox.writings import Writing

__all__ = [
    "DATE",
    "FLAG",
    "ID",
    "NUMBER",
    "TEXT",
    "WORD",
    "Attribute",
    "Kind",
    "Resource",
    "Row",
    "Shown",
    "Tell",
    "chunks",
]

MAX_VALUES: Final = 10_000  # [ours] of a call's filters; SQLite takes 32,766
_CHUNK: Final = 500  # ids in one statement
_LARGEST_ID: Final = (1 << 63) - 1

Row = RowMapping
Shown = dict[str, Any]  # a resource, as the platform shows it
Tell = Callable[[Connection, int], Shown]


def _as_is(value: Any) -> Any:
    return value


def _integer(word: str) -> int:
    number = int(word) if word.isascii() and word.isdecimal() else _LARGEST_ID + 1
    if number > _LARGEST_ID:
        raise ValueError(word)
    return number


def _flag(word: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[word.lower()]


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe a kind of value: how a filter reads it, and how it is shown.

    Parameters
    ----------
    read : callable or None
        From a filter's word; None can't be filtered by.
    show : callable
    split : bool
        Whether a filter's value is a list with commas (R10, R20).
    """

    read: Callable[[str], Any] | None
    show: Callable[[Any], Any] = _as_is
    split: bool = True


TEXT: Final = Kind(str, split=False)
WORD: Final = Kind(str)
NUMBER: Final = Kind(_integer)
ID: Final = Kind(_integer, str)  # R30: ids and sizes are strings
FLAG: Final = Kind(_flag, bool)
DATE: Final = Kind(None, iso)


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """Describe one attribute of a resource.

    Parameters
    ----------
    name : str
        The platform's word.
    kind : Kind
    column : ColumnElement or None
        What holds it; it is shown, filtered and sorted by.
    needs : tuple of Column
        Other columns that `made` or `load` read.
    made : callable or None
        Makes the value from a row and the base of links.
    load : callable or None
        Gets the values of many rows at once, by their ids.
    among : callable or None
        The filter's condition, where it is not that the column has one of the values.
    parts : tuple of str
        Of a nested value.
    of : Table or None
        Whose ids its values are; those of another client are refused (R22).
    hidden : bool
        Whether it is a filter only.
    writing : Writing or None
        None is read-only.
    """

    name: str
    kind: Kind = WORD
    column: ColumnElement[Any] | None = None
    needs: tuple[Column[Any], ...] = ()
    made: Callable[[Row, str], Any] | None = None
    load: Callable[[Connection, Sequence[Row]], Mapping[int, Any]] | None = None
    among: Callable[[Sequence[Any]], ColumnElement[bool]] | None = None
    parts: tuple[str, ...] = ()
    of: Table | None = None
    hidden: bool = False
    writing: Writing | None = None

    def show(self, row: Row, base_url: str, loaded: Mapping[int, Any]) -> Any:
        """Return the value as the platform shows it."""
        if self.load is not None:
            return loaded[row["id"]]
        if self.made is not None:
            return self.made(row, base_url)
        return self.kind.show(row[self.name])

    def condition(self, given: Parameters) -> ColumnElement[bool]:
        """Return what a filter asks for: one of its values."""
        values = self.values(given)
        if self.among is not None:
            return self.among(values)
        assert self.column is not None  # noqa: S101 (`Resource.filters` saw to it)
        return self.column.in_(values)

    def values(self, given: Parameters) -> list[Any]:
        """Return the values that a filter asks for."""
        several = given.many if self.kind.split else given.whole
        words = several(self.name)
        return [self._value(word) for word in words]

    def _value(self, word: str) -> Any:
        assert self.kind.read is not None  # noqa: S101 (`Resource.filters` saw to it)
        try:
            return self.kind.read(word)
        except (ValueError, KeyError) as error:
            raise RefusalError(400, f"{self.name} can't be {word[:40]!r}") from error

    @property
    def filters(self) -> bool:
        """Say whether it can be filtered by."""
        held = self.column is not None or self.among is not None
        return held and self.kind.read is not None


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """Describe one resource.

    Parameters
    ----------
    name, singular : str
        As the path and the rows of XML have it.
    source : FromClause
        A table, or several joined.
    key, owner, born : Column
        Its id, its client, and when it was created.
    attributes : tuple of Attribute
        In the order in which answers show them; all are defaults.
    required : tuple of str
        Filters of which one must be given.
    create : callable or None
        Makes one of a call: (store, client_id, call, tell), returns what `tell` does
        of its id, in the transaction that it was made in.
    create_is_slow : bool
        Whether that takes long, so that others must not queue behind it.
    guard : callable or None
        Refuses changes of attributes, or removal: (connection, ids, names).
    remove : callable or None
        Removes some ids; returns the folders that go with them.
    """

    name: str
    singular: str
    source: FromClause
    key: Column[Any]
    owner: Column[Any]
    born: Column[Any]
    attributes: tuple[Attribute, ...]
    required: tuple[str, ...] = ()
    create: Callable[[Store, str, Call, Tell], Shown] | None = None
    create_is_slow: bool = False
    guard: Callable[[Connection, Sequence[int], Sequence[str]], None] | None = None
    remove: Callable[[Connection, Sequence[int]], list[str]] | None = None

    @property
    def methods(self) -> dict[str, str]:
        """Return what may be done with it, by HTTP's methods (R8)."""
        able = {
            "GET": "read",
            "POST": "create" if self.create else "read",
            "PUT": "update" if any(each.writing for each in self.attributes) else "",
            "DELETE": "delete" if self.remove else "",
        }
        return {method: action for method, action in able.items() if action}

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of a name."""
        return next((each for each in self.attributes if each.name == name), None)

    def shown(self, asked: Sequence[str]) -> list[Attribute]:
        """Return the attributes to show (R17), in the resource's order."""
        everything = [each.name for each in self.attributes if not each.hidden]
        only_removals = all(word.startswith("-") for word in asked)
        chosen: set[str] = set(everything) if only_removals else set()
        for word in asked:
            name = word.removeprefix("-")
            if name == DEFAULT_PROPERTIES:
                chosen |= set(everything)
            elif name not in everything:
                raise RefusalError(
                    400, f"unknown property {name[:40]!r} of {self.name}"
                )
            elif word.startswith("-"):
                chosen.discard(name)
            else:
                chosen.add(name)
        return [each for each in self.attributes if each.name in chosen]

    def columns(self, shown: Sequence[Attribute]) -> tuple[str, ...]:
        """Return the columns of a table that shows some attributes (R26)."""
        each = ((attribute.name, attribute.parts) for attribute in shown)
        return tuple(
            column
            for name, parts in each
            for column in ([f"{name}.{part}" for part in parts] or [name])
        )

    def filters(self, given: Parameters) -> list[Attribute]:
        """Return the filters of a call, to be ANDed (R20).

        An unknown filter is refused: to ignore it would select too much (R13).
        """
        names = [name for name in given.names if name not in NEVER_FILTERS]
        texts = (text for name in names for text in given.whole(name))
        if sum(text.count(",") + 1 for text in texts) > MAX_VALUES:
            raise RefusalError(400, f"the filters have over {MAX_VALUES} values")
        return [self._filter(name) for name in names]

    def _filter(self, name: str) -> Attribute:
        attribute = self.attribute(name)
        if attribute is None or not attribute.filters:
            raise RefusalError(400, f"unknown filter {name[:40]!r} of {self.name}")
        return attribute

    def ordered(self, query: Select[Any], sort: str | None) -> Select[Any]:
        """Order a query as `sort` says (R16), then by id."""
        words = (sort or "").split()
        if not words:
            return query.order_by(self.key)
        direction = words[1].upper() if len(words) > 1 else "ASC"
        attribute = self.attribute(words[0])
        if attribute is None or attribute.column is None:
            raise RefusalError(
                400, f"unknown attribute {words[0][:40]!r} to sort {self.name} by"
            )
        if len(words) > 2 or direction not in {"ASC", "DESC"}:
            raise RefusalError(400, "sort takes an attribute and ASC or DESC")
        up = direction == "ASC"
        by = attribute.column.asc() if up else attribute.column.desc()
        # As SQLite has it; PostgreSQL would begin with what is null.
        return query.order_by(by.nulls_first() if up else by.nulls_last(), self.key)

    def selection(self, shown: Sequence[Attribute]) -> Select[Any]:
        """Return the query for what some attributes need, and the id."""
        columns: dict[str, ColumnElement[Any]] = {"id": self.key}
        for each in shown:
            if each.column is not None:
                columns[each.name] = each.column
            columns |= {column.name: column for column in each.needs}
        named = [column.label(name) for name, column in columns.items()]
        return select(*named).select_from(self.source)

    def count(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Return the query that counts rows."""
        return select(func.count()).select_from(self.source).where(*conditions)

    def changes(self, given: Parameters) -> list[tuple[Attribute, Any]]:
        """Return the attributes that metaData changes, and to what (R20, R21)."""
        told = meta_data(given)
        changes = []
        for name, value in told.items():
            attribute = self.attribute(name)
            if attribute is None or attribute.writing is None:
                raise RefusalError(
                    400, f"metaData: {name[:40]!r} of {self.name} can't be changed"
                )
            changes.append((attribute, attribute.writing.read(value)))
        return changes


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids in parts that fit into one statement.

    >>> [len(part) for part in chunks(range(1_200))]
    [500, 500, 200]
    """
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
