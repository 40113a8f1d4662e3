"""Every setting that exists: the one table behind flags, environment and files."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

from voiceprep.client.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ACCOUNT",
    "BUILT_IN_PROFILES",
    "BY_ENV",
    "BY_NAME",
    "DEFAULT_PROFILE",
    "ENV_PREFIX",
    "KNOWN",
    "Known",
    "Value",
    "did_you_mean",
]

Value: TypeAlias = str | int | float | Secret | None

ENV_PREFIX: Final = "VOICEPREP_"
DEFAULT_PROFILE: Final = "default"
# Profiles that no file needs to hold: each names the standard of its own name.
BUILT_IN_PROFILES: Final = ("digitaleo", "itu", "prompts")


@dataclass(frozen=True, slots=True)
class Known:
    """Describe one setting.

    Parameters
    ----------
    name : str
        Its key in ``voiceprep.toml``; flag and variable follow from it.
    help : str
        One line for people.
    kind : type
        What a text is read as: `str`, `int`, `float` or `Secret`.
    default : str or int or float or None
        The value when no layer says anything.
    least : float
        The smallest number allowed.
    room : str
        Who obeys it.
    words : tuple of str
        The only texts that it takes, in small letters; empty for any.

    >>> BY_NAME["base_url"].env, BY_NAME["base_url"].flag
    ('VOICEPREP_BASE_URL', '--base-url')
    """

    name: str
    help: str
    kind: type[str | int | float | Secret] = str
    default: str | int | float | None = None
    least: float = 0
    room: str = "client"
    words: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        """Name the environment variable."""
        return ENV_PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """Name the command line's flag."""
        return "--" + self.name.replace("_", "-")

    def read(self, raw: object) -> Value:
        """Turn what a layer holds into the setting's value.

        Raises
        ------
        ValueError
            With the words "not a …"; the caller knows where it came from.

        >>> BY_NAME["tries"].read("5")
        5
        """
        if self.kind is Secret:
            return Secret(_text(raw, shown="its value"))
        if self.kind is str:
            return self._worded(_text(raw, shown=repr(raw)))
        return self._number(raw)

    def _worded(self, text: str) -> str:
        if not self.words:
            return text
        if text.lower() not in self.words:
            raise ValueError(f"{text!r} is not one of {', '.join(self.words)}")
        return text.lower()

    def _number(self, raw: object) -> int | float:
        wanted = "a whole number" if self.kind is int else "a number"
        try:
            number = self._converted(raw)
        except (TypeError, ValueError):
            raise ValueError(f"{raw!r} is not {wanted}") from None
        if not isfinite(number) or number < self.least:
            raise ValueError(f"{raw!r} is not {wanted} of at least {self.least:g}")
        return number

    def _converted(self, raw: object) -> int | float:
        if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
            raise TypeError
        if self.kind is int and isinstance(raw, float):
            raise TypeError
        return int(raw) if self.kind is int else float(raw)


def _text(raw: object, *, shown: str) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"{shown} is not a text")  # noqa: TRY004 - one class a layer
    return raw


KNOWN: Final = (
    Known("profile", "the [profile.NAME] table to use", default=DEFAULT_PROFILE),
    Known("base_url", "one base URL for all three services (H2)"),
    Known("token_url", "where tokens are fetched (H1)"),
    Known("content_url", "base URL of contents (H1)"),
    Known("api_url", "base URL of everything else (H1)"),
    Known("client_id", "the account's id"),
    Known(
        "client_secret",
        "the account's secret; prefer client_secret_file or the user file",
        kind=Secret,
    ),
    Known("client_secret_file", "a file that holds nothing but the secret"),
    Known(
        "connect_timeout_s",
        "seconds to wait for a connection",
        kind=float,
        default=10.0,
        least=0.001,
    ),
    Known(
        "read_timeout_s",
        "seconds to wait for the next bytes",
        kind=float,
        default=60.0,
        least=0.001,
    ),
    Known(
        "deadline_s",
        "seconds one call may take in all, repeats included",
        kind=float,
        default=300.0,
        least=0.001,
    ),
    Known("tries", "how often a call is tried", kind=int, default=3, least=1),
    Known(
        "backoff_s",
        "seconds before the second try; doubled each time",
        kind=float,
        default=0.5,
    ),
    Known("rate", "calls a second at most (default: any)", kind=float, least=0.001),
    # Obeyed by other rooms; listed here so that no name is unknown.
    Known(
        "standard",
        "limits and targets of sound: digitaleo, itu, prompts or a .toml file",
        room="audio",
    ),
    Known(
        "master",
        "what is made of the sound",
        default="auto",
        room="audio",
        words=("auto", "off", "level", "clarity"),
    ),
    Known("lang", "language of findings and pages", room="cli", words=("en", "fr")),
    Known("jobs", "recordings worked on at once", kind=int, least=1, room="cli"),
    Known(
        "lookup_gap_s",
        "seconds between two looks for what was sent and whose outcome is unclear",
        kind=float,
        default=5.0,
        room="pipeline",
    ),
    Known(
        "upload_limit_s",
        "batch: seconds that the platform may work on an upload",
        kind=float,
        default=60.0,
        room="pipeline",
    ),
    Known(
        "ledger",
        "URL of the ledger of calls; may hold a password (default: a file of yours)",
        kind=Secret,
        room="pipeline",
    ),
    Known("sandbox_data", "folder of the sandbox's data", room="sandbox"),
    Known("sandbox_port", "port of the sandbox", kind=int, room="sandbox"),
)
# Alternatives, each group of which says whose account it is, or where.
ACCOUNT: Final = (
    ("client_id",),
    ("client_secret", "client_secret_file"),
    ("base_url", "token_url", "content_url", "api_url"),
)
BY_NAME: Final = {known.name: known for known in KNOWN}
BY_ENV: Final = {known.env: known for known in KNOWN}


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return the clause that names the closest known word, or an empty text.

    >>> did_you_mean("VOICEPREP_BASEURL", BY_ENV)
    '; did you mean VOICEPREP_BASE_URL?'
    """
    from difflib import get_close_matches

    close = get_close_matches(word, list(words), n=1)
    return f"; did you mean {close[0]}?" if close else ""
