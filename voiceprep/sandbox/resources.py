"""The resources, a table each: attributes, filters, order. One machine reads all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, Table, func, select

from voiceprep.contract import CONTENTS, DEFAULT_PROPERTIES, NEVER_FILTERS
from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.schema import content_tags, contents

if TYPE_CHECKING:
    from voiceprep.sandbox.parameters import Parameters

__all__ = ["RESOURCES", "Attribute", "Resource"]

MAX_VALUES: Final = 1_000  # [ours] of one filter
_LARGEST_ID: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Attribute:
    """Describe one attribute of a resource.

    Parameters
    ----------
    name : str
        The platform's word.
    stored : bool
        Whether a column holds it, so that it can be filtered and sorted by.
    number : bool
        Whether a filter's values must be integers.
    split : bool
        Whether a filter's value is a list with commas (R10, R20).
    """

    name: str
    stored: bool = True
    number: bool = False
    split: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """Describe one resource.

    Parameters
    ----------
    name : str
        As the path has it.
    table : Table
    attributes : tuple of Attribute
        In the order in which answers show them; all are defaults.
    actions : tuple of str
        What may be done with it (R8).
    """

    name: str
    table: Table
    attributes: tuple[Attribute, ...]
    actions: tuple[str, ...]

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of a name."""
        return next((each for each in self.attributes if each.name == name), None)

    def properties(self, asked: tuple[str, ...]) -> list[str]:
        """Return the attributes to show (R17), in the resource's order."""
        everything = [attribute.name for attribute in self.attributes]
        chosen: set[str] = set() if asked else set(everything)
        for word in asked:
            name = word.removeprefix("-")
            if name == DEFAULT_PROPERTIES:
                chosen |= set(everything)
            elif name not in everything:
                raise RefusalError(400, f"unknown property {name!r} of {self.name}")
            elif word.startswith("-"):
                chosen.discard(name)
            else:
                chosen.add(name)
        return [name for name in everything if name in chosen]

    def conditions(self, given: Parameters) -> list[ColumnElement[bool]]:
        """Return what the filters of a call ask for, to be ANDed (R20).

        An unknown filter is refused: to ignore it would select too much (R13).
        """
        names = [name for name in given.values if name not in NEVER_FILTERS]
        return [self._condition(name, given) for name in names]

    def _condition(self, name: str, given: Parameters) -> ColumnElement[bool]:
        attribute = self.attribute(name)
        if attribute is None or not (attribute.stored or name == "tags"):
            raise RefusalError(400, f"unknown filter {name!r} of {self.name}")
        values = given.many(name) if attribute.split else given.whole(name)
        if len(values) > MAX_VALUES:
            raise RefusalError(400, f"more than {MAX_VALUES} values for {name}")
        if name == "tags":
            tagged = select(content_tags.c.content_id)
            return contents.c.id.in_(tagged.where(content_tags.c.tag.in_(values)))
        if attribute.number:
            return self.table.c[name].in_([_integer(name, word) for word in values])
        return self.table.c[name].in_(values)

    def ordered(self, query: Select[Any], sort: str | None) -> Select[Any]:
        """Order a query as `sort` says (R16), then by id."""
        words = (sort or "").split()
        if not words:
            return query.order_by(self.table.c.id)
        direction = words[1].upper() if len(words) > 1 else "ASC"
        attribute = self.attribute(words[0])
        if attribute is None or not attribute.stored:
            raise RefusalError(
                400, f"unknown attribute {words[0]!r} to sort {self.name} by"
            )
        if len(words) > 2 or direction not in {"ASC", "DESC"}:
            raise RefusalError(400, "sort takes an attribute and ASC or DESC")
        column = self.table.c[words[0]]
        by = column.desc() if direction == "DESC" else column.asc()
        return query.order_by(by, self.table.c.id)

    def count(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Return the query that counts rows."""
        return select(func.count()).select_from(self.table).where(*conditions)


def _integer(name: str, word: str) -> int:
    if not word.isascii() or not word.isdecimal() or int(word) > _LARGEST_ID:
        raise RefusalError(400, f"{name} {word[:40]!r} is not a number")
    return int(word)


RESOURCES: Final = {
    CONTENTS: Resource(
        CONTENTS,
        contents,
        (
            Attribute("id", number=True),
            Attribute("name", split=False),
            Attribute("description", split=False),
            Attribute("comment", split=False),
            Attribute("filename", split=False),
            Attribute("filesize", number=True),
            Attribute("mimeType"),
            Attribute("duration", number=True),
            Attribute("tags", stored=False),
            Attribute("url", stored=False),
            Attribute("url_encoded", stored=False),
        ),
        ("create", "read", "delete"),
    )
}
