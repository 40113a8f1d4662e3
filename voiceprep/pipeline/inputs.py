"""Find the recordings that paths name, and name what becomes of each."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voiceprep.audio.artefact import Artefacts
from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.pipeline.result import PREPARE_SCHEMA, STDIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = [
    "STDIN",
    "Item",
    "artefacts_of",
    "covers_others",
    "files_of",
    "fitting",
    "is_missing",
    "is_recording",
    "is_result",
    "is_shortened",
    "items_of",
]

NAME_BYTES: Final = 255  # of a file's name, where the disk does not say
LONGEST_ENDING: Final = ".alaw.wav"
MARK_DIGITS: Final = 8  # of SHA-256: tells shortened names apart
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
    trouble : UndecodableError or None
        Why there is nothing to read: a folder without recordings, or a locked one.
    """

    path: str
    inner: Path = Path()
    trouble: UndecodableError | None = field(default=None, compare=False)


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
        Where standard input is named twice, or nothing at all.

    >>> [item.path for item in items_of(["samples/clean.mp3", "-"])]
    ['samples/clean.mp3', '-']
    """
    asked = list(paths)
    if asked.count(STDIN) > 1:
        raise SettingsError("- is standard input; it can be read once")
    if "" in asked:
        raise SettingsError("one of the paths is empty; was a variable not set?")
    for path in dict.fromkeys(asked):
        if path != STDIN and os.path.isdir(path):  # noqa: PTH112 (any bytes in a name)
            found = list(_within(path, out))
            yield from found or [Item(path, trouble=_empty())]
        else:
            yield Item(path)


def is_missing(item: Item) -> bool:
    """Say whether nothing lies where an item should: no file, or an empty folder.

    >>> is_missing(Item("samples/clean.mp3")), is_missing(Item("no/such.mp3"))
    (False, True)
    """
    if item.trouble is not None:
        return item.trouble.code == "not_found"
    return item.path != STDIN and not os.path.lexists(item.path)


def _empty() -> UndecodableError:
    return UndecodableError(
        "a folder without recordings",
        code="not_found",
        remedy="Files ending in .mp3 or .wav are looked for, in its subfolders too.",
    )


def _locked(error: OSError) -> UndecodableError:
    """Say why a folder can't be looked into."""
    if isinstance(error, PermissionError):
        return UndecodableError(
            "no right to look into this folder",
            code="not_permitted",
            remedy="Give yourself the right to (chmod u+rx).",
        )
    reason = (error.strerror or str(error)).lower()
    return UndecodableError(f"this folder can't be read: {reason}", code="not_found")


def _within(folder: str, out: Path | None) -> Iterator[Item]:
    """List the recordings below a folder, leaving out hidden ones and `out`.

    A folder that can't be looked into is listed too, with its trouble.
    """
    closed = None if out is None else out.resolve()
    errors: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=errors.append):
        yield from _troubles(errors)
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
    yield from _troubles(errors)


def _troubles(errors: list[OSError]) -> Iterator[Item]:
    """List folders that could not be looked into; each once."""
    while errors:
        error = errors.pop(0)
        yield Item(str(error.filename), trouble=_locked(error))


def is_recording(folder: Path, name: str) -> bool:
    """Say whether a name looks like a recording and is not an artefact of ours."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (any bytes in a name)
    if name.startswith(".") or suffix.lower() not in SUFFIXES:
        return False
    if suffix != ".wav":  # no artefact: a.mp3 may lie beside a.wav, made of it
        return True
    return not is_result(folder / f"{stem.removesuffix('.alaw')}.json")


def is_result(result: Path, source: str | None = None) -> bool:
    """Say whether a file is the result of a recording that we prepared.

    Parameters
    ----------
    result : Path
    source : str or None
        The path of the one recording that is meant; None for any.
    """
    try:
        with result.open(encoding="utf-8") as file:
            head = file.read(200)
            if f'"{PREPARE_SCHEMA}"' not in head:
                return False
            told = {} if source is None else json.loads(head + file.read())
    except (OSError, ValueError):  # no file, no text, no JSON
        return False
    return source is None or (isinstance(told, dict) and _is_of(told, source))


def _is_of(told: Mapping[str, object], source: str) -> bool:
    """Say whether a result tells of the recording at a path."""
    path, whole = told.get("path"), told.get("source")
    if STDIN in {path, source} or not isinstance(whole, str):
        return path == source
    if whole == os.path.abspath(source):  # noqa: PTH100 (any bytes in a name)
        return True
    # Recordings and artefacts that were moved together are still each other's.
    return path == source and not os.path.lexists(whole)


def artefacts_of(items: Sequence[Item], out: Path) -> dict[Item, Artefacts]:
    """Name the artefacts of each item, no two alike and none over a file of others.

    Two sources with one stem become ``stem-mp3`` and ``stem-wav``; so does a
    source whose artefact would stand where a file lies that we did not write, or
    made of another recording. A stem that is too long is shortened by `fitting`.

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
        folder = out / item.inner
        for name in _names(item, shared=shared):
            paths = Artefacts.named(folder, fitting(name, folder))
            if not (taken & files_of(paths)) and not covers_others(paths, item.path):
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


def fitting(name: str, folder: Path) -> str:
    """Shorten a name so that with all endings it fits a folder's disk.

    What is cut off is told by eight digits of its SHA-256: the same name always
    becomes the same, two names never one.

    >>> fitting("talk", Path())
    'talk'
    >>> fitting("a" * 250, Path("/tmp"))[-12:]
    'aaa-3f3e35e0'
    """
    raw, cut = os.fsencode(name), _name_bytes(folder) - len(LONGEST_ENDING)
    if len(raw) <= cut:
        return name
    import hashlib

    mark = "-" + hashlib.sha256(raw).hexdigest()[:MARK_DIGITS]
    cut -= len(mark)
    while cut > 1 and raw[cut] & 0xC0 == 0x80:  # in the middle of a letter (UTF-8)
        cut -= 1
    return os.fsdecode(raw[:cut]) + mark


def _name_bytes(folder: Path) -> int:
    """Ask the disk how long a name may be; the folder may still have to be made."""
    for place in (folder, *folder.parents):
        try:
            return os.pathconf(place, "PC_NAME_MAX")
        except (OSError, ValueError):
            continue
    return NAME_BYTES


def is_shortened(item: Item, paths: Artefacts) -> bool:
    """Say whether an item's artefacts could not have its whole name."""
    return not paths.alaw.name.startswith(_stem(item))


def files_of(paths: Artefacts) -> set[Path]:
    """Return the four files that artefacts are."""
    return {paths.prepared, paths.alaw, paths.alaw_wav, paths.result}


def covers_others(paths: Artefacts, source: str | None = None) -> bool:
    """Say whether a file lies there that is not an artefact of ours, made of `source`.

    What can't be looked at counts as none: writing there says what is wrong.
    """
    there = any(map(os.path.lexists, files_of(paths)))
    return there and not is_result(paths.result, source)
