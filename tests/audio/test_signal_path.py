"""Mix, resample, high-pass, gate: each against ideal tones."""

import io
import math

import numpy as np
import pytest
from material import chunk, fmt, riff, tone

from voiceprep.audio.downmix import EVERY, PowerMeter, mix, powers_of
from voiceprep.audio.gate import gate
from voiceprep.audio.highpass import BLOCK_SAMPLES, highpass, kernel
from voiceprep.audio.resample import Resampler, resample, resampled_length
from voiceprep.pipeline.recording import check

RATES = (44_100, 48_000, 32_000, 22_050, 16_000, 11_025)


def amplitude(samples, rate, hz):
    """Fit a sine by least squares; return its amplitude and phase in radians."""
    n = np.arange(len(samples)) / rate
    basis = np.stack([np.sin(2 * np.pi * hz * n), np.cos(2 * np.pi * hz * n)], axis=1)
    (a, b), *_ = np.linalg.lstsq(basis, samples.astype(np.float64), rcond=None)
    return math.hypot(a, b), math.atan2(b, a)


# Mixing


def test_equal_channels_lose_nothing_and_opposite_ones_all():
    one = tone(44_100, 300, 1)
    same = powers_of(np.stack([one, one], axis=1), 44_100)
    against = powers_of(np.stack([one, -one], axis=1), 44_100)
    assert same.mono_loss_db == pytest.approx(0, abs=1e-4)
    assert same.correlation == pytest.approx(1, abs=1e-4)
    assert against.mono_loss_db == math.inf
    assert against.correlation == pytest.approx(-1, abs=1e-4)


def test_voices_without_relation_lose_three_decibels():
    both = np.random.default_rng(1).standard_normal((400_000, 2)).astype(np.float32)
    # 10 log10 2; the worst of nine seconds of 6,300 counted frames is a little more.
    told = powers_of(both * 0.1, 44_100)
    assert told.mono_loss_db == pytest.approx(3.01, abs=0.15)
    assert told.correlation == pytest.approx(0, abs=0.04)


@pytest.mark.parametrize(("gap_db", "live"), [(39, (0, 1)), (41, (0,))])
def test_a_channel_forty_decibels_down_is_dead(gap_db, live):
    one = tone(44_100, 300, 1)
    other = one * 10 ** (-gap_db / 20)
    assert powers_of(np.stack([one, other], axis=1), 44_100).live == live


def test_a_channel_that_speaks_for_a_moment_is_live():
    # One second in ten minutes, 28 dB down in power: not dead.
    both = np.zeros((600 * 8_000, 2), np.float32)
    both[:, 0] = np.resize(tone(8_000, 200, 10), len(both))
    both[4_000_000:4_008_000, 1] = tone(8_000, 300, 1)
    assert powers_of(both, 8_000).live == (0, 1)


def loss_of(block):
    """Mix one block by the definition, all frames; return what it costs, in dB."""
    block = block.astype(np.float64) - block.mean(axis=0)
    return 10 * np.log10(
        (block**2).mean(axis=0).mean() / (block.mean(axis=1) ** 2).mean()
    )


def test_powers_of_a_seventh_of_the_frames_equal_powers_of_all(speech):
    both = np.stack([speech, np.roll(speech, 30) * 0.5], axis=1)
    told = powers_of(both, 44_100)
    assert told.counts.sum() == math.ceil(len(both) / EVERY)
    seconds = np.split(both, range(44_100, len(both), 44_100))
    loudest = max((second**2).mean() for second in seconds)
    exact = max(loss_of(s) for s in seconds if (s**2).mean() > loudest / 100)
    # A tenth of a decibel: thresholds lie at 6, 12 and 40.
    assert told.mono_loss_db == pytest.approx(exact, abs=0.1)


def test_powers_are_the_same_however_the_source_comes_in_blocks(speech):
    both = np.stack([speech, np.roll(speech, 30) * 0.5], axis=1)
    meter, at = PowerMeter(44_100, 2), 0
    for size in (1, 5, 30_000, 44_099, 44_101, 200_000, len(both)):
        meter.feed(both[at : at + size])
        at += size
    pieces, whole = meter.finish(), powers_of(both, 44_100)
    assert (pieces.counts == whole.counts).all()
    assert pieces.products == pytest.approx(whole.products, rel=1e-9)


def test_channels_that_cancel_for_a_second_only_are_found(speech):
    both = np.stack([speech, speech], axis=1)
    both[5 * 44_100 : 6 * 44_100, 1] *= -1
    told = powers_of(both, 44_100)
    assert told.mono_loss_db == math.inf
    assert told.correlation == pytest.approx(-1, abs=1e-4)


def test_what_is_soft_between_the_words_is_no_loss(speech):
    both = np.stack([speech, speech], axis=1)
    both[44_100 : 2 * 44_100] *= [0.01, -0.01]  # 40 dB down: room, not voice
    assert powers_of(both, 44_100).mono_loss_db == pytest.approx(0, abs=1e-3)


def test_an_offset_hides_no_cancellation_and_makes_none(speech):
    against, along = np.stack([speech, -speech], 1), np.stack([speech, speech], 1)
    # By the mean alone, the offset would keep the mix up, and then take it away.
    assert powers_of(against + np.float32(0.3), 44_100).mono_loss_db > 40
    offset = np.array([0.3, -0.3], np.float32)
    assert powers_of(along + offset, 44_100).mono_loss_db == pytest.approx(0, abs=1e-3)


def test_a_dead_channel_hides_no_cancellation(speech):
    nothing = np.zeros_like(speech)
    told = powers_of(np.stack([speech, nothing, -speech], axis=1), 44_100)
    assert (told.live, told.mono_loss_db) == ((0, 2), math.inf)


def test_a_channel_of_offset_alone_is_dead(speech):
    offset = np.full_like(speech, 0.2)
    assert powers_of(np.stack([offset, speech], axis=1), 44_100).live == (1,)


def test_a_recording_that_cancels_for_a_part_is_refused_and_mended(speech):
    both = np.stack([speech, speech], axis=1)
    both[5 * 44_100 : 7 * 44_100, 1] *= -1
    form = fmt(tag=3, channels=2, rate=44_100, bits=32)
    raw = riff(form, chunk(b"data", both.astype("<f4").tobytes()))
    found = {f.code: str(f.severity) for f in check(io.BytesIO(raw)).findings}
    assert found["phase_cancellation"] == "error"
    result = check(io.BytesIO(raw), fixes=["phase"])
    found = {f.code: str(f.severity) for f in result.findings}
    assert found["phase_cancellation"] == "info"


def test_silence_is_not_worth_comparing():
    quiet = tone(8_000, 400, 1, amplitude=1e-4)[:, np.newaxis] * [1, -1]
    assert powers_of(quiet.astype(np.float32), 8_000).mono_loss_db == 0


def test_the_mix_is_the_mean_and_one_channel_is_itself():
    block = np.array([[0.5, 0.1, 0.3]], np.float32)
    assert mix(block)[0] == pytest.approx(0.3)
    assert mix(block, (1,))[0] == np.float32(0.1)


# Resampling


@pytest.mark.parametrize("rate", RATES)
def test_length_is_exact_and_python_round_agrees(rate):
    for frames in (0, 1, rate, 10 * rate + 1, 441_441, 77_777):
        assert len(resample(np.zeros(frames, np.float32), rate)) == resampled_length(
            frames, rate
        )
        assert resampled_length(frames, rate) == round(frames * 8_000 / rate)


@pytest.mark.parametrize("rate", RATES)
def test_the_telephone_band_is_flat_and_undelayed(rate):
    for hz in (50, 300, 1_000, 2_500, 3_400):
        heard = resample(tone(rate, hz, 2), rate)[2_000:-2_000]
        level, phase = amplitude(heard, 8_000, hz)
        # Phase counts from the first sample of the stretch, 2,000 in.
        expected = (2 * math.pi * hz * 2_000 / 8_000) % (2 * math.pi)
        late = (expected - phase + math.pi) % (2 * math.pi) - math.pi
        assert abs(20 * math.log10(level / 0.5)) <= 0.01
        assert abs(late / (2 * math.pi * hz / 8_000)) < 0.01  # samples


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate > 8_000])
def test_tones_above_the_band_leave_nothing(rate):
    for hz in (4_000, 4_050, 4_600, 5_000, rate / 2 - 100):
        heard = resample(tone(rate, hz, 2, 1.0), rate)[2_000:-2_000].astype(np.float64)
        # The worst line of the spectrum, under a window whose side lobes are lower.
        window = np.kaiser(len(heard), 24)
        spectrum = np.abs(np.fft.rfft(heard * window)) / (window.sum() / 2)
        assert 20 * math.log10(spectrum.max() + 1e-30) <= -145


def test_eight_kilohertz_pass_untouched():
    samples = np.random.default_rng(2).standard_normal(5_000).astype(np.float32)
    assert (resample(samples, 8_000) == samples).all()


def test_blocks_of_any_size_give_the_same_bits():
    samples = np.random.default_rng(3).standard_normal(200_000).astype(np.float32)
    whole = resample(samples, 44_100)
    for size in (1_000, 4_096, 65_536):
        resampler = Resampler(44_100)
        parts = [
            resampler.feed(samples[at : at + size])
            for at in range(0, len(samples), size)
        ]
        assert (np.concatenate([*parts, resampler.finish()]) == whole).all()


# High-pass


def response_db(hz):
    n = np.arange(len(kernel()))
    return 20 * math.log10(abs((kernel() * np.exp(-2j * np.pi * hz / 8_000 * n)).sum()))


def test_the_highpass_is_flat_where_voices_are():
    assert response_db(80) >= -0.1
    assert max(abs(response_db(hz)) for hz in range(150, 4_000, 7)) <= 0.001
    assert response_db(20) < -20  # rumble goes


def filtered(samples):
    blocks = (
        samples[at : at + BLOCK_SAMPLES] for at in range(0, len(samples), BLOCK_SAMPLES)
    )
    return np.concatenate(list(highpass(blocks)))


@pytest.mark.parametrize("length", [1, 100, 801, BLOCK_SAMPLES, 2 * BLOCK_SAMPLES + 7])
def test_the_highpass_equals_plain_convolution(length):
    samples = np.random.default_rng(length).standard_normal(length)
    plain = np.convolve(samples, kernel())[400 : 400 + length]
    assert np.abs(filtered(samples) - plain).max() < 1e-12


# Gate


def test_only_long_quiet_runs_are_silenced():
    samples = np.concatenate(
        [np.full(159, 7.0), [100.0], np.full(160, -7.9), [100.0], np.full(200, 8.0)]
    )
    heard = np.concatenate(list(gate([samples.copy()])))
    assert (heard[:159] == 7).all()
    assert (heard[160:320] == 0).all()
    assert (heard[321:] == 8).all()


@pytest.mark.parametrize("size", [1, 50, 159, 160, 161, 1_000])
def test_the_gate_gives_the_same_for_every_block_size(size):
    rng = np.random.default_rng(4)
    samples = rng.standard_normal(3_000) * np.repeat(rng.choice([1, 50], 30), 100)
    whole = np.concatenate(list(gate([samples.copy()])))
    parts = [samples[at : at + size].copy() for at in range(0, len(samples), size)]
    assert (np.concatenate(list(gate(parts))) == whole).all()
    assert (whole == 0).any()
