"""Check and prepare one recording: what it is, what is wrong, what goes out."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from voiceprep.audio import decode
from voiceprep.audio.artefact import (
    ALAW_HEAD_BYTES,
    WAV_HEAD_BYTES,
    Artefacts,
    Draft,
)
from voiceprep.audio.identify import Source, identify
from voiceprep.audio.opening import open_recording, spool
from voiceprep.audio.rules import (
    FIXES,
    Finding,
    Measurements,
    Severity,
    Verdict,
    finding_of,
    judge,
    verdict_of,
)
from voiceprep.contract import MAX_BYTES_CLIENT, MIN_TELEPHONE_SAMPLES
from voiceprep.errors import SettingsError, UndecodableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceprep.audio.prepare import Gathered
    from voiceprep.client import Content

__all__ = [
    "Result",
    "check",
    "check_as_is",
    "no_recordings",
    "prepare",
    "wanted_fixes",
]

PREPARE_SCHEMA: Final = "voiceprep.prepare/1"
_STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Result:
    """Hold what was found of one recording, and what became of it.

    Parameters
    ----------
    path : str
        As it was named; ``"-"`` for standard input.
    verdict : Verdict
    findings : tuple of Finding
    measurements : Measurements
    artefacts : Artefacts or None
        The files, where any were written.
    content : Content or None
        The platform's content, where it was uploaded.
    platform : str or None
        ``"sandbox"`` or ``"live"``, where a platform was talked to.
    source : Path or None
        The recording itself, where it is to go out as it is: the preview is
        approximate then.
    """

    path: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    measurements: Measurements
    artefacts: Artefacts | None = None
    content: Content | None = None
    platform: str | None = None
    source: Path | None = None

    @property
    def outgoing(self) -> Path | None:
        """Name the file to upload: the prepared WAV, or A-law where that is too large.

        A prepared WAV passes 20,000,000 bytes at 1,249 s, the A-law one at 2,499 s.
        """
        if self.source is not None or self.artefacts is None:
            return self.source
        large = (self.measurements.prepared_bytes or 0) > MAX_BYTES_CLIENT
        return self.artefacts.alaw_wav if large else self.artefacts.prepared

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings that refuse the recording."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    def as_json(self) -> dict[str, Any]:
        """Return the fields that other programs build on (docs/design.md)."""
        fields: dict[str, Any] = {
            "path": self.path,
            "verdict": str(self.verdict),
            "findings": [finding.as_json() for finding in self.findings],
            "measurements": self.measurements.as_json(),
            "artefacts": _artefacts_json(self.artefacts),
            "content": _content_json(self.content),
        }
        if self.platform is not None:
            fields["platform"] = self.platform
        if self.content is not None:
            fields["preview"] = "exact" if self.source is None else "approximate"
        return fields


def _artefacts_json(artefacts: Artefacts | None) -> dict[str, str] | None:
    if artefacts is None:
        return None
    return {
        "prepared": str(artefacts.prepared),
        "alaw": str(artefacts.alaw),
        "alaw_wav": str(artefacts.alaw_wav),
        "result": str(artefacts.result),
    }


def _content_json(content: Content | None) -> dict[str, str | None] | None:
    if content is None:
        return None
    return {
        "id": content.id,
        "url": content.url,
        "url_encoded": content.url_encoded,
    }


def wanted_fixes(words: Iterable[str]) -> frozenset[str]:
    """Return the repairs that were asked for, ``all`` spelt out.

    Raises
    ------
    SettingsError
        Where a word is none of ``size duration phase format all``.

    >>> sorted(wanted_fixes(["duration,phase"]))
    ['duration', 'phase']
    """
    asked = {part.strip() for word in words for part in word.split(",")} - {""}
    if unknown := sorted(asked - {*FIXES, "all"}):
        raise SettingsError(
            f"--fix {unknown[0]!r} is unknown; choose from {', '.join(FIXES)}, all"
        )
    return frozenset(FIXES) if "all" in asked else frozenset(asked)


def check(
    recording: str | os.PathLike[str] | BinaryIO, *, fixes: Iterable[str] = ()
) -> Result:
    """Check whether a recording is fit for the telephone; write nothing.

    Parameters
    ----------
    recording : path or binary file
        A file that can't be sought in (a pipe) is copied to a temporary one.
    fixes : iterable of str
        Repairs to take as asked for: ``size duration phase format all``.

    Returns
    -------
    Result
        A recording that can't be read is a result too, never an exception.

    >>> check("samples/clean.mp3").verdict
    <Verdict.FIT: 'fit'>
    >>> check("samples/9.9-seconds.wav").findings[0].code
    'too_short'
    """
    return _run(recording, wanted_fixes(fixes), None)


def check_as_is(path: str | os.PathLike[str]) -> Result:
    """Check a recording that is to be sent as it is, without preparing it.

    Nothing is mended then, and what the recipient hears is only approximately
    the preview: the platform's own conversion decides.
    """
    result = _run(path, frozenset(), None, as_is=True)
    return replace(result, source=Path(path)) if result.verdict.is_fit else result


def prepare(
    recording: str | os.PathLike[str] | BinaryIO,
    folder: str | os.PathLike[str],
    *,
    fixes: Iterable[str] = (),
    name: str | None = None,
) -> Result:
    """Check a recording and, if it is fit, write its four artefacts.

    Parameters
    ----------
    recording : path or binary file
    folder : path
        Made where it lacks.
    fixes : iterable of str
        Repairs: ``size duration phase format all``.
    name : str or None
        Of the artefacts; by default the recording's stem, or one like it where
        others' files lie. With `inputs.artefacts_of` many recordings keep apart.

    Raises
    ------
    OSError
        Where the folder can't be written; nothing half is left then.
    SettingsError
        Where an artefact of this name would replace the recording.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = prepare("samples/clean.mp3", folder)
    ...     result.outgoing.name
    'clean.wav'
    """
    from voiceprep.pipeline.inputs import Item, artefacts_of, files_of

    source = _name_of(recording)
    if name is None:
        item = Item(source)
        paths = artefacts_of([item], Path(folder))[item]
    else:
        paths = Artefacts.named(Path(folder), name)
    if any(_is_same(source, path) for path in files_of(paths)):
        raise SettingsError(f"{source}: its artefacts would replace it; name others")
    return _run(recording, wanted_fixes(fixes), paths)


def _is_same(one: str, other: Path) -> bool:
    try:
        return other.samefile(one)
    except (OSError, ValueError):  # one of them is not there
        return False


def no_recordings(folder: str) -> Result:
    """Return the result of a folder in which there is no recording.

    >>> no_recordings("docs").findings[0].message
    'a folder without recordings'
    """
    error = UndecodableError(
        "a folder without recordings",
        code="not_found",
        remedy="Files ending in .mp3 or .wav are looked for, in its subfolders too.",
    )
    return _Job(folder, frozenset(), None, Measurements()).stopped(error)


def _name_of(recording: str | os.PathLike[str] | BinaryIO) -> str:
    if isinstance(recording, (str, os.PathLike)):
        return os.fspath(recording)
    return _STDIN


def _run(
    recording: str | os.PathLike[str] | BinaryIO,
    fixes: frozenset[str],
    paths: Artefacts | None,
    *,
    as_is: bool = False,
) -> Result:
    """Examine a recording; whatever stops it becomes a finding."""
    name = _name_of(recording)
    started = Measurements(suffix=PurePath(name).suffix.lower())
    job = _Job(name, fixes, paths, started, as_is)
    try:
        with _opened(recording, fixes) as file:
            return job.examine(file)
    except UndecodableError as error:
        return job.stopped(error)


def _opened(
    recording: str | os.PathLike[str] | BinaryIO, fixes: frozenset[str]
) -> BinaryIO:
    if isinstance(recording, (str, os.PathLike)):
        return open_recording(recording)
    if "size" in fixes:
        return spool(recording)
    return spool(recording, MAX_BYTES_CLIENT)


@dataclass(slots=True)
class _Job:
    """Carry one recording from the file to its result."""

    name: str
    fixes: frozenset[str]
    paths: Artefacts | None
    measured: Measurements
    as_is: bool = False

    def examine(self, file: BinaryIO) -> Result:
        """Identify, gather, judge; write where that was asked for."""
        from voiceprep.audio import prepare as preparing

        self.measured = replace(self.measured, bytes=file.seek(0, os.SEEK_END))
        if self.refused():
            return self.result()
        source = identify(file)
        self.measured = _with_source(self.measured, source)
        if self.refused():
            return self.result()
        pour = partial(decode.pour, file, source)
        gathered = preparing.gather(pour)
        try:
            self.measured = _with_gathered(self.measured, source, gathered)
            if "phase" in self.fixes and self.found("phase_cancellation"):
                gathered.spool.close()
                gathered = preparing.gather(pour, (gathered.powers.loudest,))
            return self.finish(gathered)
        finally:
            gathered.spool.close()

    def finish(self, gathered: Gathered) -> Result:
        """Encode to A-law, and publish the artefacts of a fit recording."""
        from voiceprep.audio import prepare as preparing

        samples = gathered.samples
        if "duration" in self.fixes:
            samples = max(samples, MIN_TELEPHONE_SAMPLES)
        if not self.as_is:
            self.measured = _with_samples(self.measured, samples)
        codes = preparing.pad_codes(
            preparing.codes(gathered), gathered.samples, samples
        )
        meter = preparing.Meter(codes)
        if self.paths is None or self.refused():
            for _ in meter:
                pass
            self.measured = replace(self.measured, loudest_dbfs=meter.loudest_dbfs)
            return self.result()
        with Draft.open(self.paths) as draft:
            draft.write(meter, samples)
            self.measured = replace(self.measured, loudest_dbfs=meter.loudest_dbfs)
            if self.refused():
                return self.result()
            result = self.result(self.paths)
            draft.publish(_document(result))
            return result

    def findings(self) -> tuple[Finding, ...]:
        """Judge what is known so far."""
        return judge(self.measured, self.fixes)

    def found(self, code: str) -> bool:
        """Say whether a code stands among the findings."""
        return any(finding.code == code for finding in self.findings())

    def refused(self) -> bool:
        """Say whether what is known so far refuses the recording."""
        return not verdict_of(self.findings()).is_fit

    def result(self, artefacts: Artefacts | None = None) -> Result:
        """Sum up."""
        found = self.findings()
        return Result(self.name, verdict_of(found), found, self.measured, artefacts)

    def stopped(self, error: UndecodableError) -> Result:
        """Sum up what an error put an end to."""
        found = (finding_of(error), *self.findings())
        return Result(self.name, verdict_of(found), found, self.measured)


def _document(result: Result) -> str:
    """Write a result as the text of ``NAME.json``."""
    document = {"schema": PREPARE_SCHEMA, **result.as_json()}
    return json.dumps(document, indent=2) + "\n"


def _with_source(measured: Measurements, source: Source) -> Measurements:
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
        notes=source.notes,
    )


def _seconds(frames: int | None, rate: int) -> float | None:
    return None if frames is None or not rate else frames / rate


def _with_gathered(
    measured: Measurements, source: Source, gathered: Gathered
) -> Measurements:
    """Add what decoding told."""
    done, powers = gathered.decoded, gathered.powers
    declared = source.declared_frames
    if declared is None and source.expected_frames is None:
        declared = done.declared_frames
    dead = set(range(done.channels)) - set(powers.live)
    peak = 20 * math.log10(gathered.peak) if gathered.peak else -math.inf
    return replace(
        measured,
        rate=done.rate,
        channels=done.channels,
        frames=done.frames,
        duration_s=done.frames / done.rate,
        declared_s=_seconds(declared, done.rate),
        decoder="+".join(done.decoders),
        peak_dbfs=peak,
        dead_channels=tuple(sorted(n + 1 for n in dead)),
        mono_loss_db=powers.mono_loss_db if not dead else 0.0,
        correlation=powers.correlation if not dead else None,
        prepared_already=gathered.prepared_already,
    )


def _with_samples(measured: Measurements, samples: int) -> Measurements:
    """Add the sizes of what would go out."""
    return replace(
        measured,
        samples=samples,
        prepared_bytes=WAV_HEAD_BYTES + 2 * samples,
        alaw_wav_bytes=ALAW_HEAD_BYTES + samples + samples % 2,
    )
