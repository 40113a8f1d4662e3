"""Which platform is reached, and what stands in the way of the sandbox."""

import fcntl
import socket
import threading

import pytest

from voiceprep.client import Settings
from voiceprep.errors import SettingsError
from voiceprep.pipeline.platform import connect, sandbox_data, sandbox_port
from voiceprep.sandbox import Sandbox


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(tmp_path, port):
    """No account: the default sandbox, in a folder and on a port of its own."""
    environ = {
        "VOICEPREP_SANDBOX_DATA": str(tmp_path / "box"),
        "VOICEPREP_SANDBOX_PORT": str(port),
    }
    return Settings.load(environ=environ, folder=tmp_path)


def test_without_an_account_a_sandbox_is_run_and_said(settings, port):
    said = []
    with connect(settings, say=said.append) as client:
        assert client.platform == "sandbox"
    assert said == [
        f"no account is set: using the embedded sandbox at http://127.0.0.1:{port}/"
    ]


def test_one_that_runs_is_used_with_its_own_account(settings, port, tmp_path):
    (tmp_path / "secret").write_text("acme's own")
    given = {"client_id": "acme", "client_secret_file": tmp_path / "secret"}
    said = []
    with (
        Sandbox(sandbox_data(settings), port=port, **given),
        connect(settings, say=said.append) as client,
    ):
        assert client.platform == "sandbox"
        assert list(client.contents.read(limit=1)) == []
    assert f"the sandbox that runs at http://127.0.0.1:{port}/" in said[0]


def broken_database(box):
    (box / "sandbox.sqlite3").write_bytes(b"no database at all, " * 100)


def damaged_key(box):
    (box / "identity.key").touch()


def empty_secret(box):
    (box / "client_secret").touch()


def secret_folder(box):
    (box / "client_secret").mkdir()


def files_file(box):
    (box / "files").touch()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (broken_database, "sandbox.sqlite3: file is not a database"),
        (damaged_key, "identity.key holds 0 bytes, not 32: remove it"),
        (empty_secret, "client secret in .*client_secret is empty"),
        (secret_folder, "kept in .*: is a directory; VOICEPREP_SANDBOX_DATA names"),
        (files_file, "kept in .*: file exists; VOICEPREP_SANDBOX_DATA names"),
    ],
)
def test_damaged_data_are_named_not_taken_for_a_taken_port(settings, damage, words):
    box = sandbox_data(settings)
    box.mkdir()
    damage(box)
    with pytest.raises(SettingsError, match=words), connect(settings):
        pass


def test_data_that_can_not_be_kept_name_the_setting(settings):
    sandbox_data(settings).touch()
    words = "VOICEPREP_SANDBOX_DATA names another folder"
    with pytest.raises(SettingsError, match=words), connect(settings):
        pass


def test_a_port_that_is_taken_by_another_program_is_said(settings, port):
    with socket.create_server(("127.0.0.1", port)) as other:

        def hang_up():
            other.accept()[0].close()

        hangs_up = threading.Thread(target=hang_up)
        hangs_up.start()
        with (
            pytest.raises(SettingsError, match=f"port {port} is taken by something"),
            connect(settings),
        ):
            pass
        hangs_up.join()


def test_waiting_for_others_is_said(settings):
    said, waits = [], threading.Event()

    def say(line):
        said.append(line)
        if line.startswith("another voiceprep still uses this sandbox"):
            waits.set()

    def use():
        with connect(settings, say=say):
            started.set()

    started = threading.Event()
    sandbox_data(settings).mkdir()
    with (sandbox_data(settings) / "in-use.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as another process does that uses it
        run = threading.Thread(target=use)
        run.start()
        assert started.wait(60)
        assert waits.wait(60)
    run.join(60)
    assert not run.is_alive()
    assert len(said) == 2


@pytest.mark.parametrize("number", ["70000", "-1"])
def test_a_port_that_is_none_is_a_usage_error(tmp_path, number):
    environ = {"VOICEPREP_SANDBOX_PORT": number}
    with pytest.raises(SettingsError, match="sandbox_port"):
        sandbox_port(Settings.load(environ=environ, folder=tmp_path))
