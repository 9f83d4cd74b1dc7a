"""A cluster without Kubeflow: absent at first, then there, taken away, there again."""

import asyncio

from cluster.pitfalls.scenes import expect_once
from integration.crash.holds import reached
from integration.operators import InProcess
from integration.world import EARLIEST, until
from local_cluster.kube.client import ClientError, path_of

DEFINITION = path_of(
    "apiextensions.k8s.io/v1",
    "customresourcedefinitions",
    ("", "tfjobs.kubeflow.org"),
)


async def remove_tfjobs(world):
    """Take the definition away; return it, to be created again."""
    found = await world.kube.call("GET", DEFINITION)
    await world.kube.call("DELETE", DEFINITION)

    async def is_gone():
        try:
            await world.kube.call("GET", DEFINITION)
        except ClientError:
            return True
        return False

    await until(is_gone, "the end of the definition")
    return {"metadata": {"name": found["metadata"]["name"]}, "spec": found["spec"]}


async def install(world, definition):
    await asyncio.to_thread(world.plane.install, definition)


async def told_to_install_it(world):
    """Told at last: a definition that is going refuses TFJobs in its own words."""

    async def look():
        message = (await world.condition()).get("message", "")
        return "Is the TFJob CRD of Kubeflow installed?" in message

    await until(look, "a question after the definition")


async def test_tfjobs_may_come_go_and_come_again(world, gate):
    tfjobs = await remove_tfjobs(world)
    async with InProcess(world):
        await world.apply(trigger=EARLIEST, attempts={"backoffSeconds": 0})
        first = await world.push(digits=1)
        await told_to_install_it(world)
        await install(world, tfjobs)
        await world.model_of(first)

        second = await world.push(digits=2, wait_for=str(gate))
        await reached(gate)
        await remove_tfjobs(world)
        await told_to_install_it(world)
        await install(world, tfjobs)
        gate.touch()
        model = await world.model_of(second)
        await expect_once(world, first, second, with_jobs=False)

    assert 2 == model.attempt
    assert "JobLost" in (await world.told("AttemptFailed"))[0]
