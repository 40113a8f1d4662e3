"""Judge the file: its size, its length, its kind, its channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.audio.extent import SHORT_SHARE, is_short
from voiceprep.audio.finding import Severity
from voiceprep.audio.rule import Rule
from voiceprep.contract import (
    MAX_BYTES_CLIENT,
    MIN_DURATION_S,
    MIN_TELEPHONE_SAMPLES,
    TELEPHONE_RATE,
)

if TYPE_CHECKING:
    from voiceprep.audio.limits import Limits
    from voiceprep.audio.measurements import Measurements

__all__ = ["FILE_RULES"]

MUCH_BYTES: Final = 4_096  # [ours] behind the sound: tags of any program are smaller


def _too_many_bytes(m: Measurements, _: Limits) -> float | None:
    return m.bytes if (m.bytes or 0) > MAX_BYTES_CLIENT else None


def _prepared_too_large(m: Measurements, _: Limits) -> float | None:
    large = (m.prepared_bytes or 0) > MAX_BYTES_CLIENT
    return m.prepared_bytes if large and _alaw_too_large(m, _) is None else None


def _alaw_too_large(m: Measurements, _: Limits) -> float | None:
    return m.alaw_wav_bytes if (m.alaw_wav_bytes or 0) > MAX_BYTES_CLIENT else None


def _too_short(m: Measurements, _: Limits) -> float | None:
    if m.frames is None or m.rate is None or m.duration_s is None:
        return None
    # Whole numbers: 9.99999 s is under 10 s, and said as 9.999 s (R28).
    short = m.frames < MIN_DURATION_S * m.rate
    return m.frames * 1_000 // m.rate / 1_000 if short else None


def _too_short_once_trimmed(m: Measurements, limits: Limits) -> float | None:
    if m.kept_samples is None or _too_short(m, limits) is not None:
        return None
    short = m.kept_samples < MIN_TELEPHONE_SAMPLES
    return m.kept_samples * 1_000 // TELEPHONE_RATE / 1_000 if short else None


def _cut_short(m: Measurements, _: Limits) -> float | None:
    if m.declared_s is None or m.duration_s is None:
        return None
    return m.duration_s if is_short(m.duration_s, m.declared_s) else None


def _ends_within(m: Measurements, limits: Limits) -> float | None:
    return m.duration_s if m.cut_in and _cut_short(m, limits) is None else None


def _ends_in_mid_frame(m: Measurements, _: Limits) -> float | None:
    return m.duration_s if m.ends_in_mid_frame and _cut_short(m, _) is None else None


def _ends_unmarked(m: Measurements, _: Limits) -> float | None:
    return None if m.is_marked else m.duration_s


def _goes_on(m: Measurements, _: Limits) -> float | None:
    if m.unread_bytes is None or m.duration_s is None or _cut_short(m, _) is not None:
        return None
    is_much = m.unread_bytes > max(MUCH_BYTES, SHORT_SHARE * (m.bytes or 0))
    return m.unread_bytes if is_much else None


def _no_platform_type(m: Measurements, _: Limits) -> str | None:
    if m.container is None or m.container == "wav":
        return None
    return None if m.codec == "mp3" else m.container_name


def _wrong_suffix(m: Measurements, _: Limits) -> str | None:
    fits = not m.suffix or not m.suffixes or m.suffix in m.suffixes
    return None if fits or _no_platform_type(m, _) else m.suffix


FILE_RULES: Final = (
    Rule(
        "too_large",
        Severity.ERROR,
        _too_many_bytes,
        "{m.size} bytes; the platform takes {limit:,} at most",  # R28
        "`--fix size` sends the telephone version, which is far smaller.",
        fix="size",
        mended="mended: {value:,} bytes are over the limit of {limit:,}; the "
        "telephone version goes out instead",
        limit=MAX_BYTES_CLIENT,
    ),
    Rule(
        "too_large",
        Severity.ERROR,
        _alaw_too_large,
        "{m.duration_s:,.0f} s long; as A-law that is {value:,} bytes, and the "
        "platform takes {limit:,} at most",
        "Send the part that is to be heard, under 41 minutes.",
        limit=MAX_BYTES_CLIENT,
    ),
    Rule(
        "too_large",
        Severity.ERROR,
        _prepared_too_large,
        "{m.duration_s:,.0f} s long; prepared it has {value:,} bytes, and the "
        "platform takes {limit:,} at most",
        "`--fix size` sends it as A-law WAV, half as large.",
        fix="size",
        mended="mended: prepared it has {value:,} bytes, over the limit of "
        "{limit:,}; the A-law WAV, half as large, goes out",
        limit=MAX_BYTES_CLIENT,
    ),
    Rule(
        "too_short",
        Severity.ERROR,
        _too_short,
        "{value:.3f} s long; the platform takes {limit:.1f} s at least",  # R28
        "`--fix duration` adds silence at the end.",
        fix="duration",
        mended="mended: {value:.3f} s long; silence at the end makes it {limit:.1f} s",
        limit=MIN_DURATION_S,
    ),
    Rule(
        "too_short",
        Severity.ERROR,
        _too_short_once_trimmed,
        "{value:.3f} s long without its silences; the platform takes {limit:.1f} s "
        "at least",
        "`--fix duration` adds silence at the end.",
        fix="duration",
        mended="mended: {value:.3f} s long without its silences; silence at the end "
        "makes it {limit:.1f} s",
        limit=MIN_DURATION_S,
    ),
    Rule(
        "truncated",
        Severity.ERROR,
        _cut_short,
        "cut short: its header speaks of {m.declared_s:.1f} s, and {value:.1f} s "
        "are there",
        "Fetch or export it again; the rest is missing from the file.",
    ),
    Rule(
        "truncated",
        Severity.ERROR,
        _ends_within,
        "cut short: the file ends in the middle of {m.cut_in}, after {value:.1f} s",
        "Fetch or export it again; the rest is missing from the file.",
    ),
    Rule(
        "truncated",
        Severity.WARNING,
        _goes_on,
        "its sound ends after {m.duration_s:.1f} s; what the {value:,} bytes behind it "
        "are can't be told",
        "Listen to its end; export it again if anything is missing.",
    ),
    Rule(
        "truncated",
        Severity.WARNING,
        _ends_unmarked,
        "the file ends after {value:.1f} s without the mark of an end",
        "Listen to its end: the file may have been cut.",
    ),
    Rule(
        "truncated",
        Severity.WARNING,
        _ends_in_mid_frame,
        "the file ends in the middle of a frame, after {value:.1f} s",
        "Listen to its end: the file may have been cut.",
    ),
    Rule(
        "unsupported",
        Severity.ERROR,
        _no_platform_type,
        "{value}; the platform takes MP3 and WAV",  # R28
        "`--fix format` sends the telephone version, a WAV. Or export it as MP3 "
        "or WAV.",
        fix="format",
        mended="mended: {value}; a WAV goes out",
        limit="mp3, wav",
    ),
    Rule(
        "wrong_extension",
        Severity.WARNING,
        _wrong_suffix,
        "its name ends in {value}, but it is {m.container_name}",
        "Rename it; other programs may go by the name.",
    ),
)
