"""Merge a call's parameters, wherever they stand (R9), in all their forms (R10)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from voiceprep.sandbox.answers import RefusalError

__all__ = ["Parameters", "merged", "of_json"]

_INDEXED: Final = re.compile(r"([^\[\]]+)\[\d*\]")  # id[0], id[]; names keep nesting
_MAX_PARAMETERS: Final = 10_000  # [ours]

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Parameters:
    """Hold the values of each name, in the order in which they were sent."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def one(self, name: str) -> str | None:
        """Return the last value of a name, or None."""
        found = self.values.get(name)
        return found[-1] if found else None

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a name, commas split, blanks left out (R10)."""
        parts = (
            part.strip()
            for value in self.values.get(name, ())
            for part in value.split(",")
        )
        return tuple(part for part in parts if part)

    def whole(self, name: str) -> tuple[str, ...]:
        """Return all values of a name, never split (R20: `name`)."""
        return tuple(self.values.get(name, ()))

    def number(self, name: str, least: int) -> int | None:
        """Return an integer of at least `least`, or None where it is absent (R14)."""
        word = self.one(name)
        if word is None or word == "":
            return None
        if not re.fullmatch(r"\d{1,18}", word) or int(word) < least:
            raise RefusalError(400, f"{name} must be an integer, {least} at least")
        return int(word)

    def flag(self, name: str) -> bool:
        """Say whether a name is set to a true word."""
        return (self.one(name) or "").lower() in {"true", "1", "yes"}


def merged(*sources: Pairs) -> Parameters:
    """Merge pairs of several sources; later ones follow earlier ones.

    >>> merged([("id[0]", "1"), ("id[]", "2")], [("id", "3,4")]).many("id")
    ('1', '2', '3', '4')
    """
    values: dict[str, list[str]] = {}
    for count, (name, value) in enumerate(pair for pairs in sources for pair in pairs):
        if count >= _MAX_PARAMETERS:
            raise RefusalError(400, f"more than {_MAX_PARAMETERS} parameters")
        indexed = _INDEXED.fullmatch(name)
        values.setdefault(indexed[1] if indexed else name, []).append(value)
    return Parameters({name: tuple(found) for name, found in values.items()})


def of_json(body: bytes) -> list[tuple[str, str]]:
    """Read a JSON body as pairs; nested values stay JSON text (R11, R21)."""
    if not body.strip():
        return []
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "the body is not valid JSON") from error
    if not isinstance(whole, dict):
        raise RefusalError(400, "the body must be a JSON object")
    return [pair for name, value in whole.items() for pair in _pairs(name, value)]


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [(name, _text(item)) for item in items if item is not None]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
