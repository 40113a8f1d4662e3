"""Whether what was made still lies in OUT, where anybody may write."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep.audio.artefact import ALAW_HEAD_BYTES, WAV_HEAD_BYTES, alaw_head
from voiceprep.pipeline.places import exists, file_system, is_url, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voiceprep.ledger import Made

__all__ = ["are_the_same", "are_whole", "outgoing_bytes"]

_BLOCK: Final = 1 << 20


def are_whole(places: Mapping[str, str], made: Made) -> bool:
    """Say by their sizes whether a recording's artefacts are all there.

    Parameters
    ----------
    places : mapping
        Paths by kind: prepared, alaw, alaw_wav, result.
    made : Made
        What the ledger knows of it.
    """
    samples = _samples(made)
    sizes = {
        "prepared": WAV_HEAD_BYTES + 2 * samples,
        "alaw": samples,
        "alaw_wav": ALAW_HEAD_BYTES + samples + samples % 2,
    }
    try:
        told = {kind: os.stat(path).st_size for kind, path in places.items()}  # noqa: PTH116 (any bytes in a name)
    except OSError:
        return False
    return all(told[kind] == size for kind, size in sizes.items())


def _samples(made: Made) -> int:
    """Return how many samples were prepared; -1 matches no file."""
    found = json.loads(made.result or "{}").get("measurements", {})
    size = found.get("prepared_bytes")
    return -1 if size is None else (int(size) - WAV_HEAD_BYTES) // 2


def outgoing_bytes(made: Made) -> int | None:
    """Return the size of the file to upload, as the ledger knows it."""
    samples = _samples(made)
    if samples < 0 or made.outgoing is None:
        return None
    if made.outgoing.endswith(".alaw.wav"):
        return ALAW_HEAD_BYTES + samples + samples % 2
    return WAV_HEAD_BYTES + 2 * samples


def are_the_same(places: Mapping[str, str], made: Made) -> bool:
    """Say by their bytes whether artefacts are those that the ledger knows.

    Raises
    ------
    OSError
        Where a far store can't be reached.
    """
    try:
        samples = _samples(made)
        head, tail = alaw_head(max(samples, 0)), b"\0" * (samples % 2)
        return (
            exists(places["result"])
            and _sha256(places["prepared"]) == made.prepared_sha256
            and _sha256(places["alaw"]) == made.alaw_sha256
            and _sha256(places["alaw_wav"]) == _sha256(places["alaw"], head, tail)
        )
    except FileNotFoundError:
        return False


def _sha256(place: str, head: bytes = b"", tail: bytes = b"") -> str:
    """Digest what lies at a path or URL, with something before and after it."""
    digest = hashlib.sha256(head)
    with _reading(place) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    digest.update(tail)
    return digest.hexdigest()


@contextmanager
def _reading(place: str) -> Iterator[BinaryIO]:
    if not is_url(place):
        with open(place, "rb") as file:  # noqa: PTH123 (any bytes in a name)
            yield file
        return
    system, path = file_system(place)
    with reached(place), system.open(path, "rb") as far:
        yield far
