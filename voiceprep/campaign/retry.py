"""Who may be tried again: calls that failed for what may pass, and under the cap.

On the safe side throughout: who was reached, who may have been, who asked for no more
calls and whom nobody can reach is not called again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["REASONS", "Coming", "Failed", "History", "Sorted", "passes", "sorted_out"]

# Words for what passes, in the platform's descriptions (R40: "voice busy"), and for
# what does not; ours, by the words' sense. What none of them says is not retried
# unless a person names it.
PASSING: Final = ("busy", "no answer", "unavailable", "full", "congestion", "occup")
_STOPPED: Final = "cancel"  # by `mailing stop`, or on the platform
LASTING: Final = (
    "unknown number",
    "invalid",
    "rejected",
    "refused",
    "blocked",
    _STOPPED,
)

REASONS: Final = {  # why somebody is not tried again → what a person reads
    "open": "the call has not ended",
    "reached": "was reached",
    "unknown": "may have been reached: the platform does not know",
    "optout": "asked for no more calls",
    "stopped": "was stopped before it was made",
    "lasting": "the reason would not pass",
    "unclear": "the platform's words are none that we know; --reason admits them",
    "called_since": "was called by a later mailing",
    "coming": "is going to be called by another mailing",
    "too_often": "called as often as the cap allows",
    "no_number": "the platform told no number",
    "duplicate": "stands in the list already",
}

_STATES: Final = {"wait": "open", "on": "open", "ok": "reached", "no": "unknown"}
# What one call came to that keeps every other call to its number from being repeated.
_SETTLING: Final = frozenset({"open", "reached", "unknown", "lasting"})


@dataclass(frozen=True, slots=True)
class Failed:
    """Hold a call as it ended.

    Parameters
    ----------
    message : str
        Its id.
    recipient : str or None
        E.164. Not in the ``repr``.
    state : str
    description : str or None
        The platform's words.
    since : float or None
        Unix time at which it ended.
    """

    message: str
    recipient: str | None = field(repr=False)
    state: str
    description: str | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Hold a call that is still to come.

    Parameters
    ----------
    name : str
        Of its campaign.
    at : float or None
        Unix time; None where nobody knows.
    """

    name: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Say what is known of people beside the campaign itself.

    Parameters
    ----------
    optouts : collection of str
        Who asked for no more calls.
    later : mapping
        Number → Unix time of the last call to it of any other campaign that was made,
        or may have been.
    called : mapping
        Number → calls in the days of the cap.
    cap : int
        Calls that one person may get in those days.
    coming : mapping
        Number → the next call of any other campaign that is still to be made.
    """

    optouts: Collection[str]
    later: Mapping[str, float]
    called: Mapping[str, int]
    cap: int
    coming: Mapping[str, Coming] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Hold who may be tried again, and how many may not, by reason.

    Parameters
    ----------
    again : tuple of Failed
    left_out : mapping
        Reason → how many.
    coming : mapping
        Of those who are going to be called: by what → how many.
    """

    again: tuple[Failed, ...]
    left_out: Mapping[str, int]
    coming: Mapping[Coming, int] = field(default_factory=dict)


def sorted_out(
    calls: Iterable[Failed], history: History, admitted: Collection[str] = ()
) -> Sorted:
    """Choose the calls that may be tried again.

    Several calls to one number, as of waves of one name, are one person's: whoever was
    reached by one of them is not called for the sake of another.

    Parameters
    ----------
    calls : iterable of Failed
        Of one campaign.
    history : History
    admitted : collection of str
        Words in descriptions that a person takes for what passes.

    >>> calls = [Failed("1", "+331", "ko", "voice busy"), Failed("2", "+332", "ok")]
    >>> told = sorted_out(calls, History((), {}, {"+331": 1}, cap=3))
    >>> [each.message for each in told.again], dict(told.left_out)
    (['1'], {'reached': 1})
    """
    again: dict[str, Failed] = {}
    settled: dict[str, str] = {}
    left_out: Counter[str] = Counter()
    coming: Counter[Coming] = Counter()
    for call in calls:
        reason = _reason(call, history, admitted)
        number = call.recipient or ""
        if reason in _SETTLING:
            settled[number] = reason
        if not reason and number in again:
            reason = "duplicate"
        if reason:
            left_out[reason] += 1
            coming.update([history.coming[number]] if reason == "coming" else ())
        else:
            again[number] = call
    for number in again.keys() & settled.keys():
        del again[number]
        left_out[settled[number]] += 1
    return Sorted(tuple(again.values()), dict(left_out), dict(coming))


def passes(description: str | None, admitted: Collection[str] = ()) -> bool | None:
    """Say whether a reason may pass; None where nobody can say.

    >>> passes("voicemail full"), passes("voice unknown number"), passes("voice E17")
    (True, False, None)
    """
    words = (description or "").lower()
    if any(each.lower() in words for each in admitted):
        return True
    if any(each in words for each in LASTING):
        return False
    return True if any(each in words for each in PASSING) else None


def _lasting(description: str | None) -> str:
    """Name what keeps a call that failed from being tried again."""
    if _STOPPED in (description or "").lower():
        return "stopped"
    return "unclear" if passes(description) is None else "lasting"


def _reason(call: Failed, history: History, admitted: Collection[str]) -> str:
    """Name what keeps a call from being tried again; or nothing."""
    if reason := _STATES.get(call.state, ""):
        return reason
    number = call.recipient
    if not number:
        return "no_number"
    if number in history.optouts:
        return "optout"
    if not passes(call.description, admitted):
        return _lasting(call.description)
    return _spared(number, call.since or 0.0, history)


def _spared(number: str, since: float, history: History) -> str:
    """Name what other calls keep a number from being tried again; or nothing."""
    if history.later.get(number, 0.0) > since:
        return "called_since"
    if number in history.coming:
        return "coming"
    return "too_often" if history.called.get(number, 0) >= history.cap else ""
