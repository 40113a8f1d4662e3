"""What is told of messages, and what is known of them: values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voiceprep.contract import CANCELLED, FINAL_STATES, STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORWARD", "Change", "Known", "Told"]

# From each state to those that it may move on to. `no` (unknown) may still come to
# be known; what is known to have ended never changes, whoever says so.
FORWARD: Final[Mapping[str, frozenset[str]]] = {
    "wait": frozenset({"on", "ok", "ko", "no"}),
    "on": frozenset({"ok", "ko", "no"}),
    "no": frozenset({"ok", "ko"}),
    "ok": frozenset(),
    "ko": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what the platform answered about one message.

    Parameters
    ----------
    id : str
    mailing_id : str or None
    state : str
        ``wait``, ``on``, ``ok``, ``ko`` or ``no`` (R40).
    campaign, media, description : str or None
        Its mailing's name; VOICE or VOICEMAIL; the platform's words.
    recipient : str or None
        E.164; not in the ``repr``.
    since : float or None
        Unix time at which it came to its state.
    duration_s, attempts : int or None
    optout : bool

    >>> Told("91", "42", "ko").is_final
    True
    """

    id: str
    mailing_id: str | None
    state: str
    campaign: str | None = None
    recipient: str | None = field(default=None, repr=False)
    media: str | None = None
    description: str | None = None
    since: float | None = None
    duration_s: int | None = None
    attempts: int | None = None
    optout: bool = False

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more is waited for."""
        return self.state in FINAL_STATES

    @property
    def never_rang(self) -> bool:
        """Tell whether it was stopped before the call was made.

        >>> Told("91", "42", "ko", description="voice cancelled").never_rang
        True
        """
        words = (self.description or "").lower()
        return self.state == "ko" and words.endswith(CANCELLED) and not self.attempts

    @property
    def is_readable(self) -> bool:
        """Tell whether its state is one that the contract knows (R40)."""
        return self.state in STATES


@dataclass(frozen=True, slots=True)
class Known(Told):
    """Hold a row of the table of truth.

    Parameters
    ----------
    learnt_at : float
        Unix time.
    learnt_by : str
        ``ping``, ``watch``, ``sweep``, ``stats``, ``stop`` or ``plan``.
    disputed : str or None
        Another final state that the platform told later.
    gone_at : float or None
        Unix time since when the platform lacks it; None where it is there.
    """

    learnt_at: float = 0.0
    learnt_by: str = ""
    disputed: str | None = None
    gone_at: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Hold a message that moved on.

    Parameters
    ----------
    before : str or None
        The state that was known; None where the message was not.
    told : Told
        What is known now.
    """

    before: str | None
    told: Told
