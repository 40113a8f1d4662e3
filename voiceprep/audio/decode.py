"""Decode a recording block by block, and compare what comes with what should.

What a file holds was found by walking it (`identify`). What a decoder returns is
compared with that; where one stops short, another carries on at the same sample.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from voiceprep.audio import riff
from voiceprep.audio.identify import EXPORT, check_shape, identify
from voiceprep.audio.opening import open_recording
from voiceprep.audio.signal import Audio, Samples
from voiceprep.audio.splice import Splice
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from voiceprep.audio.identify import Source
    from voiceprep.audio.mpeg import MpegWalk
    from voiceprep.audio.signal import Float32

__all__ = ["Decoded", "Sink", "decode", "pour"]

BLOCK_FRAMES: Final = 65_536
MAX_DURATION_S: Final = 7_200  # facts.md, "Decoders": limits that suit telephony
DECODER_DELAY: Final = 529  # samples that any layer III decoder adds (LAME's tag)
AGREEMENT_S: Final = 0.05  # header against frames; frames and gaps are shorter
SHORT_S: Final = 0.3  # facts.md, "Rules", truncated: what may be missing
SHORT_SHARE: Final = 0.02
SOUNDFILE_CONTAINERS: Final = {"ogg", "flac", "aiff", "au", "caf", "w64"}

Sink = Callable[[Samples, int], None]  # takes (n, channels) float32, and Hz


@dataclass(frozen=True, slots=True)
class Decoded:
    """Say what decoding did.

    Parameters
    ----------
    decoders : tuple of str
        In the order in which they were needed, one as a rule.
    rate, channels, frames : int
        Of the samples that were delivered.
    declared_frames : int or None
        What a decoder's header claimed, where there was no walk to tell.
    """

    decoders: tuple[str, ...]
    rate: int
    channels: int
    frames: int
    declared_frames: int | None = None


def pour(file: BinaryIO, source: Source, sink: Sink) -> Decoded:
    """Decode a file into a sink, block by block.

    Parameters
    ----------
    file : BinaryIO
        The file that was identified.
    source : Source
        What `identify` said of it.
    sink : callable
        Takes each block, (n, channels) float32, and the rate in Hz.

    Returns
    -------
    Decoded
        Which decoders were needed, and how much they delivered.

    Raises
    ------
    UndecodableError
        Where decoders fail or return less than the file's frames hold;
        ``too_large`` past two hours; ``unsupported`` where a package lacks.
    """
    if source.walk is not None:
        return _pour_mpeg(file, source, source.walk, sink)
    if source.wav is not None and source.wav.reads_straight:
        stream = riff.blocks(file, source.wav, BLOCK_FRAMES)
        return _drain("riff", stream, source.rate, sink)
    if source.wav is not None:
        data = source.wav.data_start, source.wav.data_start + source.wav.data_bytes
        head = riff.minimal_head(source.wav)
        return _pour_soundfile(Splice(file, [data], head), source, sink)
    if source.kind.container in SOUNDFILE_CONTAINERS:
        return _pour_soundfile(file, source, sink)
    return _pour_av(file, source, sink)


def _drain(
    decoder: str,
    stream: Iterator[Samples],
    rate: int,
    sink: Sink,
) -> Decoded:
    """Pour a stream of blocks, up to the longest duration."""
    frames, channels = 0, 0
    for block in stream:
        frames += len(block)
        channels = block.shape[1]
        _check_duration(frames, rate)
        sink(block, rate)
    return Decoded((decoder,), rate, channels, frames)


def _check_duration(frames: int, rate: int) -> None:
    if frames > MAX_DURATION_S * rate:
        raise UndecodableError(
            "longer than 2 hours",
            code="too_large",
            remedy="Send the part that is to be heard.",
            limit=MAX_DURATION_S,
        )


def _pour_soundfile(file: BinaryIO | Splice, source: Source, sink: Sink) -> Decoded:
    """Decode what libsndfile reads, and note what its header claims."""
    from voiceprep.audio import sndfile

    try:
        with sndfile.opened(file) as sound:
            rate, stream = sound.samplerate, sndfile.blocks(sound, BLOCK_FRAMES)
            check_shape(rate, sound.channels)
            done = _drain("soundfile", stream, rate, sink)
            declared = source.declared_frames or sound.frames
    except sndfile.DecoderError as error:
        raise _undecoded(source, error) from error
    # A frame count near 2^63 is libsndfile's word for "unknown".
    known = declared if declared < 1 << 62 else None
    return replace(done, declared_frames=known)


def _undecoded(source: Source, error: Exception) -> UndecodableError:
    # libsndfile's own words; the object that it was given means nothing to a reader.
    reason = str(getattr(error, "error_string", error)).strip().rstrip(".")
    return UndecodableError(
        f"{source.kind.name} ({source.codec}) that can't be decoded: {reason}",
        remedy=EXPORT,
    )


def _pour_mpeg(
    file: BinaryIO,
    source: Source,
    walk: MpegWalk,
    sink: Sink,
) -> Decoded:
    """Decode MPEG frames; where a decoder stops short, the next carries on."""
    expected, used, delivered = walk.expected_samples, [], 0
    spare = AGREEMENT_S * walk.rate
    failure: Exception | None = None
    for name, stream in _mpeg_streams(file, source, walk):
        used.append(name)
        try:
            with closing(_after(stream, delivered)) as rest:
                for block in rest:
                    delivered += len(block)
                    _check_duration(delivered, walk.rate)
                    sink(_with_channels(block, walk.channels), walk.rate)
        except UndecodableError:
            raise
        except Exception as error:  # noqa: BLE001 (each decoder has its own)
            failure = error
        if delivered >= expected - spare:
            return Decoded(tuple(used), walk.rate, walk.channels, delivered)
    short = max(SHORT_S * walk.rate, SHORT_SHARE * expected)
    if delivered == 0 or expected - delivered > short:
        seconds = f"{delivered / walk.rate:.1f} of {expected / walk.rate:.1f} s"
        raise UndecodableError(
            f"only {seconds} can be decoded", remedy=EXPORT
        ) from failure
    return Decoded(tuple(used), walk.rate, walk.channels, delivered)


def _mpeg_streams(
    file: BinaryIO, source: Source, walk: MpegWalk
) -> Iterator[tuple[str, Generator[Samples]]]:
    """Offer decoders in the order of trust: soundfile first if its count agrees."""
    whole_file = source.wav is None
    if whole_file and _header_agrees(file, walk):
        yield "soundfile", _soundfile_mpeg(file)
    yield "miniaudio", _miniaudio_mpeg(file, walk)
    if whole_file:
        yield "soundfile", _soundfile_mpeg(file)


def _header_agrees(file: BinaryIO, walk: MpegWalk) -> bool:
    """Say whether libsndfile claims the length that the frames hold."""
    from voiceprep.audio import sndfile

    if walk.switches_channels or walk.seams:
        return False
    try:
        with sndfile.opened(file) as sound:
            apart = abs(sound.frames - walk.expected_samples)
            return bool(apart <= AGREEMENT_S * walk.rate)
    except sndfile.DecoderError:
        return False


def _soundfile_mpeg(file: BinaryIO) -> Generator[Samples]:
    """Decode the file as libsndfile sees it."""
    from voiceprep.audio import sndfile

    with sndfile.opened(file) as sound:
        yield from sndfile.blocks(sound, BLOCK_FRAMES)


def _miniaudio_mpeg(file: BinaryIO, walk: MpegWalk) -> Generator[Samples]:
    """Decode nothing but the frames; delay and padding are cut off here."""
    import miniaudio

    start = walk.delay + DECODER_DELAY if walk.delay else 0
    left = walk.expected_samples
    # Held in a name: miniaudio keeps only a weak hold on its source.
    frames = _splice_source(Splice(file, walk.runs))
    stream = miniaudio.stream_any(
        frames,
        miniaudio.FileFormat.MP3,
        miniaudio.SampleFormat.FLOAT32,
        walk.channels,
        walk.rate,
        BLOCK_FRAMES,
    )
    with closing(stream):
        raw = (np.array(part, np.float32).reshape(-1, walk.channels) for part in stream)
        for block in _after(raw, start):
            yield block[:left]
            left -= len(block)
            if left <= 0:
                return


def _splice_source(frames: Splice) -> Any:
    """Wrap a splice as miniaudio's kind of source."""
    import miniaudio

    whence = {
        miniaudio.SeekOrigin.START: os.SEEK_SET,
        miniaudio.SeekOrigin.CURRENT: os.SEEK_CUR,
    }

    class Frames(miniaudio.StreamableSource):  # type: ignore[misc]
        def read(self, num_bytes: int) -> bytes:
            return frames.read(num_bytes) or b""

        def seek(self, offset: int, origin: Any) -> bool:
            frames.seek(offset, whence.get(origin, os.SEEK_END))
            return True

    return Frames()


def _after(stream: Iterator[Samples], skip: int) -> Generator[Samples]:
    """Leave out the first `skip` frames of a stream."""
    for block in stream:
        if skip < len(block):
            yield block[skip:]
        skip = max(0, skip - len(block))


def _with_channels(block: Samples, channels: int) -> Samples:
    """Repeat a mono block where the recording has two channels."""
    return block if block.shape[1] == channels else block.repeat(channels, axis=1)


def _pour_av(file: BinaryIO, source: Source, sink: Sink) -> Decoded:
    """Decode what FFmpeg's libraries read, where PyAV is installed."""
    if find_spec("av") is None:
        raise UndecodableError(
            f"{source.kind.name}; it takes the package PyAV to read",
            code="unsupported",
            remedy="`pip install 'voiceprep[m4a]'`. Or "
            + EXPORT[0].lower()
            + EXPORT[1:],
        )
    import av

    file.seek(0)
    try:
        with av.open(file) as container:
            if not container.streams.audio:
                raise UndecodableError(f"{source.kind.name} without sound")
            stream = container.streams.audio[0]
            rate, channels = stream.rate, stream.channels
            check_shape(rate, channels)
            return _drain("pyav", _av_blocks(container, channels), rate, sink)
    except av.FFmpegError as error:
        raise _undecoded(source, error) from error


def _av_blocks(container: Any, channels: int) -> Iterator[Samples]:
    import av

    layout = {1: "mono", 2: "stereo"}.get(channels)
    resampler = av.AudioResampler(format="flt", layout=layout)
    for frame in container.decode(audio=0):
        for part in resampler.resample(frame):
            yield part.to_ndarray().reshape(-1, channels).astype(np.float32)


def decode(path: str | os.PathLike[str]) -> tuple[Audio, Decoded]:
    """Decode a whole recording into memory.

    Parameters
    ----------
    path : str or path
        Any recording that `identify` knows, platform's type or not.

    Returns
    -------
    Audio
        (frames, channels) float32, full scale ±1.0.
    Decoded
        Which decoders were needed, and how much they delivered.

    Raises
    ------
    UndecodableError
        With its code and a remedy.

    >>> audio, decoded = decode("samples/clean.mp3")
    >>> audio.rate, audio.channels, decoded.decoders
    (44100, 2, ('soundfile',))
    """
    parts: list[Float32] = []
    with open_recording(path) as file:
        decoded = pour(file, identify(file), lambda block, _: parts.append(block))
    samples = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    return Audio(samples, decoded.rate), decoded
