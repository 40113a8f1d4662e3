import pytest

COMPARED = {
    "form",
    "expected_samples",
    "stored_samples",
    "offset_samples",
    "level_db",
    "snr_db",
    "message",
}


def test_verify_proves_an_upload_byte_for_byte(account, record):
    path = record(seed=50)
    account("upload", path)
    done = account("verify", path)
    assert done.lines == [f"{path}: identical, all 88,000 samples (A-law)"]
    assert done.code == 0
    assert done.last.startswith("1 identical, 0 not")


def test_json_compares_in_numbers(account, record):
    path = record(seed=50)
    account("upload", path)
    done = account("verify", path, "--json")
    assert done.json["schema"] == "voiceprep.verify/1"
    assert done.json["platform"] == "sandbox"
    (result,) = done.results
    assert result["identical"] is True
    assert set(result["comparison"]) == COMPARED
    assert result["comparison"]["stored_samples"] == 88_000


def test_what_was_never_uploaded_is_said_and_exits_1(account, record):
    path = record(seed=51)
    done = account("verify", path)
    assert (done.code, done.lines) == (
        1,
        [f"{path}: not on the platform: nothing bears its tag; upload it first"],
    )


def test_standard_input_is_verified(account, record):
    source = record(seed=52, seconds=9).read_bytes()
    account("upload", "-", "--fix", "duration", stdin=source)
    done = account("verify", "-", "--fix", "duration", stdin=source)
    assert done.lines == ["-: identical, all 80,000 samples (A-law)"]


def test_the_command_that_upload_names_next_works(account, record):
    import shlex

    path = record("to mend.wav", seed=53, seconds=9)
    told = account("upload", path, "--fix", "duration").last
    command = told.partition("Next: ")[2].partition(" (sandbox")[0]
    done = account(*shlex.split(command)[1:])
    assert (done.code, done.last.split(",")[0]) == (0, "1 identical")


def test_several_paths_each_have_a_line_and_others_go_on(account, record, samples):
    good, bad = record(seed=54), samples / "text.mp3"
    account("upload", good)
    done = account("verify", bad, good)
    assert [line.rpartition(": ")[0] for line in done.lines] == [str(bad), str(good)]
    assert (done.code, done.last.split(" (")[0]) == (1, "1 identical, 1 not")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failure_is_counted_and_listed(customer, platform, record, as_json):
    platform.says["GET /content/rest/contents"] = (500, "broken", {})
    path = record()
    flags = ["--json"] if as_json else []
    done = customer(platform.base_url)("verify", path, *flags)
    assert (done.code, done.last) == (5, "0 identical, 0 not, 1 failed")
    if as_json:
        (result,) = done.results
        assert (result["path"], result["error"]["class"]) == (
            str(path),
            "UnavailableError",
        )


def test_a_refused_recording_says_what_to_do(account, record):
    done = account("verify", record(seconds=9))
    assert done.code == 1
    assert done.lines[0].endswith("`--fix duration` adds silence at the end.")


def test_other_bytes_on_the_platform_are_described(
    customer, platform, record, tmp_path
):
    import hashlib
    import json

    run = customer(platform.base_url)
    path = record(seed=55)
    run("prepare", path, "-o", tmp_path / "o")
    sent = (tmp_path / "o" / "talk.wav").read_bytes()
    codes = bytearray((tmp_path / "o" / "talk.pcm").read_bytes())
    codes[40_000:40_200] = bytes([0x55 ^ 0x80]) * 200
    row = {
        "id": "7",
        "name": "talk",
        "tags": ["vp-" + hashlib.sha256(sent).hexdigest()[:32]],
        "url": f"{platform.base_url}datas/talk.wav",
        "url_encoded": f"{platform.base_url}datas/talk.pcm",
    }
    listed = {"size": 1, "total": None, "list": [row], "httpStatusCode": 200}
    platform.says["GET /content/rest/contents"] = (200, json.dumps(listed), {})
    # Latin-1 spells any byte; the server sends UTF-8, so only codes below 0x80.
    platform.says["GET /datas/talk.pcm"] = (200, "\x55" * len(codes), {})
    done = run("verify", path)
    assert done.code == 1
    assert "identical" not in done.out
    assert done.last.startswith("0 identical, 1 not")
