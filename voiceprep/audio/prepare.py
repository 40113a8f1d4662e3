"""Bring a recording to what the telephone plays: A-law codes at 8 kHz.

`gather` passes over the source; here the kept signal is passed over once: high-pass,
measures, gate, A-law. Where mastering changes anything, it is passed over again. The
order is that of docs/design.md, "From recording to A-law".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from voiceprep.audio.compressor import compressed
from voiceprep.audio.encode import SnrMeter, alaw, gated
from voiceprep.audio.g711 import SILENCE_CODE, alaw_decode
from voiceprep.audio.gather import gather_audio
from voiceprep.audio.highpass import BLOCK_SAMPLES, highpass
from voiceprep.audio.level import SpeechMeter
from voiceprep.audio.limiter import Limiter
from voiceprep.audio.limits import Limits
from voiceprep.audio.master import (
    Plan,
    ceiling_of,
    levelled,
    nearer,
    plan_of,
    with_gain,
)
from voiceprep.audio.measure import CHUNK, LevelMeter, Signal, SignalMeter, chunks
from voiceprep.audio.scratch import Scratch
from voiceprep.audio.trim import kept, without
from voiceprep.audio.units import FULL_SCALE
from voiceprep.contract import MIN_TELEPHONE_SAMPLES, TELEPHONE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from voiceprep.audio.gather import Gathered
    from voiceprep.audio.signal import Audio, Int16, UInt8
    from voiceprep.audio.units import Float64

__all__ = [
    "Order",
    "Prepared",
    "codes",
    "heard",
    "pad_codes",
    "prepare_audio",
    "prepare_signal",
]

_STILL: Final = 0.5  # 16-bit steps: the source has zeros
_STILL_ALAW: Final = 8.1  # A-law has none: ±8 is its silence


@dataclass(frozen=True, slots=True)
class Order:
    """Say how a signal is to be prepared.

    Parameters
    ----------
    master : str
        A mode of `limits.MODES`.
    trim : bool
        Whether long silences are taken out.
    limits : Limits
    """

    master: str = "auto"
    trim: bool = False
    limits: Limits = Limits()  # noqa: RUF009 (frozen)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Hold what goes out, what was measured, and what was done.

    Parameters
    ----------
    alaw : Scratch
        The codes; closed by whoever prepared it.
    samples : int
        Of them.
    signal : Signal
        What was measured before mastering.
    plan : Plan
        What was done.
    level_dbov : float
        Active speech level of what goes out.
    peak : float
        Of what goes out, before A-law; full scale 1.0.
    limited_s : float
        How long peaks were held back.
    snr_db : float or None
        What A-law cost: see `encode.SnrMeter`.
    """

    alaw: Scratch
    samples: int
    signal: Signal
    plan: Plan
    level_dbov: float
    peak: float
    limited_s: float = 0.0
    snr_db: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.alaw.close()

    def codes(self) -> Iterator[UInt8]:
        """Yield the codes, (n,) uint8, together `samples`."""
        return (np.frombuffer(raw, np.uint8) for raw in self.alaw.blocks(CHUNK))


def prepare_signal(gathered: Gathered, order: Order) -> Prepared:
    """Measure, master and encode a gathered signal.

    Parameters
    ----------
    gathered : Gathered
    order : Order

    Returns
    -------
    Prepared
        The same bytes however the source came in blocks. A recording that is
        prepared already and needs no mastering comes out as it went in.
    """
    plain = _as_it_is(gathered, encode=order.master in {"auto", "off"})
    signal = plain.signal
    silences = signal.frames.silences(signal.speech.level_dbov) if order.trim else None
    plan = plan_of(order.master, signal, order.limits, silences)
    if plan.changes_nothing:
        if plain.alaw.size == plain.samples:
            return plain
        return _as_it_is(gathered, encode=True)
    plain.alaw.close()
    return _mastered(gathered, signal, plan, order.limits)


def _as_it_is(gathered: Gathered, *, encode: bool) -> Prepared:
    """Measure the signal; encode it on the way, in the hope that it may stay."""
    untouched = gathered.prepared_already
    meter, snr = SignalMeter(_STILL_ALAW if untouched else _STILL), SnrMeter()
    out = Scratch()
    blocks = _measured(gathered, meter)
    if encode:
        told = None if untouched else snr
        for block in alaw(blocks if untouched else gated(blocks), told):
            out.write(block.data)
    else:
        for _ in blocks:
            pass
    signal = meter.finish()
    return Prepared(
        out,
        gathered.samples,
        signal,
        Plan(),
        signal.speech.level_dbov,
        signal.peak,
        snr_db=snr.finish(signal.speech.level_dbov),
    )


def _measured(gathered: Gathered, meter: SignalMeter) -> Iterator[Float64]:
    """Read the kept signal through the high-pass and the meter, in chunks."""
    stays = gathered.prepared_already
    blocks = meter.before(_steps(gathered, stays=stays))
    return meter.after(chunks(blocks if stays else highpass(blocks)))


def _steps(gathered: Gathered, *, stays: bool = False) -> Iterator[Float64]:
    """Read the kept signal in 16-bit steps; its mean is taken out unless it `stays`.

    The blocks have one fixed size, so that the bits are the same for every source.
    """
    mean = 0.0 if stays else gathered.mean * FULL_SCALE
    for raw in gathered.signal.blocks(BLOCK_SAMPLES * 4):
        block = np.multiply(np.frombuffer(raw, np.float32), FULL_SCALE, dtype=float)
        block -= mean
        yield block


def _mastered(
    gathered: Gathered, signal: Signal, plan: Plan, limits: Limits
) -> Prepared:
    """Pass over the signal again, as the plan says."""

    def filtered() -> Iterator[Float64]:
        return without(chunks(highpass(_steps(gathered), plan.tone)), plan.cuts)

    if plan.mode != "clarity":
        return _near_target(filtered, signal, plan, limits)
    with Scratch() as between:
        level = _compress(filtered(), signal.speech.level_dbov, between)
        levelled_plan = with_gain(plan, level, limits)
        return _near_target(partial(_read, between), signal, levelled_plan, limits)


def _near_target(
    blocks: Callable[[], Iterator[Float64]], signal: Signal, plan: Plan, limits: Limits
) -> Prepared:
    """Encode; and once more where the level came out beside the target."""
    prepared = _encoded(blocks(), signal, plan, limits)
    if plan.mode == "off" or prepared.limited_s:
        return prepared
    better = nearer(plan, prepared.level_dbov, limits)
    if better is None:
        return prepared
    prepared.alaw.close()
    return _encoded(blocks(), signal, better, limits)


def _compress(blocks: Iterable[Float64], level_dbov: float, into: Scratch) -> float:
    """Compress into a scratch, float64; return the speech level that comes of it."""
    speech = SpeechMeter()
    for block in compressed(chunks(blocks), level_dbov):
        speech.feed(block)
        into.write(block.data)
    return speech.finish().level_dbov


def _read(scratch: Scratch) -> Iterator[Float64]:
    return (np.frombuffer(raw, np.float64) for raw in scratch.blocks(CHUNK * 8))


def _encoded(
    blocks: Iterable[Float64], signal: Signal, plan: Plan, limits: Limits
) -> Prepared:
    """Level, limit and encode; measure what goes out."""
    limiter = Limiter(ceiling_of(limits) if plan.mode != "off" else np.inf)
    after, snr = LevelMeter(), SnrMeter()
    out = Scratch()
    mastered = after.passed(levelled(chunks(blocks), plan, limiter))
    for block in alaw(gated(mastered), snr):
        out.write(block.data)
    level_dbov = after.finish().level_dbov
    return Prepared(
        out,
        kept(plan.cuts, signal.samples),
        signal,
        plan,
        level_dbov,
        after.peak,
        limiter.limited_samples / TELEPHONE_RATE,
        snr.finish(level_dbov),
    )


def codes(gathered: Gathered) -> Iterator[UInt8]:
    """Read the gathered signal as A-law codes, without mastering.

    Yields
    ------
    (n,) uint8
        Together `gathered.samples` codes. A recording that is prepared already
        comes out as it went in.
    """
    with prepare_signal(gathered, Order("off")) as prepared:
        yield from prepared.codes()


def pad_codes(
    blocks: Iterable[UInt8], samples: int, wanted: int = MIN_TELEPHONE_SAMPLES
) -> Iterator[UInt8]:
    """Append silence, so that `samples` codes become `wanted`."""
    yield from blocks
    if samples < wanted:
        yield np.full(wanted - samples, SILENCE_CODE, np.uint8)


def heard(blocks: Iterable[UInt8]) -> Iterator[tuple[UInt8, Int16]]:
    """Yield codes, and what the recipient hears of them.

    >>> [(int(codes[0]), int(pcm[0])) for codes, pcm in heard([np.array([213], "u1")])]
    [(213, 8)]
    """
    return ((block, alaw_decode(block)) for block in blocks)


def prepare_audio(audio: Audio, master: str = "off") -> UInt8:
    """Bring audio in memory to A-law codes.

    Parameters
    ----------
    audio : Audio
        Any rate from 4 to 384 kHz, 1 to 8 channels.
    master : str
        A mode of `limits.MODES`.

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
    with (
        gather_audio(audio) as gathered,
        prepare_signal(gathered, Order(master)) as prepared,
    ):
        return np.concatenate(list(prepared.codes()))
