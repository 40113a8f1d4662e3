"""What a batch sends: a file of OUT, and how to tell that it is still the right one."""

from __future__ import annotations

import hashlib
import io
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voiceprep.contract import MAX_BYTES_CLIENT
from voiceprep.errors import UndecodableError
from voiceprep.pipeline.places import is_url, opened, path_of
from voiceprep.pipeline.standing import outgoing_bytes
from voiceprep.pipeline.uploader import tag_of

if TYPE_CHECKING:
    from typing import BinaryIO

    from voiceprep.client import Content
    from voiceprep.ledger import Recording

__all__ = ["ChangedError", "Parcel", "doubt_of", "intact"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Hold what is to be sent.

    Parameters
    ----------
    place : str
        Of the recording.
    name : str
        Of its artefacts, below OUT.
    outgoing : str
        The file to upload, as a place.
    tag, key : str
        Of its bytes; of its source and what was asked.
    id : int
        Of the recording's row.
    sha256 : str or None
        Of the prepared WAV.
    size : int or None
        Bytes of the file to upload.
    """

    place: str
    name: str
    outgoing: str
    tag: str
    key: str
    id: int = 0
    sha256: str | None = None
    size: int | None = None

    @classmethod
    def of(cls, recording: Recording) -> Parcel:
        """Return the parcel of a prepared recording."""
        made = recording.made
        assert made.outgoing is not None  # noqa: S101 (it is prepared)
        assert made.tag is not None  # noqa: S101
        assert made.key is not None  # noqa: S101
        return cls(
            recording.place,
            recording.name,
            made.outgoing,
            made.tag,
            made.key,
            recording.id,
            made.prepared_sha256,
            outgoing_bytes(made),
        )

    def check(self, data: bytes) -> None:
        """Refuse other bytes than were prepared.

        The tag is of the bytes too, of an A-law WAV; after a second preparing, on
        another machine, it may be that of the first.
        """
        digest = hashlib.sha256(data).hexdigest()
        if digest != self.sha256 and tag_of(digest) != self.tag:
            raise ChangedError(
                f"{path_of(self.outgoing)}: somebody changed it since it was prepared"
            )


class ChangedError(OSError):
    """Say that a file in OUT is not what was prepared."""


def intact(parcel: Parcel) -> BinaryIO:
    """Read what is to be sent, and check it.

    It is held in memory, 20 MB at most: from then on nobody can change it.

    Raises
    ------
    ChangedError
        Where it is not what was prepared, or not there.
    OSError
    """
    at, folder = parcel.outgoing, ""
    with ExitStack() as stack:
        if is_url(at):  # it is fetched there
            place = tempfile.TemporaryDirectory(prefix="voiceprep-")
            folder = stack.enter_context(place)
        try:
            file, _ = stack.enter_context(opened(at, Path(folder)))
        except UndecodableError as error:
            raise ChangedError(f"{path_of(at)}: {error}") from error
        data = file.read(MAX_BYTES_CLIENT + 1)
    parcel.check(data)
    return io.BytesIO(data)


def doubt_of(parcel: Parcel, content: Content) -> str | None:
    """Say that what is on the platform can't be these bytes, whatever its tag says."""
    if parcel.size is None or content.filesize in {None, parcel.size}:
        return None
    own = path_of(parcel.outgoing).rpartition("/")[2]
    return (
        f"content {content.id} bears the tag of {own}, but holds "
        f"{content.filesize:,} bytes, not {parcel.size:,}: listen to it; to send the "
        f"right one, `voiceprep content delete {content.id}`, then `voiceprep batch "
        "reconcile --resend` and the batch again"
    )
