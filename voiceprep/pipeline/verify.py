"""Prove that the platform stored what was previewed: download and compare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from voiceprep.audio.compare import Comparison, compare
from voiceprep.audio.finding import finite
from voiceprep.audio.unfinished import workspace
from voiceprep.errors import ContractError
from voiceprep.pipeline.recording import Result, prepare_with
from voiceprep.pipeline.treatment import Treatment, treatment_of
from voiceprep.pipeline.uploader import Uploader, client_or_own, content_tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voiceprep.client import Client, Content

__all__ = ["Verification", "verify", "verify_with"]


@dataclass(frozen=True, slots=True)
class Verification:
    """Hold what `verify` found of one recording.

    Parameters
    ----------
    result : Result
        Of preparing it again; its content where one was found.
    comparison : Comparison or None
        None where there is nothing to compare.
    """

    result: Result
    comparison: Comparison | None = None

    @property
    def identical(self) -> bool:
        """Say whether the platform stored the preview, code for code."""
        return self.comparison is not None and self.comparison.identical

    @property
    def sentence(self) -> str:
        """Say it in words."""
        if self.comparison is not None:
            return self.comparison.sentence
        if errors := self.result.errors:
            return f"{errors[0].message}. {errors[0].remedy}".strip()
        return "not on the platform: nothing bears its tag; upload it first"

    def as_json(self) -> dict[str, Any]:
        """Return the result's fields, and how the two compare."""
        told = self.comparison
        fields = self.result.as_json()
        fields["identical"] = self.identical
        fields["comparison"] = told and {
            "form": told.form,
            "expected_samples": told.expected_samples,
            "stored_samples": told.stored_samples,
            "offset_samples": told.offset_samples,
            "level_db": told.level_db,
            "snr_db": finite(told.snr_db),
            "message": told.sentence,
        }
        return fields


def verify(
    path: str | Path | BinaryIO,
    client: Client | None = None,
    *,
    fixes: Iterable[str] = (),
    accept: Iterable[str] = (),
    master: str = "auto",
    standard: str | None = None,
) -> Verification:
    """Prepare a recording again and compare it with what the platform stored.

    Parameters
    ----------
    path : str, path or binary file
    client : Client or None
        Of the account that it was uploaded to; None uses that of the settings, or
        the sandbox without one.
    fixes, accept, master, standard
        As for `check`: what it was uploaded with.

    Raises
    ------
    PlatformError
        Of the class that says who must act.

    >>> import tempfile, voiceprep
    >>> with tempfile.TemporaryDirectory() as data, voiceprep.Sandbox(data) as box:
    ...     settings = voiceprep.Settings.for_platform(
    ...         box.base_url, box.client_id, box.client_secret
    ...     )
    ...     with voiceprep.Client(settings) as client:
    ...         voiceprep.upload("samples/clean.mp3", client).verdict.is_fit
    ...         voiceprep.verify("samples/clean.mp3", client).identical
    True
    True
    """
    treatment = treatment_of(fixes, accept, master, standard)
    with client_or_own(client) as reached:
        return verify_with(path, reached, treatment)


def verify_with(
    path: str | Path | BinaryIO, client: Client, treatment: Treatment
) -> Verification:
    """Verify a recording; as `verify`, with what was asked for already checked."""
    with workspace() as folder:
        result = prepare_with(path, folder, treatment, name="verify")
        if result.outgoing is None or result.artefacts is None:
            return Verification(result)
        content = Uploader(client).find(content_tag(result.outgoing))
        codes = np.fromfile(result.artefacts.alaw, np.uint8)
    found = replace(result, artefacts=None, content=content, platform=client.platform)
    if content is None:
        return Verification(found)
    return Verification(found, compare(codes, _stored(client, content)))


def _stored(client: Client, content: Content) -> bytes:
    """Download what the platform made of a content."""
    if not content.url_encoded:
        raise ContractError(f"content {content.id} has no url_encoded to download")
    with client.download(content.url_encoded) as chunks:
        return b"".join(chunks)
