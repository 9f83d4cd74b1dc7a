"""The parts that fit on a line: last words, and the sum of an epoch."""

import json

import pytest

from mnist_trainer import farewell
from mnist_trainer.history import History, Point


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("", id="nothing"),
        pytest.param("short", id="short"),
        pytest.param("x" * 5000, id="long"),
        pytest.param("é" * 5000, id="long-with-accents"),
        pytest.param("\N{DIGIT ONE}\N{SNAKE}" * 900, id="long-with-pictures"),
        pytest.param('"\\\n\t' * 900, id="long-with-all-that-json-escapes"),
    ],
)
def test_last_words_are_one_line_of_json_within_a_kibibyte(message):
    line = farewell.last_words("InvalidData", message)

    assert len(line.encode()) <= 1024
    assert 1 == line.count("\n")
    assert "InvalidData" == json.loads(line)["reason"]
    told = json.loads(line)["message"].removesuffix("…")
    assert " ".join(message.split()).startswith(told)
    assert len(message) < 100 or len(told) > 50


def test_nobody_to_hear_the_last_words_is_no_failure(tmp_path):
    farewell.leave(None, "Completed", "")
    farewell.leave(tmp_path / "missing" / "log", "Completed", "")

    assert [] == list(tmp_path.iterdir())


def test_an_epoch_is_the_mean_over_its_steps():
    history = History(epochs=1)
    history.add(Point(steps=3, at=0.75, loss=1.0, accuracy=0.0))
    history.add(Point(steps=1, at=1.0, loss=0.0, accuracy=1.0))

    assert "epoch 1/1: loss 0.7500, accuracy 25.00%, 2.0 s" == history.close_epoch(
        2.0
    ).sentence(1)
