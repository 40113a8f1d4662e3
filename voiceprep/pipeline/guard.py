"""Guard against decoders that hang: what a foreign library walks runs where it can die.

Plain WAV and MPEG are walked by our own code, which is bounded. libsndfile and others
walk what is left, and some files hang them for ever (facts.md, "Decoders"): those few
are worth a process of their own, a fifth of a second.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from voiceprep.audio import riff
from voiceprep.audio.identify import EXPORT
from voiceprep.audio.opening import open_recording
from voiceprep.audio.sniff import HEAD_BYTES, MPEG, WAV, sniff
from voiceprep.batch import Isolated, Limits, WorkerLostError
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIMITS", "guarded", "lost"]

DoneT = TypeVar("DoneT")
LIMITS: Final = Limits(wall_s=90.0, cpu_s=30.0)  # [ours] of a small recording
_LONG: Final = Limits(wall_s=1_800.0, cpu_s=600.0)  # two hours of sound, at most
_SMALL_BYTES: Final = 1 << 20

_lock = threading.Lock()
_pools: list[Isolated] = []  # at most one, started when it is needed


def guarded(
    call: Callable[..., DoneT],
    recording: str | os.PathLike[str],
    *arguments: Any,
    **options: Any,
) -> DoneT:
    """Call `check` or `prepare`: here where that is safe, else in another process.

    Raises
    ------
    UndecodableError
        ``decoder_failed``, where the decoder did not live to return.

    >>> from voiceprep.pipeline.recording import check
    >>> guarded(check, "samples/clean.mp3").verdict
    <Verdict.FIT: 'fit'>
    """
    if not _is_walked_by_others(recording):
        return call(recording, *arguments, **options)
    try:
        return _pool().submit(call, recording, *arguments, **options).result()
    except WorkerLostError as error:
        raise lost(error) from error


def lost(error: WorkerLostError) -> UndecodableError:
    """Say that a decoder did not live to return.

    >>> print(lost(WorkerLostError("crashed (SIGSEGV)")))
    the decoder crashed (SIGSEGV)
    """
    return UndecodableError(
        f"the decoder {error}", code="decoder_failed", remedy=EXPORT
    )


def _is_walked_by_others(recording: str | os.PathLike[str]) -> bool:
    """Say whether a foreign library finds its way through a file by itself."""
    try:
        with open_recording(recording) as file:
            kind = sniff(file.read(HEAD_BYTES))
            if kind is WAV:
                file.seek(0)
                return not riff.walk(file).reads_straight
            return kind not in {None, MPEG} and bool(kind.container)
    except (UndecodableError, OSError):
        return False  # whoever reads it says what is wrong


def _pool() -> Isolated:
    """Return the process of those calls; the first of them starts it."""
    with _lock:
        if not _pools:
            workers = os.cpu_count() or 1
            _pools.append(Isolated(workers, _limits))
        return _pools[0]


def _limits(recording: str | os.PathLike[str], *_: Any, **__: Any) -> Limits:
    size = os.stat(recording).st_size  # noqa: PTH116 (any bytes in a name)
    return LIMITS if size < _SMALL_BYTES else _LONG
