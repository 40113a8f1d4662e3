"""Say what a campaign plays: find the content, and prove what will be heard of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import numpy as np

from voiceprep.audio.compare import codes_of, compare
from voiceprep.audio.g711 import alaw_decode
from voiceprep.contract import VOICE, VOICEMAIL
from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.pipeline.uploader import TAG_DIGITS, TAG_PREFIX, Uploader, content_tag

if TYPE_CHECKING:
    from typing import BinaryIO

    from voiceprep.client import Client, Content

__all__ = ["Heard", "heard", "heard_of", "is_unchanged"]

_SCHEMES: Final = {"http", "https"}
_RECORDED: Final = (".wav", ".mp3")
FOREIGN: Final = "it is none of this account's contents: nobody verified what it plays"


@dataclass(frozen=True, slots=True)
class Heard:
    """Say what a mailing's link plays.

    Parameters
    ----------
    link : str
        As the media wants it (R33).
    content : Content or None
        None where the link is none of the account's.
    sha256 : str
        Of the telephone's version as the platform stores it; ``""`` where it was
        not had.
    doubt : str
        Why that is not known to be what was previewed; ``""`` where it is proved.
    stored : bytes
        The telephone's version.
    """

    link: str
    content: Content | None = None
    sha256: str = ""
    doubt: str = FOREIGN
    stored: bytes = field(default=b"", repr=False)

    @property
    def is_verified(self) -> bool:
        """Say whether it is proved to be what was uploaded, code for code."""
        return not self.doubt

    def write_preview(self, file: BinaryIO) -> None:
        """Write what will be heard as a WAV file."""
        from voiceprep.audio.artefact import write_wav

        if self.stored[:4] == b"RIFF":
            file.write(self.stored)
            return
        codes = np.frombuffer(self.stored, np.uint8)
        write_wav(file, [(codes, alaw_decode(codes))], len(codes))


def heard(client: Client, given: str, media: str) -> Heard:
    """Find what was named as content, and what it plays to recipients of a media.

    Parameters
    ----------
    given : str
        A link, a content's id or tag (``vp-…``), or the path of a recording that
        was uploaded.
    media : str
        VOICE plays the content's `url`, VOICEMAIL its `url_encoded` (R33).

    Raises
    ------
    SettingsError
        Where nothing is found, or the link is of the other media.
    PlatformError
    """
    if urlsplit(given).scheme in _SCHEMES:
        return _of_link(client, given, media)
    content = _found(client, given)
    if content is None:
        raise SettingsError(
            f"content {given!r} is not on the platform: name a link, an id or a tag of "
            "`voiceprep content list`, or a recording after `voiceprep upload`"
        )
    return heard_of(client, content, media)


def heard_of(client: Client, content: Content, media: str) -> Heard:
    """Download what a content plays, and compare it with what was uploaded."""
    link = content.url if media == VOICE else content.url_encoded
    if not link:
        raise SettingsError(f"content {content.id} has no link that {media} plays")
    stored = _downloaded(client, content.url_encoded)
    digest = hashlib.sha256(stored).hexdigest()
    return Heard(link, content, digest, _doubt(client, content, stored), stored)


def is_unchanged(client: Client, content_id: str, link: str, sha256: str) -> bool:
    """Say whether a content still plays, under its link, what it did."""
    content = client.contents.get(content_id)
    if content is None or link not in {content.url, content.url_encoded}:
        return False
    stored = _downloaded(client, content.url_encoded)
    return hashlib.sha256(stored).hexdigest() == sha256


def _of_link(client: Client, link: str, media: str) -> Heard:
    contents = client.contents.read()
    content = next((c for c in contents if link in {c.url, c.url_encoded}), None)
    recorded = urlsplit(link).path.lower().endswith(_RECORDED)
    if media == VOICEMAIL and recorded:
        known = f": {content.url_encoded}" if content else ""
        raise SettingsError(
            "VOICEMAIL plays a content's url_encoded (.pcm), and this link is a "
            f"recording's; take url_encoded{known}"
        )
    return Heard(link) if content is None else heard_of(client, content, media)


def _found(client: Client, given: str) -> Content | None:
    if given.startswith(TAG_PREFIX):
        return Uploader(client).find(given)
    if Path(given).is_file():
        return _of_recording(client, Path(given))
    return client.contents.get(given) if given.isdecimal() else None


def _of_recording(client: Client, path: Path) -> Content | None:
    """Look for a file's own bytes, then for what is made of them."""
    from voiceprep.pipeline.verify import verify

    return (
        Uploader(client).find(content_tag(path)) or verify(path, client).result.content
    )


def _downloaded(client: Client, url: str) -> bytes:
    with client.download(url) as chunks:
        return b"".join(chunks)


def _doubt(client: Client, content: Content, stored: bytes) -> str:
    """Say what keeps a content from being proved; or nothing."""
    if not content.url:
        return "the platform does not say where the uploaded recording is"
    uploaded = _downloaded(client, content.url)
    own = [tag for tag in content.tags if tag.startswith(TAG_PREFIX)]
    digest = hashlib.sha256(uploaded).hexdigest()
    if own and TAG_PREFIX + digest[:TAG_DIGITS] not in own:
        return "the stored recording is not the one that was uploaded"
    try:
        comparison = compare(codes_of(uploaded), stored)
    except UndecodableError:
        return "it was uploaded as it is: what is heard of it was never previewed"
    return "" if comparison.identical else f"what is stored {comparison.sentence}"
