"""An attempt whose TFJob has several pods: what is told while they start, and run.

What they say together is read in test_peers.
"""

import pytest

from mnist_operator.outcomes import follow
from mnist_operator.tfjob import JobPhase
from unit.builders import NOW, ago, attempt, job, observed


def seen(**fields):
    return observed(attempt=attempt(), **fields)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param(
            {},
            "No pod ran within 600 s (spec.startupDeadlineSeconds): It has",
            id="one",
        ),
        pytest.param(
            {}, "It has no pod: is Kubeflow's training operator running?", id="none"
        ),
        pytest.param(
            {"pods": 3, "pods_there": 2},
            "Not all of its 3 pods ran within 600 s (spec.startupDeadlineSeconds):"
            " It has 2 of 3 pods.",
            id="two-of-three",
        ),
        pytest.param(
            {
                "pods": 2,
                "pods_there": 2,
                "pod": "m-worker-1",
                "message": "Pod m-worker-1: Unschedulable: 0/3 nodes are available.",
            },
            "Not all of its 2 pods ran within 600 s (spec.startupDeadlineSeconds):"
            " Pod m-worker-1: Unschedulable: 0/3 nodes are available.",
            id="one-without-a-node",
        ),
    ],
)
def test_a_job_that_does_not_start_in_time_says_which_pod_is_missing(fields, told):
    plan = follow(seen(jobs=[job(created=ago(600), **fields)]), NOW)

    assert told in plan.actions[0].outcome.message
    assert plan.actions[0].outcome.retryable


def test_a_pod_that_is_there_is_not_said_to_be_missing():
    silent = job(created=ago(600), pod="m-worker-0", pods_there=1)

    told = follow(seen(jobs=[silent]), NOW).actions[0].outcome.message

    assert "No pod ran within 600 s (spec.startupDeadlineSeconds)." == told


def test_pods_that_run_different_images_are_named_while_they_run():
    running = job(
        phase=JobPhase.RUNNING,
        created=ago(60),
        image_id="trainer@sha256:01",
        other_images="trainer@sha256:02",
    )

    told = follow(seen(jobs=[running]), NOW).story.message

    assert "so pin spec.trainer.image: trainer@sha256:01, trainer@sha256:02." in told
