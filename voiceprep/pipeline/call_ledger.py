"""Open the ledger of calls: one for a person, whatever folder they work in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from voiceprep.campaign.numberset import NumberSet
from voiceprep.ledger import Ledger

if TYPE_CHECKING:
    from voiceprep.client import Settings

__all__ = ["call_ledger", "call_ledger_url", "learned_optouts"]


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
    return f"sqlite:///{folder / 'ledger.sqlite3'}"


def learned_optouts(settings: Settings) -> NumberSet:
    """Return who asked for no more calls, whatever the account that called them.

    Where no ledger of calls was ever made, nobody did, and none is made.

    Raises
    ------
    LedgerError
        Where it can't be opened.
    """
    numbers = NumberSet()
    url = call_ledger_url(settings, make=False)
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).exists():
        return numbers
    with Ledger(url) as ledger:
        for number in ledger.messages.optouts():
            numbers.add(number)
    return numbers
