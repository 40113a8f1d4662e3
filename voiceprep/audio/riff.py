"""Walk a WAV file's chunks and read its samples straight into numpy.

RIFF, RIFX (big-endian), RF64 and BW64 (sizes over 4 GiB), any chunk order, the
extensible format, sizes that lie and sizes that were never filled in. The chunks
are walked here because libsndfile hangs on some (a LIST chunk of size 0xFFFFFF00)
and opens half a file without a word; and because numpy reads 10 minutes of
16-bit stereo in a fifteenth of its time (docs/design.md).

Format: "Multimedia Programming Interface and Data Specifications 1.0"; RF64:
EBU Tech 3306; extensible: Microsoft's WAVEFORMATEXTENSIBLE.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from voiceprep.audio.g711 import alaw_decode, ulaw_decode
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.audio.signal import Samples

__all__ = ["WavFile", "blocks", "minimal_head", "walk"]

CODECS: Final = {  # WAVE format tags (RFC 2361)
    0x0001: "pcm",
    0x0002: "adpcm_ms",
    0x0003: "float",
    0x0006: "alaw",
    0x0007: "mulaw",
    0x0011: "adpcm_ima",
    0x0031: "gsm",
    0x0050: "mp2",
    0x0055: "mp3",
}
_EXTENSIBLE: Final = 0xFFFE
_UNFILLED: Final = {  # data sizes of writers that could not seek back
    0,
    0xFFFFFFFF,  # ffmpeg, and RF64's "see ds64"
    0xFFFFFFFF - 36,  # the same with the header subtracted
    0x7FFFF000,  # sox
    0x7FFFFF00,  # arecord
}
_SCAN_BYTES: Final = 1 << 20  # [ours] how far chunks are looked for by name
_MAX_CHUNKS: Final = 4_096  # [ours]


@dataclass(frozen=True, slots=True)
class WavFile:
    """Hold what a WAV file's chunks say.

    Parameters
    ----------
    order : str
        ``"<"`` or ``">"``, as `struct` and numpy write it.
    tag : int
        The format tag, the extensible format resolved.
    channels, rate, bits : int
        As declared; rate in Hz, bits of one sample.
    block_align : int
        As declared: bytes of one frame, or of one block of a compressed codec.
    format_chunk : bytes
        The whole ``fmt`` payload.
    data_start, data_bytes : int
        Where the samples lie, and how many bytes of them are present.
    declared_bytes : int or None
        The data chunk's own word; None where the writer never filled it in.
    fact_frames : int or None
        The ``fact`` chunk's count, in use for compressed codecs.
    """

    order: str
    tag: int
    channels: int
    rate: int
    bits: int
    block_align: int
    format_chunk: bytes
    data_start: int
    data_bytes: int
    declared_bytes: int | None
    fact_frames: int | None

    @property
    def codec(self) -> str:
        """Name the codec in a stable word, ``pcm_s16le`` or ``alaw``."""
        name = CODECS.get(self.tag, f"0x{self.tag:04x}")
        if name not in {"pcm", "float"}:
            return name
        sign = "f" if name == "float" else "u" if self.width == 1 else "s"
        end = "" if self.width == 1 else "le" if self.order == "<" else "be"
        return f"pcm_{sign}{self.width * 8}{end}"

    @property
    def width(self) -> int:
        """Count the bytes of one sample's container, 12 bits in 2 bytes."""
        return (self.bits + 7) // 8

    @property
    def frame_bytes(self) -> int:
        """Count the bytes of one frame of an uncompressed codec."""
        return self.channels * self.width

    @property
    def contradicts_itself(self) -> bool:
        """Say whether the header speaks of two sizes of a frame, and gives no majority.

        Channels and bits say one, `block_align` another, the bytes a second a third.
        Where one of the others agrees with channels and bits, the odd one lies
        (measured: 2 of 144 real files); where both are against them, what comes would
        be noise, or a voice at another speed.
        """
        (a_second,) = struct.unpack_from(f"{self.order}I", self.format_chunk, 8)
        agreeing = self.block_align in {0, self.frame_bytes}
        return not agreeing and a_second != self.rate * self.frame_bytes

    @property
    def reads_straight(self) -> bool:
        """Say whether the samples can be read without a decoder."""
        return (CODECS.get(self.tag), self.width) in _CONVERSIONS

    @property
    def frames(self) -> int:
        """Count the whole frames that are present, of an uncompressed codec."""
        return self.data_bytes // self.frame_bytes

    @property
    def declared_frames(self) -> int | None:
        """Count the frames that the data chunk declares."""
        if self.declared_bytes is None:
            return None
        return self.declared_bytes // self.frame_bytes


def walk(file: BinaryIO) -> WavFile:
    """Walk the chunks of a WAV file.

    Parameters
    ----------
    file : BinaryIO
        Seekable; begins with RIFF, RIFX, RF64 or BW64. Its position is moved.

    Raises
    ------
    UndecodableError
        Where no format or no data chunk can be found; ``empty`` where there is
        a data chunk with nothing in it.
    """
    size = file.seek(0, 2)
    file.seek(0)
    order = ">" if file.read(4) == b"RIFX" else "<"
    chunks = _chunks(file, order, size)
    if "fmt " not in chunks or "data" not in chunks:
        chunks |= _chunks_by_name(file, order, size)
    lacking = [name for name in ("fmt ", "data") if name not in chunks]
    if lacking:
        raise UndecodableError(
            f"a WAV file without a {lacking[0].strip()!r} chunk",
            remedy="Export it again from the program that recorded it.",
        )
    return _read(file, order, chunks, size)


def _chunks(file: BinaryIO, order: str, size: int) -> dict[str, tuple[int, int]]:
    """Return name → (start, declared bytes) of each chunk, the first of a name."""
    found: dict[str, tuple[int, int]] = {}
    at = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or not _is_name(head[:4]):
            break
        (length,) = struct.unpack(f"{order}I", head[4:])
        name = head[:4].decode("ascii")
        found.setdefault(name, (at + 8, length))
        if name == "data" and ("fmt " in found or at + 8 + length > size):
            break  # what follows the samples is of no use here
        at += 8 + length + length % 2
        if length % 2 and at < size and not _is_name(_peek(file, at)):
            at -= 1  # a writer that forgot the pad byte
    return found


def _chunks_by_name(
    file: BinaryIO, order: str, size: int
) -> dict[str, tuple[int, int]]:
    """Look for the format and data chunks where the chain of sizes is broken."""
    file.seek(0)
    near = file.read(min(_SCAN_BYTES, size))
    found: dict[str, tuple[int, int]] = {}
    at = near.find(b"fmt ", 12)
    for name in ("fmt ", "data"):
        at = near.find(name.encode("ascii"), max(at, 12)) if at >= 0 else -1
        if at >= 0 and at + 8 <= len(near):
            (length,) = struct.unpack_from(f"{order}I", near, at + 4)
            found[name] = (at + 8, length)
    return found


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)


def _peek(file: BinaryIO, at: int) -> bytes:
    file.seek(at)
    return file.read(4)


def _read(
    file: BinaryIO, order: str, chunks: dict[str, tuple[int, int]], size: int
) -> WavFile:
    """Read the format chunk and measure the data chunk."""
    start, length = chunks["fmt "]
    file.seek(start)
    chunk = file.read(min(length, 1_024))
    if len(chunk) < 16:
        raise UndecodableError(
            f"a WAV file whose format chunk has {len(chunk)} bytes, 16 at least",
            remedy="Export it again from the program that recorded it.",
        )
    tag, channels, rate, _, align, bits = struct.unpack_from(f"{order}HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from(f"{order}H", chunk, 24)  # of the sub-format
    data_start, declared = chunks["data"]
    present = max(0, size - data_start)
    known = _declared(file, order, chunks, declared, present)
    return WavFile(
        order=order,
        tag=tag,
        channels=channels,
        rate=rate,
        bits=bits,
        block_align=align,
        format_chunk=chunk,
        data_start=data_start,
        data_bytes=present if known is None else min(known, present),
        declared_bytes=known,
        fact_frames=_fact_frames(file, order, chunks),
    )


def _declared(
    file: BinaryIO,
    order: str,
    chunks: dict[str, tuple[int, int]],
    declared: int,
    present: int,
) -> int | None:
    """Return the bytes that the data chunk declares; None where never filled in."""
    if declared == 0xFFFFFFFF and "ds64" in chunks:
        file.seek(chunks["ds64"][0] + 8)
        (declared,) = struct.unpack(f"{order}Q", file.read(8).ljust(8, b"\0"))
    if declared == 0 and (present == 0 or _is_name(_peek(file, chunks["data"][0]))):
        return 0  # really empty: nothing, or the next chunk, follows
    return None if declared in _UNFILLED and declared != present else declared


def _fact_frames(
    file: BinaryIO, order: str, chunks: dict[str, tuple[int, int]]
) -> int | None:
    if "fact" not in chunks:
        return None
    file.seek(chunks["fact"][0])
    word = file.read(4)
    return int(struct.unpack(f"{order}I", word)[0]) if len(word) == 4 else None


def blocks(file: BinaryIO, wav: WavFile, frames: int) -> Iterator[Samples]:
    """Read the samples that are present, `frames` at a time.

    Parameters
    ----------
    file : BinaryIO
        Seekable.
    wav : WavFile
        With `reads_straight`.
    frames : int
        Frames of a block, the last one shorter.

    Yields
    ------
    (n, channels) float32
        Full scale ±1.0; what lies above stays above.
    """
    convert = _CONVERSIONS[CODECS[wav.tag], wav.width]
    left, at = wav.frames, wav.data_start
    while left > 0:
        file.seek(at)
        raw = file.read(min(frames, left) * wav.frame_bytes)
        whole = len(raw) // wav.frame_bytes
        if whole == 0:
            return  # the file shrank while it was read
        samples = convert(raw[: whole * wav.frame_bytes], wav.order)
        yield samples.reshape(whole, wav.channels)
        left, at = left - whole, at + whole * wav.frame_bytes


def minimal_head(wav: WavFile) -> bytes:
    """Write a header for a decoder: the format, the count, and the samples next.

    Nothing else of the file reaches the decoder, so no chunk can hang it.
    """
    order, form = wav.order, b"RIFF" if wav.order == "<" else b"RIFX"
    fact = b""
    if wav.fact_frames is not None:
        fact = b"fact" + struct.pack(f"{order}II", 4, wav.fact_frames)
    pad = b"\0" * (len(wav.format_chunk) % 2)
    size = struct.pack(f"{order}I", len(wav.format_chunk))
    chunks = b"WAVE" + b"fmt " + size + wav.format_chunk + pad + fact
    data = b"data" + struct.pack(f"{order}I", wav.data_bytes)
    total = len(chunks) + len(data) + wav.data_bytes
    return form + struct.pack(f"{order}I", total) + chunks + data


def _integers(raw: bytes, order: str, width: int) -> Samples:
    """Convert signed integers of 2, 4 or 8 bytes."""
    values = np.frombuffer(raw, f"{order}i{width}").astype(np.float32)
    values *= np.float32(2.0 ** (1 - 8 * width))
    return values


def _bytes8(raw: bytes, _: str) -> Samples:
    """Convert 8-bit samples, which are unsigned around 128."""
    values = np.frombuffer(raw, np.uint8).astype(np.float32)
    values -= 128.0
    values *= np.float32(1 / 128)
    return values


def _integers24(raw: bytes, order: str) -> Samples:
    """Convert 24-bit integers by laying them into the upper bytes of 32."""
    wide = np.zeros((len(raw) // 3, 4), np.uint8)
    upper = slice(1, 4) if order == "<" else slice(0, 3)
    wide[:, upper] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    return _integers(wide.tobytes(), order, 4)


def _floats(raw: bytes, order: str, width: int) -> Samples:
    """Convert floats; what float32 can't hold becomes infinite and is refused."""
    with np.errstate(over="ignore", invalid="ignore"):  # a signalling NaN is one too
        return np.frombuffer(raw, f"{order}f{width}").astype(np.float32)


def _alaw(raw: bytes, _: str) -> Samples:
    codes = np.frombuffer(raw, np.uint8)
    return alaw_decode(codes).astype(np.float32) * np.float32(2.0**-15)


def _ulaw(raw: bytes, _: str) -> Samples:
    codes = np.frombuffer(raw, np.uint8)
    return ulaw_decode(codes).astype(np.float32) * np.float32(2.0**-15)


_CONVERSIONS: Final[dict[tuple[str | None, int], Callable[[bytes, str], Samples]]] = {
    ("pcm", 1): _bytes8,
    ("pcm", 2): lambda raw, order: _integers(raw, order, 2),
    ("pcm", 3): _integers24,
    ("pcm", 4): lambda raw, order: _integers(raw, order, 4),
    ("pcm", 8): lambda raw, order: _integers(raw, order, 8),
    ("float", 4): lambda raw, order: _floats(raw, order, 4),
    ("float", 8): lambda raw, order: _floats(raw, order, 8),
    ("alaw", 1): _alaw,
    ("mulaw", 1): _ulaw,
}
