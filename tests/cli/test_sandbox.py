import json
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

# design.md, "Settings that tests and other tools rely on"
KEYS = [
    "base_url",
    "token_url",
    "content_url",
    "api_url",
    "client_id",
    "client_secret_file",
    "pid",
    "data",
]


@contextmanager
def running(cli, *words, end, number=signal.SIGTERM):
    """Run `voiceprep sandbox`; yield its description and a place for its end."""
    ended = {}
    with cli.start("sandbox", *words) as process:
        try:
            yield json.loads(process.stdout.readline()), ended
        finally:
            ended["code"] = end(process, number)
            ended["out"], ended["err"] = process.stdout.read(), process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_json_line_and_ends_cleanly(cli, end, tmp_path, number):
    box = tmp_path / "box"
    words = ("--port", "0", "--data", box)
    with running(cli, *words, end=end, number=number) as (told, ended):
        assert list(told) == KEYS
        assert told["token_url"] == told["base_url"] + "token"
        assert told["content_url"] == told["base_url"] + "content/rest/"
        assert told["api_url"] == told["base_url"] + "rest/"
        assert (told["client_id"], told["data"]) == ("sandbox", str(box))
    assert (ended["code"], ended["out"]) == (0, b"")
    assert b"Traceback" not in ended["err"]


def test_its_description_is_all_that_a_client_needs(cli, end, record, tmp_path):
    with running(cli, "--port", "0", "--data", tmp_path / "b", end=end) as (told, _):
        client = cli.having(
            VOICEPREP_TOKEN_URL=told["token_url"],
            VOICEPREP_CONTENT_URL=told["content_url"],
            VOICEPREP_API_URL=told["api_url"],
            VOICEPREP_CLIENT_ID=told["client_id"],
            VOICEPREP_CLIENT_SECRET_FILE=told["client_secret_file"],
        )
        assert client("upload", record()).code == 0


def test_one_that_runs_is_used_and_its_links_outlive_it(
    cli, end, free_port, record, fetch
):
    own = cli.having(VOICEPREP_SANDBOX_PORT=free_port)
    path = record()
    with running(own, end=end):
        done = own("upload", path)
        assert f"the sandbox that runs at http://127.0.0.1:{free_port}/" in done.err
        assert done.last.endswith("(sandbox: nothing was sent to Digitaleo)")
        (url,) = done.lines
        stored = fetch(url)
    assert own("upload", path).lines == [url]  # in a sandbox of the process itself
    with running(own, end=end):
        assert fetch(url) == stored


def test_an_alien_on_the_default_port_gets_no_credentials(
    cli, end, platforms, record, free_port
):
    own = cli.having(VOICEPREP_SANDBOX_PORT=free_port)
    with running(own, end=end) as (told, _):
        secret = Path(told["client_secret_file"]).read_text().strip()
    alien = platforms(free_port)
    done = own("upload", record())
    assert (done.code, done.out) == (2, "")
    assert done.last.startswith(f"voiceprep: port {free_port} is taken by something")
    assert all(path.startswith("/.well-known/") for _, path, _, _ in alien.seen)
    assert not any(secret in head for _, _, head, _ in alien.seen)


def test_a_taken_port_is_a_usage_error(cli, platform, tmp_path):
    port = platform.base_url.rpartition(":")[2].strip("/")
    done = cli("sandbox", "--port", port, "--data", tmp_path / "box")
    assert (done.code, done.out) == (2, "")
    assert f"port {port}" in done.last


def test_a_secret_file_that_is_given_is_used(cli, end, tmp_path, record):
    (tmp_path / "secret").write_text("my-own-secret\n")
    words = ("--port", "0", "--data", tmp_path / "b", "--client-id", "acme")
    given = ("--client-secret-file", tmp_path / "secret")
    with running(cli, *words, *given, end=end) as (told, _):
        assert told["client_secret_file"] == str(tmp_path / "secret")
        client = cli.having(
            VOICEPREP_BASE_URL=told["base_url"],
            VOICEPREP_CLIENT_ID="acme",
            VOICEPREP_CLIENT_SECRET="my-own-secret",
        )
        assert client("upload", record()).code == 0


def test_a_client_without_a_name_is_a_usage_error(cli, tmp_path):
    words = ("--port", "0", "--data", tmp_path / "b", "--client-id", "")
    done = cli("sandbox", *words)
    assert (done.code, done.out) == (2, "")
    assert "client_id is empty" in done.last


def test_dry_run_says_where_and_starts_nothing(cli, tmp_path):
    done = cli("sandbox", "-n", "--port", "7", "--data", tmp_path / "box")
    assert (done.code, done.out) == (0, "")
    assert "port 7" in done.last
    assert not (tmp_path / "box").exists()


def test_two_uploads_at_once_share_one_embedded_sandbox(cli, free_port, record):
    own = cli.having(VOICEPREP_SANDBOX_PORT=free_port)
    paths = [record(f"{n}.wav", seed=n) for n in range(2)]
    started = [own.start("upload", path, stdin=subprocess.DEVNULL) for path in paths]
    ended = [process.communicate(timeout=20) for process in started]
    assert [process.returncode for process in started] == [0, 0], ended
    assert all(out.startswith(b"http://127.0.0.1:%d/" % free_port) for out, _ in ended)


def test_a_full_disk_under_the_sandbox_is_one_sentence(cli, end, tmp_path, record):
    # No file over 300 kB: as a full disk, at a known place.
    code = (
        "import resource, signal; from voiceprep.cli import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); main()"
    )
    words = ("sandbox", "--port", "0", "--data", tmp_path / "b")
    with cli.start(*words, code=code) as process:
        told = json.loads(process.stdout.readline())
        client = cli.having(
            VOICEPREP_BASE_URL=told["base_url"],
            VOICEPREP_CLIENT_ID=told["client_id"],
            VOICEPREP_CLIENT_SECRET_FILE=told["client_secret_file"],
            VOICEPREP_TRIES="1",
        )
        done = client("upload", record(seconds=30))
        end(process)
        assert b"Traceback" not in process.stderr.read()
    assert done.code == 5
    assert "500: the sandbox can't keep its data: File too large" in done.err


def test_more_accounts_are_let_in_and_each_sees_its_own(cli, end, tmp_path, record):
    (tmp_path / "acme.secret").write_text("acme's own\n")
    words = ("--port", "0", "--data", tmp_path / "b")
    given = ("--account", f"acme:{tmp_path / 'acme.secret'}")
    with running(cli, *words, *given, end=end) as (told, _):
        mine = cli.having(
            VOICEPREP_BASE_URL=told["base_url"],
            VOICEPREP_CLIENT_ID=told["client_id"],
            VOICEPREP_CLIENT_SECRET_FILE=told["client_secret_file"],
        )
        acmes = cli.having(
            VOICEPREP_BASE_URL=told["base_url"],
            VOICEPREP_CLIENT_ID="acme",
            VOICEPREP_CLIENT_SECRET="acme's own",
        )
        path = record()
        (first,) = mine("upload", path).lines
        (again,) = mine("upload", path).lines
        (other,) = acmes("upload", path).lines
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("acme", "ID:SECRET_FILE"),
        (":secret", "ID:SECRET_FILE"),
        ("acme:/nowhere/at/all", "can't be read"),
    ],
)
def test_an_account_that_is_none_is_a_usage_error(cli, tmp_path, word, said):
    done = cli("sandbox", "--port", "0", "--data", tmp_path / "b", "--account", word)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:////nowhere/at/all/box"]
)
def test_a_database_that_can_not_be_is_a_usage_error(cli, tmp_path, url):
    done = cli("sandbox", "--port", "0", "--data", tmp_path / "b", "--database", url)
    assert (done.code, done.out) == (2, "")
    assert "the sandbox's database" in done.last
    assert "Traceback" not in done.err
