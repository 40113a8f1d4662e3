"""What the package shows, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import voiceprep.client
from voiceprep.client import Client, Settings
from voiceprep.errors import SettingsError


def test_every_export_exists_and_is_documented():
    names = voiceprep.client.__all__
    assert names == sorted(names)
    assert all(getattr(voiceprep.client, name).__doc__ for name in names)


def test_importing_the_client_loads_no_http_library():
    code = (
        "import sys, voiceprep.client; from voiceprep.client import Settings; "
        "Settings.load(environ={}); "
        "print(sorted({'httpx2', 'tenacity', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_client_without_an_account_is_refused():
    with pytest.raises(SettingsError, match="no account"):
        Client(Settings.load(environ={}))
