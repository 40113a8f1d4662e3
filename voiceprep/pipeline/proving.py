"""Make a campaign's sheets: the sign-off of a plan, and what its calls came to."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from voiceprep.contract import ACCOUNT_ZONE, TELEPHONE_RATE
from voiceprep.errors import SettingsError, UndecodableError
from voiceprep.pipeline.pages import check_place
from voiceprep.pipeline.whole import whole
from voiceprep.report import Group, Lot, Proof, Tally, data_link, link_to

if TYPE_CHECKING:
    from datetime import datetime

    from voiceprep.campaign.plan import Part, Plan
    from voiceprep.pipeline.tallied import Tallied
    from voiceprep.report import About, Approvals

__all__ = ["proof_json", "proof_of", "tally_of", "write_sheet"]

MOST_EMBEDDED: Final = 4 << 20  # [ours] bytes: four minutes of what is heard
# A person reads first what became of them.
_ORDER: Final = ("ok", "ko", "no", "on", "wait")


def proof_of(
    plan: Plan, about: About, approvals: Approvals, folder: Path | None = None
) -> Proof:
    """Return what a person signs before a plan is sent.

    Parameters
    ----------
    plan : Plan
    about : About
        Its place is the campaign's name.
    approvals : Approvals
        Of whatever recordings: those about these very bytes count.
    folder : Path, optional
        Where a page will be written; its sound is linked from there.

    Raises
    ------
    SettingsError
        Where the preview is no longer what the plan was made of.
    OSError
        Where it can't be read.
    """
    order = plan.order
    preview = Path(order.preview) if order.preview else None
    sound = None if preview is None else _heard(preview, order.content_sha256)
    decisions = (
        each
        for each in approvals.decisions
        if order.content_sha256 and each.digests.alaw == order.content_sha256
    )
    return Proof(
        about=about,
        media=order.media,
        link=order.link,
        content_sha256=order.content_sha256,
        seconds=None if sound is None else sound[1] / TELEPHONE_RATE,
        preview=order.preview,
        sound=_link(preview, sound[0], folder) if preview and sound else None,
        window=order.window,
        groups=_groups(plan.parts),
        skipped=plan.skipped,
        decisions=tuple(decisions),
        zone=ACCOUNT_ZONE,
        seal=plan.as_json()["seal"],
    )


def _heard(preview: Path, sha256: str) -> tuple[bytes, int] | None:
    """Read the preview: its bytes, and its samples; None where it is not there."""
    from voiceprep.audio.compare import codes_of

    if not preview.exists():
        return None
    raw = preview.read_bytes()
    try:
        codes = codes_of(raw)
    except UndecodableError:
        codes = None
    said = {_sha256(raw), "" if codes is None else _sha256(codes.tobytes())}
    if codes is None or (sha256 and sha256 not in said):
        raise SettingsError(
            f"{preview} is not what the plan was made of: plan again, and listen to it"
        )
    return raw, len(codes)


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _link(preview: Path, raw: bytes, folder: Path | None) -> str:
    if len(raw) <= MOST_EMBEDDED or folder is None:
        return data_link(raw, "audio/wav")
    return link_to(preview, folder)


def _groups(parts: tuple[Part, ...]) -> tuple[Group, ...]:
    """Put mailings of one place and moment together, in the order they are sent."""
    calls: Counter[tuple[str, datetime | None, str]] = Counter()
    mailings: Counter[tuple[str, datetime | None, str]] = Counter()
    for part in parts:
        key = (part.territory, part.at, part.zone)
        calls[key] += len(part.recipients)
        mailings[key] += 1
    return tuple(
        Group(
            place=place,
            at=at and at.astimezone(ZoneInfo(ACCOUNT_ZONE)),
            there=at and at.astimezone(ZoneInfo(zone or ACCOUNT_ZONE)),
            mailings=mailings[place, at, zone],
            calls=count,
        )
        for (place, at, zone), count in calls.items()
    )


def proof_json(proof: Proof) -> dict[str, Any]:
    """Return a sign-off for a program; nobody's number is in it."""
    return {
        "campaign": proof.about.place,
        "media": proof.media,
        "link": proof.link,
        "content_sha256": proof.content_sha256,
        "duration_s": proof.seconds,
        "preview": proof.preview,
        "calls": proof.calls,
        "mailings": proof.mailings,
        "groups": [
            {
                "place": group.place,
                "at": group.at and group.at.isoformat(),
                "there": group.there and group.there.isoformat(),
                "mailings": group.mailings,
                "calls": group.calls,
            }
            for group in proof.groups
        ],
        "skipped": dict(proof.skipped),
        "decisions": [
            {
                "name": each.name,
                "decision": "approved" if each.approved else "rejected",
                "time": each.time.isoformat(),
                "comment": each.comment,
            }
            for each in proof.decisions
        ],
        "seal": proof.seal,
    }


def tally_of(told: Tallied, about: About, *, is_sandbox: bool) -> Tally:
    """Return what a campaign's calls came to, as a page shows it."""
    counts, stats = told.stats.counts(), [(m.id, m.stats) for m in told.mailings]
    who = told.people
    return Tally(
        about=about,
        is_sandbox=is_sandbox,
        counts={state: counts[state] for state in _ORDER},
        deliverability=told.stats.deliverability,
        optouts=told.breakdown.optouts,
        reasons=told.breakdown.reasons,
        hours=told.breakdown.hours,
        zone=ACCOUNT_ZONE,
        stopped=told.breakdown.stopped,
        people=(who.called, who.reached) if who.called else None,
        mailings=tuple(
            Lot(name, {state: one.counts()[state] for state in _ORDER})
            for name, one in stats
            if one is not None
        ),
    )


def write_sheet(html: str, path: Path) -> None:
    """Write a sheet, whole under its name; only a page of ours is replaced.

    Raises
    ------
    SettingsError
        Where another file lies there.
    OSError
    """
    if path.is_file():
        check_place(path)
    with whole(path, private=False) as file:
        file.write(html)
