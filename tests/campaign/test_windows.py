"""When people may be called: schedules written by hand.

Sources: clocks of Europe/Paris change on the last Sundays of March and October; the
overseas departments' never do. Holidays by the code du travail. The window is
`fr-weekdays`: Monday to Friday, 10 to 13 and 14 to 20, on the recipient's clock.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from voiceprep.campaign.windows import DATA, Calendar, easter
from voiceprep.errors import SettingsError

CALENDAR = Calendar.load()
WEEKDAYS = CALENDAR.window("fr-weekdays")
PARIS = ZoneInfo("Europe/Paris")
NUMBERS = {
    "metropolitan": "+33612345678",
    "reunion": "+262692123456",
    "mayotte": "+262639023456",
    "martinique": "+596696123456",
    "guadeloupe": "+590690123456",
    "guyane": "+594694123456",
}


def opening(number, at, window=WEEKDAYS):
    """Return when a mailing asked for at a time in Paris begins, in UTC."""
    after = datetime.fromisoformat(at).replace(tzinfo=PARIS)
    found = CALENDAR.territory(number).opening(window, after)
    return f"{found.astimezone(UTC):%a %d %b %H:%M}"


# Asked for in Paris → begins (UTC), by territory; the reasons are local clocks.
SCHEDULE = [
    # An ordinary Thursday in winter: Paris UTC+1, Réunion UTC+4, Antilles UTC-4.
    ("2026-03-12 10:30", "metropolitan", "Thu 12 Mar 09:30", "open"),
    ("2026-03-12 10:30", "reunion", "Thu 12 Mar 10:00", "13:30 there, a break to 14"),
    ("2026-03-12 10:30", "mayotte", "Thu 12 Mar 09:30", "12:30: just enough is left"),
    ("2026-03-12 10:30", "martinique", "Thu 12 Mar 14:00", "05:30: it opens at 10"),
    ("2026-03-12 10:30", "guadeloupe", "Thu 12 Mar 14:00", "05:30: it opens at 10"),
    ("2026-03-12 10:30", "guyane", "Thu 12 Mar 13:00", "06:30: it opens at 10"),
    ("2026-03-12 08:00", "metropolitan", "Thu 12 Mar 09:00", "before it opens"),
    ("2026-03-12 12:30", "metropolitan", "Thu 12 Mar 11:30", "30 minutes are enough"),
    ("2026-03-12 12:31", "metropolitan", "Thu 12 Mar 13:00", "29 are not"),
    ("2026-03-12 19:45", "metropolitan", "Fri 13 Mar 09:00", "too late for today"),
    ("2026-03-13 19:45", "metropolitan", "Mon 16 Mar 09:00", "over the weekend"),
    ("2026-03-13 19:45", "martinique", "Fri 13 Mar 18:45", "14:45 there: open"),
    # Over the last weekend of March: Paris goes to UTC+2 on Sunday the 29th.
    ("2026-03-27 19:45", "metropolitan", "Mon 30 Mar 08:00", "10:00 at UTC+2 now"),
    ("2026-03-27 19:45", "reunion", "Mon 30 Mar 06:00", "22:45 there; Monday 10:00"),
    ("2026-03-27 19:45", "martinique", "Fri 27 Mar 18:45", "14:45 there: open"),
    ("2026-03-27 19:45", "guadeloupe", "Fri 27 Mar 18:45", "14:45 there: open"),
    ("2026-03-29 02:30", "metropolitan", "Mon 30 Mar 08:00", "an hour that is not"),
    # Over the last weekend of October: Paris goes back to UTC+1 on the 25th.
    ("2026-10-23 21:00", "metropolitan", "Mon 26 Oct 09:00", "10:00 at UTC+1 again"),
    ("2026-10-23 21:00", "reunion", "Mon 26 Oct 06:00", "23:00 there"),
    ("2026-10-23 21:00", "martinique", "Fri 23 Oct 19:00", "15:00 there: open"),
    # Easter Monday 2026 is 6 April; Ascension 14 May; Whit Monday 25 May.
    ("2026-04-06 11:00", "metropolitan", "Tue 07 Apr 08:00", "Easter Monday"),
    ("2026-04-06 11:00", "guadeloupe", "Tue 07 Apr 14:00", "there too"),
    ("2026-05-14 11:00", "metropolitan", "Fri 15 May 08:00", "Ascension"),
    ("2026-05-25 11:00", "reunion", "Tue 26 May 06:00", "Whit Monday"),
    # Holidays of one place: Martinique 22 May, Guadeloupe 27 May, Réunion 20 December.
    ("2026-05-22 17:00", "metropolitan", "Fri 22 May 15:00", "not in Paris"),
    ("2026-05-22 17:00", "martinique", "Tue 26 May 14:00", "Friday, then Whit Monday"),
    ("2026-05-22 17:00", "guadeloupe", "Fri 22 May 15:00", "11:00 there: not theirs"),
    ("2026-05-27 17:00", "guadeloupe", "Thu 28 May 14:00", "abolition"),
    ("2027-12-20 11:00", "reunion", "Tue 21 Dec 06:00", "abolition, a Monday"),
    ("2026-04-27 11:00", "mayotte", "Tue 28 Apr 07:00", "abolition, a Monday"),
    ("2026-06-10 15:00", "guyane", "Thu 11 Jun 13:00", "abolition"),
    # Over New Year: Friday 1 January 2027 is a holiday everywhere.
    ("2026-12-31 19:45", "metropolitan", "Mon 04 Jan 09:00", "then a weekend"),
    ("2026-12-31 19:45", "martinique", "Thu 31 Dec 18:45", "14:45 there: open"),
    ("2026-12-31 19:45", "reunion", "Mon 04 Jan 06:00", "22:45 there"),
]


@pytest.mark.parametrize(("at", "place", "begins", "why"), SCHEDULE)
def test_the_schedule_is_that_written_by_hand(at, place, begins, why):
    assert opening(NUMBERS[place], at) == begins, why


@pytest.mark.parametrize(("place", "number"), NUMBERS.items())
def test_numbers_are_where_they_are(place, number):
    assert CALENDAR.territory(number).name == place


@pytest.mark.parametrize("number", ["+12125552368", "+81312345678", "+999", "+"])
def test_an_unknown_place_is_closed(number):
    assert CALENDAR.territory(number) is None


def test_a_window_must_be_open_on_all_clocks_of_a_number():
    # Polynesia: Tahiti UTC-10, Marquesas UTC-9:30, Gambier UTC-9; 10:00 in Tahiti
    # is 11:00 in Gambier, and Gambier's 13:00 is Tahiti's 12:00.
    assert opening("+68987123456", "2026-03-12 20:00") == "Thu 12 Mar 20:00"
    assert opening("+68987123456", "2026-03-12 22:31") == "Fri 13 Mar 00:00"


def test_the_open_window_is_never_closed():
    any_time = CALENDAR.window("any")
    for at in ("2026-12-25 03:00", "2026-03-29 02:30", "2026-07-14 23:59"):
        local = datetime.fromisoformat(at).replace(tzinfo=PARIS)
        found = CALENDAR.territory("+33612345678").opening(any_time, local)
        assert found == local.astimezone(UTC)


@pytest.mark.parametrize(  # by the Bureau des longitudes' tables
    ("year", "month", "day"),
    [(1818, 3, 22), (1943, 4, 25), (2000, 4, 23), (2024, 3, 31), (2038, 4, 25)],
)
def test_easter_is_that_of_the_tables(year, month, day):
    assert easter(year) == date(year, month, day)


def test_a_file_of_one_s_own_counts_alone(tmp_path):
    path = tmp_path / "mine.toml"
    text = DATA.read_text(encoding="utf-8").replace('"10:00-13:00", ', "")
    path.write_text(text, encoding="utf-8")
    window = Calendar.load(path).window("fr-weekdays")
    after = datetime(2026, 3, 12, 9, tzinfo=UTC)
    found = CALENDAR.territory("+33612345678").opening(window, after)
    assert found == datetime(2026, 3, 12, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Europe/Paris", "Europe/Lutetia"),
        ('"14:00-20:00"', '"20:00-14:00"'),
        ('"14:00-20:00"', '"late"'),
        ('"mon"', '"lundi"'),
        ('holidays = "closed"', 'holidays = "perhaps"'),
        ('"07-14"', '"14-07"'),
        ('["fr", "gp"]', '["fr", "guadeloupe"]'),
        ("[windows.any]", "[windows.any"),
        ('zones = ["Europe/Paris"]', "zones = []"),
    ],
)
def test_a_mistake_in_the_file_is_said_and_nothing_is_guessed(tmp_path, old, new):
    path = tmp_path / "mine.toml"
    text = DATA.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine\.toml"):
        Calendar.load(path)


def test_a_table_that_is_missing_is_named_with_the_file_to_compare(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[windows.any]\ndays = []\n", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        Calendar.load(path)
    said = f"{path}: 'holidays' is missing, or misspelt; compare it with {DATA}"
    assert str(raised.value) == said


def test_a_window_that_never_opens_is_a_mistake():
    from dataclasses import replace

    never = replace(WEEKDAYS, days=frozenset())
    with pytest.raises(SettingsError, match="does not open"):
        CALENDAR.territory("+33612345678").opening(never, datetime.now(UTC))


def test_an_unknown_window_names_those_there_are():
    with pytest.raises(SettingsError, match="fr-weekdays, fr-daytime, any"):
        CALENDAR.window("nights")
