"""Keep what results say and the ledger does not know, where they are rewritten."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from voiceprep.errors import UndecodableError
from voiceprep.pipeline.places import opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voiceprep.ledger import Recording

__all__ = ["Former", "former_platform", "former_results"]

_HEAD: Final = 200  # bytes that hold the schema and the platform of results.json


@dataclass(frozen=True, slots=True)
class Former:
    """Hold what former results said.

    Parameters
    ----------
    platform : str or None
    held : mapping
        Why recordings were held back, by tag.
    """

    platform: str | None
    held: Mapping[str, str]

    def holds(self, recording: Recording) -> str:
        """Say why a recording was held back, or ""."""
        return self.held.get(recording.made.tag or "", "")


def former_results(out: str) -> Former | None:
    """Read the results that lie in OUT; None where none do."""
    with tempfile.TemporaryDirectory(prefix="voiceprep-") as folder:
        try:
            with (
                opened(f"{out.rstrip('/')}/results.csv", Path(folder)) as (file, _),
                io.TextIOWrapper(file, "utf-8", newline="") as text,
            ):
                held = _held(text)
        except UndecodableError:
            return None
    return Former(former_platform(out), held)


def _held(file: TextIO) -> dict[str, str]:
    """Read why recordings were held; nothing where a spreadsheet wrote it anew."""
    try:
        return {
            row["tag"]: row["message"]
            for row in csv.DictReader(file)
            if row.get("outcome") == "held"
        }
    except (ValueError, LookupError, csv.Error):  # other letters, columns, quotes
        return {}


def former_platform(out: str) -> str | None:
    """Read of which platform the results in OUT tell: ``"sandbox"`` or ``"live"``."""
    with tempfile.TemporaryDirectory(prefix="voiceprep-") as folder:
        try:
            with opened(f"{out.rstrip('/')}/results.json", Path(folder)) as (file, _):
                head = file.read(_HEAD).partition(b', "results"')[0]
            told = json.loads(head + b"}").get("platform")
        except (UndecodableError, ValueError):  # none, or somebody else wrote it
            return None
    return None if told is None else str(told)
