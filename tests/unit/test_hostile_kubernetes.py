"""TFJobs, pods and Events that somebody else wrote under our labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.attempts import read_failure
from mnist_operator.errors import UpstreamError
from mnist_operator.pod_state import read_trouble
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import describe_outcome
from mnist_operator.summary import summarize
from mnist_operator.tfjob import JobPhase, read_job
from unit.builders import NOW, attempt, observed
from unit.hostile import changed, fuzzed, values
from unit.test_peers import ends, runs, waits
from unit.tfjob_bodies import CREATED, a_job, conditions

_NAME = "mnist-a011a011a011"
_JOBS = [
    conditions("Created", "Running", name=_NAME, labels={"a": "b"}),
    conditions("Created", "Failed", name=_NAME, ownerReferences=[{"uid": "uid-1"}]),
    conditions("Created", "Succeeded", name=_NAME),
    conditions("Suspended", "!Suspended", name=_NAME),
    a_job({}, name=_NAME) | {"spec": {"tfReplicaSpecs": {"Worker": {"replicas": 2}}}},
]
_PODS = [
    [runs("worker-0")],
    [ends("chief-0", 1, words="x"), runs("worker-0", going=3, grace=2)],
    [waits("worker-0", conditions=[{"type": "PodScheduled", "status": "False"}])],
]
_EVENT = {
    "metadata": {"name": "e.1"},
    "type": "Warning",
    "reason": "FailedScheduling",
    "message": "0/3 nodes are available.",
    "lastTimestamp": CREATED,
}


@fuzzed
@given(
    st.sampled_from(_JOBS).flatmap(changed),
    st.sampled_from(_PODS).flatmap(changed) | st.lists(values, max_size=2),
)
def test_whatever_a_tfjob_and_its_pods_say_there_is_something_to_do_or_to_wait_for(
    body, pods
):
    pods = [each for each in pods if isinstance(each, dict)]
    try:
        job = read_job(body, pods)
    except UpstreamError:  # Without a name or a time it is nobody's.
        return
    world = observed(attempt=attempt(), jobs=[job])
    plan = reconcile(world, now=NOW)
    summarize(world, plan.story, now=NOW)
    if job.phase is JobPhase.FAILED:
        describe_outcome(attempt(), read_failure(job, ()))


@fuzzed
@given(st.lists(changed(_EVENT), max_size=3))
def test_whatever_events_say_it_is_a_text(events):
    assert isinstance(read_trouble(events), str)


@pytest.mark.parametrize("seconds", [2**63 - 1, -5, None, "soon", 1e300])
def test_a_pod_that_was_deleted_with_any_grace_is_read(seconds):
    pod = runs("worker-0", going=5)
    pod["metadata"]["deletionGracePeriodSeconds"] = seconds

    assert "mnist-a-worker-0" == read_job(a_job(), [pod]).pod


@pytest.mark.parametrize("time", ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 7])
def test_a_suspension_that_ended_at_no_time_counts_from_the_beginning(time):
    body = conditions("!Suspended")
    body["status"]["conditions"][0]["lastTransitionTime"] = time

    assert read_job(body, []).admitted is None
