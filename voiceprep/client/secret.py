"""A text that is never shown by accident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["MASK", "Secret"]

MASK: Final = "***"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Hold a text that neither ``repr`` nor ``str`` nor a format string shows.

    Parameters
    ----------
    text : str
        The secret itself; read it with `reveal`, where it goes on the wire.

    >>> secret = Secret("s3cret")
    >>> f"{secret} {secret!r}"
    '*** ***'
    >>> secret.reveal()
    's3cret'
    """

    text: str

    def reveal(self) -> str:
        """Return the text; the one place where it becomes readable."""
        return self.text

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__
