"""From audio to what the recipient hears, as A-law codes."""

import audioop
import io
from functools import partial

import numpy as np
import pytest
from material import chunk, fmt, riff, tone

from voiceprep.audio.decode import Decoded, pour
from voiceprep.audio.g711 import FIXED_POINT, alaw_decode
from voiceprep.audio.gather import gather
from voiceprep.audio.identify import identify
from voiceprep.audio.prepare import codes, pad_codes, prepare_audio
from voiceprep.audio.signal import Audio
from voiceprep.errors import UndecodableError


def prepared(raw):
    file = io.BytesIO(raw)
    with gather(partial(pour, file, identify(file))) as gathered:
        return gathered, np.concatenate(list(codes(gathered)))


def heard(samples, rate):
    return alaw_decode(prepare_audio(Audio(samples, rate)))


def test_what_goes_out_is_the_fixed_point_of_an_independent_encoder(speech):
    pcm = heard(speech, 44_100)
    again = audioop.alaw2lin(audioop.lin2alaw(pcm.astype("<i2").tobytes(), 2), 2)
    assert again == pcm.astype("<i2").tobytes()


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_the_length_is_exact(rate):
    frames = 3 * rate + 5
    assert len(heard(tone(rate, 300, 4)[:frames], rate)) == round(frames * 8_000 / rate)


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_one_percent_of_dc_leaves_one_step_at_most(rate):
    still = np.full(rate * 3, 0.01, np.float32)
    # One step of A-law's smallest: 8 of 32,768; edges included.
    assert np.abs(heard(still, rate).astype(int)).max() <= 8


def test_dc_under_a_voice_goes_and_the_voice_stays():
    voice = tone(8_000, 400, 3, 0.25)
    plain, lifted = heard(voice, 8_000), heard(voice + np.float32(0.02), 8_000)
    apart = np.abs(plain.astype(int) - lifted.astype(int))
    assert np.percentile(apart, 99) <= 256  # neighbouring codes at this level
    assert abs(float(lifted.mean())) < 30


def test_peaks_over_full_scale_saturate_and_never_wrap():
    pcm = heard(tone(8_000, 500, 2, 3.0), 8_000)
    assert pcm.max() == 32_256
    assert pcm.min() == -32_256
    # Where the sine is positive by far, nothing may have turned negative.
    assert (pcm[np.flatnonzero(tone(8_000, 500, 2, 3.0) > 1.5)] > 20_000).all()


def test_pauses_hold_plus_eight_and_nothing_else():
    quiet = np.zeros(8_000, np.float32)
    pcm = heard(
        np.concatenate([tone(8_000, 300, 1), quiet, tone(8_000, 300, 1)]), 8_000
    )
    assert set(pcm[9_000:15_000].tolist()) == {8}


def test_a_recording_that_is_prepared_already_passes_unchanged(speech):
    pcm = heard(speech, 44_100).astype("<i2")
    raw = riff(fmt(), chunk(b"data", pcm.tobytes()))
    gathered, again = prepared(raw)
    assert gathered.prepared_already
    assert alaw_decode(again).astype("<i2").tobytes() == pcm.tobytes()


def test_an_alaw_wav_passes_unchanged_code_for_code():
    every = np.tile(np.arange(256, dtype=np.uint8), 400)
    gathered, again = prepared(
        riff(fmt(tag=6, bits=8), chunk(b"data", every.tobytes()))
    )
    assert gathered.prepared_already
    assert (again == every).all()


def test_one_sample_off_the_fixed_point_makes_it_an_ordinary_recording():
    pcm = alaw_decode(np.tile(np.arange(256, dtype=np.uint8), 400)).copy()
    pcm[50_000] += 1
    gathered, _ = prepared(riff(fmt(), chunk(b"data", pcm.astype("<i2").tobytes())))
    assert not gathered.prepared_already


def test_the_live_channel_of_two_keeps_its_level(speech):
    both = np.stack([speech, np.zeros_like(speech)], axis=1)
    assert (heard(both, 44_100) == heard(speech, 44_100)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused_with_their_place(bad):
    samples = tone(8_000, 300, 2)
    samples[12_000] = bad
    with pytest.raises(UndecodableError, match=r"1\.500 s") as raised:
        prepare_audio(Audio(samples, 8_000))
    assert raised.value.code == "invalid_samples"


def test_no_sample_at_all_is_empty():
    with pytest.raises(UndecodableError) as raised:
        prepare_audio(Audio(np.zeros((0, 1), np.float32), 8_000))
    assert raised.value.code == "empty"


def test_blocks_of_any_size_give_the_same_codes(speech):
    def in_blocks(size):
        def of(sink):
            for at in range(0, len(speech), size):
                sink(speech[at : at + size, np.newaxis], 44_100)
            return Decoded(("memory",), 44_100, 1, len(speech))

        with gather(of) as gathered:
            return np.concatenate(list(codes(gathered)))

    whole = in_blocks(len(speech))
    assert all((in_blocks(size) == whole).all() for size in (777, 4_096, 65_536))


def test_a_long_recording_leaves_memory_for_a_file_and_stays_the_same():
    rng = np.random.default_rng(6)
    samples = (0.1 * rng.standard_normal(8_000 * 90)).astype(np.float32)

    def of(sink):
        sink(samples[:, np.newaxis], 8_000)
        return Decoded(("memory",), 8_000, 1, len(samples))

    with gather(of) as gathered:
        assert not gathered.signal.in_memory
        assert sum(map(len, codes(gathered))) == len(samples)


def test_padding_is_silence_to_exactly_ten_seconds():
    padded = np.concatenate(list(pad_codes([np.zeros(100, np.uint8)], 100)))
    assert len(padded) == 80_000
    assert set(alaw_decode(padded[100:]).tolist()) == {8}


def test_every_prepared_sample_is_a_level(speech):
    pcm = heard(speech, 44_100)
    assert FIXED_POINT[pcm.view(np.uint16)].all()
