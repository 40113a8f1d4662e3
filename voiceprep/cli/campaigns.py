"""What the commands of campaigns share: the ledger of calls, and a campaign's name."""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from voiceprep.cli.common import settings_of
from voiceprep.cli.output import say
from voiceprep.cli.sentences import said_in, visible
from voiceprep.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.cli.common import Common
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger

__all__ = ["Seconds", "calls_ledger_option", "opened", "unnamed", "warned"]


class Seconds(click.FloatRange):
    """Take a number of seconds; nan is none, and infinity lasts too long."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it, or fail as click does."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return seconds


calls_ledger_option = click.option(
    "--ledger",
    metavar="URL",
    help="Of calls; postgresql+psycopg://… shares one (default: a file of yours).",
)


def unnamed(name: str) -> RefusedError:
    """Return the error of a name that nothing bears, in the ledger or on the platform.

    >>> str(unnamed("nope"))[:32]
    "nothing bears the name 'nope': `"
    """
    return RefusedError(
        f"nothing bears the name {name!r}: `voiceprep mailing list` shows the names, "
        "with their tags"
    )


class _Warned(logging.Handler):
    """Say warnings in the person's language, whatever they asked to be spared."""

    def __init__(self, common: Common) -> None:
        super().__init__(logging.WARNING)
        self._common = common

    def emit(self, record: logging.LogRecord) -> None:
        """Say it on stderr; where nothing can be written, the work goes on."""
        try:
            said = said_in(self._common.language, record.getMessage())
            click.echo(visible(said), err=True)
        except OSError:
            self.handleError(record)


@contextmanager
def warned(common: Common) -> Iterator[None]:
    """Let our own warnings be said as all else is."""
    ours, handler = logging.getLogger("voiceprep"), _Warned(common)
    ours.addHandler(handler)
    try:
        yield
    finally:
        ours.removeHandler(handler)


@contextmanager
def opened(common: Common, url: str | None) -> Iterator[tuple[Client, str, Ledger]]:
    """Connect by the settings, and open the ledger; yield the platform's word too."""
    from voiceprep.pipeline.call_ledger import call_ledger
    from voiceprep.pipeline.platform import connect

    settings = settings_of(common)
    with (
        warned(common),
        call_ledger(settings, url) as ledger,
        connect(settings, say=lambda line: say(common, line)) as client,
    ):
        yield client, client.platform, ledger
