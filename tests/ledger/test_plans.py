"""Recordings: planned once, claimed by one, done again only when something changed."""

import pytest

from voiceprep.ledger import Ledger, Made, State

OUT, ASKED, ACCOUNT = "/out", "a" * 64, "platform|me"
FIT = Made(
    State.PREPARED, "fit", 12.5, "s" * 64, "k" * 64, "vp-1", outgoing="/out/a.wav"
)


def prepared(ledger, *listed, asked=ASKED):
    """Enter recordings and settle each as fit."""
    ledger.enter(OUT, asked, listed)
    for task in ledger.claim(OUT, 100):
        assert ledger.settle(task, FIT).result()


def test_what_is_unchanged_is_done_already(ledger, found):
    prepared(ledger, found("/in/a.wav"))
    (done,) = ledger.enter(OUT, ASKED, [found("/in/a.wav")])
    assert (done.place, done.made.verdict) == ("/in/a.wav", "fit")
    assert ledger.claim(OUT, 10) == []


@pytest.mark.parametrize(
    "change", [{"size": 101}, {"stamp": "2"}], ids=["another size", "another stamp"]
)
def test_what_has_changed_is_planned_anew_under_its_name(ledger, found, change):
    prepared(ledger, found("/in/a.wav"))
    assert ledger.enter(OUT, ASKED, [found("/in/a.wav", **change)]) == []
    (task,) = ledger.claim(OUT, 10)
    assert (task.place, task.name, task.former.source_sha256) == (
        "/in/a.wav",
        "a",
        "s" * 64,
    )


def test_other_wishes_plan_everything_anew(ledger, found):
    prepared(ledger, found("/in/a.wav"))
    assert ledger.enter(OUT, "b" * 64, [found("/in/a.wav")]) == []
    assert len(ledger.claim(OUT, 10)) == 1


def test_the_largest_comes_first(ledger, found):
    sizes = {"/in/a.wav": 10, "/in/b.wav": 1_000, "/in/c.wav": 100}
    ledger.enter(OUT, ASKED, [found(place, size) for place, size in sizes.items()])
    first, rest = ledger.claim(OUT, 1), ledger.claim(OUT, 10)
    assert [task.size for task in first + rest] == [1_000, 100, 10]


def test_two_recordings_never_share_a_name(ledger, found):
    listed = [found("/in/a.wav"), found("/else/a.wav", root="/else")]
    ledger.enter(OUT, ASKED, listed)
    assert sorted(task.name for task in ledger.claim(OUT, 10)) == ["a", "a-2"]


def test_what_another_run_took_over_is_not_settled_twice(url, clock, found):
    with Ledger(url, clock=clock) as first, first.run():
        first.enter(OUT, ASKED, [found("/in/a.wav")])
        (task,) = first.claim(OUT, 10)
    with Ledger(url, clock=clock) as second, second.run():
        (again,) = second.claim(OUT, 10)  # the first run has ended
        assert again == task
        with Ledger(url, clock=clock) as late:
            assert not late.settle(task, FIT).result()
        assert second.settle(again, FIT).result()


def test_what_a_listing_lacks_is_left_out_and_comes_back(ledger, found, clock):
    prepared(ledger, found("/in/a.wav"), found("/in/b.wav"))
    clock.now += 10
    ledger.enter(OUT, ASKED, [found("/in/b.wav")])
    ledger.leave_out(OUT, "/in", since=clock.now)
    assert [each.place for each in ledger.recordings(OUT, ACCOUNT)] == ["/in/b.wav"]
    assert ledger.enter(OUT, ASKED, [found("/in/a.wav")])
    assert len(list(ledger.recordings(OUT, ACCOUNT, limit=1))) == 2


@pytest.mark.parametrize("set_back", ["while it lists", "between two listings"])
def test_a_clock_that_is_set_back_leaves_out_what_is_gone_and_no_more(
    file_url, found, clock, set_back
):
    with Ledger(file_url, clock=clock) as ledger, ledger.run():
        prepared(ledger, found("/in/a.wav"), found("/in/b.wav"))
        clock.now -= 100 if set_back == "between two listings" else -10
        began = ledger.now()
        clock.now -= 50
        ledger.enter(OUT, ASKED, [found("/in/b.wav"), found("/in/c.wav")], began)
        ledger.leave_out(OUT, "/in", since=began)
        there = [each.place for each in ledger.recordings(OUT, ACCOUNT)]
    assert there == ["/in/b.wav", "/in/c.wav"]


def test_what_is_named_itself_and_found_in_a_folder_is_the_folders(
    ledger, found, clock
):
    prepared(ledger, found("/in/a.wav", root="/in/a.wav"))
    ledger.enter(OUT, ASKED, [found("/in/a.wav")])
    clock.now += 10
    ledger.leave_out(OUT, "/in", since=clock.now)
    assert list(ledger.recordings(OUT, ACCOUNT)) == []


def test_more_are_planned_anew_and_forgotten_than_a_statement_takes(ledger, found):
    """32,766 in SQLite as it is built by default, 65,535 in PostgreSQL."""
    prepared(ledger, found("/in/a.wav"))
    (only,) = ledger.recordings(OUT, ACCOUNT)
    many = [*range(only.id + 1, 300_000), only.id]
    ledger.plan(many)
    assert len(ledger.claim(OUT, 10)) == 1
    ledger.forget(OUT, many)
    assert list(ledger.recordings(OUT, ACCOUNT)) == []


def test_a_failed_recording_is_tried_again_at_its_next_listing(ledger, found):
    ledger.enter(OUT, ASKED, [found("/in/a.wav")])
    (task,) = ledger.claim(OUT, 10)
    ledger.settle(task, Made(State.FAILED, reason="the disk is full")).result()
    assert ledger.count(OUT) == {(State.FAILED, ""): 1}
    assert ledger.enter(OUT, ASKED, [found("/in/a.wav")]) == []
    assert len(ledger.claim(OUT, 10)) == 1


def test_an_upload_speaks_for_every_recording_of_its_bytes(ledger, found):
    prepared(ledger, found("/in/a.wav"), found("/in/copy.wav"))
    ledger.take(ACCOUNT, "vp-1", "k" * 64)
    ledger.begin(ACCOUNT, "vp-1", 300.0)
    ledger.end(ACCOUNT, "vp-1", State.UPLOADED, content_id="7", url_encoded="u")
    both = list(ledger.recordings(OUT, ACCOUNT))
    assert [each.state for each in both] == [State.UPLOADED] * 2
    assert {each.upload.url_encoded for each in both} == {"u"}
    assert ledger.count(OUT, ACCOUNT) == {(State.UPLOADED, "fit"): 2}
    assert ledger.count(OUT, "another account") == {(State.PREPARED, "fit"): 2}


def test_what_was_prepared_anew_by_a_bit_leads_to_the_upload_of_its_source(
    ledger, found
):
    prepared(ledger, found("/in/a.wav"))  # its bytes bear vp-1
    ledger.take(ACCOUNT, "vp-2", "k" * 64)  # an earlier preparing, elsewhere
    ledger.begin(ACCOUNT, "vp-2", 300.0)
    ledger.end(ACCOUNT, "vp-2", State.UPLOADED, content_id="7")
    assert ledger.take(ACCOUNT, "vp-1", "k" * 64).content_id == "7"
    (row,) = ledger.recordings(OUT, ACCOUNT)
    assert (row.state, row.upload.content_id) == (State.UPLOADED, "7")


def test_forgetting_keeps_what_the_platform_has(ledger, found):
    prepared(ledger, found("/in/a.wav"))
    (row,) = ledger.recordings(OUT, ACCOUNT)
    ledger.take(ACCOUNT, "vp-1", "k" * 64)
    ledger.forget(OUT, [row.id])
    assert list(ledger.recordings(OUT, ACCOUNT)) == []
    assert [each.tag for each in ledger.uploads(ACCOUNT, set(State))] == ["vp-1"]
