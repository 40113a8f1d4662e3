"""Say on a page what a result says: findings, level, what preparing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voiceprep.audio.highpass import CUT_HZ
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.report import Change, Level, Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["changes_of", "level_of", "notes_of", "starts_of"]

_MENDED: Final = "mended: "  # what the rules begin such a sentence with
_GRAVITY: Final = ("error", "warning", "info")


def notes_of(result: Mapping[str, Any]) -> tuple[Note, ...]:
    """Return the findings of a result with their places, the gravest first."""
    spans = result["measurements"].get("spans") or {}
    notes = (
        Note(
            code=finding["code"],
            severity=finding["severity"],
            message=finding["message"].removeprefix(_MENDED),
            mended=finding["message"].startswith(_MENDED),
            remedy=finding.get("remedy") or "",
            value=finding.get("value"),
            limit=finding.get("limit"),
            spans=tuple((start, end) for start, end in spans.get(finding["code"], ())),
        )
        for finding in result["findings"]
    )
    return tuple(sorted(notes, key=lambda note: _GRAVITY.index(note.severity)))


def level_of(measured: Mapping[str, Any]) -> Level | None:
    """Return how loud speech is; None where that was not measured."""
    level = measured.get("speech_level_dbov")
    peak = measured.get("peak_dbfs")
    if level is None and peak is None:
        return None
    return Level(heard_dbov=level, peak_dbfs=peak)


def starts_of(measured: Mapping[str, Any]) -> float:
    """Return where the prepared recording begins, in seconds of the original."""
    mastering = measured.get("mastering") or {}
    return float(mastering.get("trimmed_lead_s") or 0.0)


def changes_of(measured: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what preparing did, in its order."""
    if measured.get("prepared_already"):
        return ()
    return tuple(_changes(measured))


def _changes(measured: Mapping[str, Any]) -> Iterator[Change]:
    rate, channels = measured.get("rate"), measured.get("channels") or 1
    dead = measured.get("dead_channels") or ()
    if channels > 1:
        alone = channels - len(dead) == 1
        live = next(n for n in range(1, channels + 1) if n not in dead)
        yield Change("channel", live) if alone else Change("mono", channels)
    if rate and rate != TELEPHONE_RATE:
        yield Change("rate", rate)
    yield Change("highpass", CUT_HZ)
    if (added := _padded_s(measured)) > 0:
        yield Change("padded", added)
    yield Change("alaw")


def _padded_s(measured: Mapping[str, Any]) -> float:
    """Return the seconds of silence that were added at the end."""
    samples, rate = measured.get("samples"), measured.get("rate")
    if not samples or not rate:
        return 0.0
    own = round(measured["frames"] * TELEPHONE_RATE / rate)
    return float(max(0, samples - own) / TELEPHONE_RATE)
