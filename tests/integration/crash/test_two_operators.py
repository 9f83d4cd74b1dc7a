"""Two operators at once, as during a rollout that was not meant to overlap."""

from integration.crash.deaths import come_to_rest, expect_all_well, live_again
from integration.crash.forked import ForkedProcess
from integration.crash.holds import Fate


async def test_two_operators_make_one_model_for_each_commit(world):
    async with ForkedProcess(world), ForkedProcess(world):
        await world.apply(trigger={"startFrom": "Earliest"})
        commits = [await world.push(digits=digits) for digits in range(3)]
        commits.append(await live_again(world, commits[-1]))

    await come_to_rest(world)
    await expect_all_well(world, *commits)


async def test_an_operator_goes_on_where_the_other_hangs(world):
    await world.apply()
    async with ForkedProcess(world), ForkedProcess(world):
        hold = world.holds.add(Fate.DONE, "ModifyFile", "/lineage.json")
        first = await world.push(digits=1)
        second = await live_again(world, first)
        assert hold.reached.is_set()

    await come_to_rest(world)
    await expect_all_well(world, first, second)


async def test_what_a_hanging_operator_sends_at_last_changes_nothing(world):
    await world.apply()
    async with ForkedProcess(world), ForkedProcess(world):
        hold = world.holds.add(Fate.LATE, "ModifyFile", "/lineage.json")
        first = await world.push(digits=1)
        second = await live_again(world, first, hold)

    await come_to_rest(world)
    await expect_all_well(world, first, second)
