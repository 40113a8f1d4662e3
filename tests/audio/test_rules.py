"""The tables: each rule at its limit, repairs, what a person accepts, profiles."""

import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import voiceprep
from voiceprep.audio.limits import PROFILES, Limits, limits_of
from voiceprep.audio.rules import ACCEPTABLE, FIXES, RULES, Measurements, judge
from voiceprep.errors import SettingsError

FOLDER = Path(voiceprep.__file__).parent / "audio" / "profiles"

GOOD = Measurements(
    bytes=100_000,
    suffix=".wav",
    container="wav",
    container_name="a WAV file",
    suffixes=(".wav",),
    codec="pcm_s16le",
    rate=44_100,
    channels=2,
    frames=441_000,
    duration_s=10.0,
    clipping_runs=0,
    clipping_per_s=0.0,
    dc_offset=0.0,
    mono_loss_db=0.0,
    correlation=1.0,
    speech_level_dbov=-20.0,
    prepared_level_dbov=-20.0,
    activity=0.9,
    loudest_dbfs=-12.0,
    noise_under_db=50.0,
    leading_silence_s=0.2,
    trailing_silence_s=0.2,
    longest_pause_s=0.5,
    end_over_speech_db=-40.0,
    band_loss_db=2.0,
    speed=None,
    hum_hz=50,
    hum_dbfs=-90.0,
    hum_over_db=3.0,
    dropouts=0,
)


def said(fixes=(), accept=(), limits=None, **changed):
    found = judge(replace(GOOD, **changed), fixes, accept, limits)
    return [(finding.code, str(finding.severity)) for finding in found]


def levels(dbov):
    return {"speech_level_dbov": dbov, "prepared_level_dbov": dbov}


def test_a_good_recording_gives_no_finding():
    assert said() == []


# facts.md, "Rules and thresholds": just within, past the warning, past the error.
@pytest.mark.parametrize(
    ("code", "within", "warned", "refused"),
    [
        (
            "dc_offset",
            {"dc_offset": 0.005},
            {"dc_offset": 0.0051},
            {"dc_offset": 0.021},
        ),
        ("too_quiet", levels(-26.0), levels(-26.1), levels(-40.1)),
        ("too_loud", levels(-16.0), levels(-15.9), levels(-11.9)),
        (
            "noisy",
            {"noise_under_db": 24},
            {"noise_under_db": 23},
            {"noise_under_db": 14},
        ),
        ("band_loss", {"band_loss_db": 8}, {"band_loss_db": 9}, {"band_loss_db": 13}),
        (
            "long_pause",
            {"longest_pause_s": 2.0},
            {"longest_pause_s": 2.1},
            {"longest_pause_s": 4.1},
        ),
        (
            "clipping",
            {"clipping_runs": 0, "clipping_per_s": 0.0},
            {"clipping_runs": 1, "clipping_per_s": 0.1},
            {"clipping_runs": 110, "clipping_per_s": 11.0},
        ),
        (
            "phase_cancellation",
            {"mono_loss_db": 6.0},
            {"mono_loss_db": 6.1},
            {"mono_loss_db": 12.1},
        ),
    ],
)
def test_rules_warn_and_refuse_at_their_limits(code, within, warned, refused):
    assert said(**within) == []
    assert said(**warned) == [(code, "warning")]
    assert said(**refused) == [(code, "error")]


@pytest.mark.parametrize(
    ("code", "within", "past"),
    [
        ("leading_silence", {"leading_silence_s": 1.0}, {"leading_silence_s": 1.1}),
        ("trailing_silence", {"trailing_silence_s": 2.0}, {"trailing_silence_s": 2.1}),
        ("phase_cancellation", {"correlation": -0.5}, {"correlation": -0.51}),
        ("dropout", {"dropouts": 0}, {"dropouts": 1}),
        ("wrong_rate", {"speed": 1.33}, {"speed": 1.34}),
        (
            "hum",
            {"hum_over_db": 40.0, "hum_dbfs": -61.0},
            {"hum_over_db": 40.0, "hum_dbfs": -59.0},
        ),
        ("silent_channel", {"dead_channels": ()}, {"dead_channels": (2,)}),
        ("truncated", {"end_over_speech_db": 2.9}, {"end_over_speech_db": 3.1}),
    ],
)
def test_rules_that_only_warn_warn_past_their_limit(code, within, past):
    assert said(**within) == []
    assert said(**past) == [(code, "warning")]


@pytest.mark.parametrize("dead", [(2,), (1, 3)])
def test_silent_channels_are_said_in_the_singular_and_in_the_plural(dead):
    (finding,) = judge(replace(GOOD, dead_channels=dead, channels=4))
    named = " and ".join(map(str, dead))
    assert finding.message.startswith(f"silent: channel {named} of 4;")


@pytest.mark.parametrize(
    ("fix", "code", "measured"),
    [
        ("dc", "dc_offset", {"dc_offset": 0.03}),
        ("silence", "leading_silence", {"leading_silence_s": 3.4}),
        ("silence", "trailing_silence", {"trailing_silence_s": 3.4}),
        ("silence", "long_pause", {"longest_pause_s": 5.0}),
        ("phase", "phase_cancellation", {"mono_loss_db": 20.0}),
    ],
)
def test_a_repair_that_was_asked_for_leaves_an_info_that_says_mended(
    fix, code, measured
):
    (finding,) = judge(replace(GOOD, **measured), [fix])
    assert (finding.code, str(finding.severity)) == (code, "info")
    assert finding.message.startswith("mended: ")


def test_what_mastering_raised_is_info_and_says_how_to_keep_yours():
    raised = {"speech_level_dbov": -45.0, "prepared_level_dbov": -20.0}
    (finding,) = judge(replace(GOOD, **raised, master="level", gain_db=25.0))
    assert (finding.code, str(finding.severity)) == ("too_quiet", "info")
    assert finding.message == (
        "mended: 25.0 dB too quiet for a telephone; raised by 25.0 dB"
    )
    assert finding.remedy == "`--master off` keeps yours."


def test_what_the_most_gain_does_not_bring_up_stays_refused_without_a_false_hope():
    raised = {"speech_level_dbov": -85.0, "prepared_level_dbov": -45.0}
    errors = [
        finding
        for finding in judge(replace(GOOD, **raised, master="level", gain_db=40.0))
        if finding.severity == "error"
    ]
    assert [(f.code, f.fix) for f in errors] == [("too_quiet", None)]
    assert "--fix" not in errors[0].remedy


def test_the_sentence_of_the_design_is_said_to_the_letter():
    (finding,) = judge(replace(GOOD, leading_silence_s=3.4))
    assert finding.message == ("the first 3.4 s are silent; the recipient may hang up")
    assert finding.remedy == "`--fix silence` trims it."


def test_what_is_accepted_is_lowered_and_still_told():
    assert said(accept=["noisy"], noise_under_db=10) == [("noisy", "warning")]
    assert said(accept=["noisy"], noise_under_db=20) == [("noisy", "info")]
    assert said(accept=["hum"], noise_under_db=10) == [("noisy", "error")]


def test_hum_is_called_hum_and_not_noise():
    hum = {"hum_over_db": 30.0, "hum_dbfs": -40.0}
    assert said(**hum, noise_under_db=20) == [("hum", "warning")]
    assert ("noisy", "error") in said(**hum, noise_under_db=10)


def test_size_length_and_decoding_can_not_be_accepted():
    never = {"too_large", "too_short", "truncated", "unsupported", "empty", "joined"}
    assert not never & set(ACCEPTABLE)
    assert {"clipping", "noisy", "band_loss", "too_quiet", "silent"} <= set(ACCEPTABLE)


def test_where_nothing_is_heard_nothing_else_is_judged():
    mute = {"loudest_dbfs": -60.0, **levels(-70.0), "noise_under_db": 3.0}
    assert said(**mute) == [("silent", "error")]
    gone = {"mono_loss_db": 30.0, "noise_under_db": 3.0, "loudest_dbfs": -60.0}
    assert said(**gone) == [("phase_cancellation", "error")]


def test_what_is_cut_short_is_not_judged_by_its_sound():
    assert said(declared_s=20.0, noise_under_db=3.0) == [("truncated", "error")]


def test_a_recording_that_trimming_makes_too_short_is_refused_with_its_remedy():
    (finding,) = judge(replace(GOOD, kept_samples=72_000), ["silence"])
    assert (finding.code, finding.fix, finding.value) == ("too_short", "duration", 9.0)


def test_every_repair_mends_something():
    assert {rule.fix for rule in RULES} - {None} == set(FIXES)


# Profiles


def test_the_default_profile_is_what_its_file_says():
    said_there = tomllib.loads((FOLDER / "digitaleo.toml").read_text())
    own = asdict(Limits())
    assert own.pop("name") == "digitaleo"
    assert said_there == own


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_is_read_and_named(name):
    limits = limits_of(name)
    assert limits.name == name
    assert limits.least_dbov < limits.target_dbov < limits.most_dbov


def test_a_profile_is_only_data(tmp_path):
    ours = tmp_path / "ours.toml"
    ours.write_text("target_dbov = -23\npause_warn_s = 1\npause_error_s = 1.5\n")
    limits = limits_of(str(ours))
    assert (limits.name, limits.target_dbov, limits.most_gain_db) == ("ours", -23, 40)
    assert said(limits=limits, longest_pause_s=1.6) == [("long_pause", "error")]
    assert said(limits=limits_of("itu"), **levels(-20.0)) == [("too_loud", "warning")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("loudness = 3", "loudness is not a limit"),
        ("target_dbov = 'loud'", "target_dbov is not a number"),
        ("target_dbov = ", "is not TOML"),
    ],
)
def test_a_broken_profile_is_a_usage_error_that_says_why(tmp_path, text, told):
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(SettingsError, match=told):
        limits_of(str(tmp_path / "x.toml"))


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(SettingsError, match="choose from digitaleo, itu, prompts"):
        limits_of("digitalo")
