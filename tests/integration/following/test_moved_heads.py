"""Branches that are moved while commits wait: back, forward, and onto another line."""

import pytest

from integration.stories import assert_one_story, decisions, push_some, settled
from integration.world import EARLIEST, INPUT
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision

LATEST_ONLY = {"mode": "LatestOnly", "startFrom": "Earliest"}
SIDE = Branch(INPUT.repo, "side")


async def busy(world, gate, **spec):
    """A training of the newest alone, busy with a first commit until the gate opens."""
    await world.apply(**({"trigger": LATEST_ONLY} | spec))
    commit = await world.push(digits=0, wait_for=str(gate))
    await gate.reached()
    return commit


@pytest.mark.parametrize("mode", ["EveryCommit", "LatestOnly"])
async def test_a_head_moved_back_while_commits_wait_asks_for_none_of_them(
    world, operator, gate, mode
):
    first = await busy(world, gate, trigger=EARLIEST | {"mode": mode})
    await push_some(world, 1, 2)
    await world.shows(pendingCommits=3)
    await world.pachyderm.create_branch(INPUT, first)
    await world.shows(head=first, pendingCommits=1)
    gate.open()
    await settled(world, first)
    another = await world.push(digits=3)
    await settled(world, another)

    assert [first, another] == await world.trained()
    await assert_one_story(world)


async def test_a_head_moved_forward_again_takes_up_what_waited_there(
    world, operator, gate
):
    first = await busy(world, gate)
    middle, newest = await push_some(world, 1, 2)
    await world.shows(pendingCommits=3)
    await world.pachyderm.create_branch(INPUT, first)
    await world.shows(head=first, pendingCommits=1)
    await world.pachyderm.create_branch(INPUT, newest)
    await world.shows(head=newest, pendingCommits=3)
    gate.open()
    await settled(world, newest)

    assert [first, newest] == await world.trained()
    assert (middle, "Superseded") in await decisions(world)
    await assert_one_story(world)


async def test_a_head_moved_back_to_before_the_start_is_trained(world, operator):
    before, start = await push_some(world, 1, 2)
    await world.apply(trigger={"mode": "LatestOnly"})
    await world.model_of(start)
    await world.pachyderm.create_branch(INPUT, before)
    await settled(world, before)

    assert [start, before] == await world.trained()
    await assert_one_story(world)


async def test_of_another_line_only_the_newest_is_trained(world, operator, gate):
    first = await busy(world, gate)
    line = await push_some(world, 5, 6, branch=SIDE)
    await world.pachyderm.create_branch(INPUT, line[-1])
    await world.shows(head=line[-1])
    gate.open()
    await settled(world, line[-1])

    assert [first, line[-1]] == await world.trained()
    assert (line[0], "Superseded") in await decisions(world)
    await assert_one_story(world)


async def test_a_head_moved_back_to_what_was_superseded_is_trained_on_request(
    world, operator, gate
):
    first = await busy(world, gate)
    middle, newest = await push_some(world, 1, 2)
    await world.shows(pendingCommits=3)
    gate.open()
    await settled(world, newest)
    await world.pachyderm.create_branch(INPUT, middle)
    await settled(world, middle)
    before = await world.trained()

    await world.ask("after the rollback")
    await world.model_of(middle)
    await world.shows("UpToDate", lastHandledRequestAt="after the rollback", active=[])

    assert [first, newest] == before
    assert [first, newest, middle] == await world.trained()
    entry = (await world.entries())[-1]
    assert (Decision.PUBLISHED, "after the rollback") == (entry.decision, entry.request)
    await assert_one_story(world)
