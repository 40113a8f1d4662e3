"""Guard against decoders that hang: what a foreign library walks runs where it can die.

Plain WAV and MPEG are walked by our own code, which is bounded. libsndfile and others
walk what is left, and some files hang them for ever (facts.md, "Decoders"): those few
are worth a process of their own, a fifth of a second.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

from voiceprep.audio.opening import open_recording
from voiceprep.audio.sniff import HEAD_BYTES, MPEG, WAV, sniff
from voiceprep.audio.unfinished import when_dropped
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.batch import Isolated, Limits, WorkerLostError

__all__ = ["guarded", "limits_for", "lost", "unguarded"]

DoneT = TypeVar("DoneT")
_LEAST_CPU_S: Final = 10.0  # [ours] importing counts
_LEAST_WALL_S: Final = 90.0  # [ours] so does a far disk
# [ours] The densest sound we know is Opus at 1 kbit/s: two hours of it are 0.9 MB,
# and take 15 s.
_CPU_S_PER_BYTE: Final = 20e-6
_WALL_S_PER_CPU_S: Final = 3.0  # on a busy machine

_idle: list[Isolated] = []  # processes that wait for the next call


def guarded(
    call: Callable[..., DoneT],
    recording: str | os.PathLike[str] | BinaryIO,
    *arguments: Any,
    **options: Any,
) -> DoneT:
    """Call `check` or `prepare`: here where that is safe, else in another process.

    Parameters
    ----------
    call : callable
        Takes the recording first; picklable with what it is given.
    recording : path or binary file
        A file that is open already is read here.

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
    from voiceprep.batch import WorkerLostError

    try:
        with _process() as pool:
            return pool.submit(call, recording, *arguments, **options).result()
    except WorkerLostError as error:
        raise lost(error) from error


def unguarded(
    call: Callable[..., DoneT], recording: Any, *arguments: Any, **options: Any
) -> DoneT:
    """Call as `guarded` does, always here: in a process that may die.

    >>> unguarded(len, "talk.mp3")
    8
    """
    return call(recording, *arguments, **options)


def lost(error: WorkerLostError) -> UndecodableError:
    """Say that a decoder did not live to return.

    >>> from voiceprep.batch import WorkerLostError
    >>> print(lost(WorkerLostError("crashed (SIGSEGV)")))
    the decoder crashed (SIGSEGV)
    """
    from voiceprep.audio.identify import EXPORT

    return UndecodableError(
        f"the decoder {error}", code="decoder_failed", remedy=EXPORT
    )


def limits_for(size: int) -> Limits:
    """Say what recordings of so many bytes together may take.

    >>> limits_for(0).cpu_s, round(limits_for(20_000_000).cpu_s)
    (10.0, 410)
    """
    from voiceprep.batch import Limits

    cpu_s = _LEAST_CPU_S + _CPU_S_PER_BYTE * size
    wall_s = max(_LEAST_WALL_S, _WALL_S_PER_CPU_S * cpu_s)
    return Limits(wall_s=wall_s, cpu_s=cpu_s)


def _is_walked_by_others(recording: str | os.PathLike[str] | BinaryIO) -> bool:
    """Say whether a foreign library finds its way through a file by itself."""
    if not isinstance(recording, (str, os.PathLike)):
        return False
    try:
        with open_recording(recording) as file:
            kind = sniff(file.read(HEAD_BYTES))
            if kind is WAV:
                from voiceprep.audio import riff

                file.seek(0)
                return not riff.walk(file).reads_straight
            return kind not in {None, MPEG} and bool(kind.container)
    except (UndecodableError, OSError):
        return False  # whoever reads it says what is wrong


@contextmanager
def _process() -> Iterator[Isolated]:
    """Lend a process that waits; start one where none does."""
    from voiceprep.batch import Isolated

    try:
        pool = _idle.pop()
    except IndexError:
        pool = Isolated(1, _limits)
        when_dropped(partial(pool.shutdown, wait=False))
    try:
        yield pool
    finally:
        _idle.append(pool)


def _limits(recording: str | os.PathLike[str], *_: Any, **__: Any) -> Limits:
    return limits_for(os.stat(recording).st_size)  # noqa: PTH116 (any bytes in a name)
