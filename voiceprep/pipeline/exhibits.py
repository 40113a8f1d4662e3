"""Find what can be shown: results, their artefacts, the recordings they came from.

A result is read as JSON, whether it was just made or lies beside its artefacts
since last week: both hold the same fields (docs/design.md, "Result").
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep.audio.artefact import WAV_HEAD_BYTES, Artefacts
from voiceprep.audio.rules import Verdict
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import LedgerError, UndecodableError
from voiceprep.pipeline.guard import guarded
from voiceprep.pipeline.inputs import STDIN, is_result, items_of
from voiceprep.pipeline.recording import preview
from voiceprep.pipeline.told import cuts_of, notes_of
from voiceprep.report import Absence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from voiceprep.pipeline.inputs import Item
    from voiceprep.pipeline.recording import Result
    from voiceprep.pipeline.treatment import Treatment

__all__ = ["Exhibit", "results_in", "shown_of"]

PREVIEW_S: Final = 60.0  # [ours] longer ones would weigh on the page: 1.3 MB
PREVIEW_BYTES: Final = WAV_HEAD_BYTES + 2 * round(PREVIEW_S * TELEPHONE_RATE)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Hold one recording as it can be shown.

    Parameters
    ----------
    result : mapping
        The fields of `Result.as_json`.
    artefacts : Artefacts or None
        Where they lie now; None where the recording was refused.
    preview : bytes
        A WAV file of what would be heard of a refused recording; empty where there
        is none.
    """

    result: Mapping[str, Any]
    artefacts: Artefacts | None = None
    preview: bytes = b""

    @classmethod
    def of(cls, result: Result) -> Exhibit:
        """Show a result that was just made."""
        return cls(result.as_json(), result.artefacts)

    @classmethod
    def of_json(cls, result: Mapping[str, Any]) -> Exhibit:
        """Show a result that was kept as JSON; its artefacts lie where it says.

        Raises
        ------
        LedgerError
            Where it is broken, or an artefact that is to be heard is gone.
        """
        named, path = result.get("artefacts"), str(result.get("path"))
        if named is None:
            return _whole(cls(result), path)
        try:
            artefacts = Artefacts(**{name: Path(lies) for name, lies in named.items()})
        except (AttributeError, TypeError) as error:
            raise _bent(path, error) from error
        return _whole(cls(result, artefacts), path)

    @classmethod
    def read(cls, path: Path) -> Exhibit:
        """Read a result that `prepare` left; its artefacts lie beside it.

        Raises
        ------
        LedgerError
            Where it is broken, or an artefact that is to be heard is gone.
        """
        try:
            result = json.loads(path.read_bytes())
        except ValueError as error:
            raise _bent(str(path), error) from error
        artefacts = Artefacts.named(path.parent, path.stem)
        return _whole(cls(result, artefacts), str(path))

    def with_preview(
        self, treatment: Treatment, call: Callable[..., Any] = guarded
    ) -> Exhibit:
        """Add what would be heard of a refused recording, where that can be had.

        It is measured whole then, also where it was refused for its kind or size. One
        that broke its decoder is not given to it again.

        Parameters
        ----------
        treatment : Treatment
        call : callable
            `guarded`; `unguarded` in a process that may die.
        """
        if self.artefacts or not self._may_be_decoded():
            return self
        try:
            heard = call(_heard, self.path, treatment, PREVIEW_BYTES)
        except UndecodableError:
            return self
        if heard is None:
            return self
        result, sound = heard
        return replace(self, result=result, preview=sound)

    def _may_be_decoded(self) -> bool:
        """Say whether a preview may be had: there, short, no decoder's death."""
        seconds = self.measured.get("duration_s") or 0.0
        codes = {finding["code"] for finding in self.result["findings"]}
        fine = self.path != STDIN and "decoder_failed" not in codes
        return fine and seconds <= PREVIEW_S

    def check(self) -> None:
        """Raise ValueError, LookupError or TypeError where a field is not ours."""
        Verdict(self.result["verdict"])
        if not isinstance(self.result["path"], str):
            raise TypeError("its path is no text")
        if not isinstance(self.measured, dict):
            raise TypeError("its measurements are no object")
        notes_of(self.result)
        cuts_of(self.measured)

    @property
    def heard(self) -> tuple[Path, ...]:
        """Name the files that a decision is about."""
        there = self.artefacts
        return () if there is None else (there.prepared, there.alaw)

    @property
    def path(self) -> str:
        """Return the recording's path, as it was named."""
        return str(self.result["path"])

    @property
    def measured(self) -> Mapping[str, Any]:
        """Return the measurements."""
        found: Mapping[str, Any] = self.result["measurements"]
        return found

    def find_source(self) -> Path | Absence:
        """Find the recording itself, or say why it is not there.

        A relative path was written from a folder that may not be today's: it is
        tried from here, then from the artefacts' folder and each above it. Only a
        file of the size that was measured counts as the recording.
        """
        if self.path == STDIN:
            return Absence.STREAM
        there = list(self.places())
        size = self.measured.get("bytes")
        same = [path for path in there if path.stat().st_size == size]
        if same:
            return same[0]
        return Absence.CHANGED if there else Absence.GONE

    def places(self) -> Iterator[Path]:
        """List the files that may be the recording, the likeliest first."""
        yield from (path for path in self._named() if path.is_file())

    def _named(self) -> Iterator[Path]:
        yield Path(self.path)
        if self.artefacts is not None and not os.path.isabs(self.path):  # noqa: PTH117
            folder = self.artefacts.result.parent.absolute()
            yield from (parent / self.path for parent in (folder, *folder.parents))


def _heard(
    path: str, treatment: Treatment, most_bytes: int
) -> tuple[dict[str, Any], bytes] | None:
    """Return a recording's result, and what would be heard, if that is short."""
    with tempfile.TemporaryFile(prefix="voiceprep-") as heard:
        result = preview(path, heard, treatment)
        if not 0 < heard.tell() <= most_bytes:
            return None
        heard.seek(0)
        return result.as_json(), heard.read()


def shown_of(paths: Iterable[str], audio: Path) -> tuple[list[Path], list[Item]]:
    """Choose what is shown of paths: results, and recordings that none came from.

    Parameters
    ----------
    paths : iterable of str
        Folders of artefacts, of recordings, or of both; recordings.
    audio : Path
        Where the page's own artefacts go: they are made anew of recordings that are
        among the paths.

    Returns
    -------
    (list of Path, list of Item)
    """
    named = list(dict.fromkeys(paths))
    results = [found for path in named for found in results_in(path)]
    inside = audio.resolve()
    own = {found for found in results if inside in found.resolve().parents}
    kept = [found for found in results if found not in own]
    items = list(items_of(named, audio))
    if any(item.trouble is None for item in items):
        sources = set[Path]().union(*map(_sources, kept))
        items = [item for item in items if Path(item.path).resolve() not in sources]
    again = {Path(item.path).resolve() for item in items}
    kept += [found for found in sorted(own) if not again & _sources(found)]
    return kept, [item for item in items if item.trouble is None or not kept]


def _sources(result: Path) -> set[Path]:
    try:
        return {path.resolve() for path in Exhibit.read(result).places()}
    except LedgerError:  # whoever shows it says so
        return set()


def _whole(exhibit: Exhibit, name: str) -> Exhibit:
    """Return an exhibit that was read, if nothing lacks."""
    for needed in exhibit.heard:
        if not needed.is_file():
            raise LedgerError(f"{needed}: gone; prepare the recording again")
    try:
        exhibit.check()
    except (ValueError, LookupError, TypeError) as error:
        raise _bent(name, error) from error
    return exhibit


def _bent(name: str, error: Exception) -> LedgerError:
    return LedgerError(f"{name}: not as `prepare` left it ({error}); prepare it again")


def results_in(folder: str | os.PathLike[str]) -> list[Path]:
    """List the results that `prepare` left in a folder and below, hidden ones not."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(place) / name for name in sorted(names) if name.endswith(".json"))
        found += filter(is_result, paths)
    return found
