"""The recordings that are measured: speech without end, made once and kept."""

import os
import shutil
import subprocess
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import make_samples as samples
import numpy as np
import numpy.typing as npt

SEED = 20_261_123
LOOP_S = 60
PAUSE_S = 0.6
DELAY_S = 0.0005  # the second microphone stands 17 cm further off
NOISE_DBFS = -60.0
MESSAGES = (
    samples.PHARMACY,
    samples.DENTIST,
    samples.SALE,
    samples.LIBRARY,
    samples.TOWN_HALL,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to store a recording; `kbps` is None for 16-bit WAV."""

    rate: int
    channels: int
    kbps: int | None = None

    @property
    def suffix(self) -> str:
        """The file name's ending."""
        return ".wav" if self.kbps is None else ".mp3"


STEREO_MP3 = Kind(44_100, 2, 128)
STEREO_WAV = Kind(44_100, 2)

# What a customer's folder holds.
FOLDER_KINDS = (
    STEREO_MP3,
    STEREO_WAV,
    Kind(44_100, 1, 64),
    Kind(48_000, 2, 128),
    Kind(48_000, 1),
    Kind(22_050, 1, 48),
    Kind(22_050, 1),
)


def recording(work: Path, name: str, seconds: float, kind: Kind) -> Path:
    """Make a recording unless it is there.

    Parameters
    ----------
    work : Path
        The cache folder.
    name : str
        Of the file, without its ending.
    seconds : float
        Its length.
    kind : Kind
        How it is stored.

    Returns
    -------
    Path
        The whole file: it is written under another name and renamed.
    """
    path = work / f"{name}{kind.suffix}"
    if not path.exists():
        part = path.with_name(f".{os.getpid()}-{path.name}")
        write(part, seconds, kind, 0)
        part.replace(path)
    return path


def mixed_folder(work: Path, count: int) -> Path:
    """Make a folder of mixed recordings of 15 to 60 s unless it is there.

    Parameters
    ----------
    work : Path
        The cache folder.
    count : int
        How many; the first of a smaller folder are those of a larger one.

    Returns
    -------
    Path
        The folder, complete.
    """
    folder = work / f"folder-{count}"
    if not folder.exists():
        part = work / f".{os.getpid()}-{folder.name}"
        part.mkdir()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda number: write_mixed(part, number), range(count)))
        part.replace(folder)
    return folder


def write_mixed(folder: Path, number: int) -> None:
    """Write the recording of this number, drawn from its own seed."""
    draw = np.random.default_rng((SEED, number))
    kind = FOLDER_KINDS[draw.integers(len(FOLDER_KINDS))]
    seconds = float(draw.uniform(15, 60))
    start_s = float(draw.uniform(0, LOOP_S))
    write(folder / f"{number:03d}{kind.suffix}", seconds, kind, start_s)


def write(path: Path, seconds: float, kind: Kind, start_s: float) -> None:
    """Write a recording that starts somewhere in the loop.

    Parameters
    ----------
    path : Path
        Where to.
    seconds : float
        Its length.
    kind : Kind
        How it is stored.
    start_s : float
        Where in the loop it begins.
    """
    blocks = around(loop(kind.rate, kind.channels), seconds, kind.rate, start_s)
    if kind.kbps is None:
        write_wav(path, kind, blocks)
    else:
        write_mp3(path, kind, blocks)


def write_wav(path: Path, kind: Kind, blocks: Iterator[bytes]) -> None:
    """Write 16-bit PCM as it comes."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(kind.channels)
        out.setsampwidth(2)
        out.setframerate(kind.rate)
        for block in blocks:
            out.writeframesraw(block)


def write_mp3(path: Path, kind: Kind, blocks: Iterator[bytes]) -> None:
    """Encode raw PCM as it comes: nothing longer than the loop is ever whole."""
    khz = str(kind.rate / 1000)
    mode = "m" if kind.channels == 1 else "j"
    raw = ["-r", "-s", khz, "--bitwidth", "16", "--signed", "--little-endian"]
    # -f encodes three times as fast; it costs the decoder nothing.
    encoding = ["--cbr", "-b", str(kind.kbps), "--resample", khz, "-m", mode, "-f"]
    command = ["lame", "--quiet", *raw, *encoding, "-", str(path)]

    # lame warns of raw input on stderr, --quiet or not: kept for the error alone.
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stderr=pipe) as encoder:
        assert encoder.stdin is not None
        for block in blocks:
            encoder.stdin.write(block)
        _, said = encoder.communicate()
    if encoder.returncode:
        raise subprocess.CalledProcessError(encoder.returncode, command, stderr=said)


def around(
    pcm: npt.NDArray[np.int16], seconds: float, rate: int, start_s: float
) -> Iterator[bytes]:
    """Go round the loop.

    Parameters
    ----------
    pcm : ndarray
        Shape (frames, channels): the loop.
    seconds : float
        How long to go on.
    rate : int
        In Hz.
    start_s : float
        Where to begin, in seconds of the loop.

    Yields
    ------
    bytes
        Little-endian 16-bit PCM, at most a loop at a time.
    """
    place = round(start_s * rate) % len(pcm)
    left = round(seconds * rate)
    while left:
        block = pcm[place : place + left]
        yield block.tobytes()
        left -= len(block)
        place = 0


@cache
def loop(rate: int, channels: int) -> npt.NDArray[np.int16]:
    """Give a minute of messages in a room.

    Parameters
    ----------
    rate : int
        In Hz.
    channels : int
        1, or 2: the second a little later and softer, with noise of its own.

    Returns
    -------
    ndarray
        Shape (LOOP_S * rate, channels), int16.
    """
    mono = minute_of_speech(rate)
    later = np.roll(mono, round(DELAY_S * rate)) * samples.ratio(-2)
    voices = np.hstack([mono, later])[:, :channels]

    noise = np.random.default_rng(SEED).standard_normal(voices.shape)
    mixed = voices + noise * samples.ratio(NOISE_DBFS)
    return np.round(np.clip(mixed, -1, 1) * 32_767).astype("<i2")


def minute_of_speech(rate: int) -> samples.Samples:
    """Say the messages one after the other, for `LOOP_S` seconds.

    Parameters
    ----------
    rate : int
        In Hz.

    Returns
    -------
    Samples
        Shape (LOOP_S * rate, 1).
    """
    pause = np.zeros((round(PAUSE_S * rate), 1), np.float32)
    said = [part for text in MESSAGES for part in (samples.speak(text, rate), pause)]
    once = np.concatenate(said)
    return np.resize(once, (LOOP_S * rate, 1))


def clear(folder: Path) -> None:
    """Empty an output folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
