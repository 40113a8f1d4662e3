"""Reach the platform: the account of the settings, or the sandbox without one."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from voiceprep.client import Client, Settings
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voiceprep.sandbox import Sandbox

__all__ = [
    "DEFAULT_SANDBOX_PORT",
    "account_of",
    "connect",
    "sandbox_data",
    "sandbox_port",
]

DEFAULT_SANDBOX_PORT: Final = 18_711  # [ours]; fixed, so that links stay the same
LEAVE_TIMEOUT_S: Final = 600.0  # how long a sandbox waits for others that use it
TELL_AFTER_S: Final = 1.0  # before that is said
START_TIMEOUT_S: Final = 30.0  # how long one that is starting may take


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
    if not settings.configured:
        base_url = f"http://127.0.0.1:{sandbox_port(settings)}/"
        settings = Settings.for_platform(base_url, "sandbox", "-")
    # No client for it: that imports an HTTP library, a tenth of a batch's start.
    return f"{settings.client_id} at {settings.content_url}"


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
    with _in_use(data, say) as last_one_out:
        sandbox = _started(data, port)
        if sandbox is None:
            yield _running_sandbox(data, port, say)
            return
        try:
            say(f"no account is set: using the embedded sandbox at {sandbox.base_url}")
            yield Settings.for_platform(
                sandbox.base_url, sandbox.client_id, sandbox.client_secret
            )
            last_one_out()
        except KeyboardInterrupt:  # what it has under way is not waited for
            threading.Thread(target=sandbox.stop, daemon=True).start()
            raise
        except BaseException:
            sandbox.stop()
            raise
        sandbox.stop()


def _started(data: Path, port: int) -> Sandbox | None:
    """Start a sandbox; None where the port is taken, by another one perhaps."""
    from voiceprep.sandbox import Sandbox
    from voiceprep.sandbox.listener import PortTakenError

    sandbox = Sandbox(data, port=port)
    try:
        with _kept_in(data):
            sandbox.start()
    except PortTakenError:
        return None
    return sandbox


@contextmanager
def _kept_in(data: Path) -> Iterator[None]:
    """Say how another folder is chosen, where this one can't be written to."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingsError(
            f"the sandbox's data can't be kept in {data}: {reason}; "
            "VOICEPREP_SANDBOX_DATA names another folder"
        ) from error


def _running_sandbox(data: Path, port: int, say: Callable[[str], None]) -> Settings:
    """Return settings for the sandbox on the port, once it has proved itself."""
    from voiceprep.sandbox import identity

    base_url = f"http://127.0.0.1:{port}/"
    # One that is only just starting answers late, but it does.
    if not identity.identifies(base_url, data, START_TIMEOUT_S):
        raise SettingsError(
            f"port {port} is taken by something that is not the sandbox of {data}; "
            "stop it, or choose another port with VOICEPREP_SANDBOX_PORT"
        )
    say(f"no account is set: using the sandbox that runs at {base_url}")
    return Settings.for_platform(base_url, *identity.account(data, port))


@contextmanager
def _in_use(data: Path, say: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Note that this process uses the sandbox's data; yield a wait for others.

    Whoever runs the sandbox for itself does not end it under a second process
    that found it running.
    """
    with ExitStack() as stack:
        with _kept_in(data):
            data.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((data / "in-use.lock").open("a"))
        fcntl.flock(lock, fcntl.LOCK_SH)

        def last_one_out() -> None:
            began, told = time.monotonic(), False
            while (waited := time.monotonic() - began) < LEAVE_TIMEOUT_S:
                if _is_alone(lock):
                    return
                if not told and waited > TELL_AFTER_S:
                    told = True
                    say(
                        "another voiceprep still uses this sandbox: waiting for it, "
                        f"{LEAVE_TIMEOUT_S:.0f} s at most; Ctrl-C leaves at once"
                    )
                time.sleep(0.05)

        yield last_one_out


def _is_alone(lock: IO[str]) -> bool:
    """Say whether no other process uses the sandbox; none can begin to, then."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
