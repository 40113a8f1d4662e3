"""Judge a recording: a table of rules, each with its number and its remedy.

A rule looks at `Measurements` and says a number or nothing. Later rules are
further rows. What stops a recording before it can be measured (`empty`,
`undecodable` …) is raised where it is found, with the same words.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from voiceprep.contract import (
    MAX_BYTES_CLIENT,
    MIN_DURATION_S,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from voiceprep.errors import UndecodableError

__all__ = [
    "FIXES",
    "RULES",
    "Finding",
    "Measurements",
    "Rule",
    "Severity",
    "Verdict",
    "finding_of",
    "judge",
    "verdict_of",
]

FIXES: Final = ("size", "duration", "phase", "format")

SILENT_BELOW_DBFS: Final = -55.0  # facts.md, "Rules": what counts as silence
LOSS_WARN_DB: Final = 6.0  # facts.md, "Rules", phase_cancellation
LOSS_ERROR_DB: Final = 12.0
CORRELATION_WARN: Final = -0.5
CUT_S: Final = 0.3  # facts.md, "Rules", truncated
CUT_SHARE: Final = 0.02


class Severity(StrEnum):
    """Rank findings: an error refuses, a warning tells, an info reports."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """Sum up the findings of one recording."""

    FIT = "fit"
    FIT_WITH_WARNINGS = "fit_with_warnings"
    REFUSED = "refused"
    UNREADABLE = "unreadable"

    @property
    def is_fit(self) -> bool:
        """Say whether the recording may be uploaded."""
        return self in {Verdict.FIT, Verdict.FIT_WITH_WARNINGS}


# What leaves nothing to judge; other errors refuse a sound that is there.
_UNREADABLE: Final = {
    "not_found",
    "not_a_file",
    "not_permitted",
    "decoder_failed",
    "empty",
    "undecodable",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what a rule found.

    Parameters
    ----------
    code : str
        A stable word (docs/design.md, "Codes").
    severity : Severity
    message : str
        The fact with its number, in plain words.
    remedy : str
        What to do, or ``""``.
    value, limit : float or str or None
        What was found, and what is allowed.
    fix : str or None
        The word after ``--fix`` that would mend it; not part of the JSON.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    value: float | str | None = None
    limit: float | str | None = None
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the six fields that other programs build on."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "remedy": self.remedy,
            "value": self.value,
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True)
class Measurements:
    """Hold what is known of one recording; None where it isn't (yet).

    Parameters
    ----------
    bytes : int
        Of the file.
    suffix : str
        The ending of its name, in small letters, with the dot; ``""`` for none.
    container, codec : str
        By content.
    container_name : str
        The container in words.
    suffixes : tuple of str
        The endings that fit the content.
    rate, channels, frames : int
        Of the source: Hz, count, sample frames decoded.
    duration_s : float
        frames / rate.
    declared_s, expected_s : float or None
        What its header claims, and what its frames hold.
    ends_in_mid_frame : bool
        Whether the last MPEG frame is incomplete.
    decoder : str
        Which ones were needed, joined by ``+``.
    peak_dbfs : float
        Of the source, in dB of full scale.
    dead_channels : tuple of int
        More than 40 dB under the loudest, counted from 1.
    mono_loss_db, correlation : float or None
        Of mixing the live channels.
    loudest_dbfs : float
        Loudest 20 ms (rms) of the prepared signal.
    samples : int
        At 8 kHz.
    prepared_bytes, alaw_wav_bytes : int
        Of the two files that can go out.
    prepared_already : bool
        Whether the recording is the fixed point already, and stays as it is.
    notes : tuple of str
        What was odd about the file.
    """

    bytes: int | None = None
    suffix: str = ""
    container: str | None = None
    codec: str | None = None
    container_name: str = ""
    suffixes: tuple[str, ...] = ()
    rate: int | None = None
    channels: int | None = None
    frames: int | None = None
    duration_s: float | None = None
    declared_s: float | None = None
    expected_s: float | None = None
    ends_in_mid_frame: bool = False
    decoder: str | None = None
    peak_dbfs: float | None = None
    dead_channels: tuple[int, ...] = ()
    mono_loss_db: float | None = None
    correlation: float | None = None
    loudest_dbfs: float | None = None
    samples: int | None = None
    prepared_bytes: int | None = None
    alaw_wav_bytes: int | None = None
    prepared_already: bool = False
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is known, fit for JSON; what is not known is left out."""
        hidden = {"container_name", "suffixes", "suffix"}
        known = {k: v for k, v in asdict(self).items() if v is not None}
        return {
            key: list(value) if isinstance(value, tuple) else _finite(value)
            for key, value in known.items()
            if key not in hidden and value != ()
        }


def _finite(value: Any) -> Any:
    """Round floats for reading; JSON knows no infinity."""
    if not isinstance(value, float):
        return value
    return round(value, 6) if abs(value) < float("inf") else None


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one row of the table.

    Parameters
    ----------
    code, severity
        Of the finding.
    found : callable
        Returns the number that breaks the rule, or None.
    limit : float or str or None
    message, remedy, mended : str
        Templates; ``{value}``, ``{limit}`` and ``{m}``, the measurements, stand
        in them. `mended` is said instead where `fix` was asked for.
    fix : str or None
        The word after ``--fix`` that mends it.
    """

    code: str
    severity: Severity
    found: Callable[[Measurements], float | str | None]
    limit: float | str | None
    message: str
    remedy: str
    fix: str | None = None
    mended: str = ""


def _too_many_bytes(m: Measurements) -> float | None:
    return m.bytes if (m.bytes or 0) > MAX_BYTES_CLIENT else None


def _prepared_too_large(m: Measurements) -> float | None:
    large = (m.prepared_bytes or 0) > MAX_BYTES_CLIENT
    return m.prepared_bytes if large and _alaw_too_large(m) is None else None


def _alaw_too_large(m: Measurements) -> float | None:
    return m.alaw_wav_bytes if (m.alaw_wav_bytes or 0) > MAX_BYTES_CLIENT else None


def _too_short(m: Measurements) -> float | None:
    if m.frames is None or m.rate is None or m.duration_s is None:
        return None
    # Whole numbers: 9.99999 s is under 10 s, however it is rounded (R28).
    return m.duration_s if m.frames < MIN_DURATION_S * m.rate else None


def _cut_short(m: Measurements) -> float | None:
    if m.declared_s is None or m.duration_s is None:
        return None
    lost = m.declared_s - m.duration_s
    return m.duration_s if lost > max(CUT_S, CUT_SHARE * m.declared_s) else None


def _ends_in_mid_frame(m: Measurements) -> float | None:
    return m.duration_s if m.ends_in_mid_frame and _cut_short(m) is None else None


def _no_platform_type(m: Measurements) -> str | None:
    if m.container is None or m.container == "wav":
        return None
    return None if m.codec == "mp3" else m.container_name


def _wrong_suffix(m: Measurements) -> str | None:
    fits = not m.suffix or not m.suffixes or m.suffix in m.suffixes
    return None if fits or _no_platform_type(m) else m.suffix


def _silent(m: Measurements) -> float | None:
    if m.loudest_dbfs is None or _cancels(m) is not None:
        return None  # channels that cancel are silent for that reason
    return m.loudest_dbfs if m.loudest_dbfs < SILENT_BELOW_DBFS else None


def _dead_channel(m: Measurements) -> str | None:
    return " and ".join(str(n) for n in m.dead_channels) or None


def _cancels(m: Measurements) -> float | None:
    return m.mono_loss_db if (m.mono_loss_db or 0) > LOSS_ERROR_DB else None


def _cancels_partly(m: Measurements) -> float | None:
    if m.mono_loss_db is None or _cancels(m) is not None:
        return None
    opposed = m.correlation is not None and m.correlation < CORRELATION_WARN
    return m.mono_loss_db if opposed or m.mono_loss_db > LOSS_WARN_DB else None


_EXPORT: Final = "Export it as MP3 or WAV."

RULES: Final = (
    Rule(
        "too_large",
        Severity.ERROR,
        _too_many_bytes,
        MAX_BYTES_CLIENT,
        "{value:,} bytes; the platform takes {limit:,} at most",  # R28
        "`--fix size` sends the telephone version, which is far smaller.",
        fix="size",
        mended="mended: {value:,} bytes are over the limit of {limit:,}; the "
        "telephone version goes out instead",
    ),
    Rule(
        "too_large",
        Severity.ERROR,
        _alaw_too_large,
        MAX_BYTES_CLIENT,
        "{m.duration_s:,.0f} s long; as A-law that is {value:,} bytes, and the "
        "platform takes {limit:,} at most",
        "Send the part that is to be heard, under 41 minutes.",
    ),
    Rule(
        "too_large",
        Severity.ERROR,
        _prepared_too_large,
        MAX_BYTES_CLIENT,
        "{m.duration_s:,.0f} s long; prepared it has {value:,} bytes, and the "
        "platform takes {limit:,} at most",
        "`--fix size` sends it as A-law WAV, half as large.",
        fix="size",
        mended="mended: prepared it has {value:,} bytes, over the limit of "
        "{limit:,}; the A-law WAV, half as large, goes out",
    ),
    Rule(
        "too_short",
        Severity.ERROR,
        _too_short,
        MIN_DURATION_S,
        "{value:.3f} s long; the platform takes {limit:.1f} s at least",  # R28
        "`--fix duration` adds silence at the end.",
        fix="duration",
        mended="mended: {value:.3f} s long; silence at the end makes it {limit:.1f} s",
    ),
    Rule(
        "truncated",
        Severity.ERROR,
        _cut_short,
        None,
        "cut short: its header speaks of {m.declared_s:.1f} s, and {value:.1f} s "
        "are there",
        "Fetch or export it again; the rest is missing from the file.",
    ),
    Rule(
        "truncated",
        Severity.WARNING,
        _ends_in_mid_frame,
        None,
        "the file ends in the middle of a frame, after {value:.1f} s",
        "Listen to its end: the file may have been cut.",
    ),
    Rule(
        "unsupported",
        Severity.ERROR,
        _no_platform_type,
        "mp3, wav",
        "{value}; the platform takes MP3 and WAV",  # R28
        "`--fix format` sends the telephone version, a WAV. Or export it as MP3 "
        "or WAV.",
        fix="format",
        mended="mended: {value}; a WAV goes out",
    ),
    Rule(
        "wrong_extension",
        Severity.WARNING,
        _wrong_suffix,
        None,
        "its name ends in {value}, but it is {m.container_name}",
        "Rename it; other programs may go by the name.",
    ),
    Rule(
        "silent",
        Severity.ERROR,
        _silent,
        SILENT_BELOW_DBFS,
        "nothing can be heard in it",
        "Record it again; was the microphone on?",
    ),
    Rule(
        "silent_channel",
        Severity.WARNING,
        _dead_channel,
        None,
        "channel {value} of {m.channels} is silent; only the live one is used",
        "No need to act. To mend the source, export it in mono.",
    ),
    Rule(
        "phase_cancellation",
        Severity.ERROR,
        _cancels,
        LOSS_ERROR_DB,
        "its channels cancel each other: on a telephone, which has one, "
        "{value:.0f} dB are lost",
        "`--fix phase` uses the louder channel alone.",
        fix="phase",
        mended="mended: its channels cancel each other ({value:.0f} dB lost); the "
        "louder one is used alone",
    ),
    Rule(
        "phase_cancellation",
        Severity.WARNING,
        _cancels_partly,
        LOSS_WARN_DB,
        "its channels cancel each other in part: {value:.1f} dB are lost on a "
        "telephone, which has one",
        "Listen to the preview. `--fix phase` uses the louder channel alone.",
        fix="phase",
        mended="mended: its channels cancel each other in part ({value:.1f} dB "
        "lost); the louder one is used alone",
    ),
)


def judge(
    measured: Measurements, fixes: Iterable[str] = (), rules: Iterable[Rule] = RULES
) -> tuple[Finding, ...]:
    """Judge measurements by the table.

    Parameters
    ----------
    measured : Measurements
        Rules about what is not known stay silent.
    fixes : iterable of str
        Words of `FIXES`: what they mend is reported as info, ``mended``.

    >>> [f.code for f in judge(Measurements(rate=8_000, frames=1, duration_s=1 / 8e3))]
    ['too_short']
    """
    asked = set(fixes)
    found = ((rule, rule.found(measured)) for rule in rules)
    return tuple(
        _finding(rule, value, measured, mended=rule.fix in asked)
        for rule, value in found
        if value is not None
    )


def _finding(
    rule: Rule, value: float | str, measured: Measurements, *, mended: bool
) -> Finding:
    template = rule.mended if mended else rule.message
    words = {"value": value, "limit": rule.limit, "m": measured}
    return Finding(
        code=rule.code,
        severity=Severity.INFO if mended else rule.severity,
        message=template.format(**words),
        remedy="" if mended else rule.remedy.format(**words),
        value=_finite(value),
        limit=rule.limit,
        fix=None if mended else rule.fix,
    )


def finding_of(error: UndecodableError) -> Finding:
    """Turn what stopped a recording into a finding."""
    return Finding(
        error.code, Severity.ERROR, str(error), error.remedy, error.value, error.limit
    )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Sum findings up.

    >>> str(verdict_of(()))
    'fit'
    """
    found = tuple(findings)
    errors = {finding.code for finding in found if finding.severity == "error"}
    if errors & _UNREADABLE:
        return Verdict.UNREADABLE
    if errors:
        return Verdict.REFUSED
    if any(finding.severity == "warning" for finding in found):
        return Verdict.FIT_WITH_WARNINGS
    return Verdict.FIT
