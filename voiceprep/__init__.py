"""Hear the call before you make it: voice recordings, made ready for the telephone.

>>> import voiceprep
>>> result = voiceprep.check("samples/clean.mp3")
>>> result.verdict.is_fit
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voiceprep.audio.decode import decode
    from voiceprep.audio.rules import Finding, Verdict
    from voiceprep.audio.signal import Audio
    from voiceprep.client import Client, Content, Settings
    from voiceprep.errors import VoiceprepError
    from voiceprep.pipeline.recording import Result, check, prepare
    from voiceprep.pipeline.uploader import create_content, upload
    from voiceprep.pipeline.verify import verify
    from voiceprep.sandbox import Sandbox

__all__ = [
    "Audio",
    "Client",
    "Content",
    "Finding",
    "Result",
    "Sandbox",
    "Settings",
    "Verdict",
    "VoiceprepError",
    "check",
    "create_content",
    "decode",
    "prepare",
    "upload",
    "verify",
]

_HOMES = {
    "Audio": "voiceprep.audio.signal",
    "Client": "voiceprep.client",
    "Content": "voiceprep.client",
    "Finding": "voiceprep.audio.rules",
    "Result": "voiceprep.pipeline.recording",
    "Sandbox": "voiceprep.sandbox",
    "Settings": "voiceprep.client",
    "Verdict": "voiceprep.audio.rules",
    "VoiceprepError": "voiceprep.errors",
    "check": "voiceprep.pipeline.recording",
    "create_content": "voiceprep.pipeline.uploader",
    "decode": "voiceprep.audio.decode",
    "prepare": "voiceprep.pipeline.recording",
    "upload": "voiceprep.pipeline.uploader",
    "verify": "voiceprep.pipeline.verify",
}


def __getattr__(name: str) -> Any:
    # PEP 562: `voiceprep --help` must not pay for numpy or an HTTP library.
    if name not in _HOMES:
        raise AttributeError(f"module 'voiceprep' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
