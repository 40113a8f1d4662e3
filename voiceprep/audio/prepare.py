"""Bring a recording to what the telephone plays: A-law codes at 8 kHz.

Two passes, both streamed. `gather` decodes, mixes and resamples into a spool, and
measures the source on the way; `codes` reads the spool through the high-pass, the
gate and A-law. The order is that of docs/design.md, "From recording to A-law".
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final, Self, cast

import numpy as np
import numpy.typing as npt

from voiceprep.audio.decode import Decoded, Sink
from voiceprep.audio.downmix import ChannelPowers, add_powers, mix, no_powers
from voiceprep.audio.g711 import FIXED_POINT, SILENCE_CODE, alaw_decode, alaw_encode
from voiceprep.audio.gate import gate
from voiceprep.audio.highpass import BLOCK_SAMPLES, highpass
from voiceprep.audio.identify import SEND_AGAIN
from voiceprep.audio.resample import Resampler
from voiceprep.contract import MIN_TELEPHONE_SAMPLES, TELEPHONE_RATE
from voiceprep.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voiceprep.audio.signal import Audio, Float32, Int16, Samples, UInt8

__all__ = [
    "Gathered",
    "Meter",
    "Pour",
    "codes",
    "gather",
    "pad_codes",
    "prepare_audio",
]

_SPOOL_BYTES: Final = 2 << 20  # a minute at 8 kHz; more goes to a temporary file
_FULL_SCALE: Final = 32_768.0  # 16-bit steps of ±1.0
_FULL_SCALE_DB: Final = 20 * math.log10(_FULL_SCALE)
_FRAME_SAMPLES: Final = 160  # 20 ms at 8 kHz

Float64 = npt.NDArray[np.float64]
Pour = Callable[[Sink], Decoded]


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Hold a recording's mono signal at 8 kHz, and what its source measured.

    Parameters
    ----------
    spool : BinaryIO
        The signal, float32, full scale ±1.0; closed by whoever gathered it.
    samples : int
        At 8 kHz.
    decoded : Decoded
        Rate, channels and frames of the source, and who decoded it.
    peak : float
        Largest magnitude of the source, full scale 1.0.
    powers : ChannelPowers
        Of the source's channels and their mix.
    mean : float
        Of the signal.
    used : tuple of int
        The channels in the signal.
    prepared_already : bool
        8 kHz, mono, and every sample a decoded A-law value: nothing is changed.
    """

    spool: BinaryIO
    samples: int
    decoded: Decoded
    peak: float
    powers: ChannelPowers
    mean: float
    used: tuple[int, ...]
    prepared_already: bool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.close()


@dataclass(slots=True)
class _Intake:
    """Take decoded blocks in: measure, mix, resample, spool."""

    chosen: tuple[int, ...] | None
    spool: BinaryIO = field(default_factory=io.BytesIO)
    powers: ChannelPowers | None = None
    resampler: Resampler | None = None
    peak: float = 0.0
    frames: int = 0
    samples: int = 0
    total: float = 0.0
    fixed_point: bool = True

    def take(self, block: Samples, rate: int) -> None:
        """Take one block of the source."""
        if self.powers is None or self.resampler is None:
            self.powers, self.resampler = no_powers(block.shape[1]), Resampler(rate)
            self.fixed_point = rate == TELEPHONE_RATE and block.shape[1] == 1
        self._measure_peak(block, rate)
        self.powers = add_powers(self.powers, block)
        self.frames += len(block)
        self._keep(self.resampler.feed(mix(block, self.chosen)))

    def _measure_peak(self, block: Samples, rate: int) -> None:
        """Follow the largest magnitude; refuse what is no number."""
        peak = max(float(block.max()), -float(block.min()))
        if not math.isfinite(peak):
            raise _invalid(block, rate, self.frames)
        self.peak = max(self.peak, peak)

    def _keep(self, signal: Float32) -> None:
        """Write a stretch of the 8 kHz signal to the spool."""
        if self.fixed_point:
            self.fixed_point = _is_fixed_point(signal)
        self.samples += len(signal)
        self.total += float(signal.sum(dtype=np.float64))
        self.spool.write(signal.data)
        if self.samples * 4 > _SPOOL_BYTES and isinstance(self.spool, io.BytesIO):
            self._roll_over()

    def _roll_over(self) -> None:
        """Go on in a temporary file: memory does not grow with the length."""
        import tempfile

        file = tempfile.TemporaryFile(prefix="voiceprep-")  # noqa: SIM115 (Gathered closes it)
        file.write(cast("io.BytesIO", self.spool).getbuffer())
        self.spool = file

    def finish(self, decoded: Decoded) -> Gathered:
        """Write the resampler's rest and sum up."""
        if self.resampler is None or self.powers is None:
            raise UndecodableError(
                "not a single sample in it", code="empty", remedy=SEND_AGAIN
            )
        self._keep(self.resampler.finish())
        channels = tuple(range(len(self.powers.channels)))
        return Gathered(
            self.spool,
            self.samples,
            decoded,
            self.peak,
            self.powers,
            # Rounded, so that it is the same however the source came in blocks.
            round(self.total / max(self.samples, 1), 9),
            channels if self.chosen is None else self.chosen,
            self.fixed_point,
        )


def _invalid(block: Samples, rate: int, before: int) -> UndecodableError:
    """Say where the first sample that is no number stands."""
    bad = int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
    at = (before + bad) / rate
    return UndecodableError(
        f"the sample at {at:.3f} s is not a finite number",
        code="invalid_samples",
        remedy="Export it again, as 16-bit WAV or MP3.",
        value=round(at, 3),
    )


def _is_fixed_point(signal: Float32) -> bool:
    """Say whether every sample is a decoded A-law value."""
    steps = signal * np.float32(_FULL_SCALE)
    if not len(steps) or max(steps.max(), -steps.min()) > _FULL_SCALE - 1:
        return not len(steps)
    whole = steps.astype(np.int16)
    return bool((whole == steps).all() and FIXED_POINT[whole.view(np.uint16)].all())


def gather(pour: Pour, chosen: tuple[int, ...] | None = None) -> Gathered:
    """Bring a recording to its mono signal at 8 kHz, and measure the source.

    Parameters
    ----------
    pour : callable
        Decodes the recording into the sink that it is given; called again where
        the measures ask for other channels.
    chosen : tuple of int or None
        Channels to use; None mixes those that are not dead.

    Raises
    ------
    UndecodableError
        As `decode.pour`; ``empty`` and ``invalid_samples``.
    """
    intake = _Intake(chosen)
    try:
        gathered = intake.finish(pour(intake.take))
    except BaseException:
        intake.spool.close()
        raise
    live = gathered.powers.live
    if chosen is None and live != gathered.used:
        gathered.spool.close()  # a dead channel lowers the mix: again without it
        return gather(pour, live)
    return gathered


def codes(gathered: Gathered) -> Iterator[UInt8]:
    """Read the gathered signal as A-law codes.

    Yields
    ------
    (n,) uint8
        Together `gathered.samples` codes. A recording that is prepared already
        comes out as it went in.

    Notes
    -----
    Subtract the mean, high-pass at 60 Hz, clip to 16 bits, gate, round, encode.
    No dither: before A-law it only costs signal-to-noise ratio (facts.md).
    """
    blocks = _steps(gathered)
    if not gathered.prepared_already:
        blocks = gate(_clipped(highpass(blocks)))
    for block in blocks:
        yield alaw_encode(np.rint(block, out=block).astype(np.int16))


def _steps(gathered: Gathered) -> Iterator[Float64]:
    """Read the spool in 16-bit steps, the mean taken out.

    The blocks have one fixed size, so that the bits are the same for every source.
    """
    mean = 0.0 if gathered.prepared_already else gathered.mean * _FULL_SCALE
    gathered.spool.seek(0)
    while raw := gathered.spool.read(BLOCK_SAMPLES * 4):
        block = np.multiply(np.frombuffer(raw, np.float32), _FULL_SCALE, dtype=float)
        block -= mean
        yield block


def _clipped(blocks: Iterable[Float64]) -> Iterator[Float64]:
    """Hold samples within 16 bits; the resampler overshoots by up to 1.5 dB."""
    return (np.clip(block, -32_768, 32_767, out=block) for block in blocks)


def pad_codes(
    blocks: Iterable[UInt8], samples: int, wanted: int = MIN_TELEPHONE_SAMPLES
) -> Iterator[UInt8]:
    """Append silence, so that `samples` codes become `wanted`."""
    yield from blocks
    if samples < wanted:
        yield np.full(wanted - samples, SILENCE_CODE, np.uint8)


def prepare_audio(audio: Audio) -> UInt8:
    """Bring audio in memory to A-law codes.

    Parameters
    ----------
    audio : Audio
        Any rate from 4 to 384 kHz, 1 to 8 channels.

    Returns
    -------
    (n,) uint8
        n = round(frames × 8000 / rate). Decoded by `g711.alaw_decode` they are
        what the recipient hears.

    Raises
    ------
    UndecodableError
        ``empty`` or ``invalid_samples``.

    >>> from voiceprep.audio.signal import Audio
    >>> prepare_audio(Audio(np.zeros(8_000, np.float32), 8_000))[:2].tolist()
    [213, 213]
    """
    with gather(partial(_pour_audio, audio)) as gathered:
        return np.concatenate(list(codes(gathered)))


def _pour_audio(audio: Audio, sink: Sink) -> Decoded:
    """Pour audio in memory, as `decode.pour` pours a file."""
    if audio.frames:
        sink(audio.samples, audio.rate)
    return Decoded(("memory",), audio.rate, audio.channels, audio.frames)


class Meter:
    """Decode A-law codes to what the recipient hears, and measure it on the way.

    Parameters
    ----------
    blocks : iterable of (n,) uint8
        A-law codes at 8 kHz. Iterating yields each block and its 16-bit samples.

    >>> meter = Meter([np.full(8_000, 0xD5, np.uint8)])
    >>> [(int(codes[0]), int(pcm[0])) for codes, pcm in meter]
    [(213, 8)]
    >>> round(meter.loudest_dbfs)
    -72
    """

    __slots__ = ("_blocks", "_power")

    def __init__(self, blocks: Iterable[UInt8]) -> None:
        self._blocks = blocks
        self._power = 0.0

    def __iter__(self) -> Iterator[tuple[UInt8, Int16]]:
        for block in self._blocks:
            pcm = alaw_decode(block)
            self._power = max(self._power, _loudest_power(pcm))
            yield block, pcm

    @property
    def loudest_dbfs(self) -> float:
        """Return the level (rms) of the loudest 20 ms that passed, in dBFS."""
        if self._power <= 0:
            return -math.inf
        return 10 * math.log10(self._power) - _FULL_SCALE_DB


def _loudest_power(block: Int16) -> float:
    """Return the mean square of the loudest 20 ms of a block, in steps squared."""
    whole = len(block) - len(block) % _FRAME_SAMPLES
    frames = block[:whole].reshape(-1, _FRAME_SAMPLES).astype(np.float32)
    if not len(frames):
        return 0.0
    return float(np.einsum("ij,ij->i", frames, frames).max()) / _FRAME_SAMPLES
