"""Mailings, messages and statistics (R32–R42), over real sockets."""

import json
from datetime import UTC, datetime

import pytest
from caller import contacts

from voiceprep.sandbox import database, schema
from voiceprep.sandbox.changes import come_to

PATH = "/rest/mailings"
LINK = "http://127.0.0.1/datas/x/a.pcm"
STATS = ["total", "wait", "on", "ok", "ko", "no", "optout", "rep"]


@pytest.fixture
def come(box):
    """Bring the n-th message of a mailing to a state, as its delivery would."""

    def change(mailing, position, state, description="voice x", **more):
        which = (schema.messages.c.mailing_id == int(mailing)) & (
            schema.messages.c.position == position
        )
        with database.writing(box._store.engine) as db:
            assert come_to(db, which, state, description, 2e9, **more) == 1

    return change


def changed(values):
    return {"metaData": json.dumps(values)}


def pings_of(box, mailing):
    query = schema.pings.join(schema.messages).select()
    with database.reading(box._store.engine) as db:
        found = db.execute(query.where(schema.messages.c.mailing_id == int(mailing)))
        return [row.shortKey for row in found]


# Creation


def test_r32_and_r36_a_created_mailing(call):
    told = call.mailing(
        name="Relance", contacts=contacts("+33612345678", "01 23 45 67 89")
    )
    assert (told.status, told.json["total"]) == (201, None)
    assert "status" not in told.json
    row = told.row
    assert list(row) == [
        *("id", "name", "media", "type", "link", "date", "createdDate"),
        *("pingUrl", "status", "contactsCount", "stats"),
    ]
    assert list(row["stats"]) == STATS
    assert row["stats"] == dict.fromkeys(STATS, 0) | {"total": 2, "wait": 2}
    assert row["date"] == "2098-01-01T10:00:00+01:00"
    assert (row["name"], row["status"]) == ("Relance", "wait")
    assert (row["contactsCount"], row["pingUrl"]) == (2, None)
    assert call("GET", f"{PATH}?id={row['id']}").row == row


def test_r33_media_in_any_case_and_type_is_ignored_with_voicemail(call):
    row = call.mailing(media="VoiceMail", type="nonsense", link=LINK).row
    assert (row["media"], row["type"]) == ("VOICEMAIL", None)
    assert "optout" not in row["stats"]  # R42: VOICE only
    assert call.mailing(media="voice", type="VXML").row["type"] == "vxml"
    found = call("GET", f"{PATH}?media=voicemail&id={row['id']}").row
    assert found["id"] == row["id"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"link": None}, "link is required"),
        ({"link": "/a.wav"}, "link must be a link"),
        ({"link": "ftp://a/b.wav"}, "link must be a link"),
        ({"link": "http://"}, "link must be a link"),
        ({"link": "http://[::1/a"}, "link must be a link"),
        ({"link": "http://a:99999/a"}, "link must be a link"),
        ({"link": "http://a/ b"}, "link must be a link"),
        ({"link": "http://a/" + "b" * 2_000}, "link has over"),
        ({"media": None}, "media is required"),
        ({"media": "SMS"}, "media is required"),
        ({"type": None}, "type is required"),
        ({"type": "mp3"}, "'wav' for mp3 too"),
        ({"media": "VOICEMAIL"}, "must end in .pcm"),
        ({"contacts": None}, "contacts is required"),
        ({"contacts": ""}, "contacts is required"),
        ({"contacts": "[]"}, "contacts must be a list"),
        ({"contacts": '{"recipient": "+33612345678"}'}, "contacts must be a list"),
        ({"contacts": '["+33612345678"]'}, "no recipient"),
        ({"contacts": '[{"recipient": "+33612345678"},]'}, "comma before a closing"),
        ({"contacts": "[{“recipient”: “+33612345678”}]"}, "typographic quotes"),
        ({"contacts": "["}, "not valid JSON"),
        ({"contacts": "[" * 10_000}, "not valid JSON"),
        ({"contacts": '[{"recipient": " 33612345678"}]'}, "a form sends + as %2B"),
        ({"date": "tomorrow"}, "no date of ISO-8601"),
        ({"date": "2098-13-01"}, "no date of ISO-8601"),
        ({"date": "2098-01-01T10:00:00 01:00"}, "a form sends + as %2B"),
        ({"date": "9999-12-31T23:59:59-12:00"}, "not within"),
        ({"date": "0001-01-01"}, "not within"),
        ({"pingUrl": "javascript:alert(1)"}, "pingUrl must be a link"),
        ({"name": "n" * 256}, "name has over 255"),
    ],
)
def test_r32_to_r37_what_is_not_taken_is_417_and_creates_nothing(call, wrong, said):
    before = call("GET", f"{PATH}?limit=1&total=true").json["total"]
    told = call.mailing(**wrong)
    assert (told.status, told.json["status"]) == (417, 417)
    assert said in told.json["message"]
    assert call("GET", f"{PATH}?limit=1&total=true").json["total"] == before


def test_r34_one_bad_contact_refuses_all_and_each_is_named(call):
    numbers = ["+33612345678", "0033612345678", "0612345678", "0890123456"]
    told = call.mailing(contacts=contacts(*numbers))
    assert told.status == 417
    details = [each["details"] for each in told.json["messages"]]
    assert details == [
        "contacts[1]: '0033612345678': 00 is not supported; write + instead",
        "contacts[3]: '0890123456': neither a mobile nor a fixed number",
    ]
    assert told.json["message"].startswith(details[0])


def test_r35_a_thousand_contacts_are_taken_and_not_one_more(call):
    numbers = [f"+336{number:08}" for number in range(10_000_000, 10_001_001)]
    told = call.mailing(name="full", contacts=contacts(*numbers[:1_000]))
    assert told.row["stats"]["wait"] == told.row["contactsCount"] == 1_000
    rows = call("GET", f"/rest/messages?mailingId={told.row['id']}").rows
    assert [row["recipient"] for row in rows] == numbers[:1_000]
    too_many = call.mailing(contacts=contacts(*numbers))
    assert too_many.status == 417
    assert "1001" in too_many.json["message"]


def test_r37_a_date_without_offset_is_in_paris_and_the_past_is_at_once(call):
    for date, due in [
        ("2098-07-01T10:00:00", "2098-07-01T10:00:00+02:00"),
        ("2098-01-01", "2098-01-01T00:00:00+01:00"),
        ("2098-01-01T10:00:00Z", "2098-01-01T11:00:00+01:00"),
        ("2098-01-01T10:00-05:00", "2098-01-01T16:00:00+01:00"),
    ]:
        assert call.mailing(date=date).row["date"] == due
    for date in (None, "", "2001-01-01T10:00:00"):
        now = datetime.now(UTC)
        due = datetime.fromisoformat(call.mailing(date=date).row["date"])
        assert abs((due - now).total_seconds()) < 60


def test_r37_a_repeated_create_is_a_second_mailing(call):
    first, second = (call.mailing(name="twice").row["id"] for _ in range(2))
    assert first != second


# Updates, stops and deletes


def test_r20_what_waits_can_be_changed(box, call):
    number = call.mailing(name="before").row["id"]
    values = {
        "name": "after",
        "link": "http://127.0.0.1/b.wav",
        "type": "vxml",
        "date": "2097-05-01T08:00:00",
        "pingUrl": "http://127.0.0.1:9/?id=#id#",
    }
    assert call("PUT", PATH, {"id": number, **changed(values)}).json == {"count": 1}
    row = call("GET", f"{PATH}?id={number}").row
    due = "2097-05-01T08:00:00+02:00"
    assert {name: row[name] for name in values} == {**values, "date": due}
    message = call("GET", f"/rest/messages?mailingName=after&mailingId={number}").row
    assert (message["date"], message["link"]) == (due, values["link"])
    with database.reading(box._store.engine) as db:
        query = schema.messages.select().where(schema.messages.c.id == message["id"])
        (kept,) = db.execute(query)
    assert kept.next_at == kept.due_at == datetime.fromisoformat(due).timestamp()


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"media": "VOICEMAIL"}, 400),
        ({"contacts": []}, 400),
        ({"stats": {}}, 400),
        ({"link": "nothing"}, 417),
        ({"date": "never"}, 417),
        ({"type": "mp3"}, 417),
        ({"status": "done"}, 417),
        ({"name": "x", "pingUrl": "x"}, 417),
    ],
)
def test_r20_what_can_not_be_changed_is_refused_whole(call, values, status):
    before = call.mailing().row
    told = call("PUT", PATH, {"id": before["id"], **changed(values)})
    assert told.status == status
    assert call("GET", f"{PATH}?id={before['id']}").row == before


def test_r33_a_changed_link_must_still_suit_the_media(call):
    number = call.mailing(media="VOICEMAIL", link=LINK).row["id"]
    wrong = changed({"link": "http://127.0.0.1/a.wav"})
    assert call("PUT", PATH, {"id": number, **wrong}).status == 417
    assert call("GET", f"{PATH}?id={number}").row["link"] == LINK


def test_what_no_longer_waits_is_neither_changed_nor_deleted(call, come):
    begun, waits = (call.mailing(name="begun").row["id"] for _ in range(2))
    come(begun, 0, "on", next_at=4e9)
    for method, body in (("PUT", changed({"name": "x"})), ("DELETE", {})):
        told = call(method, f"{PATH}?name=begun", body)
        assert told.status == 417
        assert told.json["messages"] == [
            {"details": f"mailing {begun} no longer waits"}
        ]
    assert [row["name"] for row in call("GET", f"{PATH}?name=begun").rows] == [
        "begun",
        "begun",
    ]
    assert call("DELETE", f"{PATH}?id={waits}").json == {"count": 1}
    assert call("GET", f"/rest/messages?mailingId={waits}").rows == []


@pytest.mark.parametrize("media", ["VOICE", "VOICEMAIL"])
def test_a_stop_ends_what_waits_and_leaves_what_was_called(box, call, come, media):
    made = call.mailing(
        media=media,
        link=LINK,
        pingUrl="http://127.0.0.1:9/?ids=#ids#",
        contacts=contacts(*["0612345678"] * 4),
    )
    number = made.row["id"]
    come(number, 0, "on", next_at=4e9)
    come(number, 1, "ok")
    stop = changed({"status": "cancelled"})
    assert call("PUT", PATH, {"id": number, **stop}).json == {"count": 1}
    row = call("GET", f"{PATH}?id={number}").row
    assert row["status"] == "cancelled"
    counts = {key: row["stats"][key] for key in STATS[:6]}
    assert counts == {"total": 4, "wait": 0, "on": 1, "ok": 1, "ko": 2, "no": 0}
    query = f"/rest/messages?mailingId={number}&properties=currentStatus"
    said = [each["currentStatus"] for each in call("GET", query).rows]
    stopped = {"shortKey": "ko", "description": f"{media.lower()} cancelled"}
    assert said[2:] == [stopped, stopped]
    assert [each["shortKey"] for each in said[:2]] == ["on", "ok"]
    assert sorted(pings_of(box, number)) == ["ko", "ko", "ok", "on"]  # R38
    # Once more changes nothing, and owes nothing.
    assert call("PUT", PATH, {"id": number, **stop}).json == {"count": 1}
    assert len(pings_of(box, number)) == 4


def test_a_stop_of_what_is_over_leaves_it_done(call, come):
    number = call.mailing().row["id"]
    come(number, 0, "ok")
    stop = {"id": number, **changed({"status": "cancelled"})}
    assert call("PUT", PATH, stop).json == {"count": 1}
    assert call("GET", f"{PATH}?id={number}").row["status"] == "done"


# Messages and statistics


def test_r40_a_message(call):
    mailing = call.mailing(name="r40").row
    row = call("GET", f"/rest/messages?mailingId={mailing['id']}").row
    assert list(row) == [
        *("id", "mailingId", "mailingName", "media", "type", "link", "recipient"),
        *("date", "createdDate", "sentDate", "statusDate", "currentStatus"),
        *("duration", "attempts", "optout"),
    ]
    assert row["currentStatus"] == {
        "shortKey": "wait",
        "description": "voice programmed",
    }
    assert (row["mailingId"], row["mailingName"]) == (mailing["id"], "r40")
    assert row["recipient"] == "+33612345678"
    assert (row["sentDate"], row["duration"]) == (None, None)
    assert (row["attempts"], row["optout"]) == (0, False)


def test_r40_messages_are_read_by_ids_mailings_names_and_status(call, come):
    numbers = contacts(*["0612345678"] * 3)
    mailing = call.mailing(name="r40, all", contacts=numbers).row["id"]
    rows = call("GET", f"/rest/messages?mailingId={mailing}&properties=id").rows
    assert all(list(row) == ["id"] for row in rows)
    ids = [row["id"] for row in rows]
    come(mailing, 1, "no")
    for query, expected in [
        (f"id={','.join(ids)}", ids),
        (f"id[0]={ids[0]}&id[1]={ids[2]}", [ids[0], ids[2]]),
        ("mailingName=r40,%20all", ids),
        (f"mailingId={mailing}&status=no", [ids[1]]),
        (f"mailingId={mailing}&status=wait,on", [ids[0], ids[2]]),
        (f"mailingId={mailing}&recipient=%2B33612345678&attempts=0&optout=0", ids),
        (f"mailingId={mailing}&sort=status&limit=1", [ids[1]]),
        (f"mailingId={mailing}&media=VOICEMAIL", []),
    ]:
        told = call("GET", f"/rest/messages?{query}")
        assert [row["id"] for row in told.rows] == expected, query


@pytest.mark.parametrize("query", ["", "status=wait", "id=", "limit=5", "mailingId=,"])
def test_r40_one_of_id_mailing_id_mailing_name_is_required(call, query):
    told = call("GET", f"/rest/messages?{query}")
    assert (told.status, told.json["status"]) == (417, 417)
    assert "id, mailingId, mailingName" in told.json["message"]


def test_r41_messages_are_only_read(call):
    for method, path in [
        ("POST", "/rest/messages"),
        ("PUT", "/rest/messages?id=1&metaData=%7B%7D"),
        ("DELETE", "/rest/messages?id=1"),
        ("POST", "/rest/messages?action=delete&id=1"),
        ("GET", "/rest/messages?action=create"),
    ]:
        told = call(method, path)
        assert (told.status, told.headers["Allow"]) == (405, "GET, POST")


def test_r42_statistics_by_id_and_by_name(call, come):
    two = [
        call.mailing(name="r42", contacts=contacts(*["0612345678"] * 5)).row["id"]
        for _ in range(2)
    ]
    for position, state in enumerate(("on", "ok", "ko", "no")):
        come(two[0], position, state, optout=state == "ok")
    told = call("GET", f"{PATH}?id={two[0]}&properties=id,stats")
    assert told.body == (
        b'{"size":1,"total":1,"list":[{"id":"%s","stats":{"total":5,"wait":1,"on":1,'
        b'"ok":1,"ko":1,"no":1,"optout":1,"rep":0}}],"httpStatusCode":200}'
        % two[0].encode()
    )
    by_name = call("GET", f"{PATH}?name=r42&properties=stats").rows
    assert [row["stats"]["wait"] for row in by_name] == [1, 5]


def test_a_mailing_waits_is_on_and_is_done(call, come):
    number = call.mailing(contacts=contacts("0612345678", "0612345679")).row["id"]
    seen = []
    for position, state in [(0, "on"), (0, "ok"), (1, "on"), (1, "ko")]:
        come(number, position, state, **({"next_at": 4e9} if state == "on" else {}))
        seen.append(call("GET", f"{PATH}?id={number}").row["status"])
        found = call("GET", f"{PATH}?status={seen[-1]}&properties=id").rows
        assert {"id": number} in found
    assert seen == ["on", "on", "on", "done"]
