"""Know what this process has begun on disk, so that it can end at any moment.

A thread can't be ended from outside; a process can. Whoever ends it while threads are
at work calls `drop_all` first: what is about to get its final name gets it, every
temporary file and folder goes, and no thread begins another.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["begun", "drop_all", "ended", "undisturbed", "when_dropped", "workspace"]

_LOCK: Final = threading.RLock()
_BEGUN: Final[dict[Path, int]] = {}  # path → the process: a fork has begun nothing
_DROPPED: Final = threading.Event()
_ENDINGS: Final[list[Callable[[], object]]] = []
_ENDING_S: Final = 2.0  # [ours] each may take so long


@contextmanager
def undisturbed() -> Iterator[None]:
    """Take a few steps on disk that belong together: `drop_all` waits for them.

    Raises
    ------
    SystemExit
        Where everything was dropped already: it ends the thread.
    """
    with _LOCK:
        if _DROPPED.is_set():
            raise SystemExit("this process is ending")
        yield


def begun(path: Path) -> None:
    """Note a temporary file or folder that was just made."""
    with _LOCK:
        _BEGUN[path] = os.getpid()


def ended(path: Path) -> None:
    """Forget a temporary file or folder: it is gone, or has its final name."""
    with _LOCK:
        _BEGUN.pop(path, None)


def when_dropped(end: Callable[[], object]) -> None:
    """Note what `drop_all` ends first, such as a process that works for a thread."""
    _ENDINGS.append(end)


@contextmanager
def workspace() -> Iterator[Path]:
    """Make a temporary folder; it goes at the end, with what is in it.

    >>> with workspace() as folder:
    ...     folder.is_dir()
    True
    >>> folder.exists()
    False
    """
    import shutil
    import tempfile

    with undisturbed():
        folder = Path(tempfile.mkdtemp(prefix="voiceprep-"))
        begun(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        ended(folder)


def drop_all() -> None:
    """Remove all that this process has begun; only for one that ends at once."""
    while _ENDINGS:
        ending = threading.Thread(target=_ENDINGS.pop(), daemon=True)
        ending.start()
        ending.join(_ENDING_S)
    with _LOCK:
        _DROPPED.set()
        own = [path for path, process in _BEGUN.items() if process == os.getpid()]
        for path in own:
            _remove(path)


def _remove(path: Path) -> None:
    """Remove a file or a folder; what can't be removed stays."""
    import shutil

    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
