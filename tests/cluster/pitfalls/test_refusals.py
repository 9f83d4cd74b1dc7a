"""A server that has no time, or takes no status: what is asked is done, later."""

import pytest

from cluster.pitfalls.scenes import expect_once
from integration.operators import InProcess
from integration.world import EARLIEST, until

EVERY_CALL = {
    "discover",
    *("list mnisttrainings", "watch mnisttrainings", "get mnisttrainings"),
    *("patch mnisttrainings", "patch mnisttrainings/status"),
    *("list tfjobs", "watch tfjobs", "create tfjobs", "delete tfjobs"),
    *("list pods", "get pods/log", "create events"),
    *("list namespaces", "watch namespaces"),
    *("list customresourcedefinitions", "watch customresourcedefinitions"),
}


async def test_every_call_may_be_told_to_come_back_later(world):
    world.wire.be_busy(times=1)
    async with InProcess(world):
        await world.apply(trigger=EARLIEST, successfulRunsHistoryLimit=1)
        pushed = [await world.push(digits=digits) for digits in range(2)]
        await expect_once(world, *pushed, with_jobs=False)

        async def let_go():
            return 1 == len(await world.jobs())

        await until(let_go, "the end of the older TFJob")
        await world.delete()

    assert EVERY_CALL == set(world.wire.refused)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("patch mnisttrainings/status", id="status"),
        pytest.param("patch mnisttrainings", id="finalizer"),
    ],
)
async def test_a_patch_that_is_refused_stops_nothing(world, operator, call):
    """A daemon whose own patch is refused would end for good, and say nothing of it."""
    world.wire.refuse(call, 422, times=3)
    await world.apply(trigger=EARLIEST)
    first = await world.push(digits=1)
    await world.model_of(first)
    second = await world.push(digits=2)

    await expect_once(world, first, second)
    await world.delete()
    assert world.wire.refused[call]
