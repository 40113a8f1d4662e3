"""Change resources as metaData says (R20, R21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Table, update

from voiceprep.sandbox.answers import RefusalError
from voiceprep.sandbox.parameters import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Column, Connection

    from voiceprep.sandbox.parameters import Parameters

__all__ = ["Writing", "column_set", "meta_data", "text_of"]

MAX_NAME_CHARS: Final = 255  # [ours]


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """Describe how an attribute is changed by metaData (R20).

    Parameters
    ----------
    read : callable
        Judges the value that was sent; raises RefusalError.
    apply : callable
        Changes the resources of some ids: (connection, ids, value, now).
    """

    read: Callable[[Any], Any]
    apply: Callable[[Connection, Sequence[int], Any, float], None]


def meta_data(given: Parameters) -> dict[str, Any]:
    """Return what metaData says: JSON, also inside JSON; quotes around it go."""
    raw = given.nested("metaData")
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) > 1 and text[0] == text[-1] == "'":  # as the document prints it
            text = text[1:-1]
        try:
            raw = parsed(text) if text else None
        except ValueError as error:
            raise RefusalError(400, "metaData is not valid JSON") from error
    if raw is None:
        raise RefusalError(417, "metaData is required: JSON of what changes")
    if not isinstance(raw, dict):
        raise RefusalError(400, "metaData must be a JSON object")
    if not raw:
        raise RefusalError(417, "metaData changes nothing")
    return raw


def column_set(
    column: Column[Any],
) -> Callable[[Connection, Sequence[int], Any, float], None]:
    """Make the change that sets a column, for `Writing.apply`."""
    table = column.table
    assert isinstance(table, Table)  # noqa: S101 (resources write to tables only)

    def apply(db: Connection, ids: Sequence[int], value: Any, _: float) -> None:
        here = update(table).where(table.c.id.in_(ids))
        db.execute(here.values({column.name: value}))

    return apply


def text_of(name: str, value: Any, *, most: int = MAX_NAME_CHARS) -> str:
    """Judge a text that a client sent for an attribute.

    >>> text_of("name", "Relance")
    'Relance'
    """
    if not isinstance(value, str) or not value:
        raise RefusalError(417, f"{name} must be a text that is not empty")
    if len(value) > most:
        raise RefusalError(417, f"{name} has over {most} characters")
    return value
