"""Say what others wrote, names and errors, fit for a terminal."""

from __future__ import annotations

import errno
import unicodedata
from typing import Final

__all__ = ["said_in", "sentence_of", "visible"]

# What moves a terminal's cursor, breaks the line or turns its text around. The two
# joiners of Persian and of emoji do not, nor does a byte that was no UTF-8 (PEP 383).
_HIDDEN: Final = {"Cc", "Cf", "Zl", "Zp"}
_JOINERS: Final = "\u200c\u200d"
_REASONS: Final = {
    errno.ENOENT: "no such file or directory",
    errno.EEXIST: "not a folder",  # mkdir, where a file lies
    errno.ENOTDIR: "not a folder",
}
_REMEDIES: Final = {
    errno.ENOENT: "check the path",
    errno.EACCES: "give yourself the right to it",
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there",
    errno.EROFS: "choose a folder that can be written to",
}


def visible(text: str) -> str:
    r"""Write out what would move a terminal's cursor or turn its text around.

    >>> print(visible("a\x1b[31m\nb\u202e.wav"))
    a\x1b[31m\nb\u202e.wav
    >>> visible("Capture d’écran à 10.42.wav")
    'Capture d’écran à 10.42.wav'
    """
    if text.isprintable():
        return text
    return "".join(_escaped(sign) if _is_hidden(sign) else sign for sign in text)


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def said_in(language: str, text: str) -> str:
    """Say in a language what other rooms say in English.

    >>> said_in("fr", "there is no number")
    'il n’y a pas de numéro'
    >>> said_in("fr", "Nobody knows this sentence.")
    'Nobody knows this sentence.'
    """
    if language == "en":
        return text
    from voiceprep.cli.french import in_french

    return in_french(text)


def sentence_of(error: BaseException, language: str = "en") -> str:
    """Say an error in one line; what the disk refused, without its number.

    >>> sentence_of(OSError(errno.ENOSPC, "No space left on device", "out"))
    'out: no space left on device; make room there'
    """
    if not isinstance(error, OSError) or error.strerror is None:
        return visible(said_in(language, str(error)))
    said = error.strerror[:1].lower() + error.strerror[1:]
    number = error.errno or 0
    reason, remedy = _REASONS.get(number, said), _REMEDIES.get(number, "")
    reason = said_in(language, reason)
    if error.filename is None:
        return reason
    from voiceprep.cli.words import word

    said = word(language, "about", what=visible(str(error.filename)), said=reason)
    if not remedy:
        return said
    return word(language, "more", said=said, more=said_in(language, remedy))
