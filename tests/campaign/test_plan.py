"""Plans: judged by schedules and counts written by hand."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from voiceprep.campaign.plan import Order, of_json, planned
from voiceprep.campaign.windows import Calendar
from voiceprep.errors import SettingsError

CALENDAR = Calendar.load()
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 27, 9, 0, tzinfo=PARIS)
ORDER = Order(
    name="Relance mars",
    media="VOICEMAIL",
    link="https://datas.example/9f/relance.pcm",
    type="",
    at=datetime(2026, 3, 27, 19, 45, tzinfo=PARIS),
    window="fr-weekdays",
)
PARISIANS = [f"+336{n:08}" for n in range(12_000_000, 12_002_500)]


def plan(order=ORDER, recipients=PARISIANS, now=NOW, **options):
    return planned(order, recipients, CALENDAR, now=now, **options)


def test_2500_contacts_are_3_mailings_of_one_name():
    made = plan()
    assert [len(part.recipients) for part in made.parts] == [1_000, 1_000, 500]
    assert [one for part in made.parts for one in part.recipients] == PARISIANS
    assert made.campaign == f"Relance mars [vp-{made.tag}]"
    assert made.calls == 2_500


def test_each_place_is_called_in_its_own_window_across_a_change_of_clocks():
    everyone = ["+33612345678", "+262692123456", "+596696123456", "+590690123456"]
    made = plan(recipients=everyone)
    begins = [(part.territory, f"{part.at:%a %d %H:%M}") for part in made.parts]
    assert begins == [  # UTC; tests/campaign/test_windows.py tells why
        ("guadeloupe", "Fri 27 18:45"),
        ("martinique", "Fri 27 18:45"),
        ("reunion", "Mon 30 06:00"),
        ("metropolitan", "Mon 30 08:00"),
    ]


def test_an_unknown_zone_is_skipped_and_counted():
    made = plan(recipients=["+33612345678", "+12125552368"], skipped={"fixed": 3})
    assert made.calls == 1
    assert made.skipped == {"fixed": 3, "unknown_zone": 1}


def test_a_window_that_is_always_open_needs_no_clock():
    made = plan(replace(ORDER, window="any"), ["+12125552368"])
    assert (made.parts[0].territory, made.calls) == ("elsewhere", 1)


def test_now_means_at_once_only_where_the_window_is_open():
    made = plan(
        replace(ORDER, at=None),
        ["+33612345678", "+262692123456"],
        now=datetime(2026, 3, 27, 16, 0, tzinfo=PARIS),  # 19:00 in Réunion
    )
    assert [part.at for part in made.parts] == [None, None]
    later = plan(
        replace(ORDER, at=None),
        ["+33612345678", "+262692123456"],
        now=datetime(2026, 3, 27, 17, 0, tzinfo=PARIS),  # 20:00 there
    )
    monday = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
    assert {part.territory: part.at for part in later.parts} == {
        "metropolitan": None,
        "reunion": monday,
    }


def test_the_same_order_planned_again_is_the_same_campaign():
    now = replace(ORDER, at=None)
    assert plan(now).tag == plan(now, now=datetime(2026, 4, 2, tzinfo=PARIS)).tag
    assert plan().tag == plan(recipients=PARISIANS[::-1]).tag


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Relance avril"},
        {"media": "VOICE", "type": "wav"},
        {"link": "https://datas.example/9f/autre.pcm"},
        {"at": datetime(2026, 3, 27, 19, 46, tzinfo=PARIS)},
        {"content_sha256": "ab" * 32},
    ],
)
def test_another_order_is_another_campaign(other):
    assert plan(replace(ORDER, **other)).tag != plan().tag
    assert plan(recipients=PARISIANS[1:]).tag != plan().tag


def test_the_same_recording_uploaded_again_is_the_same_campaign():
    first = replace(ORDER, content_sha256="ab" * 32)
    assert plan(first).tag == plan(replace(first, link="https://x/b.pcm")).tag


def test_a_plan_read_back_is_the_plan():
    made = plan(replace(ORDER, at=None), now=NOW)
    assert of_json(json.loads(json.dumps(made.as_json()))) == made


def test_an_altered_plan_is_not_read():
    told = json.loads(json.dumps(plan().as_json()))
    told["parts"][0]["recipients"][0] = "+33699999999"
    with pytest.raises(SettingsError, match="was altered"):
        of_json(told)
    with pytest.raises(SettingsError, match="no plan"):
        of_json({"schema": "voiceprep.check/1"})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "no name"),
        ({"name": "mars, avril"}, "comma"),
        ({"name": "mars\navril"}, "line end"),
        ({"name": "m" * 101}, "longer than 100"),
        ({"media": "SMS"}, "neither VOICE nor VOICEMAIL"),
        ({"media": "VOICE"}, "needs a type"),
        ({"link": ""}, "no link"),
        ({"link": "https://datas.example/relance.wav"}, "take url_encoded"),
        ({"at": datetime(2026, 3, 27, 8, 59, tzinfo=PARIS)}, "is past.*--now"),
        ({"at": datetime(2026, 3, 28, 9, 0)}, "no offset"),  # noqa: DTZ001
        ({"window": "nights"}, "there is no window"),
    ],
)
def test_what_can_not_be_sent_is_refused_in_a_sentence(wrong, words):
    with pytest.raises(SettingsError, match=words):
        plan(replace(ORDER, **wrong))


def test_a_plan_for_nobody_is_refused():
    with pytest.raises(SettingsError, match="nobody"):
        plan(recipients=["+12125552368"])
