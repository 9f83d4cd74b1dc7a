"""When the pods of an attempt are looked at that does not start, and what is told."""

import pytest

from mnist_operator.outcomes import follow
from unit.builders import NOW, ago, attempt, job, observed, training


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


RUNNING = "is Kubeflow's training operator running?"
SHORT = f"and so short a time may be why; else, {RUNNING}"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        pytest.param(1, f"It has no pod, {SHORT}", id="a-second"),
        pytest.param(29, f"It has no pod, {SHORT}", id="a-few-seconds"),
        pytest.param(30, f"It has no pod: {RUNNING}", id="enough"),
    ],
)
def test_where_there_may_be_no_pod_yet_the_deadline_is_named_as_a_cause(seconds, told):
    plan = late(seconds)

    assert (
        f"No pod ran within {seconds} s (spec.startupDeadlineSeconds): {told}"
        == plan.actions[0].outcome.message
    )


def test_what_kubernetes_says_of_a_pod_comes_before_that():
    plan = late(1, message="Unschedulable: no node has 8 GPUs.")

    assert "Unschedulable" in plan.actions[0].outcome.message
    assert "short" not in plan.actions[0].outcome.message


def late(seconds, **fields):
    """What becomes of an attempt that has not started within so many seconds."""
    of = training(startupDeadlineSeconds=seconds)
    starting = job(created=ago(seconds), **fields)
    return follow(observed(attempt=attempt(), jobs=[starting], training=of), NOW)
