import json
import os
import wave
from pathlib import Path

import pytest


def names(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


def four(stem):
    return sorted(f"{stem}{end}" for end in (".wav", ".pcm", ".alaw.wav", ".json"))


def test_prepare_writes_the_four_artefacts_of_the_design(cli, samples, tmp_path):
    out = tmp_path / "out"
    done = cli("prepare", samples / "clean.mp3", "-o", out)
    assert (done.code, done.lines) == (0, [str(out / "clean.wav")])
    assert names(out) == four("clean")
    with wave.open(str(out / "clean.wav")) as file:
        assert file.getparams()[:4] == (1, 2, 8_000, 106_400)
    codes = (out / "clean.pcm").read_bytes()
    alaw = (out / "clean.alaw.wav").read_bytes()
    assert len(codes) == 106_400
    assert alaw[20:22] == b"\6\0"  # format tag 6, A-law
    assert b"fact" in alaw[:58]
    assert alaw[58:] == codes
    assert json.loads((out / "clean.json").read_text())["verdict"] == "fit"


def test_json_names_the_artefacts(cli, samples, tmp_path):
    done = cli("prepare", samples / "clean.mp3", "-o", tmp_path / "o", "--json")
    assert done.json["schema"] == "voiceprep.prepare/1"
    (result,) = done.results
    assert set(result["artefacts"]) == {"prepared", "alaw", "alaw_wav", "result"}
    assert all(Path(path).is_file() for path in result["artefacts"].values())


def test_refused_recording_leaves_nothing_and_others_go_on(cli, samples, tmp_path):
    out = tmp_path / "out"
    paths = [samples / "text.mp3", samples / "cd.wav", samples / "9.9-seconds.wav"]
    done = cli("prepare", *paths, "-o", out)
    assert (done.code, done.lines) == (1, [str(out / "cd.wav")])
    assert names(out) == four("cd")
    assert done.last == "1 prepared, 1 refused, 1 unreadable"


def test_from_pipe_to_pipe_is_byte_equal_to_the_file_form(cli, samples, tmp_path):
    cli("prepare", samples / "clean.mp3", "-o", tmp_path / "out")
    source = (samples / "clean.mp3").read_bytes()
    code, out, err = cli.raw("prepare", "-", "-o", "-", stdin=source)
    assert code == 0, err
    assert out == (tmp_path / "out" / "clean.wav").read_bytes()


def test_pipe_form_puts_every_word_on_stderr(cli, samples):
    code, out, err = cli.raw("prepare", samples / "9.9-seconds.wav", "-o", "-")
    assert (code, out) == (1, b"")
    assert b"too" in err or b"10.0 s" in err


def test_pipe_form_takes_one_recording(cli, samples):
    done = cli("prepare", samples, "-o", "-")
    assert (done.code, done.out) == (2, "")


def test_standard_input_is_prepared_under_the_name_stdin(cli, samples, tmp_path):
    source = (samples / "cd.wav").read_bytes()
    done = cli("prepare", "-", "-o", tmp_path / "out", stdin=source)
    assert (done.code, names(tmp_path / "out")) == (0, four("stdin"))


@pytest.mark.parametrize("flag", ["-n", "--dry-run"])
def test_dry_run_names_the_files_and_writes_none(cli, samples, tmp_path, flag):
    done = cli("prepare", samples / "clean.mp3", "-o", tmp_path / "out", flag)
    assert done.lines == [str(tmp_path / "out" / "clean.wav")]
    assert done.last == "1 would be prepared"
    assert not (tmp_path / "out").exists()


def test_quiet_says_nothing_of_a_recording_that_goes_out(cli, samples, tmp_path):
    warned = samples / "one-channel.mp3"
    done = cli("prepare", warned, "-o", tmp_path / "out", "-q")
    assert (done.code, done.err) == (0, "")


def test_quiet_still_says_errors(cli, samples, tmp_path):
    done = cli("prepare", samples / "text.mp3", "-o", tmp_path / "out", "-q")
    assert done.err.startswith(f"{samples / 'text.mp3'}: unreadable")


def test_last_line_names_a_command_that_works(account, record, tmp_path):
    path = record("my talk.wav", seconds=9, seed=21)
    done = account("prepare", path, "-o", tmp_path / "out", "--fix", "duration")
    told = f"voiceprep upload '{path}' --fix duration"
    assert done.last.endswith(told)
    assert account("upload", path, "--fix", "duration").code == 0


def test_two_sources_with_one_stem_keep_apart(cli, samples, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.mp3").write_bytes((samples / "clean.mp3").read_bytes())
    (folder / "a.wav").write_bytes((samples / "cd.wav").read_bytes())
    done = cli("prepare", folder, "-o", out)
    assert (done.code, names(out)) == (0, sorted(four("a-mp3") + four("a-wav")))
    assert json.loads((out / "a-mp3.json").read_text())["path"].endswith("a.mp3")


def test_a_file_named_itself_and_by_its_folder_is_prepared_once(cli, record, tmp_path):
    path = record("a.wav", folder=tmp_path / "in")
    done = cli("prepare", path, path.parent, path, "-o", tmp_path / "out")
    assert done.lines == [str(tmp_path / "out" / "a.wav")] * 2
    assert names(tmp_path / "out") == four("a")


def test_out_inside_the_input_is_not_read_the_second_time(cli, record, tmp_path):
    record("a.wav", folder=tmp_path / "in")
    record("sub/b.wav", folder=tmp_path / "in")
    out = tmp_path / "in" / "out"
    first = cli("prepare", tmp_path / "in", "-o", out)
    again = cli("prepare", tmp_path / "in", "-o", out)
    assert (
        first.lines == again.lines == [str(out / "a.wav"), str(out / "sub" / "b.wav")]
    )
    assert names(out) == sorted(four("a") + four("b"))
    checked = cli("check", tmp_path / "in")  # without a word on where OUT is
    assert [line.split(": ")[0] for line in checked.lines] == [
        str(tmp_path / "in" / "a.wav"),
        str(tmp_path / "in" / "sub" / "b.wav"),
    ]


def test_out_equal_to_the_input_never_covers_a_source(cli, record, samples, tmp_path):
    source = record("a.wav", folder=tmp_path / "in")
    before = source.read_bytes()
    (tmp_path / "in" / "m.mp3").write_bytes((samples / "clean.mp3").read_bytes())
    for _ in range(2):  # the second run finds its own artefacts there
        done = cli("prepare", tmp_path / "in", "-o", tmp_path / "in")
        assert done.last.startswith("2 prepared")
        assert source.read_bytes() == before
        assert names(tmp_path / "in") == sorted(
            ["a.wav", "m.mp3", *four("a-wav"), *four("m")]
        )


def test_a_strangers_file_is_not_overwritten(cli, record, tmp_path):
    stranger = tmp_path / "out" / "x.wav"
    stranger.parent.mkdir()
    stranger.write_bytes(b"not ours")
    done = cli("prepare", record("x.wav"), "-o", stranger.parent)
    assert done.lines == [str(tmp_path / "out" / "x-wav.wav")]
    assert stranger.read_bytes() == b"not ours"


def test_latin_1_file_name_works_and_keeps_its_bytes(cli, record, tmp_path):
    made = bytes(record("x.wav")).replace(b"x.wav", b"caf\xe9.wav")
    Path(tmp_path / "x.wav").rename(Path(made.decode(errors="surrogateescape")))
    code, out, err = cli.raw("prepare", made, "-o", tmp_path / "out")
    assert (code, out) == (0, bytes(tmp_path / "out") + b"/caf\xe9.wav\n")
    assert b"caf\xe9.wav" in err  # the next step can be pasted


def test_out_that_cannot_be_written_is_the_operators_matter(cli, record, tmp_path):
    (tmp_path / "file").write_text("no folder")
    path = record()
    done = cli("prepare", path, "-o", tmp_path / "file")
    assert done.code == 2
    fact = f"{path}: nothing was written: {tmp_path / 'file'}: not a folder"
    assert done.err.splitlines() == [fact, "1 failed"]


@pytest.mark.parametrize("command", ["prepare", "upload"])
def test_an_empty_out_is_no_folder(cli, record, command):
    done = cli(command, record(), "-o", "")
    assert (done.code, done.out) == (2, "")
    assert done.last == "voiceprep: -o names no folder; -o . is this one"
    assert [path.name for path in cli.home.iterdir()] == ["tmp"]


def test_the_pipe_form_says_what_takes_several(cli, record):
    done = cli("prepare", record("a.wav"), record("b.wav"), "-o", "-")
    assert (done.code, done.out) == (2, "")
    assert "2 recordings were named; -o DIR takes them all" in done.last


def test_the_pipe_form_writes_to_no_terminal(cli, record):
    ours, theirs = os.openpty()
    with cli.start("prepare", record(), "-o", "-", stdout=theirs) as process:
        _, err = process.communicate(timeout=20)
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    assert (process.returncode, b"no text" in err) == (2, True)
    for handle in (ours, theirs):
        os.close(handle)


def test_output_length_is_rounded_from_the_source(cli, samples, tmp_path):
    done = cli("prepare", samples / "cd.wav", "-o", tmp_path, "--json")
    (result,) = done.results
    frames = result["measurements"]["frames"]
    with wave.open(str(tmp_path / "cd.wav")) as file:
        assert file.getnframes() == round(frames * 8_000 / 44_100)


def test_no_temporary_file_is_left_beside_the_artefacts(cli, samples, tmp_path):
    cli("prepare", samples, "-o", tmp_path / "out")
    assert not [name for name in names(tmp_path / "out") if name.startswith(".")]
