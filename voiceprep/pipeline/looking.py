"""Look at a ledger, also where nothing may be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voiceprep.ledger import Ledger, file_of, url_of
from voiceprep.pipeline.folder import ledger_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.pipeline.folder import Order

__all__ = ["looked_at"]


@contextmanager
def looked_at(order: Order) -> Iterator[Ledger]:
    """Open an order's ledger to read it.

    SQLite writes beside a file that it only reads: where it can't, a copy is read.
    """
    url = ledger_of(order)
    path = file_of(url)
    if path is None or not path.exists() or _is_writable(path):
        with Ledger(url) as ledger:
            yield ledger
        return
    with tempfile.TemporaryDirectory(prefix="voiceprep-") as folder:
        for each in (path, path.with_name(f"{path.name}-wal")):
            if each.exists():
                shutil.copyfile(each, Path(folder, each.name))
        with Ledger(url_of(Path(folder, path.name))) as ledger:
            yield ledger


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
