"""Decisions are read whole or not at all: calls depend on them."""

import json

import pytest

from voiceprep.errors import SettingsError
from voiceprep.report import Digests, approvals_in, read_approvals

A, B = "a" * 64, "b" * 64
ENTRY = {
    "path": "in/caf\udce9.wav",
    "sha256": {"alaw": A, "prepared": B},
    "decision": "approved",
    "name": "Ann",
    "time": "2026-11-25T10:05:00.000Z",
    "comment": "",
}


def text(*entries, schema="voiceprep.approvals/1"):
    return json.dumps({"schema": schema, "approvals": list(entries)})


def test_an_exported_decision_is_read_with_all_it_says():
    (decision,) = read_approvals(text(ENTRY)).decisions
    assert decision.path == "in/caf\udce9.wav"
    assert decision.digests == Digests(A, B)
    assert (decision.approved, decision.name) == (True, "Ann")
    assert decision.time.isoformat() == "2026-11-25T10:05:00+00:00"


def test_bytes_go_out_when_one_approves_and_none_rejects():
    rejected = {**ENTRY, "decision": "rejected", "name": "Bob"}
    other = {**ENTRY, "sha256": {"alaw": B, "prepared": A}}
    assert read_approvals(text(ENTRY)).approves(Digests(A, B))
    assert not read_approvals(text(ENTRY, rejected)).approves(Digests(A, B))
    assert not read_approvals(text(rejected, ENTRY)).approves(Digests(A, B))
    assert not read_approvals(text(other)).approves(Digests(A, B))
    assert not read_approvals(text()).approves(Digests(A, B))


def test_a_decision_is_about_both_files_that_were_made_of_a_recording():
    assert not read_approvals(text(ENTRY)).approves(Digests(A, A))
    assert not read_approvals(text(ENTRY)).approves(Digests(B, B))


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": {"alaw": A}},
        {"sha256": {"alaw": A.upper(), "prepared": B}},
        {"sha256": {"alaw": A[:-1], "prepared": B}},
        {"sha256": A},
        {"decision": "approve"},
        {"decision": True},
        {"decision": None},
        {"decision": ["approved"]},
        {"name": " "},
        {"name": None},
        {"time": "2026-11-25T10:05:00"},  # of no zone
        {"time": "yesterday"},
        {"time": 0},
        {"path": 7},
    ],
)
def test_a_bent_entry_refuses_the_file_and_names_itself(change):
    with pytest.raises(SettingsError, match="entry 2"):
        read_approvals(text(ENTRY, {**ENTRY, **change}))


@pytest.mark.parametrize("key", ["path", "sha256", "decision", "name", "time"])
def test_an_entry_that_lacks_a_field_refuses_the_file(key):
    short = {k: v for k, v in ENTRY.items() if k != key}
    with pytest.raises(SettingsError, match=f"entry 1 .*{key}"):
        read_approvals(text(short))


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "null",
        "{",
        '{"schema": "voiceprep.approvals/2", "approvals": []}',
        '{"schema": "voiceprep.approvals/1", "approvals": {}}',
        '{"schema": "voiceprep.approvals/1"}',
        text("approved"),
        text(None),
    ],
)
def test_what_no_page_exports_is_refused(broken):
    with pytest.raises(SettingsError, match="approvals: "):
        read_approvals(broken)


def test_bytes_that_are_no_utf_8_are_refused():
    with pytest.raises(SettingsError):
        read_approvals(b'{"schema": "\xff"}')


def test_decisions_of_several_files_count_together(tmp_path):
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text(text(ENTRY))
    other.write_text(text({**ENTRY, "decision": "rejected"}))
    assert approvals_in([one]).approves(Digests(A, B))
    assert not approvals_in([one, other]).approves(Digests(A, B))
    assert approvals_in([]).decisions == ()


def test_a_file_that_cannot_be_taken_is_named(tmp_path):
    bent = tmp_path / "bent.json"
    bent.write_text(text(ENTRY, {}))
    with pytest.raises(SettingsError, match=r"bent\.json: .*entry 2"):
        approvals_in([bent])
    with pytest.raises(SettingsError, match=r"absent\.json: .*no such file"):
        approvals_in([tmp_path / "absent.json"])
