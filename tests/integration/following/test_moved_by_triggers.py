"""Branches that pachd itself moves (pachctl create branch --trigger)."""

import pytest

from integration.stories import assert_one_story, decisions, push_some, settled
from integration.world import INPUT, OUTPUT
from mnist_operator.commits import Branch

STAGING = Branch(INPUT.repo, "staging")


@pytest.fixture
def each_second(pachctl):
    """Have a branch moved to each second commit of another one."""

    async def _each_second(branch, by):
        await pachctl.move_by_trigger(branch, by, commits=2)

    return _each_second


async def test_with_latest_only_there_is_a_model_for_each_move(
    world, operator, each_second
):
    (first,) = await push_some(world, 0)
    await each_second(INPUT, STAGING)
    await world.apply(trigger={"mode": "LatestOnly"})
    await settled(world, first)
    await world.pachyderm.create_branch(STAGING, first)
    line = await push_some(world, 1, 2, 3, branch=STAGING)
    await settled(world, line[1])
    line += await push_some(world, 4, branch=STAGING)
    await settled(world, line[3])

    assert [first, line[1], line[3]] == await world.trained()
    superseded = [(line[0], "Superseded"), (line[2], "Superseded")]
    assert superseded == [d for d in await decisions(world) if d[1] != "Published"]
    await assert_one_story(world)


async def test_with_every_commit_those_between_two_moves_are_trained_after_the_move(
    world, operator, each_second
):
    (first,) = await push_some(world, 0)
    await each_second(INPUT, STAGING)
    await world.apply()
    await settled(world, first)
    await world.pachyderm.create_branch(STAGING, first)
    between, moved, waits = await push_some(world, 1, 2, 3, branch=STAGING)
    await settled(world, moved)

    assert [first, between, moved] == await world.trained()
    assert waits not in [commit for commit, _ in await decisions(world)]
    await assert_one_story(world)


@pytest.mark.parametrize("provenance", ["Native", "Metadata"])
async def test_models_stand_on_what_a_trigger_moved_the_output_branch_to(
    world, operator, each_second, provenance
):
    await world.apply(output={"provenance": provenance})
    (first,) = await push_some(world, 0)
    await settled(world, first)
    others = Branch(OUTPUT.repo, "others")
    await each_second(OUTPUT, others)
    await world.pachyderm.create_branch(others, (await world.commits(OUTPUT))[-1].id)
    strangers = [await world.put({"/x": str(n)}, others) for n in range(2)]
    (second,) = await push_some(world, 1)
    await settled(world, second)

    *below, newest = [each.id for each in await world.commits(OUTPUT)]
    assert strangers == below[-2:]
    assert [first, second] == await world.trained()
    assert newest == (await world.status())["lastModelCommit"]
