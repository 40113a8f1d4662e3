"""Turn what the walk, the decoder and the meters told into one set of measurements."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voiceprep.audio.artefact import ALAW_HEAD_BYTES, WAV_HEAD_BYTES
from voiceprep.contract import MIN_TELEPHONE_SAMPLES, TELEPHONE_RATE

if TYPE_CHECKING:
    from voiceprep.audio.gather import Gathered
    from voiceprep.audio.identify import Source
    from voiceprep.audio.limits import Limits
    from voiceprep.audio.measure import Signal
    from voiceprep.audio.measurements import Measurements
    from voiceprep.audio.prepare import Prepared
    from voiceprep.audio.runs import Span
    from voiceprep.audio.silence import Silences

__all__ = ["with_gathered", "with_prepared", "with_samples", "with_source"]


OUTLINE: Final = 60  # stretches: a line of a terminal


def with_source(measured: Measurements, source: Source) -> Measurements:
    """Add what the walk told."""
    return replace(
        measured,
        container=source.kind.container,
        container_name=source.kind.name,
        suffixes=source.kind.extensions,
        codec=source.codec,
        rate=source.rate or None,
        channels=source.channels or None,
        expected_s=_seconds(source.expected_frames, source.rate),
        declared_s=_seconds(source.declared_frames, source.rate),
        ends_in_mid_frame=source.ends_in_mid_frame,
        cut_in=source.cut_in or None,
        unread_bytes=source.unread_bytes or None,
        is_marked=source.is_marked,
        notes=source.notes,
    )


def _seconds(frames: int | None, rate: int) -> float | None:
    return None if frames is None or not rate else frames / rate


def with_gathered(
    measured: Measurements, source: Source, gathered: Gathered
) -> Measurements:
    """Add what decoding told."""
    done, powers = gathered.decoded, gathered.powers
    declared = source.declared_frames
    if declared is None and source.expected_frames is None:
        declared = done.declared_frames
    if source.share < 1:
        declared = max(declared or 0, round(done.frames / source.share))
    dead = set(range(done.channels)) - set(powers.live)
    duration = done.frames / done.rate
    return replace(
        measured,
        rate=done.rate,
        channels=done.channels,
        frames=done.frames,
        duration_s=duration,
        declared_s=_seconds(declared, done.rate),
        decoder="+".join(done.decoders),
        peak_dbfs=_db(gathered.peak),
        clipping_runs=gathered.clipping.runs,
        clipping_per_s=gathered.clipping.runs / duration if duration else 0.0,
        dc_offset=abs(gathered.mean),
        dead_channels=tuple(sorted(n + 1 for n in dead)),
        mono_loss_db=powers.mono_loss_db,
        correlation=powers.correlation,
        prepared_already=gathered.prepared_already,
    )


def _db(magnitude: float) -> float:
    return 20 * math.log10(magnitude) if magnitude > 0 else -math.inf


def with_prepared(
    measured: Measurements, gathered: Gathered, prepared: Prepared, limits: Limits
) -> Measurements:
    """Add what the signal told, and what mastering did."""
    from voiceprep.audio.dropout import dropouts

    signal = prepared.signal
    torn = dropouts(gathered.ticks, signal.speech.level_dbov)
    silences = _silences(gathered, signal)
    measured = _with_levels(measured, signal)
    measured = _with_spectrum(measured, gathered, signal)
    measured = _with_mastering(measured, prepared)
    return replace(
        measured,
        leading_silence_s=silences.leading_s,
        trailing_silence_s=silences.trailing_s,
        longest_pause_s=silences.longest_pause_s,
        level_window_dbov=(limits.least_dbov, limits.most_dbov),
        dropouts=len(torn),
        spans=_spans(gathered, silences, torn, limits),
    )


def _silences(gathered: Gathered, signal: Signal) -> Silences:
    """Find the silences; what an earlier `prepare` padded to 10 s does not count."""
    padded = gathered.prepared_already and gathered.samples == MIN_TELEPHONE_SAMPLES
    end = signal.frames.sound_end if padded else None
    return signal.frames.silences(signal.speech.level_dbov, end=end)


def _with_levels(measured: Measurements, signal: Signal) -> Measurements:
    speech, frames = signal.speech, signal.frames
    return replace(
        measured,
        speech_level_dbov=speech.level_dbov,
        activity=speech.activity,
        rms_dbov=speech.rms_dbov,
        loudest_dbfs=frames.loudest_dbfs,
        noise_floor_dbfs=frames.floor_dbfs,
        range_db=frames.loud_dbfs - frames.floor_dbfs if frames.is_heard else None,
        noise_under_db=frames.loud_dbfs - frames.lowest_dbfs
        if frames.is_heard
        else None,
        end_over_speech_db=frames.end_dbfs - speech.level_dbov
        if speech.activity
        else None,
        overloads=signal.overloads,
        outline=frames.outline(OUTLINE),
    )


def _with_spectrum(
    measured: Measurements, gathered: Gathered, signal: Signal
) -> Measurements:
    from voiceprep.audio.spectrum import speed

    spectrum, hum = signal.spectrum, signal.hum
    if spectrum is None:
        return measured
    return replace(
        measured,
        band_loss_db=spectrum.band_loss_db + _lost_above(gathered, signal),
        low_share=spectrum.low_share,
        speed=speed(spectrum, signal.tempo_hz),
        hum_hz=hum.hz,
        hum_dbfs=hum.level_dbfs,
        hum_over_db=hum.over_db,
    )


def _lost_above(gathered: Gathered, signal: Signal) -> float:
    """Return the level that lies above the telephone's 4 kHz, in dB."""
    if gathered.decoded.rate <= TELEPHONE_RATE or signal.power <= 0:
        return 0.0
    # The source's DC is no sound, nor is it in the signal any more.
    source = gathered.powers.mean_square_of(gathered.used) - gathered.mean**2
    lost = 10 * math.log10(source) - signal.rms_dbfs if source > 0 else 0.0
    return max(0.0, lost)


def _with_mastering(measured: Measurements, prepared: Prepared) -> Measurements:
    plan = prepared.plan
    mastered = plan.mode != "off"
    return replace(
        measured,
        master=plan.mode,
        gain_db=plan.gain_db if mastered else None,
        limited_s=prepared.limited_s if mastered else None,
        cuts=tuple((a / TELEPHONE_RATE, b / TELEPHONE_RATE) for a, b in plan.cuts),
        kept_samples=prepared.samples if plan.cuts else None,
        prepared_level_dbov=prepared.level_dbov,
        prepared_peak_dbfs=_db(prepared.peak),
        alaw_snr_db=prepared.snr_db,
    )


def _spans(
    gathered: Gathered, silences: Silences, torn: tuple[Span, ...], limits: Limits
) -> dict[str, tuple[Span, ...]]:
    """Say where the findings lie, so that a page can mark them."""
    length = gathered.samples / TELEPHONE_RATE
    lead, trail = silences.leading_s, silences.trailing_s
    spans = {
        "clipping": gathered.clipping.spans,
        "dropout": torn,
        "leading_silence": ((0.0, lead),) if lead > limits.leading_s else (),
        "trailing_silence": ((round(length - trail, 3), round(length, 3)),)
        if trail > limits.trailing_s
        else (),
        "long_pause": tuple(
            (start, end)
            for start, end in silences.pauses
            if end - start > limits.pause_warn_s
        ),
    }
    return {code: places for code, places in spans.items() if places}


def with_samples(measured: Measurements, samples: int) -> Measurements:
    """Add the sizes of what would go out."""
    return replace(
        measured,
        samples=samples,
        prepared_bytes=WAV_HEAD_BYTES + 2 * samples,
        alaw_wav_bytes=ALAW_HEAD_BYTES + samples + samples % 2,
    )
