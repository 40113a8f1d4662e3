"""Try again, by the table in `voiceprep.client.wire` and the given clock."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar, cast

from voiceprep.client.trouble import Fate, InterruptedCallError
from voiceprep.client.verdict import Head, fate_of, retry_after_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import Future, RetryCallState

    from voiceprep.client.deadline import Deadline
    from voiceprep.client.wire import Request

__all__ = ["persist"]

logger = logging.getLogger(__name__)

H = TypeVar("H", bound=Head)


def persist(
    attempt: Callable[[], H],
    request: Request,
    deadline: Deadline,
    *,
    tries: int,
    backoff_s: float,
    sleep: Callable[[float], None],
    jitter: Callable[[], float],
) -> H:
    """Run an attempt until it ends in a fate that is not tried again.

    Parameters
    ----------
    attempt : callable
        One try: returns an answer or raises.
    request : Request
        Its policy says which fates are tried again.
    deadline : Deadline
        No pause is begun that would outlast it.
    tries : int
    backoff_s : float
        Before the second try; doubled each time, times 0.5 to 1.5 by jitter.
    sleep, jitter : callable
        The pause, and a random number in [0, 1).

    Returns
    -------
    Head
        The last try's answer; its error, if it had none, is raised.
    """
    import tenacity

    def again(state: RetryCallState) -> bool:
        return _fate(state) in request.policy.again

    def pause_s(state: RetryCallState) -> float:
        doubled_s: float = backoff_s * 2 ** (state.attempt_number - 1)
        return max(doubled_s * (0.5 + jitter()), _asked_s(state))

    def hopeless(state: RetryCallState) -> bool:
        outlasts = state.upcoming_sleep >= deadline.remaining_s()
        return state.attempt_number >= tries or outlasts

    def note(state: RetryCallState) -> None:
        fate, pause = _fate(state).name, state.upcoming_sleep
        logger.info("%s: %s, once more in %.1f s", request.place, fate, pause)

    return tenacity.Retrying(
        retry=again,
        wait=pause_s,
        stop=hopeless,
        sleep=sleep,
        before_sleep=note,
        retry_error_callback=_last,
    )(attempt)


def _outcome(state: RetryCallState) -> Future:
    return cast("Future", state.outcome)  # set after every try


def _fate(state: RetryCallState) -> Fate:
    outcome = _outcome(state)
    if not outcome.failed:
        return fate_of(outcome.result())
    error = outcome.exception()
    return error.fate if isinstance(error, InterruptedCallError) else Fate.ANSWERED


def _asked_s(state: RetryCallState) -> float:
    outcome = _outcome(state)
    return 0.0 if outcome.failed else retry_after_s(outcome.result().headers) or 0.0


def _last(state: RetryCallState) -> Any:
    return _outcome(state).result()  # or raises what the last try raised
