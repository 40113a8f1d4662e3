"""What is measured of a recording: against sound made to have it, or not."""

import math
from dataclasses import replace

import numpy as np
import pytest
from material import tone

from voiceprep.audio.clipping import ClippingMeter
from voiceprep.audio.dropout import DropoutMeter, dropouts
from voiceprep.audio.hum import HumMeter
from voiceprep.audio.measure import SignalMeter, chunks
from voiceprep.audio.runs import MAX_SPANS, add_span, runs
from voiceprep.audio.scratch import Scratch
from voiceprep.audio.silence import FrameMeter
from voiceprep.audio.slide import mean_of_each, sliding_max
from voiceprep.audio.spectrum import Spectrum, SpectrumMeter, speed, tempo_hz
from voiceprep.audio.units import Rows, dbfs, quantile

STEPS = 32_768.0


def in_blocks(samples, size):
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def room(seconds, dbfs_, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(round(8_000 * seconds)) * STEPS * 10 ** (dbfs_ / 20)


# Quantiles


@pytest.mark.parametrize("size", [1, 2, 3, 40, 41, 1_500])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.1, 0.5, 0.95, 1.0])
def test_a_quantile_is_numpy_s_to_the_last_bit(size, share):
    levels = np.random.default_rng(size).normal(-40, 15, size).astype(np.float32)
    table = np.random.default_rng(size).exponential(1.0, (size, 12))
    assert quantile(levels, share) == np.percentile(levels, share * 100)
    assert np.array_equal(quantile(table, share), np.quantile(table, share, axis=0))


# Clipping


def clipping(samples, rate=44_100, size=65_536):
    samples = np.asarray(samples, np.float32).reshape(len(samples), -1)
    meter = ClippingMeter(rate)
    for block in in_blocks(samples, size):
        meter.feed(block, float(block.max()), -float(block.min()))
    return meter.finish()


def to_16_bits(samples):
    return np.rint(samples * 32_767) / 32_768


def test_every_cut_peak_of_a_wave_counts_above_and_below():
    # 100 periods, each cut once above and once below.
    cut = np.clip(tone(44_100, 200, 0.5, 2.0), -1, 1)
    found = clipping(to_16_bits(cut))
    assert found.runs == 200
    assert found.spans == ((pytest.approx(0.0005, abs=0.001), 0.5),)


@pytest.mark.parametrize("gain", [1.0, 0.3, 0.05])
def test_clipping_is_found_where_it_was_turned_down_after(gain):
    cut = np.clip(tone(44_100, 200, 0.5, 2.0), -1, 1) * gain
    assert clipping(to_16_bits(cut)).runs == 200


@pytest.mark.parametrize("hz", [80, 200, 1_000])
@pytest.mark.parametrize("amplitude", [1.0, 0.9, 0.1, 0.01])
def test_a_whole_wave_is_not_clipped_however_loud_or_quiet(hz, amplitude):
    assert clipping(to_16_bits(tone(44_100, hz, 1, amplitude))).runs == 0


def test_coarse_steps_of_alaw_are_no_clipping():
    from voiceprep.audio.g711 import alaw_decode, alaw_encode

    wave = np.rint(tone(8_000, 110, 2, 0.8) * 32_767).astype(np.int16)
    assert clipping(alaw_decode(alaw_encode(wave)) / STEPS, 8_000).runs == 0


@pytest.mark.parametrize("size", [50, 777, 4_096, 100_000])
def test_clipping_is_the_same_for_every_block_size(size):
    cut = to_16_bits(np.clip(tone(44_100, 310, 1, 1.5), -1, 1))
    assert clipping(cut, size=size).runs == clipping(cut, size=44_100).runs


def test_one_channel_of_two_may_be_clipped():
    both = np.stack(
        [tone(44_100, 200, 0.5, 0.5), np.clip(tone(44_100, 200, 0.5, 2.0), -1, 1)], 1
    )
    assert clipping(to_16_bits(both)).runs == 200


def test_a_higher_moment_makes_what_was_flat_before_no_maximum():
    flat = np.full(100, 0.5)
    wave = np.concatenate([flat, tone(44_100, 300, 0.1, 0.9)])
    assert clipping(to_16_bits(wave)).runs == 0


# Dropouts


def torn(samples, level_dbov=-9.0, rate=8_000, size=10_000):
    meter = DropoutMeter(rate)
    for block in in_blocks(samples.astype(np.float32), size):
        meter.feed(block)
    return dropouts(meter.finish(), level_dbov)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_a_hole_in_running_sound_is_found_where_it_is(rate):
    wave = tone(rate, 300, 2, 0.5)
    wave[rate : rate + round(0.03 * rate)] = 0
    (span,) = torn(wave, rate=rate)
    assert span == (pytest.approx(1.0, abs=0.002), pytest.approx(1.03, abs=0.002))


def test_what_fades_out_and_in_is_a_pause():
    wave = tone(8_000, 300, 2, 0.5)
    fade = np.concatenate(
        [np.linspace(1, 0, 400), np.zeros(240), np.linspace(0, 1, 400)]
    )
    wave[7_600:8_640] *= fade
    assert torn(wave) == ()


@pytest.mark.parametrize("seconds", [0.01, 0.5])
def test_shorter_and_longer_holes_are_no_dropouts(seconds):
    wave = tone(8_000, 300, 2, 0.5)
    wave[8_000 : 8_000 + round(8_000 * seconds)] = 0
    assert torn(wave) == ()


@pytest.mark.parametrize("size", [1_003, 65_536])
def test_dropouts_are_the_same_for_every_block_size(size):
    wave = tone(44_100, 300, 2, 0.5)
    wave[30_000:31_500] = wave[60_000:61_500] = 0
    assert torn(wave, rate=44_100, size=size) == torn(wave, rate=44_100, size=88_200)


def plosives(closures, rate=22_050):
    """A voice that is digitally silent for 44 ms before every plosive."""
    burst = np.linspace(0.03, 0.2, rate // 20) * np.sign(tone(rate, 2_000, 0.05))
    vowel, still = tone(rate, 200, 0.3, 0.5), np.zeros(round(0.044 * rate))
    return np.concatenate([np.concatenate([vowel, still, burst])] * closures)


def test_a_synthetic_voice_is_not_torn_at_each_plosive():
    assert torn(plosives(8), rate=22_050) == ()


def test_a_hole_in_a_synthetic_voice_is_told_from_its_plosives_by_its_length():
    voice = plosives(8)
    voice[44_100 : 44_100 + 662] = 0  # 30 ms, within the sixth vowel
    (span,) = torn(voice, rate=22_050)
    assert span[0] == pytest.approx(2.0, abs=0.002)


# Silences and noise


def frames_of(samples, still=0.5, size=7_777):
    meter = FrameMeter()
    for block in in_blocks(samples, size):
        meter.feed(block)
    return meter.finish(still)


def test_silences_are_measured_at_both_ends_and_within():
    voice = tone(8_000, 300, 1, 0.3) * STEPS
    parts = [room(3, -70), voice, room(2.5, -70), voice, room(1.5, -70)]
    silences = frames_of(np.concatenate(parts)).silences(level_dbov=-20.0)
    assert silences.leading_s == pytest.approx(3.0, abs=0.02)
    assert silences.trailing_s == pytest.approx(1.5, abs=0.02)
    assert silences.longest_pause_s == pytest.approx(2.5, abs=0.04)
    assert silences.pauses == (
        (pytest.approx(4, abs=0.02), pytest.approx(6.5, abs=0.02)),
    )


@pytest.mark.parametrize("gain_db", [0, -25])
def test_soft_speech_is_no_silence_however_quiet_the_recording(gain_db):
    # 25 dB under the loud words, as the ends of words are.
    voice = np.concatenate(
        [tone(8_000, 300, 2, 0.3), tone(8_000, 300, 2, 0.017), tone(8_000, 300, 2, 0.3)]
    )
    frames = frames_of(voice * STEPS * 10 ** (gain_db / 20))
    assert frames.silences(-13.0 + gain_db).longest_pause_s == 0


def test_a_click_does_not_end_a_silence():
    still = room(4, -75)
    still[16_000:16_080] = 3_000
    voice = tone(8_000, 300, 1, 0.3) * STEPS
    silences = frames_of(np.concatenate([still, voice])).silences(-20.0)
    assert silences.leading_s == pytest.approx(4.0, abs=0.02)


def test_the_noise_floor_leaves_digital_silence_out():
    parts = [tone(8_000, 300, 4, 0.3) * STEPS, room(2, -60), np.zeros(80_000)]
    frames = frames_of(np.concatenate(parts))
    assert frames.floor_dbfs == pytest.approx(-60, abs=0.5)
    assert frames.loud_dbfs == pytest.approx(20 * math.log10(0.3) - 3.01, abs=0.05)


def test_levels_are_those_of_the_plain_sum_for_every_block_size():
    samples = room(2, -30)
    plain = samples.reshape(-1, 160)
    expected = 10 * np.log10((plain**2).mean(axis=1)) - 20 * math.log10(STEPS)
    for size in (1, 159, 4_000):
        assert frames_of(samples, size=size).levels == pytest.approx(expected, abs=1e-4)


# Hum


def hum_of(samples):
    meter = HumMeter()
    for block in in_blocks(samples, 26_368):
        meter.feed(block)
    return meter.finish()


@pytest.mark.parametrize("hz", [50, 60, 100, 120, 150, 180])
def test_hum_is_found_by_its_frequency_and_level(hz):
    line = np.sqrt(2) * 10 ** (-50 / 20) * tone(8_000, hz, 8, 1.0) * STEPS
    found = hum_of(line + room(8, -70))
    # A line between two bins, after averaging eight samples to one: 0.6 dB low; and
    # noise now and then takes some of it.
    assert (found.hz, found.level_dbfs) == (hz, pytest.approx(-50, abs=1))
    assert found.over_db > 30


@pytest.mark.parametrize("hz", [50, 60, 100])
def test_hum_is_found_under_a_voice_that_hardly_pauses(hz):
    n = np.arange(64_000) / 8_000
    pitch = 130 + 25 * np.sin(2 * np.pi * 0.7 * n)  # speech melody
    voice = np.sin(2 * np.pi * np.cumsum(pitch) / 8_000) * STEPS * 0.14
    voice *= 0.55 + 0.45 * np.sin(2 * np.pi * 4 * n)  # syllables
    line = np.sqrt(2) * 10 ** (-50 / 20) * tone(8_000, hz, 8, 1.0) * STEPS
    assert hum_of(voice).over_db < 8
    found = hum_of(voice + line)
    assert (found.hz, found.over_db > 11) == (hz, True)


def test_a_noisy_room_does_not_hum():
    assert hum_of(room(8, -40)).over_db < 15


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(80_000)])
def test_silence_does_not_hum(samples):
    assert hum_of(samples).hz == 0


# Spectrum and tempo


def spectrum_of(samples, size=5_000):
    meter = SpectrumMeter()
    for block in in_blocks(samples, size):
        meter.feed(block)
    return meter.finish()


def test_the_telephone_band_keeps_what_lies_in_it():
    assert spectrum_of(tone(8_000, 1_000, 2) * STEPS).band_loss_db < 0.01
    assert spectrum_of(tone(8_000, 150, 2) * STEPS).band_loss_db > 30


def test_equal_tones_within_and_below_the_band_lose_three_decibels():
    both = (tone(8_000, 1_000, 4) + tone(8_000, 150, 4)) * STEPS
    found = spectrum_of(both)
    assert found.band_loss_db == pytest.approx(3.01, abs=0.1)
    assert found.low_share == pytest.approx(0.5, abs=0.01)


def pulses(hz, seconds):
    """A buzz with all harmonics from 500 Hz up, as a voice through a small hole."""
    n = np.arange(round(8_000 * seconds)) / 8_000
    harmonics = [k * hz for k in range(1, 100) if 500 < k * hz < 3_000]
    return sum(np.sin(2 * np.pi * f * n) for f in harmonics) * 1_000


@pytest.mark.parametrize("hz", [100, 210, 400])
def test_the_pitch_is_found_without_its_fundamental(hz):
    assert spectrum_of(pulses(hz, 4)).pitch_hz == pytest.approx(hz, rel=0.03)


def test_the_tempo_is_that_of_the_syllables():
    n = np.arange(1_000)
    levels = np.float32(-30 + 8 * np.sin(2 * np.pi * 5 * n / 50))
    assert tempo_hz(levels, -22.0) == pytest.approx(5.0, abs=0.1)
    assert tempo_hz(levels[:100], -22.0) is None


def test_the_speed_is_the_mean_of_pitch_tempo_and_timbre_over_the_usual():
    usual = Spectrum(1.0, 0.01, centroid_hz=520, pitch_hz=200)
    assert speed(usual, 4.2) == pytest.approx(1.0)
    double = Spectrum(1.0, 0.01, centroid_hz=1_040, pitch_hz=400)
    assert speed(double, 8.4) == pytest.approx(2.0)
    # A telephone's filter brightens a voice, and does not make it fast.
    assert speed(replace(usual, centroid_hz=1_040), 4.2) < 1.33


def test_a_voice_with_a_deep_part_is_at_its_own_speed():
    deep = Spectrum(1.0, 0.09, centroid_hz=1_040, pitch_hz=400)
    assert speed(deep, 8.4) is None


def test_whispering_has_no_pitch():
    hiss = np.diff(room(4, -30), 2)  # nothing under 300 Hz, no voice
    assert spectrum_of(hiss).pitch_hz is None
    assert speed(spectrum_of(hiss), 6.5) is None


# All together, and their tools


def test_measures_are_the_same_for_every_block_size():
    samples = room(6, -25) * np.repeat([1, 0.05, 1], 16_000)

    def measured(size):
        meter = SignalMeter()
        for _ in meter.after(meter.before(in_blocks(samples, size))):
            pass
        return meter.finish()

    one, other = measured(4_000), measured(30_011)
    assert one.speech == other.speech
    assert one.hum == other.hum
    assert (one.frames.levels == other.frames.levels).all()
    assert one.peak == other.peak


def test_overloads_are_counted():
    meter = SignalMeter()
    for _ in meter.after([np.array([40_000.0, -32_768.0, -33_000.0, 5.0])]):
        pass
    assert meter.finish().overloads == 2


@pytest.mark.parametrize("width", [1, 2, 3, 7, 101, 200])
def test_sliding_maximum_and_mean_are_those_of_plain_windows(width):
    values = np.random.default_rng(width).standard_normal(200)
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    assert (sliding_max(values, width) == windows.max(axis=1)).all()
    assert mean_of_each(values, width) == pytest.approx(windows.mean(axis=1), abs=1e-12)


def test_runs_touch_the_edges_and_none_is_none():
    assert [e.tolist() for e in runs(np.ones(3, bool))] == [[0], [3]]
    assert [e.tolist() for e in runs(np.zeros(3, bool))] == [[], []]
    assert [e.tolist() for e in runs(np.zeros(0, bool))] == [[], []]


def test_spans_are_bounded():
    spans = []
    for at in range(1_000):
        add_span(spans, at, at + 0.5)
    assert len(spans) == MAX_SPANS


def test_rows_and_chunks_lose_nothing():
    samples = np.arange(1_000.0)
    rows, got = Rows(7), []
    for block in in_blocks(samples, 37):
        got += [part.ravel() for part in rows.feed(block)]
    assert (np.concatenate(got) == samples[: 1_000 // 7 * 7]).all()
    assert (np.concatenate(list(chunks(in_blocks(samples, 37), 64))) == samples).all()


def test_a_scratch_moves_to_a_file_and_back_comes_what_went_in():
    data = np.random.default_rng(1).bytes(3 << 20)
    with Scratch() as scratch:
        for at in range(0, len(data), 100_000):
            scratch.write(data[at : at + 100_000])
        assert not scratch.in_memory
        assert b"".join(scratch.blocks(65_536)) == data
        assert b"".join(scratch.blocks(1 << 20)) == data  # as often as wanted


def test_no_power_is_no_level():
    assert dbfs(0.0) == -math.inf
