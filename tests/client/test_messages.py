"""Messages: read by ids or by mailings, with properties, and shown to no one."""

from __future__ import annotations

import pytest

from voiceprep.client.models import parse_message
from voiceprep.errors import ContractError, RefusedError

MESSAGES = "/rest/messages"


def test_r40_properties_are_always_sent(platform, client, say):
    platform.says(f"POST {MESSAGES}", say.rows(say.message()))
    platform.says(f"GET {MESSAGES}", say.rows(say.message()))
    list(client.messages.read(id=["91", "92"]))
    list(client.messages.read(mailing_name="Relance, mars", state="ko", limit=5))
    by_id, by_name = platform.calls(MESSAGES)
    assert by_id.form["id"] == ["91,92"]
    assert by_id.form["properties"] == ["id,DEFAULT,currentStatus"]
    assert by_name.query["mailingName"] == ["Relance, mars"]  # R20: never split
    assert by_name.query["status"] == ["ko"]
    assert by_name.query["properties"] == ["id,DEFAULT,currentStatus"]
    assert by_name.query["limit"] == ["5"]


def test_fewer_properties_may_be_asked_for_and_the_id_stays(platform, client, say):
    row = {"id": "91", "currentStatus": {"shortKey": "ok"}}
    platform.says(f"POST {MESSAGES}", say.rows(row))
    (found,) = client.messages.read(mailing_id="42", properties=["currentStatus"])
    (seen,) = platform.calls(MESSAGES)
    assert seen.form["properties"] == ["id,currentStatus"]
    assert (found.state, found.description, found.recipient) == ("ok", None, None)


def test_thousands_of_mailings_are_asked_for_in_bodies(platform, client, say):
    platform.says(f"POST {MESSAGES}", say.rows())
    list(client.messages.read(mailing_id=[str(n) for n in range(1_200)]))
    sizes = [
        len(seen.form["mailingId"][0].split(",")) for seen in platform.calls(MESSAGES)
    ]
    assert sizes == [500, 500, 200]


def test_a_mailings_messages_are_read_to_the_last_page(platform, client, say):
    pages = [
        say.rows(*(say.message(id=str(n)) for n in range(start, start + 100)))
        for start in range(0, 1_000, 100)
    ]
    platform.says(f"POST {MESSAGES}", *pages, say.rows())
    found = list(client.messages.read(mailing_id="42"))
    assert [one.id for one in found] == [str(n) for n in range(1_000)]


def test_r40_messages_of_nothing_in_particular_are_not_asked_for(platform, client):
    with pytest.raises(RefusedError, match=r"mailing_name.*R40"):
        client.messages.read(state="ok")
    assert platform.seen == []


def test_r41_messages_have_no_verb_but_read(client):
    verbs = {name for name in dir(client.messages) if not name.startswith("_")}
    assert verbs == {"read"}


def test_a_message_is_read_field_by_field(say):
    message = parse_message(say.message(id=91, duration="7", optout="1", colour="red"))
    assert (message.id, message.state, message.description) == (
        "91",
        "ko",
        "voice busy",
    )
    assert (message.duration_s, message.attempts, message.optout) == (7, 1, True)
    assert (message.mailing_id, message.mailing_name) == ("42", "Relance mars")
    assert message.recipient == "+33612345678"
    assert message.extra == {"colour": "red"}


@pytest.mark.parametrize(
    ("state", "final"),
    [("wait", False), ("on", False), ("ok", True), ("ko", True), ("no", True)],
)
def test_r40_three_states_are_final(say, state, final):
    message = parse_message(say.message(currentStatus={"shortKey": state}))
    assert (message.state, message.is_final) == (state, final)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("ok", ("ok", None)),
        ({"shortKey": "queued", "description": "x"}, ("queued", "x")),
        (None, (None, None)),
        ("", (None, None)),
    ],
)
def test_a_status_in_another_form_is_kept_and_not_guessed_at(say, said, read):
    message = parse_message(say.message(currentStatus=said))
    assert (message.state, message.description) == read
    assert message.is_final is (message.state == "ok")


@pytest.mark.parametrize(
    "fields",
    [{"id": ""}, {"currentStatus": 3}, {"optout": "perhaps"}, {"attempts": []}],
)
def test_a_field_of_another_kind_breaks_the_contract(say, fields):
    with pytest.raises(ContractError):
        parse_message(say.message(**fields))


def test_r34_the_recipient_is_not_in_the_repr(say):
    message = parse_message(say.message(contact="+33 6 12 34 56 78"))
    assert "12345678" not in repr(message).replace(" ", "")
