"""``voiceprep demo --campaign``: a campaign from recording to statistics, at speed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voiceprep.cli.campaign_run import Journey, travel
from voiceprep.cli.output import say
from voiceprep.cli.words import number, word

if TYPE_CHECKING:
    from voiceprep.cli.common import Common
    from voiceprep.pipeline.campaign_run import Errand

__all__ = ["campaign"]

PEOPLE: Final = 1_200  # two mailings
SPEED: Final = 120.0  # of the sandbox's clock: its quarter of an hour in seconds
NAME: Final = "Demo"
# As lists really are: forms that are mended, a double, and some that can't be called.
ROWS: Final = (
    *("06.39.98.{:02}.{:02}", "0033 6 39 98 {:02} {:02}", "+33 (0)6 39 98 {:02} {:02}"),
    *("33 6 39 98 {:02} {:02}", "06 39 98 {:02} {:02}", "06-39-98-{:02}-{:02}"),
)
BAD: Final = ("01 99 00 12 34", "15", "demander à Paul", "06 39 98 00 10")


def campaign(recording: Path, common: Common) -> int:
    """Take a recording and a made-up list the whole way; nobody is called.

    The numbers are ARCEP's for works of fiction (docs/sandbox.md).
    """
    from voiceprep.client import Client, Settings
    from voiceprep.ledger import Ledger
    from voiceprep.pipeline.following import Patience
    from voiceprep.sandbox import Sandbox

    with (
        tempfile.TemporaryDirectory(prefix="voiceprep-demo-") as data,
        Sandbox(f"{data}/sandbox", port=0, clock=SPEED) as box,
        Ledger(f"sqlite:///{data}/calls.sqlite3") as ledger,
        Client(
            Settings.for_platform(box.base_url, box.client_id, box.client_secret)
        ) as client,
    ):
        rows = number(common.language, PEOPLE + len(BAD), 0)
        told = {"name": recording.name, "n": rows}
        say(common, word(common.language, "demo.campaign", **told))
        patience = Patience(first_s=1.0, most_s=2.0)
        errand = _errand(recording, Path(data))
        return travel(errand, client, ledger, Journey(common, patience=patience))


def _errand(recording: Path, folder: Path) -> Errand:
    from voiceprep.pipeline.campaign_run import Errand
    from voiceprep.pipeline.contacts import Asked
    from voiceprep.pipeline.plans import Wish
    from voiceprep.pipeline.treatment import Treatment

    listed = folder / "people.csv"
    listed.write_text(_list(), encoding="utf-8")
    contacts = Asked(source=str(listed), media="VOICE")
    return Errand(
        recording=recording,
        wish=Wish(content="", contacts=contacts, name=NAME, at=None, window="any"),
        treatment=Treatment(),
        folder=folder / "demo.campaign",
    )


def _list() -> str:
    """Write a list as people keep them."""
    rows = [ROWS[n % len(ROWS)].format(*divmod(n, 100)) for n in range(10, PEOPLE + 10)]
    return "\n".join(
        ("nom;téléphone", *(f"n° {n};{row}" for n, row in enumerate((*rows, *BAD))))
    )
