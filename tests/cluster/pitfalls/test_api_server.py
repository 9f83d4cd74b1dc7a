"""An API server that dies, or stands still, in the middle of a run."""

import asyncio

from cluster.pitfalls.scenes import expect_once, running
from integration.running.processes import Operator


async def test_an_api_server_that_is_killed_in_a_run_costs_nothing(
    world, operator, gate
):
    first = await running(world, gate)
    world.plane.apiserver.kill()
    second = await world.push(digits=2)
    gate.touch()
    await asyncio.to_thread(world.plane.apiserver.start)

    await expect_once(world, first, second)


async def test_an_api_server_that_stands_still_is_told_and_waited_for(world, gate):
    settings = {"MNIST_OPERATOR_NAMESPACES": world.namespace}
    async with Operator(world, **settings) as operator:
        first = await running(world, gate)
        world.plane.apiserver.pause()
        try:
            second = await world.push(digits=2)
            gate.touch()
            failing = await operator.answers("/readyz", 500)
            alive = await operator.probe("/livez")
        finally:
            world.plane.apiserver.resume()
        await operator.answers("/readyz", 200)
        await expect_once(world, first, second)

        assert "failing" == failing["status"]
        assert 200 == alive[0]
        assert "Traceback" not in operator.told
