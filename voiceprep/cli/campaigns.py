"""What the commands of campaigns share: the ledger of calls, and a campaign's name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from voiceprep.cli.common import settings_of
from voiceprep.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.cli.common import Common
    from voiceprep.client import Client
    from voiceprep.ledger import Ledger

__all__ = ["ledger_option", "opened"]


def ledger_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--ledger``."""
    return click.option(
        "--ledger",
        "ledger_url",
        metavar="URL",
        help="Of calls (default: one of your own); or PostgreSQL, for several.",
    )(function)


@contextmanager
def opened(
    common: Common, ledger_url: str | None
) -> Iterator[tuple[Client, str, Ledger]]:
    """Connect by the settings, and open the ledger; yield the platform's word too."""
    from voiceprep.pipeline.call_ledger import call_ledger
    from voiceprep.pipeline.platform import connect

    settings = settings_of(common)
    with (
        call_ledger(settings, ledger_url) as ledger,
        connect(settings, say=lambda line: say(common, line)) as client,
    ):
        yield client, client.platform, ledger
