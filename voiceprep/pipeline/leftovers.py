"""What killed runs leave behind: files under temporary names, whole or not."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from voiceprep.pipeline.places import is_url, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.ledger import Ledger

__all__ = ["sweep", "swept"]

_PART: Final = re.compile(r"\.voiceprep-[0-9a-f]{16}\.(part|old)")


@contextmanager
def swept(out: str, ledger: Ledger) -> Iterator[None]:
    """Sweep OUT as a run begins, and at its end after those that died meanwhile.

    Looking through OUT takes time where millions lie there: it is done only where the
    ledger knows of a run that died.
    """
    _tidy(out, ledger)
    yield
    _tidy(out, ledger)


def _tidy(out: str, ledger: Ledger) -> None:
    since = ledger.bury()
    if since is not None and not is_url(out):
        sweep(path_of(out), since)


def sweep(folder: str, since: float) -> None:
    """Remove the temporary files below a folder that are older than a moment.

    Parameters
    ----------
    folder : str
    since : float
        Unix time: when the oldest run that may still write one began.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     for name in (".voiceprep-0123456789abcdef.part", "talk.part"):
    ...         open(f"{out}/{name}", "w").close()
    ...     sweep(out, since=4e9)
    ...     os.listdir(out)
    ['talk.part']
    """
    for inner, _, names in os.walk(folder):
        for name in filter(_PART.fullmatch, names):
            path = os.path.join(inner, name)  # noqa: PTH118 (any bytes in a name)
            with suppress(OSError):  # whoever writes there next says what is wrong
                if os.stat(path).st_mtime < since:  # noqa: PTH116
                    os.unlink(path)  # noqa: PTH108
