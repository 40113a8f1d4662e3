"""Make the plan of a campaign, and read it again. Nothing is sent here."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from voiceprep.campaign.contacts import CALLED_ALREADY, UNKNOWN_ZONE
from voiceprep.campaign.plan import Order, Plan, of_json, planned
from voiceprep.campaign.windows import Calendar
from voiceprep.contract import ACCOUNT_ZONE, VOICE
from voiceprep.errors import SettingsError
from voiceprep.ledger import DOUBTFUL, UNSENT, CallState
from voiceprep.pipeline.contacts import check_contacts
from voiceprep.pipeline.heard import heard
from voiceprep.pipeline.left_out import LeftOut, leaving_out
from voiceprep.pipeline.optouts import ask_for_optouts, optouts
from voiceprep.pipeline.repeats import called_already, called_near
from voiceprep.pipeline.whole import whole_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voiceprep.campaign.contacts import Contact
    from voiceprep.client import Client
    from voiceprep.ledger import Campaign, Ledger
    from voiceprep.pipeline.contacts import Asked, Checked, Held
    from voiceprep.pipeline.heard import Heard

__all__ = [
    "Cap",
    "Made",
    "Wish",
    "file_of",
    "instant",
    "make_plan",
    "read_plan",
    "slug",
]

DEFAULT_WINDOW: Final = "fr-weekdays"
_VXML: Final = ".vxml"
_MAX_BYTES: Final = 1 << 28  # ours: a plan for a million people has 20 MB
_UNFINISHED: Final = UNSENT | DOUBTFUL


@dataclass(frozen=True, slots=True)
class Cap:
    """Say how often one person may be called: so many times in so many days.

    >>> Cap.read("4/30")
    Cap(calls=4, days=30)
    """

    calls: int
    days: int

    @classmethod
    def read(cls, text: str) -> Cap:
        """Read ``CALLS/DAYS``.

        Raises
        ------
        SettingsError
        """
        if found := re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text):
            return cls(int(found[1]), int(found[2]))
        raise SettingsError(f"--cap is {text!r}; it is CALLS/DAYS, such as 4/30")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Say what a campaign is to be, as a person does.

    Parameters
    ----------
    content : str
        A link, an id, a tag, or the path of a recording that was uploaded.
    contacts : Asked
        With the media.
    name : str
    at : datetime or None
        When to begin; None is now.
    ping_url, window, windows : str
        The last is a file of windows; ``""`` is the one that comes with voiceprep.
    cap : Cap or None
    again : bool
        Whether people whom campaigns of this name call already are called again.
    """

    content: str
    contacts: Asked
    name: str
    at: datetime | None
    ping_url: str = ""
    window: str = DEFAULT_WINDOW
    windows: str = ""
    cap: Cap | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """Hold a plan that was made, and what it was made of.

    Parameters
    ----------
    plan : Plan
    path : Path or None
        Of its file; None where none was written.
    heard : Heard
    checked : Checked
        Of the list of contacts.
    near : mapping
        Other campaigns that call some of the same people within a day → how many.
    windows : tuple of str
        Names of the windows that there are.
    left_out : Path or None
        Of the list that names who is not called; None where there is none.
    """

    plan: Plan
    path: Path | None
    heard: Heard
    checked: Checked
    near: Mapping[str, int]
    windows: tuple[str, ...]
    left_out: Path | None = None


def make_plan(
    client: Client,
    ledger: Ledger,
    wish: Wish,
    *,
    now: datetime,
    path: Path | None = None,
    write: bool = True,
    played: Heard | None = None,
) -> Made:
    """Plan a campaign; write the plan, what will be heard, and who is left out.

    Parameters
    ----------
    client : Client
        Reads the content; nothing is sent.
    ledger : Ledger
        Knows whom earlier campaigns called.
    now : datetime
        With an offset.
    path : Path or None
        Of the plan; None names it after the campaign.
    write : bool
        Whether to write it.
    played : Heard or None
        What the content plays, where that is known already.

    Raises
    ------
    SettingsError
        If it can't be planned, a campaign of this name is half sent, or the file
        is no plan, or one that was sent.
    PlatformError, OSError
    """
    played = played or heard(client, wish.content, wish.contacts.media)
    calendar = Calendar.load(wish.windows or None)
    ask_for_optouts(client, ledger)
    held = (*wish.contacts.held, *_held(ledger, client.account, wish, now))
    contacts = replace(wish.contacts, held=held)
    with leaving_out() as left_out:
        checked, numbers = _sorted(contacts, calendar, wish.window, left_out)
        _check_left(wish, numbers, left_out.reasons)
        order, skipped = _order(wish, played, now), left_out.reasons
        plan = planned(order, numbers, calendar, now=now, skipped=skipped)
        _check_finished(ledger, client.account, plan)
        place = path or file_of(plan)
        _check_replaceable(ledger, place, plan)
        near = called_near(ledger, client.account, plan, now)
        made = Made(plan, None, played, checked, near, tuple(calendar.windows))
        if not write:
            return made
        plan = _written(place, plan, played)
        names = _beside(place, "skipped.csv")
        is_any = left_out.write(names, checked.columns)
        return replace(made, plan=plan, path=place, left_out=names if is_any else None)


def _sorted(
    contacts: Asked, calendar: Calendar, window: str, left_out: LeftOut
) -> tuple[Checked, list[str]]:
    """Return the numbers to call; note the others."""
    hours = calendar.window(window)
    numbers: list[str] = []

    def keep(contact: Contact) -> None:
        if contact.reason:
            left_out.add(contact)
        elif calendar.tells(hours, contact.verdict.number):
            numbers.append(contact.verdict.number)
        else:
            left_out.add(replace(contact, reason=UNKNOWN_ZONE))

    return check_contacts(contacts, each=keep), numbers


def read_plan(path: str | Path) -> Plan:
    """Read a plan's file.

    Raises
    ------
    SettingsError
        If it is no plan, or was altered since it was made.
    OSError

    >>> read_plan("samples/README.md")
    Traceback (most recent call last):
    voiceprep.errors.SettingsError: samples/README.md is no plan of voiceprep
    """
    try:
        with Path(path).open("rb") as file:
            told = json.loads(file.read(_MAX_BYTES))
        return of_json(told)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path} is no plan of voiceprep") from error


def file_of(plan: Plan) -> Path:
    """Name a plan's file after its campaign; another plan has another name."""
    return Path(f"{slug(plan.order.name)}-{plan.tag}.plan.json")


def slug(name: str) -> str:
    """Return a campaign's name as files are named.

    >>> slug("Relance d'été, n° 2")
    'relance-d-ete-n-2'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60] or "campaign"


def instant(text: str) -> datetime:
    """Read when to begin; without an offset it is the account's clock (R37).

    Raises
    ------
    SettingsError
        If it is no date, or one that clocks show twice or never.

    >>> instant("2026-12-01T10:00").isoformat()
    '2026-12-01T10:00:00+01:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"--at is {text!r}; it is a date such as 2026-12-01T10:00"
        ) from error
    if at.tzinfo is not None:
        return at
    local = at.replace(tzinfo=ZoneInfo(ACCOUNT_ZONE))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise SettingsError(
            f"--at {text}: clocks change then in {ACCOUNT_ZONE}; add an offset, such "
            f"as {local.isoformat()}"
        )
    return local


def _check_left(wish: Wish, numbers: Sequence[str], skipped: Mapping[str, int]) -> None:
    """Say it where nobody is left because all of them are called already."""
    count = skipped.get(CALLED_ALREADY, 0)
    if count and not numbers:
        raise SettingsError(
            f"a campaign {wish.name.strip()!r} calls {count:,} of these people "
            "already, and nobody else is left: nothing was planned; say --again to "
            "call them twice"
        )


def _order(wish: Wish, played: Heard, now: datetime) -> Order:
    """Choose link and type by the media (R32, R33)."""
    is_vxml = played.link.lower().endswith(_VXML)
    typed = "vxml" if is_vxml else "wav"
    verified = played.is_verified
    return Order(
        name=wish.name.strip(),
        media=wish.contacts.media,
        link=played.link,
        type=typed if wish.contacts.media == VOICE else "",
        at=wish.at,
        window=wish.window,
        content_id=played.content.id if played.content else "",
        content_sha256=played.sha256 if verified else "",
        ping_url=wish.ping_url,
        again=now.isoformat() if wish.again else "",
    )


def _check_finished(ledger: Ledger, account: str, plan: Plan) -> None:
    """Refuse another plan of what is half sent: its people would be called again."""
    for campaign in ledger.calls.named(account, plan.order.name):
        is_other = campaign.name != plan.campaign and _plays(campaign, plan.order)
        if campaign.is_stopped or not is_other:
            continue
        rows = [
            each
            for each in ledger.calls.mailings(account, campaign.name)
            if not each.is_test
        ]
        states = {each.state for each in rows}
        if states & _UNFINISHED and states & {CallState.ORDERED, *DOUBTFUL}:
            raise SettingsError(
                f"{campaign.name!r} is half sent: go on with its plan (`mailing send`, "
                "with --now where its time has passed), or end it with `voiceprep "
                "mailing stop`; another plan would call the same people again"
            )


def _check_replaceable(ledger: Ledger, place: Path, plan: Plan) -> None:
    """Keep what is no plan, and a plan that was sent: it goes on by its file alone."""
    if not place.is_file() or not place.stat().st_size:
        return
    try:
        there = read_plan(place)
    except SettingsError as error:
        raise SettingsError(
            f"{error}: it is not written over; say -o with another name"
        ) from error
    is_other = _mailings(there) != _mailings(plan)
    if is_other and ledger.calls.may_have_called(there.campaign):
        raise SettingsError(
            f"{place} is the plan of {there.campaign!r}, of which calls were ordered: "
            "it is kept to go on with; say -o with another name"
        )


def _mailings(plan: Plan) -> list[tuple[str, int, frozenset[str]]]:
    """Return what the ledger knows mailings by: a list in another order has others."""
    return [
        (plan.campaign, part.number, frozenset(part.recipients)) for part in plan.parts
    ]


def _plays(campaign: Campaign, order: Order) -> bool:
    if order.content_sha256 and campaign.content_sha256:
        return campaign.content_sha256 == order.content_sha256
    return campaign.link == order.link


def _held(ledger: Ledger, account: str, wish: Wish, now: datetime) -> Iterator[Held]:
    """Yield what keeps good numbers from being called: what earlier calls came to."""
    yield "optout", optouts(ledger).__contains__
    if not wish.again:
        called = called_already(ledger, account, wish.name, now)
        yield CALLED_ALREADY, called.__contains__
    if (cap := wish.cap) is not None:
        since = (now - timedelta(days=cap.days)).timestamp()
        counts = ledger.calls.called_since(account, since)
        most = cap.calls
        yield "too_often", lambda number: counts[number] >= most


def _beside(path: Path, what: str) -> Path:
    """Name a file that belongs to a plan: a.plan.json has a.preview.wav."""
    name = path.name.removesuffix(".json").removesuffix(".plan")
    return path.with_name(f"{name}.{what}")


def _written(path: Path, plan: Plan, played: Heard) -> Plan:
    """Write what will be heard, then the plan that names it: each appears whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if played.stored:
        preview = _beside(path, "preview.wav")
        with whole_bytes(preview) as file:
            played.write_preview(file)
        plan = replace(plan, order=replace(plan.order, preview=str(preview)))
    text = json.dumps(plan.as_json(), indent=1)
    with whole_bytes(path) as file:
        file.write(f"{text}\n".encode())
    return plan
