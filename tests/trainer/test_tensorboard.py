"""The curve of a training as TensorBoard reads it."""

import importlib

import pytest

from mnist_trainer.findings import Findings
from mnist_trainer.history import History, Point
from trainer.plans import a_plan


@pytest.fixture
def tensorboard(engine):
    """The module, which cannot be imported before TensorFlow is started."""
    return importlib.import_module("mnist_trainer.tensorboard")


def _findings():
    history = History(epochs=1)
    history.add(Point(steps=3, at=0.75, loss=2.0, accuracy=0.25))
    history.add(Point(steps=1, at=1.0, loss=1.0, accuracy=0.5))
    return Findings(
        metrics={"accuracy": 0.75, "loss": 0.5},
        history=history,
        images=None,
        labels=None,
        probabilities=None,
        names=(),
    )


def _write(tensorboard, path):
    plan = a_plan(100, epochs=1, batchSize=25, learningRate="0.01")
    tensorboard.write_events(path, tensorboard.list_events(plan, _findings()))
    return path


def test_each_piece_of_the_training_is_an_event_and_the_test_is_the_last(
    tensorboard, engine, tmp_path
):
    path = _write(tensorboard, tmp_path / "events")
    first, *events = engine.tf.compat.v1.train.summary_iterator(str(path))
    told = [
        (event.step, {value.tag: value.simple_value for value in event.summary.value})
        for event in events
    ]

    assert "brain.Event:2" == first.file_version
    assert [3, 4, 4] == [step for step, _ in told]
    assert {"test/loss": 0.5, "test/accuracy": 0.75} == told[-1][1]
    assert (2.0, 0.25) == (told[0][1]["train/loss"], told[0][1]["train/accuracy"])
    assert told[1][1]["train/learning_rate"] < told[0][1]["train/learning_rate"]


def test_the_same_training_gives_the_same_bytes(tensorboard, tmp_path):
    one = _write(tensorboard, tmp_path / "one").read_bytes()
    other = _write(tensorboard, tmp_path / "other").read_bytes()

    assert one == other


def test_tensorboard_takes_the_file_for_one_of_its_own(tensorboard):
    assert "tfevents" in tensorboard.PATH
