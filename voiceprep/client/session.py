"""Where flows meet the network: one call with its token, its repeats, its deadline."""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

from voiceprep.client.auth import ClientCredentials, Flow, Token
from voiceprep.client.deadline import Deadline
from voiceprep.client.pace import Pace
from voiceprep.client.retry import persist
from voiceprep.client.transport import Incoming, Transport
from voiceprep.client.trouble import InterruptedCallError, StrangeCallError
from voiceprep.client.verdict import error_of, fact_of, fate_of
from voiceprep.errors import ContractError, PlatformError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.client.settings import Settings
    from voiceprep.client.verdict import Head
    from voiceprep.client.wire import Answer, Request

__all__ = ["Session"]

logger = logging.getLogger(__name__)

T = TypeVar("T")
H = TypeVar("H", bound="Head")


class Session:
    """Make calls for one account; every resource of the client shares one.

    Parameters
    ----------
    settings : Settings
    transport : Transport
    clock, sleep, jitter : callable
        Monotonic seconds, a pause, a random number in [0, 1).

    Raises
    ------
    SettingsError
        If no account is set.
    """

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._clock, self._sleep, self._jitter = clock, sleep, jitter
        self._auth = _credentials(settings, clock)
        self._pace = Pace(settings.rate, clock=clock, sleep=sleep)

    def call(self, request: Request, deadline: Deadline | None = None) -> Answer:
        """Send a signed request and return its successful answer.

        Raises
        ------
        AuthError, RefusedError, ContractError, UnavailableError
            Whatever the answer, or its absence, stands for.
        UploadUnclearError, OutcomeUnknownError
            By the request's policy, if its effect may have happened.
        """
        answer = self._run(self._auth.signed(request), deadline)
        if error := error_of(answer, self._auth.secrets()):
            raise error
        return answer

    def result(
        self,
        request: Request,
        read: Callable[[Answer], T],
        deadline: Deadline | None = None,
    ) -> T:
        """Send a signed request and return what ``read`` makes of its answer.

        A success that can't be read leaves the effect as unclear as no answer.

        Raises
        ------
        PlatformError
            As `call` does.
        """
        answer = self.call(request, deadline)
        try:
            return read(answer)
        except ContractError as error:
            if request.policy.never_twice:
                raise request.unclear(str(error), answer.status) from error
            raise

    def token(self) -> Token:
        """Return the token in use, fetched if need be."""
        return self._run(self._auth.token())

    @contextmanager
    def opened(self, request: Request) -> Iterator[Incoming]:
        """Send a request without any token; yield its 200, the body unread."""
        deadline = self.deadline()

        def attempt() -> Incoming | Answer:
            incoming = self._transport.open(request, deadline)
            if incoming.status == 200:
                return incoming
            with closing(incoming):
                return incoming.answer()

        incoming = self._persist(attempt, request, deadline)
        if not isinstance(incoming, Incoming):
            raise self._refusal(incoming)
        with closing(incoming):
            yield incoming

    def _run(self, flow: Flow[T], deadline: Deadline | None = None) -> T:
        """Send what a flow yields, under one deadline, until it returns."""
        deadline = deadline or self.deadline()
        with closing(flow):  # frees the flow's lock when a try fails
            try:
                request = next(flow)
                while True:
                    request = flow.send(self._sent(request, deadline))
            except StopIteration as done:
                result: T = done.value
                return result

    def _sent(self, request: Request, deadline: Deadline) -> Answer:
        def attempt() -> Answer:
            self._pace.wait(request.place, deadline)
            return self._transport.answer(request, deadline)

        try:
            answer = self._persist(attempt, request, deadline)
        except (InterruptedCallError, StrangeCallError) as error:
            if error.fate in request.policy.unclear:
                raise request.unclear(error.fact) from error
            raise
        except KeyboardInterrupt:
            if request.policy.never_twice:
                logger.warning("%s: interrupted; %s", request.place, request.doubt)
            raise
        if fate_of(answer) in request.policy.unclear:
            fact = fact_of(answer, self._auth.secrets())
            raise request.unclear(fact, answer.status)
        return answer

    def _persist(
        self, attempt: Callable[[], H], request: Request, deadline: Deadline
    ) -> H:
        return persist(
            attempt,
            request,
            deadline,
            tries=self._settings.tries,
            backoff_s=self._settings.backoff_s,
            sleep=self._sleep,
            jitter=self._jitter,
        )

    def _refusal(self, answer: Answer) -> PlatformError:
        strange = f"{answer.place}: {answer.status}, where a file was expected"
        return error_of(answer, self._auth.secrets()) or ContractError(strange)

    def deadline(self) -> Deadline:
        """Return the deadline of a call that begins now."""
        return Deadline.after(self._settings.deadline_s, self._clock)


def _credentials(settings: Settings, clock: Callable[[], float]) -> ClientCredentials:
    url, account, secret = (
        settings.token_url,
        settings.client_id,
        settings.client_secret,
    )
    if url is None or account is None or secret is None:
        raise SettingsError("no account is set: give client_id and its secret")
    return ClientCredentials(url, account, secret, clock=clock)
