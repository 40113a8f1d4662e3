"""The walk against ffmpeg and lame; frames are made by lame where it is installed."""

import io
import struct
import subprocess

import numpy as np
import pytest
from material import tone

from voiceprep.audio.mpeg import walk
from voiceprep.audio.mpeg_header import frame_kind, kind_of
from voiceprep.errors import UndecodableError


@pytest.fixture(scope="module")
def mp3(tool, tmp_path_factory):
    """Encode 15 s of noise under a tone with lame; options choose the kind."""
    lame, folder = tool("lame"), tmp_path_factory.mktemp("mp3")
    rng = np.random.default_rng(3)

    def encode(*options, channels=2, seconds=15, rate=44_100):
        left = tone(rate, 300, seconds) * np.linspace(0.02, 1, round(rate * seconds))
        noise = 0.1 * rng.standard_normal((len(left), channels))
        raw = ((left[:, None] + noise) * 20_000).astype("<i2").tobytes()
        mode = "m" if channels == 1 else "j"
        command = [lame, "--quiet", "-r", "-s", f"{rate / 1_000}", "-m", mode]
        out = folder / "out.mp3"
        command += ["--bitwidth", "16", "--signed", "--little-endian", *options]
        subprocess.run([*command, "-", str(out)], input=raw, check=True)
        return out.read_bytes()

    return encode


def walked(raw):
    return walk(io.BytesIO(raw))


@pytest.mark.parametrize(
    ("header", "length", "samples", "rate", "channels"),
    [
        (0xFFFB9064, 417, 1_152, 44_100, 2),  # 128 kbit/s, no padding
        (0xFFFB9264, 418, 1_152, 44_100, 2),  # with padding
        (0xFFFBE0C4, 1_044, 1_152, 44_100, 1),  # 320 kbit/s, mono
        (0xFFF38884, 288, 576, 16_000, 2),  # MPEG-2, 64 kbit/s, 16 kHz
        (0xFFE318C4, 72, 576, 8_000, 1),  # MPEG-2.5, 8 kbit/s, 8 kHz
        (0xFFFD8404, 384, 1_152, 48_000, 2),  # layer II, 128 kbit/s
        (0xFFFF8804, 384, 384, 32_000, 2),  # layer I, 256 kbit/s
    ],
)
def test_frame_lengths_follow_the_standard(header, length, samples, rate, channels):
    kind = frame_kind(header)
    told = (kind.length, kind.samples, kind.rate, kind.channels)
    assert told == (length, samples, rate, channels)


@pytest.mark.parametrize(
    "header", [0, 0xFFFFFFFF, 0x52494646, 0xFFFB0F64, 0xFFEB9064, 0xFFF99064]
)
def test_what_is_no_header_is_none(header):
    kind = frame_kind(header)
    assert kind is None or kind.length == 0


@pytest.mark.parametrize(
    "options", [("-b", "128"), ("-V", "4"), ("-b", "64", "--resample", "22.05")]
)
def test_lames_own_tag_gives_the_length_to_the_sample(mp3, options):
    found = walked(mp3(*options))
    rate = found.rate
    assert found.expected_samples == 15 * rate
    assert found.declared_frames == found.frames


def test_without_a_tag_every_frame_counts(mp3):
    found = walked(mp3("-V", "4", "-t"))
    assert found.claims == ()
    # Encoder delay and padding can't be known then: up to three frames more.
    assert 0 <= found.expected_samples - 15 * 44_100 <= 3 * 1_152


def test_junk_tags_and_noise_around_the_frames_are_told(mp3):
    raw = mp3("-b", "128")
    rng = np.random.default_rng(1)
    junk = rng.integers(0, 255, 65_536, dtype=np.uint8).tobytes()
    id3 = b"ID3\x04\x00\x00" + bytes([0, 0, 8, 0]) + bytes(1_024)
    found = walked(id3 + junk + raw + b"TAG" + bytes(125))
    assert (found.leading_bytes, found.trailing_bytes) == (65_536, 0)
    assert found.expected_samples == 15 * 44_100
    assert found.seams == ()


def test_a_tag_larger_than_the_file_is_not_believed(mp3):
    huge = b"ID3\x03\x00\x00" + bytes([127, 127, 127, 127])
    assert walked(huge + mp3("-b", "128")).expected_samples == 15 * 44_100


def test_a_hole_in_the_middle_is_bridged_and_counted(mp3):
    raw = mp3("-b", "128", "-t")
    found = walked(raw[:100_000] + b"\0" * 5_000 + raw[100_000:])
    assert found.skipped_bytes >= 4_600
    assert abs(found.samples - walked(raw).samples) <= 2 * 1_152


def test_two_files_joined_show_their_seam(mp3):
    first, second = mp3("-b", "128"), mp3("-V", "2")
    found = walked(first + second)
    assert found.seams == (len(first),)
    assert found.samples == walked(first).samples + walked(second).samples


def test_an_id3_tag_inside_is_a_seam_too(mp3):
    raw, tag = mp3("-b", "128", "-t"), b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
    assert walked(raw + tag + raw).seams == (len(raw) + len(tag),)


def test_a_switch_between_mono_and_stereo_is_told(mp3):
    raw = mp3("-b", "128", "-t", channels=1) + mp3("-b", "128", "-t")
    found = walked(raw)
    assert found.switches_channels
    assert found.channels == 2


def test_half_a_file_lacks_bytes_and_frames(mp3):
    raw = mp3("-b", "128")
    found = walked(raw[: len(raw) // 2])
    assert found.missing_bytes > 0
    assert found.declared_frames > 1.9 * found.frames


def test_vbri_is_read():
    # Fraunhofer's header, by hand: version, delay, quality, bytes, frames at 36.
    frame = bytearray(417)
    frame[:4] = struct.pack(">I", 0xFFFB9064)
    frame[36:54] = b"VBRI" + struct.pack(">HHHII", 1, 2_257, 75, 4_170, 9)
    sound = struct.pack(">I", 0xFFFB9064) + b"\x01" * 413
    found = walked(bytes(frame) + sound * 9)
    assert (found.declared_frames, found.declared_bytes, found.frames) == (9, 4_170, 9)


def test_free_format_frames_are_measured():
    sound = struct.pack(">I", 0xFFFB0064) + b"\x01" * 596
    found = walked(sound * 20)
    assert found.free_format
    # The last frame has no next one to measure it by; its length is remembered.
    assert found.frames == 20


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_no_music(seed):
    raw = np.random.default_rng(seed).integers(0, 256, 300_000, dtype=np.uint8)
    assert walked(raw.tobytes()) is None


@pytest.mark.parametrize("raw", [b"", b"\xff", b"ID3", b"\0" * 100_000, b"TAG" * 50])
def test_next_to_nothing_is_nothing(raw):
    assert walked(raw) is None


def test_ffmpeg_counts_the_same_samples(mp3, tool, tmp_path):
    path = tmp_path / "vbr.mp3"
    path.write_bytes(mp3("-V", "5", "-t"))
    command = [tool("ffmpeg"), "-v", "error", "-i", path, "-f", "s16le", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True).stdout
    expected = walked(path.read_bytes()).expected_samples
    assert abs(len(decoded) // 4 - expected) <= 0.05 * 44_100
    assert path.stat().st_size > 0


@pytest.mark.parametrize("into", [1, 2, 3, 4, 100])
def test_a_cut_a_few_bytes_into_a_frame_is_told(mp3, into):
    raw = mp3("-b", "128", "-t")
    (run,) = walked(raw).runs
    frames = []  # where each frame begins, hopped by its own header
    at = run[0]
    while at < run[1]:
        frames.append(at)
        at += frame_kind(int.from_bytes(raw[at : at + 4], "big")).length
    assert walked(raw[: frames[200]]).missing_bytes == 0
    assert walked(raw[: frames[200] + into]).missing_bytes > 0


def test_junk_behind_the_last_frame_is_no_cut(mp3):
    raw = mp3("-b", "128", "-t")
    for junk in (b"\0", b"\r\n", b"\xfe\xff\xff", b"RIFF"):
        assert walked(raw + junk).missing_bytes == 0


def test_two_tags_behind_the_sound_are_no_second_recording(mp3):
    raw = mp3("-b", "128", "-t")
    ape = b"APETAGEX" + struct.pack("<IIII", 2_000, 32, 0, 0) + bytes(8)
    found = walked(raw + ape + b"TAG" + bytes(125))
    assert (found.seams, found.trailing_bytes) == ((), 0)


def looks():
    told = kind_of.cache_info()
    return told.hits + told.misses


def test_junk_of_sync_bytes_costs_no_look_a_byte(mp3):
    raw = mp3("-b", "128", "-t")
    walked(raw)
    before = looks()
    walked(raw)
    plain, before = looks() - before, looks()
    found = walked(raw + b"\xff" * 3_000_000)
    assert found.trailing_bytes == 3_000_000
    assert looks() - before < plain + 100


def test_junk_that_looks_like_frames_all_along_is_given_up_by_name(mp3):
    junk = bytes.fromhex("fffb9200") * 600_000  # 418 bytes on stands no header
    with pytest.raises(UndecodableError, match="neither sound nor a tag"):
        walked(mp3("-b", "128", "-t") + junk)


def test_a_file_that_shrinks_while_it_is_walked_ends_quietly(mp3):
    raw = mp3("-b", "128", "-t")

    class Shrinking(io.BytesIO):
        def seek(self, offset, whence=0):
            end = super().seek(offset, whence)
            if whence == 2:
                self.truncate(100_000)
            return end

    found = walk(Shrinking(raw * 8))
    assert found.runs[-1][1] <= 100_000 + 418  # a frame that its header promised
