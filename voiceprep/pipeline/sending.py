"""Upload prepared bytes once: the ledger before, the platform's word after.

What becomes of an upload is a step from each of the ledger's states. An outcome that
is unclear is looked up by our tag and adopted; it is sent again only when two looks, a
set time apart, found nothing, and the platform's own time limit has passed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from voiceprep import errors
from voiceprep.client.trouble import Fate, InterruptedCallError
from voiceprep.errors import (
    ContractError,
    OutcomeUnknownError,
    PlatformError,
    RefusedError,
    UnavailableError,
)
from voiceprep.ledger import State, Upload
from voiceprep.pipeline.parcels import Parcel, doubt_of, intact
from voiceprep.pipeline.places import path_of
from voiceprep.pipeline.turns import Turn, turn_of
from voiceprep.pipeline.uploader import LOOKUP_GAP_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceprep.client import Client, Content
    from voiceprep.ledger import Ledger

__all__ = [
    "LOOKUP_GAP_S",
    "UPLOAD_LIMIT_S",
    "Delivery",
    "Later",
    "Sender",
    "kind_of",
]

UPLOAD_LIMIT_S: Final = 60.0  # [ours] how long the platform may work on one; a setting
TRIES: Final = 5  # of either kind in one run, after which it is left for the next
_PAUSE_S: Final = 1.0  # before the second; doubled each time
_TOO_MANY: Final = 429
_TURN_S: Final = 0.2  # until another of the same bytes may have ended
_TAKEN: Final = "another run sends it"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Say that the platform has a parcel; `how`: sent, found, adopted or known."""

    upload: Upload
    how: str


@dataclass(frozen=True, slots=True)
class Later:
    """Say that a parcel must wait, how long, and for what.

    Parameters
    ----------
    seconds : float
    reason : str
    too_many : bool
        Whether the platform asked for fewer calls (429).
    most_s : float or None
        How long it may take in all, where more than one wait is likely.
    away : str
        What the network said where no byte left: nobody was reached.
    """

    seconds: float
    reason: str
    too_many: bool = False
    most_s: float | None = None
    away: str = ""


@dataclass(slots=True)
class _Trail:
    """Remember what this run saw of one upload."""

    tries: int = 0  # that did not come to an answer, and harmed nothing
    sends: int = 0  # whose outcome was unclear
    looks: int = 0  # that found nothing
    first_look_at: float = 0.0  # of those; of the ledger's clock


@dataclass(frozen=True, slots=True)
class Sender:
    """Send parcels to one account, from as many threads as wanted.

    Parameters
    ----------
    ledger : Ledger
    client : Client
    account : str
        The ledger's word for the platform and the client on it.
    lookup_gap_s, upload_limit_s : float
        Between two looks; how long the platform may work on an upload.
    """

    ledger: Ledger
    client: Client
    account: str
    lookup_gap_s: float = LOOKUP_GAP_S
    upload_limit_s: float = UPLOAD_LIMIT_S
    _busy: set[str] = field(default_factory=set, repr=False)
    _turns: dict[str, Turn] = field(default_factory=dict, repr=False)
    _trails: dict[str, _Trail] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, parcel: Parcel) -> Delivery | Later:
        """Bring a parcel one step further.

        Raises
        ------
        PlatformError
            Of the class that says who must act; the ledger knows.
        LedgerError
        """
        with self._alone(parcel) as alone:
            if not alone:
                return Later(_TURN_S, "the same bytes are on their way")
            upload = self.ledger.take(self.account, parcel.tag, parcel.key)
            if upload.state is State.UPLOADED:
                return Delivery(upload, "known")
            if not upload.mine:
                return Later(1.0, _TAKEN)
            # On a shared ledger, who began it may stand still for ever, with its turn:
            # what was begun is looked for in any case.
            was_begun = upload.state is State.UNKNOWN and self.ledger.is_shared
            if not self._has_turn(upload.tag) and not was_begun:
                return Later(_TURN_S, "another voiceprep sends the same bytes")
            told = None
            try:
                told = self._step(parcel, upload)
            finally:
                if not self._is_open(upload, told):
                    self._turns.pop(upload.tag, Turn()).end()
            return told

    def close(self) -> None:
        """Give back the turns of what is left unclear."""
        while self._turns:
            self._turns.popitem()[1].end()

    def _has_turn(self, tag: str) -> bool:
        """Say whether no other process of this machine sends the same bytes.

        With a ledger of its own, it knows nothing of ours.
        """
        turn = self._turns.get(tag) or turn_of(f"{self.client.account} {tag}")
        if turn is not None:
            self._turns[tag] = turn
        return turn is not None

    def _is_open(self, upload: Upload, told: Delivery | Later | None) -> bool:
        """Say whether an upload may be under way still: whoever looks finds nothing."""
        trail = self._trails.get(upload.tag)
        was_sent = trail is not None and bool(trail.sends)
        is_unclear = was_sent or upload.state is State.UNKNOWN
        return isinstance(told, Later) and told.reason != _TAKEN and is_unclear

    def look(self, parcel: Parcel) -> Delivery | None:
        """Look a parcel up and adopt what is there; never send it."""
        upload = self.ledger.take(self.account, parcel.tag, parcel.key)
        if not upload.mine or not (content := self._find(upload.tag)):
            return None
        return self._arrived(upload, content, "adopted")

    @contextmanager
    def _alone(self, parcel: Parcel) -> Iterator[bool]:
        """Let no two threads of this run work on the same upload."""
        own = {parcel.tag, parcel.key}
        with self._lock:
            free = not own & self._busy
            if free:
                self._busy.update(own)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._busy.difference_update(own)

    def _step(self, parcel: Parcel, upload: Upload) -> Delivery | Later:
        """Go on from where the upload stands; what can wait is tried again."""
        self._trails.setdefault(upload.tag, _Trail())
        if upload.state is State.REFUSED:
            raise RefusedError(f"{upload.reason} (`batch retry` tries it again)")
        is_unclear = upload.state is State.UNKNOWN
        looked_at = self.ledger.now() if is_unclear else 0.0
        try:
            content = self._find(upload.tag)
        except PlatformError as error:
            return self._unseen(upload, error)
        if content is not None:
            how = "adopted" if is_unclear else "found"
            return self._arrived(upload, content, how, doubt_of(parcel, content))
        if is_unclear and (later := self._patience(upload, looked_at)):
            return later
        try:
            return self._sent(parcel, upload)
        except UnavailableError as error:
            if _is_unclear(error):  # too often: it is left for the next run
                raise
            return self._again(upload, error)

    def _unseen(self, upload: Upload, error: PlatformError) -> Later:
        """Say when to look again; what was never sent fails for now."""
        try:
            return self._again(upload, error)
        except PlatformError:
            self._fail(upload, error)
            raise

    def _fail(self, upload: Upload, error: Exception) -> None:
        """Write why an upload that was never sent can't be, for now."""
        if upload.state is State.PREPARED:
            told = {"reason": str(error), "kind": kind_of(error)}
            self.ledger.end(self.account, upload.tag, State.FAILED, **told)

    def _again(self, upload: Upload, error: PlatformError) -> Later:
        """Say when to try again, or raise: not for ever, and not what stays so."""
        trail = self._trails[upload.tag]
        trail.tries += 1
        if trail.tries >= TRIES or not isinstance(error, UnavailableError):
            raise error
        pause_s = _PAUSE_S * 2 ** (trail.tries - 1)
        too_many = error.status == _TOO_MANY
        return Later(pause_s, str(error), too_many, away=_unreached(error))

    def _find(self, tag: str) -> Content | None:
        found = self.client.contents.read(tags=tag)
        return next((content for content in found if tag in content.tags), None)

    def _patience(self, upload: Upload, looked_at: float) -> Later | None:
        """Say when to look again, until an unclear upload may be sent again.

        That is when two looks, a set time apart, found nothing, the last of them after
        its sender and then the platform had their time. It is looked for in between
        too, ever more rarely: it may have arrived at once.
        """
        trail = self._trails[upload.tag]
        if not trail.looks or looked_at < trail.first_look_at:  # a clock set back
            trail.first_look_at = looked_at
        over_at = (upload.ends_at or 0.0) + self.upload_limit_s
        due = max(over_at, trail.first_look_at + self.lookup_gap_s)
        if trail.looks and looked_at >= due:
            trail.looks = 0
            return None
        trail.looks += 1
        pause_s = max(self.lookup_gap_s, _PAUSE_S) * 2 ** (trail.looks - 1)
        wait_s = min(due - looked_at, pause_s)
        reason = "an upload's outcome is unclear; looking for it"
        return Later(wait_s, reason, most_s=due - looked_at)

    def _sent(self, parcel: Parcel, upload: Upload) -> Delivery | Later:
        """Send what lies in OUT, if it still is what was prepared."""
        try:
            file = intact(parcel)
        except OSError as error:
            self._fail(upload, error)
            raise
        return self._posted(parcel, upload, file)

    def _posted(
        self, parcel: Parcel, upload: Upload, file: BinaryIO
    ) -> Delivery | Later:
        """Send: the intent before, the outcome after."""
        filename = path_of(parcel.outgoing).rpartition("/")[2]
        # Counted from before the intent: whoever takes over from a machine that froze
        # in between waits until this is over.
        deadline = self.client.deadline()
        if not self.ledger.begin(self.account, upload.tag, deadline.allowed_s).mine:
            return Later(0.0, _TAKEN)
        try:
            content = self.client.contents.create(
                file,
                name=path_of(parcel.name).rpartition("/")[2],
                filename=filename,
                mime_type="audio/wav",
                tags=list(dict.fromkeys((upload.tag, parcel.tag))),
                deadline=deadline,
            )
        except (PlatformError, OSError) as error:
            return self._failed(upload, error)
        return self._arrived(upload, content, "sent")

    def _failed(self, upload: Upload, error: PlatformError | OSError) -> Later:
        """Write what an error means for the upload; say when to look, or raise."""
        unclear = _is_unclear(error)
        to = State.UNKNOWN if unclear else State.FAILED
        if isinstance(error, RefusedError):
            to = State.REFUSED
        told = {"reason": str(error), "kind": kind_of(error)}
        if not self.ledger.end(self.account, upload.tag, to, **told).mine:
            return Later(0.0, _TAKEN)
        trail = self._trails[upload.tag]
        trail.sends += unclear
        if not unclear or trail.sends >= TRIES:
            raise error
        return Later(0.0, str(error))

    def _arrived(
        self, upload: Upload, content: Content, how: str, note: str | None = None
    ) -> Delivery:
        """Write that the platform has it."""
        told = self.ledger.end(
            self.account,
            upload.tag,
            State.UPLOADED,
            content_id=content.id,
            url=content.url,
            url_encoded=content.url_encoded,
            reason=note,
        )
        self._trails.pop(upload.tag, None)
        if told.state is not State.UPLOADED:
            raise OutcomeUnknownError(
                f"{content.id}: another run began to send the same bytes meanwhile; "
                "`batch reconcile` shows whether they are there twice"
            )
        return Delivery(told, how)


def _is_unclear(error: Exception) -> bool:
    """Say whether an upload may have happened all the same.

    A body that can't be read leaves it as open as no answer.
    """
    maybe = isinstance(error, (OutcomeUnknownError, ContractError))
    return maybe or bool(getattr(error, "maybe_done", False))


def _unreached(error: Exception) -> str:
    """Return what the network said where nobody was reached; "" for other errors."""
    if isinstance(error, InterruptedCallError) and error.fate is Fate.UNSENT:
        return error.fact
    return ""


def kind_of(error: BaseException) -> str:
    """Name an error by the public tree, not by a subclass that a room keeps.

    >>> kind_of(UnavailableError("later")), kind_of(FileNotFoundError())
    ('UnavailableError', 'OSError')
    """
    names = [kind.__name__ for kind in type(error).__mro__]
    public = {*errors.__all__, "OSError"}
    return next((name for name in names if name in public), names[0])
