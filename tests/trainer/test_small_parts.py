"""The parts that fit on a line: last words, and the sum of an epoch."""

import hashlib
import json
import sys

import pytest

from mnist_trainer import farewell, runtime
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


def test_packages_are_named_by_one_digest_whatever_their_order_on_the_path(
    tmp_path, monkeypatch
):
    for folder, name, version in [("a", "numpy", "2.1.0"), ("b", "Keras", "3.11.0")]:
        info = tmp_path / folder / f"{name.lower()}-{version}.dist-info"
        info.mkdir(parents=True)
        told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(told)
    (tmp_path / "b" / "half_removed-1.0.dist-info").mkdir()
    (tmp_path / "b" / "half_removed-1.0.dist-info" / "METADATA").write_text("")

    found = []
    for order in ("ab", "ba"):
        monkeypatch.setattr(sys, "path", [str(tmp_path / folder) for folder in order])
        found.append(runtime.digest_installed())

    frozen = b"Keras==3.11.0\nnumpy==2.1.0\n"
    assert [hashlib.sha256(frozen).hexdigest()] * 2 == found
