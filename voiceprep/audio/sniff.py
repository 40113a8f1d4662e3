"""Tell what a file is by its content; its name is never trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["HEAD_BYTES", "Kind", "container_at", "sniff"]

HEAD_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Kind:
    """Name a kind of content.

    Parameters
    ----------
    container : str
        The stable word in results: ``"wav"``, ``"mpeg"``, ``"ogg"`` …; ``""`` for
        what holds no sound.
    name : str
        The words for a person.
    extensions : tuple of str
        The endings such a file may bear, the usual one first.
    """

    container: str
    name: str
    extensions: tuple[str, ...] = ()


WAV: Final = Kind("wav", "a WAV file", (".wav", ".wave"))
MPEG: Final = Kind("mpeg", "an MP3 file", (".mp3", ".mp2", ".mp1", ".mpga"))
AAC: Final = Kind("aac", "a raw AAC file", (".aac",))
_M4A: Final = Kind("mp4", "an MP4 or M4A file", (".m4a", ".mp4", ".aac", ".3gp"))
_ASF: Final = Kind("asf", "a WMA file", (".wma",))
_HTML: Final = Kind("", "a web page, as a failed download leaves it")

_KINDS: Final = (  # (offset, bytes there, kind), the first that fits
    (0, b"OggS", Kind("ogg", "an Ogg file", (".ogg", ".oga", ".opus"))),
    (0, b"fLaC", Kind("flac", "a FLAC file", (".flac",))),
    (4, b"ftyp", _M4A),
    (0, b"FORM", Kind("aiff", "an AIFF file", (".aiff", ".aif"))),
    (0, b"#!AMR", Kind("amr", "an AMR file", (".amr",))),
    (0, b".snd", Kind("au", "an AU file", (".au", ".snd"))),
    (0, b"caff", Kind("caf", "a CAF file", (".caf",))),
    (0, b"riff\x2e\x91\xcf\x11", Kind("w64", "a Wave64 file", (".w64",))),
    (0, b"wvpk", Kind("wavpack", "a WavPack file", (".wv",))),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _ASF),
    (0, b"\x1a\x45\xdf\xa3", Kind("webm", "a WebM or Matroska file", (".webm",))),
    (0, b"MThd", Kind("", "a MIDI file: notes, not sound")),
    (0, b"%PDF", Kind("", "a PDF document")),
    (0, b"PK\x03\x04", Kind("", "a ZIP archive (or an office document)")),
    (0, b"\x1f\x8b", Kind("", "a gzip archive")),
    (0, b"\x89PNG", Kind("", "a PNG picture")),
    (0, b"\xff\xd8\xff\xe0", Kind("", "a JPEG picture")),
    (0, b"\xff\xd8\xff\xe1", Kind("", "a JPEG picture")),
    (0, b"GIF8", Kind("", "a GIF picture")),
    (0, b"\x7fELF", Kind("", "a program")),
    (0, b"MZ\x90", Kind("", "a Windows program")),
)
_WAV_FORMS: Final = {b"RIFF", b"RIFX", b"RF64", b"BW64"}
_PAGE: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?i:!doctype|html|\?xml)")
_UNPRINTED: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(head: bytes) -> Kind | None:
    """Name the kind of a file from its first bytes.

    Parameters
    ----------
    head : bytes
        The first `HEAD_BYTES`, or all of a shorter file.

    Returns
    -------
    Kind or None
        None where the bytes tell nothing: such a file is searched for MPEG
        frames, which may begin anywhere.

    >>> sniff(b"RIFF....WAVEfmt ").container
    'wav'
    >>> sniff(b"<!DOCTYPE html>").name
    'a web page, as a failed download leaves it'
    """
    if head[:4] in _WAV_FORMS and head[8:12] == b"WAVE":
        return WAV
    for offset, magic, kind in _KINDS:
        if head.startswith(magic, offset):
            return kind
    if _PAGE.match(head):
        return _HTML
    if head and not _UNPRINTED.search(head) and _is_text(head):
        return Kind("", "text, not sound")
    return None


def container_at(head: bytes) -> Kind | None:
    """Name the recording that begins with `head`, 32 bytes; None where none does.

    MPEG frames have no magic word: `mpeg.begins` knows.

    >>> container_at(b"fLaC").container, container_at(b"%PDF-1.7")
    ('flac', None)
    """
    if head[:4] in _WAV_FORMS and head[8:12] == b"WAVE":
        return WAV
    found = (kind for at, magic, kind in _KINDS if head.startswith(magic, at))
    return next((kind for kind in found if kind.container), None)


def _is_text(head: bytes) -> bool:
    try:
        head[: len(head) - len(head) % 4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 8  # only the last character is cut
    return True
