"""Mailings over a real socket: what is sent, what is refused before, what is read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from voiceprep.client.models import parse_mailing
from voiceprep.client.trouble import Fate
from voiceprep.client.wire import MAILING
from voiceprep.errors import ContractError, OutcomeUnknownError, RefusedError

MAILINGS = "/rest/mailings"
LINK = "https://a.fr/relance.wav"
PARIS = timezone(timedelta(hours=1))


def create(client, contacts=("+33612345678",), **fields):
    order = {"link": LINK, "media": "VOICE", "type": "wav", **fields}
    return client.mailings.create(contacts, **order)


def test_the_row_of_the_retry_table_is_that_of_the_facts():
    assert MAILING.again == {Fate.UNSENT, Fate.BUSY}
    assert MAILING.unclear == {Fate.LOST, Fate.FAILING, Fate.STRANGE}
    assert MAILING.error is OutcomeUnknownError
    assert MAILING.fresh


def test_r32_a_mailing_is_one_form_with_its_contacts_as_json_text(
    platform, client, say
):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing(), status=201))
    made = create(
        client,
        ["+33612345678", "06 23 45 67 89"],
        name="Relance mars",
        date=datetime(2026, 3, 12, 9, tzinfo=PARIS),
        ping_url="https://a.fr/ping?id=#id#",
    )
    (seen,) = platform.calls(MAILINGS)
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    form = {name: value for name, (value,) in seen.form.items()}
    assert json.loads(form.pop("contacts")) == [
        {"recipient": "+33612345678"},
        {"recipient": "06 23 45 67 89"},
    ]
    assert form == {
        "name": "Relance mars",
        "link": LINK,
        "media": "VOICE",
        "type": "wav",
        "date": "2026-03-12T09:00:00+01:00",
        "pingUrl": "https://a.fr/ping?id=#id#",
    }
    assert seen.query == {}
    assert (made.id, made.stats.wait) == ("42", 3)  # R36


def test_what_is_not_given_is_not_sent(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing(), status=201))
    create(client, media="voicemail", type=None)
    (seen,) = platform.calls(MAILINGS)
    assert set(seen.form) == {"link", "media", "contacts"}
    assert seen.form["media"] == ["VOICEMAIL"]  # R33


def test_one_number_is_one_contact(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing(), status=201))
    create(client, "+33612345678")
    (seen,) = platform.calls(MAILINGS)
    assert json.loads(seen.form["contacts"][0]) == [{"recipient": "+33612345678"}]


def test_r35_a_thousand_contacts_go_in_one_creation(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing(), status=201))
    create(client, [f"+336{n:08}" for n in range(1_000)])
    (seen,) = platform.calls(MAILINGS)
    assert len(json.loads(seen.form["contacts"][0])) == 1_000


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"contacts": []}, r"0 contacts.*1 to 1,000 \(R35\)"),
        ({"contacts": ["+33612345678"] * 1_001}, "1,001 contacts"),
        ({"link": ""}, "no link"),
        ({"media": "FAX"}, "'FAX' is neither VOICE nor VOICEMAIL"),
        ({"type": None}, "VOICE needs a type: vxml or wav"),
        ({"type": "mp3"}, "VOICE needs a type"),
        ({"name": "mars, avril"}, "comma"),
        ({"date": "demain"}, "not ISO 8601: it must not be taken for none"),
        ({"date": "12/03/2026 09:00"}, "not ISO 8601"),
    ],
)
def test_what_the_platform_would_refuse_or_mistake_is_not_sent(
    platform, client, fields, words
):
    with pytest.raises(RefusedError, match=f"not sent: .*{words}") as caught:
        create(client, **fields)
    assert platform.seen == []
    assert caught.value.status is None
    assert "612345678" not in str(caught.value)


@pytest.mark.parametrize("date", ["2026-03-12", "2026-03-12T09:00", "20260312T0900Z"])
def test_r37_a_date_goes_as_it_was_written(platform, client, say, date):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing(), status=201))
    create(client, date=date)
    assert platform.calls(MAILINGS)[0].form["date"] == [date]


def test_r34_numbers_in_a_refusal_are_masked(platform, client, say):
    document = {
        "status": 417,
        "message": "bad recipient 0033612345678",
        "messages": [{"details": "06 12 34 56 78"}, {"details": "+33 7 12 34 56 99"}],
    }
    platform.says(f"POST {MAILINGS}", say.reply(document, 417))
    with pytest.raises(RefusedError) as caught:
        create(client)
    said = str(caught.value)
    assert said.endswith(
        "417: bad recipient 0033 6 •• •• •• 78; 06 •• •• •• 78; +33 7 •• •• •• 99"
    )


def test_recipients_show_in_no_log(platform, client, say, caplog):
    caplog.set_level("DEBUG")
    busy = say.reply({"status": 429}, 429, Retry_After="1")
    platform.says(f"POST {MAILINGS}", busy, say.rows(say.mailing(), status=201))
    create(client)
    assert "once more" in caplog.text
    shown = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert "612345678" not in shown


def test_mailings_are_read_by_name_page_by_page(platform, client, say):
    first = say.rows(*(say.mailing(id=str(n)) for n in range(100)))
    platform.says(f"GET {MAILINGS}", first, say.rows(say.mailing(id="100")))
    found = list(client.mailings.read(name="Relance mars"))
    assert [one.id for one in found] == [str(n) for n in range(101)]
    assert platform.calls(MAILINGS)[1].query == {
        "name": ["Relance mars"],
        "limit": ["100"],
        "offset": ["100"],
        "sort": ["id ASC"],
    }


def test_get_returns_the_mailing_or_none(platform, client, say):
    platform.says(f"POST {MAILINGS}", say.rows(say.mailing()), say.rows())
    assert client.mailings.get("42").name == "Relance mars"
    assert client.mailings.get("43") is None


def test_a_waiting_mailing_is_updated_and_deleted(platform, client, say):
    platform.says(f"PUT {MAILINGS}", say.reply({"count": 1}), say.Reply(304))
    platform.says(f"DELETE {MAILINGS}", say.reply({"count": "2"}))
    values = {"date": "2026-12-01T09:00:00+01:00"}
    assert client.mailings.update(values, id="42") == 1
    assert client.mailings.update(values, id="43") == 0
    assert client.mailings.delete(name="Relance mars") == 2
    put, _, delete = platform.calls(MAILINGS)
    assert json.loads(put.form["metaData"][0]) == values
    assert delete.query == {"name": ["Relance mars"]}


def test_a_mailing_is_read_field_by_field(say):
    mailing = parse_mailing(say.mailing(media="voice", contactsCount="3", colour="red"))
    assert (mailing.media, mailing.type, mailing.status) == ("VOICE", "wav", "wait")
    assert mailing.contacts_count == 3
    assert mailing.created_date == "2026-03-11T17:00:00+01:00"
    assert mailing.extra == {"colour": "red"}


def test_a_mailing_of_nothing_but_its_id_is_read():
    assert parse_mailing({"id": 42}).stats is None


@pytest.mark.parametrize(
    "fields", [{"id": None}, {"name": {}}, {"contactsCount": "many"}, {"stats": [1]}]
)
def test_a_field_of_another_kind_breaks_the_contract(say, fields):
    with pytest.raises(ContractError):
        parse_mailing(say.mailing(**fields))
