"""The retry table, row by row, with a given clock, pause and jitter."""

from __future__ import annotations

import dataclasses
import io
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from voiceprep.client import Client, UploadUnclearError
from voiceprep.client.trouble import Fate
from voiceprep.client.wire import ONCE, SAFE, UPLOAD
from voiceprep.errors import UnavailableError

CONTENTS = "/content/rest/contents"


@pytest.fixture
def dead_url():
    """Give the address of a port where nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound, never listening: connections fail
        yield f"http://127.0.0.1:{holder.getsockname()[1]}/"


def read(client):
    return list(client.contents.read())


def create(client, file=None):
    return client.contents.create(
        file or io.BytesIO(b"RIFF" * 1000),
        name="a",
        filename="a.wav",
        mime_type="audio/wav",
    )


def patient(settings, clock, **tunables):
    return Client(
        dataclasses.replace(settings, **tunables),
        clock=clock,
        sleep=clock.sleep,
        jitter=lambda: 0.5,
    )


def test_the_table_is_that_of_the_facts():
    everything = {Fate.UNSENT, Fate.LOST, Fate.FAILING, Fate.BUSY}
    assert (SAFE.again, SAFE.unclear) == (everything, set())
    assert (ONCE.again, ONCE.unclear) == ({Fate.UNSENT, Fate.BUSY}, set())
    assert UPLOAD.again == {Fate.UNSENT, Fate.BUSY}
    assert UPLOAD.unclear == {Fate.LOST, Fate.FAILING}


def test_reading_is_tried_three_times_with_doubled_pauses(platform, client, clock, say):
    platform.says(f"GET {CONTENTS}", say.Reply(500))
    with pytest.raises(UnavailableError):
        read(client)
    assert len(platform.calls(CONTENTS)) == 3
    assert clock.pauses == [0.5, 1.0]  # jitter 0.5 is the middle: times 1


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 0.25), (0.999, 0.7495)])
def test_jitter_spreads_a_pause_by_half_to_either_side(
    platform, clock, say, jitter, pause
):
    platform.says(f"GET {CONTENTS}", say.Reply(500), say.rows())
    settings = platform.settings()
    with Client(
        settings, clock=clock, sleep=clock.sleep, jitter=lambda: jitter
    ) as client:
        read(client)
    assert clock.pauses == [pytest.approx(pause)]


def test_reading_survives_a_broken_connection_and_a_500(platform, client, say):
    broken = say.Reply(drop=True)
    platform.says(f"GET {CONTENTS}", broken, say.Reply(500), say.rows(say.content()))
    assert len(read(client)) == 1


def test_reading_survives_a_truncated_body(platform, client, say):
    short = say.Reply(200, b'{"list"', {"Content-Length": "900"})
    platform.says(f"GET {CONTENTS}", short, say.rows())
    assert read(client) == []


def test_a_token_is_tried_again_too(platform, client, say):
    platform.says("POST /token", say.Reply(503), say.Reply(drop=True), say.token())
    platform.says(f"GET {CONTENTS}", say.rows())
    assert read(client) == []


def test_429_waits_as_long_as_it_is_asked_to(platform, client, clock, say):
    busy = say.reply({"status": 429, "message": "slow down"}, 429, Retry_After="7")
    platform.says(f"GET {CONTENTS}", busy, say.rows())
    assert read(client) == []
    assert clock.pauses == [7.0]


def test_429_without_retry_after_is_not_tried_again(platform, client, clock, say):
    platform.says(f"GET {CONTENTS}", say.reply({"status": 429}, 429))
    with pytest.raises(UnavailableError):
        read(client)
    assert clock.pauses == []


def test_a_wait_beyond_the_deadline_is_not_begun(platform, client, clock, say):
    busy = say.reply({"status": 429}, 429, Retry_After="3600")
    platform.says(f"GET {CONTENTS}", busy)
    with pytest.raises(UnavailableError, match="try again in 3600 s"):
        read(client)
    assert clock.pauses == []


@pytest.mark.parametrize("status", [400, 403, 404, 417])
def test_a_refusal_is_not_tried_again(platform, client, say, status):
    platform.says(f"GET {CONTENTS}", say.reply({"status": status}, status))
    with pytest.raises(Exception, match=str(status)):
        read(client)
    assert len(platform.calls(CONTENTS)) == 1


def test_a_dead_server_is_tried_three_times_and_named(platform, clock, dead_url):
    settings = platform.settings(base_url=dead_url)
    with (
        patient(settings, clock) as client,
        pytest.raises(
            UnavailableError, match=r"127\.0\.0\.1:\d+/token: no connection .*refused"
        ),
    ):
        read(client)
    assert clock.pauses == [0.5, 1.0]


def test_a_name_that_no_one_knows_is_temporary(platform, clock):
    settings = platform.settings(base_url="https://platform.invalid/")  # RFC 2606
    with (
        patient(settings, clock, tries=1) as client,
        pytest.raises(UnavailableError, match="no connection"),
    ):
        read(client)


def test_a_platform_that_hangs_is_temporary(platform, clock, say):
    release = threading.Event()
    platform.says(f"GET {CONTENTS}", say.Reply(hang=release))
    settings = platform.settings(read_timeout_s=0.1, tries=1)
    with (
        patient(settings, clock) as client,
        pytest.raises(UnavailableError, match="no answer in time"),
    ):
        read(client)
    release.set()


def test_an_upload_that_found_no_connection_is_tried_again_and_is_clear(
    platform, clock, dead_url
):
    settings = platform.settings()
    with (
        patient(settings, clock, content_url=dead_url) as client,
        pytest.raises(UnavailableError) as caught,
    ):
        create(client)
    assert clock.pauses == [0.5, 1.0]
    assert not getattr(caught.value, "maybe_done", False)


def test_an_upload_is_tried_again_after_429_with_retry_after(
    platform, client, clock, say
):
    busy = say.reply({"status": 429}, 429, Retry_After="2")
    platform.says(f"POST {CONTENTS}", busy, say.rows(say.content(), status=201))
    assert create(client).id == "7001"
    first, second = platform.calls(CONTENTS)
    assert len(first.body) == len(second.body)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_upload_that_met_a_5xx_is_unclear_and_not_repeated(
    platform, client, say, status
):
    platform.says(f"POST {CONTENTS}", say.Reply(status))
    with pytest.raises(UploadUnclearError, match="may have happened") as caught:
        create(client)
    assert caught.value.maybe_done
    assert caught.value.status == status
    assert len(platform.calls(CONTENTS)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True},
        {"raw": b"SSH-2.0-hello\r\n"},
        {"body": b'{"list"', "headers": {"Content-Length": "900"}},
    ],
)
def test_an_upload_whose_answer_got_lost_is_unclear_and_not_repeated(
    platform, client, say, fault
):
    platform.says(f"POST {CONTENTS}", say.Reply(**fault))
    with pytest.raises(UploadUnclearError) as caught:
        create(client)
    assert caught.value.maybe_done
    assert len(platform.calls(CONTENTS)) == 1


def test_a_delete_whose_answer_got_lost_is_not_repeated(platform, client, say):
    platform.says(f"DELETE {CONTENTS}", say.Reply(drop=True))
    with pytest.raises(UnavailableError):
        client.contents.delete(id="1")
    assert len(platform.calls(CONTENTS)) == 1


class Slow(io.BytesIO):
    """Take 100 s for each read, on the given clock."""

    def __init__(self, clock, size):
        super().__init__(bytes(size))
        self._clock = clock

    def read(self, size=-1):
        self._clock.now += 100
        return super().read(size)


def test_an_upload_ends_at_its_deadline_in_the_middle_of_the_file(
    platform, client, clock
):
    with pytest.raises(UploadUnclearError, match="not done within 300 s"):
        create(client, Slow(clock, 2**20))
    assert platform.calls(CONTENTS) == []


def test_the_deadline_counts_the_token_and_every_repeat(platform, clock, say):
    platform.says(f"GET {CONTENTS}", say.Reply(500))
    with (
        patient(
            platform.settings(), clock, tries=1000, deadline_s=60.0, backoff_s=7.0
        ) as client,
        pytest.raises(UnavailableError),
    ):
        read(client)
    assert sum(clock.pauses) < 60
    assert clock.pauses == [7.0, 14.0, 28.0]


def test_ten_threads_fetch_one_token(platform, client, say):
    platform.says(f"GET {CONTENTS}", say.rows(say.content()))
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda _: read(client), range(40)))
    assert all(len(result) == 1 for result in results)
    assert len(platform.calls("/token")) == 1


def test_ten_threads_with_a_dead_token_fetch_one_new_one(platform, client, say):
    platform.says("POST /token", say.token("old"), say.token("new"))
    assert client.platform == "live"
    together = threading.Barrier(10, timeout=10)

    def next_reply(seen, scripted=platform.next_reply):
        if seen.headers.get("authorization") == "Bearer old":
            together.wait()  # all ten meet the 401 before any renews
            platform.seen.append(seen)
            return say.reply({"status": 401, "message": "Authenticate failed"}, 401)
        return scripted(seen)

    platform.next_reply = next_reply
    platform.says(f"GET {CONTENTS}", say.rows())
    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(lambda _: read(client), range(10))) == [[]] * 10
    assert len(platform.calls("/token")) == 2


def test_a_failed_token_frees_the_others(platform, client, say):
    platform.says("POST /token", say.Reply(drop=True))
    with pytest.raises(UnavailableError):
        read(client)
    platform.says("POST /token", say.token())
    platform.says(f"GET {CONTENTS}", say.rows())
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(read, client).result(10) == []
