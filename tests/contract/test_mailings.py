"""R32 to R37: mailings, with every rule that one is refused for."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from talk import MAILINGS, MESSAGES, a_mailing, multipart, urlencoded

FAR = datetime(2090, 1, 1, 10, tzinfo=UTC)


def contacts(*numbers):
    return json.dumps([{"recipient": number} for number in numbers])


def create(caller, **changed):
    return caller.send("POST", MAILINGS, a_mailing(**changed))


def recipients(caller, mailing):
    told = {"mailingId": mailing, "properties": "id,recipient", "sort": "id ASC"}
    return [row["recipient"] for row in caller.get(MESSAGES, told).rows]


# R32


@pytest.mark.contract("R32", "R19")
def test_r32_a_mailing_is_created_from_its_documented_parameters(caller, words):
    name = words()
    reply = create(
        caller,
        name=name,
        media="VOICE",
        type="wav",
        link="https://files.example/a.wav",
        pingUrl="http://127.0.0.1:9/ping?id=#id#",
        contacts=contacts("+33612345678", "0612345679"),
    )
    (row,) = reply.rows
    assert reply.status == 201
    assert row["id"].isdecimal()
    assert (row["name"], row["media"], row["type"]) == (name, "VOICE", "wav")
    assert row["link"] == "https://files.example/a.wav"
    assert caller.get(MAILINGS, {"id": row["id"]}).rows == [row]


@pytest.mark.contract("R32")
def test_r32_a_name_is_optional(caller):
    reply = create(caller, name=None)
    assert reply.status == 201
    assert caller.get(MAILINGS, {"id": reply.ids[0]}).ids == reply.ids


@pytest.mark.contract("R32", "R22")
@pytest.mark.parametrize("lacking", ["link", "media", "type", "contacts"])
def test_r32_what_is_required_and_lacks_is_417_by_name(caller, lacking):
    for value in (None, ""):
        reply = create(caller, **{lacking: value})
        assert reply.status == 417
        assert lacking in reply.json["message"]


@pytest.mark.contract("R32", "R22")
@pytest.mark.parametrize(
    "changed",
    [
        {"media": "SMS"},
        {"media": "VOICE,VOICEMAIL"},
        {"type": "mp3"},
        {"type": "ogg"},
        {"link": "relance.wav"},
        {"link": "ftp://files.example/a.wav"},
        {"link": "javascript:alert(1)"},
        {"pingUrl": "not an address"},
        {"contacts": "[]"},
        {"contacts": "{}"},
        {"contacts": '["+33612345678"]'},
        {"contacts": '[{"number":"+33612345678"}]'},
        {"contacts": '[{"recipient":null}]'},
        {"contacts": "+33612345678"},
    ],
    ids=str,
)
def test_r32_what_is_wrong_is_417(caller, changed):
    before = caller.get(MAILINGS).json["total"]
    reply = create(caller, **changed)
    assert (reply.status, reply.json["status"]) == (417, 417)
    assert caller.get(MAILINGS).json["total"] == before


@pytest.mark.contract("R32")
@pytest.mark.parametrize("kind", ["wav", "vxml"])
def test_r32_voice_takes_both_types(caller, kind):
    link = f"https://files.example/a.{kind}"
    assert create(caller, type=kind, link=link).rows[0]["type"] == kind


@pytest.mark.contract("R32")
def test_r32_wav_stands_for_mp3_too(caller):
    link = "https://files.example/a.mp3"
    assert create(caller, type="wav", link=link).status == 201


@pytest.mark.contract("R32")
def test_r32_a_mailing_waits_for_its_date(caller):
    row = create(caller, date="2090-01-01T10:00:00+00:00").rows[0]
    assert row["stats"]["wait"] == row["stats"]["total"] == 1
    assert datetime.fromisoformat(row["date"]) == FAR


@pytest.mark.contract("R32")
@pytest.mark.parametrize("date", [None, "", "2001-01-01T10:00:00+00:00"])
def test_r32_an_absent_or_past_date_means_now(player, date):
    stats = player.play(date=date)
    assert (stats["total"], stats["wait"], stats["on"]) == (1, 0, 0)


# R33


@pytest.mark.contract("R33")
def test_r33_voicemail_plays_the_encoded_file_and_its_type_is_ignored(caller):
    link = "https://files.example/a.pcm"
    for kind in (None, "wav", "whatever"):
        reply = create(caller, media="VOICEMAIL", type=kind, link=link)
        assert (reply.status, reply.rows[0]["media"]) == (201, "VOICEMAIL")


@pytest.mark.contract("R33")
@pytest.mark.parametrize("media", ["voice", "Voice", "VOICE"])
def test_r33_media_is_taken_in_any_case_and_returned_upper(caller, media):
    row = create(caller, media=media).rows[0]
    assert row["media"] == "VOICE"
    assert row["id"] in caller.get(MAILINGS, {"media": "VOICE"}).ids


@pytest.mark.contract("R33")
def test_r33_a_content_of_ours_is_linked_by_its_own_addresses(caller):
    content = caller.upload().rows[0]
    assert create(caller, link=content["url"]).status == 201
    told = {"media": "VOICEMAIL", "type": None, "link": content["url_encoded"]}
    assert create(caller, **told).status == 201


# R34


@pytest.mark.contract("R34")
@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+33612345678", "+33612345678"),
        ("06 12 34 56 78", "+33612345678"),
        ("0612345678", "+33612345678"),
        (" 0612345678 ", "+33612345678"),
        ("01 42 68 53 00", "+33142685300"),
        ("+32 470 12 34 56", "+32470123456"),
    ],
)
def test_r34_numbers_become_international(caller, written, called):
    reply = create(caller, contacts=contacts(written))
    assert recipients(caller, reply.ids[0]) == [called]


@pytest.mark.contract("R34", "R22")
@pytest.mark.parametrize(
    "number",
    [
        "0033612345678",
        "00 33 6 12 34 56 78",
        "33612345678",
        "612345678",
        "06123456",
        "061234567890123",
        "o612345678",
        "+",
        "",
        "abc",
        "+33612345678;ext=5",
        "06.12.34.56.78 (bureau)",
        "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
    ],
)
def test_r34_what_is_no_number_refuses_the_whole_mailing(caller, words, number):
    name = words()
    told = {"name": name, "contacts": contacts("+33612345678", number)}
    reply = create(caller, **told)
    assert (reply.status, reply.json["status"]) == (417, 417)
    assert len(reply.json["messages"]) == 1
    assert caller.get(MAILINGS, {"name": name}).rows == []


@pytest.mark.contract("R34")
def test_r34_the_message_names_the_first_bad_value_and_details_all(caller):
    bad = ["0033612345678", "abc", "06123"]
    reply = create(caller, contacts=contacts("+33612345678", *bad))
    assert bad[0] in reply.json["message"]
    assert bad[1] not in reply.json["message"]
    details = [str(each["details"]) for each in reply.json["messages"]]
    assert len(details) == 3
    for value, detail in zip(bad, details, strict=True):
        assert value in detail


@pytest.mark.contract("R34")
def test_r34_voicemail_takes_mobiles_only(caller):
    told = {"media": "VOICEMAIL", "type": None, "link": "https://files.example/a.pcm"}
    assert create(caller, **told, contacts=contacts("0612345678")).status == 201
    assert create(caller, **told, contacts=contacts("0756789012")).status == 201
    for fixed in ("0142685300", "+33142685300", "0912345678"):
        assert create(caller, **told, contacts=contacts(fixed)).status == 417


@pytest.mark.contract("R34")
def test_r34_a_plus_that_a_form_ate_is_refused_with_that_hint(caller):
    body, headers = urlencoded(a_mailing(contacts=None))
    body += b'&contacts=[{"recipient":"+33612345678"}]'  # nothing is percent-encoded
    reply = caller.call("POST", MAILINGS, body, headers)
    assert reply.status == 417
    said = json.dumps(reply.json, ensure_ascii=False)
    assert "+" in said or "%2B" in said


@pytest.mark.contract("R34")
@pytest.mark.parametrize(
    "text",
    [
        '[{"recipient":"+33612345678"},]',
        '[{"recipient":"+33612345678",}]',
        "[{\u201crecipient\u201d:\u201c+33612345678\u201d}]",
        "[{'recipient':'+33612345678'}]",
        '[{"recipient":"+33612345678"}',
    ],
)
def test_r34_contacts_as_the_document_prints_them_are_refused(caller, text):
    reply = create(caller, contacts=text)
    assert reply.status == 417
    assert "contacts" in reply.json["message"]


# R35


def thousand(count):
    return contacts(
        *(f"+336{number:08d}" for number in range(12345678, 12345678 + count))
    )


@pytest.mark.contract("R35", "R22")
def test_r35_a_thousand_contacts_are_taken_and_one_more_is_refused(caller):
    full = caller.send("POST", MAILINGS, a_mailing(contacts=thousand(1_000)), multipart)
    assert (full.status, full.rows[0]["stats"]["total"]) == (201, 1_000)
    over = caller.send("POST", MAILINGS, a_mailing(contacts=thousand(1_001)), multipart)
    assert over.status == 417


@pytest.mark.contract("R35", "R42")
def test_r35_a_campaign_is_several_mailings_of_one_name(caller, words):
    name = words("campaign")
    for count in (3, 2):
        create(caller, name=name, contacts=thousand(count))
    told = {"name": name, "properties": "id,stats"}
    rows = caller.get(MAILINGS, told).rows
    assert [row["stats"]["total"] for row in rows] == [3, 2]


# R36


@pytest.mark.contract("R36", "R42")
def test_r36_the_create_answer_carries_statistics(caller):
    stats = create(caller, contacts=thousand(3)).rows[0]["stats"]
    zero = dict.fromkeys(("on", "ok", "ko", "no", "optout", "rep"), 0)
    assert stats == {"total": 3, "wait": 3, **zero}


# R37


@pytest.mark.contract("R37")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2090-01-01T10:00:00+00:00", FAR),
        ("2090-01-01T10:00:00Z", FAR),
        ("2090-01-01T12:00:00+02:00", FAR),
        ("2090-01-01T11:00:00", FAR),  # Paris, winter
        ("2090-07-01T12:00:00", datetime(2090, 7, 1, 10, tzinfo=UTC)),  # summer
        ("2090-01-01 11:00:00", FAR),
    ],
)
def test_r37_a_date_without_offset_is_in_the_accounts_zone(caller, written, meant):
    row = create(caller, date=written).rows[0]
    assert datetime.fromisoformat(row["date"]) == meant
    assert datetime.fromisoformat(row["date"]).utcoffset() is not None


@pytest.mark.contract("R37", "R22")
@pytest.mark.parametrize(
    "date", ["tomorrow", "01/02/2090", "2090-13-01T10:00:00", "2090-02-30", "0", "٢"]
)
def test_r37_an_invalid_date_is_417(caller, date):
    reply = create(caller, date=date)
    assert (reply.status, "date" in reply.json["message"]) == (417, True)


@pytest.mark.contract("R37")
def test_r37_a_repeated_create_calls_people_twice(caller, words):
    told = {"name": words("twice")}
    ids = {create(caller, **told).ids[0] for _ in range(2)}
    rows = caller.get(MAILINGS, told).rows
    assert {row["id"] for row in rows} == ids
    assert sum(row["stats"]["total"] for row in rows) == 2


@pytest.mark.contract("R37", "R20")
def test_r37_a_waiting_mailing_is_moved_and_deleted(caller, words):
    row = create(caller, name=words()).rows[0]
    later = (FAR + timedelta(days=1)).isoformat()
    told = {"id": row["id"], "metaData": json.dumps({"date": later})}
    assert caller.send("PUT", MAILINGS, told).json == {"count": 1}
    read = caller.get(MAILINGS, {"id": row["id"]}).rows[0]
    assert datetime.fromisoformat(read["date"]) == FAR + timedelta(days=1)
    assert caller.send("DELETE", MAILINGS, {"id": row["id"]}).json == {"count": 1}
    assert caller.get(MESSAGES, {"mailingId": row["id"]}).rows == []


@pytest.mark.contract("R37", "R20")
def test_r37_a_mailing_is_stopped_before_it_calls(caller, words):
    row = create(caller, name=words(), contacts=contacts("0612345678")).rows[0]
    told = {"id": row["id"], "metaData": '{"status":"cancelled"}'}
    assert caller.send("PUT", MAILINGS, told).json == {"count": 1}
    read = caller.get(MAILINGS, {"id": row["id"]}).rows[0]
    assert read["status"] == "cancelled"
    assert (read["stats"]["wait"], read["stats"]["ko"]) == (0, 1)
    told["metaData"] = '{"name":"again"}'
    assert caller.send("PUT", MAILINGS, told).status == 417
    assert caller.send("DELETE", MAILINGS, {"id": row["id"]}).status == 417
