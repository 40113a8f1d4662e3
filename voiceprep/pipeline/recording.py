"""Check and prepare one recording: what it is, what is wrong, what goes out."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from voiceprep.audio.artefact import Artefacts, Draft, write_wav
from voiceprep.audio.opening import open_recording, spool
from voiceprep.audio.rules import (
    Finding,
    Measurements,
    finding_of,
    judge,
    verdict_of,
)
from voiceprep.contract import MAX_BYTES_CLIENT, MIN_TELEPHONE_SAMPLES
from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.pipeline.measured import (
    with_gathered,
    with_prepared,
    with_samples,
    with_source,
)
from voiceprep.pipeline.result import STDIN, Result, document_of
from voiceprep.pipeline.treatment import Treatment, treatment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from voiceprep.audio.gather import Gathered, Pour
    from voiceprep.pipeline.painting import Sketch

__all__ = [
    "Result",
    "check",
    "check_as_is",
    "check_with",
    "examined",
    "prepare",
    "prepare_with",
    "preview",
    "stopped_by",
]


def check(
    recording: str | os.PathLike[str] | BinaryIO,
    *,
    fixes: Iterable[str] = (),
    accept: Iterable[str] = (),
    master: str = "auto",
    standard: str | None = None,
) -> Result:
    """Check whether a recording is fit for the telephone; write nothing.

    Parameters
    ----------
    recording : path or binary file
        A file that can't be sought in (a pipe) is copied to a temporary one.
    fixes : iterable of str
        Repairs to take as asked for: ``size duration silence dc phase level format
        all``.
    accept : iterable of str
        Codes of findings on the sound to overrule.
    master : str
        ``auto off level clarity``: what is to be made of the sound.
    standard : str or None
        The profile of sound to judge by: ``digitaleo itu prompts``, or a TOML file.

    Returns
    -------
    Result
        A recording that can't be read is a result too, never an exception.

    Raises
    ------
    SettingsError
        Where a word is unknown.

    >>> check("samples/clean.mp3").verdict
    <Verdict.FIT: 'fit'>
    >>> check("samples/9.9-seconds.wav").findings[0].code
    'too_short'
    """
    treatment = treatment_of(fixes, accept, master, standard)
    return examined(check_with, recording, treatment)


def check_with(
    recording: str | os.PathLike[str] | BinaryIO, treatment: Treatment
) -> Result:
    """Check a recording here; as `check`, with what was asked for already checked."""
    return _run(recording, treatment, None)


def examined(
    call: Callable[..., Result],
    recording: str | os.PathLike[str] | BinaryIO,
    *arguments: Any,
    **options: Any,
) -> Result:
    """Call `check_with` or `prepare_with` so that no decoder can hang it.

    >>> examined(check_with, "samples/clean.mp3", Treatment()).verdict
    <Verdict.FIT: 'fit'>
    """
    from voiceprep.pipeline.guard import guarded

    try:
        return guarded(call, recording, *arguments, **options)
    except UndecodableError as error:
        return stopped_by(_name_of(recording), error)


def check_as_is(
    path: str | os.PathLike[str], treatment: Treatment | None = None
) -> Result:
    """Check a recording that is to be sent as it is, without preparing it.

    Nothing is mended then, and what the recipient hears is only approximately
    the preview: the platform's own conversion decides.
    """
    asked = replace(treatment or Treatment(), fixes=frozenset(), master="off")
    result = _run(path, asked, None, as_is=True)
    return replace(result, source=Path(path)) if result.verdict.is_fit else result


def preview(
    recording: str | os.PathLike[str] | BinaryIO,
    into: BinaryIO,
    treatment: Treatment | None = None,
) -> Result:
    """Check a recording and write what the recipient would hear, fit or not.

    Parameters
    ----------
    recording : path or binary file
    into : BinaryIO
        Takes a WAV file; nothing where there is no sound to be had.
    treatment : Treatment or None

    >>> import io
    >>> preview("samples/clipped.wav", wav := io.BytesIO()).verdict.is_fit
    False
    >>> len(wav.getvalue()) - 44 == 2 * 91_200        # to be heard all the same
    True
    """
    return _run(recording, treatment or Treatment(), None, into=into)


def prepare(
    recording: str | os.PathLike[str] | BinaryIO,
    folder: str | os.PathLike[str],
    *,
    fixes: Iterable[str] = (),
    accept: Iterable[str] = (),
    master: str = "auto",
    standard: str | None = None,
    name: str | None = None,
) -> Result:
    """Check a recording and, if it is fit, write its four artefacts.

    Parameters
    ----------
    recording : path or binary file
    folder : path
        Made where it lacks.
    fixes, accept, master, standard
        As for `check`.
    name : str or None
        Of the artefacts; by default the recording's stem, or one like it where
        others' files lie. With `inputs.artefacts_of` many recordings keep apart.

    Raises
    ------
    OSError
        Where the folder can't be written; nothing half is left then.
    SettingsError
        Where an artefact of this name would replace the recording; where a word is
        unknown.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = prepare("samples/clean.mp3", folder)
    ...     result.outgoing.name
    'clean.wav'
    """
    treatment = treatment_of(fixes, accept, master, standard)
    return examined(prepare_with, recording, folder, treatment, name=name)


def prepare_with(
    recording: str | os.PathLike[str] | BinaryIO,
    folder: str | os.PathLike[str],
    treatment: Treatment,
    *,
    name: str | None = None,
    sketch: Sketch | None = None,
) -> Result:
    """Prepare one here; as `prepare`, with what was asked for already checked.

    A sketch watches as the recording is decoded.
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
    return _run(recording, treatment, paths, sketch=sketch)


def _is_same(one: str, other: Path) -> bool:
    try:
        return other.samefile(one)
    except (OSError, ValueError):  # one of them is not there
        return False


def stopped_by(path: str, error: UndecodableError) -> Result:
    """Return the result of what can't even be opened, such as a locked folder.

    >>> stopped_by("in", UndecodableError("an empty folder", code="not_found")).verdict
    <Verdict.UNREADABLE: 'unreadable'>
    """
    return _Job(path, Treatment(), None, Measurements()).stopped(error)


def _name_of(recording: str | os.PathLike[str] | BinaryIO) -> str:
    if isinstance(recording, (str, os.PathLike)):
        return os.fspath(recording)
    return STDIN


def _run(
    recording: str | os.PathLike[str] | BinaryIO,
    treatment: Treatment,
    paths: Artefacts | None,
    *,
    as_is: bool = False,
    into: BinaryIO | None = None,
    sketch: Sketch | None = None,
) -> Result:
    """Examine a recording; whatever stops it becomes a finding."""
    name = _name_of(recording)
    started = Measurements(suffix=PurePath(name).suffix.lower())
    # What is only to be heard may be of any size.
    fixes = treatment.fixes if into is None else treatment.fixes | {"size"}
    limited = name == STDIN and "size" not in fixes
    job = _Job(name, treatment, paths, started, as_is, into, limited, sketch)
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
    treatment: Treatment
    paths: Artefacts | None
    measured: Measurements
    as_is: bool = False
    into: BinaryIO | None = None  # takes the preview
    limited: bool = False  # a pipe is read to the limit, and one byte on
    sketch: Sketch | None = None  # watches as it is decoded

    def examine(self, file: BinaryIO) -> Result:
        """Identify, gather, judge; write where that was asked for."""
        from voiceprep.audio import decode
        from voiceprep.audio.gather import gather
        from voiceprep.audio.identify import identify

        size = file.seek(0, os.SEEK_END)
        more = (self.limited and size > MAX_BYTES_CLIENT) or None
        self.measured = replace(self.measured, bytes=size, more_follows=more)
        if self.is_settled():
            return self.result()
        source = identify(file)
        self.measured = with_source(self.measured, source)
        if self.is_settled():
            return self.result()
        pour: Pour = partial(decode.pour, file, source)
        if self.sketch is not None:
            pour = self.sketch.watching(pour, source)
        gathered = gather(pour)
        try:
            self.measured = with_gathered(self.measured, source, gathered)
            if "phase" in self.treatment.fixes and self.found("phase_cancellation"):
                gathered.signal.close()
                gathered = gather(pour, (gathered.powers.loudest,))
            return self.finish(gathered)
        finally:
            gathered.signal.close()

    def finish(self, gathered: Gathered) -> Result:
        """Master, judge again, and publish the artefacts of a fit recording."""
        from voiceprep.audio.prepare import Order, heard, pad_codes, prepare_signal

        treatment = self.treatment
        order = Order(treatment.mode, "silence" in treatment.fixes, treatment.limits)
        with prepare_signal(gathered, order) as prepared:
            samples = prepared.samples
            if "duration" in treatment.fixes:
                samples = max(samples, MIN_TELEPHONE_SAMPLES)
            self.measured = with_prepared(
                self.measured, gathered, prepared, treatment.limits
            )
            if not self.as_is:
                self.measured = with_samples(self.measured, samples)
            codes = pad_codes(prepared.codes(), prepared.samples, samples)
            if self.into is not None:
                write_wav(self.into, heard(codes), samples)
            if self.paths is None or self.refused():
                return self.result()
            result = self.result(self.paths)
            with Draft.open(self.paths) as draft:
                draft.write(heard(codes), samples)
                draft.publish(document_of(result))
            return result

    def findings(self) -> tuple[Finding, ...]:
        """Judge what is known so far."""
        asked = self.treatment
        return judge(self.measured, asked.fixes, asked.accept, asked.limits)

    def found(self, code: str) -> bool:
        """Say whether a code stands among the findings."""
        return any(finding.code == code for finding in self.findings())

    def refused(self) -> bool:
        """Say whether what is known so far refuses the recording."""
        return not verdict_of(self.findings()).is_fit

    def is_settled(self) -> bool:
        """Say whether there is nothing to decode it for: a preview is heard anyway."""
        return self.into is None and self.refused()

    def result(self, artefacts: Artefacts | None = None) -> Result:
        """Sum up."""
        found = self.findings()
        return Result(self.name, verdict_of(found), found, self.measured, artefacts)

    def stopped(self, error: UndecodableError) -> Result:
        """Sum up what an error put an end to."""
        found = (finding_of(error), *self.findings())
        return Result(self.name, verdict_of(found), found, self.measured)
