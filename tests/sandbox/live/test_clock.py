"""The sandbox's clock: real, faster, or moved by hand; never backwards."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from voiceprep.errors import SettingsError
from voiceprep.sandbox.clock import KeptClock, RealClock, speed_of


def test_a_real_clock_goes_as_the_machine_does(tmp_path):
    clock = KeptClock(tmp_path / "clock.json")
    assert clock.now() == pytest.approx(time.time(), abs=5)
    assert RealClock().now() == pytest.approx(time.time(), abs=5)


def test_a_manual_clock_stands_until_it_is_advanced(tmp_path):
    clock = KeptClock(tmp_path / "clock.json", speed=0.0)
    before = clock.now()
    time.sleep(0.02)
    assert clock.now() == before
    assert clock.advance(3_600) == clock.now() == before + 3_600


def test_a_faster_clock_runs_ahead(tmp_path):
    clock = KeptClock(tmp_path / "clock.json", speed=10_000.0)
    real, before = time.monotonic(), clock.now()
    time.sleep(0.02)
    after, passed = clock.now(), time.monotonic() - real
    # Both readings of the real clock lie outside: at most `passed` has gone by.
    assert 0.02 * 10_000 <= after - before <= passed * 10_000


@pytest.mark.parametrize("speed", [0.0, 1.0, 500.0])
@pytest.mark.parametrize("killed", [False, True])
def test_no_restart_goes_back_not_even_after_a_kill(tmp_path, speed, killed):
    place = tmp_path / "clock.json"
    clock = KeptClock(place, speed)
    clock.advance(86_400)
    time.sleep(0.02)
    last = clock.now()
    if not killed:
        clock.close()
    assert KeptClock(place, speed).now() >= last


def test_a_manual_clock_stands_over_a_restart_exactly(tmp_path):
    place = tmp_path / "clock.json"
    clock = KeptClock(place, speed=0.0)
    last = clock.advance(12.5)
    clock.close()
    time.sleep(0.02)
    assert KeptClock(place, speed=0.0).now() == last


def test_another_kind_of_clock_begins_no_earlier_than_the_last_one_ended(tmp_path):
    place = tmp_path / "clock.json"
    last = KeptClock(place, speed=0.0).advance(1_000_000)
    assert KeptClock(place, speed=1.0).now() >= last
    assert KeptClock(place, speed=0.0).now() >= last


def test_a_broken_file_is_a_clock_that_begins_now(tmp_path):
    (tmp_path / "clock.json").write_text("{")
    clock = KeptClock(tmp_path / "clock.json", speed=0.0)
    assert clock.now() == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
def test_a_clock_is_never_turned_back(tmp_path, seconds):
    with pytest.raises(SettingsError, match="can't be advanced"):
        KeptClock(tmp_path / "clock.json").advance(seconds)


@pytest.mark.parametrize("clock", ["fast", -1, 1e9, float("nan")])
def test_a_speed_that_is_none_is_refused(clock):
    with pytest.raises(SettingsError, match="real, manual"):
        speed_of(clock)


def test_two_sandboxes_on_one_folder_do_not_break_each_others_clock(tmp_path):
    # In threads: `replace` releases the GIL, and each clock has a lock of its own.
    clocks = [KeptClock(tmp_path / "clock.json", speed=0.0) for _ in range(4)]

    def write(clock):
        for _ in range(300):
            clock.close()

    with ThreadPoolExecutor(len(clocks)) as pool:
        list(pool.map(write, clocks))
    assert [path.name for path in tmp_path.iterdir()] == ["clock.json"]
    again = KeptClock(tmp_path / "clock.json", speed=0.0)
    assert again.now() >= clocks[0].now()
