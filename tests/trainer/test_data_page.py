"""The page on data quotes the trainer word for word, and leaves no refusal out."""

import re
from pathlib import Path

import pytest

from mnist_trainer.errors import DataError
from trainer.refused_data import CASES
from trainer.samples import read

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()
ROWS = re.findall(r"^\|[^|]+\| `(.+)` <!-- refused: (.+) --> \|$", PAGE, re.MULTILINE)
WORDS = {case: words for words, cases in ROWS for case in cases.split()}
JOINED = {"other-names"}
"""Shown with two files, in test_joined_data.py."""


def test_each_refusal_has_a_row():
    assert {case.id for case in CASES} | JOINED == set(WORDS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(case.values[0], WORDS.get(case.id, ""), id=case.id)
        for case in CASES
    ],
)
def test_each_row_has_the_trainers_words(archive, content, words):
    with pytest.raises(DataError) as refused:
        read(archive(content))

    pattern = ".+".join(re.escape(part) for part in words.split("…"))
    assert re.fullmatch(f"/data/mnist.npz: {pattern}", str(refused.value))
