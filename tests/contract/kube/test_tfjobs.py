"""The local TFJob controller says what training-operator 1.9.4 was seen to say."""

import json
from datetime import UTC, datetime

import pytest

from local_cluster.tfjobs.decisions import Create, Seen, Tell, decide
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


def _made(plural, **replicas):
    """What a new job makes, by name."""
    plan = decide(Seen(_job(**replicas), [], []), _NOW)
    bodies = [
        s.body for s in plan.steps if isinstance(s, Create) and s.plural == plural
    ]
    return {body["metadata"]["name"]: body for body in bodies}


def _told_to(pod):
    [container] = pod["spec"]["containers"]
    variables = {each["name"]: each["value"] for each in container.get("env", ())}
    return json.loads(variables["TF_CONFIG"]) if variables else None


def test_each_of_several_pods_is_told_of_all_and_who_it_is():
    port = {"name": "tfjob-port", "containerPort": 4444}
    workers = _replica(_GOOD | {"ports": [port]}) | {"replicas": 2}

    pods = _made("pods", Chief=_replica(_GOOD), Worker=workers)

    cluster = {
        "chief": ["job-chief-0.default.svc:2222"],
        "worker": ["job-worker-0.default.svc:4444", "job-worker-1.default.svc:4444"],
    }
    assert {
        name: {"cluster": cluster, "task": task, "environment": "cloud"}
        for name, task in (
            ("job-chief-0", {"type": "chief", "index": 0}),
            ("job-worker-0", {"type": "worker", "index": 0}),
            ("job-worker-1", {"type": "worker", "index": 1}),
        )
    } == {name: _told_to(pod) for name, pod in pods.items()}


@pytest.mark.parametrize("role", ["Worker", "Chief"])
def test_a_pod_alone_is_told_of_nobody(role):
    [pod] = _made("pods", **{role: _replica(_GOOD)}).values()

    assert _told_to(pod) is None


def test_the_pod_that_decides_bears_a_label():
    def masters(**replicas):
        label = "training.kubeflow.org/job-role"
        pods = _made("pods", **replicas)
        return [
            name for name, pod in pods.items() if label in pod["metadata"]["labels"]
        ]

    workers = _replica(_GOOD) | {"replicas": 2}

    assert ["job-chief-0"] == masters(Chief=_replica(_GOOD), Worker=workers)
    assert ["job-worker-0"] == masters(Worker=workers)


def test_each_pod_has_a_service_of_its_name_without_an_address():
    workers = _replica(_GOOD) | {"replicas": 2}

    services = _made("services", Chief=_replica(_GOOD), Worker=workers)

    assert {"job-chief-0", "job-worker-0", "job-worker-1"} == set(services)
    assert {"None"} == {each["spec"]["clusterIP"] for each in services.values()}
