"""Judge the sound: what the recipient would hear, and what of it can be mended.

Thresholds are those of a profile (`limits`); they are facts.md's, "Rules".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voiceprep.audio.finding import Severity
from voiceprep.audio.rule import Above, Rule, Under

if TYPE_CHECKING:
    from voiceprep.audio.limits import Limits
    from voiceprep.audio.measurements import Measurements

__all__ = ["HEARING_RULES", "SOUND_RULES"]

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def _silent(m: Measurements, limits: Limits) -> float | None:
    if m.loudest_dbfs is None or _cancels(m, limits) is not None:
        return None  # channels that cancel are silent for that reason
    nothing = m.loudest_dbfs < limits.silent_dbfs or m.activity == 0
    return m.loudest_dbfs if nothing else None


def _dead_channel(m: Measurements, _: Limits) -> str | None:
    return " and ".join(str(n) for n in m.dead_channels) or None


def _cancels(m: Measurements, limits: Limits) -> float | None:
    return m.mono_loss_db if (m.mono_loss_db or 0) > limits.mono_error_db else None


def _cancels_partly(m: Measurements, limits: Limits) -> float | None:
    if m.mono_loss_db is None or _cancels(m, limits) is not None:
        return None
    opposed = m.correlation is not None and m.correlation < limits.correlation_warn
    return m.mono_loss_db if opposed or m.mono_loss_db > limits.mono_warn_db else None


def _clips_often(m: Measurements, limits: Limits) -> float | None:
    often = (m.clipping_per_s or 0) > limits.clipping_per_s
    return m.clipping_per_s if often else None


def _clips(m: Measurements, limits: Limits) -> float | None:
    if _clips_often(m, limits) is not None:
        return None
    return m.clipping_runs if (m.clipping_runs or 0) >= limits.clipping_runs else None


def _too_quiet_to_raise(m: Measurements, limits: Limits) -> float | None:
    level, quiet = m.prepared_level_dbov, limits.too_quiet_dbov
    raised = (m.gain_db or 0) > 0 and level is not None
    return level if raised and (level or 0) < quiet else None


def _too_quiet(m: Measurements, limits: Limits) -> float | None:
    level = m.prepared_level_dbov
    if level is None or _too_quiet_to_raise(m, limits) is not None:
        return None
    return level if level < limits.too_quiet_dbov else None


def _off_middle(m: Measurements, limits: Limits) -> float | None:
    past = _far_off_middle(m, limits) is not None
    return None if past or not _lies_over(m, limits.dc_warn) else m.dc_offset


def _far_off_middle(m: Measurements, limits: Limits) -> float | None:
    return m.dc_offset if _lies_over(m, limits.dc_error) else None


def _lies_over(m: Measurements, limit: float) -> bool:
    # Peaks that are cut on one side move the mean by themselves.
    return not m.clipping_runs and (m.dc_offset or 0) > limit


def _was_raised(m: Measurements, limits: Limits) -> float | None:
    raised = (m.gain_db or 0) > 0 and (m.speech_level_dbov or 0) < limits.least_dbov
    return m.speech_level_dbov if raised else None


def _was_lowered(m: Measurements, limits: Limits) -> float | None:
    lowered = (m.gain_db or 0) < 0 and (m.speech_level_dbov or 0) > limits.most_dbov
    return m.speech_level_dbov if lowered else None


def _hums(m: Measurements, limits: Limits) -> float | None:
    if m.hum_dbfs is None or m.hum_over_db is None:
        return None
    over = m.hum_over_db > limits.hum_over_db
    return m.hum_dbfs if over and m.hum_dbfs > limits.hum_dbfs else None


def _is_noisy(m: Measurements, limits: Limits) -> float | None:
    past = Under("noise_under_db", "noise_warn_db", "noise_error_db")(m, limits)
    return None if _hums(m, limits) is not None else past  # hum has its own row


def _is_cut(m: Measurements, limits: Limits) -> float | None:
    if m.end_over_speech_db is None or m.ends_in_mid_frame:
        return None
    return m.end_over_speech_db if m.end_over_speech_db > limits.cut_db else None


def _torn(m: Measurements, _: Limits) -> float | None:
    return m.dropouts or None


# Of the channels, and whether there is anything to hear; where one of these refuses,
# the others have nothing to judge.
HEARING_RULES: Final = (
    Rule(
        "silent",
        ERROR,
        _silent,
        "nothing can be heard in it",
        "Record it again; was the microphone on?",
        limit="silent_dbfs",
    ),
    Rule(
        "silent_channel",
        WARNING,
        _dead_channel,
        "silent: channel {value} of {m.channels}; only what is live is used",
        "No need to act. To mend the source, export it in mono.",
    ),
    Rule(
        "phase_cancellation",
        ERROR,
        _cancels,
        "its channels cancel each other: on a telephone, which has one, "
        "{value:.0f} dB are lost",
        "`--fix phase` uses the louder channel alone.",
        limit="mono_error_db",
        fix="phase",
        mended="mended: its channels cancel each other ({value:.0f} dB lost); the "
        "louder one is used alone",
    ),
    Rule(
        "phase_cancellation",
        WARNING,
        _cancels_partly,
        "its channels cancel each other in part: {value:.1f} dB are lost on a "
        "telephone, which has one",
        "Listen to the preview. `--fix phase` uses the louder channel alone.",
        limit="mono_warn_db",
        fix="phase",
        mended="mended: its channels cancel each other in part ({value:.1f} dB "
        "lost); the louder one is used alone",
    ),
)

SOUND_RULES: Final = (
    Rule(
        "too_quiet",
        ERROR,
        _too_quiet_to_raise,
        "too quiet: raised by {m.gain_db:.0f} dB, which is the most, the voice is "
        "still {away:.0f} dB too quiet for a telephone",
        "Record it again, closer to the microphone.",
        limit="too_quiet_dbov",
    ),
    Rule(
        "too_quiet",
        ERROR,
        _too_quiet,
        "{away:.0f} dB too quiet for a telephone",
        "`--fix level` raises it. Better: record it again, closer to the microphone.",
        limit="too_quiet_dbov",
        fix="level",
    ),
    Rule(
        "too_quiet",
        WARNING,
        Under("prepared_level_dbov", "least_dbov", "too_quiet_dbov"),
        "{away:.0f} dB too quiet for a telephone",
        "`--fix level` raises it.",
        fix="level",
    ),
    Rule(
        "too_quiet",
        INFO,
        _was_raised,
        "mended: {away:.1f} dB too quiet for a telephone; raised by {m.gain_db:.1f} dB",
        "`--master off` keeps yours.",
        limit="least_dbov",
    ),
    Rule(
        "too_loud",
        ERROR,
        Above("prepared_level_dbov", "too_loud_dbov"),
        "{away:.0f} dB too loud for a telephone",
        "`--fix level` lowers it. Better: record it again with less gain.",
        fix="level",
    ),
    Rule(
        "too_loud",
        WARNING,
        Above("prepared_level_dbov", "most_dbov", "too_loud_dbov"),
        "{away:.0f} dB too loud for a telephone",
        "`--fix level` lowers it.",
        fix="level",
    ),
    Rule(
        "too_loud",
        INFO,
        _was_lowered,
        "mended: {away:.1f} dB too loud for a telephone; lowered by "
        "{m.lowered_db:.1f} dB",
        "`--master off` keeps yours.",
        limit="most_dbov",
    ),
    Rule(
        "clipping",
        ERROR,
        _clips_often,
        "distorted: recorded too loud, its peaks are cut flat {value:.0f} times a "
        "second",
        "Record it again with less gain; no repair brings the peaks back. "
        "`--accept clipping` sends it all the same.",
        limit="clipping_per_s",
    ),
    Rule(
        "clipping",
        WARNING,
        _clips,
        "recorded too loud: its peaks are cut flat in {places}",
        "Listen there; record it again with less gain if it crackles.",
        limit="clipping_runs",
    ),
    Rule(
        "dc_offset",
        ERROR,
        _far_off_middle,
        "the wave lies {value:.1%} of full scale off its middle, as a faulty sound "
        "card leaves it",
        "`--fix dc` puts it back. Better: record it again with another device.",
        limit="dc_error",
        fix="dc",
        mended="mended: the wave lay {value:.1%} of full scale off its middle",
    ),
    Rule(
        "dc_offset",
        WARNING,
        _off_middle,
        "the wave lies {value:.1%} of full scale off its middle",
        "The telephone version is put back by itself; `--fix dc` says that you know.",
        limit="dc_warn",
        fix="dc",
        mended="mended: the wave lay {value:.1%} of full scale off its middle",
    ),
    Rule(
        "leading_silence",
        WARNING,
        Above("leading_silence_s", "leading_s"),
        "the first {value:.1f} s are silent; the recipient may hang up",
        "`--fix silence` trims it.",
        fix="silence",
        mended="mended: the first {value:.1f} s were silent; trimmed",
    ),
    Rule(
        "trailing_silence",
        WARNING,
        Above("trailing_silence_s", "trailing_s"),
        "the last {value:.1f} s are silent",
        "`--fix silence` trims it.",
        fix="silence",
        mended="mended: the last {value:.1f} s were silent; trimmed",
    ),
    Rule(
        "long_pause",
        ERROR,
        Above("longest_pause_s", "pause_error_s"),
        "a pause of {value:.1f} s; the recipient will think that it is over",
        "`--fix silence` shortens it. `--accept long_pause` keeps it.",
        fix="silence",
        mended="mended: a pause of {value:.1f} s; shortened",
    ),
    Rule(
        "long_pause",
        WARNING,
        Above("longest_pause_s", "pause_warn_s", "pause_error_s"),
        "a pause of {value:.1f} s; the recipient may think that it is over",
        "`--fix silence` shortens it.",
        fix="silence",
        mended="mended: a pause of {value:.1f} s; shortened",
    ),
    Rule(
        "noisy",
        ERROR,
        Under("noise_under_db", "noise_error_db"),
        "so noisy that the voice stands out by {value:.0f} dB only; {limit:.0f} are "
        "the least",
        "Record it again in a quiet room. `--accept noisy` sends it all the same.",
    ),
    Rule(
        "noisy",
        WARNING,
        _is_noisy,
        "noisy: the voice stands out by {value:.0f} dB; {limit:.0f} are usual",
        "Listen to the preview; a quieter room helps.",
        limit="noise_warn_db",
    ),
    Rule(
        "band_loss",
        ERROR,
        Above("band_loss_db", "band_error_db"),
        "a telephone passes hardly any of it: {value:.0f} dB lie outside of its band "
        "(300 to 3,400 Hz)",
        "Record it again without effects, or with another microphone. "
        "`--accept band_loss` sends it all the same.",
    ),
    Rule(
        "band_loss",
        WARNING,
        Above("band_loss_db", "band_warn_db", "band_error_db"),
        "it loses {value:.0f} dB on a telephone, which passes 300 to 3,400 Hz",
        "Listen to the preview. `--master clarity` helps boomy voices.",
    ),
    Rule(
        "dropout",
        WARNING,
        _torn,
        "the sound is gone for a moment, torn out of words, in {places}",
        "Listen there; record or export it again.",
    ),
    Rule(
        "hum",
        WARNING,
        _hums,
        "mains hum at {m.hum_hz} Hz under the voice",
        "Listen to the preview; another cable or socket helps.",
        limit="hum_dbfs",
    ),
    Rule(
        "wrong_rate",
        WARNING,
        Above("speed", "speed_warn"),
        "the voice sounds too high and too fast; its sampling rate ({m.rate:,} Hz) may "
        "be set wrong",
        "Listen to it; export it again with the rate that it was recorded at.",
    ),
    Rule(
        "truncated",
        WARNING,
        _is_cut,
        "it ends in the middle of a sound",
        "Listen to its end: the last word may be cut.",
        limit="cut_db",
    ),
)
