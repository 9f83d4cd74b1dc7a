"""The trainer's commands in README and docs: run as they stand, or read by its parser.

In the place of MNIST is a handful of drawn digits.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from documents.registry import blocks_of, to_be_read
from mnist_trainer.command_line import make_parser
from trainer.programs import DEADLINE, ROOT
from trainer.samples import draw_digits, pack

_HERE = "trainer/test_documented_commands.py"
TRAINED = f"{_HERE}::test_a_model_is_trained_and_measured_as_the_page_says"
REHEARSED = f"{_HERE}::test_buckets_are_looked_at_as_the_page_says"


@pytest.fixture(name="digits")
def _digits():
    return pack(
        dict(
            zip(
                ("x_train", "y_train", "x_test", "y_test"),
                (*draw_digits(200, seed=1), *draw_digits(50, seed=2)),
                strict=True,
            )
        )
    )


def _type(text, folder):
    """What a block prints; its python is ours, and knows the trainer."""
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-ec", text],
        cwd=folder,
        env={"PATH": programs, "PYTHONPATH": str(ROOT / "trainer")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_a_model_is_trained_and_measured_as_the_page_says(tmp_path, digits):
    train, measure = (each.text for each in blocks_of(TRAINED))
    (tmp_path / "mnist.npz").write_bytes(digits)

    trained = _type(train, tmp_path)
    (tmp_path / "my_model.h5").write_bytes((tmp_path / "out/my_model.h5").read_bytes())
    measured = _type(measure, tmp_path)

    accuracy = json.loads((tmp_path / "out/metrics.json").read_text())["accuracy"]
    assert "200 images to train on, 50 to test with" in trained
    assert f"{accuracy:.2%} of 50 test images" in trained
    assert f"{accuracy:.2%} of 50 test images" in measured


def test_buckets_are_looked_at_as_the_page_says(tmp_path, digits, s3):
    [block] = blocks_of(REHEARSED)
    s3.objects["/master.inputrepo/data/mnist.npz"] = digits

    told = _type(block.text.replace("localhost:30600", s3.endpoint), tmp_path)

    assert "200 images to train on, 50 to test with" in told
    assert [] == s3.uploaded()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words[1:], id=where)
        for where, words in to_be_read("python").items()
    ],
)
def test_the_trainer_takes_it(words):
    assert ["-m", "mnist_trainer"] == words[:2]
    assert make_parser({}).parse_args(words[2:])
