"""The library's way to the platform and back, and what is never sent twice."""

import hashlib
import threading
import time
from pathlib import Path

import pytest

import voiceprep
from voiceprep.errors import RejectedError, UnavailableError
from voiceprep.pipeline.turns import Turn, one_at_a_time, turn_of
from voiceprep.pipeline.uploader import Uploader, content_tag

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def box(tmp_path):
    with voiceprep.Sandbox(tmp_path / "box") as running:
        yield running


@pytest.fixture
def client(box):
    settings = voiceprep.Settings.for_platform(
        box.base_url, box.client_id, box.client_secret
    )
    with voiceprep.Client(settings) as client:
        yield client


@pytest.fixture
def account(box, monkeypatch, tmp_path):
    """An account in the environment, as a program's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICEPREP_BASE_URL", box.base_url)
    monkeypatch.setenv("VOICEPREP_CLIENT_ID", box.client_id)
    monkeypatch.setenv("VOICEPREP_CLIENT_SECRET", box.client_secret)


def test_upload_and_verify_need_no_client(account):
    uploaded = voiceprep.upload(SAMPLES / "clean.mp3")
    verified = voiceprep.verify(SAMPLES / "clean.mp3")
    assert (uploaded.platform, verified.result.platform) == ("sandbox", "sandbox")
    assert verified.identical
    assert verified.result.content == uploaded.content
    assert uploaded.artefacts is None  # they were temporary


def test_what_is_not_fit_is_not_sent(client, box):
    result = voiceprep.upload(SAMPLES / "9.9-seconds.wav", client)
    assert (result.content, result.platform) == (None, None)
    with pytest.raises(RejectedError, match=r"10\.0 s at least"):
        voiceprep.create_content(result, client)
    assert box.truth()["contents"] == []


def test_strict_holds_warnings_back(client, tmp_path):
    prepared = voiceprep.prepare(SAMPLES / "one-channel.mp3", tmp_path)
    uploader = Uploader(client, strict=True)
    assert uploader.holds_back(prepared)
    with pytest.raises(RejectedError) as caught:
        uploader.create_content(prepared)
    assert caught.value.findings == prepared.findings


def test_a_checked_recording_is_none_that_could_go_out(client):
    with pytest.raises(RejectedError, match="it was checked, not prepared"):
        voiceprep.create_content(voiceprep.check(SAMPLES / "clean.mp3"), client)


def test_the_tag_is_of_the_bytes_alone(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"the same")
    (tmp_path / "b.wav").write_bytes(b"the same")
    tags = {content_tag(tmp_path / name) for name in ("a.wav", "b.wav")}
    assert tags == {"vp-" + hashlib.sha256(b"the same").hexdigest()[:32]}


def test_the_same_bytes_are_sent_once(client, box, tmp_path):
    prepared = voiceprep.prepare(SAMPLES / "clean.mp3", tmp_path)
    first = voiceprep.create_content(prepared, client, name="first")
    again = voiceprep.create_content(prepared, client, name="again")
    assert first == again
    assert [row["name"] for row in box.truth()["contents"]] == ["first"]


CREATE = {"method": "POST", "path": "/content/rest/contents", "times": 1}


@pytest.mark.parametrize(("late_s", "gap_s"), [(0.0, 60.0), (0.5, 1.0)])
def test_what_arrived_unseen_is_found_also_late(
    tmp_path, connected, stored, late_s, gap_s
):
    prepared = voiceprep.prepare(SAMPLES / "clean.mp3", tmp_path)
    with voiceprep.Sandbox(tmp_path / "late", late_visibility_s=late_s) as late:
        late.script({"kind": "reset-after", **CREATE})
        Uploader(connected(late), lookup_gap_s=gap_s).create_content(prepared)
        assert stored(late) == ["clean"]


def test_what_is_seen_later_still_is_not_sent_twice(tmp_path, connected, stored):
    prepared = voiceprep.prepare(SAMPLES / "clean.mp3", tmp_path)
    with voiceprep.Sandbox(tmp_path / "late", late_visibility_s=2.0) as late:
        late.script({"kind": "reset-after", **CREATE})
        uploader = Uploader(connected(late), lookup_gap_s=0.1)
        with pytest.raises(UnavailableError):
            uploader.create_content(prepared)
        time.sleep(2.0)
        uploader.create_content(prepared)
        assert stored(late) == ["clean"]


def test_what_is_written_to_while_it_is_looked_for_goes_out_as_it_was(
    client, tmp_path, monkeypatch
):
    prepared = voiceprep.prepare(SAMPLES / "clean.mp3", tmp_path)
    tag, find = content_tag(prepared.outgoing), Uploader.find

    def find_and_write(self, tag):
        with prepared.outgoing.open("r+b") as file:
            file.seek(44)
            file.write(bytes(10_000))
        return find(self, tag)

    monkeypatch.setattr(Uploader, "find", find_and_write)
    content = voiceprep.create_content(prepared, client)
    with client.download(content.url_encoded) as chunks:
        assert b"".join(chunks) == prepared.artefacts.alaw.read_bytes()
    assert content.tags == (tag,)


def test_the_reason_that_verify_gives_says_what_to_do(client):
    found = voiceprep.verify(SAMPLES / "9.9-seconds.wav", client)
    assert found.sentence.endswith("`--fix duration` adds silence at the end.")


def test_what_is_done_one_at_a_time_never_overlaps(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    inside, most = [], []

    def work():
        for _ in range(50):
            with one_at_a_time("the same"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(most)) == (1, 200)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_turn_is_given_back_also_where_its_file_cannot_be_removed(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    turn = turn_of("the same")
    turn.path.unlink()
    turn.path.mkdir()
    turn.end()
    assert turn.lock.closed


def test_who_has_no_home_waits_for_nobody(monkeypatch):
    """A container's user without an entry in `passwd`."""

    def unknown(_):
        raise KeyError

    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with one_at_a_time("the same"):
        assert turn_of("the same") == Turn()


def test_what_differs_does_not_wait(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with one_at_a_time("one thing"), one_at_a_time("another"):
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
