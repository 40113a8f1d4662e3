"""Compare what a platform stored with what we previewed, byte for byte."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voiceprep.audio import riff
from voiceprep.audio.g711 import alaw_decode, alaw_encode
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from voiceprep.audio.signal import Int16, UInt8

__all__ = ["Comparison", "codes_of", "compare"]

_LOOK_SAMPLES: Final = 1 << 19  # a minute: enough to find how far two are apart

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Say how a stored recording and the preview differ.

    Parameters
    ----------
    form : str
        What was stored: ``"A-law"``, ``"16-bit PCM"`` or ``"WAV (codec)"``.
    identical : bool
        Whether it sounds the same, code for code.
    expected_samples, stored_samples : int
    offset_samples : int or None
        How much later the stored sound begins; None where the two can't be aligned.
    level_db : float or None
        How much louder the stored sound is, once aligned.
    snr_db : float or None
        Preview over difference, aligned and at one level.
    """

    form: str
    identical: bool
    expected_samples: int
    stored_samples: int
    offset_samples: int | None = None
    level_db: float | None = None
    snr_db: float | None = None

    @property
    def sentence(self) -> str:
        """Say it in words."""
        if self.identical:
            return f"identical, all {self.expected_samples:,} samples ({self.form})"
        parts = [f"{self.form}, {self.stored_samples:,} samples"]
        if self.stored_samples != self.expected_samples:
            parts[0] += f" for {self.expected_samples:,}"
        if self.snr_db is None:
            return "differs: " + parts[0] + ", and nothing in it resembles the preview"
        parts.append(f"offset {self.offset_samples} samples")
        parts.append(f"level {self.level_db:+.2f} dB")
        same = "otherwise the same"
        alike = f"signal to difference {self.snr_db:.1f} dB"
        parts.append(alike if math.isfinite(self.snr_db) else same)
        return "differs: " + ", ".join(parts)


def compare(expected: UInt8, stored: bytes) -> Comparison:
    """Compare stored bytes with the A-law codes of the preview.

    Parameters
    ----------
    expected : (n,) uint8
        A-law codes.
    stored : bytes
        Headerless A-law, headerless 16-bit little-endian PCM, or WAV (R29).

    >>> codes = np.full(80_000, 0xD5, np.uint8)
    >>> compare(codes, codes.tobytes()).sentence
    'identical, all 80,000 samples (A-law)'
    """
    form, heard = _read(expected, stored)
    wanted = alaw_decode(expected)
    # 16-bit PCM is the same sound where its samples encode to the same codes.
    same = len(heard) == len(wanted) and bool((alaw_encode(heard) == expected).all())
    if same:
        return Comparison(form, True, len(wanted), len(heard))
    offset = _offset(wanted, heard)
    alike = None if offset is None else _alike(*_aligned(wanted, heard, offset))
    if alike is None:
        return Comparison(form, False, len(wanted), len(heard))
    return Comparison(form, False, len(wanted), len(heard), offset, *alike)


def codes_of(wav: bytes) -> UInt8:
    """Return the A-law codes of a WAV that is ready for the telephone.

    Raises
    ------
    UndecodableError
        Where it is none, or not 8 kHz mono.

    >>> codes_of(b"ID3")
    Traceback (most recent call last):
    voiceprep.errors.UndecodableError: no 8 kHz mono WAV
    """
    wav_of = riff.walk(io.BytesIO(wav)) if wav[:4] == b"RIFF" else None
    if wav_of is None or (wav_of.rate, wav_of.channels) != (TELEPHONE_RATE, 1):
        raise UndecodableError("no 8 kHz mono WAV")
    return alaw_encode(_read_wav(wav)[1])


def _read(expected: UInt8, stored: bytes) -> tuple[str, Int16]:
    """Recognise the form of stored bytes and read them as 16-bit samples."""
    if stored[:4] in {b"RIFF", b"RIFX", b"RF64"}:
        try:
            return _read_wav(stored)
        except UndecodableError:
            pass  # bytes of A-law that happen to look like a header
    # Two bytes a sample are nearer to twice the length than to once.
    if len(stored) > 1.5 * len(expected) and len(stored) % 2 == 0:
        return "16-bit PCM", np.frombuffer(stored, "<i2").astype(np.int16)
    return "A-law", alaw_decode(np.frombuffer(stored, np.uint8))


def _read_wav(stored: bytes) -> tuple[str, Int16]:
    file = io.BytesIO(stored)
    wav = riff.walk(file)
    if not wav.reads_straight or wav.frames == 0:
        raise UndecodableError(f"a WAV file of codec {wav.codec}")
    blocks = list(riff.blocks(file, wav, wav.frames))
    steps = np.rint(blocks[0][:, 0] * 32_768.0)
    return f"WAV ({wav.codec})", np.clip(steps, -32_768, 32_767).astype(np.int16)


def _offset(wanted: Int16, heard: Int16) -> int | None:
    """Return how much later `heard` begins, by cross-correlation; None if unlike."""
    first = wanted[:_LOOK_SAMPLES].astype(np.float64)
    second = heard[:_LOOK_SAMPLES].astype(np.float64)
    size = 1 << max(len(first) + len(second) - 1, 1).bit_length()
    product = np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size))
    likeness = np.fft.irfft(product, size)
    best = int(likeness.argmax())
    norm = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    if norm == 0 or likeness[best] < 0.1 * norm:
        return None
    return best if best < size // 2 else best - size


def _aligned(wanted: Int16, heard: Int16, offset: int) -> tuple[Float64, Float64]:
    """Cut both to the stretch that they share."""
    first = wanted[max(-offset, 0) :].astype(np.float64)
    second = heard[max(offset, 0) :].astype(np.float64)
    shared = min(len(first), len(second))
    return first[:shared], second[:shared]


def _alike(wanted: Float64, heard: Float64) -> tuple[float, float] | None:
    """Return the gain of `heard` and the ratio of signal to what is left, in dB.

    None where the whole resembles nothing, though its beginning did.
    """
    power, shared = float((wanted**2).sum()), float((wanted * heard).sum())
    if power <= 0 or shared <= 0:
        return None
    gain = shared / power
    rest = float(((heard / gain - wanted) ** 2).sum())
    snr = 10 * math.log10(power / rest) if rest > 0 else math.inf
    return 20 * math.log10(gain), snr
