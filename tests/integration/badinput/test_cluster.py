"""A Kubernetes that takes no TFJob, starts no pod, or loses what it had."""

import pytest

from integration.world import (
    EARLIEST,
    INPUT,
    PODS,
    TFJOBS,
    TRAININGS,
    environment,
    until,
)
from local_cluster.faults import Fault
from local_cluster.kube.client import ClientError, path_of
from local_cluster.tfjobs import TFJOB_CRD
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision
from mnist_operator.resource import GROUP, KIND, VERSION
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL

SIDE = Branch(INPUT.repo, "side")
DEFINITIONS = path_of("apiextensions.k8s.io/v1", "customresourcedefinitions")
_INVALID = (
    'TFJob.kubeflow.org "mnist" is invalid:'
    " spec.tfReplicaSpecs.Worker.template.spec.volumes[1].csi.readOnly:"
    ' Invalid value: "string": must be of type boolean'
)
_UNKNOWN = 'strict decoding error: unknown field "spec.runPolicy.schedulingPolicy"'
_DENIED = (
    'admission webhook "policies.example.org" denied the request: images must come'
    " from registry.example.org"
)


def refusal(code, message):
    status = {"kind": "Status", "code": code, "message": message}
    return Fault("kube.create.tfjobs", (code, status), times=None)


async def is_gone(world, path):
    try:
        await world.kube.call("GET", path)
    except ClientError as error:
        return error.code == 404
    return False


async def remove_tfjobs(world):
    definition = f"{DEFINITIONS}/tfjobs.kubeflow.org"
    await world.kube.call("DELETE", definition)
    await until(lambda: is_gone(world, definition), "the end of the definition")


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data: the commit and TFJob."""
    await world.apply(attempts={"backoffSeconds": 0}, **spec)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    (job,) = await world.jobs()
    return commit, f"{TFJOBS}/{job['metadata']['name']}"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param(422, _INVALID, id="invalid"),
        pytest.param(400, _UNKNOWN, id="unknown-field"),
        pytest.param(403, _DENIED, id="denied-by-a-webhook"),
    ],
)
async def test_a_tfjob_that_kubernetes_never_takes_is_stalled_with_its_words(
    world, operator, code, message
):
    world.faults.add(refusal(code, message))
    await world.apply(trigger=EARLIEST)
    pushed = [await world.push(digits=digits) for digits in range(2)]
    ready = await world.reason("InvalidSpec")
    stalled = await world.condition("Stalled")

    world.faults.clear()
    await world.change(trainer={"parameters": {"epochs": 2}})
    await world.model_of(pushed[-1])

    assert ("False", "True") == (ready["status"], stalled["status"])
    assert message in ready["message"]
    assert "spec.trainer" in ready["message"]
    assert pushed == await world.trained()


async def test_a_pod_that_kubernetes_never_takes_is_given_up_with_its_words(
    world, operator
):
    await world.apply(
        attempts={"limit": 1},
        trainer={"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}},
    )
    wrong = await world.push(digits=1)

    async def refused():
        found = (await world.kube.call("GET", world.core("events")))["items"]
        return any(each["reason"] == "FailedCreatePod" for each in found)

    await until(refused, "the refusal of a pod")
    await world.change(startupDeadlineSeconds=1)
    entry = await world.decision(wrong)

    await world.change(
        startupDeadlineSeconds=600, trainer={"resources": {"limits": {"cpu": "2"}}}
    )
    sound = await world.push(digits=2)
    await world.model_of(sound)

    assert (Decision.FAILED, "StartupDeadlineExceeded") == (
        entry.decision,
        entry.reason,
    )
    for told in (
        "within 1 s (spec.startupDeadlineSeconds)",
        "FailedCreatePod",
        "cpu limit of 1",
    ):
        assert told in entry.message


async def test_a_tfjob_that_nobody_works_on_is_given_up_with_the_question_why(
    world, operator
):
    await world.cluster.tfjobs.stop()
    await world.apply(startupDeadlineSeconds=1, attempts={"limit": 1})
    entry = await world.decision(await world.push(digits=1))

    await world.change(startupDeadlineSeconds=600)
    await world.cluster.tfjobs.start()
    following = await world.push(digits=2)
    await world.model_of(following)

    assert "StartupDeadlineExceeded" == entry.reason
    assert "is Kubeflow's training operator running?" in entry.message
    assert [following] == await world.trained()


async def test_without_the_definition_of_tfjobs_this_is_told_until_it_is_there(
    world, operator
):
    await remove_tfjobs(world)
    await world.apply(trigger=EARLIEST)
    commit = await world.push(digits=1)
    ready = await world.reason("KubernetesUnavailable")

    await world.kube.call("POST", DEFINITIONS, TFJOB_CRD)
    model = await world.model_of(commit)

    assert "Is the TFJob CRD of Kubeflow installed?" in ready["message"]
    assert "\n" not in ready["message"]
    assert 1 == model.attempt


async def test_a_definition_of_tfjobs_that_is_removed_takes_the_run_with_it(
    world, operator, gate
):
    commit, _ = await running(world, gate)

    await remove_tfjobs(world)
    ready = await world.reason("KubernetesUnavailable")
    await world.kube.call("POST", DEFINITIONS, TFJOB_CRD)
    gate.open()
    model = await world.model_of(commit)

    assert "TFJob CRD" in ready["message"]
    assert 2 == model.attempt
    assert "JobLost" in (await world.told("AttemptFailed"))[0]
    assert [commit] == await world.trained()


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param([TRAINING_LABEL, RUN_LABEL], id="all-labels"),
        pytest.param([RUN_LABEL], id="the-label-of-its-run"),
    ],
)
async def test_a_tfjob_without_its_labels_is_replaced_and_ends(
    world, operator, gate, lost
):
    commit, job = await running(world, gate)

    labels = dict.fromkeys(lost)
    await world.kube.call("PATCH", job, {"metadata": {"labels": labels}})
    await until(lambda: is_gone(world, job), "the end of the TFJob")
    gate.open()
    await world.model_of(commit)
    await world.reason("UpToDate")

    assert [commit] == await world.trained()
    assert 1 == len(await world.jobs())


async def suspend(world, job):
    """Suspend a TFJob by hand, and wait until its pod is gone."""
    await world.kube.call("PATCH", job, {"spec": {"runPolicy": {"suspend": True}}})

    async def no_pod_left():
        return not (await world.kube.call("GET", PODS))["items"]

    await until(no_pod_left, "the end of the pod")


async def resume(world, job):
    await world.kube.call("PATCH", job, {"spec": {"runPolicy": {"suspend": False}}})


async def test_a_tfjob_that_was_told_to_read_other_data_is_not_published(
    world, operator, gate
):
    """Changed while it has no pod: what a pod was told cannot be changed."""
    other = await world.push(SIDE, digits=7)
    commit, job = await running(world, gate)

    await suspend(world, job)
    await change_variable(world, job, "INPUT_BUCKET", f"{other}.side.inputrepo")
    await resume(world, job)
    entry = await world.decision(commit)
    following = await world.push(digits=2)
    await world.model_of(following)

    assert (Decision.FAILED, "OutputInvalid") == (entry.decision, entry.reason)
    assert f"INPUT_BUCKET {other}.side.inputrepo" in entry.message
    assert [following] == await world.trained()


async def change_variable(world, path, name, value):
    job = await world.kube.call("GET", path)
    (trainer,) = pod_of(job)["containers"]
    variables = environment(job) | {name: {"name": name, "value": value}}
    trainer["env"] = [*variables.values()]
    await world.kube.call("PATCH", path, {"spec": job["spec"]})


def pod_of(job):
    return job["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]


async def test_a_namespace_that_is_deleted_goes_and_another_one_goes_on(
    world, operator, gate
):
    await running(world, gate)
    elsewhere = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "metadata": {"name": "mnist"},
        "spec": {"output": {"repo": "elsewhere"}},
    }
    there = TRAININGS.replace("/team/", "/default/")
    await world.kube.call("POST", there, elsewhere)
    gate.open()

    namespace = path_of("v1", "namespaces", ("", "team"))
    await world.kube.call("DELETE", namespace)
    await until(lambda: is_gone(world, namespace), "the end of the namespace")
    commit = await world.push(digits=2)

    async def trained():
        found = await world.kube.call("GET", f"{there}/mnist")
        return found.get("status", {}).get("lastTrainedCommit") == commit

    await until(trained, "the model of the other one")
