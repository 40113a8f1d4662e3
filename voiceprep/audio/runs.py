"""Find runs, and say where they lie in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MAX_SPANS", "Edges", "Span", "add_span", "runs", "spans_of"]

MAX_SPANS: Final = 100  # [ours] a report marks so many; the counts go on
JOIN_S: Final = 0.2  # [ours] places nearer than that are one place to listen to

Edges: TypeAlias = npt.NDArray[np.intp]
Span: TypeAlias = tuple[float, float]  # from, to: seconds from the start


def runs(mask: npt.NDArray[np.bool_]) -> tuple[Edges, Edges]:
    """Return where runs of True begin and end (one past the last).

    >>> [edge.tolist() for edge in runs(np.array([True, False, True, True]))]
    [[0, 2], [1, 4]]
    """
    if not len(mask):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    changes = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    edges = [[0]] * bool(mask[0]) + [changes] + [[len(mask)]] * bool(mask[-1])
    whole = np.concatenate(edges).astype(np.intp)
    return whole[::2], whole[1::2]


def add_span(spans: list[Span], start_s: float, end_s: float) -> None:
    """Append a span, or stretch the last one where the two nearly touch.

    Past `MAX_SPANS` nothing is added.

    >>> spans = [(0.0, 1.0)]
    >>> add_span(spans, 1.1, 1.2); add_span(spans, 3.0, 4.0)
    >>> spans
    [(0.0, 1.2), (3.0, 4.0)]
    """
    if spans and start_s - spans[-1][1] < JOIN_S:
        spans[-1] = spans[-1][0], max(spans[-1][1], round(end_s, 3))
    elif len(spans) < MAX_SPANS:
        spans.append((round(start_s, 3), round(end_s, 3)))


def spans_of(edges: Iterable[tuple[float, float]]) -> tuple[Span, ...]:
    """Return spans of seconds, in order, those that nearly touch joined.

    >>> spans_of([(0.0, 0.5), (0.6, 1.0)])
    ((0.0, 1.0),)
    """
    spans: list[Span] = []
    for start_s, end_s in edges:
        add_span(spans, start_s, end_s)
    return tuple(spans)
