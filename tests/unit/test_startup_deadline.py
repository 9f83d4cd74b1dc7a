"""When the pods of an attempt are looked at that does not start, and what is told."""

import pytest

from mnist_operator.outcomes import follow
from unit.builders import NOW, attempt, job, observed, training


@pytest.mark.parametrize(
    ("seconds", "looks"),
    [
        pytest.param(4, [2, 4], id="shorter than the time between two looks"),
        pytest.param(10, [5, 10], id="as long as that"),
        pytest.param(30, [10, 20, 30], id="longer"),
    ],
)
def test_its_condition_says_why_no_pod_starts_before_the_deadline_ends_it(
    seconds, looks
):
    starting = job(created=NOW, message="Unschedulable")
    before = observed(
        attempt=attempt(),
        jobs=[starting],
        training=training(startupDeadlineSeconds=seconds),
    )
    found, now = [], NOW
    while not (plan := follow(before, now)).actions:
        assert "Unschedulable" in plan.story.message
        now = plan.look_again_at
        found.append((now - NOW).total_seconds())

    assert looks == found
