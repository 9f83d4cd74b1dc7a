"""Finished commits of others on the run repo's slot branches."""

from integration.stories import assert_one_story, settled
from integration.world import OUTPUT, RUNS
from mnist_operator.commits import Branch

SLOT = Branch(RUNS, "team_mnist_0")


async def test_a_finished_commit_above_a_finished_run_costs_another_run_and_no_model(
    world, operator, watch
):
    await world.apply()
    await world.reason("WaitingForData")
    foreign = await world.open_commit(OUTPUT, theirs=1)
    commit = await world.push(digits=1)
    await world.reason("OutputBusy")
    await world.put({"/note": "mine"}, SLOT)
    await world.pachyderm.finish_commit(OUTPUT.repo, foreign)
    await settled(world, commit)

    assert [commit] == await world.trained()
    assert [commit, commit] == watch.commits


async def test_a_finished_commit_above_a_decided_run_changes_nothing(world, operator):
    await world.apply()
    commit = await world.push(digits=1)
    await settled(world, commit)
    strange = await world.put({"/note": "mine"}, SLOT)
    another = await world.push(digits=2)
    await settled(world, another)

    assert [commit, another] == await world.trained()
    assert strange in [each.id for each in await world.commits(SLOT)]
    assert [] == [p for p in await last_files(world) if p == "/note"]
    await assert_one_story(world)


async def last_files(world):
    (*_, newest) = await world.models()
    return await world.paths(OUTPUT.repo, newest.commit)
