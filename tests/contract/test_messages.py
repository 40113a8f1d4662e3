"""R40 and R41: messages, one call to one number each."""

import json
from datetime import datetime

import pytest
from talk import MAILINGS, MESSAGES, a_mailing, urlencoded

STATES = {"wait", "on", "ok", "ko", "no"}
THREE = ["+33612345671", "+33612345672", "+33612345673"]
ATTRIBUTES = {  # as docs/platform.md lists them
    *("id", "mailingId", "mailingName", "media", "type", "link", "recipient"),
    *("date", "createdDate", "sentDate", "statusDate", "currentStatus"),
    *("duration", "attempts", "optout"),
}


@pytest.fixture(scope="module")
def mailing(caller):
    """Create a mailing of three that waits; return its row."""
    contacts = json.dumps([{"recipient": number} for number in THREE])
    told = a_mailing(name="messages", contacts=contacts)
    return caller.send("POST", MAILINGS, told).rows[0]


@pytest.fixture(scope="module")
def rows(caller, mailing):
    told = {"mailingId": mailing["id"], "sort": "id ASC"}
    return caller.get(MESSAGES, told).rows


# R40


@pytest.mark.contract("R40")
def test_r40_messages_are_read_by_one_or_many_ids(caller, rows):
    ids = [row["id"] for row in rows]
    assert caller.get(MESSAGES, {"id": ids[0]}).rows == rows[:1]
    assert (
        caller.get(MESSAGES, {"id": ",".join(ids[1:]), "sort": "id ASC"}).ids
        == (ids[1:])
    )
    told = [(f"id[{n}]", number) for n, number in enumerate(ids)]
    assert len(caller.send("POST", f"{MESSAGES}?action=read", told).rows) == 3


@pytest.mark.contract("R40")
def test_r40_a_message_has_its_documented_attributes(rows, mailing):
    for row, number in zip(rows, THREE, strict=True):
        assert set(row) == ATTRIBUTES
        assert row["id"].isdecimal()
        assert row["recipient"] == number
        assert (row["mailingId"], row["mailingName"]) == (mailing["id"], "messages")
        assert (row["media"], row["type"]) == ("VOICE", "wav")
        assert row["link"] == mailing["link"]
        assert row["date"] == mailing["date"]


@pytest.mark.contract("R40")
def test_r40_the_status_is_a_short_key_and_a_description(rows):
    for row in rows:
        assert set(row["currentStatus"]) == {"shortKey", "description"}
        assert row["currentStatus"]["shortKey"] == "wait"
        assert row["currentStatus"]["description"]


@pytest.mark.contract("R40")
def test_r40_properties_keep_it_small_and_their_absence_is_accepted(caller, rows):
    told = {"id": rows[0]["id"], "properties": "id,currentStatus"}
    assert caller.get(MESSAGES, told).rows == [
        {"id": rows[0]["id"], "currentStatus": rows[0]["currentStatus"]}
    ]
    assert caller.get(MESSAGES, {"id": rows[0]["id"]}).rows == rows[:1]


@pytest.mark.contract("R40")
def test_r40_filters_exist_without_an_id(caller, rows, mailing):
    by_mailing = caller.get(MESSAGES, {"mailingId": mailing["id"]}).rows
    by_name = caller.get(MESSAGES, {"mailingName": "messages"}).rows
    assert by_mailing == by_name == rows
    waiting = {"mailingId": mailing["id"], "status": "wait"}
    assert caller.get(MESSAGES, waiting).rows == rows
    assert caller.get(MESSAGES, {**waiting, "status": "ok"}).rows == []
    assert len(caller.get(MESSAGES, {**waiting, "status": "ok,wait"}).rows) == 3


@pytest.mark.contract("R40", "R22")
@pytest.mark.parametrize("told", [{}, {"status": "wait"}, {"limit": "1"}])
def test_r40_one_of_id_mailing_and_name_is_required(caller, rows, told):
    reply = caller.get(MESSAGES, told)
    assert (reply.status, reply.json["status"]) == (417, 417)


@pytest.mark.contract("R40", "R13")
def test_r40_an_unknown_filter_or_status_selects_nothing_wrong(caller, rows):
    told = {"id": rows[0]["id"]}
    assert caller.get(MESSAGES, {**told, "colour": "red"}).status == 400
    unknown = caller.get(MESSAGES, {**told, "status": "lost"})
    assert unknown.status in {200, 400}
    if unknown.status == 200:
        assert unknown.rows == []


@pytest.mark.contract("R40")
def test_r40_every_call_ends_as_ok_ko_or_no_with_a_description(player):
    contacts = [{"recipient": f"+3361234{n:04d}"} for n in range(100)]
    mailing = player.made(contacts=json.dumps(contacts))
    player.ended(mailing)
    rows = player.get(MESSAGES, {"mailingId": mailing}).rows
    assert {row["currentStatus"]["shortKey"] for row in rows} <= {"ok", "ko", "no"}
    for row in rows:
        assert row["currentStatus"]["description"].startswith("voice ")
        started, ended = row["sentDate"], row["statusDate"]
        assert row["date"] <= started <= ended
        assert datetime.fromisoformat(started).utcoffset() is not None
        assert row["attempts"] >= 1


@pytest.mark.contract("R40")
def test_r40_no_is_a_state_of_its_own(player):
    # docs/sandbox.md, magic numbers: 5 ends in `no`.
    contacts = json.dumps([{"recipient": "+33639980005"}])
    stats = player.play(contacts=contacts)
    assert (stats["no"], stats["ok"], stats["ko"]) == (1, 0, 0)


@pytest.mark.contract("R40")
@pytest.mark.parametrize(
    ("media", "number", "key", "description"),
    [
        ("VOICE", "+33639980001", "ok", "voice delivered"),
        ("VOICE", "+33639980002", "ko", "voice busy"),
        ("VOICEMAIL", "+33639980001", "ok", "voicemail delivered"),
    ],
)
def test_r40_the_descriptions_are_the_platforms(
    player, media, number, key, description
):
    told = {"media": media, "contacts": json.dumps([{"recipient": number}])}
    if media == "VOICEMAIL":
        told |= {"type": None, "link": "https://files.example/a.pcm"}
    mailing = player.made(**told)
    player.ended(mailing)
    (row,) = player.get(MESSAGES, {"mailingId": mailing}).rows
    expected = {"shortKey": key, "description": description}
    assert row["currentStatus"] == expected


# R41


@pytest.mark.contract("R41", "R22")
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_r41_messages_are_only_read(caller, rows, action):
    told = {"id": rows[0]["id"], "metaData": '{"status":"ok"}'}
    verb = {"create": "POST", "update": "PUT", "delete": "DELETE"}[action]
    by_verb = caller.send(verb, MESSAGES, told)
    by_action = caller.send("POST", f"{MESSAGES}?action={action}", told, urlencoded)
    for reply in (by_verb, by_action):
        assert (reply.status, reply.json["status"]) == (405, 405)
    assert caller.get(MESSAGES, {"id": rows[0]["id"]}).rows == rows[:1]
