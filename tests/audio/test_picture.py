"""Outlines and spectrograms: against plain loops and ideal tones."""

import numpy as np
import pytest
from material import tone

from voiceprep.audio.picture import (
    FLOOR_DB,
    Envelope,
    Spectrogram,
    envelope,
    spectrogram,
)

RATE = 8_000


def in_blocks(samples, size):
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def noise(frames, channels, seed=7):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (frames, channels)).astype(np.float32)


def drawn_of(drawn, blocks):
    for block in blocks:
        drawn.take(block)
    return drawn.finish()


@pytest.mark.parametrize("size", [7, 1_000, 65_536])
def test_the_outline_holds_the_extremes_of_each_stretch(size):
    samples = np.random.default_rng(1).standard_normal(10_007).astype(np.float32)
    outline = envelope(in_blocks(samples, size), len(samples), 90)
    owner = np.arange(len(samples)) * 90 // len(samples)
    plain = [[samples[owner == n].min(), samples[owner == n].max()] for n in range(90)]
    assert outline.tolist() == np.array(plain, np.float32).tolist()


def test_the_outline_of_less_sound_than_points_has_gaps_of_zero():
    assert envelope([np.array([1.0, -1.0])], 2, 4).tolist() == [
        [1, 1],
        [0, 0],
        [-1, -1],
        [0, 0],
    ]


def test_a_full_scale_tone_shows_at_0_db_in_its_band_and_nowhere_else():
    picture = spectrogram([tone(8_000, 1_000, 2, 1.0)], 16_000, 20, 32)
    inner = picture[:, 2:-2]
    assert inner[8] == pytest.approx(0, abs=0.1)  # 8 × 125 Hz = 1,000 Hz
    far = np.delete(inner, [7, 8, 9], axis=0)
    assert far.max() < -60  # Hann's side lobes


def test_a_tone_shows_when_it_sounds():
    samples = np.concatenate([np.zeros(8_000, np.float32), tone(8_000, 500, 1)])
    picture = spectrogram([samples], 16_000, 10, 8)
    assert (picture[1, :4] == FLOOR_DB).all()
    assert (picture[1, 6:] > -10).all()


@pytest.mark.parametrize("size", [100, 4_096, 16_001])
def test_the_spectrogram_is_the_same_for_every_block_size(size):
    samples = np.random.default_rng(2).standard_normal(16_001).astype(np.float32)
    whole = spectrogram([samples], len(samples), 50)
    assert (spectrogram(in_blocks(samples, size), len(samples), 50) == whole).all()


@pytest.mark.parametrize("size", [1, 999, 65_536])
def test_both_are_the_same_for_every_block_size_of_stereo(size):
    samples = noise(RATE, 2)
    for make in (lambda: Envelope(RATE, 60), lambda: Spectrogram(44_100, RATE, 40)):
        whole = drawn_of(make(), [samples])
        blocks = [samples[:0], *in_blocks(samples, size), samples[:0]]
        assert np.array_equal(drawn_of(make(), blocks), whole)


def test_the_outline_of_stereo_holds_the_extremes_of_both_channels():
    samples = np.array([[0.1, -0.2], [0.3, 0.0]], np.float32)
    low, high = drawn_of(Envelope(2, 1), [samples])[0]
    assert (low, high) == (np.float32(-0.2), np.float32(0.3))


def test_frames_beyond_those_announced_count_towards_the_last_point():
    drawn = drawn_of(Envelope(10, 5), [np.zeros((10, 1)), np.full((3, 1), 0.75)])
    assert drawn[-1].tolist() == [0.0, 0.75]
    assert drawn[:-1].max() == 0.0


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("hz", [310, 1_060, 3_320])
def test_a_tone_of_any_rate_stands_in_its_row_with_its_level(rate, hz):
    samples = tone(rate, hz, 1.0, amplitude=0.5)
    drawn = drawn_of(Spectrogram(rate, rate, 300, top_hz=8_000), [samples])
    inner = drawn[:, 5:-5]  # the windows at the ends see the edges
    assert set(inner.argmax(axis=0)) == {int(hz // 125)}
    # Half of full scale is −6.02 dB; a Hann window reads up to 1.42 dB less between
    # bins (Harris 1978, scalloping loss).
    assert -6.02 - 1.5 < inner.max() < -6.02 + 0.1


def plain_power(samples):
    """Return the power of each bin of Hann's window, the channels added."""
    size = len(samples)
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    spectra = np.fft.rfft(samples.T.astype(float) * shape)
    return (np.abs(spectra * 4 / size) ** 2).sum(axis=0)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_spectrogram_is_that_of_each_channel_by_itself(channels):
    """In float64, window by window: 1024 samples at 44.1 kHz."""
    loudness = np.array([1.0, 0.01, 0.3], np.float32)[:channels]
    samples = noise(44_100, channels) * loudness
    drawn = drawn_of(Spectrogram(44_100, 44_100, 6, top_hz=8_000), [samples])
    band_of = np.floor(np.arange(513) * 44_100 / 1_024 / 125)
    plain = []
    for middle in (np.arange(24) + 0.5) * 44_100 / 24:
        power = plain_power(samples[int(middle) - 512 : int(middle) + 512])
        plain.append([power[band_of == band].max() for band in range(64)])
    means = np.reshape(plain, (6, 4, 64)).mean(axis=1)
    difference = drawn.T - 10 * np.log10(means)
    assert np.abs(difference).max() < 1e-3  # float32 against float64


def test_bands_above_half_the_rate_stay_at_the_floor():
    drawn = drawn_of(Spectrogram(RATE, RATE, 300, top_hz=8_000), [noise(RATE, 1)])
    assert drawn[33:].max() == FLOOR_DB
    assert drawn[:32].min() > -100


@pytest.mark.parametrize("frames", [0, 1, 10, 255, 256, 257])
def test_a_recording_of_a_few_samples_is_drawn_too(frames):
    blocks = [noise(frames, 1)] if frames else []
    drawn = drawn_of(Spectrogram(RATE, frames, 30), blocks)
    outline = drawn_of(Envelope(frames, 30), blocks)
    assert (drawn.shape, outline.shape) == ((64, 30), (30, 2))
    assert np.isfinite(drawn).all()
    assert np.isfinite(outline).all()


def test_more_frames_than_announced_are_left_out_and_fewer_are_silence():
    samples = noise(2 * RATE, 1)
    announced = drawn_of(Spectrogram(RATE, RATE, 10), [samples[:RATE]])
    assert np.array_equal(drawn_of(Spectrogram(RATE, RATE, 10), [samples]), announced)
    short = drawn_of(Spectrogram(RATE, 2 * RATE, 10), [samples[:RATE]])
    assert short[:, 6:].max() == FLOOR_DB
