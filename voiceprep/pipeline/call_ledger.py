"""Open the ledger of calls: one for a person, whatever folder they work in."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voiceprep.campaign.numberset import NumberSet
from voiceprep.ledger import Ledger, file_of, url_of
from voiceprep.pipeline.optouts import optouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.client import Settings

__all__ = ["call_ledger", "call_ledger_url", "learned_optouts", "names_of"]


def call_ledger(settings: Settings, url: str | None = None) -> Ledger:
    """Open the ledger of calls; what was called must be known to the next campaign.

    Parameters
    ----------
    settings : Settings
    url : str or None
        What ``--ledger`` says; else the setting, else a file of the person's own.

    Raises
    ------
    LedgerError
        Where it can't be opened.
    OSError
    """
    return Ledger(call_ledger_url(settings, url))


def call_ledger_url(
    settings: Settings, url: str | None = None, *, make: bool = True
) -> str:
    """Name the ledger of calls; the folder of a file of our own is made.

    >>> from voiceprep.client import Settings
    >>> call_ledger_url(Settings.load(environ={}), "sqlite:////tmp/calls.sqlite3")
    'sqlite:////tmp/calls.sqlite3'
    """
    if url is not None:
        return url
    if settings.ledger is not None:
        return settings.ledger.reveal()
    home = os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    folder = Path(home) / "voiceprep" / "calls"
    if make:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # whole numbers lie there
    return url_of(folder / "ledger.sqlite3")


def names_of(settings: Settings, account: str, said: str) -> list[str]:
    """Return the names that mailings bear: the tags of plans may be left out.

    A name that the ledger does not know is taken as it is: whoever ordered it.

    Raises
    ------
    LedgerError
        Where the ledger can't be opened.
    """
    with _existing(settings) as ledger:
        found = ledger.calls.named(account, said) if ledger else []
    return [each.name for each in found] or [said]


@contextmanager
def _existing(settings: Settings) -> Iterator[Ledger | None]:
    """Open the ledger of calls where there is one; none is made."""
    url = call_ledger_url(settings, make=False)
    file = file_of(url)
    if file is not None and not file.exists():
        yield None
        return
    with Ledger(url) as ledger:
        yield ledger


def learned_optouts(settings: Settings) -> NumberSet:
    """Return who asked for no more calls, whatever the account that called them.

    Where no ledger of calls was ever made, nobody did, and none is made.

    Raises
    ------
    LedgerError
        Where it can't be opened.
    """
    numbers = NumberSet()
    with _existing(settings) as ledger:
        for number in optouts(ledger) if ledger else ():
            numbers.add(number)
    return numbers
