"""Prove that a listener is the sandbox of a data folder.

Whoever wants to send credentials to a port asks for a proof first: only a program
that can read the folder's key can compute it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Final

from voiceprep.errors import SettingsError

__all__ = [
    "CONTROL_HEADER",
    "CONTROL_PATH",
    "IDENTITY_PATH",
    "NONCE",
    "RUNNING",
    "account",
    "control_key",
    "identifies",
    "key",
    "proof",
    "secret_file",
    "secret_in",
]

IDENTITY_PATH: Final = ".well-known/voiceprep-sandbox"
NONCE: Final = r"[0-9a-f]{32,128}"  # [ours]
CONTROL_PATH: Final = "/_sandbox/"
CONTROL_HEADER: Final = "X-Voiceprep-Control"  # holds the control key
RUNNING: Final = "running.json"  # in the data folder, while a sandbox runs
TIMEOUT_S: Final = 3.0  # for a proof
_KEY_BYTES: Final = 32
_SECRET_BYTES: Final = 24


def proof(key: bytes, nonce: str) -> str:
    """Return the proof for a nonce: HMAC-SHA256 in hex.

    >>> len(proof(b"key", "00" * 16))
    64
    """
    return hmac.new(key, nonce.encode("ascii"), hashlib.sha256).hexdigest()


def identifies(base_url: str, data: Path, timeout_s: float = TIMEOUT_S) -> bool:
    """Say whether the listener holds the key of a sandbox's data folder.

    Credentials go to the port only then: a program that merely answers there
    can't compute the proof.
    """
    nonce = secrets.token_hex(32)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        url = f"{base_url}{IDENTITY_PATH}?nonce={nonce}"
        with direct.open(url, timeout=timeout_s) as answer:
            said = json.loads(answer.read(10_000))
        return hmac.compare_digest(str(said["proof"]), proof(key(data), nonce))
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return False


def key(data: Path) -> bytes:
    """Return the key of a data folder; the first call makes it, mode 600.

    Raises
    ------
    SettingsError
        Where it is damaged: what anybody can guess proves nothing.
    """
    path = data / "identity.key"
    kept = _kept(path, os.urandom(_KEY_BYTES))
    if len(kept) != _KEY_BYTES:
        raise SettingsError(
            f"{path} holds {len(kept)} bytes, not {_KEY_BYTES}: remove it, and "
            "another one is made"
        )
    return kept


def secret_file(data: Path) -> Path:
    """Return the file that holds the client secret; the first call makes it."""
    path = data / "client_secret"
    _kept(path, os.urandom(_SECRET_BYTES).hex().encode("ascii"))
    return path


def secret_in(path: Path) -> str:
    """Return the secret that a file holds.

    Raises
    ------
    SettingsError
        Where it can't be read, or is empty.
    """
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SettingsError(
            f"the sandbox's client secret can't be read from {path}: {reason}"
        ) from error
    if not secret:
        raise SettingsError(f"the sandbox's client secret in {path} is empty")
    return secret


def account(data: Path, port: int) -> tuple[str, str]:
    """Return client id and secret of the sandbox that runs on a data folder and port.

    Raises
    ------
    SettingsError
        Where the secret can't be read.
    """
    own = ("sandbox", str(data / "client_secret"))
    try:
        told = json.loads((data / RUNNING).read_text(encoding="utf-8"))
        if told["port"] == port:
            own = (str(told["client_id"]), str(told["client_secret_file"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # another one left its word there since, or an older voiceprep
    client_id, file = own
    return client_id, secret_in(Path(file))


def control_key(data: Path) -> str:
    """Return the key of the control API; the first call makes it, mode 600."""
    path = data / "control.key"
    return _kept(path, os.urandom(_SECRET_BYTES).hex().encode("ascii")).decode("ascii")


def _kept(path: Path, fresh: bytes) -> bytes:
    """Return what a private file holds; made whole with `fresh` where it lacks."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(fresh)
        try:
            path.hardlink_to(part)  # the first of two that start at once wins
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_bytes()
