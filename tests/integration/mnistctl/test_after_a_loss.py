"""The cluster is gone, and the MnistTraining, its TFJobs and its operator with it.

What is asked then is asked of Pachyderm alone; there is not even a kubeconfig.
"""

import pytest

from integration.mnistctl_world import fork_mnistctl
from integration.operators import InProcess
from integration.world import EARLIEST, INPUT, World
from local_cluster.kube.client import path_of


@pytest.fixture(name="world")
async def _world(tmp_path):
    """Two commits were trained; nothing but Pachyderm is left."""
    async with World(tmp_path) as world:
        await world.create_repo()
        async with InProcess(world):
            await world.apply(trigger=EARLIEST, deletionPolicy="Orphan")
            commits = [await world.push(digits=each) for each in (1, 2)]
            await world.model_of(commits[-1])
            await world.shows("UpToDate", active=[])
            await world.delete()
        for job in await world.jobs():
            name = job["metadata"]["name"]
            tfjobs = path_of("kubeflow.org/v1", "tfjobs", (world.namespace, name))
            await world.kube.call("DELETE", tfjobs)
        await world.kube.call(
            "DELETE", path_of("v1", "namespaces", ("", world.namespace))
        )
        yield world


async def test_every_question_of_an_auditor_is_answered(world):
    first, second = await world.models()
    training = f"{world.namespace}/mnist"

    async def ask(*question, note=""):
        address = world.cluster.pachd_address
        answer = await fork_mnistctl(*question, PACHD_ADDRESS=address)
        assert (0, bool(note)) == (answer.status, bool(answer.err)), question
        assert note in answer.err
        return answer.out

    told = await ask("lineage", second.commit[:8])
    assert second.input_commit in told
    assert first.commit in await ask("lineage", "outputrepo@master^")
    assert second.commit in await ask("lineage", "--down", f"inputrepo@{INPUT.name}")
    assert first.input_commit in await ask("lineage", "--up", first.commit)
    await ask("verify", "--all", "--deep")
    assert second.commit in await ask("history", training)
    assert first.commit in await ask("explain", training, first.input_commit)
    assert second.tfjob in await ask("runs", training)
    assert "epoch 1/1" in await ask("logs", second.tfjob, note="no cluster can be")
    assert "sample" in await ask("diff", "inputrepo@master^", "inputrepo@master")
    assert first.commit in await ask("export", first.commit, "--format", "model-card")
