"""A hundred recordings through the command line, and a platform that often fails."""

import csv
import json
from collections import Counter

import pytest

from voiceprep.sandbox import Sandbox

COUNT = 100
# Together a fifth of all calls to the content service, reads and uploads alike.
FAULTS = (
    {"kind": "status", "status": 500, "share": 0.04},
    {"kind": "status", "status": 503, "share": 0.04},
    {"kind": "status", "status": 429, "retry_after": "0", "share": 0.04},
    {"kind": "reset-before", "share": 0.04},
    {"kind": "reset-after", "share": 0.04},
)


@pytest.fixture
def troubled(tmp_path):
    """A sandbox of its own whose content service fails one call in five."""
    with Sandbox(tmp_path / "box", port=0) as box:
        box.script(*({**fault, "path": "/content/rest/*"} for fault in FAULTS))
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

    refused = [row for row in troubled.log() if row["fault"]]
    assert len(refused) >= COUNT / 10  # it was no calm day
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
