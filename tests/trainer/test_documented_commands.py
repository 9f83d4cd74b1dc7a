"""The trainer's commands in README and docs, read by its own parser."""

import pytest

from documents.registry import to_be_read
from mnist_trainer.command_line import make_parser


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
