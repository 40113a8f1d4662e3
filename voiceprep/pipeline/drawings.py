"""Keep what was drawn of a batch's recordings: the next page need not draw it again.

A drawing lies in OUT under a name that says what it was made of. One that is gone,
broken or of another's making is drawn anew: nothing is lost with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voiceprep.pipeline.exhibits import Exhibit
from voiceprep.pipeline.painting import Pictures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voiceprep.ledger import Made

__all__ = ["PLACE", "Drawing", "Drawings", "name_of"]

PLACE: Final = ".voiceprep/drawings"  # in OUT
SCHEMA: Final = "voiceprep.drawing/1"
_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")
_OUTLINE: Final = re.compile(r"[MVZl0-9 -]*")
_PICTURE: Final = re.compile(r"(data:image/png;base64,[A-Za-z0-9+/]+={0,2})?")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Hold what is drawn of a recording, and what can't be had without decoding it.

    Parameters
    ----------
    original : Pictures or None
        None where the recording was not there.
    phone : Pictures
    heard_sha256 : str
        Of the prepared file that was drawn; ``""`` where there is none.
    preview : bytes
        A WAV file of what would be heard of a refused recording.
    result : mapping or None
        What was found of it then.
    """

    original: Pictures | None = None
    phone: Pictures = field(default_factory=Pictures)
    heard_sha256: str = ""
    preview: bytes = b""
    result: Mapping[str, Any] | None = None


def name_of(made: Made) -> str:
    """Name the drawing of what was made of a recording.

    Its bytes, what was asked, the versions at work and all that was found are in it.
    """
    parts = [SCHEMA, made.key, made.prepared_sha256, made.result]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Drawings:
    """Keep drawings in a folder: OUT's, `PLACE` below it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     drawings = Drawings.of(out)
    ...     drawings.keep("ab" * 32, Drawing(preview=b"RIFF"))
    ...     drawings.find("ab" * 32).preview, drawings.find("cd" * 32)
    (b'RIFF', None)
    """

    folder: Path

    @classmethod
    def of(cls, out: str | os.PathLike[str]) -> Drawings:
        """Return those of a folder of artefacts."""
        return cls(Path(out, PLACE))

    def __contains__(self, name: str) -> bool:
        """Say whether one lies there, whole or not."""
        return self._path(name).is_file()

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.json"

    def keep(self, name: str, drawing: Drawing) -> None:
        """Write a drawing under its name, when it is whole."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".voiceprep-{os.urandom(8).hex()}.part")
        try:
            part.write_text(json.dumps(_fields(drawing)), "ascii")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def find(self, name: str) -> Drawing | None:
        """Return a drawing; None where there is none that can be used."""
        try:
            return _drawing(json.loads(self._path(name).read_bytes()))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def remove_others(self, names: Iterable[str]) -> None:
        """Remove the drawings that belong to nothing any more."""
        used = np.fromiter(map(_number, names), np.uint64)  # 8 bytes each
        for folder, _, found in os.walk(self.folder):
            own = list(filter(_NAME.fullmatch, found))
            kept = np.isin(np.fromiter(map(_number, own), np.uint64), used)
            for name, is_used in zip(own, kept, strict=True):
                if not is_used:
                    with suppress(OSError):  # it costs its place, no more
                        Path(folder, name).unlink()


def _number(name: str) -> int:
    """Return a name's first digits: enough to tell all of a batch's apart."""
    return int(name[:16], 16)


def _fields(drawing: Drawing) -> dict[str, Any]:
    """Return a drawing as JSON holds it."""

    def pair(pictures: Pictures) -> list[str]:
        return [pictures.outline, pictures.picture]

    return {
        "schema": SCHEMA,
        "original": drawing.original and pair(drawing.original),
        "phone": pair(drawing.phone),
        "heard_sha256": drawing.heard_sha256,
        "preview": base64.b64encode(drawing.preview).decode("ascii"),
        "result": drawing.result,
    }


def _drawing(told: Mapping[str, Any]) -> Drawing:
    """Read a drawing; raise ValueError, LookupError or TypeError for what is none."""
    original, result = told["original"], told["result"]
    if told["schema"] != SCHEMA:
        raise ValueError("not a drawing of ours")
    if result is not None:
        Exhibit(result).check()
    return Drawing(
        None if original is None else _pictures(*original),
        _pictures(*told["phone"]),
        told["heard_sha256"],
        base64.b64decode(told["preview"], validate=True),
        result,
    )


def _pictures(path: str, link: str) -> Pictures:
    """Return pictures; whoever wrote the file, a page links to nothing by them."""
    if not _OUTLINE.fullmatch(path) or not _PICTURE.fullmatch(link):
        raise ValueError("not drawn by us")
    return Pictures(path, link)
