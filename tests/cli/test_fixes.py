import shlex
import wave

import pytest

HEAD = 44


def silence(path, size):
    """Write a WAV of exactly `size` bytes, 48 kHz stereo: sparse, so cheap."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.setnframes((size - HEAD) // 4)
        file.writeframes(b"")
    with path.open("r+b") as file:
        head = bytearray(file.read(HEAD))
        head[4:8] = (size - 8).to_bytes(4, "little")
        head[40:44] = (size - HEAD).to_bytes(4, "little")
        file.seek(0)
        file.write(head)
        file.truncate(size)
    return path


@pytest.mark.parametrize(("size", "large"), [(20_000_000, False), (20_000_001, True)])
def test_20_000_000_bytes_are_the_most(cli, tmp_path, size, large):
    (result,) = cli("check", silence(tmp_path / "x.wav", size), "--json").results
    codes = [finding["code"] for finding in result["findings"]]
    assert ("too_large" in codes) is large
    assert result["measurements"]["bytes"] == size


def test_too_large_names_the_repair(cli, tmp_path):
    path = silence(tmp_path / "x.wav", 20_000_001)
    done = cli("check", path)
    assert "20,000,001 bytes; the platform takes 20,000,000 at most" in done.out
    assert done.lines[-1] == f"    mend it: voiceprep check {path} --fix size"


@pytest.mark.parametrize("where", ["check", "prepare", "upload"])
@pytest.mark.parametrize(
    "name", ["9.9-seconds.wav", "anti-phase.mp3", "phone-memo.opus"]
)
def test_the_command_that_is_printed_mends(account, samples, tmp_path, where, name):
    path = tmp_path / f"with space {name}"
    path.write_bytes((samples / name).read_bytes())
    out = ["-o", tmp_path / "o"] if where == "prepare" else []
    done = account(where, path, *out)
    assert done.code == 1
    told = (done.out + done.err).partition("mend it: ")[2].splitlines()[0]
    program, *words = shlex.split(told)
    assert program == "voiceprep"
    assert account(*words).code == 0


def test_a_second_repair_keeps_the_first(cli, tool, samples, tmp_path):
    import subprocess

    short = tmp_path / "short.opus"
    words = ["-i", samples / "phone-memo.opus", "-t", "5", "-c", "copy", short]
    subprocess.run([tool("ffmpeg"), "-v", "error", *words], check=True)
    done = cli("check", short, "--fix", "format")
    assert done.code == 1
    assert done.lines[-1].endswith("--fix duration,format")


def test_duration_pads_to_exactly_80_000_samples_with_plus_8(cli, samples, tmp_path):
    path = samples / "9.9-seconds.wav"
    done = cli("prepare", path, "-o", tmp_path, "--fix", "duration")
    assert done.code == 0
    with wave.open(str(tmp_path / "9.9-seconds.wav")) as file:
        pcm = file.readframes(file.getnframes())
    assert len(pcm) == 2 * 80_000
    assert pcm[2 * 79_200 :] == (8).to_bytes(2, "little") * 800  # facts.md: 0xD5
    assert (tmp_path / "9.9-seconds.pcm").read_bytes()[79_200:] == b"\xd5" * 800
    assert "info too_short: mended" in done.err


def test_all_mends_each_of_them(cli, samples, tmp_path):
    names = ["9.9-seconds.wav", "anti-phase.mp3", "phone-memo.opus"]
    paths = [samples / name for name in names]
    done = cli("prepare", *paths, "-o", tmp_path, "--fix", "all", "--json")
    assert done.code == 0
    for result, code in zip(
        done.results, ["too_short", "phase_cancellation", "unsupported"], strict=True
    ):
        (finding,) = result["findings"]
        assert (finding["code"], finding["severity"]) == (code, "info")
        assert finding["message"].startswith("mended")


def test_phase_uses_one_channel_which_can_be_heard(cli, samples, tmp_path):
    path = samples / "anti-phase.mp3"
    done = cli("prepare", path, "-o", tmp_path, "--fix", "phase", "--json")
    (result,) = done.results
    assert result["measurements"]["loudest_dbfs"] > -30


def test_over_1249_s_goes_out_as_alaw_wav_with_fix_size(
    account, samples, tmp_path, fetch
):
    # 126 times 10 s of A-law: 10 MB as it is, 20,160,044 bytes once prepared.
    codes = (samples / "alaw-8k.wav").read_bytes()[58:][:80_000]
    path = tmp_path / "long.wav"
    head = (samples / "alaw-8k.wav").read_bytes()[:58]
    size = len(codes) * 126
    head = head[:4] + (50 + size).to_bytes(4, "little") + head[8:46]
    head += size.to_bytes(4, "little") + b"data" + size.to_bytes(4, "little")
    path.write_bytes(head + codes * 126)

    refused = account("upload", path)
    assert refused.code == 1
    assert "prepared it has 20,160,044 bytes" in refused.err
    assert f"mend it: voiceprep upload {path} --fix size" in refused.err

    done = account("upload", path, "--fix", "size", "-o", tmp_path / "o", "--json")
    assert done.code == 0
    content = done.results[0]["content"]
    assert fetch(content["url"]) == (tmp_path / "o" / "long.alaw.wav").read_bytes()
    assert fetch(content["url_encoded"]) == (tmp_path / "o" / "long.pcm").read_bytes()


def test_size_sends_the_telephone_version_of_a_large_file(cli, record, tmp_path):
    from material import chunk, fmt, riff

    one = record(seconds=11).read_bytes()[HEAD:]
    path = tmp_path / "large.wav"  # 20 MB of another chunk
    path.write_bytes(
        riff(fmt(), chunk(b"junk", bytes(20_000_000)), chunk(b"data", one))
    )
    assert cli("check", path).code == 1
    done = cli("prepare", path, "-o", tmp_path / "o", "--fix", "size")
    assert done.code == 0
    assert (tmp_path / "o" / "large.wav").stat().st_size == HEAD + 2 * 88_000
