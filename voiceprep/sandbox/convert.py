"""Convert stored audio to headerless A-law, the sandbox's own way (R29).

Nothing of `voiceprep.audio` is used: libsndfile and miniaudio decode, a Kaiser
filter of scipy's resamples, and the stdlib's `audioop` encodes. So an error of
ours can't agree with itself, and where both give the same bytes, they are right.

A child process does the work and is killed when it hangs. It stays warm between
uploads, since `import scipy.signal` costs up to 1.4 s of CPU.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import warnings
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    Float32 = npt.NDArray[np.float32]

__all__ = ["ConversionError", "Converted", "Converter"]

RATE: Final = 8_000  # R29
MIN_SECONDS: Final = 10  # R28
MAX_SECONDS: Final = 7_200  # [ours]
MEMORY_BYTES: Final = 6 << 30  # address space; two hours at 48 kHz fit
BLOCK: Final = 65_536
PASS_HZ, STOP_HZ = 3_400.0, 4_000.0
STOP_DB: Final = 100.0
NO_AUDIO: Final = "contentFile is neither a valid mp3 nor a valid wav"


class ConversionError(Exception):
    """Say why a file is not taken, in the platform's words."""


@dataclass(frozen=True, slots=True)
class Converted:
    """Hold what was stored: its type, and its exact length."""

    kind: str
    frames: int
    rate: int

    @property
    def duration_s(self) -> int:
        """Return the whole seconds, rounded down (R30)."""
        return self.frames // self.rate


class Converter:
    """Keep one child process, and give it one file at a time.

    Parameters
    ----------
    limit_s : float
        Wall clock for one file; a child that takes longer is killed.
    """

    def __init__(self, limit_s: float = 60.0) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def convert(self, source: Path, target: Path) -> Converted:
        """Write the A-law of `source` to `target`.

        Raises
        ------
        ConversionError
            Where the file is not taken, or the child died of it.
        """
        job = {"source": str(source), "target": str(target), "limit_s": self._limit_s}
        with self._lock:
            said = self._ask(json.dumps(job))
        if said is None:
            raise ConversionError(f"{NO_AUDIO}: it can't be decoded")
        if "refused" in said:
            raise ConversionError(said["refused"])
        return Converted(**said)

    def _ask(self, job: str) -> dict[str, Any] | None:
        """Give the child a job; None where it died of it."""
        if self._child is None:
            self._child = _start()
        pipe_in, pipe_out = self._child.stdin, self._child.stdout
        assert pipe_in is not None  # noqa: S101 (both were asked for)
        assert pipe_out is not None  # noqa: S101
        try:
            pipe_in.write(job + "\n")
            pipe_in.flush()
            line = pipe_out.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._end()
            return None
        said: dict[str, Any] = json.loads(line)
        return said

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        child.wait()


def _start() -> subprocess.Popen[str]:
    """Start the child; it ends with its standard input."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "voiceprep.sandbox.convert"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is for the server, which ends its child
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
    )


def main(jobs: IO[str], answers: IO[str]) -> None:
    """Work on jobs, a JSON line each, until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for line in jobs:
        job = json.loads(line)
        # Without a handler the alarm kills: also C code that hangs for ever.
        signal.setitimer(signal.ITIMER_REAL, job["limit_s"])
        answers.write(json.dumps(_answer(Path(job["source"]), Path(job["target"]))))
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write("\n")
        answers.flush()


def _answer(source: Path, target: Path) -> dict[str, Any]:
    """Convert one file; say what it was, or why it is refused."""
    import numpy as np

    try:
        kind, mono, rate = _decoded(source)
        if not np.isfinite(mono).all():
            return {"refused": f"{NO_AUDIO}: a sample is not a finite number"}
        if len(mono) < MIN_SECONDS * rate:
            seconds = f"{len(mono) / rate:.3f} s"
            return {"refused": f"contentFile lasts {seconds}; at least 10 s (R28)"}
        target.write_bytes(_alaw(_resampled(mono, rate)))
    except ConversionError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": f"{NO_AUDIO}: it takes too much memory"}
    return {"kind": kind, "frames": len(mono), "rate": rate}


def _decoded(source: Path) -> tuple[str, Float32, int]:
    """Return the type by content, the mean of the channels, and the rate."""
    with source.open("rb") as file:
        head = file.read(12)
    if head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:] == b"WAVE":
        return ("wav", *_by_libsndfile(source, {"WAV", "WAVEX", "RF64"}))
    readings = []
    for read in (_mp3_by_libsndfile, _mp3_by_miniaudio):
        with contextlib.suppress(ConversionError):
            readings.append(read(source))
    if not readings:
        raise ConversionError(NO_AUDIO)
    # libsndfile cuts some files short without a word; no decoder makes sound up.
    mono, rate = max(readings, key=lambda reading: len(reading[0]))
    return "mp3", mono, rate


def _mp3_by_libsndfile(source: Path) -> tuple[Float32, int]:
    return _by_libsndfile(source, {"MP3"})


def _by_libsndfile(source: Path, formats: set[str]) -> tuple[Float32, int]:
    """Decode block by block: the count in the header is not believed."""
    import soundfile

    try:
        with soundfile.SoundFile(source) as sound:
            if sound.format not in formats:
                raise ConversionError(NO_AUDIO)
            rate: int = sound.samplerate
            return _mean(_blocks(sound), rate), rate
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        raise ConversionError(NO_AUDIO) from error


def _blocks(sound: Any) -> Iterator[Float32]:
    while len(block := sound.read(BLOCK, dtype="float32", always_2d=True)):
        yield block


def _mp3_by_miniaudio(source: Path) -> tuple[Float32, int]:
    import miniaudio
    import numpy as np

    try:
        with source.open("rb") as file:
            data = file.read()
        told = miniaudio.mp3_get_info(data)
        stream = miniaudio.stream_memory(
            data,
            miniaudio.SampleFormat.FLOAT32,
            told.nchannels,
            told.sample_rate,
            BLOCK,
        )
        shaped = (
            np.array(part, np.float32).reshape(-1, told.nchannels) for part in stream
        )
        return _mean(shaped, told.sample_rate), told.sample_rate
    except miniaudio.MiniaudioError as error:
        raise ConversionError(NO_AUDIO) from error


def _mean(blocks: Iterator[Float32], rate: int) -> Float32:
    """Return the mean of the channels, (n,) float32, of at most two hours."""
    import numpy as np

    parts, frames = [], 0
    for block in blocks:
        frames += len(block)
        if frames > MAX_SECONDS * rate:
            raise ConversionError(f"contentFile lasts over {MAX_SECONDS} s")
        parts.append(block.mean(axis=1, dtype=np.float32))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _resampled(mono: Float32, rate: int) -> Float32:
    """Bring one channel to 8 kHz; round(n × 8000 / rate) samples."""
    if rate == RATE:
        return mono
    from scipy.signal import firwin, kaiserord, resample_poly

    common = gcd(rate, RATE)
    up, down = RATE // common, rate // common
    nyquist = up * rate / 2
    stop = min(STOP_HZ, rate / 2)
    width = max(stop - PASS_HZ, 0.05 * stop)
    taps, beta = kaiserord(STOP_DB, width / nyquist)
    window = firwin(taps | 1, stop - width / 2, window=("kaiser", beta), fs=2 * nyquist)
    whole = resample_poly(mono.astype("float64"), up, down, window=window)
    resampled: Float32 = whole[: round(len(mono) * RATE / rate)]
    return resampled


def _alaw(samples: Float32) -> bytes:
    """Encode samples of full scale 1.0 as A-law, through 16 bits."""
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
    steps = np.clip(np.rint(samples * 32_768.0), -32_768, 32_767).astype("<i2")
    return audioop.lin2alaw(steps.tobytes(), 2)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
