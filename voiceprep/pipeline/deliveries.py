"""The sending half of a batch: what is prepared goes out, and is told."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voiceprep.batch import events as on
from voiceprep.errors import AuthError, LedgerError, UnavailableError
from voiceprep.ledger import State
from voiceprep.pipeline.outbox import Outbox
from voiceprep.pipeline.parcels import ChangedError, Parcel
from voiceprep.pipeline.results import shown
from voiceprep.pipeline.sending import Sender, kind_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from voiceprep.client import Client
    from voiceprep.ledger import Ledger, Recording
    from voiceprep.pipeline.folder import Order
    from voiceprep.pipeline.outbox import Sent

__all__ = ["TURN_S", "Course", "Deliveries"]

TURN_S: Final = 0.5  # of waiting, between two looks at what else there is
SAID_AGAIN_S: Final = 10.0  # what is waited for
MISSES: Final = 3  # [ours] times in a row that nobody is reached, until it is left
_UNSENT: Final = {State.PREPARED, State.SENDING, State.UNKNOWN, State.FAILED}


@dataclass(slots=True)
class Course:
    """Say whether a batch goes on: until it is told to stop, or trouble ends it.

    >>> from threading import Event
    >>> Course(Event()).goes_on()
    True
    """

    stop: threading.Event
    trouble: Exception | None = None

    def goes_on(self) -> bool:
        """Say whether anything may still begin."""
        return self.trouble is None and not self.stop.is_set()

    def end(self, trouble: Exception) -> None:
        """End it; the first trouble is the one to tell."""
        self.trouble = self.trouble or trouble


@dataclass(slots=True)
class Deliveries:
    """Send what is prepared, where there is an account to send to.

    Parameters
    ----------
    order : Order
    out : str
        Its output, as a place.
    ledger : Ledger
    client : Client or None
    sink : callable
        Takes events.
    clock : callable
        Unix time in seconds.
    course : Course
    """

    order: Order
    out: str
    ledger: Ledger
    client: Client | None
    sink: Callable[[on.Event], None]
    clock: Callable[[], float]
    course: Course
    _sender: Sender | None = None
    _outbox: Outbox | None = None
    _given_up: set[str] = field(default_factory=set)
    _stale: set[int] = field(default_factory=set)
    _renewed: set[int] = field(default_factory=set)
    _waited_for: str = ""
    _said_at: float = 0.0
    _has_left: bool = False  # what is in the ledger alone, to be sent in this round
    away: UnavailableError | None = None  # it was left, for this round
    delivered: int = 0

    @property
    def account(self) -> str:
        """Return the ledger's word for the account, also of earlier uploads."""
        return self.order.account if self.client is None else self.client.account

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Send in threads while the block lasts; what they have begun is waited for.

        Whoever ends at once (a second Ctrl-C) waits for nothing: the ledger knows what
        was begun, and no turn is given back while it may go on.
        """
        if self.client is not None:
            self._sender = Sender(
                self.ledger,
                self.client,
                self.account,
                lookup_gap_s=self.order.lookup_gap_s,
                upload_limit_s=self.order.upload_limit_s,
            )
            self._outbox = Outbox(self._sender)
        try:
            yield
        except Exception:
            self._close()
            raise
        self._close()

    def _close(self) -> None:
        if self._outbox is not None:
            self._outbox.close()
        if self._sender is not None:
            self._sender.close()

    def holds(self, recording: Recording) -> str:
        """Say why a prepared recording is not uploaded, or ""."""
        if self.client is None:
            return ""
        if self.order.strict and recording.made.verdict == "fit_with_warnings":
            return "held back for its warnings (--strict)"
        approves = self.order.approves
        if approves is None or approves(recording):
            return ""
        rejection = self.order.rejection and self.order.rejection(recording)
        return rejection or "held back: nobody approved it"

    def put(self, recording: Recording, *, again: bool = False) -> None:
        """Take a prepared recording to be sent, or tell why not, the first time.

        While the platform is away, the ledger keeps what is too much for memory.
        """
        if self._outbox is None:
            return
        if reason := self.holds(recording):
            path = shown(recording.place)
            if not again:
                self.sink(on.Held(at=self.clock(), path=path, message=reason))
            return
        while self._outbox.is_full and not self._outbox.away and self.course.goes_on():
            self.read(TURN_S)
        if not self.course.goes_on():
            return  # the ledger knows it, for the next run
        if self.away is not None or (self._outbox.is_full and self._outbox.away):
            self._has_left = True
            return
        self._outbox.add(Parcel.of(recording))

    def resume(self) -> None:
        """Begin a round: a platform that was away is tried anew."""
        self.away, self._has_left = None, False
        if self._outbox is not None:
            self._outbox.resume()

    def put_unsent(self, *, again: bool = False) -> None:
        """Take what was prepared before: by an earlier run, or by one that died."""
        if self._outbox is None:
            return
        unsent = self.ledger.recordings(self.out, self.account, states=_UNSENT)
        for recording in unsent:
            if not self.course.goes_on():
                return
            if recording.made.state is not State.PREPARED:
                continue
            tag = recording.made.tag
            if tag not in self._given_up and tag not in self._outbox.tags:
                self.put(recording, again=again)

    def finish(self) -> None:
        """Send until nothing is left, or nothing more may begin."""
        self._drain()
        while self._has_left and self.away is None and self.course.goes_on():
            self._has_left = False
            self.put_unsent(again=True)
            self._drain()

    def _drain(self) -> None:
        while self._outbox:
            if self.away is not None or not self.course.goes_on():
                self._outbox.drop()
            if self._outbox.waits_for is not None and not self._outbox.away:
                seconds, reason = self._outbox.waits_for
                self.wait_for(reason, seconds)
            self.read(TURN_S)

    def stale(self) -> set[int]:
        """Take the recordings whose files in OUT are no longer those prepared."""
        stale = self._stale - self._renewed
        self._stale.clear()
        self._renewed |= stale
        return stale

    def read(self, patience_s: float = 0.0) -> None:
        """Read what was sent."""
        if self._outbox is not None:
            for sent in self._outbox.ended(patience_s):
                self._tell(sent)
            if self._outbox.away and self.away is None:
                self._miss(self._outbox.away, self._outbox.misses)

    def _miss(self, said: str, misses: int) -> None:
        """Say that the platform is away; after some tries leave it."""
        if misses < MISSES:
            self.wait_for(f"the platform is away ({said}); it is tried again")
            return
        self.away = UnavailableError(
            f"the platform is away ({said}); what is prepared is kept for the next run"
        )
        self.wait_for("the platform is still away; no more is tried in this run")

    def wait_for(self, reason: str, seconds: float | None = None) -> None:
        """Say what is waited for, and again every ten seconds."""
        now = time.monotonic()
        if reason == self._waited_for and now - self._said_at < SAID_AGAIN_S:
            return
        self._waited_for, self._said_at = reason, now
        most_s = seconds if seconds is not None and seconds >= 1 else None
        self.sink(on.Waiting(at=self.clock(), message=reason, seconds=most_s))

    def _tell(self, sent: Sent) -> None:
        """Tell what became of an upload; refused credentials end it all."""
        path, now = shown(sent.parcel.place), self.clock()
        if sent.delivery is not None:
            self.delivered += 1
            upload, how = sent.delivery.upload, sent.delivery.how
            number, url = upload.content_id or "", upload.url_encoded
            told = on.Uploaded(at=now, path=path, id=number, url_encoded=url, how=how)
            self.sink(told)
            if upload.reason:  # a doubt
                self.sink(on.Waiting(at=now, message=upload.reason))
            return
        error = sent.error
        if isinstance(error, ChangedError) and sent.parcel.id not in self._renewed:
            self._stale.add(sent.parcel.id)
            return
        if isinstance(error, LedgerError):
            raise error
        if isinstance(error, AuthError):
            self.course.end(error)
        self._given_up.add(sent.parcel.tag)
        assert error is not None  # noqa: S101 (one of them is)
        kind, message = kind_of(error), str(error)
        self.sink(on.Failed(at=now, path=path, kind=kind, message=message))
