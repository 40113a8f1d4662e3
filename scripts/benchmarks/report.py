"""What a section of the benchmark hands back, and how it is printed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A promise about a number, and the number.

    Parameters
    ----------
    name : str
        What was measured.
    measured : float
        The number.
    limit : float
        At most this, or at least this with `at_least`.
    aim : float, optional
        What we would like.
    at_least : bool
        More is better.
    unit : str
        Printed after the numbers.
    """

    name: str
    measured: float
    limit: float
    aim: float | None = None
    at_least: bool = False
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the number keeps the promise.

        >>> Target("ratio", 1.2, 1.3).holds
        True
        """
        if self.at_least:
            return self.measured >= self.limit
        return self.measured <= self.limit

    def __str__(self) -> str:
        """Say it in a line.

        >>> print(Target("15 s mp3", 1.9, 2.4, aim=1.7, unit=" x"))
        holds          15 s mp3: 1.9 x (at most 2.4 x, aim 1.7 x)
        """
        verdict = "holds" if self.holds else "does not hold"
        side = "at least" if self.at_least else "at most"
        aim = "" if self.aim is None else f", aim {self.aim:.4g}{self.unit}"
        return (
            f"{verdict:<13}  {self.name}: {self.measured:.4g}{self.unit} "
            f"({side} {self.limit:.4g}{self.unit}{aim})"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """A section's table and targets."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Set rows in columns: the first two flush left, numbers flush right.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells, as many in each row.

    Yields
    ------
    str
        One line a row.

    Examples
    --------
    >>> list(aligned([("work", "tool", "s"), ("a", "sox", "1.25")]))
    ['work  tool     s', 'a     sox   1.25']
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def printed(report: Report) -> Iterator[str]:
    """Give a report line by line.

    Parameters
    ----------
    report : Report
        Of one section.

    Yields
    ------
    str
        Table, notes, targets.
    """
    yield from aligned([report.heading, *report.rows])
    yield from report.notes
    if report.targets:
        yield ""
    yield from (str(target) for target in report.targets)
