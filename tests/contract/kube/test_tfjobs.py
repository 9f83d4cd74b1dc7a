"""The local TFJob controller says what training-operator 1.9.4 was seen to say."""

from datetime import UTC, datetime

import pytest

from local_cluster.tfjobs.decisions import Seen, Tell, decide
from local_cluster.tfjobs.webhook import review

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_GOOD = {"name": "tensorflow", "image": "i"}


def _job(name="job", **replicas):
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "TFJob",
        "metadata": {"name": name, "namespace": "default", "uid": "u"},
        "spec": {"tfReplicaSpecs": replicas},
    }


def _replica(*containers):
    return {"template": {"spec": {"containers": [*containers]}}}


def _pod(phase, state):
    status = {"name": "tensorflow", "state": state}
    return {
        "metadata": {
            "name": "job-worker-0",
            "namespace": "default",
            "labels": {"training.kubeflow.org/replica-type": "worker"},
        },
        "status": {"phase": phase, "containerStatuses": [status]},
    }


def _told(pod):
    plan = decide(Seen(_job(Worker=_replica(_GOOD)), [pod], []), _NOW)
    return {
        (step.type, step.reason, step.message)
        for step in plan.steps
        if isinstance(step, Tell)
    }


@pytest.mark.parametrize(
    ("job", "told"),
    [
        pytest.param(
            _job("1digit", Worker=_replica(_GOOD)),
            'metadata.name: Invalid value: "1digit": should match: a DNS-1035 label',
            id="a-name-that-no-service-can-have",
        ),
        pytest.param(
            _job("a" * 64, Worker=_replica(_GOOD)),
            f'metadata.name: Invalid value: "{"a" * 64}": should match: must be no more'
            " than 63 characters",
            id="a-name-of-64-letters",
        ),
        pytest.param(
            _job(Worker=_replica()),
            "[spec.tfReplicaSpecs[Worker].template.spec.containers: Required value: "
            "must be specified, ",
            id="no-containers",
        ),
        pytest.param(
            _job(Worker=_replica({"name": "other", "image": "i"})),
            "spec.tfReplicaSpecs[Worker].template.spec.containers: Required value: "
            "must have at least one container with name tensorflow",
            id="no-container-called-tensorflow",
        ),
        pytest.param(
            _job(Worker=_replica({"name": "tensorflow"})),
            "spec.tfReplicaSpecs[Worker].template.spec.containers[0].image: Required "
            "value: must be required",
            id="no-image",
        ),
        pytest.param(
            _job(Chief=_replica(_GOOD), Master=_replica(_GOOD)),
            "spec.tfReplicaSpecs: Forbidden: must not have more than 1 Chief or Master "
            "role",
            id="two-masters",
        ),
    ],
)
def test_the_webhook_refuses(job, told):
    webhook = "validator.tfjob.training-operator.kubeflow.org"

    found = review(job)

    assert found is not None
    assert found.startswith(f'admission webhook "{webhook}" denied the request: {told}')


def test_the_webhook_lets_a_good_job_through():
    assert review(_job(Worker=_replica(_GOOD))) is None


def test_a_container_that_waits_is_told_of():
    waiting = {"reason": "ErrImagePull", "message": "not found"}

    assert {
        (
            "Warning",
            "ErrImagePull",
            "Error pod job-worker-0 container tensorflow waiting message: not found",
        )
    } == _told(_pod("Pending", {"waiting": waiting}))


def test_nothing_is_told_of_a_container_that_is_being_made():
    assert set() == _told(_pod("Pending", {"waiting": {"reason": "ContainerCreating"}}))


def test_success_is_told_of():
    assert {
        ("Normal", "ExitedWithCode", "Pod: default.job-worker-0 exited with code 0"),
        ("Normal", "TFJobSucceeded", "TFJob default/job successfully completed."),
    } == _told(_pod("Succeeded", {"terminated": {"exitCode": 0}}))


def test_failure_is_told_of():
    assert {
        ("Normal", "ExitedWithCode", "Pod: default.job-worker-0 exited with code 3"),
        (
            "Normal",
            "TFJobFailed",
            "TFJob default/job has failed because 1 Worker replica(s) failed.",
        ),
    } == _told(_pod("Failed", {"terminated": {"exitCode": 3}}))


def test_a_new_job_is_created_by_its_name_alone():
    plan = decide(Seen(_job(Worker=_replica(_GOOD)), [], []), _NOW)

    assert "TFJob job is created." == plan.status["conditions"][0]["message"]


def test_a_running_pod_that_is_taken_by_force_is_a_failed_one():
    gone = frozenset({"job-worker-0"})

    plan = decide(Seen(_job(Worker=_replica(_GOOD)), [], [], gone), _NOW)

    assert ["Created", "Failed"] == [e["type"] for e in plan.status["conditions"]]
    assert {"failed": 1} == plan.status["replicaStatuses"]["Worker"]


def test_restarts_in_place_count_up_to_the_limit_of_the_job():
    replica = _replica(_GOOD) | {"restartPolicy": "OnFailure"}
    job = _job(Worker=replica)
    job["spec"]["runPolicy"] = {"backoffLimit": 2}
    pod = _pod("Running", {"running": {}})
    counts = pod["status"]["containerStatuses"][0]

    told = []
    for counts["restartCount"] in (1, 2):
        plan = decide(Seen(job, [pod], []), _NOW)
        told.append(plan.status["conditions"][-1])

    assert ["Running", "Failed"] == [each["type"] for each in told]
    words = "Job job has failed because it has reached the specified backoff limit"
    assert words == told[1]["message"]
