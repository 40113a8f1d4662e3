"""Write what became of a batch: results.json, results.csv, JUnit; and sum it up.

Rows are read from the ledger and written one by one: ten million need no more memory
than ten.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from voiceprep.ledger import OPEN, State
from voiceprep.pipeline.places import is_url, path_of, put
from voiceprep.pipeline.whole import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from voiceprep.ledger import Recording

__all__ = [
    "COLUMNS",
    "SCHEMA",
    "Tally",
    "outcome_of",
    "sentence_of",
    "shown",
    "why",
    "write_results",
]

SCHEMA: Final = "voiceprep.batch/1"
COLUMNS: Final = (  # of results.csv
    *("source", "outcome", "verdict", "findings", "message", "seconds", "bytes"),
    *("url_encoded", "url", "content_id", "prepared", "source_sha256", "tag"),
)
_CUT: Final = "it was being sent, and no answer is known; a run looks for it first"
_GRAVITY: Final = ("error", "warning", "info")
_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # what spreadsheets run


def shown(place: str) -> str:
    """Write a place as a person reads it: relative to here, where it lies below.

    >>> shown("s3://bucket/a.wav"), shown(os.path.abspath("samples/clean.mp3"))
    ('s3://bucket/a.wav', 'samples/clean.mp3')
    """
    path = path_of(place)
    here = os.getcwd() + os.sep  # noqa: PTH109 (any bytes in a name)
    return path.removeprefix(here)


def sentence_of(findings: Sequence[Mapping[str, Any]]) -> str:
    """Say the gravest of a result's findings, with its remedy.

    >>> sentence_of([{"severity": "error", "message": "too loud", "remedy": "Hush."}])
    'too loud. Hush.'
    """
    if not findings:
        return ""
    worst = min(findings, key=lambda each: _GRAVITY.index(each["severity"]))
    return f"{worst['message']}. {worst['remedy']}".strip()


def outcome_of(recording: Recording, held: str = "") -> str:
    """Say in a word what became of a recording.

    Of our rules: ``refused``, ``unreadable``; of the platform: ``uploaded``,
    ``not_taken``, ``unknown``; between them ``prepared``, ``held``, ``planned``,
    ``failed``.
    """
    state = recording.state
    if recording.upload is not None:
        return _OF_UPLOAD[state]
    if state is State.REFUSED:
        return str(recording.made.verdict)
    return "held" if held and state is State.PREPARED else str(state)


_OF_UPLOAD: Final = {
    State.PLANNED: "prepared",
    State.PREPARED: "prepared",
    State.SENDING: "unknown",
    State.UNKNOWN: "unknown",
    State.UPLOADED: "uploaded",
    State.REFUSED: "not_taken",
    State.FAILED: "failed",
}


@dataclass(slots=True)
class Tally:
    """Count what became of recordings, and what the failures were.

    Parameters
    ----------
    counts : Counter
        By the words of `outcome_of`.
    kinds : Counter
        Classes of errors of those that failed or were not taken.
    seconds : float
        Of sound in the sources.
    missing : int
        Of the unreadable, those that no file was found of.
    """

    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    missing: int = 0

    def add(self, recording: Recording, outcome: str) -> None:
        """Count one."""
        self.counts[outcome] += 1
        self.seconds += recording.made.seconds or 0.0
        if outcome == "unreadable":
            codes = {finding["code"] for finding in _findings(recording)}
            self.missing += "not_found" in codes
        if outcome in {"failed", "not_taken"}:
            kind = recording.upload.kind if recording.upload else None
            self.kinds[kind or "OSError"] += 1


def write_results(
    recordings: Iterable[Recording],
    out: str,
    *,
    platform: str | None,
    held: Callable[[Recording], str],
    junit: Path | None = None,
) -> Tally:
    """Write results.json and results.csv into OUT, and JUnit where it is asked for.

    Parameters
    ----------
    recordings : iterable of Recording
    out : str
        Folder or URL.
    platform : str or None
        ``"sandbox"`` or ``"live"``.
    held : callable
        Why a recording is not uploaded, or ``""``.
    junit : Path or None

    Raises
    ------
    OSError
        Where one can't be written; what was there before is still there then.
    """
    tally = Tally()
    with (
        _writing(out, "results.json") as as_json,
        _writing(out, "results.csv") as as_csv,
        _writing_cases(junit) as cases,
    ):
        head = {"schema": SCHEMA, **({"platform": platform} if platform else {})}
        as_json.write(json.dumps(head)[:-1] + ', "results": [')
        table = csv.writer(as_csv, lineterminator="\n")
        table.writerow(COLUMNS)
        for number, recording in enumerate(recordings):
            could_go = recording.state is State.PREPARED and recording.upload is None
            reason = held(recording) if could_go else ""
            outcome = outcome_of(recording, reason)
            tally.add(recording, outcome)
            as_json.write(("," if number else "") + "\n")
            as_json.write(_json_row(recording, outcome, reason))
            row = _row(recording, outcome, reason)
            table.writerow([_defused(row[name]) for name in COLUMNS])
            cases(row)
        counts = json.dumps({"counts": dict(tally.counts)})
        as_json.write(f"\n], {counts[1:]}\n")
    return tally


def _json_row(recording: Recording, outcome: str, held: str) -> str:
    """Write a recording's fields; what was found is in the ledger as JSON already."""
    upload, made = recording.upload, recording.made
    content = None
    if upload is not None and upload.content_id is not None:
        named = ("url", "url_encoded")
        content = {"id": upload.content_id, **{n: getattr(upload, n) for n in named}}
    rest: dict[str, Any] = {"outcome": outcome, "content": content}
    if reason := _reason(recording) or held:
        rest["reason"] = reason
    whole = made.result or json.dumps({"path": path_of(recording.place)})
    return f"{whole[:-1]}, {json.dumps(rest)[1:]}"


def why(recording: Recording) -> str:
    """Say why a recording did not get through, or what was found of it."""
    return _reason(recording) or sentence_of(_findings(recording))


def _findings(recording: Recording) -> list[dict[str, Any]]:
    """Return what was found of a recording."""
    told: dict[str, Any] = json.loads(recording.made.result or "{}")
    return list(told.get("findings", []))


def _reason(recording: Recording) -> str:
    """Say why something failed, was not taken, or is not known."""
    upload = recording.upload
    if upload is not None and upload.state in OPEN:
        return upload.reason or _CUT
    of_upload = upload.reason if upload is not None else None
    return of_upload or recording.made.reason or ""


def _row(recording: Recording, outcome: str, held: str) -> dict[str, Any]:
    """Return a recording's cells."""
    upload, made = recording.upload, recording.made
    told: dict[str, Any] = json.loads(made.result) if made.result else {}
    found = told.get("findings", [])
    artefacts = told.get("artefacts") or {}
    return {
        "source": shown(recording.place),
        "outcome": outcome,
        "verdict": made.verdict or "",
        "findings": " ".join(finding["code"] for finding in found),
        "message": _reason(recording) or held or sentence_of(found),
        "seconds": "" if made.seconds is None else f"{made.seconds:.3f}",
        "bytes": recording.size,
        "url_encoded": upload.url_encoded if upload else "",
        "url": upload.url if upload else "",
        "content_id": upload.content_id if upload else "",
        "prepared": artefacts.get("prepared", ""),
        "source_sha256": made.source_sha256 or "",
        "tag": made.tag or "",
    }


def _defused(cell: Any) -> str:
    """Write a cell so that no spreadsheet runs it.

    >>> _defused("=cmd()"), _defused(None)
    ("'=cmd()", '')
    """
    text = "" if cell is None else str(cell)
    text = text.encode("utf-8", "backslashreplace").decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


@contextmanager
def _writing_cases(path: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Write JUnit: a failure for what is not fit, an error for trouble."""
    if path is None:
        yield lambda _: None
        return
    body, counts = io.StringIO(), Counter[str]()

    def case(row: dict[str, Any]) -> None:
        tag = _CASES.get(row["outcome"], "")
        counts[tag] += 1
        counts["all"] += 1
        inner = f"<{tag} message={_quoted(row['message'])}/>" if tag else ""
        name, time = _quoted(row["source"]), _quoted(row["seconds"] or "0")
        body.write(f"  <testcase name={name} time={time}>{inner}</testcase>\n")

    yield case
    head = (
        f'<testsuite name="voiceprep" tests="{counts["all"]}" '
        f'failures="{counts["failure"]}" errors="{counts["error"]}" '
        f'skipped="{counts["skipped"]}">\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, private=False) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n' + head)
        file.write(body.getvalue() + "</testsuite>\n")


_CASES: Final = {
    "refused": "failure",
    "unreadable": "failure",
    "not_taken": "error",
    "failed": "error",
    "unknown": "error",
    "held": "skipped",
    "planned": "skipped",
}


def _quoted(text: str) -> str:
    """Quote an attribute; what XML can't hold is left out."""
    from xml.sax.saxutils import quoteattr  # it imports an HTTP client of Python's

    plain = "".join(c for c in text if c.isprintable())
    return quoteattr(plain.encode("utf-8", "replace").decode())


@contextmanager
def _writing(out: str, name: str) -> Iterator[IO[str]]:
    """Write a file of OUT: under its name only when it is whole."""
    if is_url(out):
        text = io.StringIO()
        yield text
        put(f"{out.rstrip('/')}/{name}", text.getvalue().encode("utf-8"))
        return
    folder = Path(path_of(out))
    folder.mkdir(parents=True, exist_ok=True)
    with whole(folder / name, private=False) as file:
        yield file
