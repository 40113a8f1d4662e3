"""Uploads of a batch: each once, whatever happens; judged by the sandbox's truth."""

import json
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from material import talk

from voiceprep.client.contents import Contents
from voiceprep.errors import AuthError, UnavailableError
from voiceprep.ledger import Ledger, State
from voiceprep.pipeline.bookkeeping import reconcile
from voiceprep.pipeline.folder import batch, ledger_of
from voiceprep.pipeline.outbox import Outbox
from voiceprep.pipeline.parcels import Parcel
from voiceprep.pipeline.sending import TRIES, Later
from voiceprep.pipeline.uploader import content_tag
from voiceprep.sandbox import Sandbox

CREATE = {"method": "POST", "path": "/content/rest/contents"}


def names(count):
    return [f"talk-{number:03}" for number in range(count)]


def test_each_is_uploaded_once_and_again_never(record, run, client, sandbox, stored):
    record(5)
    assert run(client).counts == {"uploaded": 5}
    assert run(client).counts == {"uploaded": 5}
    assert stored(sandbox) == names(5)


def test_a_name_of_any_bytes_is_uploaded(run, client, sandbox, tmp_path):
    for name in (b"caf\xe9.wav", b"50%41.wav"):  # no UTF-8; what looks escaped
        talk(tmp_path / "in" / os.fsdecode(name), 10.0, seed=len(name))
    assert run(client).counts == {"uploaded": 2}
    assert run(client).counts == {"uploaded": 2}
    assert sandbox.truth()["counts"]["contents"] == 2


def plays(client):
    """Return what plays at each content."""
    sounds = set()
    for content in client.contents.read():
        with client.download(content.url_encoded) as chunks:
            sounds.add(b"".join(chunks))
    return sounds


def swap(path, seed=99):
    """Put another sound of the same size where an artefact lies."""
    other = talk(path.with_name("other.wav"), 10.0, seed)
    assert other.stat().st_size == path.stat().st_size
    other.replace(path)


def sounds(out):
    return {(out / f"talk-{number:03}.pcm").read_bytes() for number in range(3)}


def test_what_was_changed_in_out_is_prepared_again_before_it_is_sent(
    record, run, client, sandbox, told, tmp_path
):
    record(3)
    run()
    out = tmp_path / "out"
    wanted = sounds(out)
    swap(out / "talk-000.wav")
    (out / "talk-001.wav").write_bytes((out / "talk-001.wav").read_bytes()[:50_000])
    (out / "talk-002.pcm").write_bytes(b"")
    assert run(client).counts == {"uploaded": 3}
    assert told.of("failed") == []
    assert plays(client) == wanted
    assert sounds(out) == wanted
    assert run(client).unchanged == 3


def test_what_was_changed_behind_a_url_is_prepared_again_before_it_is_sent(
    record, run, client, sandbox, tmp_path
):
    record(3)
    url = (tmp_path / "out").as_uri()
    run(out=url)
    wanted = sounds(tmp_path / "out")
    swap(tmp_path / "out" / "talk-000.wav")
    (tmp_path / "out" / "talk-001.wav").unlink()
    assert run(client, out=url).counts == {"uploaded": 3}
    assert plays(client) == wanted


def test_what_somebody_changes_between_two_looks_is_told_and_not_sent(
    record, run, client, sandbox, tmp_path, monkeypatch
):
    record(2)
    wav, settle = tmp_path / "out" / "talk-001.wav", Ledger.settle

    def settle_and_swap(self, task, made):
        if task.name == wav.stem:
            swap(wav)
        return settle(self, task, made)

    monkeypatch.setattr(Ledger, "settle", settle_and_swap)
    assert run(client).counts == {"uploaded": 1, "failed": 1}
    assert len(plays(client)) == 1
    monkeypatch.undo()
    assert run(client).counts == {"uploaded": 2}


def test_what_is_written_to_while_it_is_sent_goes_out_as_it_was(
    record, run, client, tmp_path, monkeypatch
):
    record(1)
    run()
    wav, create = tmp_path / "out" / "talk-000.wav", Contents.create

    def write_and_create(self, *given, **named):
        with wav.open("r+b") as file:  # as an editor does that saves in place
            file.seek(44)
            file.write(bytes(10_000))
        return create(self, *given, **named)

    monkeypatch.setattr(Contents, "create", write_and_create)
    assert run(client).counts == {"uploaded": 1}
    assert plays(client) == {(tmp_path / "out" / "talk-000.pcm").read_bytes()}


def test_a_content_that_bears_our_tag_and_cannot_be_ours_is_noted(
    record, run, client, sandbox, told, tmp_path
):
    record(1)
    run()
    other = talk(tmp_path / "other.wav", 12.0, seed=9)
    tag = content_tag(tmp_path / "out" / "talk-000.wav")
    words = {"filename": "other.wav", "mime_type": "audio/wav", "tags": [tag]}
    number = client.contents.create(other, name="other", **words).id
    assert run(client).counts == {"uploaded": 1}
    (row,) = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    said = f"content {number} bears the tag of talk-000.wav, but holds 192,044 bytes"
    assert row["reason"].startswith(said)
    assert [event.message for event in told.of("waiting")] == [row["reason"]]


def test_told_to_stop_it_begins_no_upload(record, order, client, told, stored, sandbox):
    record(3)
    stop = threading.Event()

    def sink(event):
        told(event)
        if event.name == "judged":
            stop.set()

    summary = batch(order(), client=client, sink=sink, stop=stop)
    assert summary.counts == {"prepared": 1, "planned": 2}
    assert stored(sandbox) == []
    assert batch(order(), client=client).counts == {"uploaded": 3}


def test_what_was_prepared_before_is_uploaded_later(record, run, client, told):
    record(3)
    run()
    assert run(client).unchanged == 3
    assert told.of("judged") == []
    assert len(told.of("uploaded")) == 3


def test_the_same_bytes_are_one_upload_for_all_that_hold_them(
    record, run, client, sandbox, told, tmp_path
):
    for name in ("a", "b", "c"):
        talk(tmp_path / "in" / f"{name}.wav", 10.0, seed=5)
    assert run(client).counts == {"uploaded": 3}
    assert sandbox.truth()["counts"]["contents"] == 1
    assert len({event.id for event in told.of("uploaded")}) == 1


def test_a_lost_ledger_finds_what_is_there(
    record, run, client, sandbox, told, tmp_path
):
    record(3)
    run(client)
    (tmp_path / "out" / ".voiceprep" / "ledger.sqlite3").unlink()
    assert run(client).counts == {"uploaded": 3}
    assert {event.how for event in told.of("uploaded")} == {"found"}
    assert sandbox.truth()["counts"]["contents"] == 3


def test_another_account_is_another_matter(record, run, sandbox, connected, tmp_path):
    record(2)
    run(connected(sandbox))
    with Sandbox(tmp_path / "box two", port=0) as other:
        assert run(connected(other)).counts == {"uploaded": 2}
        assert other.truth()["counts"]["contents"] == 2


def test_results_name_no_platform_where_they_tell_of_none(
    record, run, client, tmp_path
):
    record(1)
    run(client)
    results = tmp_path / "out" / "results.json"
    run(account=client.account)
    assert json.loads(results.read_bytes())["platform"] == "sandbox"
    assert run(account="acme at https://elsewhere/").platform is None
    assert "platform" not in json.loads(results.read_bytes())


def test_a_reset_after_the_platform_stored_it_doubles_nothing(
    record, run, client, sandbox, stored, told
):
    count = 100
    record(count)
    sandbox.script({"kind": "reset-after", **CREATE, "times": count})
    assert run(client).counts == {"uploaded": count}
    assert {event.how for event in told.of("uploaded")} == {"adopted"}
    assert stored(sandbox) == names(count)


def test_a_fifth_of_all_calls_may_fail_and_the_summary_is_exact(
    record, run, client, sandbox, stored
):
    count = 100
    record(count)
    every = [
        {"kind": "status", "status": 503, "share": 0.05},
        {"kind": "status", "status": 429, "retry_after": "0", "share": 0.05},
        {"kind": "reset-before", "share": 0.05},
        {"kind": "reset-after", "share": 0.05},
    ]
    sandbox.script(*({**fault, "path": "/content/rest/*"} for fault in every))
    summary = run(client)
    assert summary.counts == {"uploaded": count}
    assert stored(sandbox) == names(count)


def test_with_a_rate_and_pauses_the_platform_asks_for_it_is_the_same(
    record, run, connected, sandbox, stored
):
    count = 40
    record(count)
    every = [
        {"kind": "status", "status": 429, "retry_after": "1", "times": 8},
        {"kind": "status", "status": 503, "share": 0.05},
        {"kind": "reset-after", "share": 0.05},
    ]
    sandbox.script(*({**fault, "path": "/content/rest/*"} for fault in every))
    summary = run(connected(sandbox, rate="40"))
    assert summary.counts == {"uploaded": count}
    assert stored(sandbox) == names(count)


@pytest.mark.parametrize("kind", ["truncate", "html", "reset-before"])
def test_an_answer_that_is_none_is_looked_up_before_anything_is_repeated(
    kind, record, run, client, sandbox, stored
):
    record(3)
    sandbox.script({"kind": kind, **CREATE, "times": 3})
    assert run(client).counts == {"uploaded": 3}
    assert stored(sandbox) == names(3)


def test_a_platform_that_always_fails_is_left_for_the_next_run(
    record, run, client, sandbox, stored
):
    record(2)
    sandbox.script({"kind": "status", "status": 503, **CREATE})
    summary = run(client, lookup_gap_s=0.0, upload_limit_s=0.0)
    assert summary.counts == {"unknown": 2}
    calls = [row for row in sandbox.log() if row["method"] == "POST"]
    assert len([row for row in calls if row["path"].endswith("contents")]) == 2 * TRIES
    sandbox.script()
    assert run(client).counts == {"uploaded": 2}
    assert stored(sandbox) == names(2)


def test_late_visibility_is_waited_for(record, run, connected, stored, tmp_path):
    record(3)
    with Sandbox(tmp_path / "late", port=0, late_visibility_s=1.0) as box:
        box.script({"kind": "reset-after", **CREATE, "times": 3})
        summary = run(connected(box), lookup_gap_s=0.5, upload_limit_s=1.5)
        assert summary.counts == {"uploaded": 3}
        assert stored(box) == names(3)


def test_what_the_platform_refuses_is_told_and_not_repeated(
    record, run, client, sandbox, told
):
    record(2)
    refusal = {"kind": "status", "status": 417, "body": '{"status":417,"message":"no"}'}
    sandbox.script({**refusal, **CREATE})
    summary = run(client)
    assert summary.counts == {"not_taken": 2}
    assert dict(summary.tally.kinds) == {"RefusedError": 2}
    sandbox.script()
    assert run(client).counts == {"not_taken": 2}
    assert all("batch retry" in event.message for event in told.of("failed"))


def test_refused_credentials_end_the_batch(record, run, sandbox, connected):
    record(8)
    client = connected(sandbox)
    client.contents.get("1")
    dead = '{"status":401,"message":"Authenticate failed"}'
    sandbox.script({"kind": "status", "status": 401, "body": dead})
    summary = run(client)
    assert isinstance(summary.trouble, AuthError)
    assert summary.counts.get("uploaded") is None
    sandbox.script()
    assert run(connected(sandbox)).counts == {"uploaded": 8}


def test_a_platform_that_is_away_leaves_everything_for_the_next_run(
    record, run, sandbox, connected, stored
):
    record(2)
    client = connected(sandbox, tries="1")
    sandbox.script({"kind": "reset-before"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("voiceprep.pipeline.sending._PAUSE_S", 0.01)
        summary = run(client)
    assert summary.counts == {"failed": 2}
    assert dict(summary.tally.kinds) == {"UnavailableError": 2}
    sandbox.script()
    assert run(client).counts == {"uploaded": 2}
    assert stored(sandbox) == names(2)


def away():
    """Name a port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_nobody_there_is_said_at_once_left_soon_and_preparing_goes_on(
    record, run, connected, sandbox, told, stored
):
    count = 70  # more than wait in memory
    record(count)
    began = time.monotonic()
    summary = run(connected(sandbox, base_url=away()))
    assert time.monotonic() - began < 25
    assert summary.counts == {"prepared": count}
    assert isinstance(summary.trouble, UnavailableError)
    assert "kept for the next run" in str(summary.trouble)
    assert len(told.of("judged")) == count
    assert told.of("failed") == []
    said = [event.message for event in told.of("waiting")]
    assert said[0].startswith("the platform is away (")
    assert said[0].endswith("; it is tried again")
    assert said[-1] == "the platform is still away; no more is tried in this run"
    assert run(connected(sandbox)).counts == {"uploaded": count}
    assert stored(sandbox) == names(count)


def test_while_nobody_is_there_nothing_spins():
    looks, later = [], Later(0.01, "away", away="connection refused")
    box = Outbox(lambda _: later, most=1)
    for name in "ab":
        box.add(Parcel("", name, "", name, name))
    until = time.monotonic() + 1.5  # two misses, a pause of a second between them
    while time.monotonic() < until:
        looks += [*box.ended(0.1), None]
    box.close()
    assert box.misses >= 2
    assert len(looks) < 40


def test_a_platform_that_comes_back_gets_everything_once(
    record, run, connected, told, stored, tmp_path
):
    count = 70
    record(count)
    with Sandbox(tmp_path / "back", port=0) as box:
        port, client = urlsplit(box.base_url).port, connected(box)
    running = []

    def sink(event):
        told(event)
        if not running and event.name == "waiting" and "away" in event.message:
            running.append(Sandbox(tmp_path / "back", port=port))
            running[0].__enter__()

    try:
        summary = run(client, sink=sink)
        assert (summary.counts, summary.trouble) == ({"uploaded": count}, None)
        assert stored(running[0]) == names(count)
    finally:
        for box in running:
            box.__exit__(None, None, None)


def test_an_unclear_outcome_says_how_long_it_is_looked_for_and_says_it_again(
    record, run, connected, told, tmp_path, monkeypatch
):
    monkeypatch.setattr("voiceprep.pipeline.deliveries.SAID_AGAIN_S", 0.5)
    record(1)
    with Sandbox(tmp_path / "late", port=0, late_visibility_s=60.0) as box:
        box.script({"kind": "reset-after", **CREATE, "times": 1})
        run(connected(box), lookup_gap_s=0.1, upload_limit_s=3.0)
    looking = [e for e in told.of("waiting") if "looking for it" in e.message]
    assert len(looking) >= 3
    assert looking[0].seconds == pytest.approx(3.0, abs=0.7)
    assert all(e.seconds is None or e.seconds >= 1 for e in looking)
    assert looking[-1].seconds is None


def test_what_is_held_back_stays_and_goes_out_when_it_may(record, run, client, told):
    record(3)
    approved = set()

    def approves(recording):
        return recording.name in approved

    assert run(client, approves=approves).counts == {"held": 3}
    assert {event.message for event in told.of("held")} == {
        "held back: nobody approved it"
    }
    approved.add("talk-001")
    assert run(client, approves=approves).counts == {"held": 2, "uploaded": 1}


def test_two_batches_at_once_on_a_file_take_turns(
    record, order, connected, sandbox, stored
):
    record(12)
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(batch, order(engine="thread"), client=connected(sandbox))
            for _ in range(2)
        ]
    assert [run.result().counts for run in runs] == [{"uploaded": 12}] * 2
    assert sorted(run.result().unchanged for run in runs) == [0, 12]
    assert stored(sandbox) == names(12)


@pytest.mark.parametrize("faults", [[], [{"kind": "reset-after", "share": 0.3}]])
def test_two_batches_at_once_with_a_ledger_each_upload_everything_once(
    faults, record, order, connected, sandbox, stored, tmp_path
):
    record(12)
    orders = [order(out=str(tmp_path / name)) for name in ("one", "other")]
    for each in orders:
        batch(each)
    started = threading.Barrier(2)

    def send(each):
        client = connected(sandbox)
        started.wait(20)
        return batch(each, client=client).counts

    sandbox.script(*({**CREATE, **fault} for fault in faults))
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, orders)) == [{"uploaded": 12}] * 2
    assert stored(sandbox) == names(12)


def test_what_failed_before_is_sent_by_one_of_two_batches_at_once(
    record, order, connected, sandbox, stored, tmp_path, monkeypatch
):
    monkeypatch.setattr("voiceprep.pipeline.sending._PAUSE_S", 0.01)
    record(6)
    orders = [order(out=str(tmp_path / name)) for name in ("one", "other")]
    sandbox.script({"kind": "status", "status": 503})
    for each in orders:
        done = batch(each, client=connected(sandbox, tries="1"))
        assert done.counts == {"failed": 6}
    sandbox.script({"kind": "delay", "delay_s": 0.3, **CREATE})
    started = threading.Barrier(2)

    def send(each):
        client = connected(sandbox)
        started.wait(20)
        return batch(each, client=client).counts

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, orders)) == [{"uploaded": 6}] * 2
    assert stored(sandbox) == names(6)


def test_two_batches_at_once_on_postgresql_share_the_work(
    record, order, connected, sandbox, stored, postgresql
):
    record(24)
    shared, started = order(ledger=postgresql(), engine="thread"), threading.Barrier(2)
    judged = [[], []]

    def one(number):
        def sink(event):
            if event.name == "judged":
                judged[number].append(event.path)

        client = connected(sandbox)
        started.wait(20)
        return batch(shared, client=client, sink=sink).counts

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, range(2))) == [{"uploaded": 24}] * 2
    assert len(judged[0]) + len(judged[1]) == 24
    assert not set(judged[0]) & set(judged[1])
    assert stored(sandbox) == names(24)


def test_reconciling_tells_what_each_side_lacks_and_adopts(
    record, run, order, client, sandbox
):
    record(4)
    run(client)
    with Ledger(ledger_of(order())) as ledger, ledger.run():
        uploads = ledger.uploads(client.account, {State.UPLOADED})
        gone, unseen, forgotten = uploads[:3]
        client.contents.delete(id=gone.content_id)
        for upload, unclear in ((unseen, True), (forgotten, False)):
            ledger.drop(client.account, upload.tag)
            if unclear:  # as a run that died in mid-upload leaves it
                ledger.take(client.account, upload.tag, upload.key)
                ledger.begin(client.account, upload.tag, 300.0)
        found = reconcile(ledger, client)
    assert found.adopted == (unseen.tag,)
    assert found.gone == (gone.tag,)
    assert [content.id for content in found.foreign] == [forgotten.content_id]
    assert (found.unclear, found.doubled, found.agreed) == ((), (), 1)
