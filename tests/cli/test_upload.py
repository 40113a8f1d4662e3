import re
import subprocess
from pathlib import Path

import pytest

from voiceprep.sandbox import Sandbox

CONTENT = {"id", "url", "url_encoded"}
WORDS = "(sandbox: nothing was sent to Digitaleo)"


def test_one_recording_prints_the_bare_url_and_its_bytes_are_ours(
    account, record, fetch, tmp_path
):
    done = account("upload", record(seed=30), "-o", tmp_path / "out")
    assert done.code == 0
    (url,) = done.lines
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/datas/\S+/talk\.pcm", url)
    assert fetch(url) == (tmp_path / "out" / "talk.pcm").read_bytes()


def test_several_recordings_print_path_tab_url(account, record, tmp_path):
    folder = tmp_path / "in"
    paths = [record(f"{n}.wav", seed=31 + n, folder=folder) for n in range(2)]
    for words in (paths, [folder]):
        done = account("upload", *words)
        assert [line.split("\t")[0] for line in done.lines] == list(map(str, paths))
        assert all("\thttp://" in line for line in done.lines)


def test_a_folder_prints_path_tab_url_even_with_one_recording(
    account, record, tmp_path
):
    path = record("a.wav", seed=33, folder=tmp_path / "in")
    done = account("upload", tmp_path / "in")
    assert done.out.startswith(f"{path}\thttp://")


def test_json_has_the_content_and_says_sandbox(account, record):
    done = account("upload", record(seed=34), "--json")
    assert done.json["schema"] == "voiceprep.upload/1"
    assert done.json["platform"] == "sandbox"
    (result,) = done.results
    assert set(result["content"]) == CONTENT
    assert (result["platform"], result["preview"]) == ("sandbox", "exact")
    assert result["artefacts"] is None  # they were temporary


def test_kept_artefacts_are_named(account, record, tmp_path):
    done = account("upload", record(seed=34), "-o", tmp_path / "out", "--json")
    (result,) = done.results
    assert Path(result["artefacts"]["prepared"]).is_file()


def test_exit_code_is_the_same_with_json_and_without(account, record, samples):
    paths = [record(seed=34), samples / "text.mp3"]
    assert (
        account("upload", *paths).code == account("upload", *paths, "--json").code == 1
    )


def test_standard_input_is_uploaded(account, record):
    done = account("upload", "-", stdin=record(seed=35).read_bytes())
    assert (done.code, len(done.lines)) == (0, 1)


def test_refused_recording_does_not_stop_the_others(account, record, samples):
    done = account("upload", samples / "9.9-seconds.wav", record(seed=36))
    assert (done.code, len(done.lines)) == (1, 1)
    assert done.last.startswith("1 uploaded, 1 refused. Next: voiceprep verify ")
    assert "mend it: voiceprep upload" in done.err


def test_dry_run_sends_nothing(customer, platform, record):
    done = customer(platform.base_url)("upload", record(), "-n")
    assert (done.code, done.out, platform.seen) == (0, "", [])
    assert done.last == "1 would be uploaded"


def test_uploading_twice_gives_the_first_content(account, record, listed):
    path = record("twice.wav", seed=37)
    first = account("upload", path, "--json").results[0]["content"]
    again = account("upload", path, "--json").results[0]["content"]
    assert first == again
    assert [row["id"] for row in listed(name="twice")] == [first["id"]]


def test_two_identical_recordings_at_once_become_one_content(
    account, record, listed, tmp_path
):
    for n in range(4):
        record(f"same{n}.wav", seed=38, folder=tmp_path / "in")
    done = account("upload", tmp_path / "in", "-j", 4, "--json")
    ids = {result["content"]["id"] for result in done.results}
    assert (len(done.results), len(ids)) == (4, 1)
    named = [row for n in range(4) for row in listed(name=f"same{n}")]
    assert {row["id"] for row in named} == ids
    assert len(named) == 1


def test_two_processes_with_the_same_bytes_make_one_content(cli, record, tmp_path):
    paths = [record(f"{n}.wav", seed=43) for n in range(2)]
    # Both look it up before either has it: each answer comes half a second later.
    with Sandbox(tmp_path / "box", latency_s=0.5) as slow:
        run = cli.having(
            VOICEPREP_BASE_URL=slow.base_url,
            VOICEPREP_CLIENT_ID=slow.client_id,
            VOICEPREP_CLIENT_SECRET_FILE=slow.client_secret_file,
        )
        started = [run.start("upload", path) for path in paths]
        ended = [process.communicate(timeout=20) for process in started]
        contents = slow.truth()["contents"]
    assert [process.returncode for process in started] == [0, 0], ended
    assert ended[0][0] == ended[1][0]
    assert len(contents) == 1
    assert [path for path in cli.home.rglob("*") if path.is_file()] == []


def test_without_a_place_for_locks_it_is_uploaded_all_the_same(account, record):
    (account.home / "file").touch()
    env = {"XDG_STATE_HOME": account.home / "file"}
    assert account("upload", record(seed=44), env=env).code == 0


def test_a_name_that_comes_too_late_is_said(account, record):
    path = record(seed=45)
    account("upload", path, "--name", "first")
    done = account("upload", path, "--name", "second")
    said = f"{path}: it was there already, and keeps its name 'first'"
    assert (done.code, said in done.err.splitlines()) == (0, True)
    assert account("upload", path, "--name", "").code == 2


def test_content_bears_the_tag_of_its_bytes(account, record, listed):
    import hashlib

    path = record("tagged.wav", seed=39)
    done = account("upload", path, "-o", path.parent / "o", "--name", "Relance mars")
    sent = (path.parent / "o" / "tagged.wav").read_bytes()
    tag = "vp-" + hashlib.sha256(sent).hexdigest()[:32]  # design.md, "Artefacts"
    assert done.code == 0
    (row,) = listed(tags=tag)
    assert (row["name"], row["tags"]) == ("Relance mars", [tag])


def test_strict_holds_warnings_back_and_says_so(account, samples, listed, tmp_path):
    path = tmp_path / "held.mp3"
    path.write_bytes((samples / "one-channel.mp3").read_bytes())
    done = account("upload", path, "--strict")
    assert (done.code, done.out) == (1, "")
    assert done.last.startswith("1 held back for warnings")
    assert "silent_channel" in done.err
    assert listed(name="held") == []


def test_temporary_artefacts_go_with_each_upload(account, record):
    paths = [record(f"{n}.wav", seed=80 + n) for n in range(3)]
    words = ("upload", "-j", "1", *paths, "-")
    with account.start(*words, stdin=subprocess.PIPE) as process:
        for _ in paths:
            assert b"\thttp://" in process.stdout.readline()
        left = [path for path in (account.home / "tmp").rglob("*") if path.is_file()]
        process.communicate(paths[0].read_bytes(), timeout=20)
    assert (left, process.returncode) == ([], 0)


def test_upload_streams_no_artefact(account, record):
    done = account("upload", record(), "-o", "-")
    assert (done.code, done.out) == (2, "")
    assert not (account.home / "-").exists()


def test_as_is_sends_the_source_and_calls_the_preview_approximate(
    account, record, fetch
):
    path = record(seed=40)
    done = account("upload", path, "--as-is", "--json")
    (result,) = done.results
    assert result["preview"] == "approximate"
    assert "the preview is approximate" in done.last
    assert fetch(result["content"]["url"]) == path.read_bytes()


def test_as_is_contradicts_repairs_and_standard_input(account, record):
    path = record()
    assert account("upload", path, "--as-is", "--fix", "size").code == 2
    done = account("upload", "-", "--as-is", stdin=path.read_bytes())
    assert (done.code, done.out) == (2, "")


def test_a_latin_1_name_is_uploaded(account, record, tmp_path):
    record("x.wav", seed=41).rename(tmp_path / "caf\udce9.wav")
    code, out, err = account.raw("upload", bytes(tmp_path) + b"/caf\xe9.wav")
    assert code == 0, err
    assert out.startswith(b"http://")


def test_last_line_says_sandbox_whatever_the_outcome(account, record, cli, free_port):
    own = cli.having(VOICEPREP_SANDBOX_PORT=free_port)
    fit, short = record(seed=42), record("short.wav", seconds=9)
    assert account("upload", fit).last.endswith(WORDS)
    for words in (("upload", fit), ("upload", short), ("verify", short)):
        done = own(*words, "--json")
        assert done.last.endswith(WORDS)
        assert done.json["platform"] == "sandbox"


def test_dry_run_without_an_account_says_sandbox_too(cli, record):
    done = cli("upload", record(), "-n")
    assert done.last == f"1 would be uploaded {WORDS}"


@pytest.mark.parametrize(
    ("command", "env"),
    [
        ("check", {"VOICEPREP_CLIENT_ID": "acme"}),
        ("upload", {"VOICEPREP_CLIENT_SECRET": "pl4nted-s3cret-9c41"}),
        ("verify", {"VOICEPREP_BASE_URL": "http://127.0.0.1:9"}),
        ("prepare", {"VOICEPREP_CLIENTID": "acme"}),
        ("sandbox", {"VOICEPREP_CLIENTID": "acme"}),
    ],
)
def test_half_set_or_unknown_settings_are_usage_errors(
    cli, record, command, env, planted
):
    words = [] if command == "sandbox" else [record()]
    out = ["-o", "out"] if command == "prepare" else []
    done = cli(command, *words, *out, env=env)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert planted[0] not in done.err
