"""What became of one recording: the values that every form of output is made of."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voiceprep.audio.rules import Finding, Measurements, Severity, Verdict
from voiceprep.contract import MAX_BYTES_CLIENT

if TYPE_CHECKING:
    from pathlib import Path

    from voiceprep.audio.artefact import Artefacts
    from voiceprep.client import Content

__all__ = ["PREPARE_SCHEMA", "STDIN", "Result", "document_of"]

PREPARE_SCHEMA: Final = "voiceprep.prepare/1"
STDIN: Final = "-"


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


def document_of(result: Result) -> str:
    """Write a result as the text of ``NAME.json``.

    Its ``source`` is the recording's whole path: it tells the artefacts of one
    recording from those of another one of the same name.
    """
    whole = None if result.path == STDIN else os.path.abspath(result.path)  # noqa: PTH100 (any bytes in a name)
    document = {"schema": PREPARE_SCHEMA, "source": whole, **result.as_json()}
    return json.dumps(document, indent=2) + "\n"
