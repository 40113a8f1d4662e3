"""The line that says how far a batch has come, from the events that it is told."""

from voiceprep.batch import events as on
from voiceprep.cli import progress
from voiceprep.cli.common import Common


def test_looks_of_a_watch_add_up(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_BETWEEN_S", -1.0)  # a line after each event
    common = Common(
        as_json=False,
        verbose=0,
        quiet=False,
        color=False,
        profile=None,
        jobs=1,
        dry_run=False,
        lang="en",
    )

    def found(recordings, unchanged):
        return on.Found(at=0.0, recordings=recordings, unchanged=unchanged, bytes=0)

    judged = on.Judged(at=0.0, path="a.wav", verdict="fit", bytes=9, seconds=60.0)
    with progress.shown_as(common) as show:
        # One was done before; two are; one more arrives; then nothing.
        for event in (found(3, 1), judged, judged, found(4, 3), judged, found(4, 4)):
            show(event)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" · ")[0] for line in lines] == [
        *("0 of 2", "1 of 2", "2 of 2"),
        *("2 of 3", "3 of 3", "3 of 3"),
    ]
    assert {line.split(" · ")[-1] for line in lines} == {"1 unchanged"}
