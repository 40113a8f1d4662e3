"""Merge a call's parameters, wherever they stand (R9), in all their forms (R10).

A value is what was sent: text, or what a JSON body held. PHP's brackets give it a
path: `contacts[0][recipient]=x` is x at ("0", "recipient") of `contacts` (R11).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from voiceprep.sandbox.answers import RefusalError

__all__ = [
    "Parameters",
    "Part",
    "merged",
    "of_json",
    "of_urlencoded",
    "parsed",
    "together",
]

MAX_PARAMETERS: Final = 10_000  # [ours]
_MAX_DEPTH: Final = 4  # [ours] brackets of one name
_MAX_NESTING: Final = 20  # [ours] of one JSON value
_BRACKETED: Final = re.compile(rf"([^\[\]]+)((?:\[[^\[\]]*\]){{1,{_MAX_DEPTH}}})")
# No database takes NUL in text, and UTF-8 has no lone surrogates.
_UNSENDABLE: Final = re.compile("[\x00\ud800-\udfff]")
_TRUE: Final = frozenset({"true", "1", "yes"})

Pairs = Iterable[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one value that was sent for a name, and its path in brackets."""

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Parameters:
    """Hold what was sent for each name, in the order in which it was sent.

    >>> given = merged([("id[0]", "1"), ("id[1]", "2,3"), ("limit", "5")])
    >>> given.many("id"), given.number("limit", 1), given.one("offset")
    (('1', '2', '3'), 5, None)
    """

    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.parts

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that were sent."""
        return tuple(self.parts)

    def whole(self, name: str) -> tuple[str, ...]:
        """Return all values of a name as text, never split (R20: `name`)."""
        found = self.parts.get(name, ())
        return tuple(text for part in found for text in _texts(part.value))

    def one(self, name: str) -> str | None:
        """Return the last value of a name, or None."""
        found = self.whole(name)
        return found[-1] if found else None

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a name, commas split, blanks left out (R10)."""
        words = (word.strip() for text in self.whole(name) for word in text.split(","))
        return tuple(word for word in words if word)

    def nested(self, name: str) -> Any:
        """Return the last value of a name as it was sent, or what brackets built.

        >>> merged([("a[0][b]", "1"), ("a[0][c]", "2"), ("a[]", "x")]).nested("a")
        [{'b': '1', 'c': '2'}, 'x']
        """
        found = self.parts.get(name, ())
        if not found:
            return None
        if not found[-1].path:
            return found[-1].value
        return _grown([(part.path, part.value) for part in found if part.path])

    def number(self, name: str, least: int) -> int | None:
        """Return an integer of at least `least`, or None where it is absent (R14)."""
        word = self.one(name)
        if word is None or word == "":
            return None
        if not re.fullmatch(r"[0-9]{1,18}", word) or int(word) < least:
            raise RefusalError(400, f"{name} must be an integer, {least} at least")
        return int(word)

    def flag(self, name: str) -> bool:
        """Say whether a name is set to a true word."""
        return (self.one(name) or "").lower() in _TRUE


def merged(*sources: Pairs) -> Parameters:
    """Merge pairs of several sources; later ones follow earlier ones.

    >>> merged([("id[0]", "1"), ("id[]", "2")], [("id", "3,4")]).many("id")
    ('1', '2', '3', '4')
    """
    parts: dict[str, list[Part]] = {}
    for count, (name, value) in enumerate(pair for pairs in sources for pair in pairs):
        if count >= MAX_PARAMETERS:
            raise _too_many()
        head, path = _split(_sendable(name))
        parts.setdefault(head, []).append(Part(path, _clean(value)))
    return Parameters({name: tuple(found) for name, found in parts.items()})


def together(*several: Parameters) -> Parameters:
    """Return the parameters of several, those of later ones after earlier ones."""
    parts: dict[str, tuple[Part, ...]] = {}
    for each in several:
        for name, found in each.parts.items():
            parts[name] = parts.get(name, ()) + found
    return Parameters(parts)


def of_urlencoded(text: str) -> list[tuple[str, str]]:
    """Read a query or a urlencoded body as pairs.

    >>> of_urlencoded("id%5B0%5D=1&name=a+b")
    [('id[0]', '1'), ('name', 'a b')]
    """
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise _too_many() from error


def of_json(body: bytes) -> list[tuple[str, Any]]:
    """Read a JSON body as pairs; what is null was not sent.

    >>> of_json(b'{"id": [1, 2], "name": null}')
    [('id', [1, 2])]
    """
    if not body.strip():
        return []
    try:
        whole = parsed(body)
    except ValueError as error:
        raise RefusalError(400, "the body is not valid JSON") from error
    if not isinstance(whole, dict):
        raise RefusalError(400, "the body must be a JSON object")
    return [(name, value) for name, value in whole.items() if value is not None]


def parsed(text: str | bytes) -> Any:
    """Parse JSON, without what can be neither kept nor sent.

    Raises
    ------
    ValueError
        Where it is none.
    """
    try:
        return _clean(json.loads(text))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _too_many() -> RefusalError:
    return RefusalError(400, f"more than {MAX_PARAMETERS} parameters")


def _split(name: str) -> tuple[str, tuple[str, ...]]:
    """Split `contacts[0][recipient]` into its name and its path."""
    found = _BRACKETED.fullmatch(name)
    if found is None:
        return name, ()
    return found[1], tuple(found[2][1:-1].split("]["))


def _sendable(text: str) -> str:
    return _UNSENDABLE.sub("\ufffd", text)


def _clean(value: Any, depth: int = 0) -> Any:
    """Return a value without what can be neither kept nor sent."""
    if isinstance(value, str):
        return _sendable(value)
    if depth > _MAX_NESTING:
        raise RefusalError(400, f"a value is nested over {_MAX_NESTING} deep")
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            _sendable(name): _clean(item, depth + 1) for name, item in value.items()
        }
    return value


def _texts(value: Any) -> Iterator[str]:
    """Yield a value's texts: of a list those of its items, of a thing its JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield json.dumps(value, ensure_ascii=False)


def _grown(branches: list[tuple[tuple[str, ...], Any]]) -> Any:
    """Build what brackets say: lists of numbered or empty ones, else objects."""
    grown: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
    for position, (path, value) in enumerate(branches):
        if not path:
            return value
        # PHP: each [] is one more item.
        key = path[0] or f"#{position}"
        grown.setdefault(key, []).append((path[1:], value))
    built = {key: _grown(inner) for key, inner in grown.items()}
    numbered = all(key.removeprefix("#").isdecimal() for key in built)
    return list(built.values()) if numbered else built
