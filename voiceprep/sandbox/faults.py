"""Faults by script: for the N-th call that matches, or for a share of calls.

What a fault is stands here, without HTTP; `layers` makes it happen.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import ACTION_OF_VERB, ACTIONS
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["KINDS", "Fault", "Faults", "action_of", "fault_of", "read_script"]

KINDS: Final = {  # name → what the caller sees
    "status": "an error status instead of the answer; nothing has happened",
    "delay": "the answer, late",
    "reset-before": "the connection reset; nothing has happened",
    "reset-after": "the connection reset after everything has happened",
    "truncate": "half of the answer, then the connection's end",
    "html": "a web page with status 200; nothing has happened",
}
MAX_DELAY_S: Final = 600.0
MAX_FAULTS: Final = 1_000
_MAX_BODY: Final = 64 * 1024
_ANSWERS: Final = ("status", "html")  # instead of the platform's
_FLAGS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """Describe what goes wrong, and for which calls.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    method : str or None
        None matches every one.
    path : str or None
        A path, with ``*`` for any text; a trailing slash never matters.
    action : str or None
        The URL's `action`, else the verb's (R8).
    nth : tuple of int
        Which of the matching calls, from 1; empty: all of them.
    times : int or None
        How often at most; None is for ever.
    share : float
        Of the matching calls, 0 to 1, drawn by the seed.
    status : int
        With kind ``status``: 400 to 599.
    body : str or None
        Instead of the platform's own words; with kind ``status`` or ``html``.
    retry_after : str or None
        Header of a ``status``: seconds, or an HTTP date.
    delay_s : float
        Real seconds; any kind can be late.
    after : bool
        With kind ``status`` or ``html``: everything has happened all the same.

    >>> Fault("status", path="/rest/*", nth=(2,)).matches("GET", "/rest/x/", "read")
    True
    """

    kind: str
    method: str | None = None
    path: str | None = None
    action: str | None = None
    nth: tuple[int, ...] = ()
    times: int | None = None
    share: float = 1.0
    status: int = 503
    body: str | None = None
    retry_after: str | None = None
    delay_s: float = 0.0
    after: bool = False

    def __post_init__(self) -> None:
        for wrong, reason in _RULES:
            if wrong(self):
                raise SettingsError(f"fault {self.kind!r}: {reason}")

    def matches(self, method: str, path: str, action: str) -> bool:
        """Say whether a call is one of those it is for."""
        return (
            self.method in {None, method}
            and self.action in {None, action}
            and (self.path is None or fnmatchcase(_bare(path), _bare(self.path)))
        )

    def as_json(self) -> dict[str, Any]:
        """Return what differs from the usual, fit for JSON."""
        usual = {each.name: each.default for each in fields(self)}
        told = {n: v for n, v in asdict(self).items() if v != usual[n] or n == "kind"}
        return {n: list(v) if isinstance(v, tuple) else v for n, v in told.items()}


_RULES: Final[tuple[tuple[Callable[[Fault], bool], str], ...]] = (
    (lambda f: f.kind not in KINDS, f"is none of {', '.join(KINDS)}"),
    (lambda f: not 400 <= f.status <= 599, "status is 400 to 599"),
    (lambda f: not 0.0 <= f.delay_s <= MAX_DELAY_S, f"delay_s is up to {MAX_DELAY_S}"),
    (lambda f: f.kind == "delay" and not f.delay_s, "delay_s says how late"),
    (lambda f: not 0.0 <= f.share <= 1.0, "share is 0 to 1"),
    (lambda f: any(n < 1 for n in f.nth), "nth counts from 1"),
    (lambda f: f.times is not None and f.times < 1, "times is 1 at least"),
    (
        lambda f: f.action not in {None, *ACTIONS},
        f"action is one of {', '.join(ACTIONS)}",
    ),
    (
        lambda f: f.after and f.kind not in _ANSWERS,
        f"after stands with kind {' or '.join(_ANSWERS)}",
    ),
    (lambda f: len(f.body or "") > _MAX_BODY, f"body has over {_MAX_BODY} characters"),
    (
        lambda f: not (f.retry_after or "").isprintable(),
        "retry_after has control characters",
    ),
)


def _bare(path: str) -> str:
    return path.rstrip("/") or "/"


def _whole(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return int(value)


def _several(value: Any) -> tuple[int, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(_whole(part) for part in (parts if _is_list(parts) else [parts]))


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


_READ: Final[
    Mapping[str, Callable[[Any], Any]]
] = {  # of JSON values, and of the command line's words
    "kind": str,
    "method": lambda value: str(value).upper(),
    "path": str,
    "action": str,
    "nth": _several,
    "times": _whole,
    "share": float,
    "status": _whole,
    "body": str,
    "retry_after": str,
    "delay_s": float,
    "after": lambda value: _FLAGS[str(value).lower()],
}


def fault_of(given: Mapping[str, Any]) -> Fault:
    """Read a fault from a JSON object, or from the words of a command line.

    Raises
    ------
    SettingsError
        Where a name or a value is none.

    >>> fault_of({"kind": "status", "status": "429", "nth": "1,3"}).nth
    (1, 3)
    """
    if "kind" not in given:
        raise SettingsError(f"a fault has a kind: {', '.join(KINDS)}")
    if unknown := sorted(set(given) - set(_READ)):
        raise SettingsError(f"a fault has no {unknown[0]!r}; it has {', '.join(_READ)}")
    values: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        try:
            values[name] = _READ[name](value)
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"a fault's {name} can't be {value!r}") from error
    return Fault(**values)


def read_script(told: Any) -> list[Fault]:
    """Read a script: a JSON list of faults, or a single one.

    Raises
    ------
    SettingsError
        Where it is neither.
    """
    rows = told if isinstance(told, list) else [told]
    if not all(isinstance(row, dict) for row in rows):
        raise SettingsError("a fault is a JSON object; several are a list of them")
    return [fault_of(row) for row in rows]


class Faults:
    """Keep the script: which faults there are, and how often each has matched.

    Parameters
    ----------
    faults : iterable of Fault
    seed : int
        Draws shares; the same calls in the same order meet the same faults.
    """

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self.replace(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Begin a new script; counting begins again."""
        with self._lock:
            self._dice = Random(self._seed)  # noqa: S311 (a script's dice, no secrets)
            self._rows: list[_Row] = []
        self.add(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Add faults behind those that there are: the first that strikes counts."""
        rows = [_Row(fault) for fault in faults]
        with self._lock:
            if len(self._rows) + len(rows) > MAX_FAULTS:
                raise SettingsError(f"a script has up to {MAX_FAULTS} faults")
            self._rows += rows

    def listed(self) -> list[dict[str, Any]]:
        """Return the script, and how often each fault matched and struck."""
        with self._lock:
            return [
                {**row.fault.as_json(), "matched": row.matched, "struck": row.struck}
                for row in self._rows
            ]

    def strike(self, method: str, path: str, action: str) -> Fault | None:
        """Return the fault that a call meets, and count."""
        with self._lock:
            rows = [
                row for row in self._rows if row.fault.matches(method, path, action)
            ]
            for row in rows:
                row.matched += 1
            due = (row for row in rows if row.due(self._dice))
            struck = next(due, None)
            if struck is None:
                return None
            struck.struck += 1
            return struck.fault


@dataclass(slots=True)
class _Row:
    """Count one fault's calls."""

    fault: Fault
    matched: int = 0
    struck: int = 0

    def due(self, dice: Random) -> bool:
        fault = self.fault
        if fault.times is not None and self.struck >= fault.times:
            return False
        if fault.nth and self.matched not in fault.nth:
            return False
        return fault.share >= 1.0 or dice.random() < fault.share


def action_of(method: str, query: Mapping[str, str]) -> str:
    """Return what a call's URL asks for: its `action`, else its verb's (R8)."""
    verb = ACTION_OF_VERB.get(method, "")
    return query.get("action") or verb if method in {"GET", "POST"} else verb
