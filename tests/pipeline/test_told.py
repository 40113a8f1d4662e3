"""What a result says, and what a page makes of it."""

import pytest

from voiceprep.pipeline.told import changes_of, cuts_of, level_of, notes_of
from voiceprep.report import Change, Level

MONO = {"rate": 8_000, "channels": 1, "frames": 80_000, "samples": 80_000}


def finding(code="clipping", severity="warning", message="3 times", **fields):
    return {"code": code, "severity": severity, "message": message, **fields}


def result(*findings, **measured):
    return {"findings": list(findings), "measurements": {**MONO, **measured}}


def changes(*findings, **measured):
    told = changes_of(result(*findings, **measured))
    return [(change.what, change.amount) for change in told]


def test_findings_stand_the_gravest_first_each_with_its_places():
    found = result(
        finding("hum", "warning"),
        finding("too_quiet", "info"),
        finding("clipping", "error", value=12.5, limit=10),
        spans={"clipping": [[1, 2.5], [3, 4]]},
    )
    notes = notes_of(found)
    assert [note.code for note in notes] == ["clipping", "hum", "too_quiet"]
    assert notes[0].spans == ((1.0, 2.5), (3.0, 4.0))
    assert (notes[0].value, notes[0].limit, notes[1].spans) == (12.5, 10, ())


@pytest.mark.parametrize("outcome", ["mended", "accepted"])
def test_what_became_of_a_finding_is_told_apart_from_its_sentence(outcome):
    (note,) = notes_of(result(finding(message=f"{outcome}: the first 3.4 s")))
    assert (note.outcome, note.message) == (outcome, "the first 3.4 s")


def test_every_recording_passes_the_high_pass_and_a_law():
    assert changes() == [("highpass", 60.0), ("alaw", None)]


def test_a_recording_that_was_prepared_already_is_not_changed():
    assert changes(prepared_already=True) == []


def test_channels_are_mixed_or_the_live_one_is_used():
    assert ("mono", 2) in changes(channels=2)
    assert ("channel", 2) in changes(channels=2, dead_channels=[1])
    cancels = finding("phase_cancellation", "info", "mended: its channels cancel")
    assert ("louder", None) in changes(cancels, channels=2)


def test_silence_is_counted_in_seconds_added_and_taken_out():
    assert ("padded", 0.5) in changes(samples=84_000)
    told = changes(
        samples=80_000, frames=88_000, mastering={"cuts": [[0, 1], [3.5, 4]]}
    )
    assert ("trimmed", 1.5) in told
    assert ("padded", 0.5) in told
    assert "padded" not in dict(changes(rate=44_100, frames=441_001))


@pytest.mark.parametrize(
    ("gain_db", "told"),
    [(9.2, ("raised", 9.2)), (-3.1, ("lowered", 3.1)), (0.0, None), (0.01, None)],
)
def test_gain_is_said_by_its_direction(gain_db, told):
    said = [
        each
        for each in changes(mastering={"gain_db": gain_db})
        if each[0] in {"raised", "lowered"}
    ]
    assert said == ([told] if told else [])


def test_mastering_is_said_in_its_order():
    done = {"master": "clarity", "gain_db": 9.2, "limited_s": 0.4}
    told = changes(mastering=done, rate=44_100)
    names = [name for name, _ in told]
    assert names == [
        "rate",
        "highpass",
        "clarity",
        "raised",
        "limited",
        "padded",
        "alaw",
    ]


def test_level_is_that_of_what_goes_out_beside_the_source_s():
    assert level_of({}) is None
    assert level_of({"speech_level_dbov": -20.0}) == Level(-20.0)
    mastered = {"speech_level_dbov": -34.2, "prepared_level_dbov": -20.0}
    assert level_of({**mastered, "prepared_peak_dbfs": -1.0, "peak_dbfs": -9.0}) == (
        Level(-20.0, -34.2, peak_dbfs=-1.0)
    )


def test_cuts_are_those_of_the_result():
    cut = {"mastering": {"cuts": [[0, 3], [6.5, 8]]}}
    assert cuts_of(cut) == ((0.0, 3.0), (6.5, 8.0))
    assert cuts_of({}) == ()


def test_changes_have_words_of_their_own():
    raised = result(mastering={"gain_db": 9.2})
    assert Change("raised", 9.2) in changes_of(raised)
