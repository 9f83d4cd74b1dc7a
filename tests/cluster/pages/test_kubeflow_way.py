"""Getting started on a Kubeflow that is there: the page's own blocks, in its order.

The API server, the TFJob controller, kubectl and the rights are real. pachd is the
local one, and so is the node; there is no kube-controller-manager, so `hands` makes the
operator's pod of its Deployment. The operator runs in that pod as its ServiceAccount.
"""

import re
import shutil
import sys

import pytest

from cluster.pages.hands import HOME, has_account, lend_images, name_ours, roll_out
from cluster.rig.control_plane import ControlPlane
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.rights.logs import readable_logs
from cluster.worlds import RealWorld
from documents.blocks import ROOT
from documents.pachctl import Pachctl, on_path
from documents.registry import blocks_of
from documents.terminal import Terminal, write_program
from integration.world import INPUT

TEST = "cluster/pages/test_kubeflow_way.py::test_the_first_model_comes_as_the_page_says"
TOKEN = "the-right-token"
GRANTED = [
    ("inputrepo", "repoWriter", "robot:mnist-operator"),
    ("inputrepo", "repoReader", "robot:mnist-trainer"),
]


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
    """pachd, which asks for a token and has nothing yet, and a node."""
    async with RealWorld(tmp_path, kubeflow, "team-a", "", token=TOKEN) as world:
        lend_images(world, tmp_path / "account")
        async with readable_logs(world):
            yield world


@pytest.fixture(name="checkout")
def _checkout(checkout, world):
    """With an install.yaml of ours, and data in the place of MNIST."""
    (checkout / "deploy").unlink()
    shutil.copytree(ROOT / "deploy", checkout / "deploy")
    name_ours(checkout / "deploy" / "install.yaml", world)
    (checkout / "mnist.npz").write_text('{"digits": 1}')
    return checkout


@pytest.fixture(name="terminal")
async def _terminal(checkout, programs, kubeflow, pachctl):
    python = (sys.executable, "-m", "mnist_operator.cli")
    write_program(programs, "mnistctl", *python, PYTHONPATH=str(ROOT / "operator"))
    config = str(kubeflow.kubeconfig)
    async with (
        on_path(pachctl, programs),
        Terminal(checkout, programs, KUBECONFIG=config) as terminal,
    ):
        yield terminal


@pytest.fixture(name="pachctl")
def _pachctl(world):
    return Pachctl(world.pachyderm, TOKEN)


async def test_the_first_model_comes_as_the_page_says(
    world, terminal, tmp_path, pachctl
):
    (page, defined, look, install, push, apply, let_in, watch, describe, ask, *rest) = (
        each.text for each in blocks_of(TEST)
    )
    team, labeled, backend, *renewing, shards, tokens, secret, again, strict, spans = (
        rest
    )
    run = terminal.run
    assert "tfjobs.kubeflow.org" in await run(defined)
    await _install(world, terminal, tmp_path / "account", look, install)
    await run(team)
    await run(push)
    await run(apply)
    refused = await world.reason("AccessDenied")
    await run(tokens)
    await run(secret)
    await run(let_in)
    commit = (await world.pachyderm.head(INPUT)).id
    seen = await terminal.watch(watch, "   True   ")
    story = await run(describe)
    answer = await run(ask.replace("…", world.cluster.pachd_address))
    changed = [await run(each) for each in (labeled, again, shards, backend, spans)]
    policies = await run(strict)
    await _let_in_again(terminal, page, *renewing)

    model = await world.model_of(commit)
    row = ["mnist", "True", commit, model.commit, "0.9900", "0"]
    # The page that made the namespace has labelled it as the other two pages do.
    words = ["not labeled", "not labeled", "labeled", "env updated", "env updated"]
    assert "secretRef" in refused["message"]
    assert GRANTED == pachctl.granted
    assert row == seen.splitlines()[-1].split()[: len(row)]
    assert re.search(r"Normal +ModelPublished", story)
    assert f"Model {model.commit} of team-a/mnist" in answer
    assert f"default/inputrepo@master={commit}" in answer
    assert words == [each.partition(" ")[2] for each in changed]
    assert "kind: NetworkPolicy" in policies


async def _let_in_again(terminal, page, binding, by_hand, renewed):
    """What other pages do about tokens and who reads them, each from its beginning."""
    run, of_team = terminal.run, "--namespace team-a"
    asked = f"kubectl auth can-i get secrets {of_team} --as=system:serviceaccount:"
    await run(f"kubectl delete rolebinding mnist-operator-secrets {of_team}")
    for block, who in ((binding, HOME), (page, f"{HOME}-page")):
        assert "no" == await run(f"{asked}{HOME}:{who} || true")
        await run(block)
        assert "yes" == await run(f"{asked}{HOME}:{who}")
    await run(f"kubectl delete secret pachyderm {of_team}")
    made = await run(by_hand.replace("…", "an-older-one"))
    assert f"Token: {TOKEN}" in made
    await run(renewed)
    field = f"kubectl get secret pachyderm {of_team} -o jsonpath={{.data.token}}"
    assert TOKEN == await run(f"{field} | base64 --decode")


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
