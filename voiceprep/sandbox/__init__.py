"""Our imitation of the platform: a real server with its own conversion.

Importing it is cheap: what serves is loaded when it is named.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voiceprep.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'voiceprep.sandbox' has no attribute {name!r}")
    return getattr(import_module("voiceprep.sandbox.server"), name)
