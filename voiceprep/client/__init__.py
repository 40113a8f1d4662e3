"""The platform's client: settings, account, contents.

Importing it is cheap, and so is `Settings`: what talks is loaded when it is named,
the HTTP library when a `Client` is made.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voiceprep.client.client import Client
    from voiceprep.client.contents import Contents
    from voiceprep.client.models import Content
    from voiceprep.client.secret import Secret
    from voiceprep.client.settings import Settings
    from voiceprep.client.trouble import UploadUnclearError

__all__ = [
    "Client",
    "Content",
    "Contents",
    "Secret",
    "Settings",
    "UploadUnclearError",
]

_HOMES = {
    "Client": "voiceprep.client.client",
    "Content": "voiceprep.client.models",
    "Contents": "voiceprep.client.contents",
    "Secret": "voiceprep.client.secret",
    "Settings": "voiceprep.client.settings",
    "UploadUnclearError": "voiceprep.client.trouble",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'voiceprep.client' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
