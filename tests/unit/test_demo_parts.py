"""The demo's processes: started with a log, watched, and never left behind."""

import os
import signal
import sys
import threading
import time

import pytest

from demo.parts import PartError, Parts, stop_recorded

DEADLINE_SECONDS = 20
SPEAKS = "import time; print('ready', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print('ready', flush=True); time.sleep(600)"
)
ENDS = "print('no such option'); raise SystemExit(7)"


@pytest.fixture(name="parts")
def _parts(tmp_path):
    parts = Parts(tmp_path)
    yield parts
    parts.stop()


def _start(parts, program, *arguments):
    return parts.start("some part", [sys.executable, "-c", program, *arguments], {})


def _await(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def _is_running(process):
    return process.poll() is None


def test_what_a_part_prints_is_in_its_log(parts):
    part = _start(parts, SPEAKS)

    _await(lambda: part.tail() == ["ready"])

    part.check()
    assert part.log.name == "some-part.log"


def test_a_part_that_has_ended_is_reported_with_its_last_words(parts):
    part = _start(parts, ENDS)
    part.process.wait(DEADLINE_SECONDS)

    with pytest.raises(PartError, match="some part ended with status 7") as caught:
        parts.check()

    assert ["no such option"] == caught.value.lines


def test_all_parts_are_stopped(parts):
    started = [_start(parts, SPEAKS), _start(parts, SPEAKS)]
    for part in started:
        _await(part.tail)

    parts.stop()

    assert [-signal.SIGTERM] * 2 == [part.process.poll() for part in started]


def test_a_part_that_will_not_stop_is_killed(parts, monkeypatch):
    monkeypatch.setattr("demo.parts._STOP_SECONDS", 0.1)
    part = _start(parts, STUBBORN)
    _await(part.tail)

    parts.stop()

    assert -signal.SIGKILL == part.process.poll()


def test_what_was_kept_runs_on_until_the_next_demo_stops_it(parts, tmp_path):
    record = tmp_path / "running.json"
    part = _start(parts, SPEAKS, "mnist_operator")
    _await(part.tail)

    parts.keep(record)
    parts.stop()

    assert _is_running(part.process)
    # The record's reader is not the parent, so someone must collect the dead.
    os.kill(part.process.pid, 0)
    stopped = _stop_and_collect(part.process, record)
    assert ["some part"] == stopped
    assert not record.exists()


def _stop_and_collect(process, record):
    collector = threading.Thread(target=process.wait, daemon=True)
    collector.start()
    stopped = stop_recorded(record)
    collector.join(DEADLINE_SECONDS)
    return stopped


def test_a_number_that_is_somebody_elses_now_is_left_alone(parts, tmp_path):
    record = tmp_path / "running.json"
    part = _start(parts, SPEAKS)
    _await(part.tail)
    parts.keep(record)

    assert [] == stop_recorded(record)

    assert _is_running(part.process)
    part.stop()


def test_without_a_record_nothing_is_stopped(tmp_path):
    assert [] == stop_recorded(tmp_path / "running.json")
