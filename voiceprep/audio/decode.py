"""Decode a recording block by block, and compare what comes with what should.

What a file holds was found by walking it (`identify`). What a decoder returns is
compared with that; where one stops short, another carries on at the same sample.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, TypeVar

import numpy as np

from voiceprep.audio import riff
from voiceprep.audio.extent import is_short
from voiceprep.audio.identify import EXPORT, SEND_AGAIN, check_shape, identify
from voiceprep.audio.opening import open_recording
from voiceprep.audio.signal import Audio, Samples
from voiceprep.audio.splice import Splice
from voiceprep.errors import UndecodableError, VoiceprepError

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
SOUNDFILE_CONTAINERS: Final = {"ogg", "flac", "aiff", "au", "caf", "w64"}

T = TypeVar("T")
Sink = Callable[[Samples, int], None]  # takes (n, channels) float32, and Hz


@dataclass(frozen=True, slots=True)
class Decoded:
    """Say what decoding did.

    Parameters
    ----------
    decoders : tuple of str
        Who delivered, in their order; one as a rule.
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


class Part(NamedTuple):
    """Hold one block of a recording, and what its decoder says of all of it."""

    samples: Samples  # (n, channels) float32
    rate: int  # Hz
    decoder: str
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
        Takes each block, (n, channels) float32, and the rate in Hz. What it raises
        is its own: a full disk is no fault of the recording.

    Returns
    -------
    Decoded
        Which decoders were needed, and how much they delivered.

    Raises
    ------
    UndecodableError
        Where decoders fail or return less than the file's frames hold;
        ``decoder_failed`` where one breaks; ``too_large`` past two hours;
        ``unsupported`` where a package lacks; ``empty``.
    """
    decoders: dict[str, None] = {}  # a set that keeps its order
    frames, part = 0, None
    with closing(_parts(file, source)) as parts:
        for part in parts:
            decoders[part.decoder] = None
            frames += len(part.samples)
            _check_duration(frames, part.rate)
            sink(part.samples, part.rate)
    if part is None:
        raise UndecodableError(
            "not a single sample in it", code="empty", remedy=SEND_AGAIN
        )
    channels = part.samples.shape[1]
    return Decoded(tuple(decoders), part.rate, channels, frames, part.declared_frames)


def _check_duration(frames: int, rate: int) -> None:
    if frames > MAX_DURATION_S * rate:
        raise UndecodableError(
            "longer than 2 hours",
            code="too_large",
            remedy="Send the part that is to be heard.",
            limit=MAX_DURATION_S,
        )


def _parts(file: BinaryIO, source: Source) -> Generator[Part]:
    """Choose the way to decode a file."""
    if source.walk is not None:
        return _mpeg_parts(file, source, source.walk)
    if source.wav is not None and source.wav.reads_straight:
        return _straight_parts(file, source.wav)
    if source.wav is not None:
        data = source.wav.data_start, source.wav.data_start + source.wav.data_bytes
        splice = Splice(file, [data], riff.minimal_head(source.wav))
        return _edge("soundfile", source, _soundfile_parts(splice, source))
    if source.kind.container in SOUNDFILE_CONTAINERS:
        return _edge("soundfile", source, _soundfile_parts(file, source))
    return _edge("pyav", source, _av_parts(file, source))


def _edge(decoder: str, source: Source, parts: Iterator[T]) -> Generator[T]:
    """Pass on what a decoder delivers; what it raises becomes ours.

    Only the decoder runs within: what becomes of the parts happens outside.
    """
    try:
        yield from parts
    except (VoiceprepError, OSError):  # the file can't be read: no decoder's fault
        raise
    except Exception as error:  # wrappers of C libraries raise anything
        reason = ": ".join(filter(None, (type(error).__name__, str(error))))
        raise UndecodableError(
            f"{source.kind.name} on which the decoder {decoder} failed: {reason}",
            code="decoder_failed",
            remedy=EXPORT,
        ) from error


def _undecoded(source: Source, error: Exception) -> UndecodableError:
    if source.is_cut:
        return UndecodableError(
            f"cut short: {source.kind.name} that can't be decoded without its end",
            code="truncated",
            remedy=SEND_AGAIN,
        )
    # The library's words; the object that it was given means nothing to a reader.
    words = (getattr(error, name, None) for name in ("error_string", "strerror"))
    reason = str(next(filter(None, words), error)).strip().rstrip(".")
    return UndecodableError(
        f"{source.kind.name} ({source.codec}) that can't be decoded: {reason}",
        remedy=EXPORT,
    )


def _straight_parts(file: BinaryIO, wav: riff.WavFile) -> Generator[Part]:
    for block in riff.blocks(file, wav, BLOCK_FRAMES):
        yield Part(block, wav.rate, "riff")


def _soundfile_parts(file: BinaryIO | Splice, source: Source) -> Generator[Part]:
    """Decode what libsndfile reads, and note what its header claims."""
    from voiceprep.audio import sndfile

    try:
        with sndfile.opened(file) as sound:
            check_shape(sound.samplerate, sound.channels)
            declared = source.declared_frames or sound.frames
            # A frame count near 2^63 is libsndfile's word for "unknown".
            known = declared if declared < 1 << 62 else None
            for block in sndfile.blocks(sound, BLOCK_FRAMES):
                yield Part(block, sound.samplerate, "soundfile", known)
    except sndfile.DecoderError as error:
        raise _undecoded(source, error) from error


def _av_parts(file: BinaryIO, source: Source) -> Generator[Part]:
    """Decode what FFmpeg's libraries read, where PyAV is installed."""
    if find_spec("av") is None:
        export = EXPORT[0].lower() + EXPORT[1:]
        raise UndecodableError(
            f"{source.kind.name}; it takes the package PyAV to read",
            code="unsupported",
            remedy=f"`pip install 'voiceprep[m4a]'`. Or {export}",
        )
    from voiceprep.audio import m4a

    try:
        rate, channels, blocks = m4a.opened(file, source.kind)
        check_shape(rate, channels)
        for block in blocks:
            yield Part(block, rate, "pyav")
    except m4a.DecoderError as error:
        raise _undecoded(source, error) from error


def _mpeg_parts(file: BinaryIO, source: Source, walk: MpegWalk) -> Generator[Part]:
    """Decode MPEG frames; where a decoder stops short, the next carries on."""
    expected, delivered = walk.expected_samples, 0
    failure: UndecodableError | None = None
    for name, stream in _mpeg_streams(file, source, walk):
        try:
            for block in _after(_edge(name, source, stream), delivered):
                delivered += len(block)
                yield Part(_with_channels(block, walk.channels), walk.rate, name)
        except UndecodableError as error:
            failure = error
        if delivered >= expected - AGREEMENT_S * walk.rate:
            return
    if delivered == 0 or is_short(delivered / walk.rate, expected / walk.rate):
        seconds = f"{delivered / walk.rate:.1f} of {expected / walk.rate:.1f} s"
        raise UndecodableError(
            f"only {seconds} can be decoded", remedy=EXPORT
        ) from failure


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
    blocks: list[Float32] = []
    with open_recording(path) as file:
        decoded = pour(file, identify(file), lambda block, _: blocks.append(block))
    return Audio(np.concatenate(blocks), decoded.rate), decoded
