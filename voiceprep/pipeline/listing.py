"""List recordings: folders and their subfolders, single files, lists, URLs.

Nothing is opened. A listing comes folder by folder, so that names of one folder can be
told apart, and ten million recordings below one root need no more memory than the
largest folder.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep.ledger import Listed
from voiceprep.pipeline.inputs import SUFFIXES, fitting, is_recording
from voiceprep.pipeline.places import (
    as_text,
    file_system,
    is_url,
    path_of,
    place_of,
    reached,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from os import DirEntry

__all__ = ["Filter", "Settling", "listed", "read_list"]

_NAMES: Final = 4  # to choose from; after them comes one that never is taken
_SHORT: Final = 60  # letters, of 4 bytes at most: with any ending they fit every disk


@dataclass(frozen=True, slots=True)
class Filter:
    """Choose recordings by their path below the folder that was named.

    Parameters
    ----------
    include, exclude : tuple of str
        Globs; ``*`` stands for any text, ``/`` too. Without `include` all are in.

    >>> Filter(include=("*.mp3",), exclude=("old/*",)).takes("old/a.mp3")
    False
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, path: str) -> bool:
        """Say whether a recording is chosen."""
        wanted = not self.include or any(map(_matches(path), self.include))
        return wanted and not any(map(_matches(path), self.exclude))


def _matches(path: str) -> Any:
    # A glob without a slash is about the name, wherever it lies.
    return lambda glob: (
        fnmatchcase(path, glob) or fnmatchcase(path.rpartition("/")[2], glob)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold a file that a listing met."""

    path: str
    inner: str  # its folder below the root, "" for the root itself
    size: int
    stamp: str
    modified_at: float = 0.0


def listed(
    roots: Sequence[str],
    *,
    out: str | None = None,
    chosen: Filter = Filter(),
    settles: Settling | None = None,
    entered_as: str | None = None,
) -> Iterator[list[Listed]]:
    """List the recordings of roots, a folder at a time.

    Parameters
    ----------
    roots : sequence of str
        Folders, files or URLs. Names that lead nowhere are listed too: what reads
        them says what is wrong.
    out : str or None
        A folder or URL whose contents are never read as input.
    chosen : Filter
    settles : Settling or None
        Leaves what is still being written for later.
    entered_as : str or None
        The root to enter in the ledger; each root itself by default.

    Yields
    ------
    list of Listed
        Of one folder; symbolic links are followed while they stay inside the root.
        What several roots lead to comes once.
    """
    folder = Path() if out is None or is_url(out) else Path(path_of(out))
    several = list(dict.fromkeys(roots))
    is_new = _Once() if len(several) > 1 else lambda _: True
    for root in several:
        for found in _folders(root, out):
            fit = [each for each in found if chosen.takes(_below(each))]
            if settles is not None:
                fit = list(filter(settles, fit))
            fit = list(filter(is_new, fit))
            yield _named(fit, entered_as or place_of(root), folder)


class Settling:
    """Say of files whether they are whole: not written to for some time.

    What is newer by our clock, such as one that another machine's clock dated, is whole
    where nothing of it has changed between two looks.

    Parameters
    ----------
    seconds : float
        That time; looks are so far apart.
    clock : callable
        Unix time in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until = 0.0
        self._before: dict[str, _Found] = {}
        self._newer: dict[str, _Found] = {}

    def look(self) -> Settling:
        """Begin a look."""
        self._until = self._clock() - self._seconds
        self._before, self._newer = self._newer, {}
        return self

    @property
    def left(self) -> list[str]:
        """Return the places that this look left for later."""
        return [
            place_of(path)
            for path, found in self._newer.items()
            if self._before.get(path) != found
        ]

    def __call__(self, found: _Found) -> bool:
        """Say whether a file is whole."""
        if found.modified_at <= self._until:
            return True
        self._newer[found.path] = found
        return self._before.get(found.path) == found


class _Once:
    """Say of each file once that it is new, in whatever spelling it was named."""

    def __init__(self) -> None:
        self._seen = set[str]()
        self._real_folder = lru_cache(os.path.realpath)

    def __call__(self, found: _Found) -> bool:
        """Say whether a file was not met yet."""
        path = found.path
        if not is_url(path):
            folder, name = os.path.split(path)
            path = f"{self._real_folder(folder)}/{name}"
        is_new = path not in self._seen
        self._seen.add(path)
        return is_new


def _below(found: _Found) -> str:
    name = found.path.rpartition("/")[2]
    return f"{found.inner}/{name}" if found.inner else name


def _folders(root: str, out: str | None) -> Iterator[list[_Found]]:
    if is_url(root):
        return _behind_url(root, out)
    if os.path.isdir(root):  # noqa: PTH112 (any bytes in a name)
        return _Walk(root, out).folders()
    return iter([[_file(root, _inner_of(root))]])


def _inner_of(path: str) -> str:
    """Keep the folders of a file that was named by itself: names stay apart."""
    folder = os.path.dirname(os.path.relpath(path))  # noqa: PTH120 (any bytes)
    if folder.startswith(".."):
        folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120
    return folder.strip("/")


def _file(path: str, inner: str) -> _Found:
    """Describe a file; what can't be looked at is told by whoever opens it."""
    try:
        told = os.stat(path)  # noqa: PTH116 (any bytes in a name)
    except (OSError, ValueError):
        return _Found(path, inner, 0, "")
    return _Found(path, inner, told.st_size, _stamp(told), told.st_mtime)


def _stamp(told: os.stat_result) -> str:
    return f"{told.st_mtime_ns}-{told.st_ino}"


@dataclass(slots=True)
class _Walk:
    """Walk a folder and what lies below, each folder once."""

    root: str
    out: str | None
    seen: set[tuple[int, int]] = field(default_factory=set)
    inside: str = ""
    closed: str = ""

    def __post_init__(self) -> None:
        self.inside = os.path.realpath(self.root)
        own_out = self.out is not None and not is_url(self.out)
        self.closed = os.path.realpath(path_of(str(self.out))) if own_out else ""

    def folders(self) -> Iterator[list[_Found]]:
        """Yield the recordings of each folder."""
        told = os.stat(self.root)  # noqa: PTH116 (any bytes in a name)
        self.seen.add((told.st_dev, told.st_ino))  # a link may lead back to it
        waiting = [(self.root, "")]
        while waiting:
            path, inner = waiting.pop()
            try:
                with os.scandir(path) as entries:
                    each = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                yield [_file(path, inner)]  # opening it says what is wrong
                continue
            below, found = self._sorted(each, inner)
            waiting += reversed(below)
            yield found

    def _sorted(
        self, entries: Iterable[DirEntry[str]], inner: str
    ) -> tuple[list[tuple[str, str]], list[_Found]]:
        """Tell folders to walk from recordings."""
        folders, found = [], []
        for entry in entries:
            if entry.name.startswith(".") or self._leads_out(entry):
                continue
            if _is_folder(entry):
                if self._is_new(entry):
                    folders.append((entry.path, f"{inner}/{entry.name}".strip("/")))
            elif is_recording(Path(os.path.dirname(entry.path)), entry.name):  # noqa: PTH120
                found.append(_file(entry.path, inner))
        return folders, found

    def _leads_out(self, entry: DirEntry[str]) -> bool:
        """Say whether a symbolic link leads out of the root, or nowhere."""
        if not entry.is_symlink():
            return False
        target = os.path.realpath(entry.path)
        return os.path.commonpath([target, self.inside]) != self.inside

    def _is_new(self, folder: DirEntry[str]) -> bool:
        """Say whether a folder was not walked yet, and is not the output."""
        if self.closed and os.path.realpath(folder.path) == self.closed:
            return False
        told = folder.stat()
        key = (told.st_dev, told.st_ino)
        new = key not in self.seen
        self.seen.add(key)
        return new


def _is_folder(entry: DirEntry[str]) -> bool:
    """Say whether an entry is a folder; a link that leads to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _behind_url(root: str, out: str | None) -> Iterator[list[_Found]]:
    """List what lies behind a URL; nothing there is told by whoever opens it."""
    any_there = False
    with reached(root):
        for found in _within_url(root, out):
            any_there |= bool(found)
            yield found
    if not any_there:
        yield [_Found(root, "", 0, "")]


def _within_url(root: str, out: str | None) -> Iterator[list[_Found]]:
    """List one object, or all below it."""
    system, top = file_system(root)
    if system.isfile(top):
        yield [_object(root, "", system.info(top))]
        return
    scheme = root.partition("://")[0]
    closed = file_system(out)[1].rstrip("/") if out and is_url(out) else None
    for folder, below, files in system.walk(top, detail=True):
        for name in list(below):
            if name.startswith(".") or f"{folder.rstrip('/')}/{name}" == closed:
                del below[name]
        inner = folder.removeprefix(top).strip("/")
        names = sorted(name for name in files if _is_recording_object(name, files))
        url = f"{scheme}://{folder.strip('/')}" if scheme != "file" else folder
        yield [_object(f"{url}/{name}", inner, files[name]) for name in names]


def _is_recording_object(name: str, files: dict[str, Any]) -> bool:
    """Say by its name whether an object is a recording, and no artefact of ours."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or name.startswith(".") or f"{dot}{suffix}".lower() not in SUFFIXES:
        return False
    own = stem.removesuffix(".alaw")
    return not {f"{own}.json", f"{own}.pcm", f"{own}.alaw.wav"} <= files.keys()


def _object(url: str, inner: str, told: dict[str, Any]) -> _Found:
    stamps = (told.get(name) for name in ("ETag", "etag", "LastModified", "mtime"))
    stamp = next((str(each) for each in stamps if each), str(told.get("created", "")))
    return _Found(url, inner, int(told.get("size") or 0), stamp)


def _named(found: Sequence[_Found], root: str, out: Path) -> list[Listed]:
    """Name what becomes of the recordings of one folder, no two alike.

    A name that is too long for OUT's disk is shortened.
    """
    stems = Counter(_stem(each).casefold() for each in found)
    inner = {each.inner: place_of(f"/{each.inner}").strip("/") for each in found}

    def names(each: _Found) -> Iterator[str]:
        before = f"{inner[each.inner]}/" if inner[each.inner] else ""
        shared = stems[_stem(each).casefold()] > 1
        for name in islice(_names(each, shared=shared), _NAMES):
            yield before + as_text(_fitting(name, out))

    return [
        Listed(place_of(each.path), root, each.size, each.stamp, tuple(names(each)))
        for each in found
    ]


def _fitting(name: str, out: Path) -> str:
    # Asking the disk costs more than all else of a listing.
    return name if len(name) <= _SHORT else fitting(name, out)


def _stem(found: _Found) -> str:
    return _split(found)[0]


def _split(found: _Found) -> tuple[str, str]:
    """Return a file's name without its ending, and the ending."""
    stem, suffix = os.path.splitext(found.path.rpartition("/")[2])  # noqa: PTH122
    return stem, suffix[1:].lower()


def _names(found: _Found, *, shared: bool) -> Iterator[str]:
    """Offer names, the plainest first: `talk`, `talk-mp3`, `talk-mp3-2` and on."""
    stem, suffix = _split(found)
    longer = f"{stem}-{suffix}" if suffix else stem
    if not shared:
        yield stem
    yield longer
    for number in count(2):
        yield f"{longer}-{number}"


def read_list(text: bytes) -> list[str]:
    r"""Read a list of paths or URLs: a line each, or NUL after each.

    >>> read_list(b"a.wav\nb c.wav\n"), read_list(b"a\nb.wav\0")
    (['a.wav', 'b c.wav'], ['a\nb.wav'])
    """
    parts = text.split(b"\0") if b"\0" in text else text.splitlines()
    return [os.fsdecode(part) for part in parts if part.strip()]
