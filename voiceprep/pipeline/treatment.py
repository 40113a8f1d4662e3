"""Say how recordings are to be treated: what was asked for, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceprep.audio.limits import DEFAULT, Limits, limits_of, mode_of
from voiceprep.audio.rules import ACCEPTABLE, FIXES
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Treatment", "treatment_of", "wanted_fixes"]


@dataclass(frozen=True, slots=True)
class Treatment:
    """Hold what is to be mended, overruled, mastered, and by which limits.

    Parameters
    ----------
    fixes : frozenset of str
        Words of `FIXES`.
    accept : frozenset of str
        Codes of findings that a person overrules.
    master : str
        A mode of `limits.MODES`.
    limits : Limits
        Of a profile of sound.
    standard : str or None
        The profile's name or path, as it was given.
    """

    fixes: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()
    master: str = "auto"
    limits: Limits = Limits()  # noqa: RUF009 (frozen)
    standard: str | None = None

    @property
    def mode(self) -> str:
        """Return the mode of mastering; ``--fix level`` turns it on where it is off."""
        mends = "level" in self.fixes and self.master == "off"
        return "auto" if mends else self.master

    @property
    def words(self) -> list[str]:
        """Return the options that repeat it on a command line, repairs left out.

        >>> treatment_of(accept=["noisy"], master="level").words
        ['--master', 'level', '--accept', 'noisy']
        """
        words = [] if self.master == "auto" else ["--master", self.master]
        words += ["--accept", ",".join(sorted(self.accept))] if self.accept else []
        named = self.standard not in {None, DEFAULT}
        return [*words, "--standard", str(self.standard)] if named else words


def treatment_of(
    fixes: Iterable[str] = (),
    accept: Iterable[str] = (),
    master: str = "auto",
    standard: str | None = None,
) -> Treatment:
    """Check what was asked for.

    Parameters
    ----------
    fixes, accept : iterable of str
        Words, each perhaps several of them joined by commas; one alone will do.
    master : str
        ``auto off level clarity``.
    standard : str or None
        A profile of sound: ``digitaleo itu prompts``, or the path of a TOML file.

    Raises
    ------
    SettingsError
        Where a word is unknown, or a profile can't be read.

    >>> treatment_of(["duration"]).fixes
    frozenset({'duration'})
    """
    return Treatment(
        wanted_fixes(fixes),
        frozenset(_words(accept, ACCEPTABLE, "--accept")),
        mode_of(master),
        limits_of(standard),
        standard,
    )


def wanted_fixes(words: Iterable[str]) -> frozenset[str]:
    """Return the repairs that were asked for, ``all`` spelt out.

    Raises
    ------
    SettingsError
        Where a word is none of `FIXES`, nor ``all``.

    >>> sorted(wanted_fixes(["duration,phase"]))
    ['duration', 'phase']
    """
    asked = _words(words, (*FIXES, "all"), "--fix")
    return frozenset(FIXES) if "all" in asked else frozenset(asked)


def _words(given: Iterable[str], known: Collection[str], option: str) -> set[str]:
    """Split at commas; refuse what is not known."""
    several = [given] if isinstance(given, str) else given
    asked = {part.strip() for word in several for part in word.split(",")} - {""}
    if unknown := sorted(asked - {*known}):
        raise SettingsError(
            f"{option} {unknown[0]!r} is unknown; choose from {', '.join(known)}"
        )
    return asked
