"""Judge and master from the command line: options, forms, drawings, the preview."""

import json
import os
import stat
import wave
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest


def read(path):
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, 8_000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def save(path, samples, rate=8_000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


@pytest.fixture
def spoken(samples):
    """Speech at 8 kHz as the preview of a sample has it, in 16-bit steps."""
    from voiceprep import decode

    audio, _ = decode(samples / "float.wav")
    return audio.samples[:, 0].astype(float) * 32_767


@pytest.fixture
def late(spoken, tmp_path):
    """A message that begins after 3.4 s, and one pause of 5 s in it."""
    half = len(spoken) // 2
    quiet = (
        half
        - 4_000
        + int(
            np.argmin(
                (spoken[half - 4_000 : half + 4_000].reshape(-1, 400) ** 2).sum(1)
            )
        )
        * 400
    )
    parts = [np.zeros(27_200), spoken[:quiet], np.zeros(40_000), spoken[quiet:]]
    return save(tmp_path / "late.wav", np.concatenate(parts))


def codes(done):
    return [(f["code"], f["severity"]) for f in done.results[0]["findings"]]


def test_level_is_mended_by_itself_and_said(cli, samples):
    done = cli("check", samples / "too-quiet.mp3")
    assert done.code == 0
    assert "info too_quiet: mended: 26.6 dB too quiet for a telephone" in done.out
    assert "raised by 26.6 dB. `--master off` keeps yours." in done.out


def test_master_off_refuses_and_names_the_repair_that_works(cli, samples):
    path = samples / "too-quiet.mp3"
    done = cli("check", path, "--master", "off")
    assert done.code == 1
    told = f"voiceprep check --master off {path} --fix level"
    assert done.lines[-1] == f"    mend it: {told}"
    mended = cli("check", "--master", "off", path, "--fix", "level", "--json")
    assert (mended.code, codes(mended)) == (0, [("too_quiet", "info")])


def test_json_says_what_mastering_did(cli, samples):
    (result,) = cli("check", samples / "too-quiet.mp3", "--json").results
    m = result["measurements"]
    assert m["mastering"]["master"] == "level"
    assert m["mastering"]["gain_db"] == pytest.approx(26.6, abs=0.1)
    assert m["speech_level_dbov"] == pytest.approx(-46.6, abs=0.1)
    assert m["prepared_level_dbov"] == pytest.approx(-20, abs=0.3)
    assert m["alaw_snr_db"] > 36
    (plain,) = cli("check", samples / "cd.wav", "--json").results
    assert "mastering" not in plain["measurements"]


@pytest.mark.parametrize("mode", ["auto", "off", "level", "clarity"])
def test_every_mode_gives_the_same_bytes_in_prepare_upload_and_verify(
    account, samples, tmp_path, fetch, mode
):
    path, words = samples / "cd.wav", ["--master", mode]
    assert account("prepare", path, "-o", tmp_path / "a", *words).code == 0
    done = account("upload", path, *words, "--json")
    content = done.results[0]["content"]
    assert fetch(content["url"]) == (tmp_path / "a" / "cd.wav").read_bytes()
    assert fetch(content["url_encoded"]) == (tmp_path / "a" / "cd.pcm").read_bytes()
    assert account("verify", path, *words).code == 0


def test_next_step_repeats_what_was_asked_for(cli, samples):
    path = samples / "cd.wav"
    done = cli("check", path, "--master", "clarity", "--accept", "noisy,hum")
    told = f"voiceprep upload --master clarity --accept hum,noisy {path}"
    assert done.last.endswith(told)
    assert "mastered: made clearer, " in done.out


def test_master_may_be_a_setting(cli, samples):
    env = {"VOICEPREP_MASTER": "level"}
    (result,) = cli("check", samples / "cd.wav", "--json", env=env).results
    assert result["measurements"]["mastering"]["master"] == "level"


@pytest.mark.parametrize(
    "words",
    [("--master", "loud"), ("--accept", "too_short"), ("--standard", "no.toml")],
)
def test_unknown_words_are_usage_errors(cli, samples, words):
    done = cli("check", samples / "cd.wav", *words)
    assert (done.code, done.out) == (2, "")


def test_silences_are_found_and_trimmed_on_request(cli, late, tmp_path):
    done = cli("check", late, "--json")
    assert codes(done) == [("leading_silence", "warning"), ("long_pause", "error")]
    spans = done.results[0]["measurements"]["spans"]
    assert spans["leading_silence"][0] == [0, pytest.approx(3.4, abs=0.4)]
    ((start, end),) = spans["long_pause"]
    assert end - start == pytest.approx(5.0, abs=0.4)

    fixed = cli("prepare", late, "-o", tmp_path / "o", "--fix", "silence", "--json")
    assert codes(fixed) == [("leading_silence", "info"), ("long_pause", "info")]
    told = fixed.results[0]["measurements"]["mastering"]
    before, after = len(read(late)), len(read(tmp_path / "o" / "late.wav"))
    assert before - after == round(told["trimmed_s"] * 8_000)
    assert told["trimmed_lead_s"] == pytest.approx(3.1, abs=0.4)
    again = cli("check", tmp_path / "o" / "late.wav", "--json")
    assert codes(again) == []


def test_padding_of_ours_is_no_trailing_silence(cli, spoken, tmp_path):
    short = save(tmp_path / "short.wav", spoken[:40_000])
    cli("prepare", short, "-o", tmp_path / "o", "--fix", "duration")
    again = cli("check", tmp_path / "o" / "short.wav", "--json")
    assert codes(again) == []
    assert again.results[0]["measurements"]["prepared_already"]


def test_accepted_clipping_goes_out(account, samples):
    path = samples / "clipped.wav"
    assert account("upload", path).code == 1
    done = account("upload", path, "--accept", "clipping", "--json")
    assert done.code == 0
    assert ("clipping", "warning") in codes(done)


@pytest.mark.parametrize("way", ["--profile", "--standard"])
def test_a_standard_judges_by_its_own_limits(cli, samples, way):
    done = cli("check", samples / "cd.wav", way, "itu", "--json")
    # Spoken at −21 dBov: 5 dB louder than ITU-T's nominal level.
    assert codes(done) == [("too_loud", "info")]
    level = done.results[0]["measurements"]["prepared_level_dbov"]
    assert level == pytest.approx(-26, abs=0.3)


def test_a_settings_profile_may_name_a_standard_of_its_own(cli, samples):
    (cli.home / "ours.toml").write_text("least_dbov = -18\ntarget_dbov = -17\n")
    (cli.home / "voiceprep.toml").write_text("[profile.shop]\nstandard = 'ours.toml'\n")
    done = cli("check", samples / "cd.wav", "--profile", "shop", "--json")
    assert codes(done) == [("too_quiet", "info")]


# Forms


def test_github_shows_findings_beside_the_files(cli, samples):
    paths = samples / "clipped.wav", samples / "one-channel.mp3"
    done = cli("check", *paths, "--format", "github")
    assert done.code == 1
    kinds = [line.split(" ")[0] for line in done.lines]
    assert kinds == ["::notice", "::error", "::warning"]
    assert f"file={paths[0]},title=clipping::distorted" in done.out


def test_junit_counts_refusals_as_failures(cli, samples):
    paths = samples / "clipped.wav", samples / "cd.wav"
    done = cli("check", *paths, "--format", "junit")
    (suite,) = ET.fromstring(done.out)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    refused, fit = suite
    assert refused.find("failure").get("type") == "clipping"
    assert (fit.get("name"), fit.find("failure")) == (str(paths[1]), None)


def test_json_and_another_form_are_one_too_many(cli, samples):
    done = cli("check", samples / "cd.wav", "--json", "--format", "junit")
    assert (done.code, done.out) == (2, "")


# Drawings


def test_verbose_draws_level_and_outline(cli, samples):
    done = cli("check", samples / "cd.wav", "-v", env={"PYTHONIOENCODING": "utf-8"})
    level, outline = (line.strip() for line in done.lines[1:3])
    assert level.startswith("level   quiet [")
    assert level.endswith("loud, -21.0 dBov")
    assert outline.startswith("outline ")
    assert "█" in outline or "▇" in outline


@pytest.mark.parametrize("columns", [40, 52, 80])
def test_drawings_fit_the_terminal(cli, samples, columns):
    env = {"PYTHONIOENCODING": "utf-8", "COLUMNS": str(columns)}
    done = cli("check", samples / "too-quiet.mp3", "-v", env=env)
    level, outline = done.lines[2:4]
    assert level.strip().startswith("level ")
    assert level.endswith("-46.6 to -20.0 dBov")
    assert len(level) <= max(columns, 45)
    assert len(outline) < columns


def test_the_level_bar_shows_what_its_profile_finds_fine(cli, samples):
    bars = []
    for standard in ("digitaleo", "itu"):
        asked = ["--standard", standard, "--master", "off"]
        done = cli("check", samples / "cd.wav", "-v", *asked)
        (level,) = (line for line in done.lines if line.strip().startswith("level "))
        bars.append(level.partition("[")[2].partition("]")[0])
    assert bars[0].count("=") == 5  # of 2 dB, the sixth under the star
    assert bars[1].index("=") < bars[0].index("=")


def test_where_blocks_can_not_be_spelt_plain_signs_draw(cli, samples):
    done = cli("check", samples / "cd.wav", "-v", env={"PYTHONIOENCODING": "ascii"})
    outline = done.lines[2].strip()
    assert set(outline.removeprefix("outline ")) <= set(" .:-=+*#@")


# The preview


def test_preview_is_what_prepare_writes(cli, samples, tmp_path):
    cli("prepare", samples / "cd.wav", "-o", tmp_path / "o")
    done = cli("preview", samples / "cd.wav", "-o", tmp_path / "heard.wav")
    assert (done.code, done.lines) == (0, [str(tmp_path / "heard.wav")])
    expected = (tmp_path / "o" / "cd.wav").read_bytes()
    assert (tmp_path / "heard.wav").read_bytes() == expected
    code, out, _ = cli.raw("preview", samples / "cd.wav", "-o", "-")
    assert (code, out) == (0, expected)


def test_preview_names_its_file_after_the_recording(cli, samples):
    assert cli("preview", samples / "cd.wav").lines == ["cd.preview.wav"]
    assert len(read(cli.home / "cd.preview.wav")) == 84_800
    assert not list(cli.home.glob(".voiceprep-*"))


def test_preview_lets_a_refused_recording_be_heard(cli, samples, tmp_path):
    done = cli("preview", samples / "clipped.wav", "-o", tmp_path / "x.wav")
    assert done.code == 0
    assert "error clipping" in done.err
    assert len(read(tmp_path / "x.wav")) == 91_200


@pytest.mark.parametrize("name", ["phone-memo.opus", "truncated.wav"])
def test_preview_lets_be_heard_what_the_platform_would_not_take(
    cli, samples, tmp_path, name
):
    done = cli("preview", samples / name, "-o", tmp_path / "x.wav")
    assert (done.code, done.lines) == (0, [str(tmp_path / "x.wav")])
    assert ": refused" in done.err
    assert len(read(tmp_path / "x.wav")) > 80_000


def test_preview_into_a_folder_is_named_after_the_recording(cli, samples, tmp_path):
    done = cli("preview", samples / "cd.wav", "-o", tmp_path)
    assert done.lines == [str(tmp_path / "cd.preview.wav")]
    deep = tmp_path / "new" / "deep" / "a.wav"
    assert cli("preview", samples / "cd.wav", "-o", deep).code == 0
    assert deep.exists()


def test_preview_as_json_is_one_document_that_names_the_file(cli, samples, tmp_path):
    done = cli("preview", samples / "cd.wav", "-o", tmp_path / "a.wav", "--json")
    assert done.json["preview"] == str(tmp_path / "a.wav")
    assert cli("preview", samples / "text.mp3", "--json").json["preview"] is None


def test_preview_dry_run_says_what_it_would_write(cli, samples):
    done = cli("preview", samples / "cd.wav", "-n")
    assert (done.out, done.last) == ("", "would write cd.preview.wav")
    done = cli("preview", samples / "cd.wav", "-n", "-o", "-")
    assert (done.out, done.last) == ("", "would write stdout")


def test_play_dry_run_plays_nothing(cli, samples, tmp_path, player):
    done = cli("preview", samples / "cd.wav", "-n", "--play", env=player)
    assert (done.out, done.last) == ("", "would play it with aplay")
    assert not (tmp_path / "played.wav").exists()


def test_preview_of_no_sound_says_so(cli, samples, tmp_path):
    done = cli("preview", samples / "text.mp3", "-o", tmp_path / "x.wav")
    assert (done.code, done.last) == (1, "nothing to hear")
    assert not (tmp_path / "x.wav").exists()


def test_preview_never_replaces_the_recording(cli, record):
    path = record()
    before = path.read_bytes()
    assert cli("preview", path, "-o", path).code == 2
    assert path.read_bytes() == before


def test_preview_reads_a_pipe_and_dry_run_writes_nothing(cli, samples):
    source = (samples / "cd.wav").read_bytes()
    assert cli("preview", "-", "-n", stdin=source).code == 0
    assert not (cli.home / "stdin.preview.wav").exists()
    assert cli("preview", "-", stdin=source).lines == ["stdin.preview.wav"]


@pytest.fixture
def player(tmp_path):
    """A player by the name of aplay that keeps what it was given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "aplay"
    program.write_text(f'#!/bin/sh\ncp "$2" "{tmp_path}/played.wav"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_play_gives_the_preview_to_the_systems_player(cli, samples, tmp_path, player):
    done = cli("preview", samples / "cd.wav", "--play", env=player)
    assert (done.code, done.out) == (0, "")
    assert len(read(tmp_path / "played.wav")) == 84_800
    assert not list(cli.home.glob("*.wav"))


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("", "-o names no file; leave it out for one here"),
        ("/dev/null/heard.wav", "/dev/null: not a folder"),
    ],
)
def test_a_preview_that_can_not_be_written_is_one_sentence(cli, samples, out, said):
    done = cli("preview", samples / "cd.wav", "-o", out)
    assert (done.code, done.err) == (2, f"voiceprep: {said}\n")


def test_a_player_that_fails_is_no_success(cli, samples, tmp_path, player):
    (tmp_path / "bin" / "aplay").write_text("#!/bin/sh\necho noise; exit 3\n")
    done = cli("preview", samples / "cd.wav", "--play", env=player)
    assert (done.code, done.out) == (2, "")
    assert "aplay could not play it (it ended with 3)" in done.last


def test_a_player_s_words_do_not_get_into_the_sound(cli, samples, tmp_path, player):
    (tmp_path / "bin" / "aplay").write_text("#!/bin/sh\necho noise\n")
    words = ("preview", samples / "cd.wav", "--play", "-o", "-")
    code, out, _ = cli.raw(*words, env=player)
    assert (code, out[:4], len(out)) == (0, b"RIFF", 44 + 2 * 84_800)


def test_play_without_a_player_says_what_else_to_do(cli, samples, tmp_path):
    done = cli("preview", samples / "cd.wav", "--play", env={"PATH": str(tmp_path)})
    assert done.code == 2
    assert "-o FILE writes it instead" in done.err


def test_result_beside_the_artefacts_holds_the_measurements(cli, samples, tmp_path):
    cli("prepare", samples / "cd.wav", "-o", tmp_path)
    told = json.loads(Path(tmp_path / "cd.json").read_text())
    assert told["measurements"]["speech_level_dbov"] == pytest.approx(-21, abs=0.1)
