"""Outlines and spectrograms: against plain loops and ideal tones."""

import numpy as np
import pytest
from material import tone

from voiceprep.audio.picture import FLOOR_DB, envelope, spectrogram


def in_blocks(samples, size):
    return [samples[at : at + size] for at in range(0, len(samples), size)]


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
