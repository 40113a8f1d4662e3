"""Requests and answers as values: what is sent and what came back, without I/O."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from voiceprep import contract
from voiceprep.client.tolerant import read_json
from voiceprep.client.trouble import Fate, UploadUnclearError
from voiceprep.errors import OutcomeUnknownError, PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voiceprep.client.secret import Secret

__all__ = [
    "MAILING",
    "ONCE",
    "SAFE",
    "UPLOAD",
    "Answer",
    "Attachment",
    "Policy",
    "Request",
    "read_answer",
]


@dataclass(frozen=True, slots=True)
class Policy:
    """Say which fates of a try are tried again, and which leave the effect unclear.

    Parameters
    ----------
    again : frozenset of Fate
        After these the client repeats the request by itself.
    unclear : frozenset of Fate
        After these the effect may have happened, and whoever asked must look.
    error : type of PlatformError
        What says so.
    fresh : bool
        Whether each try opens a connection of its own. One that was kept alive
        may be dead already, and then nobody can tell how far the request came.
    """

    again: frozenset[Fate]
    unclear: frozenset[Fate] = frozenset()
    error: type[PlatformError] = OutcomeUnknownError
    fresh: bool = False

    @property
    def never_twice(self) -> bool:
        """Tell whether anything but a clear yes or no is for a person to look at."""
        return Fate.STRANGE in self.unclear


# The retry table (facts.md, "HTTP"): a row for each kind of request.
SAFE: Final = Policy(frozenset({Fate.UNSENT, Fate.LOST, Fate.FAILING, Fate.BUSY}))
ONCE: Final = Policy(frozenset({Fate.UNSENT, Fate.BUSY}))
UPLOAD: Final = Policy(
    frozenset({Fate.UNSENT, Fate.BUSY}),
    unclear=frozenset({Fate.LOST, Fate.FAILING}),
    error=UploadUnclearError,
)
# A repeated create calls people twice (R37): whatever is not provably unsent, nor
# refused in the platform's own way, is for a person to look at.
MAILING: Final = Policy(
    frozenset({Fate.UNSENT, Fate.BUSY}),
    unclear=frozenset({Fate.LOST, Fate.FAILING, Fate.STRANGE}),
    fresh=True,
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """Name a file of a multipart form; each try reads it from byte 0.

    Parameters
    ----------
    field : str
        The form's field.
    source : Path or seekable binary file
    filename, mime_type : str
        What the platform is told.
    """

    field: str
    source: Path | BinaryIO
    filename: str
    mime_type: str

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Yield the file at byte 0; close it only if it was opened here."""
        if isinstance(self.source, Path):
            with self.source.open("rb") as file:
                yield file
        else:
            self.source.seek(0)
            yield self.source


@dataclass(frozen=True, slots=True)
class Request:
    """Hold one request; neither secrets nor recipients show in its ``repr``.

    Parameters
    ----------
    method, url : str
    query : tuple of pairs
    form : tuple of pairs
        Fields of the body: urlencoded, or multipart beside a file.
    file : Attachment or None
    token : Secret or None
        Sent as ``Authorization: Bearer`` (R6).
    policy : Policy
        Its row of the retry table.
    accept : str
        The type of answer asked for (R23).
    doubt : str
        What an error adds where the effect is unclear: what to look up.

    >>> Request("GET", "https://a.fr/rest/contents?id=1").place
    'GET https://a.fr/rest/contents'
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str | Secret], ...] = field(default=(), repr=False)
    file: Attachment | None = None
    token: Secret | None = None
    policy: Policy = SAFE
    accept: str = contract.JSON_TYPE
    doubt: str = field(
        default="it may have happened: look it up before it is repeated", repr=False
    )

    @property
    def place(self) -> str:
        """Name the request in an error: method and address, never the query."""
        return f"{self.method} {self.url.partition('?')[0]}"

    def signed(self, token: Secret) -> Request:
        """Return the same request with a token."""
        return replace(self, token=token)

    def unclear(self, fact: str, status: int | None = None) -> PlatformError:
        """Return the error that says that its effect may have happened."""
        return self.policy.error(f"{fact}; {self.doubt}", status=status)


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a whole answer.

    Parameters
    ----------
    place : str
        The request's.
    status : int
        The HTTP status, or the one in a body that says "error" itself (R18).
    headers : mapping
        By lower-case name.
    body : bytes
    document : object
        The body's JSON value; None where it is empty or not JSON.
    """

    place: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    document: Any = field(repr=False)

    @property
    def is_page(self) -> bool:
        """Tell whether this is a web page: a login form, a proxy's apology."""
        kind = self.headers.get("content-type", "").lower()
        return kind.startswith("text/html") or self.body.lstrip()[:1] == b"<"


def read_answer(
    place: str, status: int, headers: Mapping[str, str], body: bytes
) -> Answer:
    """Return the answer with its JSON read once, and R18 applied.

    >>> read_answer("GET /", 200, {}, b'{"status":401,"message":"x"}').status
    401
    """
    try:
        document = read_json(body) if body.strip() else None
    except ValueError:
        document = None
    return Answer(place, _status(status, document), headers, body, document)


def _status(status: int, document: Any) -> int:
    """Prefer the status in the body of a success: there it means error (R18)."""
    if not isinstance(document, dict) or not 200 <= status < 300:
        return status
    said = document.get("status", status)
    return int(said) if str(said).isdecimal() and len(str(said)) == 3 else 0
