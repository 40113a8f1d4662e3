"""The platform's client: settings, account, contents, mailings, messages, statistics.

Importing it is cheap, and so is `Settings`: what talks is loaded when it is named,
the HTTP library when a `Client` is made.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voiceprep.client.client import Client
    from voiceprep.client.contents import Contents
    from voiceprep.client.mailings import Mailings
    from voiceprep.client.messages import Messages
    from voiceprep.client.models import Content, Mailing, Message
    from voiceprep.client.secret import Secret
    from voiceprep.client.settings import Settings
    from voiceprep.client.statistics import Statistics
    from voiceprep.client.stats import Stats
    from voiceprep.client.trouble import UploadUnclearError

__all__ = [
    "Client",
    "Content",
    "Contents",
    "Mailing",
    "Mailings",
    "Message",
    "Messages",
    "Secret",
    "Settings",
    "Statistics",
    "Stats",
    "UploadUnclearError",
]

_HOMES = {
    "Client": "voiceprep.client.client",
    "Content": "voiceprep.client.models",
    "Contents": "voiceprep.client.contents",
    "Mailing": "voiceprep.client.models",
    "Mailings": "voiceprep.client.mailings",
    "Message": "voiceprep.client.models",
    "Messages": "voiceprep.client.messages",
    "Secret": "voiceprep.client.secret",
    "Settings": "voiceprep.client.settings",
    "Statistics": "voiceprep.client.statistics",
    "Stats": "voiceprep.client.stats",
    "UploadUnclearError": "voiceprep.client.trouble",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'voiceprep.client' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
