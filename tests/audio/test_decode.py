"""Decoding against ffmpeg and sox: whole, or refused by name; never silently short."""

import io
import os
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from material import chunk, fmt, riff, tone

from voiceprep.audio.decode import decode, pour
from voiceprep.audio.identify import identify
from voiceprep.audio.opening import open_recording, spool
from voiceprep.errors import UndecodableError


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    """Fifteen seconds of stereo, quiet at first so that the first frame misleads."""
    path = tmp_path_factory.mktemp("decode") / "source.wav"
    rng = np.random.default_rng(5)
    left = tone(44_100, 400, 15) * np.linspace(0.001, 1, 15 * 44_100)
    both = np.stack([left, left * 0.7], axis=1) + 0.001 * rng.standard_normal(
        (661_500, 2)
    )
    both[330_000:] += 0.2 * rng.standard_normal((331_500, 2))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes((np.clip(both, -1, 1) * 32_000).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def mp3(wav, tool):
    """Encode the source with lame."""

    def encode(*options):
        out = wav.with_name(f"out{len(list(wav.parent.iterdir()))}.mp3")
        subprocess.run([tool("lame"), "--quiet", *options, wav, out], check=True)
        return out

    return encode


def vbri(frames, size):
    """Put Fraunhofer's information frame before a 128 kbit/s, 44.1 kHz stream."""
    head = bytearray(417)
    head[:4] = bytes.fromhex("fffb9064")
    head[36:40] = b"VBRI"
    head[46:54] = size.to_bytes(4, "big") + frames.to_bytes(4, "big")
    return bytes(head)


def seconds(path):
    audio, _ = decode(path)
    return audio.duration_s


def test_vbr_without_xing_decodes_to_its_whole_length(mp3, tool):
    path = mp3("-V", "4", "-t")
    assert seconds(path) == pytest.approx(15, abs=0.05)
    command = [tool("ffmpeg"), "-v", "error", "-i", path, "-f", "s16le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    assert seconds(path) == pytest.approx(len(raw) / 4 / 44_100, abs=0.05)


def test_vbri_decodes_to_its_whole_length(mp3, tmp_path):
    sound = mp3("-V", "4", "-t").read_bytes()
    path = tmp_path / "vbri.mp3"
    path.write_bytes(vbri(576, len(sound) + 417) + sound)
    assert seconds(path) == pytest.approx(15, abs=0.05)


def test_a_vbri_that_claims_too_little_is_not_believed(mp3, tmp_path):
    sound = mp3("-V", "4", "-t").read_bytes()
    path = tmp_path / "vbri.mp3"
    path.write_bytes(vbri(40, 20_000) + sound)
    assert seconds(path) == pytest.approx(15, abs=0.05)


def test_64_kib_of_junk_in_front_change_nothing(mp3, tmp_path):
    path = tmp_path / "junk.mp3"
    junk = np.random.default_rng(2).integers(0, 256, 65_536, dtype=np.uint8).tobytes()
    path.write_bytes(junk + mp3("-V", "4").read_bytes())
    assert seconds(path) == pytest.approx(15, abs=0.05)


def test_a_switch_between_mono_and_stereo_is_decoded_whole(mp3, tmp_path):
    path = tmp_path / "switch.mp3"
    mono, stereo = mp3("-b", "96", "-m", "m", "-t"), mp3("-b", "128", "-t")
    path.write_bytes(mono.read_bytes() + stereo.read_bytes())
    audio, decoded = decode(path)
    assert audio.duration_s == pytest.approx(30, abs=0.1)
    assert (audio.channels, decoded.decoders) == (2, ("miniaudio",))


def test_two_files_joined_by_cat_are_decoded_whole(mp3, tmp_path):
    path = tmp_path / "joined.mp3"
    path.write_bytes(mp3("-b", "128").read_bytes() + mp3("-V", "2").read_bytes())
    assert seconds(path) == pytest.approx(30, abs=0.1)


def test_two_rates_joined_are_refused_by_name(mp3, tmp_path):
    path = tmp_path / "joined.mp3"
    low = mp3("-b", "64", "--resample", "22.05")
    path.write_bytes(mp3("-b", "128").read_bytes() + low.read_bytes())
    with pytest.raises(UndecodableError, match=r"22,050 and 44,100 Hz") as raised:
        decode(path)
    assert raised.value.code == "joined"


def test_both_decoders_give_the_same_sound_at_the_same_time(mp3, tmp_path):
    plain = mp3("-b", "128")
    first, by_soundfile = decode(plain)
    raw = plain.read_bytes()
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(raw + raw)  # a seam makes it miniaudio's
    second, by_miniaudio = decode(joined)
    assert by_soundfile.decoders != by_miniaudio.decoders
    # miniaudio holds samples within full scale, mpg123 lets them overshoot.
    ours, theirs = (np.clip(a.samples[:600_000], -1, 1) for a in (first, second))
    assert (
        np.abs(ours - theirs).max() < 2e-4
    )  # two decoders' arithmetic; a shift of a sample gives 0.1


def test_mp3_inside_wav_is_decoded(mp3, tmp_path):
    sound = mp3("-b", "128").read_bytes()
    path = tmp_path / "inside.wav"
    path.write_bytes(riff(fmt(0x55, 2, 44_100, 0, align=1), chunk(b"data", sound)))
    assert seconds(path) == pytest.approx(15, abs=0.05)


@pytest.mark.parametrize("codec", ["adpcm_ima_wav", "adpcm_ms"])
def test_adpcm_is_decoded_to_ffmpegs_length(codec, wav, tool, tmp_path):
    path = tmp_path / "adpcm.wav"
    options = ["-v", "error", "-i", wav, "-c:a", codec, "-map_metadata", "0"]
    subprocess.run([tool("ffmpeg"), *options, path], check=True)
    assert seconds(path) == pytest.approx(15, abs=0.1)


@pytest.mark.parametrize("kind", ["flac", "ogg", "opus"])
def test_what_phones_record_is_decoded(kind, wav, tool, tmp_path):
    path = tmp_path / f"memo.{kind}"
    options = {"ogg": ["-c:a", "libvorbis"]}.get(kind, [])
    command = [tool("ffmpeg"), "-v", "error", "-i", wav, *options, path]
    subprocess.run(command, check=True)
    assert seconds(path) == pytest.approx(15, abs=0.1)


def test_m4a_is_decoded_with_pyav(wav, tool, tmp_path):
    pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")
    path = tmp_path / "memo.m4a"
    subprocess.run([tool("ffmpeg"), "-v", "error", "-i", wav, path], check=True)
    audio, decoded = decode(path)
    assert audio.duration_s == pytest.approx(15, abs=0.1)
    assert decoded.decoders == ("pyav",)


def test_a_chunk_that_hangs_libsndfile_reaches_no_decoder(tmp_path):
    # facts.md: LIST/INFO chunks of size 0xFFFFFF00 hang libsndfile for ever.
    inner = b"INFO" + b"INAM" + b"\x00\xff\xff\xff"
    bad = b"LIST" + b"\x00\xff\xff\xff" + inner
    data = chunk(b"data", bytes(1_024))
    path = tmp_path / "hang.wav"
    path.write_bytes(riff(fmt(0x11, 1, 8_000, 4, align=256), bad, data))
    with pytest.raises(UndecodableError):
        decode(path)


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        (b"", "empty", "0 bytes"),
        (b"<html><body>404</body></html>", "undecodable", "web page"),
        (b"Bonjour, ceci est du texte.", "undecodable", "text"),
        (b"\x7fELF" + bytes(5_000), "undecodable", "program"),
        (b"PK\x03\x04" + bytes(100), "undecodable", "ZIP"),
        (bytes(70_000), "undecodable", "neither a WAV header nor MPEG"),
        (riff(fmt(), chunk(b"data", b"")), "empty", "without a single sample"),
        (riff(fmt(channels=0), chunk(b"data", b"abcd")), "unsupported", "0 channels"),
        (riff(fmt(rate=1), chunk(b"data", b"abcd")), "unsupported", "of 1 Hz"),
        (riff(fmt(rate=2_000_000_000), chunk(b"data", b"ab")), "unsupported", "Hz"),
        (
            riff(fmt(channels=65_535, align=2), chunk(b"data", b"a")),
            "unsupported",
            "65535",
        ),
    ],
)
def test_what_is_no_recording_is_named(raw, code, said, tmp_path):
    path = tmp_path / "x.mp3"
    path.write_bytes(raw)
    with pytest.raises(UndecodableError, match=said) as raised:
        decode(path)
    assert raised.value.code == code


def test_pipes_devices_and_folders_are_never_opened(tmp_path):
    fifo = tmp_path / "x.wav"
    os.mkfifo(fifo)
    for path, said in ((fifo, "pipe"), ("/dev/zero", "device"), (tmp_path, "folder")):
        with pytest.raises(UndecodableError, match=said) as raised:
            open_recording(path)
        assert raised.value.code == "not_a_file"
    with pytest.raises(UndecodableError) as raised:
        open_recording(tmp_path / "nothing.wav")
    assert raised.value.code == "not_found"


def test_a_pipe_is_read_no_further_than_its_limit():
    with Path("/dev/zero").open("rb") as endless, spool(endless, 1_000) as file:
        assert file.seek(0, 2) == 1_001


def test_more_than_two_hours_are_refused(tmp_path):
    path = tmp_path / "long.wav"
    frames = 4_000 * 7_201
    with path.open("wb") as file:
        head = riff(fmt(rate=4_000, bits=8), chunk(b"data", b"", size=frames))
        file.write(head)
        file.truncate(len(head) + frames)
    with open_recording(path) as file, pytest.raises(UndecodableError, match="2 hours"):
        pour(file, identify(file), lambda block, rate: None)


def test_a_file_that_shrinks_while_it_is_read_ends_quietly():
    raw = riff(fmt(), chunk(b"data", bytes(400_000)))
    file = io.BytesIO(raw)
    source = identify(file)
    file.truncate(100_044)
    taken = []
    pour(file, source, lambda block, rate: taken.append(len(block)))
    assert sum(taken) == 50_000


# The decoders' edge


@pytest.fixture
def recordings(wav, mp3, tool, tmp_path):
    """Make one recording for each way of decoding."""
    plain = mp3("-b", "128")
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(plain.read_bytes() * 2)
    others = []
    for name in ("a.flac", "a.m4a"):
        out = tmp_path / name
        subprocess.run([tool("ffmpeg"), "-v", "error", "-i", wav, out], check=True)
        others.append(out)
    return {
        "riff": wav,
        "soundfile": plain,
        "miniaudio": joined,
        "libsndfile": others[0],
        "pyav": others[1],
    }


@pytest.mark.parametrize(
    "way", ["riff", "soundfile", "miniaudio", "libsndfile", "pyav"]
)
@pytest.mark.parametrize("error", [OSError(28, "No space left"), ValueError("ours")])
def test_what_the_sink_raises_is_no_fault_of_the_recording(recordings, way, error):
    if way == "pyav":
        pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")

    def full(block, rate):
        raise error

    with open_recording(recordings[way]) as file:
        source = identify(file)
        with pytest.raises(type(error)) as raised:
            pour(file, source, full)
    assert raised.value is error


def test_what_a_decoder_raises_of_its_own_is_decoder_failed(recordings, monkeypatch):
    av = pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")

    def broken(*_, **__):
        raise UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid start byte")

    monkeypatch.setattr(av, "open", broken)
    with pytest.raises(UndecodableError, match="pyav failed: UnicodeDecode") as raised:
        decode(recordings["pyav"])
    assert raised.value.code == "decoder_failed"


def test_where_one_decoder_breaks_the_next_one_carries_on(mp3, monkeypatch):
    import soundfile

    def broken(*_, **__):
        raise MemoryError

    monkeypatch.setattr(soundfile.SoundFile, "read", broken)
    audio, decoded = decode(mp3("-b", "128"))
    assert (round(audio.duration_s, 1), decoded.decoders) == (15.0, ("miniaudio",))


def test_tags_in_any_encoding_are_passed_over(recordings):
    pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")
    path = recordings["pyav"]
    raw = path.read_bytes()
    assert raw.count(b"Lavf") == 1  # ffmpeg's own tag, "encoder"
    path.write_bytes(raw.replace(b"Lavf", b"\xe9t\xe9 "))  # "été" in Latin-1
    assert seconds(path) == pytest.approx(15, abs=0.1)


def test_a_film_without_sound_is_named(tool, tmp_path):
    pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")
    path = tmp_path / "silent.mp4"
    film = ["-f", "lavfi", "-i", "color=size=16x16:duration=1"]
    subprocess.run([tool("ffmpeg"), "-v", "error", *film, path], check=True)
    with pytest.raises(UndecodableError, match="without sound"):
        decode(path)


def test_sound_that_no_decoder_knows_is_named(recordings):
    pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")
    path = recordings["pyav"]
    raw = path.read_bytes()
    assert raw.count(b"mp4a") == 1
    path.write_bytes(raw.replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"))
    with pytest.raises(UndecodableError) as raised:
        decode(path)
    assert raised.value.code == "unsupported"
