"""R38 and R39: the platform's notices of status changes."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from listener import Listener
from talk import MAILINGS, MESSAGES, a_mailing

THREE = json.dumps([{"recipient": f"+3363998000{n}"} for n in (1, 2, 3)])


@pytest.fixture
def listener():
    with Listener() as one:
        yield one


def ids_of(heard, name="id"):
    return [parse_qs(urlsplit(one.target).query)[name][0] for one in heard]


def messages_of(player, mailing):
    told = {"mailingId": mailing, "properties": "id", "sort": "id ASC"}
    return player.get(MESSAGES, told).ids


@pytest.mark.contract("R38")
def test_r38_each_message_is_named_in_the_place_of_id(player, listener):
    mailing = player.made(contacts=THREE, pingUrl=f"{listener.base}/p?id=#id#&x=1")
    expected = messages_of(player, mailing)
    player.ended(mailing)
    heard = listener.wait_for(lambda all_: {*expected} <= {*ids_of(all_)})
    assert {*ids_of(heard)} == {*expected}
    for one in heard:
        assert re.fullmatch(r"/p\?id=\d+&x=1", one.target)


@pytest.mark.contract("R38")
def test_r38_each_change_of_status_is_told(player, listener):
    mailing = player.made(pingUrl=f"{listener.base}/p?id=#id#")
    player.ended(mailing)
    (number,) = messages_of(player, mailing)
    # It goes from wait to on, and from on to its end: two changes.
    heard = listener.wait_for(lambda all_: len(all_) >= 2)
    assert {*ids_of(heard)} == {number}


@pytest.mark.contract("R38")
def test_r38_several_are_named_in_the_place_of_ids_with_commas(player, listener):
    contacts = json.dumps([{"recipient": f"+3361{n:07d}"} for n in range(60)])
    mailing = player.made(contacts=contacts, pingUrl=f"{listener.base}/p?ids=#ids#")
    expected = messages_of(player, mailing)
    player.ended(mailing)

    def named(all_):
        return {number for word in ids_of(all_, "ids") for number in word.split(",")}

    heard = listener.wait_for(lambda all_: {*expected} <= named(all_))
    assert named(heard) == {*expected}
    assert any("," in word for word in ids_of(heard, "ids"))
    assert not any("-" in word for word in ids_of(heard, "ids"))
    assert len(heard) < 120  # two changes of sixty messages, collected


@pytest.mark.contract("R38")
def test_r38_a_ping_comes_after_the_change_it_tells_of(player, listener):
    mailing = player.made(pingUrl=f"{listener.base}/p?id=#id#")
    number = ids_of(listener.wait_for(lambda all_: len(all_) >= 1))[0]
    (row,) = player.get(MESSAGES, {"id": number}).rows
    assert row["currentStatus"]["shortKey"] != "wait"
    player.ended(mailing)


# R39


@pytest.mark.contract("R39")
def test_r39_it_is_a_get_without_a_body_or_a_token(player, listener):
    player.play(pingUrl=f"{listener.base}/p?id=#id#")
    for one in listener.wait_for(lambda all_: len(all_) >= 2):
        assert (one.method, one.body) == ("GET", b"")
        assert "Authorization" not in one.headers
        assert player.token not in str(one)


@pytest.mark.contract("R39")
@pytest.mark.parametrize(
    ("pattern", "heard_as"),
    [
        ("/p/#id#", r"/p/\d+"),
        ("/#id#/p?x=a%20b", r"/\d+/p\?x=a%20b"),
        ("/p?a=#id#&b=#id#", r"/p\?a=(\d+)&b=\1"),
        ("/p?id=#id##end", r"/p\?id=\d+"),
        ("/p?ids=#ids#", r"/p\?ids=\d+"),
        ("/p", r"/p"),
    ],
)
def test_r39_patterns_are_text_and_are_replaced_before_the_url_is_read(
    player, listener, pattern, heard_as
):
    player.play(pingUrl=listener.base + pattern)
    for one in listener.wait_for(lambda all_: len(all_) >= 1):
        assert re.fullmatch(heard_as, one.target)


@pytest.mark.contract("R39")
@pytest.mark.parametrize("status", [500, 404])
def test_r39_a_failure_is_tried_a_few_times_and_blocks_nothing(player, status):
    with Listener(status) as failing:
        mailing = player.made(pingUrl=f"{failing.base}/p?id=#id#")
        stats = player.ended(mailing)
        assert stats["wait"] == stats["on"] == 0
        heard = failing.wait_for(lambda all_: len(all_) >= 3)
        assert {*ids_of(heard)} == {*messages_of(player, mailing)}


@pytest.mark.contract("R39")
def test_r39_a_listener_that_never_answers_blocks_nothing(player):
    with Listener() as slow:
        slow.open.clear()
        mailing = player.made(contacts=THREE, pingUrl=f"{slow.base}/p?id=#id#")
        assert player.ended(mailing)["total"] == 3
        assert player.play()["total"] == 1  # and neither does it block another's
        slow.wait_for(lambda all_: len(all_) >= 1)


@pytest.mark.contract("R39")
def test_r39_a_redirect_is_not_followed(player, listener):
    target = {"Location": f"{listener.base}/stolen"}
    with Listener(302, target) as elsewhere:
        player.play(pingUrl=f"{elsewhere.base}/p?id=#id#")
        elsewhere.wait_for(lambda all_: len(all_) >= 1)
    assert listener.heard == []


@pytest.mark.contract("R39")
@pytest.mark.parametrize(
    "target",
    [
        "http://192.0.2.1/p?id=#id#",
        "http://169.254.169.254/latest?id=#id#",
        "http://0.0.0.0:9/p",
        "http://[::ffff:192.0.2.1]/p",
        "https://files.example/p?id=#id#",
    ],
)
def test_r39_the_sandbox_never_pings_another_machine(player, target):
    # Whether it is refused or silently not called: the calls go on, nothing hangs.
    reply = player.send("POST", MAILINGS, a_mailing(date=None, pingUrl=target))
    assert reply.status in {201, 417}
    if reply.status == 201:
        assert player.ended(reply.ids[0])["total"] == 1
