"""A bucket in, a bucket out: the same bytes as from folder to folder."""

import json
import urllib.request

import fsspec
import pytest
from moto.server import ThreadedMotoServer

SOUND = ("*.wav", "*.pcm")


@pytest.fixture
def bucket(monkeypatch, tmp_path):
    """Serve an empty bucket on loopback; return fsspec's view of it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    reset = urllib.request.Request(  # it keeps its buckets in this process
        f"http://{host}:{port}/moto-api/reset", method="POST"
    )
    urllib.request.urlopen(reset).close()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "XDG_STATE_HOME": str(tmp_path / "state"),  # the ledger of an OUT that is a URL
    }.items():
        monkeypatch.setenv(name, value)
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    system.mkdir("bucket")
    yield system
    type(system).clear_instance_cache()
    server.stop()


def sound(folder):
    """Read a folder's artefacts, but for the results: those tell where they lie."""
    paths = [path for ending in SOUND for path in folder.glob(ending)]
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.parametrize("engine", ["thread", "process"])
def test_from_bucket_to_bucket_the_artefacts_are_those_of_a_folder(
    engine, bucket, record, run, told, client, sandbox, stored, tmp_path
):
    names = [path.name for path in record(4)]
    run()
    local = sound(tmp_path / "out")
    bucket.put(f"{tmp_path}/in/", "bucket/in/", recursive=True)

    def from_bucket():
        return run(
            client,
            sources=("s3://bucket/in",),
            out="s3://bucket/out",
            engine=engine,
            jobs=2,
        )

    assert from_bucket().counts == {"uploaded": 4}
    bucket.get("bucket/out/", f"{tmp_path}/fetched/", recursive=True)
    assert len(local) == 3 * 4
    assert sound(tmp_path / "fetched") == local
    results = json.loads((tmp_path / "fetched" / "results.json").read_bytes())
    assert [row["path"] for row in results["results"]] == [
        f"s3://bucket/in/{name}" for name in names
    ]
    assert from_bucket().unchanged == 4
    assert told.of("judged") == []
    assert stored(sandbox) == [name.removesuffix(".wav") for name in names]
    # The platform's bytes, too: what it encoded is what was prepared.
    (kept,) = {row["filesize"] for row in sandbox.truth()["contents"]}
    assert kept == len(local["talk-000.wav"])


def test_an_artefact_that_went_from_the_bucket_is_prepared_again_and_sent(
    bucket, record, run, client
):
    record(2)
    asked = {"out": "s3://bucket/out", "engine": "thread"}
    assert run(**asked).counts == {"prepared": 2}
    bucket.rm("bucket/out/talk-001.wav")
    assert run(client, **asked).counts == {"uploaded": 2}
    assert bucket.exists("bucket/out/talk-001.wav")
