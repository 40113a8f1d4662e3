"""Say what a file holds by walking it; its name, size and header are not believed."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep.audio import adts, chunks, mpeg, riff
from voiceprep.audio.extent import ending
from voiceprep.audio.sniff import AAC, HEAD_BYTES, MPEG, WAV, Kind, sniff
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.audio.extent import Extent

__all__ = ["EXPORT", "SEND_AGAIN", "Source", "check_shape", "identify"]

MAX_CHANNELS: Final = 8  # facts.md, "Decoders": limits that suit telephony
RATES_HZ: Final = (4_000, 384_000)
EXPORT: Final = "Export it as MP3 or WAV from the program that recorded it."
SEND_AGAIN: Final = "Fetch or export it again, and compare the sizes."


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
    share : float
        How much of what it declares is there, above 0 to 1.
    ends_in_mid_frame : bool
        Whether the last frame, some hundredths of a second, is incomplete.
    cut_in : str
        What else it ends in the middle of, in words.
    is_marked : bool
        Whether its end is marked as such, where its kind does that.
    unread_bytes : int
        Of neither sound nor tags nor zeros, behind it.
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
    share: float = 1.0
    ends_in_mid_frame: bool = False
    cut_in: str = ""
    is_marked: bool = True
    unread_bytes: int = 0
    notes: tuple[str, ...] = ()
    wav: riff.WavFile | None = None
    walk: mpeg.MpegWalk | None = None

    @property
    def is_cut(self) -> bool:
        """Say whether the file ends before its sound does."""
        return self.share < 1 or self.ends_in_mid_frame or bool(self.cut_in)


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
    if kind is None and adts.begins(file, mpeg.behind_tags(file, 0, size), size):
        kind = AAC
    if kind is None:
        source = _identify_mpeg(file, size)
    elif kind is WAV:
        source = _identify_wav(file, size)
    elif kind.container:
        source = _identify_other(file, kind, size)
    else:
        raise UndecodableError(f"{kind.name}", remedy="Is it the right file?")
    if source.rate:
        check_shape(source.rate, source.channels)
    return source


def check_shape(rate: int, channels: int) -> None:
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


def _joined(what: str) -> UndecodableError:
    return UndecodableError(
        f"several recordings joined in one file{what}",
        code="joined",
        remedy="Send them apart, or join them in an audio program.",
    )


def _reaching(source: Source, extent: Extent) -> Source:
    """Add how far a source reaches; refuse a file of which a decoder plays a part."""
    if extent.is_joined:
        raise _joined("")
    in_frame = extent.cut_in == "a frame"
    return replace(
        source,
        share=extent.share,
        ends_in_mid_frame=source.ends_in_mid_frame or in_frame,
        cut_in="" if in_frame else extent.cut_in,
        is_marked=extent.is_marked,
        unread_bytes=extent.unread_bytes,
    )


def _identify_other(file: BinaryIO, kind: Kind, size: int) -> Source:
    """Say how far a file of another kind reaches; only its decoder knows the rest."""
    from voiceprep.audio.whole import extent_of  # not for the platform's own types

    source = Source(kind, kind.container, 0, 0, size)
    return _reaching(source, extent_of(file, kind, size))


def _identify_wav(file: BinaryIO, size: int) -> Source:
    """Say what a WAV file holds."""
    wav = riff.walk(file)
    check_shape(wav.rate, wav.channels)
    if wav.reads_straight and wav.contradicts_itself:
        raise UndecodableError(
            f"a WAV header that contradicts itself: {wav.channels} × {wav.bits} bits "
            f"in frames of {wav.block_align} bytes",
            remedy=EXPORT,
        )
    if wav.data_bytes == 0:
        raise UndecodableError(
            "a WAV file without a single sample", code="empty", remedy=SEND_AGAIN
        )
    source = Source(WAV, wav.codec, wav.rate, wav.channels, size, wav=wav)
    source = _reaching(source, chunks.wav(file, wav, size))
    if wav.codec in {"mp2", "mp3"}:
        return _mpeg_within_wav(file, source, wav)
    if not wav.reads_straight:
        return replace(source, declared_frames=wav.fact_frames)
    notes: tuple[str, ...] = ()
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
    return replace(within, kind=WAV, wav=wav, share=source.share)


def _identify_mpeg(file: BinaryIO, size: int) -> Source:
    """Say what an MPEG file holds."""
    walk = mpeg.walk(file)
    if walk is None:
        raise UndecodableError(
            "no sound was found in it: neither a WAV header nor MPEG frames",
            remedy="Is it really a recording? " + EXPORT,
        )
    behind = ending(file, size - walk.trailing_bytes, size)
    return replace(_of_walk(walk, size), unread_bytes=behind.unread_bytes)


def _of_walk(walk: mpeg.MpegWalk, size: int) -> Source:
    """Turn a walk into a source, or refuse what can't be one recording."""
    if len(walk.rates) > 1:
        rates = " and ".join(f"{rate:,}" for rate in walk.rates)
        raise _joined(f", at {rates} Hz")
    if walk.follower is not None:
        raise _joined(f": an MP3 file, and then {walk.follower.name}")
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
