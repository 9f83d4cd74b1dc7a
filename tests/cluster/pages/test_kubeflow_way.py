"""Getting started on a Kubeflow that is there: the page's own blocks, in its order.

The API server, the TFJob controller, kubectl and the rights are real. pachd is the
local one, and so is the node; there is no kube-controller-manager, so `hands` makes the
operator's pod of its Deployment. The operator runs in that pod as its ServiceAccount.
"""

import re
import shutil
import sys

import pytest

from cluster.pages.hands import has_account, lend_images, name_ours, roll_out
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.rights.logs import readable_logs
from cluster.worlds import RealWorld
from documents.blocks import ROOT
from documents.registry import blocks_of
from documents.terminal import Terminal, write_program

TEST = "cluster/pages/test_kubeflow_way.py::test_the_first_model_comes_as_the_page_says"
TOKEN = "the-right-token"


@pytest.fixture(name="kubeflow")
def _kubeflow(plane, tmp_path):
    """A cluster with TFJobs, where nobody has heard of us.

    `plane` is asked for only because it says when none can be had.
    """
    with ControlPlane(tmp_path / "kubeflow") as bare:
        bare.install(read_tfjob_crd())
        with TFJobController(bare, tmp_path / "tfjobs"):
            yield bare


@pytest.fixture(name="world")
async def _world(kubeflow, tmp_path):
    """pachd, which asks for a token, and a node."""
    async with RealWorld(tmp_path, kubeflow, "team-a", "", token=TOKEN) as world:
        lend_images(world, tmp_path / "account")
        await world.create_repo()
        async with readable_logs(world):
            yield world


@pytest.fixture(name="checkout")
def _checkout(checkout, world):
    """With an install.yaml of ours, and both tokens."""
    (checkout / "deploy").unlink()
    shutil.copytree(ROOT / "deploy", checkout / "deploy")
    name_ours(checkout / "deploy" / "install.yaml", world)
    for name in ("token", "trainer-token"):
        (checkout / name).write_text(TOKEN)
    return checkout


@pytest.fixture(name="terminal")
async def _terminal(checkout, programs, kubeflow):
    python = (sys.executable, "-m", "mnist_operator.cli")
    write_program(programs, "mnistctl", *python, PYTHONPATH=str(ROOT / "operator"))
    config = str(kubeflow.kubeconfig)
    async with Terminal(checkout, programs, KUBECONFIG=config) as terminal:
        yield terminal


async def test_the_first_model_comes_as_the_page_says(world, terminal, tmp_path):
    (defined, look, install, apply, let_in, watch, describe, ask, *elsewhere) = (
        each.text for each in blocks_of(TEST)
    )
    team, labeled, backend, shards, secret, again, strict, collector = elsewhere
    run = terminal.run
    assert "tfjobs.kubeflow.org" in await run(defined)
    await _install(world, terminal, tmp_path / "account", look, install)
    await run(team)
    await run(apply)
    refused = await world.reason("AccessDenied")
    await run(secret)
    await run(let_in)
    commit = await world.push(digits=1)
    seen = await terminal.watch(watch, "   True   ")
    story = await run(describe)
    answer = await run(ask.replace("…", world.cluster.pachd_address))
    changed = [await run(each) for each in (labeled, again, shards, backend, collector)]
    policies = await run(strict)

    model = await world.model_of(commit)
    row = ["mnist", "True", commit, model.commit, "0.9900", "0"]
    # The page that made the namespace has labelled it as the other two pages do.
    words = ["not labeled", "not labeled", "labeled", "env updated", "env updated"]
    assert "secretRef" in refused["message"]
    assert row == seen.splitlines()[-1].split()[: len(row)]
    assert re.search(r"Normal +ModelPublished", story)
    assert f"Model {model.commit} of team-a/mnist" in answer
    assert f"default/inputrepo@master={commit}" in answer
    assert words == [each.partition(" ")[2] for each in changed]
    assert "kind: NetworkPolicy" in policies


async def _install(world, terminal, account, look, install):
    """What the administrator does; the operator runs in the end."""
    changes = await terminal.run(look, status=1)
    apply, *then = install.splitlines()
    installed = await terminal.run(apply)
    has_account(world, account)
    await roll_out(world)
    running = await terminal.run("\n".join(then))

    assert f"+          value: {world.cluster.pachd_address}" in changes
    assert "deployment.apps/mnist-operator serverside-applied" in installed
    assert "successfully rolled out" in running
