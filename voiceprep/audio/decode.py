"""Decode a recording: block by block, by its content, against its own frames.

The name, the size and the header are never believed. What a file *should* hold
comes from walking it (`riff`, `mpeg`); what a decoder returns is compared with
that, and another decoder carries on where one stops short.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from voiceprep.audio import mpeg, riff
from voiceprep.audio.signal import Audio, Float32, Samples
from voiceprep.audio.sniff import HEAD_BYTES, MPEG, WAV, Kind, sniff
from voiceprep.audio.splice import Splice
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Decoded",
    "Sink",
    "Source",
    "decode",
    "identify",
    "open_recording",
    "pour",
    "spool",
]

BLOCK_FRAMES: Final = 65_536
MAX_DURATION_S: Final = 7_200  # facts.md, "Decoders": limits that suit telephony
MAX_CHANNELS: Final = 8
RATES_HZ: Final = (4_000, 384_000)
MAX_STREAM_BYTES: Final = 4 << 30  # [ours] what is taken from a pipe
DECODER_DELAY: Final = 529  # samples that any layer III decoder adds (LAME's tag)
AGREEMENT_S: Final = 0.05  # header against frames; frames and gaps are shorter

SOUNDFILE_CONTAINERS: Final = {"ogg", "flac", "aiff", "au", "caf", "w64"}
AV_CONTAINERS: Final = {"mp4", "amr", "asf", "webm"}
EXPORT: Final = "Export it as MP3 or WAV from the program that recorded it."
SEND_AGAIN: Final = "Fetch or export it again, and compare the sizes."


Sink = Callable[[Samples, int], None]  # takes (n, channels) float32, and Hz


@dataclass(frozen=True, slots=True)
class Source:
    """Say what a file holds, before it is decoded.

    Parameters
    ----------
    kind : Kind
        Container, words for it, and the endings it may bear.
    codec : str
        Stable word, such as ``pcm_s16le``, ``mp3`` or ``alaw``.
    rate, channels : int
        Hz; 1 to 8. 0 where only the decoder can tell.
    size : int
        Bytes of the file.
    expected_frames : int or None
        What the file's own frames hold; None where only the decoder can tell.
    declared_frames : int or None
        What its header claims to hold.
    ends_in_mid_frame : bool
        Whether the last frame is incomplete.
    notes : tuple of str
        What was odd about it, in sentences.
    wav, walk : WavFile, MpegWalk or None
        The walk that found this out.
    """

    kind: Kind
    codec: str
    rate: int
    channels: int
    size: int
    expected_frames: int | None = None
    declared_frames: int | None = None
    ends_in_mid_frame: bool = False
    notes: tuple[str, ...] = ()
    wav: riff.WavFile | None = None
    walk: mpeg.MpegWalk | None = None


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


def open_recording(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading; never hangs on a pipe or a device.

    Raises
    ------
    UndecodableError
        ``not_found``, ``not_a_file`` or ``not_permitted``.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO waits for a writer for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unopened(error) from error
    except ValueError as error:  # a NUL in the name
        raise UndecodableError(f"no such file: {error}", code="not_found") from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise UndecodableError(
            f"{_mode_name(mode)}, not a file",
            code="not_a_file",
            remedy="Name a recording; `-` reads from a pipe.",
        )
    return os.fdopen(handle, "rb")


def _unopened(error: OSError) -> UndecodableError:
    """Turn a failure to open into a sentence and its code."""
    if isinstance(error, PermissionError):
        remedy = "Give yourself the right to read it (chmod u+r)."
        return UndecodableError("no right to read it", code="not_permitted", remedy=remedy)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return UndecodableError("no such file", code="not_found", remedy="Check the path.")
    reason = (error.strerror or str(error)).lower()
    return UndecodableError(f"can't be opened: {reason}", code="not_a_file")


def _mode_name(mode: int) -> str:
    names = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for test, name in names if test(mode)), "something else")


def spool(stream: BinaryIO, limit: int = MAX_STREAM_BYTES) -> BinaryIO:
    """Copy a pipe to a temporary file, so that it can be walked.

    At most `limit` + 1 bytes are taken: enough to see that it is too large.
    """
    file = tempfile.TemporaryFile(prefix="voiceprep-")  # noqa: SIM115 (returned open)
    left = limit + 1
    while left and (chunk := stream.read(min(1 << 20, left))):
        file.write(chunk)
        left -= len(chunk)
    file.seek(0)
    return file


def identify(file: BinaryIO) -> Source:
    """Say what a file holds, by its content.

    Parameters
    ----------
    file : BinaryIO
        Seekable; its position is moved.

    Raises
    ------
    UndecodableError
        ``empty``, ``undecodable``, ``joined`` or ``unsupported``, with a remedy.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise UndecodableError("0 bytes", code="empty", remedy=SEND_AGAIN)
    kind = sniff(head)
    if kind is None:
        source = _identify_mpeg(file, size)
    elif kind is WAV:
        source = _identify_wav(file, size)
    elif kind.container:
        source = Source(kind, kind.container, 0, 0, size)
    else:
        raise UndecodableError(f"{kind.name}", remedy="Is it the right file?")
    if source.rate:
        _check_shape(source.rate, source.channels)
    return source


def _check_shape(rate: int, channels: int) -> None:
    """Refuse what no telephone recording has."""
    low, high = RATES_HZ
    if not 1 <= channels <= MAX_CHANNELS:
        raise UndecodableError(
            f"{channels} channels; a recording has 1 to {MAX_CHANNELS}",
            code="unsupported",
            remedy=EXPORT,
            value=channels,
            limit=MAX_CHANNELS,
        )
    if not low <= rate <= high:
        raise UndecodableError(
            f"a sampling rate of {rate:,} Hz; {low:,} to {high:,} Hz are in use",
            code="unsupported",
            remedy=EXPORT,
            value=rate,
            limit=high if rate > high else low,
        )


def _identify_wav(file: BinaryIO, size: int) -> Source:
    """Say what a WAV file holds."""
    wav = riff.walk(file)
    _check_shape(wav.rate, wav.channels)
    if wav.data_bytes == 0:
        raise UndecodableError(
            "a WAV file without a single sample", code="empty", remedy=SEND_AGAIN
        )
    source = Source(WAV, wav.codec, wav.rate, wav.channels, size, wav=wav)
    if wav.codec in {"mp2", "mp3"}:
        return _mpeg_within_wav(file, source, wav)
    if not wav.reads_straight:
        return replace(source, declared_frames=wav.fact_frames)
    notes = ()
    if wav.declared_bytes is None:
        notes = ("its header was never filled in, as pipes leave it",)
    return replace(
        source,
        expected_frames=wav.frames,
        declared_frames=wav.declared_frames,
        notes=notes,
    )


def _mpeg_within_wav(file: BinaryIO, source: Source, wav: riff.WavFile) -> Source:
    """Say what MPEG frames within a WAV file hold."""
    walk = mpeg.walk(file, wav.data_start, wav.data_start + wav.data_bytes)
    if walk is None:
        raise UndecodableError(f"a WAV file said to hold {wav.codec} that does not")
    within = _of_walk(walk, source.size)
    return replace(within, kind=WAV, wav=wav)


def _identify_mpeg(file: BinaryIO, size: int) -> Source:
    """Say what an MPEG file holds."""
    walk = mpeg.walk(file)
    if walk is None:
        raise UndecodableError(
            "no sound was found in it: neither a WAV header nor MPEG frames",
            remedy="Is it really a recording? " + EXPORT,
        )
    return _of_walk(walk, size)


def _of_walk(walk: mpeg.MpegWalk, size: int) -> Source:
    """Turn a walk into a source, or refuse what can't be one recording."""
    if len(walk.rates) > 1:
        rates = " and ".join(f"{rate:,}" for rate in walk.rates)
        raise UndecodableError(
            f"several recordings joined in one file, at {rates} Hz",
            code="joined",
            remedy="Send them apart, or join them in an audio program.",
        )
    spf = walk.samples // walk.frames
    declared = walk.declared_frames
    if declared is not None and _bytes_contradict(walk, size):
        declared = None
    return Source(
        MPEG,
        f"mp{walk.layer}",
        walk.rate,
        walk.channels,
        size,
        expected_frames=walk.expected_samples,
        declared_frames=None if declared is None else declared * spf,
        ends_in_mid_frame=walk.missing_bytes > 0,
        notes=tuple(_mpeg_notes(walk)),
        walk=walk,
    )


def _bytes_contradict(walk: mpeg.MpegWalk, size: int) -> bool:
    """Say whether all the bytes are there that the frame count asks for."""
    return walk.declared_bytes is not None and size >= walk.declared_bytes


def _mpeg_notes(walk: mpeg.MpegWalk) -> Iterator[str]:
    """Say what is odd about MPEG frames."""
    if walk.seams:
        yield f"{len(walk.seams) + 1} recordings joined in one file, taken as one"
    if walk.switches_channels:
        yield "it switches between mono and stereo"
    if walk.leading_bytes:
        yield f"{walk.leading_bytes:,} bytes before the first frame are not sound"
    if walk.skipped_bytes:
        yield f"{walk.skipped_bytes:,} bytes between the frames are not sound"
    if walk.free_format:
        yield "its frames name no bit rate (free format)"


def pour(
    file: BinaryIO, source: Source, sink: Sink
) -> Decoded:
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
        file.seek(0)
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


def _pour_soundfile(
    file: BinaryIO | Splice, source: Source, sink: Sink
) -> Decoded:
    """Decode what libsndfile reads, and note what its header claims."""
    import soundfile

    try:
        with soundfile.SoundFile(file) as sound:
            _check_shape(sound.samplerate, sound.channels)
            done = _drain("soundfile", _blocks_of(sound), sound.samplerate, sink)
            declared = source.declared_frames or sound.frames
    except (soundfile.LibsndfileError, OSError) as error:
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


def _blocks_of(sound: object) -> Iterator[Samples]:
    """Read an open SoundFile; only reading until nothing comes can be trusted."""
    read = sound.read  # type: ignore[attr-defined]
    while len(block := read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        yield block


def _pour_mpeg(
    file: BinaryIO,
    source: Source,
    walk: mpeg.MpegWalk,
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
    allowed = max(0.3, 0.02 * expected / walk.rate)
    if delivered == 0 or expected - delivered > allowed * walk.rate:
        seconds = f"{delivered / walk.rate:.1f} of {expected / walk.rate:.1f} s"
        raise UndecodableError(
            f"only {seconds} can be decoded", code="undecodable", remedy=EXPORT
        ) from failure
    return Decoded(tuple(used), walk.rate, walk.channels, delivered)


def _mpeg_streams(
    file: BinaryIO, source: Source, walk: mpeg.MpegWalk
) -> Iterator[tuple[str, Iterator[Samples]]]:
    """Offer decoders in the order of trust: soundfile only if its count agrees."""
    plain = source.wav is None and _header_agrees(file, walk)
    if plain:
        yield "soundfile", _soundfile_mpeg(file)
    yield "miniaudio", _miniaudio_mpeg(file, walk)
    if not plain and source.wav is None:
        yield "soundfile", _soundfile_mpeg(file)


def _header_agrees(file: BinaryIO, walk: mpeg.MpegWalk) -> bool:
    """Say whether libsndfile claims the length that the frames hold."""
    import soundfile

    if walk.switches_channels or walk.seams:
        return False
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as sound:
            apart = abs(sound.frames - walk.expected_samples)
            return bool(apart <= AGREEMENT_S * walk.rate)
    except (soundfile.LibsndfileError, OSError):
        return False


def _soundfile_mpeg(file: BinaryIO) -> Iterator[Samples]:
    import soundfile

    file.seek(0)
    with soundfile.SoundFile(file) as sound:
        yield from _blocks_of(sound)


def _miniaudio_mpeg(file: BinaryIO, walk: mpeg.MpegWalk) -> Iterator[Samples]:
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


def _splice_source(frames: Splice) -> object:
    """Wrap a splice as miniaudio's kind of source."""
    import miniaudio

    whence = {
        miniaudio.SeekOrigin.START: os.SEEK_SET,
        miniaudio.SeekOrigin.CURRENT: os.SEEK_CUR,
    }

    class Frames(miniaudio.StreamableSource):  # type: ignore[misc]
        def read(self, num_bytes: int) -> bytes:
            return frames.read(num_bytes) or b""

        def seek(self, offset: int, origin: object) -> bool:
            frames.seek(offset, whence.get(origin, os.SEEK_END))
            return True

    return Frames()


def _after(stream: Iterator[Samples], skip: int) -> Iterator[Samples]:
    """Leave out the first `skip` frames of a stream."""
    for block in stream:
        if skip < len(block):
            yield block[skip:]
        skip = max(0, skip - len(block))


def _with_channels(block: Samples, channels: int) -> Samples:
    """Repeat a mono block where the recording has two channels."""
    return block if block.shape[1] == channels else block.repeat(channels, axis=1)


def _pour_av(
    file: BinaryIO, source: Source, sink: Sink
) -> Decoded:
    """Decode what FFmpeg's libraries read, where PyAV is installed."""
    if find_spec("av") is None:
        raise UndecodableError(
            f"{source.kind.name}; it takes the package PyAV to read",
            code="unsupported",
            remedy="`pip install 'voiceprep[m4a]'`. Or " + EXPORT[0].lower() + EXPORT[1:],
        )
    import av

    file.seek(0)
    try:
        with av.open(file) as container:
            if not container.streams.audio:
                raise UndecodableError(f"{source.kind.name} without sound")
            stream = container.streams.audio[0]
            rate, channels = stream.rate, stream.channels
            _check_shape(rate, channels)
            return _drain("pyav", _av_blocks(container, channels), rate, sink)
    except av.FFmpegError as error:
        raise _undecoded(source, error) from error


def _av_blocks(container: object, channels: int) -> Iterator[Samples]:
    import av

    layout = {1: "mono", 2: "stereo"}.get(channels)
    resampler = av.AudioResampler(format="flt", layout=layout)
    for frame in container.decode(audio=0):  # type: ignore[attr-defined]
        for part in resampler.resample(frame):
            yield part.to_ndarray().reshape(-1, channels)


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
