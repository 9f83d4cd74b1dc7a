"""The TFJob that the operator creates: its name, its strictness, its replicas."""

import json
import subprocess

import pytest

from mnist_operator.resource import GROUP, KIND, VERSION

LONGEST = "a-training-whose-name-has-40-characters-"[:39] + "z"


async def test_the_longest_name_of_a_training_gives_a_job_with_its_service(
    world, operator, hands
):
    await world.apply(LONGEST)
    commit = await world.push(digits=1)
    pod = await hands.train(commit)
    model = await world.model_of(commit)

    services = (await world.kube.call("GET", world.core("services")))["items"]
    assert 40 == len(LONGEST)
    assert 53 == len(pod.job)
    assert [f"{pod.job}-worker-0"] == [e["metadata"]["name"] for e in services]
    assert pod.job == model.tfjob
    await world.reason("UpToDate", LONGEST)


@pytest.mark.parametrize(
    ("trainer", "told"),
    [
        pytest.param(
            {"replicas": {"evaluator": 1, "worker": 1}},
            'unknown field "spec.trainer.replicas.evaluator"',
            id="other-replicas",
        ),
        pytest.param(
            {"replicas": {"ps": 1, "worker": 1}},
            "spec.trainer.replicas.ps must be 0, so raise worker instead: this trainer",
            id="parameter-servers",
        ),
        pytest.param(
            {"replicas": {"worker": 0}},
            "spec.trainer.replicas must have at least one pod",
            id="no-replicas",
        ),
        pytest.param(
            {"job": {"schedulingPolicy": {"minAvailable": 2}}},
            "spec.trainer.job.schedulingPolicy.minAvailable must be at most the number",
            id="a-gang-of-more-than-one",
        ),
        pytest.param(
            {"template": {"spec": {"restartPolicy": "Sometimes"}}},
            'unknown field "spec.trainer.template.spec.restartPolicy"',
            id="another-restart-policy",
        ),
        pytest.param(
            {"job": {"activeDeadlineSeconds": 5}},
            'unknown field "spec.trainer.job.activeDeadlineSeconds"',
            id="a-deadline-of-the-job",
        ),
    ],
)
def test_what_a_job_would_never_get_over_is_refused_by_our_own_schema(
    plane, namespace, trainer, told
):
    training = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "metadata": {"name": "mnist", "namespace": namespace},
        "spec": {"trainer": trainer},
    }
    with pytest.raises(subprocess.CalledProcessError) as refused:
        plane.kubectl("create", "-f", "-", given=json.dumps(training))

    assert told in refused.value.stderr


async def test_a_job_has_one_worker_that_is_never_restarted(world, operator, hands):
    await world.apply()
    commit = await world.push(digits=1)
    await hands.pod(commit)

    (job,) = await world.jobs()
    (kind, replica), *others = job["spec"]["tfReplicaSpecs"].items()
    assert [] == others
    assert ("Worker", 1, "Never") == (
        kind,
        replica["replicas"],
        replica["restartPolicy"],
    )
    # That it is not suspended is said by its definition, not by the operator.
    assert {"cleanPodPolicy": "Running", "suspend": False} == job["spec"]["runPolicy"]
