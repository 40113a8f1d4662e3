"""`mailing plan`: what it prints, and what it leaves behind."""

import csv
import json
import stat
from collections import Counter

import pytest
from calling import called

NUMBERS = ("+33639980011", "+33639980012", "+33639980013")
WHOLE = "0639980011"  # as it stands in the list
PAST = "2020-01-06T10:00:00+01:00"
LINK = "http://127.0.0.1/a.pcm"


# Plan


def test_a_plan_says_what_whom_when_and_who_not(shell, people, tmp_path, uploaded):
    talk, _, encoded = uploaded()
    done = shell(
        *("mailing", "plan", "--content", talk, "--contacts", people),
        *("--name", "Relance", "--at", "2031-03-28T10:00", "-o", "my.plan.json"),
    )
    said = dict(line.split(None, 1) for line in done.lines if line)
    assert done.code == 0
    assert said["media"] == "VOICEMAIL"
    assert said["plays"] == encoded
    assert said["calls"] == "3 calls in 1 mailing"
    assert said["skipped"] == "1 short"
    # R37: without an offset it is the account's clock.
    when = "Fri 2031-03-28 10:00"
    row = f"3 +33 6 •• •• •• 11 … +33 6 •• •• •• 13 metropolitan {when} {when}"
    assert " ".join(said["1"].split()) == row
    assert "nothing sent. Next: voiceprep mailing send my.plan.json" in done.last
    assert done.last.endswith("(sandbox: nothing was sent to Digitaleo)")


def test_a_plan_names_who_is_left_out_and_why(shell, people, tmp_path):
    people.write_text(f"{people.read_text()}Z;+12125552368\n")
    stop, plan = tmp_path / "stop.csv", tmp_path / "my.plan.json"
    stop.write_text("0639980012\n")
    words = ("--contacts", people, "--name", "N", "--at", "2031-03-28T10:00")
    words += ("--media", "voice", "-o", plan)
    link = LINK.replace(".pcm", ".wav")
    ask = ("mailing", "plan", "--content", link, *words)
    done = shell(*ask, "--suppress", stop, "--json")
    names = tmp_path / "my.skipped.csv"
    (told,) = done.results
    assert told["left_out"] == str(names)
    assert f"{names} names who is left out, and why" in done.err
    with names.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["skipped"] == Counter(row["reason"] for row in rows)
    lines = people.read_text().splitlines()
    for row in rows:  # it stands where the list has it
        assert row["value"] in lines[int(row["row"]) - 1]
    why = {row["reason"]: row["explanation"] for row in rows}
    assert why["suppressed"].startswith("+33639980012: ")
    assert why["unknown_zone"].startswith("+12125552368: ")  # it has several clocks
    assert stat.S_IMODE(names.stat().st_mode) == 0o600
    people.write_text("0639980011\n")
    assert shell(*ask, "--json").results[0]["left_out"] is None
    assert not names.exists()  # what an earlier plan said


def test_a_plan_of_a_list_as_it_came_says_what_that_may_mean(shell, people, tmp_path):
    words = ("--name", "N", "--at", "2031-03-28T10:00", "-n")
    ask = ("mailing", "plan", "--content", LINK, *words, "--contacts")
    told = "no column says who must not be called"
    assert told in shell(*ask, people).err
    assert shell("contacts", "check", people, "-o", tmp_path / "out").code == 1
    assert told not in shell(*ask, tmp_path / "out" / "accepted.csv").err
    people.write_text("Nom;Tel;Stop\nA;0639980011;\n")
    assert "who has a yes in 'Stop' is left out" in shell(*ask, people).err


def test_a_plan_says_that_it_begins_on_another_day(shell, people):
    words = ("--contacts", people, "--name", "N", "--at", "2031-03-29T10:00", "-n")
    ask = ("mailing", "plan", "--content", LINK, *words)  # a Saturday
    done = shell(*ask)
    told = "fr-weekdays is closed then: calls begin Mon 2031-03-31 10:00; for --window"
    assert f"{told} there are fr-weekdays, fr-daytime, any" in done.err
    assert "is closed then" not in shell(*ask, "--window", "fr-daytime").err


def test_a_plan_says_whom_another_campaign_calls_within_a_day(shell, planned, people):
    path, first = planned(when=("--at", "2031-03-28T10:00"))
    assert shell("mailing", "send", path).code == 0
    people.write_text("Nom;Tel\nA;0639980011\nZ;0639980019\n")
    words = ("--contacts", people, "--name", "Other", "--window", "any", "-n")
    ask = ("mailing", "plan", "--content", LINK, *words)
    near = shell(*ask, "--at", "2031-03-29T09:00", "--json")
    assert near.results[0]["near"] == {first: 1}
    assert f"within a day '{first}' calls 1 person of them too; --cap 1/1" in near.err
    far = shell(*ask, "--at", "2031-03-29T10:30", "--json")
    assert far.results[0]["near"] == {}
    assert shell("mailing", "stop", first).code == 0
    assert shell(*ask, "--at", "2031-03-28T11:00", "--json").results[0]["near"] == {}


def test_a_name_without_its_accents_is_the_same_campaign(shell, planned, people):
    path, _ = planned()
    words = ("--contacts", people, "--window", "any", "--at", "2035-02-02T10:00")
    ask = ("mailing", "plan", "--content", LINK, *words)
    fete = path.with_name("fete.plan.json")
    assert shell(*ask, "--name", "Fête du club", "-o", fete).code == 0
    assert shell("mailing", "send", fete).code == 0
    again = shell(*ask, "--name", "FETE du  club", "-n")
    assert (again.code, "calls 3 of these people already" in again.err) == (2, True)


def test_a_plan_for_nobody_says_why_nobody_is_left(shell, people, tmp_path):
    stop = tmp_path / "stop.csv"
    stop.write_text("0639980011\n0639980012\n0639980013\n")
    words = ("--contacts", people, "--suppress", stop, "--name", "N", "--now", "-n")
    done = shell("mailing", "plan", "--content", LINK, *words)
    assert done.code == 2
    assert "there is nobody to call; left out: 3 suppressed, 1 short" in done.err


def test_a_plan_for_any_hour_says_what_that_means(shell, people, later):
    words = ("--contacts", people, "--name", "N", "--at", later, "--window", "any")
    done = shell("mailing", "plan", "--content", LINK, *words, "-n")
    assert "any: at any hour, nights, Sundays and holidays too" in done.out


def test_a_plan_that_was_sent_is_not_written_over(shell, planned, people, tmp_path):
    words = ("--contacts", people, "--window", "any", "--at", "2031-03-28T10:00")
    plan = ("mailing", "plan", "--content", LINK, *words)
    path, first = planned()
    assert shell(*plan, "--name", "Other", "-o", path).code == 0  # nothing was sent
    sent = path.read_bytes()
    campaign = json.loads(sent)["campaign"]
    assert campaign != first
    assert shell("mailing", "send", path).code == 0
    for more in ((), ("-n",)):
        done = shell(*plan, "--name", "Third", "-o", path, *more)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert f"{path} is the plan of '{campaign}', of which calls were" in done.err
    assert path.read_bytes() == sent
    french = shell(*plan, "--name", "Third", "-o", path, "--lang", "fr")
    assert "est le plan de" in french.err


def test_a_plan_in_doubt_is_not_written_over(shell, planned, people, box):
    words = ("--contacts", people, "--window", "any", "--at", "2031-03-28T10:00")
    path, _ = planned()
    box.script({"method": "POST", "path": "/rest/mailings", "kind": "html", "times": 1})
    assert shell("mailing", "send", path).code == 7
    there = path.read_bytes()
    plan = ("mailing", "plan", "--content", LINK, *words, "--name", "Other")
    assert shell(*plan, "-o", path).code == 2
    assert path.read_bytes() == there


def test_a_file_that_is_no_plan_is_not_written_over(shell, people):
    there = people.read_bytes()
    words = ("--contacts", people, "--name", "Relance", "--now", "--window", "any")
    done = shell("mailing", "plan", "--content", LINK, *words, "-o", people)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    said = f"{people} is no plan of voiceprep: it is not written over; say -o"
    assert said in done.err
    assert people.read_bytes() == there
    assert list(people.parent.glob("*.preview.wav")) == []


def test_a_plan_sends_nothing_and_its_files_are_the_persons_alone(planned, box):
    path, _ = planned(content=None)
    preview = path.with_name("Relance.preview.wav")
    assert box.truth()["counts"]["mailings"] == 0
    for file in (path, preview):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_preview_is_what_the_platform_stored(planned, fetch, uploaded, tmp_path):
    import audioop
    import wave

    _, _, encoded = uploaded()
    planned(content=encoded)
    with wave.open(str(tmp_path / "Relance.preview.wav")) as file:
        heard = file.readframes(file.getnframes())
    assert heard == audioop.alaw2lin(fetch(encoded), 2)


def test_dry_runs_write_and_send_nothing(shell, people, planned, tmp_path, box):
    before = sorted(tmp_path.iterdir())
    words = ("--contacts", people, "--name", "N", "--now", "--media", "voice")
    done = shell("mailing", "plan", "--content", "http://h/a.wav", *words, "-n")
    assert done.code == 0
    assert sorted(tmp_path.iterdir()) == before
    path, _ = planned()
    assert shell("mailing", "send", path, "-n").code == 0
    assert called(box) == Counter()


@pytest.mark.parametrize(
    ("media", "type_", "which"), [("voice", "wav", 1), ("voicemail", "", 2)]
)
def test_link_and_type_are_chosen_by_the_media(planned, uploaded, media, type_, which):
    found = uploaded()
    for content in (found[0], found[2]):
        path, _ = planned("--media", media, content=content)
        order = json.loads(path.read_text())["order"]
        assert (order["link"], order["type"]) == (found[which], type_)


def test_a_content_is_named_by_its_id_and_by_its_tag_too(shell, planned, box):
    path, _ = planned(content=None)
    wanted = json.loads(path.read_text())["order"]
    content = box.truth()["contents"][0]
    tags = shell("content", "list", "--json").results[0]["tags"]
    for given in (str(content["id"]), *tags):
        again, _ = planned(content=given)
        assert json.loads(again.read_text())["order"] == wanted


def test_numbers_are_whole_in_json_only_where_they_are_asked_for(shell, people, later):
    words = ("--contacts", people, "--name", "N", "--at", later, "--window", "any")
    plan = ("mailing", "plan", "--content", LINK, *words, "-n", "--json")
    masked, whole = shell(*plan).out, shell(*plan, "--show-numbers").out
    assert NUMBERS[0] not in masked
    assert NUMBERS[0] in whole


def test_the_same_order_planned_again_is_the_same_campaign(planned):
    assert planned()[1] == planned()[1]


def test_planned_again_with_one_more_it_calls_that_one_only(
    shell, planned, people, box
):
    path, _ = planned()
    assert shell("mailing", "send", path).code == 0
    path.unlink()  # a plan that was sent is not written over
    other, second = ("--at", "2035-02-02T10:00"), path.with_name("second.plan.json")
    with pytest.raises(AssertionError, match=r"calls 3 of these people .* --again"):
        planned(when=other)
    with pytest.raises(AssertionError, match="appelle déjà 3 de ces personnes"):
        planned("--lang", "fr", when=other)
    people.write_text(people.read_text() + "E;0639980014\n")
    words = ("--contacts", people, "--name", "Relance", "--window", "any", *other)
    plan = ("mailing", "plan", "--content", LINK, *words)
    assert shell(*plan, "-o", second).code == 0
    skipped = json.loads(second.read_text())["skipped"]
    assert skipped == {"called_already": 3, "short": 1}
    assert shell("mailing", "send", second).code == 0
    assert called(box) == Counter(dict.fromkeys((*NUMBERS, "+33639980014"), 1))
    third = path.with_name("third.plan.json")
    assert shell(*plan, "--again", "-o", third).code == 0
    assert shell("mailing", "send", third).code == 0
    assert called(box)[NUMBERS[0]] == 2


def test_what_was_sent_is_listed_by_its_own_name_without_the_tag(shell, planned):
    path, campaign = planned()
    assert shell("mailing", "send", path).code == 0
    (mailing,) = shell("mailing", "list", "--name", "Relance", "--json").results
    assert mailing["name"] == campaign
    messages = shell("messages", "list", "--name", "Relance", "--json").results
    assert {row["mailing_id"] for row in messages} == {mailing["id"]}
    assert len(messages) == 3
    assert shell("mailing", "list", "--name", "Autre", "--json").results == []


def test_a_cap_leaves_out_who_was_called_often_enough(shell, planned, later):
    path, _ = planned(name="First")
    assert shell("mailing", "send", path).code == 0
    with pytest.raises(AssertionError, match="nobody to call"):
        planned("--cap", "1/30", name="Second")
    assert planned("--cap", "2/30", name="Second")


WRONG = {
    "no date": ((), "say when: --at DATE, or --now"),
    "two dates": (("--now", "--at", "2035-01-08"), "choose one"),
    "a past date": (("--at", PAST), "is past, which would call at once: say --now"),
    "no date at all": (("--at", "soon"), "it is a date such as"),
    "a date that clocks show twice": (
        ("--at", "2031-10-26T02:30"),
        "clocks change then in Europe/Paris",
    ),
    "no such window": (("--now", "--window", "never"), "there is no window 'never'"),
    "a comma": (("--now", "--name", "a, b"), "its name holds a comma"),
    "no such content": (("--now", "--content", "99"), "content '99' is not on the pla"),
    "a cap that is none": (("--now", "--cap", "4"), "it is CALLS/DAYS, such as 4/30"),
    "a recording's link": (
        ("--now", "--content", "http://h/a.wav"),
        "VOICEMAIL plays a content's url_encoded (.pcm)",
    ),
}


@pytest.mark.parametrize(("words", "reason"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_planned_is_one_sentence(shell, people, words, reason, tmp_path):
    usual = {"--content": "http://h/a.pcm", "--contacts": people, "--name": "N"}
    given = set(words)
    rest = [w for k, v in usual.items() if k not in given for w in (k, v)]
    done = shell("mailing", "plan", *rest, *words, "-o", tmp_path / "n.plan.json")
    assert done.code == 2
    assert reason in done.err
    assert not (tmp_path / "n.plan.json").exists()


def test_own_windows_are_read_from_a_file(planned, tmp_path):
    from voiceprep.campaign.windows import DATA

    own = tmp_path / "own.toml"
    own.write_text(
        DATA.read_text() + '\n[windows.ours]\ndays = ["mon"]\nhours = ["08:00-09:00"]\n'
        'holidays = "open"\nspare_min = 0\n'
    )
    path, _ = planned(
        *("--windows", own, "--window", "ours"), when=("--at", "2031-03-25T10:00")
    )
    (part,) = json.loads(path.read_text())["parts"]
    assert part["at"] == "2031-03-31T06:00:00+00:00"  # the Monday after, summer time
