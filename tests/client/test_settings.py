"""Layers, halves, and what is refused before any secret is sent."""

from __future__ import annotations

import pickle

import pytest

from voiceprep import contract
from voiceprep.client import Secret, Settings
from voiceprep.client.known import KNOWN
from voiceprep.errors import SettingsError

ACCOUNT = {"VOICEPREP_CLIENT_ID": "acme", "VOICEPREP_CLIENT_SECRET": "s3cret"}


@pytest.fixture
def load(tmp_path):
    """Load settings from given layers and nothing else."""

    def load(flags=None, environ=None, project="", user=""):
        (tmp_path / "voiceprep.toml").write_text(project, encoding="utf-8")
        user_file = tmp_path / "user.toml"
        user_file.write_text(user, encoding="utf-8")
        return Settings.load(
            flags, environ=environ or {}, folder=tmp_path, user_file=user_file
        )

    return load


def test_nothing_set_means_the_sandbox(load):
    settings = load()
    assert not settings.configured
    assert (settings.token_url, settings.client_secret) == (None, None)
    assert settings.profile == "default"


def test_h1_credentials_alone_mean_the_live_platform(load):
    settings = load(environ=ACCOUNT)
    assert settings.configured
    assert settings.token_url == contract.TOKEN_URL
    assert settings.content_url == contract.CONTENT_URL
    assert settings.api_url == contract.API_URL
    assert settings.origins["token_url"] == "default"


@pytest.mark.parametrize("base", ["http://127.0.0.1:8765", "http://127.0.0.1:8765/"])
def test_h2_h3_one_base_serves_all_three_with_or_without_a_slash(load, base):
    settings = load({"--base-url": base}, ACCOUNT)
    assert settings.token_url == "http://127.0.0.1:8765/token"
    assert settings.content_url == "http://127.0.0.1:8765/content/rest/"
    assert settings.api_url == "http://127.0.0.1:8765/rest/"


def test_layers_are_flag_variable_project_user_default(load):
    flags = {"tries": "1", "deadline_s": None}
    environ = {"VOICEPREP_TRIES": "2", "VOICEPREP_DEADLINE_S": "20"}
    project = "tries = 4\ndeadline_s = 40\nread_timeout_s = 4\n"
    user = "tries = 5\nread_timeout_s = 5\nbackoff_s = 5"
    settings = load(flags, environ, project, user)
    assert (settings.tries, settings.deadline_s) == (1, 20.0)
    assert (settings.read_timeout_s, settings.backoff_s) == (4.0, 5.0)
    assert settings.connect_timeout_s == 10.0


def test_origins_say_where_each_value_stood(load, tmp_path):
    settings = load({"--tries": "1"}, {"VOICEPREP_JOBS": "2"}, "deadline_s = 9")
    assert settings.origins["tries"] == "flag --tries"
    assert settings.origins["jobs"] == "VOICEPREP_JOBS"
    assert settings.origins["deadline_s"] == str(tmp_path / "voiceprep.toml")
    assert settings.origins["read_timeout_s"] == "default"


def test_a_profile_is_laid_over_the_top_of_its_file(load):
    user = "tries = 2\nbackoff_s = 2\n[profile.live]\ntries = 7"
    settings = load(environ={"VOICEPREP_PROFILE": "live"}, user=user)
    assert (settings.profile, settings.tries, settings.backoff_s) == ("live", 7, 2.0)
    assert settings.origins["tries"].endswith("user.toml [profile.live]")


def test_an_unknown_profile_names_the_known_ones(load):
    with pytest.raises(
        SettingsError, match="'life'; there are: default, digitaleo, itu, live, prompts"
    ):
        load({"profile": "life"}, user="[profile.live]\ntries = 7")


def test_an_empty_variable_is_an_unset_one(load):
    assert load(environ={"VOICEPREP_JOBS": ""}, user="jobs = 3").jobs == 3


WHOLE = {
    "VOICEPREP_CLIENT_ID": "acme",
    "VOICEPREP_CLIENT_SECRET": "s",
    "VOICEPREP_BASE_URL": "http://127.0.0.1:9",
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("others", [{}, WHOLE])
def test_an_account_set_to_nothing_is_neither_the_sandbox_nor_live(load, name, others):
    user = "base_url = 'http://127.0.0.1:8'"  # a layer below does not stand in
    with pytest.raises(SettingsError, match=f"{name}. is set, but empty; give it, or"):
        load(environ={**others, name: ""}, user=user)


def test_an_account_set_to_nothing_in_a_file_is_refused_too(load):
    with pytest.raises(SettingsError, match=r"client_id .* is set, but empty"):
        load(project="client_id = ''")


def test_an_empty_setting_beside_its_alternative_says_nothing(load, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    environ = {
        **WHOLE,
        "VOICEPREP_CLIENT_SECRET": "",
        "VOICEPREP_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
        "VOICEPREP_TOKEN_URL": "",
    }
    settings = load(environ=environ)
    assert settings.client_secret.reveal() == "s3cret"
    assert settings.token_url == "http://127.0.0.1:9/token"


def test_what_a_file_leaves_empty_a_nearer_layer_gives(load):
    project = "client_id = ''\nclient_secret = ''\nbase_url = ''"
    assert load(environ=WHOLE, project=project).client_id == "acme"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"VOICEPREP_BASEURL": "x"}, "VOICEPREP_BASEURL.*mean VOICEPREP_BASE_URL"),
        ({"VOICEPREP_ZZZZ": "x"}, "VOICEPREP_ZZZZ is not a variable"),
        ({"VOICEPREP_TRIES": "two"}, "tries .VOICEPREP_TRIES.*not a whole number"),
        ({"VOICEPREP_TRIES": "0"}, "at least 1"),
        ({"VOICEPREP_MASTER": "loud"}, "master .VOICEPREP_MASTER.*not one of auto"),
        ({"VOICEPREP_DEADLINE_S": "nan"}, "not a number"),
    ],
)
def test_a_wrong_variable_is_named(load, environ, words):
    with pytest.raises(SettingsError, match=words):
        load(environ=environ)


@pytest.mark.parametrize(
    ("project", "words"),
    [
        ("base_ur = 'x'", "'base_ur'; did you mean base_url"),
        ("[profile.a]\ntrys = 1", "profile.a.*'trys'; did you mean tries"),
        ("tries = true", "not a whole number"),
        ("tries = 1.5", "not a whole number"),
        ("lang = 3", "not a text"),
        ("lang = 'de'", "'de' is not one of en, fr"),
        ("client_secret = 31337", "its value is not a text"),
        ("tries = ", "is not TOML"),
        ("profile = 'live'", "write .profile.NAME."),
    ],
)
def test_a_wrong_line_of_a_file_is_named(load, project, words):
    profile = {"VOICEPREP_PROFILE": "a"} if "profile.a" in project else {}
    with pytest.raises(SettingsError, match=words) as caught:
        load(environ=profile, project=project)
    assert "31337" not in str(caught.value)


BASE = {"VOICEPREP_BASE_URL": "https://a.fr"}


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"VOICEPREP_CLIENT_ID": "acme"}, "missing client_secret"),
        ({"VOICEPREP_CLIENT_SECRET": "s3cret"}, "missing client_id"),
        (BASE, "missing client_id, client_secret"),
        ({**BASE, "VOICEPREP_CLIENT_ID": "acme"}, "missing client_secret"),
        (
            {**ACCOUNT, "VOICEPREP_TOKEN_URL": "https://a.fr/token"},
            "missing content_url, api_url; or give base_url",
        ),
    ],
)
def test_what_is_set_by_half_says_what_is_there_and_what_is_missing(
    load, environ, missing
):
    with pytest.raises(SettingsError, match=missing) as caught:
        load(environ=environ)
    assert all(variable in str(caught.value) for variable in environ)
    assert "s3cret" not in str(caught.value)


def test_three_urls_need_no_base(load):
    urls = {
        "token_url": "https://o.fr/token",
        "content_url": "https://c.fr/rest",
        "api_url": "https://a.fr/rest/",
    }
    settings = load(urls, ACCOUNT)
    assert settings.content_url == "https://c.fr/rest/"  # H3


def test_a_nearer_base_beats_a_farther_address_of_one_service(load):
    user = "base_url = 'https://b.fr'\ntoken_url = 'https://o.fr/token'"
    assert load(environ=ACCOUNT, user=user).token_url == "https://o.fr/token"
    nearer = load({"base_url": "https://near.fr"}, ACCOUNT, user=user)
    assert nearer.token_url == "https://near.fr/token"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://a.fr", "would send the secret to a.fr in clear"),
        ("ftp://a.fr", "not an http or https address"),
        ("a.fr", "not an http or https address"),
        ("https://", "not an http or https address"),
        ("https://u:pa55@a.fr", "name or password"),
        ("https://a.fr:port", "not an address"),
        ("https://a.fr/?k=pa55", "query"),
        ("https://a.fr/a b", "space"),
    ],
)
def test_an_address_that_is_none_is_refused_without_being_printed(load, url, words):
    with pytest.raises(SettingsError, match=words) as caught:
        load({"base_url": url}, ACCOUNT)
    assert "pa55" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.8.8.8", "[::1]"])
def test_plain_http_to_this_machine_is_fine(load, host):
    assert load({"base_url": f"http://{host}:1"}, ACCOUNT).configured


def test_a_secret_file_is_read_without_its_newline(load, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    user = "client_id = 'acme'\nclient_secret_file = 'secret'"
    settings = load(user=user)  # relative to the file that names it
    assert settings.client_secret == Secret("s3cret")
    assert settings.origins["client_secret"].endswith("user.toml")


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (None, "can't be read"),
        (b"", "holds nothing"),
        (b"\xffs3cret", "UTF-8"),
        (b"s3cret" * 20_000, "over 65536 bytes"),
    ],
)
def test_a_secret_file_that_holds_none_is_refused_without_its_content(
    load, tmp_path, held, words
):
    if held is not None:
        (tmp_path / "secret").write_bytes(held)
    with pytest.raises(SettingsError, match=words) as caught:
        load({"client_id": "acme", "client_secret_file": "secret"})
    assert "s3cret" not in str(caught.value)


def test_secret_and_secret_file_in_one_layer_contradict_each_other(load, tmp_path):
    environ = {**ACCOUNT, "VOICEPREP_CLIENT_SECRET_FILE": str(tmp_path / "secret")}
    with pytest.raises(SettingsError, match="both set"):
        load(environ=environ)


def test_a_nearer_secret_beats_a_farther_secret_file(load):
    user = "client_secret_file = '/nonexistent'"
    assert load(environ=ACCOUNT, user=user).client_secret == Secret("s3cret")


def test_the_user_file_stands_below_xdg_config_home(tmp_path):
    folder = tmp_path / "config" / "voiceprep"
    folder.mkdir(parents=True)
    (folder / "voiceprep.toml").write_text("tries = 9", encoding="utf-8")
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert Settings.load(environ=environ, folder=tmp_path).tries == 9


def test_the_secret_shows_nowhere_but_on_demand(load):
    settings = load(environ=ACCOUNT)
    shown = f"{settings!r} {settings} {settings.shown()} {settings.origins}"
    assert "s3cret" not in shown
    assert settings.shown()["client_secret"] == "***"
    assert settings.client_secret.reveal() == "s3cret"


def test_settings_travel_to_other_processes(load):
    settings = load(environ=ACCOUNT)
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_every_setting_has_one_line_of_help_and_a_name_of_its_own():
    assert len({known.env for known in KNOWN}) == len(KNOWN)
    assert all(known.help and "\n" not in known.help for known in KNOWN)


def test_settings_of_a_platform_ignore_environment_and_files(monkeypatch):
    monkeypatch.setenv("VOICEPREP_NONSENSE", "x")
    settings = Settings.for_platform("http://127.0.0.1:1", "acme", Secret("s3cret"))
    assert settings.configured
    assert settings.tries == 3


def test_the_words_that_a_setting_takes_are_those_that_are_obeyed():
    from voiceprep.audio.limits import MODES
    from voiceprep.client.known import BY_NAME

    assert set(BY_NAME["master"].words) == set(MODES)
