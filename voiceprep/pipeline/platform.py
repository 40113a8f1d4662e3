"""Reach the platform: the account of the settings, or the sandbox without one."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voiceprep.client import Client, Settings
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DEFAULT_SANDBOX_PORT",
    "account_of",
    "connect",
    "sandbox_data",
    "sandbox_port",
]

DEFAULT_SANDBOX_PORT: Final = 18_711  # [ours]; fixed, so that links stay the same
LEAVE_TIMEOUT_S: Final = 600.0  # how long a sandbox waits for others that use it


def sandbox_data(settings: Settings) -> Path:
    """Return the folder of the default sandbox's data.

    >>> str(sandbox_data(Settings.load(environ={"VOICEPREP_SANDBOX_DATA": "/box"})))
    '/box'
    """
    if settings.sandbox_data:
        return Path(settings.sandbox_data)
    home = os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(home) / "voiceprep" / "sandbox"


def sandbox_port(settings: Settings) -> int:
    """Return the port of the default sandbox.

    Raises
    ------
    SettingsError
        Where the one that is set is no port.
    """
    port = settings.sandbox_port
    if port is None:
        return DEFAULT_SANDBOX_PORT
    if not 0 <= port <= 65_535:
        raise SettingsError(f"sandbox_port is {port}; a port is a number up to 65535")
    return port


def account_of(settings: Settings) -> str:
    """Name the account that `connect` would reach, as its client does.

    >>> account_of(Settings.for_platform("http://127.0.0.1:80", "acme", "s"))
    'acme at http://127.0.0.1:80/content/rest/'
    """
    if settings.configured:
        return f"{settings.client_id} at {settings.content_url}"
    base_url = f"http://127.0.0.1:{sandbox_port(settings)}/"
    with Client(Settings.for_platform(base_url, "sandbox", "-")) as client:
        return client.account


@contextmanager
def connect(
    settings: Settings | None = None, *, say: Callable[[str], None] = lambda _: None
) -> Iterator[Client]:
    """Connect to the platform of the settings, or to the sandbox without any.

    Parameters
    ----------
    settings : Settings or None
        None loads them from the environment and the files.
    say : callable
        Takes the one line that tells when it is the sandbox.

    Raises
    ------
    SettingsError
        Where settings contradict each other, or the sandbox's port is taken.
    """
    chosen = Settings.load() if settings is None else settings
    if chosen.configured:
        with Client(chosen) as client:
            yield client
        return
    with ExitStack() as stack:
        data, port = sandbox_data(chosen), sandbox_port(chosen)
        reached = stack.enter_context(_sandbox(data, port, say))
        yield stack.enter_context(Client(reached))


@contextmanager
def _sandbox(data: Path, port: int, say: Callable[[str], None]) -> Iterator[Settings]:
    """Use the sandbox that runs on the default port, or run one here."""
    from voiceprep.sandbox import Sandbox

    with _in_use(data) as last_one_out:
        sandbox = Sandbox(data, port=port)
        try:
            sandbox.start()
        except SettingsError:
            yield _running_sandbox(data, port, say)
            return
        try:
            say(f"no account is set: using the embedded sandbox at {sandbox.base_url}")
            yield Settings.for_platform(
                sandbox.base_url, sandbox.client_id, sandbox.client_secret
            )
            last_one_out()
        finally:
            sandbox.stop()


def _running_sandbox(data: Path, port: int, say: Callable[[str], None]) -> Settings:
    """Return settings for the sandbox on the port, once it has proved itself."""
    from voiceprep.sandbox import identity

    base_url = f"http://127.0.0.1:{port}/"
    if not identity.identifies(base_url, data):
        raise SettingsError(
            f"port {port} is taken by something that is not the sandbox of {data}; "
            "stop it, or choose another port with VOICEPREP_SANDBOX_PORT"
        )
    say(f"no account is set: using the sandbox that runs at {base_url}")
    secret = (data / "client_secret").read_text(encoding="utf-8").strip()
    return Settings.for_platform(base_url, "sandbox", secret)


@contextmanager
def _in_use(data: Path) -> Iterator[Callable[[], None]]:
    """Note that this process uses the sandbox's data; yield a wait for others.

    Whoever runs the sandbox for itself does not end it under a second process
    that found it running.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "in-use.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)

        def last_one_out() -> None:
            deadline = time.monotonic() + LEAVE_TIMEOUT_S
            while time.monotonic() < deadline:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.05)
                else:
                    return

        yield last_one_out
