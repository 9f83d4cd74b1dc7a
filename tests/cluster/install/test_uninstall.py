"""Taking the operator away leaves nothing behind but the models."""

import asyncio
import json
import os
import re
import subprocess

import pytest

from cluster.install.administrator import Administrator
from cluster.install.manifests import DEPLOY, INSTALL
from cluster.install.reader import lay_out, type_as
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.worlds import RealWorld
from documents.blocks import transcript
from documents.registry import blocks_of
from integration.operators import InProcess
from integration.world import until

APPLY = ("apply", "--server-side", "-f")
TRAININGS = "mnisttrainings.mnist-operator.dev"
HERE = "cluster/install/test_uninstall.py::"
OURS = f"{HERE}test_what_the_page_installed_goes_and_the_models_stay"
HELM = f"{HERE}test_what_helm_installed_goes_but_for_the_definition"
NAMESPACED = f"{HERE}test_what_one_namespace_has_comes_and_goes_alone"
RELEASE = "deploy/helm/mnist-operator --namespace mnist-operator --set standby=true"
"""What is left out where the pages say how to upgrade it."""
LAST_TO_GO = (
    f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{TRAININGS}",
    "/api/v1/namespaces/mnist-operator",
)
WHERE = re.compile(r" from [\w-]+ namespace$", re.MULTILINE)
"""Newer versions of kubectl say it."""
FINALIZER = "mnist-operator.dev/operator"
DOCUMENT = DEPLOY.parent / "docs" / "installation.md"


async def _install(admin):
    """Apply the one file; a definition is served a moment after it is taken."""
    admin.kubectl(*APPLY, str(INSTALL))
    await _is_served(admin)


async def _is_served(admin):
    async def look():
        done = await asyncio.to_thread(admin.try_kubectl, "get", TRAININGS)
        return done.returncode == 0

    await until(look, "the definition")


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


@pytest.fixture(name="terminal")
async def _terminal(admin, tmp_path):
    folder = tmp_path / "checkout"
    folder.mkdir()
    lay_out(folder)
    async with type_as(admin, folder) as terminal:
        yield terminal


@pytest.fixture(name="world")
async def _world(admin, terminal, tmp_path):
    """A team's namespace, pachd and a node, with Kubeflow's controller."""
    admin.plane.install(read_tfjob_crd())
    admin.kubectl("create", "namespace", "team")
    with TFJobController(admin.plane, tmp_path / "tfjobs"):
        # The node comes with the world, and says so.
        before = {*admin.everything(), "Node /local"}
        [(install, printed)] = transcript(blocks_of(OURS)[0])
        assert printed.strip() == await terminal.run(install)
        await _is_served(admin)
        account = admin.plane.account_token("mnist-operator", "mnist-operator")
        async with RealWorld(tmp_path, admin.plane, "team", account) as world:
            world.before = before
            await world.create_repo()
            yield world


async def test_what_the_page_installed_goes_and_the_models_stay(admin, world, terminal):
    _, uninstall = blocks_of(OURS)
    (trainings, let_go), (rest, deleted) = transcript(uninstall)
    await world.apply()
    async with InProcess(world):
        commit = await world.push(accuracy=0.9)
        model = await world.model_of(commit)
        told = await terminal.run(trainings)
    admin.collect()
    gone = await terminal.run(rest)

    await _is_as_before(admin, world.before)
    assert let_go.strip() == WHERE.sub("", told)
    assert deleted.strip() == WHERE.sub("", gone)
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


async def test_what_helm_installed_goes_but_for_the_definition(admin, terminal):
    before = admin.everything()
    page, keys, install, take_away, upgrade = (each.text for each in blocks_of(HELM))
    namespaced = "--namespace=mnist-operator"
    await terminal.run(install)
    await terminal.run(f"(cd deploy/helm/mnist-operator; {upgrade})")
    await terminal.run(page.replace("…", RELEASE))
    await terminal.run(keys.replace("…", RELEASE))
    told = admin.kubectl("get", "deployments", namespaced, "--output=json")
    operator, shown = (each["spec"] for each in json.loads(told)["items"])
    await terminal.run("helm uninstall mnist-operator --namespace mnist-operator")
    admin.kubectl("delete", "configmap", "mnist-operator-keys", namespaced)
    left = admin.everything() - before

    await terminal.run(take_away)

    await _is_as_before(admin, before)
    [container] = operator["template"]["spec"]["containers"]
    [page_container] = shown["template"]["spec"]["containers"]
    assert container["image"].startswith("images.example.org/mnist-operator/operator:")
    assert (2, "RollingUpdate") == (operator["replicas"], operator["strategy"]["type"])
    assert {
        "MNISTCTL_ALLOW_HOST": "mnist.example.org",
        "MNISTCTL_KEY": page_container["volumeMounts"][-1]["mountPath"],
    }.items() <= {e["name"]: e.get("value") for e in page_container["env"]}.items()
    assert {
        f"CustomResourceDefinition /{TRAININGS}",
        "Namespace /mnist-operator",
    } == left


async def test_what_one_namespace_has_comes_and_goes_alone(admin, terminal):
    before = admin.everything()
    [install] = blocks_of(NAMESPACED)
    *_, take_away, _ = (each.text for each in blocks_of(HELM))
    await terminal.run(install.text)
    added = admin.everything() - before
    operator = "mnist-operator:mnist-operator"
    may = [admin.may(operator, "list", TRAININGS, each) for each in ("", "team")]
    own = admin.may(operator, "list", TRAININGS, "mnist-operator")
    await terminal.run("kubectl delete -k deploy/kustomize/overlays/namespaced")
    await terminal.run(take_away)

    await _is_as_before(admin, before)
    assert "Deployment mnist-operator/mnist-operator" in added
    assert not [each for each in added if each.startswith("ClusterRole")]
    assert ([False, False], True) == (may, own)
