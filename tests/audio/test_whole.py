"""Whole, or refused by name: files that were joined or cut, of every kind.

ffmpeg makes the files; `cat` and `head` spoil them.
"""

import io
import re
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from material import chunk, fmt, riff

from voiceprep.audio.identify import identify
from voiceprep.errors import UndecodableError
from voiceprep.pipeline.recording import check

SAMPLES = Path(__file__).parents[2] / "samples"
RECORDINGS = {  # ending → what ffmpeg is told to make of clean.mp3
    "wav": [],
    "alaw.wav": ["-c:a", "pcm_alaw"],
    "adpcm.wav": ["-c:a", "adpcm_ms"],
    "mp3.wav": ["-c:a", "libmp3lame"],
    "w64": [],
    "aiff": [],
    "aifc": ["-f", "aiff", "-c:a", "pcm_mulaw"],
    "au": [],
    "caf": [],
    "flac": [],
    "ogg": ["-c:a", "libvorbis"],
    "opus": [],
    "webm": ["-c:a", "libopus"],
    "m4a": [],
    "index-first.m4a": ["-movflags", "+faststart"],
    "fragments.mp4": ["-movflags", "+frag_keyframe+empty_moov"],
    "wv": [],
    "wma": [],
    "aac": [],
}
# These say nothing of how long they should be, or can't be read when they are cut.
UNSAID = {"flac": "undecodable", "caf": "undecodable"}
PIPED = ("wav", "aiff", "au", "w64", "webm", "flac", "ogg", "caf")


@pytest.fixture(scope="module")
def made(tool, tmp_path_factory):
    """Make a recording of twelve seconds, once a kind."""
    folder, done = tmp_path_factory.mktemp("whole"), {}

    def make(kind):
        if kind not in done:
            out = folder / f"a.{kind}"
            command = [tool("ffmpeg"), "-v", "error", "-i", SAMPLES / "clean.mp3"]
            command += ["-t", "12", "-ac", "1", "-ar", "16000"]
            rate = ["-ar", "48000"] if kind == "opus" else []
            subprocess.run([*command, *rate, *RECORDINGS[kind], out], check=True)
            done[kind] = out.read_bytes()
        return done[kind]

    return make


def needs_pyav(kind):
    if kind.rpartition(".")[2] in {"m4a", "mp4", "webm", "wv", "wma", "aac"}:
        pytest.importorskip("av", reason="PyAV is not installed: voiceprep[m4a]")


def checked(raw):
    return check(io.BytesIO(raw), fixes=["format"])


def codes(result):
    return [f.code for f in result.findings if f.severity in {"error", "warning"}]


@pytest.mark.parametrize("kind", RECORDINGS)
def test_what_is_whole_is_fit(kind, made):
    needs_pyav(kind)
    result = checked(made(kind))
    assert result.measurements.duration_s == pytest.approx(12, abs=0.15)
    assert codes(result) == []


@pytest.mark.parametrize("kind", RECORDINGS)
def test_two_joined_are_decoded_whole_or_refused_by_name(kind, made):
    needs_pyav(kind)
    result = checked(made(kind) * 2)
    if kind == "aac":  # frames behind frames, as with MP3
        assert result.measurements.duration_s == pytest.approx(24, abs=0.2)
    else:
        assert codes(result) == ["joined"]


@pytest.mark.parametrize("other", ["wav", "flac", "mp3", "m4a", "aac"])
@pytest.mark.parametrize("kind", ["wav", "aiff", "au", "caf", "w64", "ogg", "webm"])
def test_another_kind_behind_it_is_no_junk(kind, other, made):
    behind = (SAMPLES / "clean.mp3").read_bytes() if other == "mp3" else made(other)
    for between in (b"", bytes(100)):
        with pytest.raises(UndecodableError) as raised:
            identify(io.BytesIO(made(kind) + between + behind))
        assert raised.value.code == "joined"


@pytest.mark.parametrize("other", ["wav", "flac", "ogg", "m4a"])
def test_another_kind_behind_an_mp3_is_no_junk(other, made):
    raw = (SAMPLES / "clean.mp3").read_bytes()
    for tag in (b"", b"TAG" + bytes(125)):
        with pytest.raises(UndecodableError, match="an MP3 file, and then a") as raised:
            identify(io.BytesIO(raw + tag + made(other)))
        assert raised.value.code == "joined"


@pytest.mark.parametrize("kind", sorted({*RECORDINGS} - {*UNSAID}))
@pytest.mark.parametrize("part", [0.5, 0.93])
def test_what_is_cut_is_truncated(kind, part, made):
    needs_pyav(kind)
    raw = made(kind)
    result = checked(raw[: int(len(raw) * part)])
    assert not result.verdict.is_fit
    assert "truncated" in codes(result)


@pytest.mark.parametrize("kind", UNSAID)
def test_what_no_decoder_takes_without_its_end_is_refused(kind, made):
    raw = made(kind)
    result = checked(raw[: len(raw) // 2])
    assert not result.verdict.is_fit
    assert codes(result)[0] in {UNSAID[kind], "truncated"}


@pytest.mark.parametrize("kind", ["wav", "aiff", "w64", "ogg", "opus", "m4a", "webm"])
def test_junk_and_tags_behind_it_are_no_recording(kind, made):
    needs_pyav(kind)
    raw = made(kind)
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
    for junk in (bytes(600), b"made with love by nobody\n", tag):
        result = checked(raw + junk)
        assert codes(result) == []


@pytest.fixture(scope="module")
def piped(tool):
    """Make a recording whose writer could not go back to fill its size in."""

    def make(kind):
        command = [tool("ffmpeg"), "-v", "error", "-i", SAMPLES / "clean.mp3"]
        name = ["-c:a", "libopus"] if kind == "webm" else []
        command += ["-t", "12", *name, "-f", kind, "-"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    return make


@pytest.mark.parametrize("kind", PIPED)
def test_two_joined_whose_sizes_were_never_filled_in_are_refused(kind, piped):
    with pytest.raises(UndecodableError) as raised:
        identify(io.BytesIO(piped(kind) * 2))
    assert raised.value.code == "joined"


@pytest.mark.parametrize("kind", ["wav", "aiff", "au", "w64"])
def test_one_that_ends_in_the_middle_of_a_sound_is_a_hint(kind, piped):
    raw = piped(kind)
    assert codes(checked(raw)) == []
    assert "truncated" in codes(checked(raw[: len(raw) // 2]))


# By hand


@pytest.mark.parametrize("pad", [b"", b"\0"])
def test_a_second_wav_behind_an_odd_number_of_bytes_is_seen(pad):
    odd = riff(fmt(bits=8), b"data" + struct.pack("<I", 9_999) + bytes(9_999) + pad)
    with pytest.raises(UndecodableError) as raised:
        identify(io.BytesIO(odd + riff(fmt(), chunk(b"data", bytes(100)))))
    assert raised.value.code == "joined"


@pytest.mark.parametrize("order", ["<", ">"])
def test_chunks_behind_the_samples_are_no_second_recording(order):
    form = b"RIFF" if order == "<" else b"RIFX"
    behind = (chunk(b"LIST", b"INFOISFT", order), chunk(b"id3 ", b"ID3\x04", order))
    data = chunk(b"data", bytes(999), order)
    raw = riff(fmt(order=order), data, *behind, form=form, order=order)
    assert identify(io.BytesIO(raw)).share == 1
    with pytest.raises(UndecodableError) as raised:
        identify(io.BytesIO(raw * 2))
    assert raised.value.code == "joined"


def test_an_mp3_in_a_wav_that_was_cut_is_truncated():
    sound = (SAMPLES / "clean.mp3").read_bytes()[100_000:200_000]  # no Xing tag
    form = fmt(0x55, 2, 44_100, 0, align=1)
    result = checked(riff(form, chunk(b"data", sound, size=2 * len(sound))))
    assert "truncated" in codes(result)


def test_an_ogg_stream_without_its_last_page_is_a_warning(made):
    raw = made("ogg")
    last = raw.rindex(b"OggS")
    source = identify(io.BytesIO(raw[:last]))
    assert (source.is_marked, source.cut_in) == (False, "")
    assert "truncated" in codes(checked(raw[:last]))
    assert identify(io.BytesIO(raw)).is_marked


def test_streams_that_sound_together_are_not_joined_ones(made):
    raw = made("ogg")
    pages = [found.start() for found in re.finditer(b"OggS\0", raw)]
    other = bytearray(raw[: pages[1]])
    other[14:18] = b"skel"  # the serial number of another stream
    assert identify(io.BytesIO(bytes(other) + raw)).cut_in == ""


def test_an_ogg_page_lost_in_junk_is_found_again(made):
    raw = made("opus")
    second = raw.index(b"OggS", 4)
    found = identify(io.BytesIO(raw[:second] + b"junk" * 50 + raw[second:]))
    assert (found.is_marked, found.cut_in) == (True, "")


def test_the_frames_of_an_amr_file_are_counted():
    frame = bytes([7 << 3]) + bytes(31)  # 12.2 kbit/s: 31 bytes behind its mode
    raw = b"#!AMR\n" + frame * 600
    assert not identify(io.BytesIO(raw)).is_cut
    assert identify(io.BytesIO(raw[:-5])).ends_in_mid_frame
    with pytest.raises(UndecodableError) as raised:
        identify(io.BytesIO(raw * 2))
    assert raised.value.code == "joined"


def test_channels_of_a_wavpack_file_in_blocks_of_their_own_are_one(made):
    def block(first, flags):
        words = struct.pack("<IHHIIIII", 40, 0x410, 0, 200, first, 100, flags, 0)
        return b"wvpk" + words + bytes(16)

    pairs = [block(at, flags) for at in (0, 100) for flags in (0x800, 0x1000)]
    assert not identify(io.BytesIO(b"".join(pairs))).is_cut
    with pytest.raises(UndecodableError) as raised:
        identify(io.BytesIO(b"".join(pairs) * 2))
    assert raised.value.code == "joined"


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (2e5, "2e+05 times full scale"),
        (-1e30, "1e+30 times full scale"),
        (float("nan"), "no finite number"),
        (float("-inf"), "no finite number"),
    ],
)
def test_samples_beyond_all_sound_are_refused_without_a_warning(bits, sample, said):
    form = {32: "<f4", 64: "<f8"}[bits]
    samples = np.zeros(100_000, form)
    samples[80_000] = sample
    raw = riff(fmt(tag=3, bits=bits), chunk(b"data", samples.tobytes()))
    (found,) = checked(raw).findings
    assert (found.code, found.value) == ("invalid_samples", 10.0)
    assert found.message == f"the sample at 10.000 s is {said}"


def test_a_signalling_nan_and_what_float32_cannot_hold_are_refused():
    for word in (bytes.fromhex("0100000000 00f07f"), struct.pack("<d", 1e300)):
        samples = bytes(8 * 90_000) + word
        raw = riff(fmt(tag=3, bits=64), chunk(b"data", samples))
        assert codes(checked(raw)) == ["invalid_samples"]


def test_what_is_only_far_too_loud_is_a_recording():
    samples = (16_000 * np.sin(np.arange(100_000))).astype("<f4")
    result = checked(riff(fmt(tag=3, bits=32), chunk(b"data", samples.tobytes())))
    assert "invalid_samples" not in codes(result)


def test_a_header_that_ends_the_sound_too_early_is_told(made):
    # A recorder that crashed after its header was written once.
    sound = np.random.default_rng(4).integers(0, 30, 200_000).astype("<i2").tobytes()
    raw = riff(fmt(), chunk(b"data", sound, size=200_000))
    (told,) = (f for f in checked(raw).findings if f.code == "truncated")
    assert (str(told.severity), told.value) == ("warning", 200_000)


@pytest.mark.parametrize("kind", ["mp3", "aiff", "ogg", "aac", "au"])
def test_much_that_is_neither_sound_nor_tag_behind_it_is_told(kind, made):
    needs_pyav(kind)
    raw = (SAMPLES / "clean.mp3").read_bytes() if kind == "mp3" else made(kind)
    junk = np.random.default_rng(4).integers(0, 100, 80_000, np.uint8).tobytes()
    assert "truncated" in codes(checked(raw + junk))
    assert codes(checked(raw + bytes(80_000))) == []
