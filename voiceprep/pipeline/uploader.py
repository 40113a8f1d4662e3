"""Upload prepared recordings, each set of bytes once for an account.

The platform has no idempotency key, so every content carries a tag of its bytes.
Before an upload the tag is looked up, and after an unclear one again: what is
there already is taken, never sent a second time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from voiceprep.audio.rules import Verdict
from voiceprep.audio.unfinished import workspace
from voiceprep.errors import RejectedError, UnavailableError
from voiceprep.pipeline.turns import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from voiceprep.client import Client, Content
    from voiceprep.pipeline.recording import Result

__all__ = [
    "Uploader",
    "client_or_own",
    "content_tag",
    "create_content",
    "tag_of",
    "upload",
]

TAG_PREFIX: Final = "vp-"
TAG_DIGITS: Final = 32  # 128 bits of SHA-256
UNCLEAR_TRIES: Final = 3  # uploads of one recording, each after a look-up


def content_tag(path: Path) -> str:
    """Return the tag of a file's bytes: ``vp-`` and 32 hex digits of its SHA-256.

    >>> from pathlib import Path
    >>> content_tag(Path("samples/text.mp3"))[:3]
    'vp-'
    """
    with path.open("rb") as file:
        return tag_of(hashlib.file_digest(file, "sha256").hexdigest())


def tag_of(sha256: str) -> str:
    """Return the tag of bytes by their SHA-256, in hex."""
    return TAG_PREFIX + sha256[:TAG_DIGITS]


@dataclass(frozen=True, slots=True)
class Uploader:
    """Upload to one account, from as many threads as wanted.

    Parameters
    ----------
    client : Client
    strict : bool
        Hold recordings with warnings back too.
    """

    client: Client
    strict: bool = False
    _locks: defaultdict[str, threading.Lock] = field(
        default_factory=lambda: defaultdict(threading.Lock), repr=False
    )

    def create_content(self, prepared: Result, *, name: str | None = None) -> Content:
        """Upload a prepared recording; return the content, new or found.

        Parameters
        ----------
        prepared : Result
            Of `prepare`, with a verdict of fit or fit_with_warnings.
        name : str or None
            Of the content; the recording's stem by default.

        Raises
        ------
        RejectedError
            Where the verdict forbids it.
        PlatformError
            Of the class that says who must act.
        """
        path = self._outgoing(prepared)
        tag = content_tag(path)
        # Two recordings alike, in two threads or in two processes of this machine.
        with self._locks[tag], one_at_a_time(f"{self.client.account} {tag}"):
            own = path.stem.removesuffix(".alaw")
            return self.find(tag) or self._create(path, tag, name or own)

    def holds_back(self, prepared: Result) -> bool:
        """Say whether a recording is held back for its warnings."""
        return self.strict and prepared.verdict is Verdict.FIT_WITH_WARNINGS

    def _outgoing(self, prepared: Result) -> Path:
        """Name the file to send, or say why there is none."""
        path = prepared.outgoing
        fit = prepared.verdict.is_fit and not self.holds_back(prepared)
        if fit and path is not None:
            return path
        reasons = prepared.errors or prepared.findings
        reason = reasons[0].message if reasons else "it was checked, not prepared"
        raise RejectedError(f"{prepared.path}: {reason}", findings=prepared.findings)

    def find(self, tag: str) -> Content | None:
        """Look a content up by its tag; the first that bears it (R27)."""
        found = self.client.contents.read(tags=tag)
        return next((content for content in found if tag in content.tags), None)

    def _create(self, path: Path, tag: str, name: str) -> Content:
        """Upload; after an unclear outcome, look before trying again."""
        for left in reversed(range(UNCLEAR_TRIES)):
            try:
                return self.client.contents.create(
                    path,
                    name=name,
                    filename=path.name,
                    mime_type="audio/mp3"
                    if path.suffix.lower() == ".mp3"
                    else "audio/wav",
                    tags=[tag],
                )
            except UnavailableError as error:
                unclear = getattr(error, "maybe_done", False)
                if not unclear:
                    raise
                if content := self.find(tag):
                    return content
                if not left:
                    raise
        raise AssertionError("not reached")  # pragma: no cover


def create_content(
    prepared: Result,
    client: Client | None = None,
    *,
    strict: bool = False,
    name: str | None = None,
) -> Content:
    """Upload one prepared recording and return its content.

    Parameters
    ----------
    prepared : Result
        Of `voiceprep.prepare`, fit or fit with warnings.
    client : Client or None
        None uses the account of the settings, or the sandbox without one.
    strict : bool
        Hold a recording with warnings back.
    name : str or None
        Of the content; the recording's stem by default.

    Returns
    -------
    Content
        With its `url_encoded`. The same bytes are uploaded once: a content that
        bears their tag is returned as it is.

    Raises
    ------
    RejectedError
        Where the verdict forbids it.
    PlatformError
        Of the class that says who must act.

    >>> import tempfile, voiceprep
    >>> with tempfile.TemporaryDirectory() as data, voiceprep.Sandbox(data) as box:
    ...     settings = voiceprep.Settings.for_platform(
    ...         box.base_url, box.client_id, box.client_secret
    ...     )
    ...     with voiceprep.Client(settings) as client:
    ...         prepared = voiceprep.prepare("samples/clean.mp3", data)
    ...         voiceprep.create_content(prepared, client).url_encoded[-4:]
    '.pcm'
    """
    with client_or_own(client) as reached:
        return Uploader(reached, strict).create_content(prepared, name=name)


def client_or_own(client: Client | None) -> AbstractContextManager[Client]:
    """Use a client that was given; else that of the settings' account, for a while."""
    from voiceprep.pipeline.platform import connect

    return connect() if client is None else nullcontext(client)


def upload(
    path: str | Path,
    client: Client | None = None,
    *,
    fixes: Iterable[str] = (),
    accept: Iterable[str] = (),
    master: str = "auto",
    standard: str | None = None,
    strict: bool = False,
) -> Result:
    """Check, prepare and upload a recording.

    Parameters
    ----------
    path : str or path
    client : Client or None
        None uses the account of the settings, or the sandbox without one.
    fixes, accept, master, standard
        As for `check`.
    strict : bool
        Hold a recording with warnings back.

    Returns
    -------
    Result
        With its content; without one where the recording is not fit.

    >>> import tempfile, voiceprep
    >>> with tempfile.TemporaryDirectory() as data, voiceprep.Sandbox(data) as box:
    ...     settings = voiceprep.Settings.for_platform(
    ...         box.base_url, box.client_id, box.client_secret
    ...     )
    ...     with voiceprep.Client(settings) as client:
    ...         voiceprep.upload("samples/clean.mp3", client).content.url_encoded[-4:]
    '.pcm'
    """
    from voiceprep.pipeline.recording import prepare

    with workspace() as folder:
        prepared = prepare(
            path, folder, fixes=fixes, accept=accept, master=master, standard=standard
        )
        if not prepared.verdict.is_fit:
            return prepared
        with client_or_own(client) as reached:
            content = Uploader(reached, strict).create_content(prepared)
            platform = reached.platform
    return replace(prepared, artefacts=None, content=content, platform=platform)
