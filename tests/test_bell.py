"""A bell may be rung by a signal at any instant; judged by the alarm clock."""

import subprocess
import sys
import threading
import time

import pytest

from voiceprep.bell import Bell

ALARMS = """
import faulthandler, random, signal, sys
from voiceprep.bell import Bell
faulthandler.dump_traceback_later(60, exit=True)
dice = random.Random(1)
for _ in range(300):
    bell = Bell()
    signal.signal(signal.SIGALRM, lambda *_: bell.set())
    signal.setitimer(signal.ITIMER_REAL, dice.uniform(1e-6, 4e-5))
    assert bell.wait(30)
"""


def test_no_alarm_is_lost_and_none_ends_in_a_deadlock():
    # With `threading.Event` in its place this hangs within a hundred alarms.
    done = subprocess.run(
        [sys.executable, "-c", ALARMS],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_it_is_an_event_for_any_number_of_threads():
    bell, woken = Bell(), []
    waiting = [
        threading.Thread(target=lambda: woken.append(bell.wait(30))) for _ in range(4)
    ]
    for each in waiting:
        each.start()
    assert (bell.wait(0.0), bell.is_set()) == (False, False)
    bell.set()
    bell.set()
    for each in waiting:
        each.join(30)
    assert woken == [True] * 4
    assert bell.wait(0.0)


def test_a_wait_lasts_as_long_as_was_said():
    began = time.monotonic()
    assert not Bell().wait(0.45)  # more than two naps
    assert time.monotonic() - began >= 0.45


def test_what_was_rung_is_not_taken_back():
    with pytest.raises(NotImplementedError):
        Bell().clear()
