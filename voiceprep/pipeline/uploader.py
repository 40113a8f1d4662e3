"""Upload prepared recordings, each set of bytes once for an account.

The platform has no idempotency key, so every content carries a tag of its bytes.
Before an upload the tag is looked up, and after an unclear one twice: what is there
already is taken. What is not there is left to whoever runs again, and so looks again:
the platform may show it late.
"""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from voiceprep.audio.rules import Verdict
from voiceprep.audio.unfinished import workspace
from voiceprep.errors import RejectedError, UnavailableError
from voiceprep.pipeline.places import sha256_of
from voiceprep.pipeline.turns import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from voiceprep.client import Client, Content
    from voiceprep.pipeline.recording import Result

__all__ = [
    "LOOKUP_GAP_S",
    "Uploader",
    "client_or_own",
    "content_tag",
    "create_content",
    "tag_of",
    "upload",
]

TAG_PREFIX: Final = "vp-"
TAG_DIGITS: Final = 32  # 128 bits of SHA-256
LOOKUP_GAP_S: Final = 5.0  # between two looks; a setting of the same name


def content_tag(path: Path) -> str:
    """Return the tag of a file's bytes: ``vp-`` and 32 hex digits of its SHA-256.

    >>> from pathlib import Path
    >>> content_tag(Path("samples/text.mp3"))[:3]
    'vp-'
    """
    return tag_of(sha256_of(path))


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
    lookup_gap_s : float
        Between two looks for what may have arrived.
    """

    client: Client
    strict: bool = False
    lookup_gap_s: float = LOOKUP_GAP_S
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
        data = path.read_bytes()  # 20 MB at most: what is looked for is what is sent
        tag = tag_of(hashlib.sha256(data).hexdigest())
        # Two recordings alike, in two threads or in two processes of this machine.
        with self._locks[tag], one_at_a_time(f"{self.client.account} {tag}"):
            own = path.stem.removesuffix(".alaw")
            return self.find(tag) or self._create(path, data, tag, name or own)

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

    def _create(self, path: Path, data: bytes, tag: str, name: str) -> Content:
        """Upload; what may have arrived is looked for, and not sent again."""
        is_mp3 = path.suffix.lower() == ".mp3"
        try:
            return self.client.contents.create(
                io.BytesIO(data),
                name=name,
                filename=path.name,
                mime_type="audio/mp3" if is_mp3 else "audio/wav",
                tags=[tag],
            )
        except UnavailableError as error:
            maybe_done = getattr(error, "maybe_done", False)
            if maybe_done and (content := self._find_late(tag)):
                return content
            raise

    def _find_late(self, tag: str) -> Content | None:
        """Look a content up twice: what has just arrived may be seen late."""
        if content := self.find(tag):
            return content
        time.sleep(self.lookup_gap_s)
        return self.find(tag)


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
