"""The platform's client: settings, account, contents.

Importing it is cheap: the HTTP library is loaded when a `Client` is made.
"""

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
