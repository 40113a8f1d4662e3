"""Show a batch as it happens: a display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import click

from voiceprep.batch import events as on
from voiceprep.cli.sentences import said_in, visible
from voiceprep.cli.words import counted, number, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.batch.events import Event, Sink
    from voiceprep.cli.common import Common

__all__ = ["shown_as"]

_LATEST: Final = 5  # failures that the display keeps in sight
_BETWEEN_S: Final = 10.0  # plain lines of progress


@contextmanager
def shown_as(common: Common) -> Iterator[Sink]:
    """Yield what shows events, fit for where stderr goes."""
    lines = _Lines(common)
    if common.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lines
        return
    with _Display(common) as display:
        yield display


class _State:
    """Count what has happened so far."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.total = self.unchanged = self.bytes = 0
        self.done = self.done_bytes = 0
        self.seconds = 0.0
        self.counts: Counter[str] = Counter()

    def take(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, on.Found):
            # Of each look of a watch: what was done before is unchanged by now.
            self.total = self.done + event.recordings - event.unchanged
            self.bytes = event.bytes
            if not self.done:
                self.unchanged = event.unchanged
        elif isinstance(event, on.Judged):
            self.done, self.done_bytes = self.done + 1, self.done_bytes + event.bytes
            self.seconds += event.seconds or 0.0
            self.counts["refused"] += event.verdict in {"refused", "unreadable"}
        elif isinstance(event, on.Failed):
            self.counts["failed"] += 1
        elif isinstance(event, on.Uploaded):
            self.counts["uploaded"] += 1

    def line(self, language: str) -> str:
        """Say how far it has come."""
        spent = max(time.monotonic() - self.began, 0.001)
        n = partial(number, language, decimals=0)
        minutes = number(language, self.seconds / 60)
        counts = {**self.counts, "unchanged": self.unchanged}
        parts = [
            word(language, "progress.of", done=n(self.done), total=n(self.total)),
            word(
                language,
                "progress.sound",
                minutes=minutes,
                times=n(self.seconds / spent),
            ),
            *(
                counted(language, count, what)
                for what, count in counts.items()
                if count
            ),
        ]
        return " · ".join(parts)


def _said(event: Event, common: Common) -> str:
    """Say an event in a line, fit for a terminal; "" where it is not worth one."""
    language, verbose = common.language, bool(common.verbose)
    if isinstance(event, on.Waiting):
        return visible(_awaited(event, language))
    if isinstance(event, on.Judged):
        said = _judged(event, language, verbose=verbose)
    elif isinstance(event, (on.Failed, on.Held)):
        said = said_in(language, event.message)
    elif isinstance(event, on.Uploaded) and verbose:
        said = word(language, f"sent.{event.how}", id=event.id)
    else:
        return ""
    return said and visible(word(language, "about", what=event.path, said=said))


def _judged(event: on.Judged, language: str, *, verbose: bool) -> str:
    if event.verdict in {"fit", "fit_with_warnings"} and not verbose:
        return ""
    verdict = word(language, f"judged.{event.verdict}")
    if not event.message:
        return verdict
    why = said_in(language, event.message)
    return word(language, "about", what=verdict, said=why)


def _awaited(event: on.Waiting, language: str) -> str:
    said = said_in(language, event.message)
    if event.seconds is None:
        return said
    return word(language, "at_most", said=said, n=f"{event.seconds:.0f}")


class _Lines:
    """Say what matters, a line each, and from time to time how far it has come."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._state = _State()
        self._told = time.monotonic()

    def __call__(self, event: Event) -> None:
        self._state.take(event)
        if self._common.quiet and not isinstance(event, on.Failed):
            return
        if line := _said(event, self._common):
            click.echo(line, err=True)
        if time.monotonic() - self._told > _BETWEEN_S:
            self._told = time.monotonic()
            click.echo(self._state.line(self._common.language), err=True)


class _Display:
    """Draw bars on a terminal: files, uploads, how fast, what failed last."""

    def __init__(self, common: Common) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._common = common
        self._state = _State()
        plain = bool(os.environ.get("NO_COLOR"))
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(file=sys.stderr, no_color=plain),
            transient=True,
        )
        self._prepared = self._progress.add_task(
            word(common.language, "progress.prepare"), total=None, note=""
        )
        self._uploaded = self._progress.add_task(
            word(common.language, "progress.upload"), total=None, note="", visible=False
        )
        self._fit = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        state = self._state
        state.take(event)
        if line := _said(event, self._common):
            # As plain text: a file's name may hold what rich takes for markup.
            self._progress.console.print(line, markup=False, highlight=False)
        if isinstance(event, on.Began) and event.platform is not None:
            self._progress.update(self._uploaded, visible=True)
        if isinstance(event, on.Judged):
            self._fit += event.verdict in {"fit", "fit_with_warnings"}
        self._progress.update(
            self._prepared,
            total=state.total,
            completed=state.done,
            note=state.line(self._common.language).partition(" · ")[2],
        )
        told: dict[str, Any] = {"completed": state.counts["uploaded"]}
        self._progress.update(self._uploaded, total=self._fit, **told)
