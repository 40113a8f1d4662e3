"""Splices, kinds of content, artefacts, comparisons, rules."""

import io
import os
import stat
import wave
from dataclasses import replace

import numpy as np
import pytest
from material import chunk, fmt, riff, tone

from voiceprep.audio.artefact import Artefacts, Draft, alaw_head, wav_head
from voiceprep.audio.compare import compare
from voiceprep.audio.g711 import alaw_decode, alaw_encode
from voiceprep.audio.limits import Limits
from voiceprep.audio.rules import (
    RULES,
    Measurements,
    Severity,
    Verdict,
    judge,
    verdict_of,
)
from voiceprep.audio.sniff import sniff
from voiceprep.audio.splice import Splice

CODES = alaw_encode((tone(8_000, 440, 10.5, 0.3) * 32_767).astype(np.int16))


# Splices


def test_a_splice_reads_and_seeks_like_the_bytes_it_stands_for():
    whole = bytes(range(200))
    ranges = [(10, 20), (50, 50), (60, 110)]
    expected = b"head" + b"".join(whole[a:b] for a, b in ranges)
    splice = Splice(io.BytesIO(whole), ranges, b"head")
    rng = np.random.default_rng(0)
    for _ in range(300):
        at, count = int(rng.integers(0, 70)), int(rng.integers(0, 70))
        splice.seek(at)
        assert splice.read(count) == expected[at : at + count]
    assert splice.seek(-5, os.SEEK_END) == len(expected) - 5
    assert splice.read() == expected[-5:]


# Kinds


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        (b"OggS\0\2", "ogg"),
        (b"fLaC\0", "flac"),
        (b"\0\0\0\x20ftypM4A ", "mp4"),
        (b"#!AMR\n", "amr"),
        (b"RIFF\0\0\0\0AVI LIST", None),
        (b"ID3\x04\0\0\0\0\0\0", None),  # MPEG is found by its frames
        (b"\xff\xfb\x90\x64" + bytes(30), None),
        ("Ça, c'est du texte".encode(), ""),
        (b"<?xml version='1.0'?>", ""),
    ],
)
def test_content_is_told_by_its_first_bytes(head, container):
    kind = sniff(head)
    assert (kind.container if kind else None) == container


# Artefacts


def drafted(folder, codes=CODES):
    paths = Artefacts.named(folder, "a")
    with Draft.open(paths) as draft:
        draft.write([(codes, alaw_decode(codes))], len(codes))
        draft.publish("{}\n")
    return paths


def test_the_prepared_wav_is_read_by_the_stdlib(tmp_path):
    with wave.open(str(drafted(tmp_path).prepared)) as file:
        told = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        frames = file.readframes(len(CODES) + 1)
    assert told == (8_000, 1, 2)
    assert frames == alaw_decode(CODES).astype("<i2").tobytes()


def test_the_alaw_wav_is_read_by_libsndfile(tmp_path):
    import soundfile

    paths = drafted(tmp_path)
    read, rate = soundfile.read(paths.alaw_wav, dtype="int16")
    assert rate == 8_000
    assert (read == alaw_decode(CODES)).all()
    assert soundfile.info(paths.alaw_wav).subtype == "ALAW"
    assert paths.alaw.read_bytes() == CODES.tobytes()


@pytest.mark.parametrize("samples", [0, 1, 80_000, 80_001])
def test_headers_declare_what_is_there(samples, tmp_path):
    paths = drafted(tmp_path, np.full(samples, 0xD5, np.uint8))
    for path in (paths.prepared, paths.alaw_wav):
        raw = path.read_bytes()
        assert int.from_bytes(raw[4:8], "little") == len(raw) - 8
    assert len(wav_head(samples)) == 44
    assert len(alaw_head(samples)) == 58


def test_nothing_half_is_left_when_writing_fails(tmp_path):
    def broken():
        yield CODES, alaw_decode(CODES)
        raise OSError(28, "No space left on device")

    with (
        pytest.raises(OSError, match="No space"),
        Draft.open(Artefacts.named(tmp_path, "a")) as draft,
    ):
        draft.write(broken(), 2 * len(CODES))
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_is_not_published_changes_nothing(tmp_path):
    before = drafted(tmp_path).prepared.read_bytes()
    with Draft.open(Artefacts.named(tmp_path, "a")) as draft:
        draft.write([(CODES[:100], alaw_decode(CODES[:100]))], 100)
    assert (tmp_path / "a.wav").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 4


def test_artefacts_have_the_rights_that_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        mode = stat.S_IMODE(drafted(tmp_path).prepared.stat().st_mode)
    finally:
        os.umask(before)
    assert mode == 0o640


# Comparisons


def test_the_same_sound_is_recognised_in_all_three_forms():
    pcm = alaw_decode(CODES).astype("<i2").tobytes()
    wav = riff(fmt(), chunk(b"data", pcm))
    alaw_wav = riff(fmt(tag=6, bits=8), chunk(b"data", CODES.tobytes()))
    for stored, form in (
        (CODES.tobytes(), "A-law"),
        (pcm, "16-bit PCM"),
        (wav, "WAV (pcm_s16le)"),
        (alaw_wav, "WAV (alaw)"),
    ):
        told = compare(CODES, stored)
        assert (told.identical, told.form) == (True, form)


def test_a_difference_is_measured():
    rng = np.random.default_rng(8)
    voice = (rng.standard_normal(90_000) * 3_000).astype(np.int16)
    wanted = alaw_encode(voice)
    late = np.concatenate([np.full(25, 0xD5, np.uint8), alaw_encode(voice // 2)])
    told = compare(wanted, late.tobytes())
    assert not told.identical
    assert told.offset_samples == 25
    assert told.level_db == pytest.approx(-6.02, abs=0.05)
    # Half the level lands on the same mantissas: only the rounding differs.
    assert told.snr_db > 25


def test_what_only_comes_later_is_otherwise_the_same():
    late = np.concatenate([np.full(25, 0xD5, np.uint8), CODES])
    told = compare(CODES, late.tobytes())
    assert (told.identical, told.offset_samples) == (False, 25)
    assert told.sentence.endswith(
        "offset 25 samples, level +0.00 dB, otherwise the same"
    )


def test_what_is_only_alike_at_first_resembles_nothing():
    rng = np.random.default_rng(10)
    start = (rng.standard_normal(1 << 19) * 900).astype(np.int16)
    end = (rng.standard_normal(1 << 18) * 9_000).astype(np.int16)
    wanted = alaw_encode(np.concatenate([start, end]))
    stored = alaw_encode(np.concatenate([start, -end]))
    told = compare(wanted, stored.tobytes())
    assert (told.identical, told.offset_samples) == (False, None)


def test_one_wrong_byte_is_a_difference():
    stored = bytearray(CODES.tobytes())
    stored[4_000] ^= 1
    told = compare(CODES, bytes(stored))
    assert not told.identical
    assert (told.offset_samples, told.level_db) == (0, pytest.approx(0, abs=0.01))


def test_something_else_entirely_is_said_so():
    other = np.random.default_rng(9).integers(0, 256, 84_000, dtype=np.uint8).tobytes()
    told = compare(CODES, other)
    assert not told.identical
    assert "nothing in it resembles" in told.sentence


# Rules


FIT = Measurements(
    bytes=500_000,
    container="wav",
    codec="pcm_s16le",
    suffixes=(".wav",),
    suffix=".wav",
    container_name="a WAV file",
    rate=8_000,
    channels=1,
    frames=80_000,
    duration_s=10.0,
    declared_s=10.0,
    loudest_dbfs=-20.0,
    prepared_bytes=160_044,
    alaw_wav_bytes=80_058,
)


def codes_of(fixes=(), **changed):
    return [(f.code, str(f.severity)) for f in judge(replace(FIT, **changed), fixes)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"bytes": 20_000_000}, []),
        ({"bytes": 20_000_001}, [("too_large", "error")]),
        ({"prepared_bytes": 20_000_001}, [("too_large", "error")]),
        (
            {"prepared_bytes": 40_000_000, "alaw_wav_bytes": 20_000_001},
            [("too_large", "error")],
        ),
        ({"frames": 79_999, "duration_s": 9.999875}, [("too_short", "error")]),
        ({"declared_s": 10.29}, []),
        ({"declared_s": 10.31}, [("truncated", "error")]),
        ({"declared_s": 100.0, "duration_s": 98.1, "frames": 784_800}, []),
        ({"ends_in_mid_frame": True}, [("truncated", "warning")]),
        ({"suffix": ".mp3"}, [("wrong_extension", "warning")]),
        ({"suffix": ".WAV".lower()}, []),
        ({"suffix": ""}, []),
        ({"container": "ogg", "codec": "ogg"}, [("unsupported", "error")]),
        ({"container": "mpeg", "codec": "mp3"}, []),
        ({"container": "mpeg", "codec": "mp2"}, [("unsupported", "error")]),
        ({"loudest_dbfs": -55.1}, [("silent", "error")]),
        ({"dead_channels": (2,), "channels": 2}, [("silent_channel", "warning")]),
        ({"mono_loss_db": 5.9}, []),
        ({"mono_loss_db": 6.1}, [("phase_cancellation", "warning")]),
        (
            {"mono_loss_db": 1.0, "correlation": -0.51},
            [("phase_cancellation", "warning")],
        ),
        ({"mono_loss_db": 12.1}, [("phase_cancellation", "error")]),
        (
            {"mono_loss_db": float("inf"), "loudest_dbfs": -90.0},
            [("phase_cancellation", "error")],
        ),
    ],
)
def test_rules_fire_at_their_limits_and_not_before(changed, expected):
    assert codes_of(**changed) == expected


def test_what_is_mended_is_info_and_does_not_refuse():
    short = {"frames": 79_000, "duration_s": 9.875}
    assert codes_of(["duration"], **short) == [("too_short", "info")]
    assert codes_of(["size"], bytes=10**8) == [("too_large", "info")]
    assert codes_of(["size"], alaw_wav_bytes=10**8) == [("too_large", "error")]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("empty", Verdict.UNREADABLE),
        ("undecodable", Verdict.UNREADABLE),
        ("not_found", Verdict.UNREADABLE),
        ("truncated", Verdict.REFUSED),
        ("invalid_samples", Verdict.REFUSED),
    ],
)
def test_the_verdict_follows_the_worst_finding(code, verdict):
    from voiceprep.audio.rules import Finding

    found = [Finding(code, Severity.ERROR, "x"), Finding("y", Severity.WARNING, "x")]
    assert verdict_of(found) is verdict
    assert verdict_of(found[1:]) is Verdict.FIT_WITH_WARNINGS


def test_every_sentence_of_the_table_can_be_said():
    known = replace(FIT, gain_db=1.0, hum_hz=50)
    for rule in RULES:
        for asked in (False, True):
            found = rule.finding(1.0, known, Limits(), asked=asked)
            assert "{" not in found.message + found.remedy
            assert (found.fix is None) == (asked or rule.fix is None)
