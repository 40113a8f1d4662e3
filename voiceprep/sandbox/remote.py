"""Steer a sandbox that runs in another process, by the data folder it works in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any, Final

from voiceprep.errors import SettingsError
from voiceprep.sandbox import identity
from voiceprep.sandbox.identity import CONTROL_HEADER, CONTROL_PATH

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Remote", "reach"]

TIMEOUT_S: Final = 600.0  # to advance the clock by a year may take a while


@dataclass(frozen=True, slots=True)
class Remote:
    """Call the control API of a running sandbox.

    Parameters
    ----------
    host, port : str, int
    key : str
        Of its data folder; never shown.
    """

    host: str
    port: int
    key: str = field(repr=False)

    def ask(self, method: str, action: str, told: Any = None) -> Any:
        """Call an action; return what it answers.

        Raises
        ------
        SettingsError
            Where the sandbox refuses, or does not answer.
        """
        body = None if told is None else json.dumps(told)
        headers = {"Content-Type": "application/json", CONTROL_HEADER: self.key}
        wire = HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            wire.request(method, CONTROL_PATH + action, body, headers)
            answer = wire.getresponse()
            said = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            raise SettingsError(f"the sandbox does not answer: {error}") from error
        finally:
            wire.close()
        if answer.status != 200:
            raise SettingsError(_refused(answer.status, said))
        return said


def _refused(status: int, said: dict[str, Any]) -> str:
    if status in {401, 404}:
        return "the sandbox takes no orders; start it with: voiceprep sandbox --control"
    return f"the sandbox refuses: {said.get('message', status)}"


def reach(data: Path) -> Remote:
    """Find the sandbox that runs on a data folder; it must prove that it does.

    Raises
    ------
    SettingsError
        Where none runs there.
    """
    try:
        told = json.loads((data / identity.RUNNING).read_text(encoding="utf-8"))
        host, port = str(told["host"]), int(told["port"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(_none_runs(data)) from error
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (read)
    base_url = f"http://[{near}]:{port}/" if ":" in near else f"http://{near}:{port}/"
    if not identity.identifies(base_url, data):
        raise SettingsError(_none_runs(data))
    return Remote(near, port, identity.control_key(data))


def _none_runs(data: Path) -> str:
    return (
        f"no sandbox runs on {data}; start one with: voiceprep sandbox --control, "
        "or name its folder with --data"
    )
