"""Where settings come from: flags, environment, two files, defaults.

A layer is what one place says, with a word for each value on where it stood.
Nothing is interpreted here; `voiceprep.client.settings` makes sense of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep.client.known import (
    ACCOUNT,
    BUILT_IN_PROFILES,
    BY_ENV,
    BY_NAME,
    DEFAULT_PROFILE,
    ENV_PREFIX,
    KNOWN,
    Known,
    Value,
    did_you_mean,
)
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "BLANK",
    "FILE_NAME",
    "Found",
    "Layer",
    "layered",
    "only_flags",
    "user_file_of",
]

FILE_NAME: Final = "voiceprep.toml"
BLANK: Final = ""  # of an account's setting: said, and yet nothing
PROFILES: Final = "profile"  # the table of tables in a settings file
_OF_ACCOUNT: Final = frozenset(name for group in ACCOUNT for name in group)


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one setting's value, where it stood, and how near to the user.

    ``rank`` is 0 for a flag and grows with each layer below it; ``folder`` is
    what a relative path in this layer starts from.
    """

    value: Value
    origin: str
    rank: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Layer:
    """Hold the raw values of one place, each with its origin."""

    raw: Mapping[str, tuple[object, str]]
    folder: Path
    profiles: frozenset[str] = field(default=frozenset({DEFAULT_PROFILE}))


def layered(
    flags: Mapping[str, str | None],
    environ: Mapping[str, str],
    folder: Path,
    user_file: Path | None,
) -> dict[str, Found]:
    """Return for each known setting the value of the topmost layer that has one.

    Raises
    ------
    SettingsError
        For an unknown name, a value of the wrong kind, a file that can't be
        read, or a profile that no file has.
    """
    said = (_from_flags(flags, folder), _from_environ(environ, folder))
    profile = _profile(said)
    files = [folder / FILE_NAME, *([user_file] if user_file else [])]
    layers = (
        *said,
        *(_from_file(path, profile) for path in files),
        _built_in(profile, folder),
    )
    _check_profile(profile, layers)
    return _settled(layers, folder)


def only_flags(flags: Mapping[str, str | None]) -> dict[str, Found]:
    """Return the settings that flags alone give: no environment, no file.

    >>> only_flags({"tries": "5"})["tries"].origin
    'flag --tries'
    """
    return _settled((_from_flags(flags, Path()),), Path())


def user_file_of(environ: Mapping[str, str]) -> Path | None:
    """Return where the user's own settings stand, or None without a home.

    >>> user_file_of({"HOME": "/home/ada"}).as_posix()
    '/home/ada/.config/voiceprep/voiceprep.toml'
    """
    if config := environ.get("XDG_CONFIG_HOME"):
        return Path(config, "voiceprep", FILE_NAME)
    home = environ.get("HOME")
    return Path(home, ".config", "voiceprep", FILE_NAME) if home else None


def _settled(layers: tuple[Layer, ...], folder: Path) -> dict[str, Found]:
    found = {known.name: _default(known, len(layers), folder) for known in KNOWN}
    for rank, layer in reversed(list(enumerate(layers))):
        found.update(_read(layer, rank))
    return found


def _from_flags(flags: Mapping[str, str | None], folder: Path) -> Layer:
    raw: dict[str, tuple[object, str]] = {}
    for flag, value in flags.items():
        name = flag.lstrip("-").replace("-", "_")
        if name not in BY_NAME:
            raise SettingsError(f"there is no setting {name!r}")
        raw[name] = (value, f"flag {BY_NAME[name].flag}")
    return Layer(raw, folder)


def _from_environ(environ: Mapping[str, str], folder: Path) -> Layer:
    raw: dict[str, tuple[object, str]] = {}
    for variable in sorted(environ):
        if not variable.startswith(ENV_PREFIX):
            continue
        if variable not in BY_ENV:
            hint = did_you_mean(variable, BY_ENV)
            raise SettingsError(f"{variable} is not a variable of voiceprep{hint}")
        raw[BY_ENV[variable].name] = (environ[variable], variable)
    return Layer(raw, folder)


def _from_file(path: Path, profile: str) -> Layer:
    document = _toml(path)
    tables = document.pop(PROFILES, {})
    if not isinstance(tables, dict):
        raise SettingsError(
            f"{path}: {PROFILES} is not a table; write [{PROFILES}.NAME], "
            "and choose one with --profile or VOICEPREP_PROFILE"
        )
    raw = dict(_checked(document, str(path)))
    if isinstance(tables.get(profile), dict):
        raw.update(_checked(tables[profile], f"{path} [{PROFILES}.{profile}]"))
    return Layer(raw, path.parent, frozenset({DEFAULT_PROFILE, *tables}))


def _built_in(profile: str, folder: Path) -> Layer:
    """Return what a profile says that comes with voiceprep."""
    if profile not in BUILT_IN_PROFILES:
        return Layer({}, folder, frozenset(BUILT_IN_PROFILES))
    raw = {"standard": (profile, f"profile {profile}")}
    return Layer(raw, folder, frozenset(BUILT_IN_PROFILES))


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            import tomllib  # most runs find no file, and should not pay for it

            return tomllib.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"{path} can't be read: {reason}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError(f"{path} is not TOML: {error}") from error


def _checked(
    table: Mapping[str, Any], origin: str
) -> Iterator[tuple[str, tuple[object, str]]]:
    for name, value in table.items():
        if name not in BY_NAME:
            hint = did_you_mean(name, BY_NAME)
            raise SettingsError(f"{origin}: there is no setting {name!r}{hint}")
        yield name, (value, origin)


def _profile(layers: tuple[Layer, ...]) -> str:
    for layer in layers:
        value, _ = layer.raw.get("profile", (None, ""))
        if value:
            return str(value)
    return DEFAULT_PROFILE


def _check_profile(profile: str, layers: tuple[Layer, ...]) -> None:
    profiles = frozenset().union(*(layer.profiles for layer in layers))
    if profile not in profiles:
        names = ", ".join(sorted(profiles))
        raise SettingsError(f"there is no profile {profile!r}; there are: {names}")


def _read(layer: Layer, rank: int) -> Iterator[tuple[str, Found]]:
    for name, (raw, origin) in layer.raw.items():
        if raw is None or (raw == "" and name not in _OF_ACCOUNT):
            continue  # an empty variable is an unset one
        try:
            value = BY_NAME[name].read(raw) if raw != "" else BLANK
        except ValueError as error:
            raise SettingsError(f"{name} ({origin}): {error}") from None
        yield name, Found(value, origin, rank, layer.folder)


def _default(known: Known, rank: int, folder: Path) -> Found:
    return Found(known.default, "default", rank, folder)
