"""What whoever watches gets to see: a bar that moves, or a word now and then."""

import io
from itertools import count

import pytest

from mnist_trainer.narrator import Narrator, Progress


class _Terminal(io.StringIO):
    def isatty(self):
        return True


class _Clock:
    now = 0.0

    def __call__(self):
        return self.now


def _progress(step, steps=1000):
    return Progress("epoch 1/2", step, steps, batch=64, loss=0.3, accuracy=0.9)


def _watch(stream, times, *, steps=1000, every=100):
    """Let training advance by so many steps at each of these times."""
    clock = _Clock()
    narrator = Narrator(stream, seconds=clock)
    for number, now in zip(count(1), times, strict=False):
        clock.now = now
        narrator.advance(_progress(number * every, steps))
    return narrator


def _last(terminal):
    return terminal.getvalue().split("\r\x1b[K")[-1]


def test_a_terminal_sees_how_far_the_whole_training_is(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    terminal = _Terminal()
    _watch(terminal, [5.0, 6.0, 7.0, 8.0, 9.0])

    assert (
        "[##########..........]  50% 5 s left, epoch 1/2 step 500/1000, loss 0.3000, "
        "accuracy 90.00%, 6,400 images/s" == _last(terminal)
    )


def test_there_is_no_guess_before_there_is_a_rate():
    terminal = _Terminal()
    _watch(terminal, [5.0])

    assert "left" not in _last(terminal)
    assert "[##..................]  10% epoch 1/2" in _last(terminal)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param(260, "1 s left", id="a-second"),
        pytest.param(6200, "1:00 left", id="a-minute"),
        pytest.param(20_100, "3:19 left", id="minutes"),
        pytest.param(1_000_000, "2:46:38 left", id="hours"),
    ],
)
def test_what_is_left_is_told_as_a_clock_would(steps, told):
    terminal = _Terminal()
    _watch(terminal, [0.0, 1.0], steps=steps)

    assert told in _last(terminal)


def test_a_narrow_terminal_gets_a_single_row(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    terminal = _Terminal()
    _watch(terminal, [1.0, 2.0])

    assert 39 == len(_last(terminal))


def test_a_line_that_stays_takes_the_place_of_the_bar():
    terminal = _Terminal()
    narrator = _watch(terminal, [1.0])
    narrator.say("epoch 1/2: done")

    assert terminal.getvalue().endswith("\r\x1b[Kepoch 1/2: done\n")


def test_a_log_hears_how_far_it_is_after_ten_seconds_of_silence():
    log = io.StringIO()
    _watch(log, [1.0, 9.0, 11.0, 20.0, 21.0])

    told = log.getvalue().splitlines()

    assert 2 == len(told)
    assert told[0].startswith("30%, 35 s left, epoch 1/2 step 300/1000, loss 0.3000")
    assert told[1].startswith("50%, ")


def test_a_log_that_has_just_been_written_to_is_left_alone():
    log = io.StringIO()
    clock = _Clock()
    narrator = Narrator(log, seconds=clock)
    clock.now = 9.0
    narrator.say("epoch 1/2: done")
    clock.now = 11.0
    narrator.advance(_progress(600))

    assert "epoch 1/2: done\n" == log.getvalue()


def test_what_was_said_is_kept_and_what_moved_is_not():
    narrator = _watch(_Terminal(), [1.0, 2.0])
    narrator.say("one")
    narrator.say("other")

    assert "one\nother\n" == narrator.story()
