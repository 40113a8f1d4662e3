"""Events: one JSON line each, with their name and time."""

import io
import json

from voiceprep.batch.events import Failed, Judged, Lines


def test_events_are_json_lines_with_name_and_time():
    file = io.StringIO()
    lines = Lines(file)
    lines(Judged(at=1_795_600_000.5, path="a\udcff.wav", verdict="fit", bytes=7))
    lines(Failed(path="b.wav", kind="OSError", message="the disk is full"))
    first, second = map(json.loads, file.getvalue().splitlines())
    assert first["event"] == "judged"
    assert first["time"] == "2026-11-25T09:46:40.500+00:00"  # date -u -d @1795600000
    assert first["path"] == "a\udcff.wav"  # a name of any bytes survives
    assert (second["event"], second["message"]) == ("failed", "the disk is full")
