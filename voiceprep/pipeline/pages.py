"""Put drawn recordings on a page, with their audio, and write it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voiceprep.errors import SettingsError
from voiceprep.report import (
    GENERATOR,
    Absence,
    Page,
    Recording,
    Sound,
    data_link,
    link_to,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from voiceprep.pipeline.drawing import Drawn, File
    from voiceprep.report import Language

__all__ = ["EMBED_BYTES", "compose", "write_page"]

EMBED_BYTES: Final = 64 << 20  # [ours] of audio in one page; browsers stay quick


def compose(
    drawn: Sequence[Drawn],
    *,
    place: str,
    made: datetime,
    version: str,
    folder: Path,
    embed: bool = False,
    most_bytes: int = EMBED_BYTES,
) -> Page:
    """Put recordings on a page: audio by relative link, or within it.

    Parameters
    ----------
    drawn : sequence of Drawn
    place : str
        What the page is about, such as the folder.
    made : datetime
        Now.
    version : str
        Of voiceprep.
    folder : Path
        In which the page will lie.
    embed : bool
        Put the audio into the page.
    most_bytes : int
        Of audio that is put in. Originals for which there is no room stay out, and
        the page says so.

    Raises
    ------
    SettingsError
        Where the phone versions alone are too much to embed.
    """
    if embed:
        recordings = tuple(_embedded(drawn, most_bytes))
    else:
        recordings = tuple(_linked(each, folder) for each in drawn)
    return Page(place, made, version, recordings)


def _linked(drawn: Drawn, folder: Path) -> Recording:
    """Link the audio where it lies."""

    def link(sound: Sound, file: File | None) -> Sound:
        return replace(sound, link=link_to(file.path, folder)) if file else sound

    recording = drawn.recording
    return replace(
        recording,
        original=link(recording.original, drawn.original),
        phone=link(recording.phone, drawn.phone),
    )


def _embedded(drawn: Sequence[Drawn], most_bytes: int) -> Iterator[Recording]:
    """Put the audio in, what the recipient hears before the originals."""
    left = most_bytes - sum(_size(each.phone) for each in drawn)
    if left < 0:
        raise SettingsError(
            f"--embed would put {most_bytes - left:,} bytes of audio into one page; "
            f"{most_bytes:,} at most. Leave --embed out (the page then plays the "
            "files beside it), or make several pages."
        )
    for each in drawn:
        recording, size = each.recording, _size(each.original)
        original = _within(recording.original, each.original if size <= left else None)
        if size > left:
            original = replace(original, absence=Absence.TOO_LARGE)
        else:
            left -= size
        phone = _within(recording.phone, each.phone)
        yield replace(recording, original=original, phone=phone)


def _size(file: File | None) -> int:
    return 0 if file is None else file.path.stat().st_size


def _within(sound: Sound, file: File | None) -> Sound:
    """Put a file's bytes into the page."""
    if file is None:
        return sound
    return replace(sound, link=data_link(file.path.read_bytes(), file.media_type))


def write_page(page: Page, language: Language, path: Path) -> None:
    """Write a page under its final name, whole; only a page of ours is replaced.

    Raises
    ------
    SettingsError
        Where another file lies there.
    OSError
        Where the folder can't be written.
    """
    if path.exists() and not _is_page(path):
        raise SettingsError(f"{path}: not a page of voiceprep's; -o names another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".voiceprep-{os.urandom(8).hex()}.part"
    try:
        with part.open("xb") as file:
            file.write(render(page, language).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return GENERATOR.encode("ascii") in file.read(4_096)
