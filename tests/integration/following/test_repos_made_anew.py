"""The input repo is deleted, and another one of its name is made and pushed to."""

import pytest

from integration.operators import InProcess
from integration.stories import decisions, settled
from integration.world import INPUT


async def renew(world, pachctl):
    await pachctl.delete_repo(INPUT.repo)
    await world.create_repo()


@pytest.mark.parametrize("provenance", ["Native", "Metadata"])
async def test_what_is_pushed_to_the_new_one_is_trained(
    world, operator, pachctl, provenance
):
    await world.apply(output={"provenance": provenance})
    before = await world.push(digits=1)
    await settled(world, before)
    await renew(world, pachctl)
    after = await world.push(digits=2)
    await settled(world, after)
    last = await world.push(digits=3)
    await settled(world, last)

    trained = [(each, "Published") for each in (before, after, last)]
    assert trained == await decisions(world)


async def test_it_is_trained_by_an_operator_that_was_away_too(world, pachctl):
    async with InProcess(world):
        await world.apply()
        before = await world.push(digits=1)
        await settled(world, before)
    await renew(world, pachctl)
    after = await world.push(digits=2)

    async with InProcess(world):
        await settled(world, after)

    assert [before, after] == await world.trained()
