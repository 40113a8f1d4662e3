"""What a ping is, which calls pay for some, and what came of a call: values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from voiceprep.contract import PING_ID, PING_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Attempt", "Call", "Owed", "Patience", "answered", "calls_of", "failed"]

IDS_AT_ONCE: Final = 100  # [ours] in one `#ids#`


@dataclass(frozen=True, slots=True)
class Patience:
    """Say how long receivers are waited for, in real seconds.

    Parameters
    ----------
    backoff_s : tuple of float
        After each try that failed; then the ping is given up.
    timeout_s : float
        For connecting, and for each part of an answer.
    deadline_s : float
        For a whole call.
    """

    backoff_s: tuple[float, ...] = (0.5, 2.0, 8.0)  # [ours], as are all of these
    timeout_s: float = 2.0
    deadline_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Owed:
    """Hold one ping that is owed: a message came to a state."""

    ping: int
    message: int
    mailing: int
    url: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one GET and the pings that it pays."""

    url: str
    pings: tuple[Owed, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Tell what came of one GET: a status, or what was in the way."""

    number: int  # counted from 1, since the start
    at: str
    url: str
    messages: tuple[int, ...]
    status: int | None
    trouble: str | None
    took_ms: int
    final: bool  # no retry would change it

    @property
    def went(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


def calls_of(owed: Iterable[Owed]) -> Iterator[Call]:
    """Make the calls that pay pings: one each for `#id#`, else some at once (R39).

    The patterns are replaced as text, before anybody parses the URL: `#` would
    start a fragment.

    >>> some = [Owed(1, 7, 1, "http://h/?m=#ids#"), Owed(2, 8, 1, "http://h/?m=#ids#")]
    >>> [call.url for call in calls_of(some)]
    ['http://h/?m=7,8']
    """
    together: dict[tuple[int, str], list[Owed]] = {}
    for one in owed:
        if PING_ID in one.url:
            yield Call(_filled(one.url, [one]), (one,))
        else:
            together.setdefault((one.mailing, one.url), []).append(one)
    for (_, url), some in together.items():
        for first in range(0, len(some), IDS_AT_ONCE):
            batch = some[first : first + IDS_AT_ONCE]
            yield Call(_filled(url, batch), tuple(batch))


def _filled(url: str, batch: Sequence[Owed]) -> str:
    """Put ids for the patterns; a message of two changes is named once."""
    ids = dict.fromkeys(str(one.message) for one in batch)
    return url.replace(PING_IDS, ",".join(ids)).replace(PING_ID, next(iter(ids)))


def answered(call: Call, status: int, took_s: float) -> Attempt:
    """Tell of a call that was answered; only 2xx pays.

    >>> answered(Call("http://h/", ()), 302, 0.1).trouble
    'answered 302 (a redirect is not followed)'
    """
    ok = 200 <= status < 300
    redirect = " (a redirect is not followed)" if 300 <= status < 400 else ""
    trouble = None if ok else f"answered {status}{redirect}"
    return _told(call, status, trouble, took_s)


def failed(
    call: Call, error: Exception, *, took_s: float = 0.0, final: bool = False
) -> Attempt:
    """Tell of a call that got no answer; a `final` trouble would stay."""
    reason = str(error) or type(error).__name__
    return _told(call, None, reason[:200], took_s, final=final)


def _told(
    call: Call,
    status: int | None,
    trouble: str | None,
    took_s: float,
    *,
    final: bool = False,
) -> Attempt:
    return Attempt(
        number=0,  # is given where attempts are gathered
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        url=call.url,
        messages=tuple(owed.message for owed in call.pings),
        status=status,
        trouble=trouble,
        took_ms=round(took_s * 1_000),
        final=final,
    )
