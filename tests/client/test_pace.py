"""Holding calls back: by the rate of the settings, and as the platform asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from voiceprep.client import Client
from voiceprep.client.deadline import Deadline
from voiceprep.client.pace import Pace
from voiceprep.client.trouble import InterruptedCallError
from voiceprep.errors import UnavailableError

CONTENTS, MAILINGS = "/content/rest/contents", "/rest/mailings"


def waiter(clock, rate, deadline_s=300.0):
    pace = Pace(rate, clock=clock, sleep=clock.sleep)
    return lambda: pace.wait("GET x", Deadline.after(deadline_s, clock))


def test_calls_begin_a_period_apart_from_the_very_first(clock):
    wait, begun = waiter(clock, 4.0), []
    for _ in range(9):
        wait()
        begun.append(clock.now)
    assert begun == [1000 + n / 4 for n in range(9)]


def test_a_pause_saves_nothing_up(clock):
    wait = waiter(clock, 4.0)
    wait()
    clock.now += 3600
    wait()
    wait()
    assert clock.pauses == [0.25]


def test_a_call_that_took_its_time_waits_less(clock):
    wait = waiter(clock, 4.0)
    wait()
    clock.now += 0.2
    wait()
    assert clock.pauses == [pytest.approx(0.05)]


def test_without_a_rate_nothing_waits(clock):
    wait = waiter(clock, None)
    for _ in range(1_000):
        wait()
    assert clock.pauses == []


def test_a_turn_after_the_deadline_is_not_waited_for_and_takes_no_ones_place(clock):
    pace = Pace(0.1, clock=clock, sleep=clock.sleep)
    pace.wait("GET x", Deadline.after(300.0, clock))
    for _ in range(3):
        with pytest.raises(InterruptedCallError, match=r"rate.*10\.0 s.*deadline_s"):
            pace.wait("GET x", Deadline.after(5.0, clock))
    pace.wait("GET x", Deadline.after(300.0, clock))
    assert clock.pauses == [10.0]


def test_threads_share_the_rate():
    pauses = []  # a clock that stands still: each further call waits longer
    pace = Pace(10.0, clock=lambda: 1000.0, sleep=pauses.append)
    deadline = Deadline.after(300.0, lambda: 1000.0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait("GET x", deadline), range(200)))
    assert sorted(pauses) == pytest.approx([n / 10 for n in range(1, 200)])


def test_the_setting_counts_tokens_and_repeats_too(platform, clock, say):
    platform.says(f"GET {CONTENTS}", say.Reply(500), say.rows())
    settings = platform.settings(rate=0.5, backoff_s=0.1)
    with Client(settings, clock=clock, sleep=clock.sleep, jitter=lambda: 0.5) as client:
        list(client.contents.read())
    token, backoff, repeat = clock.pauses
    assert token == 2.0  # the token went first
    assert backoff + repeat == pytest.approx(2.0)


@pytest.mark.parametrize("status", [429, 503])
def test_reading_comes_again_when_it_is_told_to(platform, client, clock, say, status):
    busy = say.reply({"status": status}, status, Retry_After="7")
    platform.says(f"GET {CONTENTS}", busy, say.rows())
    assert list(client.contents.read()) == []
    assert clock.pauses == [7.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_beyond_the_deadline_is_not_begun(platform, client, clock, say, status):
    busy = say.reply({"status": status}, status, Retry_After="3600")
    platform.says(f"GET {CONTENTS}", busy)
    with pytest.raises(UnavailableError, match="try again in 3600 s"):
        list(client.contents.read())
    assert clock.pauses == []


def test_a_mailing_waits_out_a_429_and_is_made_once(platform, client, clock, say):
    busy = say.reply({"status": 429}, 429, Retry_After="7")
    platform.says(f"POST {MAILINGS}", busy, say.rows(say.mailing(), status=201))
    client.mailings.create(["+33612345678"], link="https://a.fr/x", media="VOICEMAIL")
    assert clock.pauses == [7.0]
    assert len(platform.calls(MAILINGS)) == 2
