"""Put drawn recordings on pages, with their audio, and write them.

Many recordings are cut into several pages, each whole by itself: a page's worth is
held at a time.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count, islice
from typing import TYPE_CHECKING, Final

from voiceprep.errors import SettingsError
from voiceprep.pipeline.whole import whole
from voiceprep.report import (
    FOLLOWS,
    GENERATOR,
    Absence,
    Page,
    Part,
    Recording,
    Sound,
    data_link,
    link_to,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from voiceprep.pipeline.drawing import Drawn, File
    from voiceprep.report import About

__all__ = ["EMBED_BYTES", "PER_PAGE", "check_place", "compose", "write_pages"]

EMBED_BYTES: Final = 64 << 20  # [ours] of audio in one page; browsers stay quick
PER_PAGE: Final = 250  # [ours] opens in under 3 s where much else runs (bench_report)

_HEAD_BYTES: Final = 4_096  # in which a page says that it is ours


def write_pages(
    drawn: Iterable[Drawn],
    path: Path,
    about: About,
    *,
    embed: bool = False,
    per_page: int = PER_PAGE,
    through: bool = True,
) -> list[Path]:
    """Write the pages of any number of recordings, each under its name when whole.

    Parameters
    ----------
    drawn : iterable of Drawn
        Taken as they are needed: a page's worth is held at a time.
    path : Path
        Of the first page; the second of ``report.html`` is ``report-2.html``.
    about : About
    embed : bool
        Put the audio into the pages; by default they link the files.
    per_page : int
        Recordings of a page, at most.
    through : bool
        As of `whole.whole_bytes`: whether a person chose the name.

    Returns
    -------
    list of Path
        One at least. Pages of ours that followed them before are gone.

    Raises
    ------
    SettingsError
        Where another file than a page of ours lies at a page's place; where the
        phone versions alone are too much to embed.
    OSError
        Where the folder can't be written.
    """
    check_place(path)
    written: list[Path] = []
    for number, (here, more) in enumerate(_cut(drawn, per_page), 1):
        part = _part(path, number, per_page, more=more)
        page = compose(here, about, path.parent, embed=embed, part=part)
        written.append(_named(path, number))
        _write(page, written[-1], through=through)
    _remove_from(path, len(written) + 1)
    return written


def _cut(drawn: Iterable[Drawn], size: int) -> Iterator[tuple[list[Drawn], bool]]:
    """Yield what goes on each page, and whether another one follows."""
    left = iter(drawn)
    here = list(islice(left, size))
    while True:
        ahead = list(islice(left, 1))
        yield here, bool(ahead)
        if not ahead:
            return
        here = ahead + list(islice(left, size - 1))


def _part(path: Path, number: int, size: int, *, more: bool) -> Part:
    """Say which page this is, with links to its neighbours."""

    def link(other: int) -> str:
        return link_to(_named(path, other), path.parent)

    return Part(
        number,
        first=(number - 1) * size + 1,
        before=link(number - 1) if number > 1 else None,
        after=link(number + 1) if more else None,
    )


def _named(path: Path, number: int) -> Path:
    """Name a page: ``report.html``, ``report-2.html`` and on."""
    if number == 1:
        return path
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def _remove_from(path: Path, number: int) -> None:
    """Remove pages that a longer run left."""
    for each in count(number):
        stale = _named(path, each)
        if not stale.is_file() or not _is_page(stale, FOLLOWS):
            return
        stale.unlink()


def compose(
    drawn: Sequence[Drawn],
    about: About,
    folder: Path,
    *,
    embed: bool = False,
    most_bytes: int = EMBED_BYTES,
    part: Part | None = None,
) -> Page:
    """Put recordings on one page: audio by relative link, or within it.

    Parameters
    ----------
    drawn : sequence of Drawn
    about : About
    folder : Path
        In which the page will lie.
    embed : bool
        Put the audio into the page.
    most_bytes : int
        Of audio that is put in. Originals for which there is no room stay out, and
        the page says so.
    part : Part or None
        Which of several pages it is.

    Raises
    ------
    SettingsError
        Where the phone versions alone are too much to embed.
    """
    if embed:
        recordings = tuple(_embedded(drawn, most_bytes))
    else:
        recordings = tuple(_linked(each, folder) for each in drawn)
    return Page(about, recordings, part or Part())


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


def check_place(path: Path) -> None:
    """Raise SettingsError where another file lies than a page of ours."""
    if path.exists() and not (path.is_file() and _is_page(path)):
        raise SettingsError(f"{path}: not a page of voiceprep's; -o names another file")


def _write(page: Page, path: Path, *, through: bool) -> None:
    """Write a page under its final name, whole; only a page of ours is replaced."""
    check_place(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, private=False, through=through) as file:
        file.write(render(page))


def _is_page(path: Path, *marks: str) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return all(mark.encode("ascii") in head for mark in (GENERATOR, *marks))
