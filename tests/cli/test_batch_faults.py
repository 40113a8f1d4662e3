"""A hundred recordings through the command line, and a platform that often fails."""

import csv
import json
from collections import Counter

import pytest

from voiceprep.sandbox import Sandbox

COUNT = 100
# One kind after the other, at every fifth call to the content service, reads and
# uploads alike: no dice, which one file in some hundred runs would meet five times.
FAULTS = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": "0"},
    {"kind": "reset-before"},
    {"kind": "reset-after"},
)
EVERY = 5
MOST_CALLS = 2_000


def script():
    """The faults, each with the numbers of the calls that it strikes."""
    for place, fault in enumerate(FAULTS, start=1):
        struck = range(EVERY * place, MOST_CALLS, EVERY * len(FAULTS))
        yield {**fault, "path": "/content/rest/*", "nth": list(struck)}


@pytest.fixture
def troubled(tmp_path):
    """A sandbox of its own whose content service fails one call in five."""
    with Sandbox(tmp_path / "box", port=0) as box:
        box.script(*script())
        yield box


def test_each_of_a_hundred_goes_out_once_and_the_summary_says_so(
    at, troubled, record, fetch, tmp_path
):
    for number in range(COUNT):
        name = f"talk-{number:03}.wav"
        record(name, 10.0, seed=900 + number, folder=tmp_path / "in")
    shop = at(troubled).having(VOICEPREP_UPLOAD_LIMIT_S="2")  # the sandbox is quick
    done = shop(
        *("batch", tmp_path / "in", "-o", tmp_path / "out", "--upload", "--json"),
        timeout=300,
    )
    assert done.code == 0, done.err
    assert done.last.startswith(f"{COUNT} uploaded; results in ")

    called = [row for row in troubled.log() if "/content/rest/" in row["path"]]
    refused = [row["fault"] for row in called if row["fault"]]
    assert len(refused) == len(called) // EVERY
    assert len(set(refused)) == len({fault["kind"] for fault in FAULTS})
    held = troubled.truth()["contents"]
    assert Counter(row["name"] for row in held) == Counter(
        f"talk-{number:03}" for number in range(COUNT)
    )

    out = tmp_path / "out"
    assert (out / "results.json").read_text() == done.out
    with (out / "results.csv").open(encoding="utf-8-sig") as file:
        links = [row["url_encoded"] for row in csv.DictReader(file)]
    results = json.loads(done.out)["results"]
    assert links == [result["content"]["url_encoded"] for result in results]
    for number, link in enumerate(links):
        assert fetch(link) == (out / f"talk-{number:03}.pcm").read_bytes()
