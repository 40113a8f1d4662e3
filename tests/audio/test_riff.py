import io
import struct
import wave

import numpy as np
import pytest
from material import chunk, fmt, riff

from voiceprep.audio import riff as walker
from voiceprep.audio.identify import identify
from voiceprep.errors import UndecodableError


def samples_of(raw):
    file = io.BytesIO(raw)
    wav = walker.walk(file)
    return wav, np.concatenate(list(walker.blocks(file, wav, 1_000)))


STEPS = np.array([0, 1, -1, 1_000, -32_768, 32_767], np.int16)


def test_sixteen_bits_are_read_to_the_step():
    _, read = samples_of(riff(fmt(), chunk(b"data", STEPS.astype("<i2").tobytes())))
    assert (read[:, 0] * 32_768 == STEPS).all()


def test_the_stdlibs_own_file_is_read_to_the_step(tmp_path):
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(STEPS.astype("<i2").tobytes())
    wav, read = samples_of(path.read_bytes())
    assert (wav.rate, wav.channels, wav.frames) == (44_100, 2, 3)
    assert (read.ravel() * 32_768 == STEPS).all()


@pytest.mark.parametrize(
    ("bits", "tag", "raw", "expected"),
    [
        (8, 1, bytes([128, 255, 0]), [0, 127 / 128, -1]),
        (24, 1, b"\0\0\0\xff\xff\x7f\0\0\x80", [0, 8_388_607 / 8_388_608, -1]),
        (32, 1, struct.pack("<3i", 0, 1 << 30, -(1 << 31)), [0, 0.5, -1]),
        (12, 1, struct.pack("<3h", 0, 16_384, -32_768), [0, 0.5, -1]),
        (32, 3, struct.pack("<3f", 0, 0.25, -1.5), [0, 0.25, -1.5]),
        (64, 3, struct.pack("<3d", 0, 0.25, -1.5), [0, 0.25, -1.5]),
        (8, 6, bytes([0xD5, 0xAA, 0x2A]), [8 / 32_768, 32_256 / 32_768, -0.984375]),
        (8, 7, bytes([0xFF, 0x80, 0x00]), [0, 32_124 / 32_768, -32_124 / 32_768]),
    ],
)
def test_every_encoding_reaches_its_scale(bits, tag, raw, expected):
    _, read = samples_of(riff(fmt(tag=tag, bits=bits), chunk(b"data", raw)))
    assert read[:, 0].tolist() == pytest.approx(expected, abs=1e-7)


def test_big_endian_files_are_read():
    raw = chunk(b"data", STEPS.astype(">i2").tobytes(), ">")
    wav, read = samples_of(riff(fmt(order=">"), raw, form=b"RIFX", order=">"))
    assert wav.codec == "pcm_s16be"
    assert (read[:, 0] * 32_768 == STEPS).all()


def test_rf64_takes_its_length_from_ds64():
    data = STEPS.astype("<i2").tobytes()
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, len(data), len(STEPS), 0))
    raw = riff(ds64, fmt(), chunk(b"data", data, size=0xFFFFFFFF), form=b"RF64")
    wav, read = samples_of(raw)
    assert (wav.declared_bytes, len(read)) == (len(data), len(STEPS))


def test_the_extensible_format_is_resolved():
    guid = bytes.fromhex("0300000000001000800000aa00389b71")
    body = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8_000, 32_000, 4, 32, 22, 32, 4) + guid
    data = chunk(b"data", struct.pack("<2f", 0.5, -0.5))
    wav, read = samples_of(riff(chunk(b"fmt ", body), data))
    assert (wav.codec, read[:, 0].tolist()) == ("pcm_f32le", [0.5, -0.5])


@pytest.mark.parametrize(
    "chunks",
    [
        (chunk(b"LIST", b"INFOabc"), fmt(), chunk(b"data", STEPS.tobytes())),
        (fmt(), chunk(b"data", STEPS.tobytes()), chunk(b"LIST", b"INFO")),
        (chunk(b"data", STEPS.tobytes()), fmt()),
        (chunk(b"JUNK", b"x" * 27), fmt(), chunk(b"data", STEPS.tobytes())),
    ],
    ids=["list-first", "list-last", "data-before-format", "odd-junk"],
)
def test_chunks_come_in_any_order(chunks):
    _, read = samples_of(riff(*chunks))
    assert (read[:, 0] * 32_768 == STEPS).all()


def test_a_writer_that_forgets_the_pad_byte_is_followed():
    odd = b"LIST" + struct.pack("<I", 7) + b"INFOabc"  # no pad byte behind it
    _, read = samples_of(riff(odd, fmt(), chunk(b"data", STEPS.tobytes())))
    assert (read[:, 0] * 32_768 == STEPS).all()


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_size_that_was_never_filled_in_reads_to_the_end(size):
    wav, read = samples_of(riff(fmt(), chunk(b"data", STEPS.tobytes(), size=size)))
    assert wav.declared_bytes is None
    assert len(read) == len(STEPS)


def test_a_data_chunk_that_is_really_empty_stays_empty():
    raw = riff(fmt(), chunk(b"data", b""), chunk(b"LIST", b"INFO"))
    assert walker.walk(io.BytesIO(raw)).data_bytes == 0


def test_declared_and_present_data_are_told_apart():
    wav = walker.walk(io.BytesIO(riff(fmt(), chunk(b"data", bytes(100), size=1_000))))
    assert (wav.declared_frames, wav.frames) == (500, 50)


def with_sizes(align, a_second, bits=16):
    body = struct.pack("<HHIIHH", 1, 1, 8_000, a_second, align, bits)
    return riff(chunk(b"fmt ", body), chunk(b"data", STEPS.astype("<i2").tobytes()))


@pytest.mark.parametrize(("align", "a_second"), [(7, 16_000), (2, 99), (0, 0)])
def test_one_size_that_lies_is_outvoted(align, a_second):
    raw = with_sizes(align, a_second)
    assert (samples_of(raw)[1][:, 0] * 32_768 == STEPS).all()
    assert identify(io.BytesIO(raw)).expected_frames == len(STEPS)


@pytest.mark.parametrize(
    ("align", "a_second", "bits"), [(4, 32_000, 16), (4, 32_000, 24), (1, 8_000, 16)]
)
def test_a_header_that_contradicts_itself_is_refused(align, a_second, bits):
    with pytest.raises(UndecodableError, match=f"in frames of {align} bytes"):
        identify(io.BytesIO(with_sizes(align, a_second, bits)))


def test_a_broken_chain_of_chunks_is_mended_by_name():
    broken = b"LIST" + struct.pack("<I", 0xFFFFFF00) + b"INFO"
    _, read = samples_of(riff(broken, fmt(), chunk(b"data", STEPS.tobytes())))
    assert (read[:, 0] * 32_768 == STEPS).all()


@pytest.mark.parametrize("raw", [riff(), riff(fmt()), riff(chunk(b"data", bytes(9)))])
def test_what_lacks_a_format_or_data_is_refused(raw):
    with pytest.raises(UndecodableError, match=r"without a '(fmt|data)' chunk"):
        walker.walk(io.BytesIO(raw))


def test_a_header_for_decoders_holds_nothing_but_format_and_data():
    noise = chunk(b"LIST", b"INFO" + b"\xff" * 40)
    wav = walker.walk(io.BytesIO(riff(noise, fmt(), chunk(b"data", STEPS.tobytes()))))
    whole = io.BytesIO(walker.minimal_head(wav) + STEPS.tobytes())
    again = wave.open(whole)  # noqa: SIM115 (closed below)
    assert again.readframes(10) == STEPS.tobytes()
    again.close()
