"""Another startFrom for a training that has begun: what it takes up, and what not."""

import pytest

from integration.operators import InProcess
from integration.stories import assert_one_story, decisions, push_some, settled
from integration.world import EARLIEST

LATEST_ONLY = EARLIEST | {"mode": "LatestOnly"}


async def test_of_a_whole_history_the_newest_alone_is_trained(world, operator):
    *older, newest = await push_some(world, 1, 2, 3)
    await world.apply(trigger=LATEST_ONLY)
    await settled(world, newest)

    assert [*((each, "Superseded") for each in older), (newest, "Published")] == (
        await decisions(world)
    )
    await assert_one_story(world)


@pytest.mark.parametrize("earlier", ["Earliest", 1])
async def test_an_earlier_start_takes_up_what_lies_before_the_first(
    world, operator, earlier
):
    pushed = await push_some(world, 0, 1, 2)
    await world.apply()
    await settled(world, pushed[-1])
    start = earlier if isinstance(earlier, str) else pushed[earlier]
    await world.change(trigger={"startFrom": start})
    await world.shows(observedGeneration=2)
    taken = pushed[:2] if earlier == "Earliest" else pushed[1:2]
    await world.model_of(taken[-1])
    await settled(world, pushed[-1])

    assert [pushed[-1], *taken] == await world.trained()
    await assert_one_story(world)


async def test_an_earlier_start_waits_for_the_run_that_is_under_way(world, gate):
    async with InProcess(world):
        older = await push_some(world, 1, 2)
        held = await world.push(wait_for=str(gate))
        await world.apply()
        await gate.reached()
        await world.change(trigger=EARLIEST)
        await world.shows("Training", observedGeneration=2)

    async with InProcess(world):
        gate.open()
        await world.model_of(older[-1])
        await settled(world, held)
        await assert_one_story(world)

    assert [held, *older] == await world.trained()


@pytest.mark.parametrize("later", ["Next", "Latest"])
async def test_a_later_start_leaves_out_what_still_waits(world, operator, later):
    await world.apply(suspend=True, trigger=EARLIEST)
    pushed = await push_some(world, 1, 2, 3)
    await world.shows("Suspended", pendingCommits=3)
    await world.change(trigger={"startFrom": later})
    left = 0 if later == "Next" else 1
    await world.shows("Suspended", pendingCommits=left)
    await world.change(suspend=False)
    fresh = await world.push(digits=4)
    await settled(world, fresh)

    assert [*pushed[3 - left :], fresh] == await world.trained()
    await assert_one_story(world)


async def test_a_start_that_comes_and_goes_repeats_nothing(world, operator):
    pushed = await push_some(world, 0, 1)
    await world.apply(trigger=EARLIEST)
    await settled(world, pushed[-1])
    for generation, start in enumerate(("Next", "Latest", "Earliest"), start=2):
        await world.change(trigger={"startFrom": start})
        await world.shows("UpToDate", observedGeneration=generation, active=[])

    assert pushed == await world.trained()
    await assert_one_story(world)


async def test_an_earlier_start_finds_its_way_past_what_was_squashed(
    world, operator, pachctl
):
    first, squashed, last = await push_some(world, 0, 1, 2)
    await world.apply(trigger={"startFrom": "Next"})
    await world.shows("WaitingForData", head=last)
    await pachctl.squash(squashed)
    await world.change(trigger=EARLIEST)
    await settled(world, last)

    assert [first, last] == await world.trained()
    await assert_one_story(world)
