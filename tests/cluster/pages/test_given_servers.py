"""A rig that is started by hand, and the demo on servers that are there already.

The rig is etcd, a kube-apiserver and Kubeflow's controller. What no rig has are a node
and a pachd, which run in the test, with the tiny trainer for an image.
"""

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cluster.rig.binaries import cache_folder
from documents.blocks import commands
from documents.registry import blocks_of
from documents.terminal import Terminal
from integration.world import IMAGE, IMAGES
from local_cluster.kube.client import Door
from local_cluster.node import Node, Patience
from local_cluster.pachd import Pachd

HERE = "cluster/pages/test_given_servers.py"
TEST = f"{HERE}::test_the_demo_goes_to_a_rig_and_a_pachd_that_are_named"
PLACE = "/tmp/rig"  # noqa: S108 (the page's)
BUILT = cache_folder().parent
"""Nobody builds the programs again, though a terminal has a home of its own."""
DEFINED = {"tfjobs.kubeflow.org", "mnisttrainings.mnist-operator.dev"}


@pytest.fixture(name="rig")
def _rig(tmp_path):
    return tmp_path / "rig"


@asynccontextmanager
async def _node_and_pachd(config, folder):
    """Beside an API server, by its kubeconfig."""
    told = json.loads(config.read_text())
    [cluster], [user] = told["clusters"], told["users"]
    ca = Path(cluster["cluster"]["certificate-authority"])
    door = Door(cluster["cluster"]["server"], user["user"]["token"], ca)
    quick = Patience(0.2, 0.1, 1.0)
    async with (
        Pachd(folder / "pachd", finish_seconds=0.01) as pachd,
        Node(door, folder, IMAGES, patience=quick),
    ):
        yield pachd


async def test_the_demo_goes_to_a_rig_and_a_pachd_that_are_named(
    checkout, programs, digits, rig, tmp_path
):
    demo, by_hand = blocks_of(TEST)
    start, point = (each.replace(PLACE, str(rig)) for each in commands(by_hand))
    async with (
        Terminal(checkout, programs, XDG_CACHE_HOME=str(BUILT)) as one,
        Terminal(checkout, programs, MNIST_NPZ=digits) as another,
        one.going(start, "KUBECONFIG="),
        _node_and_pachd(rig / "kubeconfig", tmp_path) as pachd,
    ):
        await another.run(point)
        defined = await another.run("kubectl get crd --output=name")
        told = await another.run(
            demo.text.replace("KUBECONFIG=…", f"KUBECONFIG={rig / 'kubeconfig'}")
            .replace("host:30650", pachd.address)
            .replace("host:30600", pachd.s3_endpoint)
            .replace("TRAINER_IMAGE=…", f"TRAINER_IMAGE={IMAGE}")
        )
    result = json.loads(told.splitlines()[-1])

    assert DEFINED == {each.partition("/")[2] for each in defined.split()}
    assert "Use the servers that the environment names" in told
    assert result["verified"]
    assert 2 == len(result["runs"])
