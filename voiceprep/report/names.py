"""Write names that may hold anything: shown as text, linked to as bytes."""

from __future__ import annotations

import base64
import os
import unicodedata
from urllib.parse import quote

__all__ = ["data_link", "link_to", "shown"]


def shown(name: str) -> str:
    r"""Return a name as text that shows what it holds and does nothing.

    Bytes that are no UTF-8, controls, and characters that turn the direction of
    writing are spelt out; markup is the page's matter, which escapes all text.

    >>> shown("caf\udce9.wav"), shown("exe.\u202egpm")
    ('caf\\xe9.wav', 'exe.\\u202egpm')
    """
    return "".join(map(_inert, name))


def _inert(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cs":  # a byte that was no UTF-8 (PEP 383)
        return f"\\x{ord(letter) & 0xFF:02x}"
    if kind in {"Cc", "Cf", "Zl", "Zp", "Co", "Cn"}:
        return letter.encode("unicode_escape").decode("ascii")
    return letter


def link_to(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> str:
    r"""Return the relative link from a page in `folder` to a file.

    Parameters
    ----------
    path, folder : path
        Seen from the same place.

    >>> link_to("out/a b#1.wav", "out"), link_to("in/caf\udce9.mp3", "out")
    ('./a%20b%231.wav', '../in/caf%E9.mp3')
    """
    relative = os.path.relpath(path, folder)
    quoted = quote(os.fsencode(relative))  # ":" too: no name reads as a scheme
    return quoted if quoted.startswith("../") else f"./{quoted}"


def data_link(content: bytes, media_type: str) -> str:
    """Return a link that holds the bytes themselves.

    >>> data_link(b"RIFF", "audio/wav")
    'data:audio/wav;base64,UklGRg=='
    """
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
