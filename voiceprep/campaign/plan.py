"""Plan a campaign: which mailings, to whom, when, under one name. Nothing is sent."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from voiceprep.campaign.contacts import UNKNOWN_ZONE
from voiceprep.contract import MAX_CONTACTS, MEDIA, VOICE, VOICE_TYPES
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voiceprep.campaign.windows import Calendar, Territory, Window

__all__ = ["SCHEMA", "Order", "Part", "Plan", "of_json", "planned"]

SCHEMA: Final = "voiceprep.plan/1"
_TAG_CHARS: Final = 4  # 20 bits: told apart from the same person's other campaigns
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, without I L O U
_BITS: Final = 5
MAX_NAME_CHARS: Final = 100  # ours


@dataclass(frozen=True, slots=True)
class Order:
    """Say what a campaign is to be.

    Parameters
    ----------
    name : str
        The person's own; without a comma, by which it could not be read back (R20).
    media : str
        ``"VOICE"`` or ``"VOICEMAIL"`` (R32).
    link : str
        What is played: the content's ``url`` for VOICE, its ``url_encoded`` for
        VOICEMAIL (R33).
    type : str
        ``"wav"`` or ``"vxml"`` with VOICE, else ``""`` (R32).
    at : datetime or None
        When to begin, with an offset; None is now.
    window : str
        Name of a calling window.
    content_id, content_sha256, preview : str
        What is played, as it was verified; ``""`` where it is not ours.
    ping_url : str
        With ``#id#`` or ``#ids#`` in it (R38), or ``""``.
    again : str
        When a person said that whom campaigns of this name call already is called
        again; ``""`` where nobody did.
    """

    name: str
    media: str
    link: str
    type: str
    at: datetime | None
    window: str
    content_id: str = ""
    content_sha256: str = ""
    preview: str = ""
    ping_url: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one mailing that is to be: up to 1,000 calls (R35).

    Parameters
    ----------
    number : int
        From 1, in the order in which they are sent.
    territory : str
    zone : str
        Of the recipients' clock.
    at : datetime or None
        When it begins; None is at once.
    recipients : tuple of str
        E.164.
    """

    number: int
    territory: str
    zone: str
    at: datetime | None
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold a campaign that can be read before it happens.

    Parameters
    ----------
    order : Order
    parts : tuple of Part
    skipped : mapping
        Reason → how many are not called.
    tag : str
        Of what is ordered and to whom; it stands in the campaign's name, so that
        what was sent of this very plan is found again.

    >>> from voiceprep.campaign.windows import Calendar
    >>> order = Order("Relance", "VOICE", "https://a.fr/a.wav", "wav", None, "any")
    >>> now = datetime.fromisoformat("2026-03-12T10:00:00+01:00")
    >>> plan = planned(order, ["+33612345678"], Calendar.load(), now=now)
    >>> plan.campaign, plan.calls, plan.parts[0].at
    ('Relance [vp-...]', 1, None)
    """

    order: Order
    parts: tuple[Part, ...]
    skipped: Mapping[str, int]
    tag: str

    @property
    def campaign(self) -> str:
        """Return the name that all its mailings bear."""
        return f"{self.order.name} [vp-{self.tag}]"

    @property
    def calls(self) -> int:
        """Count the calls."""
        return sum(len(part.recipients) for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as a document, sealed: what was altered is not sent."""
        told = {
            "schema": SCHEMA,
            "campaign": self.campaign,
            "calls": self.calls,
            "order": {**asdict(self.order), "at": _said(self.order.at)},
            "parts": [{**asdict(part), "at": _said(part.at)} for part in self.parts],
            "skipped": dict(self.skipped),
            "tag": self.tag,
        }
        # As it is read back: tuples are lists then.
        told = json.loads(json.dumps(told))
        return {**told, "seal": _digest(told).hex()}


def planned(
    order: Order,
    recipients: Iterable[str],
    calendar: Calendar,
    *,
    now: datetime,
    skipped: Mapping[str, int] | None = None,
) -> Plan:
    """Plan a campaign: one name, mailings of at most 1,000, each in its window.

    Parameters
    ----------
    order : Order
    recipients : iterable of str
        E.164, each once.
    calendar : Calendar
    now : datetime
        With an offset.
    skipped : mapping, optional
        Who was left out before: reason → how many.

    Raises
    ------
    SettingsError
        If the order can't be sent, or nobody is left to call.
    """
    if fault := _fault(order, now):
        raise SettingsError(f"the plan can't be made: {fault}")
    window = calendar.window(order.window)
    places, unknown = _by_place(recipients, calendar, window)
    counts = Counter(skipped or {})
    if unknown:
        counts[UNKNOWN_ZONE] += unknown
    parts = tuple(_parts(order, places, window, now))
    if not parts:
        raise SettingsError(_nobody(counts))
    everyone = sorted(one for part in parts for one in part.recipients)
    return Plan(order, parts, dict(counts), _tag(order, everyone))


def of_json(told: Mapping[str, Any]) -> Plan:
    """Read a plan that `Plan.as_json` wrote.

    Raises
    ------
    SettingsError
        If it is none, or was altered since.
    """
    if told.get("schema") != SCHEMA:
        raise SettingsError(f"this is no plan ({SCHEMA}) of voiceprep")
    rest = {key: value for key, value in told.items() if key != "seal"}
    if told.get("seal") != _digest(rest).hex():
        raise SettingsError("the plan was altered since it was made: plan again")
    order = {**told["order"], "at": _read(told["order"]["at"])}
    parts = (
        Part(**{**row, "at": _read(row["at"]), "recipients": tuple(row["recipients"])})
        for row in told["parts"]
    )
    return Plan(Order(**order), tuple(parts), dict(told["skipped"]), told["tag"])


def _fault(order: Order, now: datetime) -> str:
    """Say why an order could not be sent, or not be found again."""
    name, typed = order.name.strip(), order.media == VOICE
    faults = {
        "it has no name": not name,
        f"its name is longer than {MAX_NAME_CHARS} characters": (
            len(name) > MAX_NAME_CHARS
        ),
        "its name holds a comma, and could never be looked up by it": "," in name,
        "its name holds a line end or another control": not name.isprintable(),
        f"media {order.media!r} is neither {' nor '.join(MEDIA)}": (
            order.media not in MEDIA
        ),
        f"VOICE needs a type: {' or '.join(VOICE_TYPES)}": (
            typed and order.type not in VOICE_TYPES
        ),
        "there is no link to play": not order.link,
        "VOICEMAIL plays a content's url_encoded (.pcm), and this link is a "
        "recording's: take url_encoded": (
            not typed and order.link.lower().endswith((".wav", ".mp3", ".vxml"))
        ),
        "its date has no offset, and could mean several hours": (
            order.at is not None and order.at.tzinfo is None
        ),
    }
    fault = next((words for words, wrong in faults.items() if wrong), "")
    if not fault and order.at is not None and order.at <= now:
        past = f"{order.at:%Y-%m-%d %H:%M %Z}".strip()
        return f"its date {past} is past, which would call at once: say --now for that"
    return fault


def _nobody(counts: Mapping[str, int]) -> str:
    """Say that nobody is to be called, and how many are left out why."""
    if not counts:
        return "the plan can't be made: there is nobody to call"
    whom = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    return f"the plan can't be made: there is nobody to call; left out: {whom}"


def _by_place(
    recipients: Iterable[str], calendar: Calendar, window: Window
) -> tuple[dict[str, tuple[Territory | None, list[str]]], int]:
    """Sort recipients by territory; count those of none, who are not called."""
    places: dict[str, tuple[Territory | None, list[str]]] = {}
    unknown = 0
    for number in recipients:
        if not calendar.tells(window, number):
            unknown += 1
            continue
        place = calendar.territory(number)
        name = place.name if place else "elsewhere"
        places.setdefault(name, (place, []))[1].append(number)
    return places, unknown


def _parts(
    order: Order,
    places: Mapping[str, tuple[Territory | None, Sequence[str]]],
    window: Window,
    now: datetime,
) -> Iterator[Part]:
    """Yield mailings, those that begin first in front."""
    asked = order.at or now
    begins = [
        (place.opening(window, asked) if place else asked, name, place, numbers)
        for name, (place, numbers) in places.items()
    ]
    begins.sort(key=lambda each: each[:2])
    count = 0
    for at, name, place, numbers in begins:
        zone = place.zones[0].key if place else ""
        at_once = order.at is None and at <= now
        for start in range(0, len(numbers), MAX_CONTACTS):
            count += 1
            few = tuple(numbers[start : start + MAX_CONTACTS])
            yield Part(count, name, zone, None if at_once else at, few)


def _tag(order: Order, everyone: Sequence[str]) -> str:
    """Make the tag of an order: the same one, planned again, is the same campaign.

    Dates of parts are left out: they move when a plan for `--now` is made again,
    and the same people would be called twice.
    """
    what = {**asdict(order), "at": _said(order.at), "recipients": list(everyone)}
    what["preview"] = ""  # where it was written is no part of what is heard
    if not order.again:  # tags from before there was such a word stay what they were
        del what["again"]
    if order.content_sha256:  # the same bytes under another address are the same
        what |= {"link": "", "content_id": ""}
    number = int.from_bytes(_digest(what)[:8])
    digits = (number >> _BITS * place & 31 for place in range(_TAG_CHARS))
    return "".join(_ALPHABET[digit] for digit in digits)


def _digest(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _said(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
