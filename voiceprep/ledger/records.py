"""The values that go into the ledger and come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voiceprep.ledger.states import State

__all__ = ["Listed", "Made", "Recording", "Run", "Task", "Upload"]


@dataclass(frozen=True, slots=True)
class Listed:
    """Describe a recording as it was found, before anything is read of it.

    Parameters
    ----------
    place : str
        Path or URL.
    root : str
        The input in which it was found.
    size : int
        Bytes.
    stamp : str
        With the size: same stamp, same bytes.
    names : tuple of str
        For its artefacts, the best first; the first that is free is taken.
    """

    place: str
    root: str
    size: int
    stamp: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Name a recording that is to be prepared, held by this run.

    Parameters
    ----------
    id : int
        Of its row.
    place, name : str
        Where it lies, and how its artefacts are named.
    size : int
        Bytes.
    former : Made or None
        What was made of it before, where its stamp or the wishes changed.
    """

    id: int
    place: str
    name: str
    size: int
    former: Made | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Hold what became of a task.

    Parameters
    ----------
    state : State
        ``prepared``, ``refused`` (by our rules) or ``failed``.
    verdict : str or None
    seconds : float or None
        Of sound in the source.
    source_sha256, key, tag, alaw_sha256, prepared_sha256 : str or None
        Of its bytes; of those and what was asked; of the bytes to upload; of what
        a person hears and approves.
    outgoing : str or None
        The file to upload, path or URL.
    result : str or None
        What was found, as JSON.
    reason : str or None
        Why it failed, in a sentence.
    """

    state: State
    verdict: str | None = None
    seconds: float | None = None
    source_sha256: str | None = None
    key: str | None = None
    tag: str | None = None
    alaw_sha256: str | None = None
    prepared_sha256: str | None = None
    outgoing: str | None = None
    result: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Hold what is known of one set of bytes at one account.

    Parameters
    ----------
    tag, key : str
    state : State
    mine : bool
        Whether this run may go on with it; another one does where not.
    tries : int
        How often it began to be sent.
    began_at, ends_at : float or None
        Unix time of the last intent; after which no byte of it leaves.
    content_id, url, url_encoded : str or None
        Of the platform's content.
    reason, kind : str or None
        Why it was refused or failed, and the error's class.
    """

    tag: str
    key: str
    state: State
    mine: bool = True
    tries: int = 0
    began_at: float | None = None
    ends_at: float | None = None
    content_id: str | None = None
    url: str | None = None
    url_encoded: str | None = None
    reason: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Name a run that is at work.

    Parameters
    ----------
    host : str
    pid : int
        Its process there.
    started_at : float
        Unix time.
    """

    host: str
    pid: int
    started_at: float


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold a recording's row, with its upload where there is one.

    Parameters
    ----------
    id : int
    place, name : str
    state : State
        Its upload's, once there is one.
    made : Made
        What was last made of it.
    upload : Upload or None
    """

    id: int
    place: str
    name: str
    size: int
    state: State
    made: Made
    upload: Upload | None = None
