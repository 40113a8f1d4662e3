"""Find the recordings that paths name, and name what becomes of each."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voiceprep.audio.artefact import Artefacts
from voiceprep.errors import SettingsError
from voiceprep.pipeline.recording import PREPARE_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "STDIN",
    "Item",
    "artefacts_of",
    "covers_others",
    "files_of",
    "is_recording",
    "is_result",
    "items_of",
]

STDIN: Final = "-"
SUFFIXES: Final = {  # what is looked for in folders
    *(".mp3", ".wav", ".wave", ".mp2", ".mpga"),
    *(".ogg", ".oga", ".opus", ".flac", ".aif", ".aiff", ".caf", ".au", ".w64"),
    *(".m4a", ".mp4", ".aac", ".3gp", ".amr", ".wma", ".webm"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """Name one recording to work on.

    Parameters
    ----------
    path : str
        As a person would write it; ``"-"`` for standard input.
    inner : Path
        Its folder below the one that was named; ``.`` for files named directly.
    empty_folder : bool
        Whether it is a folder in which there is no recording.
    """

    path: str
    inner: Path = Path()
    empty_folder: bool = False


def items_of(paths: Iterable[str], out: Path | None = None) -> Iterator[Item]:
    """List the recordings that paths name; folders are searched, sorted.

    Parameters
    ----------
    paths : iterable of str
        Files, folders, or ``"-"``. Names that lead nowhere are listed too: what
        reads them says what is wrong.
    out : Path or None
        A folder whose contents are never read as input.

    Raises
    ------
    SettingsError
        Where standard input is named twice.

    >>> [item.path for item in items_of(["samples/clean.mp3", "-"])]
    ['samples/clean.mp3', '-']
    """
    asked = list(paths)
    if asked.count(STDIN) > 1:
        raise SettingsError("- is standard input; it can be read once")
    for path in dict.fromkeys(asked):
        if path != STDIN and os.path.isdir(path):  # noqa: PTH112 (any bytes in a name)
            found = list(_within(path, out))
            yield from found or [Item(path, empty_folder=True)]
        else:
            yield Item(path)


def _within(folder: str, out: Path | None) -> Iterator[Item]:
    """List the recordings below a folder, leaving out hidden ones and `out`."""
    closed = None if out is None else out.resolve()
    for place, folders, names in os.walk(folder):
        inner = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (inner / name).resolve() != closed
        )
        for name in sorted(names):
            if is_recording(inner, name):
                path = os.path.join(place, name)  # noqa: PTH118 (as it was written)
                yield Item(path, inner.relative_to(folder))


def is_recording(folder: Path, name: str) -> bool:
    """Say whether a name looks like a recording and is not an artefact of ours."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (any bytes in a name)
    if name.startswith(".") or suffix.lower() not in SUFFIXES:
        return False
    if suffix != ".wav":  # no artefact: a.mp3 may lie beside a.wav, made of it
        return True
    return not is_result(folder / f"{stem.removesuffix('.alaw')}.json")


def is_result(result: Path) -> bool:
    """Say whether a file is the result of a recording that we prepared."""
    try:
        with result.open(encoding="utf-8") as file:
            return f'"{PREPARE_SCHEMA}"' in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def artefacts_of(items: Sequence[Item], out: Path) -> dict[Item, Artefacts]:
    """Name the artefacts of each item, no two alike and none over a file of others.

    Two sources with one stem become ``stem-mp3`` and ``stem-wav``; so does a
    source whose artefact would stand where a file lies that we did not write.

    >>> names = artefacts_of([Item("a.mp3"), Item("a.wav")], Path("out"))
    >>> [paths.prepared.name for paths in names.values()]
    ['a-mp3.wav', 'a-wav.wav']
    """
    each = dict.fromkeys(items)  # a file may be named itself and by its folder
    stems = Counter((item.inner, _stem(item).casefold()) for item in each)
    named: dict[Item, Artefacts] = {}
    taken: set[Path] = set()
    for item in each:
        shared = stems[item.inner, _stem(item).casefold()] > 1
        for name in _names(item, shared=shared):
            paths = Artefacts.named(out / item.inner, name)
            if not (taken & files_of(paths)) and not covers_others(paths):
                break
        taken |= files_of(paths)
        named[item] = paths
    return named


def _stem(item: Item) -> str:
    name = os.path.basename(item.path)  # noqa: PTH119 (any bytes in a name)
    return "stdin" if item.path == STDIN else os.path.splitext(name)[0]  # noqa: PTH122


def _names(item: Item, *, shared: bool) -> Iterator[str]:
    """Offer names for an item's artefacts, the plainest first, without end."""
    stem, suffix = _stem(item), os.path.splitext(item.path)[1][1:].lower()  # noqa: PTH122
    if not shared:
        yield stem
    yield f"{stem}-{suffix}" if suffix else stem
    number = 2
    while True:
        yield f"{stem}-{suffix}-{number}" if suffix else f"{stem}-{number}"
        number += 1


def files_of(paths: Artefacts) -> set[Path]:
    """Return the four files that artefacts are."""
    return {paths.prepared, paths.alaw, paths.alaw_wav, paths.result}


def covers_others(paths: Artefacts) -> bool:
    """Say whether a file lies there that is not an artefact of ours."""
    there = [path for path in files_of(paths) if path.exists()]
    return bool(there) and not is_result(paths.result)
