"""Say on a page what a result says: findings, level, what preparing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voiceprep.audio.highpass import CUT_HZ
from voiceprep.contract import TELEPHONE_RATE
from voiceprep.report import FINE_DBOV, Change, Level, Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["changes_of", "cuts_of", "level_of", "notes_of"]

_GRAVITY: Final = ("error", "warning", "info")
_OUTCOMES: Final = ("mended", "accepted")  # with a colon, they begin a message
_LEAST_GAIN_DB: Final = 0.05  # of less, "raised by 0.0 dB" would be said

Spans = tuple[tuple[float, float], ...]


def notes_of(result: Mapping[str, Any]) -> tuple[Note, ...]:
    """Return the findings of a result with their places, the gravest first."""
    places = result["measurements"].get("spans") or {}
    notes = (_note(each, places.get(each["code"], ())) for each in result["findings"])
    return tuple(sorted(notes, key=lambda note: _GRAVITY.index(note.severity)))


def _note(finding: Mapping[str, Any], spans: Iterable[Iterable[float]]) -> Note:
    message = finding["message"]
    begins = (word for word in _OUTCOMES if message.startswith(f"{word}: "))
    outcome = next(begins, "")
    return Note(
        code=finding["code"],
        severity=finding["severity"],
        message=message.removeprefix(f"{outcome}: "),
        remedy=finding.get("remedy") or "",
        value=finding.get("value"),
        limit=finding.get("limit"),
        spans=_spans(spans),
        outcome=outcome,
    )


def _spans(pairs: Iterable[Iterable[float]]) -> Spans:
    return tuple((float(start), float(end)) for start, end in pairs)


def cuts_of(measured: Mapping[str, Any]) -> Spans:
    """Return the silences that preparing took out, in seconds of the original."""
    return _spans(_mastered(measured).get("cuts") or ())


def _mastered(measured: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what mastering did; nothing where it was off."""
    done: Mapping[str, Any] = measured.get("mastering") or {}
    return done


def level_of(measured: Mapping[str, Any]) -> Level | None:
    """Return how loud speech is; None where that was not measured."""
    source = measured.get("speech_level_dbov")
    heard = measured.get("prepared_level_dbov", source)
    peak = measured.get("prepared_peak_dbfs", measured.get("peak_dbfs"))
    if heard is None and peak is None:
        return None
    other = None if source == heard else source
    low, high = measured.get("level_window_dbov") or FINE_DBOV
    return Level(heard, other, (float(low), float(high)), peak)


def changes_of(result: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what preparing did, in its order."""
    measured = result["measurements"]
    if measured.get("prepared_already"):
        return ()
    alone = any(
        note.code == "phase_cancellation" and note.outcome == "mended"
        for note in notes_of(result)
    )
    mixing = [Change("louder")] if alone else _mixing(measured)
    return (*mixing, *_rate(measured), *_mastering(measured), Change("alaw"))


def _mixing(measured: Mapping[str, Any]) -> Iterator[Change]:
    """List what was done to the channels."""
    channels = range(1, (measured.get("channels") or 1) + 1)
    live = set(channels) - set(measured.get("dead_channels") or ())
    if len(live) > 1:
        yield Change("mono", len(channels))
    elif len(live) < len(channels) and live:
        yield Change("channel", min(live))


def _rate(measured: Mapping[str, Any]) -> Iterator[Change]:
    rate = measured.get("rate")
    if rate and rate != TELEPHONE_RATE:
        yield Change("rate", rate)


def _mastering(measured: Mapping[str, Any]) -> Iterator[Change]:
    """List what was done to the sound."""
    done = _mastered(measured)
    gain_db = done.get("gain_db") or 0.0
    yield Change("highpass", CUT_HZ)
    if cut := _cut_s(measured):
        yield Change("trimmed", cut)
    if done.get("master") == "clarity":
        yield Change("clarity")
    if gain_db >= _LEAST_GAIN_DB:
        yield Change("raised", gain_db)
    if gain_db <= -_LEAST_GAIN_DB:
        yield Change("lowered", -gain_db)
    if limited := done.get("limited_s"):
        yield Change("limited", limited)
    if added := _padded_s(measured):
        yield Change("padded", added)


def _cut_s(measured: Mapping[str, Any]) -> float:
    """Return the seconds of silence that were taken out."""
    return sum(end - start for start, end in cuts_of(measured))


def _padded_s(measured: Mapping[str, Any]) -> float:
    """Return the seconds of silence that were added at the end."""
    samples, rate = measured.get("samples"), measured.get("rate")
    if not samples or not rate:
        return 0.0
    own = round(measured["frames"] * TELEPHONE_RATE / rate)
    kept = own - round(_cut_s(measured) * TELEPHONE_RATE)
    return float(max(0, samples - kept) / TELEPHONE_RATE)
