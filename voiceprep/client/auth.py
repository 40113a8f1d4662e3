"""OAuth2 client credentials as generators: requests out, answers in, no I/O.

Whoever drives a flow sends each request it yields and passes the answer back;
it must close the flow when a try fails, so that the lock is freed.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from voiceprep import contract
from voiceprep.client.secret import Secret
from voiceprep.client.verdict import fields_of, token_error_of
from voiceprep.client.wire import Answer, Request
from voiceprep.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ClientCredentials", "Flow", "Token", "parse_token"]

T = TypeVar("T")
Flow: TypeAlias = Generator[Request, Answer, T]

EARLY_S: Final = 60.0  # facts.md, "HTTP": renew at expires_in - 60 s
# What a header can carry (RFC 6750, 2.1, and more): it is checked here because
# an HTTP library would quote the whole token in its complaint.
SENDABLE: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one token (R2).

    Parameters
    ----------
    secret : Secret
    renew_at : float
        When to fetch the next one, in seconds on the client's clock.
    server : str
        The ``Server`` header it came with: our sandbox names itself there.
    """

    secret: Secret
    renew_at: float
    server: str = ""


class ClientCredentials:
    """Keep one account's token alive for all threads.

    Parameters
    ----------
    token_url, client_id : str
    client_secret : Secret
    clock : callable
        A monotonic clock in seconds.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._request = Request(
            "POST",
            token_url,
            form=(
                ("grant_type", contract.GRANT_TYPE),
                ("client_id", client_id),
                ("client_secret", client_secret),
            ),
        )
        self._client_secret = client_secret
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None

    def signed(self, request: Request) -> Flow[Answer]:
        """Send a request with a token; on 401 once again with a new one (R7)."""
        token = yield from self.token()
        answer = yield request.signed(token.secret)
        if answer.status == 401:
            token = yield from self.token(dead=token)
            answer = yield request.signed(token.secret)
        return answer

    def token(self, dead: Token | None = None) -> Flow[Token]:
        """Return a token that serves, fetching one if need be.

        Parameters
        ----------
        dead : Token or None
            One that the platform no longer accepts. If another thread has
            replaced it meanwhile, nothing is fetched.
        """
        if (token := self._serving(dead)) is not None:
            return token
        with self._lock:
            if (token := self._serving(dead)) is not None:
                return token
            asked_at = self._clock()
            answer = yield self._request
            self._token = self._read(answer, asked_at)
            return self._token

    def secrets(self) -> tuple[Secret, ...]:
        """Return what must be struck out of any text that leaves the client."""
        token = self._token
        return (self._client_secret, *((token.secret,) if token else ()))

    def _serving(self, dead: Token | None) -> Token | None:
        token = self._token
        if token is None or token is dead or self._clock() >= token.renew_at:
            return None
        return token

    def _read(self, answer: Answer, asked_at: float) -> Token:
        if error := token_error_of(answer, self.secrets()):
            raise error
        return parse_token(answer, asked_at)


def parse_token(answer: Answer, asked_at: float) -> Token:
    """Read a token's answer (R2, R4, R5).

    Parameters
    ----------
    answer : Answer
    asked_at : float
        When it was asked for, on the client's clock: its life is counted from
        then.

    Raises
    ------
    ContractError
        If the answer holds no token that can be sent.
    """
    fields = fields_of(answer)
    token, kind = fields.get("access_token"), fields.get("token_type", "")
    if not isinstance(token, str) or not SENDABLE.fullmatch(token):
        raise ContractError(f"{answer.place}: the answer holds no usable access_token")
    if len(token) > contract.MAX_HEADER_BYTES:
        raise ContractError(
            f"{answer.place}: the access_token is {len(token)} characters long; at "
            f"most {contract.MAX_TOKEN_CHARS} are promised (R4)"
        )
    if kind and str(kind).lower() != contract.TOKEN_TYPE:
        raise ContractError(f"{answer.place}: the token is not a bearer token (R2)")
    life_s = _life_s(fields.get("expires_in"), answer.place)
    # A token shorter-lived than two minutes is used for half its life.
    renew_at = asked_at + life_s - min(EARLY_S, life_s / 2)
    return Token(Secret(token), renew_at, answer.headers.get("server", ""))


def _life_s(value: object, place: str) -> float:
    """Read ``expires_in``: a number on the wire, a string in the document (R2)."""
    try:
        seconds = float(value) if isinstance(value, (str, int, float)) else 0.0
    except ValueError:
        seconds = 0.0
    if isinstance(value, bool) or not isfinite(seconds) or seconds <= 0:
        raise ContractError(f"{place}: expires_in is no number of seconds (R2)")
    return seconds
