"""Say a campaign's sign-off as plain text: what a terminal prints, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceprep.report.sheet_pages import SheetSpeaker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voiceprep.report.sheets import Proof

__all__ = ["proof_text"]


def proof_text(proof: Proof) -> str:
    """Return the sign-off of a campaign, a line each."""
    speak = SheetSpeaker(proof.about.language)
    lines = [
        speak.labelled("proof", speak.shown(proof.about.place)),
        speak.made(proof.about),
    ]
    for title, body in (
        ("proof.heard", _heard(proof, speak)),
        ("proof.whom", _whom(proof, speak)),
        ("proof.who", _who(proof, speak)),
    ):
        lines += ["", speak(title), *(f"  {line}".rstrip() for line in body)]
    return "\n".join([*lines, "", speak.labelled("proof.seal", proof.seal)])


def _heard(proof: Proof, speak: SheetSpeaker) -> Iterator[str]:
    yield speak.labelled("proof.media", speak(f"media.{proof.media}"))
    if proof.seconds is not None:
        seconds = speak("proof.seconds", n=speak.number(proof.seconds, 1))
        yield speak.labelled("proof.length", seconds)
    if not proof.content_sha256:
        yield speak.labelled("proof.sha", speak("proof.unverified"))
    if proof.preview:
        gone = "" if proof.seconds is not None else f" ({speak('proof.no_preview')})"
        yield speak.labelled("proof.preview", speak.shown(proof.preview) + gone)
    yield speak.labelled("proof.link", speak.shown(proof.link))
    if proof.content_sha256:  # 64 digits that no person reads first
        yield speak.labelled("proof.sha", proof.content_sha256)


def _whom(proof: Proof, speak: SheetSpeaker) -> Iterator[str]:
    yield speak(
        "proof.total",
        calls=speak.counted("calls", proof.calls),
        people=speak.counted("people", proof.calls),
        mailings=speak.counted("mailings", proof.mailings),
    )
    yield speak.labelled("proof.hours", speak.hours(proof.window))
    head = [
        *(speak("proof.where"), f"{speak('proof.when')} ({proof.zone})"),
        *(speak("proof.there"), speak("calls")),
    ]
    rows = [
        [
            *(speak.place(group.place), speak.moment(group.at)),
            *(speak.moment(group.there), speak.number(group.calls)),
        ]
        for group in proof.groups
    ]
    yield from _columns([head, *rows])
    for words, count in speak.skipped(proof.skipped):
        yield speak.labelled("proof.skipped", f"{speak.number(count)} ({words})")


def _who(proof: Proof, speak: SheetSpeaker) -> Iterator[str]:
    for each in proof.decisions:
        word = speak("proof.approved" if each.approved else "proof.rejected")
        said = f"{speak.shown(each.name)}, {word}, {speak.moment(each.time)}"
        yield f"{said}, “{speak.shown(each.comment)}”" if each.comment else said
    if not proof.decisions:
        yield speak("proof.nobody")
    yield speak.labelled("proof.signature", "_" * 40)


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if place == len(row) - 1 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells)
