"""From an answer to what it means: its rows, or the error that says who must act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, quote_plus, urljoin, urlsplit

from voiceprep import contract
from voiceprep.client.secret import MASK
from voiceprep.client.trouble import Fate
from voiceprep.client.words import masked, plain
from voiceprep.errors import (
    AuthError,
    ContractError,
    PlatformError,
    RefusedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voiceprep.client.secret import Secret
    from voiceprep.client.wire import Answer

__all__ = [
    "LOCATION",
    "clean",
    "error_of",
    "fact_of",
    "fate_of",
    "fields_of",
    "retry_after_s",
    "rows_of",
    "token_error_of",
]

MAX_MESSAGE_CHARS: Final = 300  # ours: a sentence, not a page
MAX_DETAILS: Final = 5  # ours: of messages[].details (R22)
LOCATION: Final = "x-location"  # where the transport puts a redirect's target
NOT_MODIFIED: Final = 304  # R22: nothing matched
BUSY: Final = 429
TEMPORARY: Final = frozenset({408, BUSY})  # RFC 9110: come again, nothing was done

# Statuses that say no before anything was done: the platform's (R22), and those of
# whatever stands before it (RFC 9110: 407, 413; RFC 6585: 431).
REFUSALS: Final = frozenset({400, 401, 403, 404, 405, 407, 413, 414, 417, BUSY, 431})

# What the token service calls an account that won't do (R3; RFC 6749, 5.2).
ACCOUNT_ERRORS: Final = frozenset(
    {contract.INVALID_CLIENT, "invalid_grant", "unauthorized_client"}
)


class Head(Protocol):
    """Describe what can be known of an answer before its body is read."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers by lower-case name."""


def fate_of(head: Head) -> Fate:
    """Return the retry table's word for an answer."""
    if head.status >= 500:
        return Fate.FAILING
    if head.status == BUSY and retry_after_s(head.headers) is not None:
        return Fate.BUSY
    understood = 200 <= head.status < 300 or head.status in {NOT_MODIFIED, *REFUSALS}
    return Fate.ANSWERED if understood else Fate.STRANGE


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, or None.

    A date is counted from the answer's own ``Date``, so that no clock of ours
    has to agree with theirs.

    >>> retry_after_s({"retry-after": "7"})
    7.0
    """
    from email.utils import parsedate_to_datetime

    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        then = parsedate_to_datetime(said)
        return max(0.0, (then - parsedate_to_datetime(headers["date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None


def error_of(answer: Answer, secrets: Iterable[Secret] = ()) -> PlatformError | None:
    """Return the error that an answer stands for, or None for a success.

    Parameters
    ----------
    answer : Answer
    secrets : iterable of Secret
        Struck out wherever the platform's own words repeat one.
    """
    status = answer.status
    if 200 <= status < 300 or status == NOT_MODIFIED:
        return None
    if 300 <= status < 400:
        return ContractError(_redirect(answer), status=status)
    kind, remedy = _kind(status)
    sentence = fact_of(answer, secrets) + remedy(answer)
    if kind is RefusedError:
        return RefusedError(
            sentence, status=status, details=_all_details(answer, secrets)
        )
    return kind(sentence, status=status)


def fact_of(answer: Answer, secrets: Iterable[Secret] = ()) -> str:
    """Say what an answer was, in the platform's own words and without advice."""
    if 300 <= answer.status < 400:
        return _redirect(answer)
    return f"{answer.place}: {answer.status}{_words(answer, secrets)}"


def token_error_of(
    answer: Answer, secrets: Iterable[Secret] = ()
) -> PlatformError | None:
    """Return the error of an answer to a token request: here 400 means the account."""
    fields = answer.document if isinstance(answer.document, dict) else {}
    denied = answer.status == 400 and fields.get("error") in ACCOUNT_ERRORS
    if not denied and answer.status not in {401, 403}:
        return error_of(answer, secrets)
    words = _words(answer, secrets)
    sentence = f"{answer.place}: the platform does not accept the credentials{words}"
    return AuthError(sentence + _credentials(answer), status=answer.status)


def fields_of(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a success.

    Raises
    ------
    ContractError
        For a web page, or anything else that is no JSON object.
    """
    if isinstance(answer.document, dict):
        return answer.document
    found = "a web page" if answer.is_page else "no JSON object"
    raise ContractError(
        f"{answer.place}: {answer.status} with {found}; is this address the "
        "platform's, and is there a login page or a proxy in between?",
        status=answer.status,
    )


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the rows of a list envelope (R18).

    Raises
    ------
    ContractError
        If there is no ``list`` of objects in it.
    """
    rows = fields_of(answer).get("list")
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    raise ContractError(
        f"{answer.place}: the answer holds no list of resources (R18)",
        status=answer.status,
    )


def clean(words: object, secrets: Iterable[Secret] = ()) -> str:
    r"""Return foreign words as one short line, without controls, secrets, numbers.

    >>> clean("Bad\r\nrecipient: 06 12 34 56 78")
    'Bad recipient: 06 •• •• •• 78'
    """
    line = masked(
        plain(_struck(str(words), secrets))
    )  # before it is cut: half a number is no number
    if len(line) > MAX_MESSAGE_CHARS:
        return line[: MAX_MESSAGE_CHARS - 1] + "…"
    return line


def _struck(text: str, secrets: Iterable[Secret]) -> str:
    """Strike our own secrets out, in the forms that a platform could repeat."""
    for secret in secrets:
        for form in {secret.reveal(), quote_plus(secret.reveal()), quote(secret.text)}:
            text = text.replace(form, MASK)
    return text


def _kind(status: int) -> tuple[type[PlatformError], Any]:
    if status == 401:
        return AuthError, _credentials
    if status in TEMPORARY or status >= 500:
        return UnavailableError, _later
    if 400 <= status < 500:
        return RefusedError, _nothing
    return ContractError, _stranger


def _credentials(_: Answer) -> str:
    return f"; check client_id and its secret: {contract.CREDENTIALS_PLACE}"


def _later(answer: Answer) -> str:
    seconds = retry_after_s(answer.headers)
    return "; try again later" if seconds is None else f"; try again in {seconds:g} s"


def _nothing(_: Answer) -> str:
    return ""


def _stranger(_: Answer) -> str:
    return "; that is no status of the platform (R22)"


def _words(answer: Answer, secrets: Iterable[Secret]) -> str:
    """Return the platform's own words behind a colon, or nothing."""
    fields = answer.document
    if not isinstance(fields, dict):
        return " with a web page" if answer.is_page else ""
    said = fields.get("message") or fields.get("error_description")
    details = _details(fields)[:MAX_DETAILS]
    words = clean("; ".join(map(str, [said or "", *details])), secrets)
    return f": {words.strip('; ')}" if words.strip("; ") else ""


def _details(fields: Mapping[str, Any]) -> list[object]:
    messages = fields.get("messages")
    if not isinstance(messages, list):
        return []
    details = [one.get("details") for one in messages if isinstance(one, dict)]
    return [one for one in details if one]


def _all_details(answer: Answer, secrets: Iterable[Secret]) -> tuple[str, ...]:
    """Return every detail word for word, but for our own secrets."""
    fields = answer.document if isinstance(answer.document, dict) else {}
    return tuple(_struck(str(one), secrets) for one in _details(fields))


def _redirect(answer: Answer) -> str:
    """Name a redirect's target by host and port only: a query may hold anything."""
    here = answer.place.partition(" ")[2]
    try:
        target = urlsplit(urljoin(here, answer.headers.get(LOCATION, "")))
        port = f":{target.port}" if target.port else ""
        host = clean(f"{target.hostname}{port}")
    except ValueError:
        host = "an unreadable address"
    return (
        f"{answer.place}: {answer.status} sends us on to {host}; redirects are never "
        "followed, the address in the settings must be the platform's own"
    )
