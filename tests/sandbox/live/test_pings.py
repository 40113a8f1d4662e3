"""Pings by R38 and R39, against a real listener."""

import socket
import threading
from collections import Counter

import pytest

from voiceprep.sandbox.ping_calls import Owed, Patience, calls_of
from voiceprep.sandbox.targets import Target, TargetError, address_of, target_of


def owed(box):
    return [row for row in box.truth()["pings"] if row["outcome"] == "owed"]


def test_r38_each_change_pings_one_by_one_for_id(sandbox, mobile, receiver, until):
    box, api = sandbox(clock="manual")
    mailing = api.mailing([mobile(1), mobile(2)], pingUrl=f"{receiver.url}?m=#id#")
    box.advance(600)
    until(lambda: len(receiver.seen) == 4, "four pings")
    ids = [row["id"] for row in api.messages(mailing)]
    assert Counter(receiver.ids) == dict.fromkeys(ids, 2)
    assert receiver.seen[0].startswith("/p?m=")


def test_r38_ids_come_together_with_commas_between(sandbox, mobile, receiver, until):
    box, api = sandbox(clock="manual")
    contacts = [mobile(1_000 + n) for n in range(250)]
    mailing = api.mailing(contacts, pingUrl=f"{receiver.url}?m=#ids#")
    box.advance(3_600)
    until(lambda: not owed(box), "all pings")
    ids = {row["id"] for row in api.messages(mailing)}
    assert set(receiver.ids) == ids
    assert len(receiver.seen) < 250
    assert max(path.count(",") for path in receiver.seen) <= 99


def test_r39_a_pattern_is_text_and_what_follows_is_no_fragment():
    (call,) = calls_of([Owed(1, 7, 1, "http://h/#id#/x?m=#id#&n=#ids#")])
    assert call.url == "http://h/7/x?m=7&n=7"
    assert target_of(call.url)[1] == "/7/x?m=7&n=7"


def test_a_message_of_two_changes_is_named_once_in_a_call():
    url = "http://h/?m=#ids#"
    (call,) = calls_of([Owed(n, m, 1, url) for n, m in enumerate([7, 8, 7])])
    assert call.url == "http://h/?m=7,8"
    assert len(call.pings) == 3


def test_mailings_are_not_mixed_in_a_call():
    url = "http://h/?m=#ids#"
    calls = list(calls_of([Owed(1, 7, 1, url), Owed(2, 8, 2, url)]))
    assert [call.url for call in calls] == ["http://h/?m=7", "http://h/?m=8"]


# Retry at once: how long a pause is is not the claim.
QUICK = Patience(backoff_s=(0.01, 0.01, 0.01), timeout_s=0.3, deadline_s=0.6)


@pytest.mark.parametrize("trouble", [500, 302, 404, None])
def test_what_fails_is_tried_again(sandbox, mobile, receiver, until, trouble):
    receiver.says = lambda count: trouble if count <= 2 else 204
    box, api = sandbox(clock="manual", ping_patience=QUICK)
    api.mailing([mobile(1)], pingUrl=f"{receiver.url}?m=#id#")
    box.advance(600)
    until(lambda: not owed(box), "the ping")
    rows = box.truth()["pings"]
    assert [row["outcome"] for row in rows] == ["done", "done"]
    assert sum(row["tries"] for row in rows) == len(receiver.seen) == 4
    attempts = box.truth()["attempts"]
    assert [row["status"] for row in attempts].count(204) == 2
    assert sum(row["trouble"] is not None for row in attempts) == 2


def test_what_always_fails_is_given_up_and_told(sandbox, mobile, receiver, until):
    receiver.says = lambda _: 503
    box, api = sandbox(clock="manual", ping_patience=QUICK)
    mailing = api.mailing([mobile(1)], pingUrl=f"{receiver.url}?m=#id#")
    box.advance(600)
    assert api.stats(mailing)["ok"] == 1  # delivery waits for no ping
    until(lambda: not owed(box), "the end")
    for row in box.truth()["pings"]:
        assert (row["outcome"], row["tries"]) == ("failed", 4)
        assert row["trouble"] == "answered 503"


def test_r39_a_redirect_is_not_followed(sandbox, mobile, receiver, until):
    receiver.says = lambda _: 302
    box, api = sandbox(clock="manual", ping_patience=QUICK)
    api.mailing([mobile(1)], pingUrl=f"{receiver.url}?m=#id#")
    box.advance(600)
    until(lambda: not owed(box), "the end")
    assert not any("elsewhere" in path for path in receiver.seen)


def test_a_listener_that_never_answers_holds_up_neither_calls_nor_others(
    sandbox, mobile, receiver, until
):
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
        dead = f"http://127.0.0.1:{silent.getsockname()[1]}/?m=#id#"
        box, api = sandbox(clock="manual", ping_patience=QUICK)
        slow = api.mailing([mobile(1_000 + n) for n in range(60)], pingUrl=dead)
        mailing = api.mailing([mobile(1)], pingUrl=f"{receiver.url}?m=#id#")
        box.advance(3_600)
        assert api.stats(slow)["wait"] + api.stats(slow)["on"] == 0
        until(lambda: len(receiver.seen) == 2, "the other's pings")
        assert set(receiver.ids) == {row["id"] for row in api.messages(mailing)}
        assert owed(box)  # the silent one's are still on their way
        box.stop()


def test_an_answer_that_drips_in_is_cut_off(sandbox, mobile, until):
    ended = threading.Event()

    def drip(listener):
        wire, _ = listener.accept()
        with wire:
            wire.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.1):
                try:
                    wire.sendall(b"X: y\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        try:
            box, api = sandbox(clock="manual", ping_patience=QUICK)
            port = listener.getsockname()[1]
            api.mailing([mobile(1)], pingUrl=f"http://127.0.0.1:{port}/?m=#ids#")
            box.advance(1.5)
            until(lambda: box.truth()["attempts"], "an attempt")
            assert box.truth()["attempts"][0]["trouble"]
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/?m=#id#",  # TEST-NET-1: nobody is there
        "http://[2001:db8::1]/?m=#id#",
        "http://0.0.0.0:9/?m=#id#",
        "http://[::ffff:192.0.2.1]/?m=#id#",
        "http://user:word@127.0.0.1:9/?m=#id#",
    ],
)
def test_r39_only_this_machine_is_called(sandbox, mobile, until, url):
    box, api = sandbox(clock="manual")
    api.mailing([mobile(1)], pingUrl=url)
    box.advance(600)
    until(lambda: not owed(box), "the end")
    for row in box.truth()["pings"]:
        assert (row["outcome"], row["tries"]) == ("failed", 1)
        assert "--allow-ping" in row["trouble"] or "credentials" in row["trouble"]


def test_a_host_that_was_allowed_is_called():
    far = Target("http", "192.0.2.1", 80)
    assert address_of(far, {"192.0.2.1"}) == ("192.0.2.1", 80)
    with pytest.raises(TargetError, match=r"--allow-ping 192\.0\.2\.1"):
        address_of(far, {"192.0.2.2"})


def test_a_name_of_this_machine_is_called_by_its_name(sandbox, mobile, receiver, until):
    box, api = sandbox(clock="manual")
    url = receiver.url.replace("127.0.0.1", "localhost")
    api.mailing([mobile(1)], pingUrl=f"{url}?m=#id#")
    box.advance(600)
    until(lambda: not owed(box), "the pings")
    assert set(receiver.hosts) == {url.split("/")[2]}


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(monkeypatch):
    asked = []

    def rebinding(host, port, **_):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "192.0.2.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    target = Target("http", "rebinds.test", 80)
    assert address_of(target, ()) == ("127.0.0.1", 80)
    with pytest.raises(TargetError):
        address_of(target, ())
    assert asked == ["rebinds.test"] * 2


def test_a_name_with_one_foreign_address_is_not_called(monkeypatch):
    rows = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("127.0.0.1", "192.0.2.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with pytest.raises(TargetError):
        address_of(Target("http", "two.test", 80), ())


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "http:///x", "http://127.0.0.1:x/", "javascript:1"]
)
def test_what_is_no_url_of_a_web_server_is_not_called(url):
    with pytest.raises(TargetError):
        target_of(url)


def test_a_line_break_in_a_url_starts_no_second_request():
    _, path = target_of("http://127.0.0.1/?m=1 HTTP/1.1\r\nX: y")
    assert "\r" not in path
    assert " " not in path


def test_after_a_reset_no_earlier_ping_comes_and_later_ones_do(
    sandbox, mobile, receiver, until
):
    receiver.says = lambda _: 503
    box, api = sandbox(clock="manual")
    api.mailing(
        [mobile(1_000 + n) for n in range(50)], pingUrl=f"{receiver.url}?m=#id#"
    )
    box.advance(600)
    until(lambda: receiver.seen, "a ping")
    box.reset()
    receiver.says = lambda _: 204
    api.token = ""
    mailing = api.mailing([mobile(1)], pingUrl=f"{receiver.url}?m=#id#")
    box.advance(600)
    until(lambda: len(box.truth()["pings"]) == 2 and not owed(box), "the later ones")
    (last,) = api.messages(mailing)
    assert receiver.ids[-2:] == [last["id"]] * 2
    told = [row["messages"] for row in box.truth()["attempts"]]
    assert told[-2:] == [(int(last["id"]),)] * 2
