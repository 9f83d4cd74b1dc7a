"""Which commits are models, which one is current, and why the others are none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mnist_operator.cli.models import (
    explain_refusal,
    is_current,
    published,
    tell_passed,
)
from mnist_operator.runs import describe_attempt, new_attempt
from unit import mnistctl_records as records

DAY = datetime(2026, 3, 31, tzinfo=UTC)
ATTEMPT = describe_attempt(
    new_attempt(records.TRAINING, records.INPUT_COMMIT, 1, "spec", opened=DAY)
)


def test_only_a_finished_commit_of_ours_is_one():
    commit, *_ = records.record()

    assert commit.id == published(commit).commit
    assert published(replace(commit, finished=None)) is None
    assert published(replace(commit, error="given up")) is None
    assert published(replace(commit, description="mine")) is None


def test_it_is_current_from_the_second_that_is_shown():
    commit = records.output_commit(finished=DAY + timedelta(milliseconds=700))

    assert is_current(commit, None)
    assert is_current(commit, DAY)
    assert not is_current(commit, DAY - timedelta(seconds=1))
    assert not is_current(records.output_commit(finished=None), DAY)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"description": "mine"}, "description is not mnist-operator's",
                     id="a-stranger"),
        pytest.param({"description": ATTEMPT}, "is an attempt's run", id="a-run"),
        pytest.param({"error": "abandoned"}, "it was given up (abandoned)",
                     id="given-up"),
        pytest.param({"finished": None}, "ask again in a moment", id="open"),
    ],
)  # fmt: skip
def test_what_is_none_is_explained(changes, said):
    commit, *_ = records.record()

    assert said in explain_refusal(replace(commit, **changes))


def test_long_rows_of_strangers_are_cut():
    passed = [records.output_commit(n) for n in range(1, 6)]

    told = tell_passed("o@master", passed)

    assert told.startswith("5 newer commits on o@master hold no finished model: ")
    assert f"{'0001' * 8} (not mnist-operator's), " in told
    assert told.endswith(", …")
