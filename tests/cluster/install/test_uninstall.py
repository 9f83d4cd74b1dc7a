"""Taking the operator away leaves nothing behind but the models."""

import asyncio
import json
import os
import subprocess

import pytest

from cluster.install.administrator import Administrator
from cluster.install.manifests import CHART, DEPLOY, INSTALL, run_helm
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.worlds import RealWorld
from integration.operators import InProcess
from integration.world import until

APPLY = ("apply", "--server-side", "-f")
TRAININGS = "mnisttrainings.mnist-operator.dev"
NAMESPACE = DEPLOY / "kustomize" / "base" / "namespace.yaml"
LAST_TO_GO = (
    f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{TRAININGS}",
    "/api/v1/namespaces/mnist-operator",
)
FORCED = "--force-conflicts"
"""As the chart says: the definition is still Helm's, who made it."""
FINALIZER = "mnist-operator.dev/operator"
DOCUMENT = DEPLOY.parent / "docs" / "installation.md"


async def _install(admin):
    """Apply the one file; a definition is served a moment after it is taken."""
    admin.kubectl(*APPLY, str(INSTALL))

    async def is_served():
        done = await asyncio.to_thread(admin.try_kubectl, "get", TRAININGS)
        return done.returncode == 0

    await until(is_served, "the definition")


async def _is_as_before(admin, before):
    """Once the API server has carried out what was asked of it."""

    async def look():
        admin.end_namespaces()
        return not any(map(admin.has, LAST_TO_GO))

    await until(look, "the end of the definition and the namespace")
    assert set() == before ^ admin.everything()


@pytest.fixture(name="admin", scope="module")
def _admin(plane, tmp_path_factory):
    """Who installs and takes away; after each test the cluster is as it was before.

    `plane` is asked for only because it says when none can be had.
    """
    with ControlPlane(tmp_path_factory.mktemp("uninstall")) as bare:
        yield Administrator(bare)


@pytest.fixture(name="world")
async def _world(admin, tmp_path):
    """A team's namespace, pachd and a node, with Kubeflow's controller."""
    admin.plane.install(read_tfjob_crd())
    admin.kubectl("create", "namespace", "team")
    with TFJobController(admin.plane, tmp_path / "tfjobs"):
        # The node comes with the world, and says so.
        before = {*admin.everything(), "Node /local"}
        await _install(admin)
        account = admin.plane.account_token("mnist-operator", "mnist-operator")
        async with RealWorld(tmp_path, admin.plane, "team", account) as world:
            world.before = before
            await world.create_repo()
            yield world


async def test_what_the_one_file_installed_goes_and_the_models_stay(admin, world):
    await world.apply()
    async with InProcess(world):
        commit = await world.push(accuracy=0.9)
        model = await world.model_of(commit)
        words = ("delete", TRAININGS, "--all", "--all-namespaces")
        told = await asyncio.to_thread(admin.kubectl, *words)
    admin.collect()
    admin.kubectl("delete", "--wait=false", "-f", str(INSTALL))

    await _is_as_before(admin, world.before)
    assert "deleted" in told
    assert model.commit in [each.id for each in await world.commits()]


def _create_training(admin):
    """One that the operator has begun to follow."""
    body = {
        "apiVersion": "mnist-operator.dev/v1alpha1",
        "kind": "MnistTraining",
        "metadata": {"name": "mnist", "finalizers": [FINALIZER]},
        "spec": {},
    }
    created = ("create", "--namespace=default", "-f", "-")
    admin.kubectl(*created, given=json.dumps(body))


def _run_as_documented(admin):
    """The commands for when the operator is gone already."""
    text = DOCUMENT.read_text().partition("### When the operator is gone already")[2]
    commands = text.split("```")[1].removeprefix("sh")
    environment = {**os.environ, "KUBECONFIG": str(admin.plane.kubeconfig)}
    subprocess.run(["sh", "-ec", commands], check=True, env=environment)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param((TRAININGS, "--all", "--all-namespaces"), id="trainings"),
        pytest.param(("-f", str(INSTALL)), id="everything-at-once"),
    ],
)
async def test_with_the_operator_gone_the_finalizer_is_taken_by_hand(admin, asked):
    before = admin.everything()
    await _install(admin)
    _create_training(admin)
    training = (TRAININGS, "mnist", "--namespace=default")

    admin.kubectl("delete", "--wait=false", *asked)
    assert FINALIZER in admin.kubectl("get", *training, "--output=yaml")
    _run_as_documented(admin)
    admin.kubectl("delete", "--wait=false", "--ignore-not-found", "-f", str(INSTALL))

    await _is_as_before(admin, before)


async def test_what_helm_installed_goes_but_for_the_definition(admin):
    before = admin.everything()
    release = (f"--kubeconfig={admin.plane.kubeconfig}", "--namespace=mnist-operator")
    admin.kubectl(*APPLY, str(NAMESPACE))
    run_helm("install", "mnist-operator", str(CHART), *release)
    admin.kubectl(*APPLY, str(CHART / "crds" / "mnisttraining.yaml"), FORCED)
    changed = ("--reset-then-reuse-values", "--set=standby=true")
    run_helm("upgrade", "mnist-operator", str(CHART), *changed, *release)
    deployment = ("get", "deployment/mnist-operator", "--output=jsonpath={.spec}")
    spec = json.loads(admin.kubectl(*deployment, "--namespace=mnist-operator"))
    run_helm("uninstall", "mnist-operator", *release)
    left = admin.everything() - before

    crds = str(DEPLOY / "kustomize" / "crds")
    admin.kubectl("delete", "--wait=false", "-k", crds)
    admin.kubectl("delete", "--wait=false", "-f", str(NAMESPACE))

    await _is_as_before(admin, before)
    assert (2, "RollingUpdate") == (spec["replicas"], spec["strategy"]["type"])
    assert {
        f"CustomResourceDefinition /{TRAININGS}",
        "Namespace /mnist-operator",
    } == left
