"""Every pod meets the "restricted" standard, where the API server insists on it."""

import json

import pytest

from cluster.install.administrator import Administrator
from cluster.install.manifests import WAYS, parse
from integration.world import until

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@pytest.fixture(name="strict")
def _strict(plane, namespace):
    """A namespace that insists on it, and warns of nothing that it allows."""
    patch = json.dumps({"metadata": {"labels": RESTRICTED}})
    plane.kubectl("patch", "namespace", namespace, "--type=merge", "--patch", patch)
    return namespace


def _pod(template, namespace):
    meta = {**template["metadata"], "name": "probe", "namespace": namespace}
    return json.dumps(
        {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
    )


def _deployment(way):
    objects = parse(way.kustomize())
    return objects["Deployment", "mnist-operator", "mnist-operator"]["spec"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.overlay)
def test_the_operators_pod_is_let_in(plane, strict, way):
    pod = _pod(_deployment(way)["template"], strict)

    told = Administrator(plane).kubectl(
        "create", "--dry-run=server", "-f", "-", given=pod
    )

    assert "pod/probe created (server dry run)" == told.strip()


def test_a_pod_that_is_not_as_restricted_is_kept_out(plane, strict):
    template = _deployment(WAYS[0])["template"]
    template["spec"]["containers"][0]["securityContext"]["capabilities"] = {}

    done = Administrator(plane).try_kubectl(
        "create", "--dry-run=server", "-f", "-", given=_pod(template, strict)
    )

    assert 'violates PodSecurity "restricted:latest"' in done.stderr


async def test_a_run_is_let_in_and_trains(strict, world, operator):
    await world.apply()
    commit = await world.push(accuracy=0.9)

    model = await world.model_of(commit)

    assert commit == model.input_commit


async def test_a_pod_that_is_kept_out_is_told_with_the_words_of_the_api_server(
    strict, world, operator
):
    sidecar = {"name": "proxy", "image": "proxy:1"}
    template = {"spec": {"containers": [sidecar]}}
    await world.apply(trainer={"template": template}, attempts={"limit": 1})
    await world.push(accuracy=0.9)

    async def refused():
        found = (await world.kube.call("GET", world.core("events")))["items"]
        return any("violates PodSecurity" in each["message"] for each in found)

    await until(refused, "the refusal of the pod")
    await world.change(startupDeadlineSeconds=1)
    told = await world.reason("TrainingFailed")

    assert 'violates PodSecurity "restricted:latest"' in told["message"]
    assert 'container "proxy" must set securityContext' in told["message"]
