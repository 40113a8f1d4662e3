"""Hold what is known of one recording, as its findings and its JSON say it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from voiceprep.audio.finding import finite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voiceprep.audio.runs import Span

__all__ = ["Measurements"]

_HIDDEN: Final = {
    "container_name",
    "suffixes",
    "suffix",
    "kept_samples",
    "outline",
    "is_marked",
}
_MASTERING: Final = ("master", "gain_db", "limited_s", "cuts")  # said together


@dataclass(frozen=True, slots=True)
class Measurements:
    """Hold what is known of one recording; None where it isn't (yet).

    Parameters
    ----------
    bytes : int
        Of the file.
    more_follows : bool or None
        True where a pipe holds more: what is too large is not read to its end.
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
        Whether the last frame (MPEG, AAC, AMR) is incomplete.
    cut_in : str or None
        What else the file ends in the middle of.
    unread_bytes : int
        Behind the sound, of what is neither sound nor a tag.
    is_marked : bool
        Whether its end is marked as such, where its kind does that.
    decoder : str
        Which ones were needed, joined by ``+``.
    peak_dbfs : float
        Of the source, in dB of full scale.
    clipping_runs : int
        Flat tops of the source (`clipping`).
    clipping_per_s : float
        Of them.
    dc_offset : float
        Magnitude of the mean, as a share of full scale.
    dead_channels : tuple of int
        More than 40 dB under the loudest, counted from 1.
    mono_loss_db, correlation : float or None
        Of mixing the live channels, in the second that loses most.
    speech_level_dbov, activity, rms_dbov : float
        ITU-T P.56 of the recording at 8 kHz, before mastering (`level`).
    loudest_dbfs : float
        Loudest 20 ms (rms), before mastering.
    noise_floor_dbfs : float
        One frame of 20 ms in ten is under it, digital silence left out.
    range_db : float
        From there to what one frame in twenty passes.
    noise_under_db : float
        From what one frame in twenty passes to what one in fifty stays under: where
        there is noise, it fills that too.
    leading_silence_s, trailing_silence_s, longest_pause_s : float
    outline : tuple of float
        The loudest 20 ms of sixty stretches, dBFS, to draw.
    end_over_speech_db : float
        Level of the last 50 ms over the speech level.
    band_loss_db : float
        Level lost outside 300–3400 Hz, the source's band above 4 kHz included.
    low_share : float
        Of the energy under 300 Hz.
    speed : float
        How many times too fast the voice sounds, if it may (`spectrum.speed`).
    hum_hz : int
    hum_dbfs, hum_over_db : float
        The strongest line of hum, and over its neighbours.
    dropouts : int
        Places where speech is torn.
    overloads : int
        Samples at 8 kHz beyond full scale, before mastering.
    master : str
        What mastering did: ``off`` where nothing was changed.
    gain_db : float
        By which the level was changed.
    limited_s : float
        How long the limiter held peaks back.
    cuts : tuple of Span
        Silence that was taken out, in seconds of the recording.
    kept_samples : int
        What is left then, before padding.
    prepared_level_dbov, prepared_peak_dbfs : float
        Of what goes out.
    level_window_dbov : (float, float) or None
        Between which the profile leaves a level alone.
    alaw_snr_db : float
        What goes out against the signal before A-law: mean over the speech frames.
    samples : int
        At 8 kHz.
    prepared_bytes, alaw_wav_bytes : int
        Of the two files that can go out.
    prepared_already : bool
        Whether the recording is the fixed point already.
    spans : mapping
        Code to places in seconds, [from, to], a hundred at the most.
    notes : tuple of str
        What was odd about the file.
    """

    bytes: int | None = None
    more_follows: bool | None = None
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
    cut_in: str | None = None
    unread_bytes: int | None = None
    is_marked: bool = True
    decoder: str | None = None
    peak_dbfs: float | None = None
    clipping_runs: int | None = None
    clipping_per_s: float | None = None
    dc_offset: float | None = None
    dead_channels: tuple[int, ...] = ()
    mono_loss_db: float | None = None
    correlation: float | None = None
    speech_level_dbov: float | None = None
    activity: float | None = None
    rms_dbov: float | None = None
    loudest_dbfs: float | None = None
    noise_floor_dbfs: float | None = None
    range_db: float | None = None
    noise_under_db: float | None = None
    leading_silence_s: float | None = None
    trailing_silence_s: float | None = None
    longest_pause_s: float | None = None
    outline: tuple[float, ...] = ()
    end_over_speech_db: float | None = None
    band_loss_db: float | None = None
    low_share: float | None = None
    speed: float | None = None
    hum_hz: int | None = None
    hum_dbfs: float | None = None
    hum_over_db: float | None = None
    dropouts: int | None = None
    overloads: int | None = None
    master: str | None = None
    gain_db: float | None = None
    limited_s: float | None = None
    cuts: tuple[Span, ...] = ()
    kept_samples: int | None = None
    prepared_level_dbov: float | None = None
    prepared_peak_dbfs: float | None = None
    level_window_dbov: tuple[float, float] | None = None
    alaw_snr_db: float | None = None
    samples: int | None = None
    prepared_bytes: int | None = None
    alaw_wav_bytes: int | None = None
    prepared_already: bool = False
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """Say how many bytes it has, as far as that is known."""
        number = self.bytes or 0
        return f"more than {number - 1:,}" if self.more_follows else f"{number:,}"

    @property
    def lowered_db(self) -> float:
        """Return by how much the level was lowered."""
        return -(self.gain_db or 0.0)

    @property
    def mastering(self) -> dict[str, Any]:
        """Return what was done to the sound; empty where nothing was."""
        if self.master in {None, "off"} and not self.cuts:
            return {}
        told: dict[str, Any] = {name: getattr(self, name) for name in _MASTERING}
        told["trimmed_s"] = sum(end - start for start, end in self.cuts)
        leads = bool(self.cuts) and self.cuts[0][0] == 0
        told["trimmed_lead_s"] = self.cuts[0][1] if leads else 0.0
        return told

    def as_json(self) -> dict[str, Any]:
        """Return what is known, fit for JSON; what is not known is left out."""
        hidden = _HIDDEN | {*_MASTERING}
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        shown = {key: value for key, value in known.items() if key not in hidden}
        shown["mastering"] = self.mastering
        return {
            key: _plain(value)
            for key, value in shown.items()
            if value is not None and value not in ((), {})
        }


def _plain(value: Any) -> Any:
    """Turn a value into what JSON has."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return finite(value)
