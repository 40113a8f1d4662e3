"""R42: what became of a mailing's calls, and of a campaign's."""

import json

import pytest
from talk import MAILINGS, MESSAGES, a_mailing

FIELDS = {"total", "wait", "on", "ok", "ko", "no", "optout", "rep"}


def contacts(count, start=12340000):
    numbers = range(start, start + count)
    return json.dumps([{"recipient": f"+336{number:08d}"} for number in numbers])


@pytest.mark.contract("R42")
def test_r42_statistics_are_integers_of_eight_names(caller):
    made = caller.send("POST", MAILINGS, a_mailing(contacts=contacts(4)))
    (row,) = caller.get(MAILINGS, {"id": made.ids[0]}).rows
    assert set(row["stats"]) == FIELDS
    assert all(type(value) is int for value in row["stats"].values())
    assert row["stats"]["total"] == row["stats"]["wait"] == 4


@pytest.mark.contract("R42")
def test_r42_total_is_the_sum_of_the_states_at_every_reading(player):
    mailing = player.made(contacts=contacts(300))
    count = 0
    for stats in player.readings(mailing):
        states = [stats[name] for name in ("wait", "on", "ok", "ko", "no")]
        assert sum(states) == stats["total"] == 300
        count += 1
    assert count >= 1


@pytest.mark.contract("R42", "R40")
def test_r42_statistics_count_what_the_messages_say(player):
    mailing = player.made(contacts=contacts(200))
    stats = player.ended(mailing)
    rows = player.get(MESSAGES, {"mailingId": mailing}).rows
    keys = [row["currentStatus"]["shortKey"] for row in rows]
    assert {name: stats[name] for name in ("ok", "ko", "no")} == {
        name: keys.count(name) for name in ("ok", "ko", "no")
    }
    assert stats["optout"] == sum(bool(row["optout"]) for row in rows)


@pytest.mark.contract("R42")
def test_r42_only_voice_calls_opt_out(player):
    leaving = json.dumps([{"recipient": "+33639980006"}])  # magic: opts out
    assert player.play(contacts=leaving)["optout"] == 1
    told = {"media": "VOICEMAIL", "link": "https://files.example/a.pcm"}
    assert "optout" not in player.play(contacts=leaving, **told)


@pytest.mark.contract("R42", "R35")
def test_r42_a_campaigns_statistics_are_read_by_its_name(caller, words):
    name = words("campaign")
    for count in (2, 3):
        made = a_mailing(name=name, contacts=contacts(count))
        caller.send("POST", MAILINGS, made)
    by_name = caller.get(MAILINGS, {"name": name, "properties": "id,stats"}).rows
    assert [row["stats"]["total"] for row in by_name] == [2, 3]
    by_id = {"id": by_name[1]["id"], "properties": "id,stats"}
    assert caller.get(MAILINGS, by_id).rows == by_name[1:]
