"""Native: calls of an operator that is dead, which arrive when all is done."""

import pytest

from integration.operators import InProcess
from integration.stories import assert_one_story, settled
from integration.world import INPUT, OUTPUT, TRAININGS, until
from mnist_operator import places
from mnist_operator.commits import CommitState
from mnist_operator.resource import parse_training


@pytest.fixture
def arrive_late(world):
    """Begin a model that nobody wants, and let the output branch show that."""

    async def _arrive_late(commit):
        training = parse_training(await world.kube.call("GET", f"{TRAININGS}/mnist"))
        staged = places.staged_branch(training)
        await world.pachyderm.create_branch(places.pin_branch(training), commit)
        await world.pachyderm.create_branch(OUTPUT, staged)
        return await world.pachyderm.head(OUTPUT)

    return _arrive_late


async def test_an_open_head_that_late_calls_made_is_taken_away_in_the_next_round(
    world, operator, arrive_late
):
    commit = await world.push(digits=1)
    await world.apply()
    await settled(world, commit)
    model = (await world.status())["lastModelCommit"]
    late = await arrive_late(commit)
    await until(lambda: shows(world, model), "the model at the head")

    assert (CommitState.OPEN, model) == (late.state, late.parent)
    await until(lambda: is_ended(world, late), "an end of what came late")
    await assert_one_story(world)


async def test_it_is_taken_away_by_the_operator_that_starts_next(world, arrive_late):
    commit = await world.push(digits=1)
    async with InProcess(world):
        await world.apply()
        await settled(world, commit)
        model = (await world.status())["lastModelCommit"]
    late = await arrive_late(commit)

    async with InProcess(world):
        await until(lambda: shows(world, model), "the model at the head")
        await until(lambda: is_ended(world, late), "an end of what came late")
        another = await world.push(INPUT, digits=2)
        await settled(world, another)

    assert [commit, another] == await world.trained()


async def shows(world, model):
    return model == await world.pachyderm.branch_head_id(OUTPUT)


async def is_ended(world, commit):
    found = await world.pachyderm.commit(commit.repo, commit.id)
    return found is None or found.state is not CommitState.OPEN
