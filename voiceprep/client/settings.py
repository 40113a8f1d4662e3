"""What the client must know before it can call: places, account, patience."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voiceprep import contract
from voiceprep.client.known import ACCOUNT, KNOWN
from voiceprep.client.layers import BLANK, Found, layered, only_flags, user_file_of
from voiceprep.client.secret import MASK, Secret
from voiceprep.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "is_loopback"]

MAX_SECRET_BYTES: Final = 64 * 1024  # ours: a secret is a line, not a file

# Each service: the path below one base (H2) and the live address (H1).
SERVICES: Final = {
    "token_url": (contract.TOKEN_PATH, contract.TOKEN_URL),
    "content_url": (contract.CONTENT_PATH, contract.CONTENT_URL),
    "api_url": (contract.API_PATH, contract.API_URL),
}
SECRETS: Final = ("client_secret", "client_secret_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Hold every setting, checked, and where each came from.

    Parameters
    ----------
    profile : str
        The ``[profile.NAME]`` table in use.
    token_url, content_url, api_url : str or None
        The three services (H1); None when nothing at all is set.
    client_id : str or None
    client_secret : Secret or None
    connect_timeout_s, read_timeout_s, deadline_s : float
        Seconds: for a connection, for the next bytes, for one call in all.
    tries : int
        How often a call is tried, the first time included.
    backoff_s : float
        Seconds before the second try; doubled each time.
    rate : float or None
        Calls a second at most; None for as many as there are.
    standard : str or None
        The profile of sound; None for the default.
    master : str
        What is made of the sound.
    lang, jobs, lookup_gap_s, upload_limit_s, ledger, sandbox_data, sandbox_port
        Settings that other rooms obey.
    origins : mapping
        Setting name to ``"flag --x"``, a variable, a file or ``"default"``.

    >>> sandbox = Settings.for_platform("http://127.0.0.1:8765", "id", "s3cret")
    >>> sandbox.content_url, sandbox.client_secret
    ('http://127.0.0.1:8765/content/rest/', ***)
    """

    profile: str
    token_url: str | None
    content_url: str | None
    api_url: str | None
    client_id: str | None
    client_secret: Secret | None
    connect_timeout_s: float
    read_timeout_s: float
    deadline_s: float
    tries: int
    backoff_s: float
    rate: float | None
    standard: str | None
    master: str
    lang: str | None
    jobs: int | None
    lookup_gap_s: float
    upload_limit_s: float
    ledger: Secret | None
    sandbox_data: str | None
    sandbox_port: int | None
    origins: Mapping[str, str] = field(repr=False, compare=False)

    @classmethod
    def load(
        cls,
        flags: Mapping[str, str | None] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user_file: Path | None = None,
    ) -> Settings:
        """Read the layers: flag, variable, project file, user file, default.

        Parameters
        ----------
        flags : mapping, optional
            Setting or flag name to text; None stands for a flag not given.
        environ : mapping, optional
            The environment; that of the process by default.
        folder : Path, optional
            Where ``voiceprep.toml`` is looked for; here by default.
        user_file : Path, optional
            ``voiceprep/voiceprep.toml`` below XDG_CONFIG_HOME or ~/.config
            by default.

        Raises
        ------
        SettingsError
            For an unknown name, a wrong value, and credentials or addresses
            that are set by half.

        >>> Settings.load(environ={}, folder=Path("/nonexistent")).configured
        False
        """
        environ = os.environ if environ is None else environ
        user_file = user_file_of(environ) if user_file is None else user_file
        found = layered(flags or {}, environ, folder or _here(), user_file)
        return cls._of(found)

    @classmethod
    def for_platform(
        cls, base_url: str, client_id: str, client_secret: str | Secret
    ) -> Settings:
        """Return settings for one base URL, everything else at its default.

        >>> Settings.for_platform("http://[::1]:80/", "id", "s").token_url
        'http://[::1]:80/token'
        """
        flags = {
            "base_url": base_url,
            "client_id": client_id,
            "client_secret": (
                client_secret.reveal()
                if isinstance(client_secret, Secret)
                else client_secret
            ),
        }
        return cls._of(only_flags(flags))

    @classmethod
    def _of(cls, found: Mapping[str, Found]) -> Settings:
        found = _without_blanks(found)
        secret = _secret(found)
        urls = _urls(found, has_credentials=secret.value is not None)
        _check_halves(found, secret, urls)
        standard = _from_its_folder(found["standard"])
        settled = {**found, **urls, "client_secret": secret, "standard": standard}
        names = cls.__dataclass_fields__.keys() - {"origins"}
        origins = {name: settled[name].origin for name in names}
        # Any: each value was read as the kind the table names.
        values: dict[str, Any] = {name: settled[name].value for name in names}
        return cls(**values, origins=origins)

    @property
    def configured(self) -> bool:
        """Tell whether an account is set; if not, the sandbox is meant."""
        return self.client_secret is not None

    def shown(self) -> dict[str, str | int | float | None]:
        """Return the values fit to print, in the table's order.

        >>> Settings.for_platform("http://localhost", "id", "s").shown()[
        ...     "client_secret"]
        '***'
        """
        values = {
            known.name: getattr(self, known.name)
            for known in KNOWN
            if known.name in self.origins
        }
        return {
            name: MASK if isinstance(value, Secret) else value
            for name, value in values.items()
        }


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this very machine.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("a.fr")
    (True, True, False)
    """
    from ipaddress import ip_address

    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _here() -> Path:
    """Return the current folder; one that was removed meanwhile holds no settings."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path()


def _without_blanks(found: Mapping[str, Found]) -> dict[str, Found]:
    """Refuse an account's setting that is set, but to nothing.

    A secret that a job was not given must not turn into the sandbox, nor a test's
    address into the live platform. Beside an alternative that is set it says nothing.
    """
    for group in ACCOUNT:
        blank = [name for name in group if found[name].value == BLANK]
        if blank and all(found[name].value in {None, BLANK} for name in group):
            origin = found[blank[0]].origin
            raise SettingsError(
                f"{blank[0]} ({origin}) is set, but empty; give it, or unset it"
            )
    return {
        name: replace(one, value=None, origin="default") if one.value == BLANK else one
        for name, one in found.items()
    }


def _from_its_folder(standard: Found) -> Found:
    """Find a .toml file beside the settings file that names it."""
    if standard.value is None or not str(standard.value).endswith(".toml"):
        return standard
    path = standard.folder / Path(str(standard.value)).expanduser()
    return Found(str(path), standard.origin, standard.rank, standard.folder)


def _secret(found: Mapping[str, Found]) -> Found:
    """Return the secret itself, or read from its file: the nearer layer wins."""
    given, file = (found[name] for name in SECRETS)
    if given.value is not None and file.value is not None and given.rank == file.rank:
        raise SettingsError(
            f"client_secret ({given.origin}) and client_secret_file "
            f"({file.origin}) are both set; keep one of them"
        )
    if file.value is None or given.rank < file.rank:
        return given
    path = file.folder / Path(str(file.value)).expanduser()
    return Found(_secret_in(path, file.origin), file.origin, file.rank, file.folder)


def _secret_in(path: Path, origin: str) -> Secret:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_SECRET_BYTES + 1).decode()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"{path} ({origin}) can't be read: {reason}") from error
    except UnicodeDecodeError:  # its message shows a byte of the secret
        raise SettingsError(f"{path} ({origin}) is not a text in UTF-8") from None
    secret = text.strip()
    if not secret or len(text) > MAX_SECRET_BYTES:
        size = "nothing" if not secret else f"over {MAX_SECRET_BYTES} bytes"
        raise SettingsError(f"{path} ({origin}) holds {size} instead of a secret")
    return Secret(secret)


def _urls(found: Mapping[str, Found], *, has_credentials: bool) -> dict[str, Found]:
    base = found["base_url"]
    return {
        name: _checked_url(name, _url(found[name], base, path, live, has_credentials))
        for name, (path, live) in SERVICES.items()
    }


def _url(own: Found, base: Found, path: str, live: str, has_credentials: bool) -> Found:
    """Choose one service's address: its own, the base's, the live one or none.

    A base URL of a nearer layer beats an own address of a farther one: who
    says ``--base-url`` means all three services.
    """
    if own.value is not None and (base.value is None or own.rank <= base.rank):
        return own
    if base.value is not None:
        url = str(base.value).rstrip("/") + "/" + path  # H3: with or without a slash
        return Found(url, base.origin, base.rank, base.folder)
    return Found(live if has_credentials else None, own.origin, own.rank, own.folder)


def _checked_url(name: str, found: Found) -> Found:
    if found.value is None:
        return found
    url = str(found.value)
    if fault := _fault_of(url):
        raise SettingsError(f"{name} ({found.origin}) {fault}")
    if not name.startswith("token"):
        url = url.rstrip("/") + "/"  # H3
    return Found(url, found.origin, found.rank, found.folder)


def _fault_of(url: str) -> str:
    """Say what is wrong with an address, without printing it: it may hide a secret."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # the port is checked when it is read
    except ValueError:
        return "is not an address"
    if parts.username or parts.password or "@" in parts.netloc:
        return "holds a name or password; keep them in client_id and client_secret"
    if parts.scheme not in {"http", "https"} or not host:
        return "is not an http or https address with a host"
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        return "holds a query, a fragment or a space; give the plain address"
    if parts.scheme == "http" and not is_loopback(host):
        return f"would send the secret to {host} in clear; use https"
    return ""


def _check_halves(
    found: Mapping[str, Found], secret: Found, urls: Mapping[str, Found]
) -> None:
    """Refuse what is set by half: a guess would call the wrong platform."""
    account = {"client_id": found["client_id"], "client_secret": secret}
    places = {name: found[name] for name in ("base_url", *SERVICES)}
    said = {name: one for name, one in {**account, **places}.items() if _is_set(one)}
    if not said:
        return
    absent = [name for name, one in account.items() if not _is_set(one)]
    if any(_is_set(one) for one in places.values()):
        absent += [name for name, one in urls.items() if one.origin == "default"]
    if absent:
        raise SettingsError(_half(said, absent))


def _half(said: Mapping[str, Found], absent: list[str]) -> str:
    have = ", ".join(f"{name} ({one.origin})" for name, one in said.items())
    missing = ", ".join(absent)
    place = (
        f"; credentials come from {contract.CREDENTIALS_PLACE}"
        if {"client_id", "client_secret"} & set(absent)
        else "; or give base_url for all three"
    )
    return f"settings by half: given {have}; missing {missing}{place}"


def _is_set(found: Found) -> bool:
    return found.value is not None
