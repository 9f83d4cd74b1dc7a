"""What programs hear of a training: lines in its log, seldom, and never wrong."""

import io
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from mnist_trainer.history import Epoch
from mnist_trainer.narrator import Narrator
from mnist_trainer.phases import Clock
from mnist_trainer.progress import Reporter

_NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


class _Said:
    """A reporter with a clock to be set, and what it has said."""

    def __init__(self, epochs=2, steps=100, write=None):
        self.lines = []
        self.seconds = 0.0
        clock = Clock(
            now=lambda: _NOON + timedelta(seconds=self.seconds),
            seconds=lambda: self.seconds,
        )
        course = SimpleNamespace(epochs=epochs, steps=steps)
        self.reporter = Reporter(write or self.lines.append, clock, course)

    def advance(self, step, seconds):
        self.seconds = seconds
        self.reporter.advance(step, loss=0.5, accuracy=0.75)

    def close(self, number, seconds):
        self.seconds = seconds
        self.reporter.close_epoch(Epoch(number, 0.25, 0.875, 1.0))

    @property
    def told(self):
        assert all(line.startswith("progress: {") for line in self.lines)
        return [json.loads(line.removeprefix("progress: ")) for line in self.lines]


@pytest.fixture(name="said")
def _said():
    return _Said()


def test_a_line_says_how_far_it_is_and_how_good(said):
    said.advance(10, 5.0)

    assert [
        {
            "epoch": 1,
            "epochs": 2,
            "step": 10,
            "steps": 200,
            "metrics": {"loss": 0.5, "accuracy": 0.75},
        }
    ] == said.told


def test_when_it_will_be_over_follows_from_the_steps_after_the_first(said):
    """The first ones come after the graph was built, which is no part of the rate."""
    said.advance(10, 50.0)
    said.advance(20, 51.0)

    # 180 steps at ten a second, from 51 seconds after noon on.
    assert "2026-03-31T12:01:09Z" == said.told[-1]["estimatedCompletionTime"]
    assert "estimatedCompletionTime" not in said.told[0]


def test_what_an_interrupted_run_did_is_no_part_of_the_rate(said):
    said.advance(110, 4.0)
    said.advance(120, 5.0)

    assert (2, 120) == (said.told[-1]["epoch"], said.told[-1]["step"])
    assert "2026-03-31T12:00:13Z" == said.told[-1]["estimatedCompletionTime"]


def test_there_is_at_most_a_line_a_second_but_for_the_ends_of_epochs(said):
    said.advance(10, 1.0)
    said.advance(20, 1.9)
    said.advance(30, 2.0)
    said.close(1, 2.1)
    said.advance(110, 3.0)
    said.advance(120, 3.1)

    assert [10, 30, 100, 120] == [each["step"] for each in said.told]


def test_the_end_of_an_epoch_is_told_with_the_whole_of_it(said):
    said.close(1, 1.0)

    assert (1, 100) == (said.told[0]["epoch"], said.told[0]["step"])
    assert {"loss": 0.25, "accuracy": 0.875} == said.told[0]["metrics"]


def test_the_end_of_the_last_epoch_is_the_end(said):
    said.advance(150, 1.0)
    said.close(2, 3.0)

    assert (2, 200, 200) == tuple(
        said.told[-1][key] for key in ("epoch", "step", "steps")
    )
    assert "2026-03-31T12:00:03Z" == said.told[-1]["estimatedCompletionTime"]


def test_a_long_training_says_less():
    said = _Said(steps=1_000_000)
    for second in range(20_000):
        said.advance(second + 1, float(second))

    gaps = [after["step"] - each["step"] for each, after in pairwise(said.told)]

    assert 1 == gaps[0]
    assert 10 == max(gaps) == gaps[-1]
    assert len(gaps) < 2500


def test_a_log_has_the_lines_and_the_kept_story_has_none():
    log = io.StringIO()
    narrator = Narrator(log)
    narrator.say("beginning")
    _Said(write=narrator.hint).advance(10, 1.0)

    assert log.getvalue().startswith("beginning\nprogress: {")
    assert "beginning\n" == narrator.story()


def test_a_terminal_has_none_since_it_has_a_bar():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    _Said(write=Narrator(terminal).hint).advance(10, 1.0)

    assert "" == terminal.getvalue()
