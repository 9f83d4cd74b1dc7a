"""The local TFJob controller says and does what the real one says and does."""

import asyncio

import pytest

from cluster.tfjobs.plays import PLAYS
from cluster.tfjobs.stage import Stage
from integration.world import until
from local_cluster.kube import KubeServer
from local_cluster.kube.client import Door, KubeClient, path_of
from local_cluster.tfjobs import TFJOB_CRD, TFJobController
from local_cluster.tfjobs.webhook import review

DEFINITIONS = path_of("apiextensions.k8s.io/v1", "customresourcedefinitions")


@pytest.fixture(name="real")
async def _real(plane, tfjob_controller, namespace):
    async with KubeClient(Door(plane.url, plane.token, plane.ca), "test") as kube:
        yield Stage(kube, namespace)


@pytest.fixture(name="local")
async def _local(tmp_path):
    server = KubeServer(tmp_path / "kube", reviews={"tfjobs.kubeflow.org": review})
    await server.start()
    async with KubeClient(server.url, "test") as kube:
        await kube.call("POST", DEFINITIONS, TFJOB_CRD)
        async with TFJobController(server.url):
            yield Stage(kube, "default")
    await server.stop()


def lives(account):
    """All that the real controller may tell where the local one tells this.

    In one round it lists the pods twice, first to count and to tell of them, then to
    see whether the first worker has succeeded (`IsWorker0Completed`). Of a pod that
    ends between the two it tells nothing, and it counts it as it was before.
    """
    told = "event Normal ExitedWithCode Pod: NAMESPACE.digits-worker-0 exited with"
    overlooked = [line for line in account if line != f"{told} code 0"]
    uncounted = [
        "count Worker {}" if line == "count Worker {'succeeded': 1}" else line
        for line in overlooked
    ]
    return account, overlooked, uncounted


@pytest.mark.parametrize(
    "play", [pytest.param(each, id=each.__name__.replace("_", "-")) for each in PLAYS]
)
async def test_a_job_has_the_same_life_on_both(real, local, play):
    await asyncio.gather(play(real), play(local))

    async def accounts():
        told = [await real.account(), await local.account()]
        return told if told[0] in lives(told[1]) else None

    try:
        await until(accounts, seconds=10)
    except AssertionError:
        # They were given the time to come to rest; now let the difference be shown.
        assert "\n".join(await real.account()) == "\n".join(await local.account())
