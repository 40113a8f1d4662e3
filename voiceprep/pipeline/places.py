"""Where recordings lie: a path, or any URL that fsspec knows; and how both are written.

A place is text: what a ledger and a report can hold, and what leads back to the file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import urlsplit

from voiceprep.audio.opening import open_recording
from voiceprep.errors import (
    SettingsError,
    UnavailableError,
    UndecodableError,
    VoiceprepError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "as_text",
    "exists",
    "file_system",
    "is_url",
    "opened",
    "path_of",
    "place_of",
    "put",
    "reached",
    "sha256_of",
    "state_folder",
]

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_NO_TEXT: Final = re.compile("[%\udc80-\udcff]")
_ESCAPED: Final = re.compile("%([0-9A-F]{2})")
_OF_THE_NETWORK: Final = frozenset(  # errors of aiohttp, botocore and the system
    {
        *("ClientConnectionError", "EndpointConnectionError", "HTTPClientError"),
        *("ConnectionError", "TimeoutError", "gaierror"),
    }
)
_EXTRAS: Final = {"s3": "s3", "gs": "gcs", "gcs": "gcs"}  # scheme → our extra


def is_url(place: str) -> bool:
    """Say whether a place is a URL, not a path.

    >>> is_url("s3://bucket/a.wav"), is_url("C:/a.wav"), is_url("/in/a.wav")
    (True, False, False)
    """
    return _URL.match(place) is not None


def place_of(path: str) -> str:
    """Write an absolute path as text; bytes that are no UTF-8 become ``%XX``.

    >>> place_of("/in/50 %.wav"), path_of("/in/50 %25.wav")
    ('/in/50 %25.wav', '/in/50 %.wav')
    """
    if is_url(path):
        return path
    return as_text(os.path.abspath(path))  # noqa: PTH100 (any bytes in a name)


def as_text(name: str) -> str:
    """Write a name as text, as `place_of` does; its folders stay as they are.

    >>> as_text("50 %.wav")
    '50 %25.wav'
    """
    return _NO_TEXT.sub(lambda found: f"%{ord(found[0]) & 0xFF:02X}", name)


def path_of(place: str) -> str:
    """Return the path that a place was written from; a URL stays as it is."""
    if is_url(place):
        return place
    return _ESCAPED.sub(lambda found: _character(int(found[1], 16)), place)


def _character(byte: int) -> str:
    return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)  # PEP 383


def file_system(url: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and the path within it.

    Raises
    ------
    SettingsError
        Where nothing installed knows such URLs.
    """
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        scheme = urlsplit(url).scheme
        extra = _EXTRAS.get(scheme)
        remedy = f"pip install 'voiceprep[{extra}]'" if extra else "is it right?"
        raise SettingsError(f"{scheme}:// can't be read ({error}); {remedy}") from error
    return system, str(path)


@contextmanager
def reached(url: str) -> Iterator[None]:
    """Turn what a far store's library raises into the system's own error.

    Raises
    ------
    UnavailableError
        Where the network leads nowhere: it may later.
    OSError
        Where it can't be reached for another reason: no credentials, no such bucket.
    """
    try:
        yield
    except VoiceprepError:
        raise
    except Exception as error:  # each library has errors of its own
        if (cause := _of_the_network(error)) is not None:
            said = str(cause) or type(cause).__name__
            raise UnavailableError(
                f"{url}: can't be reached: {said}; try again later"
            ) from error
        if isinstance(error, OSError):
            raise
        reason = f"{error}" or type(error).__name__
        raise OSError(f"{url}: can't be reached: {reason}") from error


def _of_the_network(error: BaseException) -> BaseException | None:
    """Return what the network said, where an error goes back to it."""
    each: BaseException | None = error
    while each is not None:
        names = {kind.__name__ for kind in type(each).__mro__}
        if names & _OF_THE_NETWORK:
            return each
        each = each.__cause__ or each.__context__
    return None


@contextmanager
def opened(place: str, folder: Path) -> Iterator[tuple[BinaryIO, str]]:
    """Open a recording; one behind a URL is fetched to a folder first.

    Yields
    ------
    (BinaryIO, str)
        The file, and a path that leads to it.

    Raises
    ------
    UndecodableError
        As `open_recording`.
    OSError
        Where fetching fails for another reason than that it is not there.
    """
    path = path_of(place)
    if is_url(place):
        path = str(_fetched(place, folder))
    with open_recording(path) as file:
        yield file, path


def _fetched(url: str, folder: Path) -> Path:
    """Copy what lies behind a URL to a folder, under its own last name."""
    system, path = file_system(url)
    target = folder / f"fetched{os.path.splitext(path)[1]}"  # noqa: PTH122 (no path of ours)
    try:
        with (
            reached(url),
            system.open(path, "rb") as source,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(source, file, 1 << 20)
    except FileNotFoundError as error:
        raise UndecodableError(
            "no such file", code="not_found", remedy="Check the URL."
        ) from error
    except PermissionError as error:
        raise UndecodableError(
            "no right to read it", code="not_permitted", remedy="Check your rights."
        ) from error
    return target


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_folder() -> Path:
    """Name the folder of the user's state; it may still have to be made.

    Raises
    ------
    RuntimeError
        Where nobody knows the user's home.
    """
    home = os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return Path(home) / "voiceprep"


def exists(place: str) -> bool:
    """Say whether there is something at a path or URL."""
    if is_url(place):
        system, path = file_system(place)
        with reached(place):
            return bool(system.exists(path))
    return os.path.exists(place)  # noqa: PTH110 (any bytes in a name)


def put(url: str, data: bytes) -> None:
    """Write bytes to a URL, whole or not at all."""
    system, path = file_system(url)
    with reached(url):
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        # Never through an open file: a WAV written straight to s3fs is corrupt
        # (design).
        system.pipe_file(path, data)
