"""What a worker does with one recording of a batch; it may be on another machine.

It is told a place and a name, and returns a small record: bytes stay where they are.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep.audio.artefact import Artefacts
from voiceprep.audio.rules import Measurements, finding_of, verdict_of
from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.ledger import Made, Recording, State
from voiceprep.pipeline.guard import limits_for, lost, unguarded
from voiceprep.pipeline.inputs import covers_others, files_of
from voiceprep.pipeline.places import is_url, opened, path_of, put, sha256_of
from voiceprep.pipeline.recording import Result, examined, prepare_with
from voiceprep.pipeline.standing import are_the_same
from voiceprep.pipeline.treatment import Treatment
from voiceprep.pipeline.uploader import content_tag
from voiceprep.pipeline.whole import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceprep.batch import Limits, WorkerLostError
    from voiceprep.ledger import Task
    from voiceprep.pipeline.painting import Sketch

__all__ = [
    "ENDINGS",
    "Preparing",
    "artefact_place",
    "artefact_places",
    "asked_of",
    "limits_of",
    "unmade",
]

ENDINGS: Final = {  # of the artefacts; the result first: it marks the others as ours
    "result": ".json",
    "prepared": ".wav",
    "alaw": ".pcm",
    "alaw_wav": ".alaw.wav",
}
_MAKERS: Final = ("voiceprep", "soxr", "soundfile", "miniaudio")  # they make the bytes


@dataclass(frozen=True, slots=True)
class Preparing:
    """Prepare one task: check, write its artefacts, sum up.

    Parameters
    ----------
    out : str
        Folder or URL of the artefacts.
    treatment : Treatment
    asked : str
        Its digest, by `asked_of`.
    in_place : bool
        Whether no engine guards this process: what a foreign library walks is then
        prepared in a process that can be killed.
    draws : bool
        Whether a page will show it: it is drawn as it is decoded, where that can be.
    """

    out: str
    treatment: Treatment = field(default_factory=Treatment)
    asked: str = ""
    in_place: bool = False
    draws: bool = False

    def __call__(self, task: Task) -> Made:
        """Prepare.

        Raises
        ------
        OSError
            Where the artefacts can't be written.
        SettingsError
            Where they would replace a file that is not ours.
        """
        with tempfile.TemporaryDirectory(prefix="voiceprep-") as folder:
            try:
                with opened(task.place, Path(folder)) as (file, path):
                    return self._made(task, file, path, Path(folder))
            except UndecodableError as error:
                return _judged(_stopped(task.place, error))

    def _made(self, task: Task, file: Any, path: str, folder: Path) -> Made:
        """Prepare an open recording, unless what was made of its bytes still stands."""
        before = os.fstat(file.fileno())
        source_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        key = hashlib.sha256(f"{source_sha256} {self.asked}".encode()).hexdigest()
        if task.former is not None and task.former.key == key and self._stands(task):
            return _again(task.former)
        target = folder / "out" if is_url(self.out) else Path(path_of(self.out))
        source = None if is_url(task.place) else path
        sketch = self._sketch()
        result = self._prepared(path, target / path_of(task.name), source, sketch)
        if changed := _change(before, path):
            _remove(result)
            result = _stopped(task.place, changed)
        if result.artefacts is None or result.outgoing is None:
            made = _judged(replace(result, path=path_of(task.place)))
        else:
            made = self._delivered(result, task)
        made = replace(made, source_sha256=source_sha256, key=key)
        if sketch is not None and made.state is State.PREPARED:
            from voiceprep.pipeline.redrawing import keep_sketched

            keep_sketched(path_of(self.out), made, sketch)
        return made

    def _sketch(self) -> Sketch | None:
        """Return what watches a recording that is to be drawn."""
        if not self.draws:
            return None
        from voiceprep.pipeline.painting import Sketch

        return Sketch()

    def _prepared(
        self, path: str, stem: Path, source: str | None, sketch: Sketch | None
    ) -> Result:
        """Prepare, guarded where need be, and never over what is not its own."""
        paths = Artefacts.named(stem.parent, stem.name)
        if covers_others(paths, source):
            raise SettingsError(
                f"{paths.prepared}: a file lies there that was not made of this "
                "recording; choose another folder with -o"
            )
        call = examined if self.in_place else unguarded
        told = {"name": stem.name, "sketch": sketch}
        return call(prepare_with, path, stem.parent, self.treatment, **told)

    def _stands(self, task: Task) -> bool:
        """Say whether what was made before is still there, byte for byte."""
        if task.former is None or task.former.outgoing is None:
            return task.former is not None
        return are_the_same(artefact_places(self.out, task.name), task.former)

    def _delivered(self, result: Result, task: Task) -> Made:
        """Sum up a prepared recording; bring its artefacts to where they belong."""
        assert result.artefacts is not None  # noqa: S101 (asked before)
        assert result.outgoing is not None  # noqa: S101
        files = {kind: Path(getattr(result.artefacts, kind)) for kind in ENDINGS}
        kind = next(kind for kind, path in files.items() if path == result.outgoing)
        made = _judged(
            result,
            tag=content_tag(result.outgoing),
            alaw_sha256=sha256_of(files["alaw"]),
            prepared_sha256=sha256_of(files["prepared"]),
        )
        # As a place, which is text: a path may hold bytes that are none.
        made = replace(made, outgoing=_placed(self.out, task.name, kind))
        if not is_url(self.out) and not is_url(task.place):
            return made
        places = artefact_places(self.out, task.name)
        own = path_of(task.place)
        told = {"path": own, "source": own, "artefacts": places}
        document = {**json.loads(files["result"].read_bytes()), **told}
        with whole(files["result"], private=False, through=False) as file:
            file.write(json.dumps(document, indent=2) + "\n")
        if is_url(self.out):
            for each, path in files.items():
                put(places[each], path.read_bytes())
        del document["schema"], document["source"]
        return replace(made, result=_as_text(document))


def artefact_place(out: str, name: str, kind: str) -> str:
    """Name an artefact of a recording below a folder or URL.

    >>> artefact_place("s3://bucket/out", "sub/talk", "alaw")
    's3://bucket/out/sub/talk.pcm'
    """
    place = _placed(out, name, kind)
    return place if is_url(place) else path_of(place)


def artefact_places(out: str, name: str) -> dict[str, str]:
    """Name all artefacts of a recording, by kind."""
    return {kind: artefact_place(out, name, kind) for kind in ENDINGS}


def _placed(out: str, name: str, kind: str) -> str:
    return f"{out.rstrip('/')}/{name}{ENDINGS[kind]}"


def _again(former: Made) -> Made:
    """Return what was made before: the same bytes, and the same was asked."""
    state = State.PREPARED if former.outgoing else State.REFUSED
    return replace(former, state=state)


def _change(before: os.stat_result, path: str) -> UndecodableError | None:
    """Say that a recording changed while it was read, if it did."""
    try:
        after = os.stat(path)  # noqa: PTH116 (any bytes in a name)
    except OSError:
        return UndecodableError("it went away while it was read", code="not_found")
    if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
        return None
    return UndecodableError(
        f"it changed while it was read, from {before.st_size:,} to {after.st_size:,} "
        "bytes",
        code="truncated",
        remedy="Run again when it is written whole.",
        value=after.st_size,
        limit=before.st_size,
    )


def _remove(result: Result) -> None:
    if result.artefacts is not None:
        for path in files_of(result.artefacts):
            path.unlink(missing_ok=True)


def _stopped(place: str, error: UndecodableError) -> Result:
    """Return the result of a recording that could not be judged."""
    found = (finding_of(error),)
    return Result(path_of(place), verdict_of(found), found, Measurements())


def unmade(task: Task, error: WorkerLostError) -> Made:
    """Sum up a recording whose worker did not live to return."""
    return _judged(_stopped(task.place, lost(error)))


def _judged(result: Result, **told: str | None) -> Made:
    """Sum up a result."""
    state = State.REFUSED if result.artefacts is None else State.PREPARED
    return Made(
        state,
        str(result.verdict),
        result.measurements.duration_s,
        result=_as_text(result.as_json()),
        **told,
    )


def _as_text(fields: dict[str, Any]) -> str:
    """Write a result for the ledger; its content is told by the upload's row."""
    return json.dumps({k: v for k, v in fields.items() if k != "content"})


def asked_of(treatment: Treatment) -> str:
    """Digest what is asked of a recording, and the versions that make its bytes.

    The limits count, not the name or path of the profile that holds them.

    >>> from voiceprep.pipeline.treatment import treatment_of
    >>> asked_of(treatment_of()) == asked_of(treatment_of(standard="digitaleo"))
    True
    >>> asked_of(treatment_of()) == asked_of(treatment_of(standard="itu"))
    False
    """
    from importlib.metadata import version

    asked = {
        "fixes": sorted(treatment.fixes),
        "accept": sorted(treatment.accept),
        "master": treatment.mode,
        "limits": asdict(replace(treatment.limits, name="")),
        "versions": {name: version(name) for name in _MAKERS},
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def limits_of(tasks: Sequence[Task | Recording]) -> Limits:
    """Say what preparing or drawing some recordings may take.

    One that is drawn may be decoded twice: to be heard, and to be drawn.
    """
    drawn = sum(each.size for each in tasks if isinstance(each, Recording))
    return limits_for(drawn + sum(each.size for each in tasks))
