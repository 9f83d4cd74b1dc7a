"""The local cluster and an operator beside it, started by hand as the page says."""

import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml

from documents.blocks import ROOT
from documents.registry import blocks_of
from documents.terminal import Terminal
from integration.definition import definition
from integration.pushes import Pushes
from integration.world import IMAGE, IMAGES, REAL_IMAGE, TRAININGS
from local_cluster.kube.client import KubeClient, path_of
from mnist_operator.pachyderm import Connection, Pachyderm

HERE = "integration/running/test_by_hand.py"
TEST = f"{HERE}::test_a_model_comes_of_a_cluster_and_an_operator_started_by_hand"


@pytest.fixture(name="checkout")
def _checkout(tmp_path):
    """This one, with the tiny trainer for the image that is asked for by default."""
    for name in (".venv", "operator", "deploy"):
        (tmp_path / name).symlink_to(ROOT / name)
    tiny = {"entrypoint": [str(each) for each in IMAGES[IMAGE].entrypoint]}
    (tmp_path / "images.json").write_text(json.dumps({REAL_IMAGE: tiny}))
    return tmp_path


@asynccontextmanager
async def _user(config, address):
    """Who pushes data there, and has a training."""
    [cluster] = yaml.safe_load(config.read_text())["clusters"]
    crd = definition()
    definitions = path_of(crd["apiVersion"], "customresourcedefinitions")
    body = ROOT / "deploy" / "samples" / "mnist.yaml"
    training = yaml.safe_load(body.read_text())
    user = Pushes(None)
    user.pachyderm = Pachyderm(Connection(address))
    try:
        async with KubeClient(cluster["cluster"]["server"], "test") as kube:
            await kube.call("POST", definitions, crd)
            await kube.call("POST", TRAININGS.replace("/team/", "/default/"), training)
            await user.create_repo()
            yield user
    finally:
        await user.pachyderm.close()


async def test_a_model_comes_of_a_cluster_and_an_operator_started_by_hand(checkout):
    cluster, operator = (each.text for each in blocks_of(TEST))
    programs = checkout / "bin"
    async with (
        Terminal(checkout, programs, PYTHONPATH="deploy/local") as one,
        Terminal(checkout, programs) as another,
        one.going(cluster, '"kubeconfig"') as told,
    ):
        places = json.loads(told)
        config = Path(places["kubeconfig"])
        asked = {name.upper(): value for name, value in places.items()}
        typed = re.sub(r"(\w+)=…", lambda each: f"{each[1]}={asked[each[1]]}", operator)
        async with (
            _user(config, asked["PACHD_ADDRESS"]) as user,
            another.going(typed),
        ):
            commit = await user.push(digits=1)
            model = await user.model_of(commit)

    assert (commit, "default/mnist") == (model.input_commit, model.training)
