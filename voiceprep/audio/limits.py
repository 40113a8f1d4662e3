"""Hold the limits and targets of one use of the telephone: profiles are only data.

`Limits()` is the default, ``digitaleo``. A profile says in TOML what is otherwise:
those of the package stand beside this module, others are named by their path.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from voiceprep.errors import SettingsError

__all__ = ["DEFAULT", "MODES", "PROFILES", "Limits", "limits_of", "mode_of"]

DEFAULT: Final = "digitaleo"
PROFILES: Final = ("digitaleo", "itu", "prompts")
MODES: Final = ("auto", "off", "level", "clarity")  # of mastering: see `master`
_FOLDER: Final = Path(__file__).with_name("profiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hold what is fit, what warns and what refuses.

    The defaults are those of facts.md, "Rules and thresholds" and "Level": measured
    on 405 clean prompts, so that none of them fires on clean speech.

    Parameters
    ----------
    name : str
    target_dbov : float
        Active speech level that mastering aims at.
    least_dbov, most_dbov : float
        The window in which a level is left alone.
    too_quiet_dbov, too_loud_dbov : float
        Beyond them, an unmended recording is refused.
    most_gain_db : float
        Mastering raises by that much at the most.
    ceiling_dbfs : float
        Of mastered peaks.
    clipping_runs : float
        Flat tops from which to warn.
    clipping_per_s : float
        Flat tops a second from which to refuse.
    dc_warn, dc_error : float
        Mean over full scale.
    leading_s, trailing_s : float
        Silence at the ends from which to warn.
    pause_warn_s, pause_error_s : float
        Silence within.
    noise_warn_db, noise_error_db : float
        From loud moments down to the noise: less than that.
    band_warn_db, band_error_db : float
        Level lost outside 300–3400 Hz.
    mono_warn_db, mono_error_db : float
        Level lost by mixing the channels.
    correlation_warn : float
        Of two channels: under it.
    silent_dbfs : float
        Loudest 20 ms of a recording in which nothing is heard.
    speed_warn : float
        How many times too fast a voice sounds: above it.
    hum_over_db, hum_dbfs : float
        Of a line over its neighbours, and its level: both must be passed.
    cut_db : float
        Last 50 ms over the speech level: a voice that is cut off.
    """

    name: str = DEFAULT
    target_dbov: float = -20.0
    least_dbov: float = -26.0
    most_dbov: float = -16.0
    too_quiet_dbov: float = -40.0
    too_loud_dbov: float = -12.0
    most_gain_db: float = 40.0
    ceiling_dbfs: float = -1.0
    clipping_runs: float = 1.0
    clipping_per_s: float = 10.0
    dc_warn: float = 0.005
    dc_error: float = 0.02
    leading_s: float = 1.0
    trailing_s: float = 2.0
    pause_warn_s: float = 2.0
    pause_error_s: float = 4.0
    noise_warn_db: float = 24.0
    noise_error_db: float = 15.0
    band_warn_db: float = 8.0
    band_error_db: float = 12.0
    mono_warn_db: float = 6.0
    mono_error_db: float = 12.0
    correlation_warn: float = -0.5
    silent_dbfs: float = -55.0
    speed_warn: float = 1.33
    hum_over_db: float = 11.0
    hum_dbfs: float = -60.0
    cut_db: float = 3.0


def mode_of(word: str) -> str:
    """Return a mode of mastering, checked.

    Raises
    ------
    SettingsError
        Where the word is none of ``auto off level clarity``.

    >>> mode_of("level")
    'level'
    """
    if word not in MODES:
        raise SettingsError(
            f"--master {word!r} is unknown; choose from {', '.join(MODES)}"
        )
    return word


def limits_of(profile: str | None = None) -> Limits:
    """Return the limits of a profile.

    Parameters
    ----------
    profile : str or None
        A name of `PROFILES`, or the path of a TOML file; None is the default.

    Raises
    ------
    SettingsError
        Where there is no such profile, or it holds what is no limit.

    >>> limits_of("itu").target_dbov
    -26.0
    """
    if profile is None or profile == DEFAULT:
        return Limits()  # not read at each start: tomllib costs 13 ms of CPU
    path = _FOLDER / f"{profile}.toml" if profile in PROFILES else Path(profile)
    return _read(path, path.stem)


def _read(path: Path, name: str) -> Limits:
    """Read a profile: each key a field of `Limits`, each value a number."""
    import tomllib

    try:
        with path.open("rb") as file:
            said = tomllib.load(file)
    except OSError as error:
        raise SettingsError(
            f"there is no profile of sound {str(path)!r}; choose from "
            f"{', '.join(PROFILES)}, or give the path of a TOML file"
        ) from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError(f"{path} is not TOML: {error}") from error
    known = {field.name for field in fields(Limits)} - {"name"}
    for key, value in said.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if key not in known or not number:
            wrong = "is not a number" if key in known else "is not a limit"
            raise SettingsError(f"{path}: {key} {wrong}")
    numbers: dict[str, Any] = {key: float(value) for key, value in said.items()}
    return replace(Limits(name=name), **numbers)
