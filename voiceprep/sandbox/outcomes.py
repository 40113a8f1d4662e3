"""How each call ends: seeded dice, or a number that always ends the same way.

Pure: the same seed, message and number give the same outcome, on every machine and
after every restart. Shares, times and words are ours; the platform documents none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from voiceprep.contract import VOICE, VOICEMAIL

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENDINGS", "MAGIC", "Ending", "Outcome", "magic", "outcome"]

CALLS_PER_S: Final = 20  # [ours] of one mailing that are begun
AGAIN_AFTER_S: Final = 30.0  # [ours] until the next attempt
SLOW_S: Final = 600.0  # [ours] what the slow number takes longer
LISTENED_S: Final = 15  # [ours] where the recording's own length isn't known
OPTOUT_SHARE: Final = 0.02  # [ours] of answered calls, VOICE only (R42)


@dataclass(frozen=True, slots=True)
class Ending:
    """Describe one way for a call to end.

    Parameters
    ----------
    state : str
        A final one (R40).
    shares : mapping of str to int
        By media: how many of 100 end so by default.
    words : mapping of str to str
        By media: the description that goes with it (R40).
    takes_s : tuple of float
        The least and the most seconds of one attempt, listening left out.
    attempts : tuple of int
        The least and the most.
    heard : bool
        Whether somebody, or a machine, listens.
    """

    state: str
    shares: Mapping[str, int]
    words: Mapping[str, str]
    takes_s: tuple[float, float]
    attempts: tuple[int, int] = (1, 1)
    heard: bool = False


def _both(voice: str, voicemail: str) -> dict[str, str]:
    return {VOICE: f"voice {voice}", VOICEMAIL: f"voicemail {voicemail}"}


def _shares(voice: int, voicemail: int) -> dict[str, int]:
    return {VOICE: voice, VOICEMAIL: voicemail}


ENDINGS: Final[Mapping[str, Ending]] = {
    "delivered": Ending(
        "ok",
        _shares(76, 85),
        _both("delivered", "delivered"),
        (4.0, 18.0),
        heard=True,
    ),
    "busy": Ending(
        "ko", _shares(6, 1), _both("busy", "busy"), (2.0, 5.0), attempts=(2, 3)
    ),
    "no answer": Ending(
        "ko",
        _shares(10, 4),
        _both("no answer", "unavailable"),
        (25.0, 30.0),
        attempts=(2, 3),
    ),
    "full": Ending("ko", _shares(2, 6), _both("rejected", "full"), (3.0, 8.0)),
    "unknown number": Ending(
        "ko", _shares(5, 3), _both("unknown number", "unknown number"), (1.0, 3.0)
    ),
    "lost": Ending(
        "no", _shares(1, 1), _both("status unknown", "status unknown"), (40.0, 60.0)
    ),
}


@dataclass(frozen=True, slots=True)
class Magic:
    """Describe a number that always ends in one way."""

    ending: str
    about: str
    optout: bool = False
    attempts: int | None = None
    slow_s: float = 0.0


# By the last digit of a magic number; docs/sandbox.md shows the table.
MAGIC: Final[Mapping[str, Magic]] = {
    "1": Magic("delivered", "reached at once"),
    "2": Magic("busy", "busy at every attempt"),
    "3": Magic("unknown number", "no such number"),
    "4": Magic("no answer", "nobody answers; no mailbox"),
    "5": Magic("lost", "the outcome stays unknown: state `no`"),
    "6": Magic("delivered", "reached, and opts out (VOICE)", optout=True),
    "7": Magic("delivered", "reached, ten minutes later", slow_s=SLOW_S),
    "8": Magic("delivered", "reached at the third attempt", attempts=3),
    "9": Magic("full", "rejects the call; its mailbox is full"),
}
# ARCEP's numbers for works of fiction belong to nobody: +33 6 39 98 00 01 (mobile),
# +33 1 99 00 00 01 (fixed). Any other number that ends in 000 000 N is magic too.
_MAGIC_NUMBER: Final = re.compile(
    r"\+33(?:63998|19900|26191|35301|46571|53649)000([1-9])|\+\d+000000([1-9])"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say when a call begins and ends, and how.

    Parameters
    ----------
    starts_s : float
        After it was due: the state becomes `on`.
    ends_s : float
        After it began: the state becomes final.
    state, description : str
        The final ones.
    duration : int
        Whole seconds that were listened to.
    attempts : int
    optout : bool
    """

    starts_s: float
    ends_s: float
    state: str
    description: str
    duration: int
    attempts: int
    optout: bool


def magic(recipient: str) -> Magic | None:
    """Return what a number always does, or None where dice decide.

    >>> magic("+33639980002").ending, magic("+33612345678")
    ('busy', None)
    """
    found = _MAGIC_NUMBER.fullmatch(recipient)
    return MAGIC[found[1] or found[2]] if found else None


def outcome(
    seed: int,
    message: int,
    media: str,
    recipient: str,
    position: int = 0,
    sound_s: int | None = None,
) -> Outcome:
    """Decide one call.

    Parameters
    ----------
    seed : int
        Of the sandbox.
    message : int
        Its id.
    media : str
        VOICE or VOICEMAIL.
    recipient : str
        E.164.
    position : int
        Among the contacts of its mailing, from 0: they are begun one by one.
    sound_s : int or None
        How long the recording plays.

    Returns
    -------
    Outcome

    >>> done = outcome(0, 1, "VOICE", "+33639980001", sound_s=12)
    >>> done.state, done.description, done.duration
    ('ok', 'voice delivered', 12)
    >>> outcome(0, 1, "VOICEMAIL", "+33639980009").description
    'voicemail full'
    """
    dice = Random(f"{seed}:{message}")  # noqa: S311 (a simulation's dice, no secrets)
    always = magic(recipient)
    ending = ENDINGS[always.ending if always else _drawn(dice, media)]
    attempts = (always and always.attempts) or dice.randint(*ending.attempts)
    sound = LISTENED_S if sound_s is None else sound_s
    heard = _heard(dice, media, sound, whole=always is not None) if ending.heard else 0
    pauses_s = AGAIN_AFTER_S * (attempts - 1) + (always.slow_s if always else 0.0)
    return Outcome(
        starts_s=position / CALLS_PER_S + dice.uniform(0.0, 1.0),
        ends_s=attempts * dice.uniform(*ending.takes_s) + pauses_s + heard,
        state=ending.state,
        description=ending.words[media],
        duration=heard,
        attempts=attempts,
        optout=media == VOICE and heard > 0 and _opts_out(dice, always),
    )


def _drawn(dice: Random, media: str) -> str:
    """Draw an ending by the shares of a media."""
    shares = [ending.shares[media] for ending in ENDINGS.values()]
    return dice.choices(list(ENDINGS), weights=shares)[0]


def _heard(dice: Random, media: str, sound: int, *, whole: bool) -> int:
    """Return the seconds listened to: a machine hears all, a person may hang up."""
    stays = whole or media == VOICEMAIL or dice.random() < 0.6
    return sound if stays else dice.randint(min(2, sound), sound)


def _opts_out(dice: Random, always: Magic | None) -> bool:
    return always.optout if always else dice.random() < OPTOUT_SHARE
