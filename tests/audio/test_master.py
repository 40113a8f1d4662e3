"""Mastering: what it is to reach, what it must never do, and that it repeats itself."""

import audioop
import io
import math
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from material import tone

from voiceprep.audio.compressor import compressed
from voiceprep.audio.decode import Decoded, pour
from voiceprep.audio.g711 import alaw_decode
from voiceprep.audio.gather import gather
from voiceprep.audio.highpass import Tone, kernel
from voiceprep.audio.identify import identify
from voiceprep.audio.level import speech_level
from voiceprep.audio.limiter import Limiter
from voiceprep.audio.limits import MODES, Limits, mode_of
from voiceprep.audio.master import ceiling_of, gain_of
from voiceprep.audio.prepare import Order, prepare_signal
from voiceprep.audio.silence import Silences
from voiceprep.audio.trim import kept, silence_cuts, without
from voiceprep.errors import SettingsError

CEILING = 29_204  # facts.md: −1 dBFS; A-law makes 29,184 of it
TARGET_DBOV = -20.0
SAMPLES = ("clean.mp3", "vbr.mp3", "24-bit.wav", "float.wav", "alaw-8k.wav")


def in_blocks(samples, size):
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def mastered(samples, mode, rate=44_100, size=65_536, **named):
    """Prepare audio that comes in blocks; return what was done and the codes."""
    samples = np.asarray(samples, np.float32)[:, np.newaxis]

    def of(sink):
        for block in in_blocks(samples, size):
            sink(block, rate)
        return Decoded(("memory",), rate, 1, len(samples))

    with gather(of) as gathered:
        return finished(gathered, Order(mode, **named))


def finished(gathered, order):
    with prepare_signal(gathered, order) as prepared:
        return prepared, np.concatenate(list(prepared.codes()))


def mastered_file(path, mode):
    file = io.BytesIO(path.read_bytes())
    with gather(partial(pour, file, identify(file))) as gathered:
        return finished(gathered, Order(mode))


@pytest.fixture
def samples():
    from voiceprep.cli.demo import samples_folder

    return samples_folder()


@pytest.fixture
def talk(samples):
    """Speech of espeak-ng at 44.1 kHz, of the samples."""
    from voiceprep import decode

    audio, _ = decode(samples / "cd.wav")
    return audio.samples[:, 0]


# Levels


@pytest.mark.parametrize("gain_db", [-28, -14, 0, 9])
@pytest.mark.parametrize("mode", ["level", "clarity"])
def test_level_and_clarity_reach_the_target(talk, mode, gain_db):
    prepared, codes = mastered(talk * 10 ** (gain_db / 20), mode)
    assert prepared.level_dbov == pytest.approx(TARGET_DBOV, abs=0.3)  # issue 4
    heard = alaw_decode(codes).astype(float)
    again = speech_level(heard - heard.mean()).level_dbov
    assert again == pytest.approx(TARGET_DBOV, abs=0.3)


@pytest.mark.parametrize("name", SAMPLES)
def test_auto_leaves_what_lies_in_the_window_as_it_is(samples, name):
    off, plain = mastered_file(samples / name, "off")
    auto, codes = mastered_file(samples / name, "auto")
    assert -26 <= off.level_dbov <= -16
    assert (codes == plain).all()
    assert auto.plan.changes_nothing


@pytest.mark.parametrize(("gain_db", "changed"), [(-4, False), (-8, True), (7, True)])
def test_auto_changes_the_level_only_outside_the_window(talk, gain_db, changed):
    prepared, _ = mastered(talk * 10 ** (gain_db / 20), "auto")
    assert prepared.plan.changes_nothing is not changed
    if changed:
        assert prepared.level_dbov == pytest.approx(TARGET_DBOV, abs=0.3)


def test_what_was_levelled_is_level_already(talk):
    _, codes = mastered(talk * 0.1, "level")
    again = alaw_decode(codes) / np.float32(32_768)
    prepared, same = mastered(again, "level", rate=8_000)
    assert prepared.plan.changes_nothing
    assert (same == codes).all()


def test_silence_is_not_raised():
    rng = np.random.default_rng(1)
    prepared, codes = mastered(rng.standard_normal(400_000) * 1e-4, "level")
    assert prepared.plan.changes_nothing
    assert np.abs(alaw_decode(codes).astype(int)).max() <= 24


def test_where_nothing_is_heard_nothing_is_trimmed():
    rng = np.random.default_rng(1)
    prepared, codes = mastered(rng.standard_normal(400_000) * 1e-4, "auto", trim=True)
    assert prepared.plan.changes_nothing
    assert len(codes) == round(400_000 * 8_000 / 44_100)


def test_a_gain_has_two_places_and_a_bound():
    assert gain_of(-29.234567, Limits()) == 9.23
    assert gain_of(-90.0, Limits()) == 40.0


def test_an_unknown_mode_names_the_known_ones():
    with pytest.raises(SettingsError, match=", ".join(MODES)):
        mode_of("loud")


# Peaks


@pytest.mark.parametrize("mode", ["level", "clarity"])
def test_no_sample_passes_the_ceiling_before_or_after_alaw(talk, mode):
    hot = talk * np.float32(0.3)
    hot[100_000:100_100] = 0.9  # one moment far above the rest
    prepared, codes = mastered(hot, mode)
    assert prepared.peak * 32_768 <= CEILING + 1e-6
    assert np.abs(alaw_decode(codes).astype(int)).max() <= CEILING
    assert prepared.limited_s > 0


@pytest.mark.parametrize("ceiling_dbfs", [-1.0, -2.0, -3.5, -6.0])
def test_alaw_makes_nothing_larger_of_the_ceiling(ceiling_dbfs):
    ceiling = int(ceiling_of(Limits(ceiling_dbfs=ceiling_dbfs)))
    told = audioop.alaw2lin(audioop.lin2alaw(ceiling.to_bytes(2, "little"), 2), 2)
    assert ceiling <= 32_768 * 10 ** (ceiling_dbfs / 20)
    assert int.from_bytes(told, "little") <= 32_768 * 10 ** (ceiling_dbfs / 20)


def limited(samples, ceiling, size):
    limiter = Limiter(ceiling)
    return np.concatenate(list(limiter.limited(in_blocks(samples, size))))


def test_the_limiter_leaves_what_is_far_from_peaks_to_the_bit():
    samples = np.random.default_rng(2).standard_normal(40_000)
    samples[20_000] = 50.0
    held = limited(samples, 10.0, 4_096)
    assert len(held) == len(samples)
    assert held[20_000] == pytest.approx(10.0)
    far = np.abs(np.arange(40_000) - 20_000) > 160  # hold and both smoothers
    assert (held[far] == samples[far]).all()
    # The gain moves without a step: neighbours differ by little.
    near = slice(19_880, 20_120)
    gain = held[near] / samples[near]
    assert np.abs(np.diff(gain)).max() < 0.04


@pytest.mark.parametrize("size", [241, 1_000, 61_440])
def test_the_limiter_gives_the_same_for_every_block_size(size):
    rng = np.random.default_rng(3)
    samples = rng.standard_normal(50_000) * np.repeat(rng.uniform(0, 20, 50), 1_000)
    whole = limited(samples, 10.0, 50_000)
    assert np.abs(whole).max() <= 10.0
    assert limited(samples, 10.0, size) == pytest.approx(whole, abs=1e-9)


# Clarity


def response_db(taps, hz):
    n = np.arange(len(taps))
    return 20 * math.log10(abs((taps * np.exp(-2j * np.pi * hz / 8e3 * n)).sum()))


@pytest.mark.parametrize(("cut_hz", "rests_hz"), [(60, 30), (200, 160)])
def test_clarity_lifts_the_consonants_and_cuts_what_booms(cut_hz, rests_hz):
    taps = kernel(Tone(cut_hz, presence_db=4.0))
    assert response_db(taps, 2_500) == pytest.approx(4.0, abs=0.05)
    assert abs(response_db(taps, 500)) < 0.3
    assert response_db(taps, cut_hz + 40) > -0.5
    assert response_db(taps, rests_hz) < -40


@pytest.mark.parametrize(("hz", "cut_hz"), [(120, 200), (500, 60)])
def test_clarity_cuts_at_200_hz_only_where_a_voice_booms(hz, cut_hz):
    voice = tone(44_100, 900, 12, 0.1) + tone(44_100, hz, 12, 0.3)
    prepared, _ = mastered(voice, "clarity")
    assert prepared.plan.tone == Tone(cut_hz, presence_db=4.0)


def test_a_level_that_jumps_with_the_gain_ends_near_the_target():
    # Hiss 18 dB under the bursts: P.56's thresholds pass through it one by one, and
    # its level moves by up to 0.6 dB as they do.
    rng = np.random.default_rng(4)
    n = np.arange(8_000 * 6)
    bursts = np.where(n % 16_000 < 9_600, 1, 10 ** (-18 / 20))
    samples = 0.03 * rng.standard_normal(len(n)) * bursts
    for gain_db in np.arange(-9, -3, 0.5):
        prepared, _ = mastered(samples * 10 ** (gain_db / 20), "level", rate=8_000)
        assert prepared.level_dbov == pytest.approx(TARGET_DBOV, abs=0.3)
        assert prepared.limited_s == 0


def test_the_compressor_turns_ten_decibels_above_into_a_third():
    # Speech at −20 dBov: it sets in at −30. Tones 6 and 21 dB above that.
    soft, loud = (tone(8_000, 500, 2, 1.0) * a * 32_768 for a in (0.0447, 0.2512))
    both = np.concatenate([soft, loud])
    even = np.concatenate(list(compressed([both], -20.0)))
    assert len(even) == len(both)

    def level(x):
        return 10 * math.log10(np.mean(x[4_000:12_000] ** 2)) - 90.31

    first, second = level(even[:16_000]), level(even[16_000:])
    assert second - first == pytest.approx(15 / 3, abs=0.1)


def test_the_compressor_leaves_soft_sound_alone():
    soft = tone(8_000, 500, 1, 0.01) * 32_768
    assert np.concatenate(list(compressed([soft], -20.0))) == pytest.approx(soft)


# Trimming


def test_long_silences_are_cut_and_short_ones_kept():
    silences = Silences(3.0, 5.0, ((10.0, 11.5), (20.0, 25.0)))
    cuts = silence_cuts(silences, 60 * 8_000, Limits())
    assert cuts == ((0, 21_600), (164_000, 196_000), (444_000, 480_000))
    assert silence_cuts(Silences(0.9, 1.9, ((4.0, 5.9),)), 80_000, Limits()) == ()


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_cuts_take_out_just_these_samples(size):
    samples = np.arange(1_000.0)
    cuts = ((0, 10), (300, 305), (990, 1_000))
    left = np.concatenate(list(without(in_blocks(samples, size), cuts)))
    taken = np.concatenate([np.arange(a, b) for a, b in cuts])
    assert (left == np.delete(samples, taken)).all()
    assert len(left) == kept(cuts, 1_000)


def test_trimming_shortens_what_goes_out_and_keeps_the_words(talk):
    still = np.zeros(5 * 44_100, np.float32)
    prepared, codes = mastered(np.concatenate([still, talk]), "auto", trim=True)
    plain, _ = mastered(talk, "auto")
    # 5.3 s of silence before the words; 0.3 s are left.
    assert len(codes) == prepared.samples
    assert len(codes) / 8_000 == pytest.approx(len(talk) / 44_100, abs=0.05)
    assert prepared.level_dbov == pytest.approx(plain.level_dbov, abs=0.1)


# The same, always


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("trim", [False, True])
def test_blocks_of_any_size_give_the_same_codes(talk, mode, trim):
    quiet = np.concatenate([np.zeros(100_000, np.float32), talk * 0.2])
    _, whole = mastered(quiet, mode, size=len(quiet), trim=trim)
    for size in (997, 16_384):
        assert (mastered(quiet, mode, size=size, trim=trim)[1] == whole).all()


@pytest.mark.parametrize("mode", MODES)
def test_what_goes_out_is_the_fixed_point_of_an_independent_encoder(talk, mode):
    _, codes = mastered(talk * 0.1, mode)
    pcm = alaw_decode(codes).astype("<i2").tobytes()
    assert audioop.lin2alaw(pcm, 2) == codes.tobytes()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("mode", ["level", "clarity"])
def test_alaw_costs_speech_little(samples, name, mode):
    prepared, _ = mastered_file(samples / name, mode)
    if prepared.snr_db is not None:  # alaw-8k.wav is A-law already, and at its level
        assert prepared.snr_db >= 36  # issue 4


ALL_MODES = """
import hashlib, sys
from pathlib import Path
from voiceprep import decode
from voiceprep.audio.prepare import prepare_audio
audio, _ = decode(Path(sys.argv[1]))
for mode in ("off", "auto", "level", "clarity"):
    print(hashlib.sha256(prepare_audio(audio, mode).tobytes()).hexdigest())
"""


def interpreters():
    """Yield the environments that scripts/test and .ci/run have set up, but ours."""
    root = Path(__file__).resolve().parents[2]
    for folder in (root / ".venv", *root.glob(".venv-*")):
        whole = (folder / ".voiceprep-stamp").exists()
        if whole and folder != Path(sys.prefix):
            yield folder / "bin" / "python"


def test_another_python_makes_the_same_bytes(samples):
    others = list(interpreters())
    if not others:  # .ci/run's second round has the first one's
        pytest.skip("there is no environment of another Python beside this one")
    quiet = samples / "too-quiet.mp3"
    told = [
        subprocess.run(
            [python, "-W", "ignore", "-c", ALL_MODES, quiet],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split()
        for python in (sys.executable, *others)
    ]
    assert len(told[0]) == 4
    assert all(one == told[0] for one in told)
